/** Thresholds on a bundle that exists: nothing is simulated. */
import type { Bundle, ThresholdResult } from './bundle.ts';
import type { Threshold } from './expression.ts';
import { splitReplications } from './replications.ts';
import type { RunFacts } from './thresholds.ts';
import { evaluateAgainst, type VerdictParts } from './verdicts.ts';
import { combineVerdict } from './verdicts-over-replications.ts';

/**
 * Judges a bundle, replication by replication, and puts the verdicts together.
 *
 * Against a baseline each replication is held against the one of the same number, whose luck it shares by design; where one
 * side has more, those without a partner are left out. A baseline of a single replication is taken as exact.
 *
 * @param baseline what bounds with `baseline` refer to; null leaves those inconclusive
 * @throws ScenarioError where samples were not kept for a window that a threshold asks for
 *
 * *Cost*: O(thresholds x series x replications).
 */
export function recheck(
  bundle: Bundle,
  thresholds: readonly Threshold[],
  baseline: Bundle | null,
): ThresholdResult[] {
  if (thresholds.length === 0) return [];
  const runs = splitReplications(bundle).map(partsOf);
  const bases = baseline === null ? [] : splitReplications(baseline).map(partsOf);
  const results = runs.map((run, r) =>
    evaluateAgainst(thresholds, run, (bases.length === 1 ? bases[0] : bases[r]) ?? null),
  );
  return thresholds.map((threshold, t) => {
    const isPaired = threshold.baseline !== null && bases.length > 1;
    const used = isPaired ? results.slice(0, bases.length) : results;
    const own = used.map((ofRun) => ofRun[t]!);
    const isRelative = threshold.baseline !== null && bases.length > 0;
    return combineVerdict(
      threshold,
      own.map(({ result }) => result),
      isRelative ? own.map(({ base }) => base) : null,
    );
  });
}

function partsOf({ manifest, result, series, distributions }: Bundle): VerdictParts {
  return {
    metrics: result.metrics,
    series,
    distributions,
    observedSeconds: Math.max(0, result.reachedSeconds - result.warmupSeconds),
    windows: manifest.windows.map(({ name, spans }) => ({
      name,
      spans: spans.map(([fromSeconds, untilSeconds]) => ({ fromSeconds, untilSeconds })),
    })),
  };
}

/** Gives what thresholds are checked against, as far as a bundle tells. */
export function runFactsOfBundle({ manifest, result, series }: Bundle): RunFacts {
  // Windows of thresholds are named by brackets or by what cuts them: outages are neither.
  const outages = manifest.windows
    .map(({ name }) => name)
    .filter((name) => name !== 'any' && !name.startsWith('[') && !name.includes(' after '));
  return {
    outages,
    horizonSeconds: result.horizonSeconds,
    bucketSeconds: series.bucketSeconds,
  };
}
