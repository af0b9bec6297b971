/**
 * Several replications of one scenario as one bundle, and back.
 *
 * Counts, sums, extremes and histograms are pooled over all replications; what varies from one to the next is told by
 * `perReplication` and its interval. Quantiles come from the pooled histograms, never from an average of quantiles.
 */
import { assert } from '../base/assert.ts';
import { Trajectory } from '../base/trajectory.ts';
import type {
  Bundle,
  Conservation,
  DistributionEntry,
  Effort,
  ManifestFile,
  MetricResult,
  Replication,
  ResultFile,
} from './bundle.ts';
import { compareMetrics, labelText } from './catalog.ts';
import { poolSeries } from './pooled-series.ts';
import { quantilesOf } from './quantiles.ts';
import { mergeSamples } from './samples.ts';
import { meanInterval, momentsOf } from './statistics.ts';
import { parseThresholds } from './thresholds.ts';
import { combineVerdicts } from './verdicts-over-replications.ts';

/** Level of the intervals in a bundle. */
const LEVEL = 0.95;

/** What is known of replications as a whole. */
export interface MergeOptions {
  /** Why no more follow though more were wanted. */
  readonly stopped?: string | null;
  readonly effort?: Effort;
}

/**
 * Merges the bundles of replications 0, 1, 2 and so on of one scenario and seed.
 *
 * @param bundles of one replication each, in order; all finished
 * @returns the bundle itself where there is only one that is complete
 * @throws InvariantError for no bundle, or one that is merged already
 *
 * *Order*: sums in the order of replications. *Cost*: O(size of all).
 */
export function mergeReplications(bundles: readonly Bundle[], options: MergeOptions = {}): Bundle {
  const { stopped = null, effort } = options;
  assert(bundles.length > 0, 'there must be a replication to merge');
  const isSingle = bundles.every((b) => b.result.replications === 1);
  assert(isSingle, 'a bundle of several replications cannot be merged again');
  const first = bundles[0]!;
  if (bundles.length === 1) return stopped === null ? first : asStopped(first, stopped);
  const results = bundles.map((b) => b.result);
  const trajectory = foldAll(results.map((r) => r.trajectory));
  const isComplete = stopped === null && results.every((r) => r.complete);
  const entries = bundles.flatMap((b, replication) =>
    b.distributions.entries.map((entry) => ({ ...entry, replication })),
  );
  return {
    manifest: {
      ...mergedManifest(bundles, trajectory),
      ...(effort === undefined ? {} : { effort }),
      complete: isComplete,
      // A replication that a threshold ended says so for all.
      stopped:
        stopped ?? bundles.find((b) => b.manifest.stopped !== null)?.manifest.stopped ?? null,
    },
    result: {
      ...first.result,
      complete: isComplete,
      replications: bundles.length,
      reachedSeconds: Math.min(...results.map((r) => r.reachedSeconds)),
      trajectory,
      metrics: mergedMetrics(results, entries),
      thresholds: mergedThresholds(results),
      conservation: summedConservation(results.map((r) => r.conservation)),
    },
    series: poolSeries(bundles.map((b) => b.series)),
    distributions: { ...first.distributions, entries },
    replications: bundles.map(({ result, series }) => ({ result, series })),
  };
}

/**
 * Takes a bundle apart into one bundle per replication, as {@link mergeReplications} was given them.
 *
 * @returns the bundle itself where it has one replication
 * @throws InvariantError where the bundle does not hold what each replication gave
 */
export function splitReplications(bundle: Bundle): readonly Bundle[] {
  const { manifest, result, distributions, replications } = bundle;
  if (result.replications === 1) return [bundle];
  assert(
    replications?.length === result.replications,
    'a bundle of several replications must hold each of them',
  );
  const trajectories = manifest.trajectories.map(({ replication = 0, ...rest }) => ({
    replication,
    rest,
  }));
  const { effort: _, ...origin } = manifest;
  return replications!.map((one: Replication, r) => ({
    manifest: {
      ...origin,
      replications: 1,
      trajectory: one.result.trajectory,
      trajectories: trajectories.filter((t) => t.replication === r).map((t) => t.rest),
      complete: one.result.complete,
      stopped: one.result.complete ? null : manifest.stopped,
    },
    result: one.result,
    series: one.series,
    distributions: {
      ...distributions,
      entries: distributions.entries
        .filter((entry) => entry.replication === r)
        .map((entry) => ({ ...entry, replication: 0 })),
    },
  }));
}

function asStopped(bundle: Bundle, stopped: string): Bundle {
  return {
    ...bundle,
    manifest: { ...bundle.manifest, complete: false, stopped },
    result: { ...bundle.result, complete: false },
  };
}

function foldAll(trajectories: readonly string[]): string {
  const all = new Trajectory();
  for (const hex of trajectories) all.absorb(Trajectory.fromHex(hex));
  return all.hex();
}

function mergedManifest(bundles: readonly Bundle[], trajectory: string): ManifestFile {
  return {
    ...bundles[0]!.manifest,
    replications: bundles.length,
    trajectory,
    trajectories: bundles.flatMap((b, replication) =>
      b.manifest.trajectories.map(({ cluster, buckets }) => ({ cluster, replication, buckets })),
    ),
  };
}

/** The thresholds are those that each replication was judged by: their texts are in its results. */
function mergedThresholds(results: readonly ResultFile[]): ResultFile['thresholds'] {
  const perReplication = results.map((r) => r.thresholds);
  const texts = perReplication[0]!.map((t) => ({
    selector: t.metric,
    expr: t.expr,
    because: t.because,
    warn: t.warn,
    path: '',
  }));
  return combineVerdicts(parseThresholds(texts), perReplication);
}

function summedConservation(all: readonly Conservation[]): Conservation {
  const sum = (of: (c: Conservation) => number): number => all.reduce((s, c) => s + of(c), 0);
  const states = [...new Set(all.flatMap((c) => Object.keys(c.nodeSeconds.byState)))];
  const [workload, idle, overhead] = (['workload', 'idle', 'overhead'] as const).map((part) =>
    sum((c) => c.cost[part]),
  ) as [number, number, number];
  const laws = all.map((c) => c.littlesLaw);
  const sides = laws.every((law) => law !== null) ? laws : null;
  return {
    ok: all.every((c) => c.ok),
    pods: {
      arrived: sum((c) => c.pods.arrived),
      completed: sum((c) => c.pods.completed),
      running: sum((c) => c.pods.running),
      pending: sum((c) => c.pods.pending),
      lost: sum((c) => c.pods.lost),
    },
    nodeSeconds: {
      byState: Object.fromEntries(
        states.map((s) => [s, sum((c) => c.nodeSeconds.byState[s] ?? 0)]),
      ),
      total: sum((c) => c.nodeSeconds.total),
    },
    // The total is made of the parts again, so that the identity holds to the last digit.
    cost: { total: workload + idle + overhead, workload, idle, overhead },
    checks: sum((c) => c.checks),
    littlesLaw:
      sides === null
        ? null
        : { l: meanOf(sides.map((s) => s.l))!, lambdaW: meanOf(sides.map((s) => s.lambdaW))! },
  };
}

type Rows = readonly (MetricResult | null)[];

function mergedMetrics(
  results: readonly ResultFile[],
  entries: readonly DistributionEntry[],
): MetricResult[] {
  const groups = new Map<string, (MetricResult | null)[]>();
  results.forEach(({ metrics }, r) => {
    for (const metric of metrics) {
      const key = keyOf(metric.name, metric.labels);
      let rows = groups.get(key);
      if (rows === undefined) {
        rows = results.map(() => null);
        groups.set(key, rows);
      }
      rows[r] = metric;
    }
  });
  const runs = new Map<string, DistributionEntry[]>();
  for (const entry of entries) {
    if (entry.scope !== 'run') continue;
    const key = keyOf(entry.metric, entry.labels);
    const own = runs.get(key);
    if (own === undefined) runs.set(key, [entry]);
    else own.push(entry);
  }
  const merged = [...groups].map(([key, rows]) => mergedMetric(rows, runs.get(key) ?? []));
  return merged.sort(compareMetrics);
}

function keyOf(name: string, labels: MetricResult['labels']): string {
  return `${name}${labelText(labels)}`;
}

function mergedMetric(rows: Rows, entries: readonly DistributionEntry[]): MetricResult {
  const there = rows.filter((row) => row !== null);
  const first = there[0]!;
  // A counter that a replication does not list counted nothing there.
  const perReplication = rows.map((row) =>
    row === null ? (first.kind === 'counter' ? 0 : null) : row.perReplication[0]!,
  );
  const observed = perReplication.filter((value) => value !== null);
  const interval = meanInterval(observed, LEVEL);
  const shared = {
    ...first,
    n: there.reduce((n, row) => n + row.n, 0),
    perReplication,
    ci: interval === null ? null : { level: LEVEL, mean: interval.interval },
  };
  if (first.kind === 'sample') return { ...shared, ...pooledSamples(there, entries) };
  return {
    ...shared,
    ...(first.kind === 'counter' ? pooledCounter(there, observed) : pooledGauge(there)),
  };
}

function pooledCounter(
  there: readonly MetricResult[],
  totals: readonly number[],
): Partial<MetricResult> {
  const { mean, variance } = momentsOf(totals);
  return {
    sum: totals.reduce((sum, total) => sum + total, 0),
    mean,
    min: Math.min(...totals),
    max: Math.max(...totals),
    stddev: variance === null ? null : Math.sqrt(variance),
    last: meanOf(there.map((row) => row.last)),
  };
}

function pooledGauge(there: readonly MetricResult[]): Partial<MetricResult> {
  const low = extremeOf(there, (row, best) => row.min! < best.min!, 'min');
  const high = extremeOf(there, (row, best) => row.max! > best.max!, 'max');
  return {
    mean: meanOf(there.map((row) => row.mean)),
    min: low?.min ?? null,
    max: high?.max ?? null,
    minAtSeconds: low?.minAtSeconds ?? null,
    maxAtSeconds: high?.maxAtSeconds ?? null,
    last: meanOf(there.map((row) => row.last)),
  };
}

/** The first replication with the most extreme value. */
function extremeOf(
  rows: readonly MetricResult[],
  isBeyond: (row: MetricResult, best: MetricResult) => boolean,
  side: 'min' | 'max',
): MetricResult | null {
  let best: MetricResult | null = null;
  for (const row of rows) {
    if (row[side] !== null && (best === null || isBeyond(row, best))) best = row;
  }
  return best;
}

function pooledSamples(
  there: readonly MetricResult[],
  entries: readonly DistributionEntry[],
): Partial<MetricResult> {
  const merged = mergeSamples(entries);
  return {
    sum: merged.sum,
    mean: merged.n === 0 ? null : merged.sum / merged.n,
    min: merged.min,
    max: merged.max,
    stddev: pooledDeviation(there),
    ...quantilesOf(merged),
    censored: merged.censored,
  };
}

/** Standard deviation of the union: within plus between. */
function pooledDeviation(rows: readonly MetricResult[]): number | null {
  const some = rows.filter((row) => row.n > 0);
  const n = some.reduce((sum, row) => sum + row.n, 0);
  if (n < 2) return null;
  const mean = some.reduce((sum, row) => sum + row.n * row.mean!, 0) / n;
  let squares = 0;
  for (const row of some) {
    const apart = row.mean! - mean;
    const own = row.stddev ?? 0;
    squares += (row.n - 1) * own * own + row.n * apart * apart;
  }
  return Math.sqrt(squares / (n - 1));
}

function meanOf(values: readonly (number | null)[]): number | null {
  return momentsOf(values.filter((value) => value !== null)).mean;
}
