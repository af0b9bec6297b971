/**
 * Verdicts of several replications put together: each gives one value of the statistic, the interval of their mean decides.
 *
 * The statistic of a replication is that of its worst group, so `by` holds only where the worst of every replication does.
 */
import { assert } from '../base/assert.ts';
import type { ThresholdResult } from './bundle.ts';
import { replicationsFor } from './effort.ts';
import type { Comparison, Threshold } from './expression.ts';
import { type Interval, meanInterval, momentsOf } from './statistics.ts';
import { compares } from './verdicts.ts';

type Verdict = ThresholdResult['verdict'];

/** A replication in which something was observed, and what it was held against. */
interface Observation {
  readonly replication: number;
  readonly value: number;
  readonly bound: number;
  readonly result: ThresholdResult;
}

/**
 * Combines the results of replications into one per threshold.
 *
 * From two replications on: pass where the whole interval of the mean satisfies the comparison, fail where none of it does,
 * else inconclusive with an estimate of the replications needed. Equal values have an interval of no width: they are judged
 * exactly. Against a baseline of as many replications the interval is that of the differences, shown at the mean bound.
 *
 * A lower bound (pods still wait) cannot satisfy an upper limit: one such replication fails it. Under a lower limit lower
 * bounds may pass, never fail. A replication that observed nothing fails unless the threshold has `allow-empty`; then it
 * is left out.
 *
 * @param thresholds as parsed
 * @param perReplication for each replication the results of all thresholds, in their order; one replication is returned as it is
 * @throws InvariantError for no replication, or one with another number of results
 */
export function combineVerdicts(
  thresholds: readonly Threshold[],
  perReplication: readonly (readonly ThresholdResult[])[],
): ThresholdResult[] {
  assert(perReplication.length > 0, 'verdicts need at least one replication');
  for (const results of perReplication) {
    assert(results.length === thresholds.length, 'each replication has a result per threshold');
  }
  return thresholds.map((threshold, t) =>
    combineVerdict(
      threshold,
      perReplication.map((results) => results[t]!),
    ),
  );
}

/** As {@link combineVerdicts}, for one threshold. */
export function combineVerdict(
  threshold: Threshold,
  results: readonly ThresholdResult[],
): ThresholdResult {
  if (results.length === 1) return results[0]!;
  const observations = results.flatMap((result, replication) => {
    const { observed: value, bound } = result;
    return value === null || bound === null ? [] : [{ replication, value, bound, result }];
  });
  if (observations.length === 0) return withoutBound(threshold, results);
  // One that passes without a value was allowed to be empty, or had no breach that lasted.
  const missing = results.filter((r) => r.observed === null && r.verdict === 'fail').length;
  const worst = worstOf(observations, threshold.cmp);
  const values = observations.map((o) => o.value);
  const mean = momentsOf(values).mean!;
  const interval = intervalAt(observations, threshold.confidence);
  const observedIsAtLeast = observations.some((o) => o.result.observedIsAtLeast);
  const bound = momentsOf(observations.map((o) => o.bound)).mean!;
  const verdict = verdictOf(threshold.cmp, {
    isMissing: missing > 0,
    isAtLeast: observedIsAtLeast,
    bound,
    interval,
  });
  const place = worst.result.where;
  const at = `replication ${worst.replication}`;
  const gaps =
    missing === 0 ? '' : `nothing observed in ${missing} of ${results.length} replications`;
  return {
    ...results[0]!,
    verdict,
    observed: mean,
    observedIsAtLeast,
    unit: worst.result.unit,
    bound,
    ci: interval,
    where:
      [place === null ? '' : `${place}, ${at}`, gaps].filter((s) => s !== '').join('; ') || null,
    why: verdict === 'pass' ? null : whyOf(observations, worst),
    replicationsNeeded: verdict === 'inconclusive' ? needed(observations, threshold) : null,
  };
}

/** All replications say the same: nothing was observed, or there is no baseline to hold it against. */
function withoutBound(threshold: Threshold, results: readonly ThresholdResult[]): ThresholdResult {
  const values = results.flatMap((r) => (r.observed === null ? [] : [r.observed]));
  return {
    ...(results.find((r) => r.verdict === 'fail') ?? results[0]!),
    observed: momentsOf(values).mean,
    observedIsAtLeast: results.some((r) => r.observedIsAtLeast),
    ci: meanInterval(values, threshold.confidence)?.interval ?? null,
  };
}

/** The interval of the mean; against differing bounds that of the mean difference, moved to the mean bound. */
function intervalAt(observations: readonly Observation[], level: number): Interval | null {
  const base = observations[0]!.bound;
  if (observations.every((o) => o.bound === base)) {
    return (
      meanInterval(
        observations.map((o) => o.value),
        level,
      )?.interval ?? null
    );
  }
  const bound = momentsOf(observations.map((o) => o.bound)).mean!;
  const apart = meanInterval(
    observations.map((o) => o.value - o.bound),
    level,
  );
  return apart && [bound + apart.interval[0], bound + apart.interval[1]];
}

interface Judged {
  readonly isMissing: boolean;
  readonly isAtLeast: boolean;
  readonly bound: number;
  readonly interval: Interval | null;
}

function verdictOf(cmp: Comparison, judged: Judged): Verdict {
  const isFloor = cmp === '>' || cmp === '>=';
  if (judged.isMissing) return 'fail';
  if (judged.isAtLeast && !isFloor) return 'fail';
  if (judged.interval === null) return 'inconclusive';
  const [low, high] = judged.interval;
  const { all, none } = satisfied(low, high, cmp, judged.bound);
  if (all) return 'pass';
  return none && !judged.isAtLeast ? 'fail' : 'inconclusive';
}

function satisfied(
  low: number,
  high: number,
  cmp: Comparison,
  bound: number,
): { readonly all: boolean; readonly none: boolean } {
  const isInside = low <= bound && bound <= high;
  const isPoint = low === high;
  switch (cmp) {
    case '==':
      return { all: isPoint && isInside, none: !isInside };
    case '!=':
      return { all: !isInside, none: isPoint && isInside };
    default: {
      const ends = [compares(low, cmp, bound), compares(high, cmp, bound)];
      return { all: ends[0]! && ends[1]!, none: !ends[0]! && !ends[1]! };
    }
  }
}

/** Replications after which an interval as wide as these suggest would leave out the bound; null at the bound itself. */
function needed(observations: readonly Observation[], threshold: Threshold): number | null {
  const { mean, variance } = momentsOf(observations.map((o) => o.value - o.bound));
  if (mean === null || variance === null || mean === 0) return null;
  return replicationsFor(Math.sqrt(variance), Math.abs(mean), threshold.confidence);
}

function whyOf(observations: readonly Observation[], worst: Observation): string | null {
  return worst.result.why ?? observations.find((o) => o.result.why !== null)?.result.why ?? null;
}

/** *Order*: the earliest of equals. */
function worstOf(observations: readonly Observation[], cmp: Comparison): Observation {
  let worst = observations[0]!;
  const distance = (o: Observation): number => {
    const apart = o.value - o.bound;
    if (cmp === '>' || cmp === '>=') return -apart;
    if (cmp === '<' || cmp === '<=') return apart;
    return cmp === '==' ? Math.abs(apart) : -Math.abs(apart);
  };
  for (const o of observations) if (distance(o) > distance(worst)) worst = o;
  return worst;
}
