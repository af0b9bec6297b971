/**
 * Statistics of samples from results and distributions: merged, and honest about what is censored.
 *
 * Bins are those of `base/bins.ts` over microseconds; everything else in a distributions file is in seconds.
 */

import { binHigh, binLow, binMiddle } from '../base/bins.ts';
import type { DistributionEntry, MetricResult } from './bundle.ts';
import type { Comparison, Statistic } from './expression.ts';

const US_PER_SECOND = 1e6;

/** An observed value; null where nothing was observed. */
export interface Observed {
  readonly value: number | null;
  /** True for a lower bound: the truth lies in the censored part. */
  readonly isAtLeast: boolean;
  /** Instant of a minimum or maximum, or the start of the stretch that decides, seconds. */
  readonly atSeconds: number | null;
  /** Set where there is no value and the threshold cannot be missed: nothing lasted as long as `for` asks. */
  readonly holds?: true;
}

/** Nothing was observed. */
export const NOTHING: Observed = { value: null, isAtLeast: false, atSeconds: null };

/** Several histograms put together, bins ascending. */
export interface MergedSamples {
  readonly n: number;
  readonly censored: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly bins: readonly {
    readonly index: number;
    readonly count: number;
    /** Of `count`, those that are only lower bounds. */
    readonly censored: number;
  }[];
}

/**
 * Computes a statistic over the samples of some results, over the whole run.
 *
 * @param stat of the kind sample
 * @param members results with disjoint label sets
 */
export function observeRun(
  stat: Statistic,
  members: readonly MetricResult[],
  entries: readonly DistributionEntry[],
): Observed {
  const stored = members.length === 1 ? storedStatistic(stat, members[0]!) : null;
  if (stored) return stored;
  if (stat.name === 'stddev') return certain(pooledDeviation(members));
  return statisticOf(stat, mergeSamples(entries));
}

/** Computes a statistic of merged samples; `stddev` needs more than they hold. */
export function statisticOf(stat: Statistic, merged: MergedSamples): Observed {
  switch (stat.name) {
    case 'p':
      return quantileOf(merged, stat.q);
    case 'frac':
      return certain(shareOf(merged, stat.cmp, stat.limit));
    case 'count':
      return certain(merged.n);
    case 'sum':
      return certain(merged.sum);
    case 'avg':
      return {
        ...certain(merged.n === 0 ? null : merged.sum / merged.n),
        isAtLeast: merged.censored > 0,
      };
    case 'max':
      return { ...certain(merged.max), isAtLeast: merged.censored > 0 };
    default:
      return certain(merged.min);
  }
}

function certain(value: number | null): Observed {
  return { value, isAtLeast: false, atSeconds: null };
}

/** What the result itself says, so that thresholds and tables print the same number. */
function storedStatistic(stat: Statistic, result: MetricResult): Observed | null {
  const isAtLeast = result.censored > 0;
  switch (stat.name) {
    case 'p': {
      const key = String(stat.q);
      const value = result.quantiles[key];
      if (value === undefined) return null;
      return { value, isAtLeast: result.quantilesAtLeast.includes(key), atSeconds: null };
    }
    case 'frac':
      return null;
    case 'count':
      return certain(result.n);
    case 'sum':
      return certain(result.sum ?? 0);
    case 'avg':
      return { value: result.mean, isAtLeast, atSeconds: null };
    case 'max':
      return { value: result.max, isAtLeast, atSeconds: null };
    case 'stddev':
      return certain(result.stddev);
    default:
      return certain(result.min);
  }
}

/** Merges histograms of one metric. *Order*: sums in the order given. */
export function mergeSamples(entries: readonly DistributionEntry[]): MergedSamples {
  const counts = new Map<number, { count: number; censored: number }>();
  const add = (index: number, count: number, censored: number): void => {
    const bin = counts.get(index) ?? { count: 0, censored: 0 };
    counts.set(index, { count: bin.count + count, censored: bin.censored + censored });
  };
  let n = 0;
  let sum = 0;
  let min: number | null = null;
  let max: number | null = null;
  for (const e of entries) {
    e.bins.forEach((index, i) => {
      add(index, e.counts[i]!, 0);
    });
    e.censoredBins.forEach((index, i) => {
      add(index, e.censoredCounts[i]!, e.censoredCounts[i]!);
    });
    n += e.n;
    sum += e.sum;
    if (e.min !== null && (min === null || e.min < min)) min = e.min;
    if (e.max !== null && (max === null || e.max > max)) max = e.max;
  }
  const bins = [...counts]
    .map(([index, bin]) => ({ index, ...bin }))
    .sort((a, b) => a.index - b.index);
  const censored = bins.reduce((total, b) => total + b.censored, 0);
  return { n, censored, sum, min, max, bins };
}

/**
 * Gives the q-quantile by nearest rank, ceil(q n), each censored sample counted as longer than all others: so a value that
 * is not "at least" bounds the true quantile from above. Where the rank falls among the censored, the value is the
 * quantile with every censored sample at its lower bound, and "at least". The first and the last rank are exact.
 */
export function quantileOf(samples: MergedSamples, q: number): Observed {
  const total = samples.bins.reduce((sum, b) => sum + b.count, 0);
  if (total === 0) return certain(null);
  // As in `collections/histogram.ts`: q n counts as whole within rounding.
  const rank = Math.max(1, Math.ceil(q * total * (1 - 4 * Number.EPSILON)));
  const isAtLeast = rank > total - samples.censored;
  if (rank === total) return { ...certain(samples.max), isAtLeast };
  if (rank === 1 && samples.censored === 0) return certain(samples.min);
  let seen = 0;
  for (const b of samples.bins) {
    seen += isAtLeast ? b.count : b.count - b.censored;
    if (seen >= rank) return { ...certain(clampTo(samples, b.index)), isAtLeast };
  }
  return { ...certain(samples.max), isAtLeast };
}

/** A bin's middle in seconds, moved inside the exact extremes that are kept beside the bins. */
function clampTo(samples: MergedSamples, index: number): number {
  const middle = binMiddle(index) / US_PER_SECOND;
  return Math.min(samples.max ?? middle, Math.max(samples.min ?? middle, middle));
}

/** The share of samples that satisfy a comparison; a censored one never counts as below a limit. */
function shareOf(samples: MergedSamples, cmp: Comparison, limit: number): number | null {
  let total = 0;
  let met = 0;
  const isUpper = cmp === '<' || cmp === '<=' || cmp === '==';
  for (const b of samples.bins) {
    total += b.count;
    const low = binLow(b.index) / US_PER_SECOND;
    const high = b.index === 0 ? 0 : binHigh(b.index) / US_PER_SECOND;
    const isWhollyMet = isUpper ? high <= limit : low >= limit;
    if (isWhollyMet) met += isUpper ? b.count - b.censored : b.count;
  }
  return total === 0 ? null : met / total;
}

/** Standard deviation of the union: within plus between, from n, mean and deviation of each. */
function pooledDeviation(members: readonly MetricResult[]): number | null {
  const known = members.filter((m) => m.n > 0 && m.mean !== null && m.stddev !== null);
  const n = known.reduce((sum, m) => sum + m.n, 0);
  if (n < 2) return null;
  const mean = known.reduce((sum, m) => sum + m.n * m.mean!, 0) / n;
  let squares = 0;
  for (const m of known) {
    const apart = m.mean! - mean;
    squares += (m.n - 1) * m.stddev! * m.stddev! + m.n * apart * apart;
  }
  return Math.sqrt(squares / (n - 1));
}
