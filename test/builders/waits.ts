/** Synthetic waits of three classes, and the results and distributions that tests make of samples. */
import { RELATIVE_ERROR } from '../../src/base/bins.ts';
import { Histogram } from '../../src/collections/histogram.ts';
import type { DistributionEntry, Labels, MetricResult } from '../../src/results/bundle.ts';
import { findMetric, unitOf } from '../../src/results/catalog.ts';

const CLASSES = ['best-effort', 'critical', 'standard'];
const MEDIAN_SECONDS: Readonly<Record<string, number>> = {
  'best-effort': 42,
  critical: 0.9,
  standard: 6,
};
const QUANTILES = ['0.5', '0.9', '0.95', '0.99', '0.999'];

/** Numbers in [0, 1) that look random and are the same each time. */
export function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** A metric result with everything absent that is not given. */
export function metricResult(
  name: string,
  labels: Labels,
  fields: Partial<MetricResult> = {},
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
    perReplication: [],
    ci: null,
    ...fields,
  };
}

/** Waits of the whole run and of one window, as results and as distributions. */
export function makeWaits(): { entries: DistributionEntry[]; waits: MetricResult[] } {
  const random = noise(11);
  const whole = new Histogram();
  const entries: DistributionEntry[] = [];
  const waits: MetricResult[] = [];
  for (const name of CLASSES) {
    const histogram = new Histogram();
    const waiting = new Histogram();
    for (let i = 0; i < 40_000; i++) {
      const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      histogram.record(Math.round(MEDIAN_SECONDS[name]! * 1e6 * Math.exp(1.1 * z)));
    }
    if (name === 'best-effort') for (let i = 1; i <= 600; i++) waiting.record(i * 9e6);
    whole.merge(histogram);
    whole.merge(waiting);
    entries.push(distribution({ class: name }, histogram, waiting, 'run'));
    entries.push(distribution({ class: name }, histogram, waiting, 'window:any'));
    waits.push(waitResult({ class: name }, histogram, waiting.n));
  }
  entries.unshift(distribution({}, whole, new Histogram(), 'run'));
  waits.push(waitResult({}, whole, 600));
  return { entries, waits };
}

/** Waits of each class in every second bucket: those of a bucket without samples are absent, as in a run. */
export function waitsByBucket(buckets: number): DistributionEntry[] {
  const random = noise(13);
  const entries: DistributionEntry[] = [];
  for (let b = 0; b < buckets; b += 2) {
    const isOut = b / buckets >= 0.42 && b / buckets < 0.5;
    for (const name of CLASSES) {
      const histogram = new Histogram();
      for (let i = 0; i < 40; i++) {
        histogram.record(
          Math.round(MEDIAN_SECONDS[name]! * 1e6 * (0.5 + random()) * (isOut ? 20 : 1)),
        );
      }
      entries.push(distribution({ class: name }, histogram, new Histogram(), `bucket:${b}`));
    }
  }
  return entries;
}

/** A distribution entry from histograms over microseconds, as the recorder makes them. */
export function distribution(
  labels: Labels,
  histogram: Histogram,
  censored: Histogram,
  scope: string,
): DistributionEntry {
  const done = histogram.toBins();
  const open = censored.toBins();
  const both = new Histogram();
  both.merge(histogram);
  both.merge(censored);
  return {
    metric: 'pod_wait_seconds',
    labels,
    replication: 0,
    scope,
    bins: done.bins,
    counts: done.counts,
    censoredBins: open.bins,
    censoredCounts: open.counts,
    n: both.n,
    sum: both.sum / 1e6,
    min: both.min === null ? null : both.min / 1e6,
    max: both.max === null ? null : both.max / 1e6,
  };
}

function waitResult(labels: Labels, histogram: Histogram, censored: number): MetricResult {
  return metricResult('pod_wait_seconds', labels, {
    n: histogram.n + censored,
    sum: histogram.sum / 1e6,
    mean: histogram.mean! / 1e6,
    min: histogram.min! / 1e6,
    max: histogram.max! / 1e6,
    stddev: Math.sqrt(histogram.variance!) / 1e6,
    quantiles: Object.fromEntries(QUANTILES.map((q) => [q, histogram.quantile(Number(q))! / 1e6])),
    quantilesAtLeast: censored > 400 ? ['0.99', '0.999'] : [],
    quantileErrorRatio: RELATIVE_ERROR,
    censored,
  });
}
