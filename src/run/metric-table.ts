/** Rows of `result.json`, built one by one. */

import { RELATIVE_ERROR } from '../base/bins.ts';
import { Histogram } from '../collections/histogram.ts';
import type { CensoredHistogram } from '../metrics/waits.ts';
import type { DistributionEntry, Labels, MetricResult } from '../results/bundle.ts';
import { findMetric, unitOf } from '../results/catalog.ts';
import { quantilesOf } from '../results/quantiles.ts';
import { mergeSamples } from '../results/samples.ts';

const US_PER_SECOND = 1e6;

/** What a gauge did over the run; null where the extremes are not known. */
export interface GaugeFacts {
  readonly mean: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly minAtSeconds: number | null;
  readonly maxAtSeconds: number | null;
  readonly last: number;
}

/** A row of a metric that exists in the catalogue, with everything absent that is not given. */
export function metricRow(
  name: string,
  labels: Labels,
  values: Partial<MetricResult>,
): MetricResult {
  const info = findMetric(name)!;
  return {
    name,
    kind: info.kind,
    unit: unitOf(info, labels),
    direction: info.direction,
    labels,
    n: 1,
    sum: null,
    mean: null,
    min: null,
    max: null,
    stddev: null,
    quantiles: {},
    quantilesAtLeast: [],
    quantileErrorRatio: null,
    censored: 0,
    last: null,
    minAtSeconds: null,
    maxAtSeconds: null,
    perReplication: [values.mean ?? values.sum ?? null],
    ci: null,
    ...values,
  };
}

/** A counter's row. */
export function counterRow(name: string, labels: Labels, total: number): MetricResult {
  return metricRow(name, labels, { n: total, sum: total });
}

/** A gauge's row. */
export function gaugeRow(name: string, labels: Labels, facts: GaugeFacts): MetricResult {
  return metricRow(name, labels, facts);
}

/** Distributions of one label set as the bundle keeps them. */
export function distributionEntry(
  metric: string,
  labels: Labels,
  scope: string,
  pair: CensoredHistogram,
): DistributionEntry {
  const full = pair.full.toBins();
  const censored = pair.censored.toBins();
  const all = mergedPair(pair);
  const extremes = [pair.full, pair.censored].filter((h) => h.n > 0);
  const seconds = (values: number[], pick: (...v: number[]) => number): number | null =>
    values.length === 0 ? null : pick(...values) / US_PER_SECOND;
  return {
    metric,
    labels,
    replication: 0,
    scope,
    bins: full.bins,
    counts: full.counts,
    censoredBins: censored.bins,
    censoredCounts: censored.counts,
    n: pair.full.n + pair.censored.n,
    sum: (pair.full.sum + pair.censored.sum) / US_PER_SECOND,
    min: seconds(
      extremes.map((h) => h.min!),
      Math.min,
    ),
    max: seconds(
      extremes.map((h) => h.max!),
      Math.max,
    ),
    ...(all.n === 0 ? {} : { variance: all.variance! / (US_PER_SECOND * US_PER_SECOND) }),
  };
}

/** Lower bounds among the rest, as they count in mean and spread. */
function mergedPair(pair: CensoredHistogram): Histogram {
  const all = new Histogram();
  all.merge(pair.full);
  all.merge(pair.censored);
  return all;
}

/** A sample metric's row from its distribution. */
export function sampleRow(entry: DistributionEntry, pair: CensoredHistogram): MetricResult {
  const { quantiles, quantilesAtLeast } = quantilesOf(mergeSamples([entry]));
  const all = mergedPair(pair);
  const n = all.n;
  return metricRow(entry.metric, entry.labels, {
    n,
    sum: entry.sum,
    mean: n === 0 ? null : entry.sum / n,
    min: entry.min,
    max: entry.max,
    stddev: n < 2 ? null : Math.sqrt((all.variance! * n) / (n - 1)) / US_PER_SECOND,
    quantiles,
    quantilesAtLeast,
    quantileErrorRatio: RELATIVE_ERROR,
    censored: pair.censored.n,
  });
}

/** Merges pairs of histograms, in the order given. */
export function mergePairs(pairs: Iterable<CensoredHistogram | undefined>): CensoredHistogram {
  const merged = { full: new Histogram(), censored: new Histogram() };
  for (const pair of pairs) {
    if (pair === undefined) continue;
    merged.full.merge(pair.full);
    merged.censored.merge(pair.censored);
  }
  return merged;
}
