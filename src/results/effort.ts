/**
 * How long and how often to run: warm-up to cut off, batches of one long run, replications until an estimate is precise.
 *
 * Terminating studies need only the stopping rule. Steady-state studies cut a warm-up first, by {@link mser5} over the mean
 * of all replications at each instant.
 */
import { assert } from '../base/assert.ts';
import { normalQuantile, studentQuantile } from './laws.ts';
import { type Estimate, meanInterval, momentsOf } from './statistics.ts';

const MSER_BATCH = 5;
/** Fewer batches than this say nothing about their spread: the end of the run is never a candidate. */
const MSER_TAIL = 5;
const BATCHES_MIN = 20;
const REPLICATIONS_MAX = 1_000_000;

/** Where a run becomes steady. */
export interface Truncation {
  /** Observations to leave out at the start, a multiple of 5. */
  readonly truncated: number;
  /** True where more than half would go, or there are fewer than 10 batches: the run is too short to tell. */
  readonly isTooShort: boolean;
}

/**
 * Finds the warm-up to leave out. Over means Z of batches of 5, the cut d minimises the squared standard error of what
 * remains, sum over j >= d of (Z_j - mean)^2 / (k - d)^2; an incomplete last batch is left out.
 *
 * @param values equidistant in time, of one run or the mean of several
 *
 * *Order*: the earliest of equal minima. *Cost*: O(n).
 *
 * *Source*: White, Simulation 69 (1997) 323-334 (MSER); White, Cobb and Spratt, Winter Simulation Conference 2000 (MSER-5).
 */
export function mser5(values: readonly number[]): Truncation {
  const means = batchesOf(values, Math.floor(values.length / MSER_BATCH), MSER_BATCH);
  const k = means.length;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  let mean = 0;
  let squares = 0;
  // From the end, so that each cut adds one batch to the moments of the next.
  for (let d = k - 1; d >= 0; d--) {
    const n = k - d;
    const apart = means[d]! - mean;
    mean += apart / n;
    squares += apart * (means[d]! - mean);
    const error = squares / (n * n);
    if (n >= MSER_TAIL && error <= least) {
      least = error;
      best = d;
    }
  }
  return { truncated: best * MSER_BATCH, isTooShort: k < 2 * MSER_TAIL || 2 * best > k };
}

/** The mean of one long run by batches. */
export interface BatchEstimate extends Estimate {
  readonly batches: number;
  readonly batchSize: number;
  /** Correlation of neighbouring batch means. */
  readonly lagOne: number;
  /** False where neighbours correlate: the interval is too narrow, take longer batches. */
  readonly isIndependent: boolean;
}

/**
 * Estimates the mean of one long, steady run: an interval over the means of equal batches, the oldest remainder left out.
 *
 * Batches count as independent unless C = sqrt((k^2 - 1) / (k - 2)) (r + ((Z_1 - m)^2 + (Z_k - m)^2) / (2 sum (Z - m)^2)),
 * with r the correlation at lag 1, exceeds the normal 95 % quantile.
 *
 * @param values in order of time, warm-up already cut
 * @param level in (0, 1)
 * @param batches at least 20
 * @returns null for fewer than two values a batch
 * @throws InvariantError for fewer than 20 batches
 *
 * *Source*: Law (5th ed.), 9.5.3; Fishman and Yarberry, INFORMS Journal on Computing 9 (1997) 296-310 (the test).
 */
export function batchMeans(
  values: readonly number[],
  level: number,
  batches = BATCHES_MIN,
): BatchEstimate | null {
  assert(batches >= BATCHES_MIN, `batch means need at least ${BATCHES_MIN} batches`);
  const batchSize = Math.floor(values.length / batches);
  if (batchSize < 2) return null;
  const means = batchesOf(values.slice(values.length - batches * batchSize), batches, batchSize);
  const estimate = meanInterval(means, level)!;
  const { lagOne, statistic } = neighbours(means, estimate.mean);
  const isIndependent = statistic <= normalQuantile(0.95);
  return { ...estimate, batches, batchSize, lagOne, isIndependent };
}

/** How precise a mean is, and what is missing. */
export interface Precision {
  readonly n: number;
  readonly mean: number | null;
  readonly halfWidth: number | null;
  /** Half-width over |mean|; null below two values or for a mean of 0 with a width. */
  readonly relative: number | null;
  readonly isReached: boolean;
  /** Replications in all that should do, at most a million; null where nothing can be said yet. */
  readonly replicationsNeeded: number | null;
}

/**
 * Decides whether to stop adding replications: when half-width / |mean| <= gamma / (1 + gamma), so that the relative error
 * against the unknown mean is at most gamma.
 *
 * @param values one per finished replication, in order of their number
 * @param options `gamma` above 0, such as 0.05; `level` in (0, 1); `pilot`: never before so many, default 10
 * @throws InvariantError for other options
 *
 * *Source*: Law (5th ed.), 9.4.1 (sequential procedure); coverage is somewhat below the level, as stopping depends on the data.
 */
export function precisionOf(
  values: readonly number[],
  options: { readonly gamma: number; readonly level: number; readonly pilot?: number },
): Precision {
  const { gamma, level, pilot = 10 } = options;
  assert(gamma > 0, `a relative precision must be above 0, got ${gamma}`);
  assert(pilot >= 2, `a pilot needs at least 2 replications, got ${pilot}`);
  const estimate = meanInterval(values, level);
  const n = values.length;
  if (estimate === null) {
    const mean = momentsOf(values).mean;
    return { n, mean, halfWidth: null, relative: null, isReached: false, replicationsNeeded: null };
  }
  const { mean, standardError } = estimate;
  const halfWidth = (estimate.interval[1] - estimate.interval[0]) / 2;
  const relative = halfWidth === 0 ? 0 : mean === 0 ? null : halfWidth / Math.abs(mean);
  const goal = gamma / (1 + gamma);
  const isReached = n >= pilot && relative !== null && relative <= goal;
  const needed =
    relative === null
      ? null
      : replicationsFor(standardError * Math.sqrt(n), goal * Math.abs(mean), level);
  return {
    n,
    mean,
    halfWidth,
    relative,
    isReached,
    replicationsNeeded: needed === null ? null : Math.max(needed, pilot),
  };
}

/**
 * Counts the replications after which t(1 - a/2; n - 1) s / sqrt(n) is at most a half-width.
 *
 * @param deviation standard deviation s of one replication (or of one paired difference), at least 0
 * @param halfWidth wanted, above 0 unless the deviation is 0
 * @param level in (0, 1)
 * @returns from 2 to a million; null where more would be needed
 *
 * *Source*: Law (5th ed.), 9.4.1, (9.2).
 */
export function replicationsFor(
  deviation: number,
  halfWidth: number,
  level: number,
): number | null {
  const isEnough = (n: number): boolean =>
    studentQuantile(1 - (1 - level) / 2, n - 1) * (deviation / Math.sqrt(n)) <= halfWidth;
  if (deviation === 0) return 2;
  if (!isEnough(REPLICATIONS_MAX)) return null;
  let low = 1;
  let high = REPLICATIONS_MAX;
  // Both factors fall with n, so the first n that is enough is found by halving.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function batchesOf(values: readonly number[], batches: number, size: number): number[] {
  const means: number[] = [];
  for (let b = 0; b < batches; b++) {
    let sum = 0;
    for (let i = b * size; i < (b + 1) * size; i++) sum += values[i]!;
    means.push(sum / size);
  }
  return means;
}

function neighbours(
  means: readonly number[],
  mean: number,
): { readonly lagOne: number; readonly statistic: number } {
  const k = means.length;
  let squares = 0;
  let products = 0;
  for (let j = 0; j < k; j++) {
    const apart = means[j]! - mean;
    squares += apart * apart;
    if (j + 1 < k) products += apart * (means[j + 1]! - mean);
  }
  // Equal batches: nothing correlates with anything.
  if (squares === 0) return { lagOne: 0, statistic: 0 };
  const lagOne = products / squares;
  const first = means[0]! - mean;
  const last = means[k - 1]! - mean;
  const ends = (first * first + last * last) / (2 * squares);
  return { lagOne, statistic: Math.sqrt((k * k - 1) / (k - 2)) * (lagOne + ends) };
}
