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
import { boundFrom, compares } from './verdicts.ts';

type Verdict = ThresholdResult['verdict'];

/** A replication in which something was observed, and what it was held against. */
interface Observation {
  readonly replication: number;
  readonly value: number;
  /** Of the baseline; 0 without one. */
  readonly base: number;
  readonly bound: number;
  readonly result: ThresholdResult;
}

/**
 * Combines the results of replications into one per threshold.
 *
 * From two replications on: pass where the whole interval of the mean satisfies the comparison, fail where none of it does,
 * else inconclusive with an estimate of the replications needed. Equal values have an interval of no width: they are judged
 * exactly. With a baseline the interval is that of the differences, shown at the baseline's mean, which is taken as fixed.
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

/**
 * As {@link combineVerdicts}, for one threshold.
 *
 * @param bases the baseline's value in each replication, where the bound depends on one; null for a fixed bound
 */
export function combineVerdict(
  threshold: Threshold,
  results: readonly ThresholdResult[],
  bases: readonly (number | null)[] | null = null,
): ThresholdResult {
  if (results.length === 1) return results[0]!;
  const observations = results.flatMap((result, replication) => {
    const { observed: value, bound } = result;
    const base = bases === null ? 0 : bases[replication]!;
    if (value === null || bound === null || base === null) return [];
    return [{ replication, value, base, bound, result }];
  });
  if (observations.length === 0) return withoutBound(threshold, results);
  // One that passes without a value was allowed to be empty, or had no breach that lasted.
  const isGap = (r: ThresholdResult): boolean => r.observed === null || r.bound === null;
  const missing = results.filter((r) => isGap(r) && r.verdict === 'fail').length;
  const worst = worstOf(observations, threshold.cmp);
  const facts = factsOf(observations, threshold);
  const observedIsAtLeast = observations.some((o) => o.result.observedIsAtLeast);
  const judged = { isMissing: missing > 0, isAtLeast: observedIsAtLeast, ...facts };
  const verdict = verdictOf(threshold.cmp, judged);
  const place = worst.result.where;
  const at = `replication ${worst.replication}`;
  const gaps =
    missing === 0 ? '' : `nothing observed in ${missing} of ${results.length} replications`;
  return {
    ...results[0]!,
    verdict,
    observed: facts.mean,
    observedIsAtLeast,
    unit: worst.result.unit,
    bound: facts.bound,
    ci: facts.interval,
    where:
      [place === null ? '' : `${place}, ${at}`, gaps].filter((s) => s !== '').join('; ') || null,
    why: verdict === 'pass' ? null : whyOf(observations, worst),
    replicationsNeeded: verdict === 'inconclusive' ? needed(facts, threshold) : null,
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

/** What the values together say. */
interface Facts {
  readonly mean: number;
  readonly bound: number;
  readonly interval: Interval | null;
  /** Standard deviation of one replication, of its difference to the baseline where there is one; null for one value. */
  readonly deviation: number | null;
}

/** The interval is that of the mean; with a baseline that of the mean difference, put at the mean of the baseline. */
function factsOf(observations: readonly Observation[], threshold: Threshold): Facts {
  const { baseline, confidence } = threshold;
  const base = momentsOf(observations.map((o) => o.base)).mean!;
  const differences = observations.map((o) => o.value - o.base);
  const { variance } = momentsOf(differences);
  const apart = meanInterval(differences, confidence)?.interval ?? null;
  return {
    mean: momentsOf(observations.map((o) => o.value)).mean!,
    bound: baseline === null ? observations[0]!.bound : boundFrom(baseline, base),
    interval: apart && [base + apart[0], base + apart[1]],
    deviation: variance === null ? null : Math.sqrt(variance),
  };
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
function needed({ mean, bound, deviation }: Facts, threshold: Threshold): number | null {
  if (deviation === null || mean === bound) return null;
  return replicationsFor(deviation, Math.abs(mean - bound), threshold.confidence);
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
