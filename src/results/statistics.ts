/**
 * What a set of replications says: moments, intervals, tests, luck shared by pairs, bootstrap.
 *
 * Values are one number per replication, independent between replications. Intervals assume that their mean is close to
 * normal; the bootstrap does not. Fewer than two values give null, never a made-up width.
 */
import { assert } from '../base/assert.ts';
import { normalCdf, normalQuantile, studentQuantile, studentTwoSided } from './laws.ts';

/** Lower and upper end, in the unit of the values. */
export type Interval = readonly [low: number, high: number];

/** Count, mean and spread of some values. */
export interface Moments {
  readonly n: number;
  /** Null for no values. */
  readonly mean: number | null;
  /** Sample variance, divided by n - 1; null below two values. */
  readonly variance: number | null;
}

/** A mean, or a difference of means, with its interval and the test of "it is zero". */
export interface Estimate {
  /** Values, or pairs of values, behind it; Welch: the smaller group. */
  readonly n: number;
  readonly mean: number;
  readonly standardError: number;
  /** Degrees of freedom; Welch: need not be whole. */
  readonly degrees: number;
  readonly level: number;
  readonly interval: Interval;
  /** Two-sided p-value of the mean being 0; where all values are equal: 1 for 0, else 0. */
  readonly pValue: number;
}

/**
 * Computes mean and sample variance in one pass: m_k = m_(k-1) + (x - m_(k-1)) / k, s_k = s_(k-1) + (x - m_(k-1)) (x - m_k).
 *
 * *Order*: sums in the order given.
 *
 * *Source*: Welford, Technometrics 4 (1962) 419-420.
 */
export function momentsOf(values: readonly number[]): Moments {
  let n = 0;
  let mean = 0;
  let squares = 0;
  for (const x of values) {
    n++;
    const apart = x - mean;
    mean += apart / n;
    squares += apart * (x - mean);
  }
  return { n, mean: n === 0 ? null : mean, variance: n < 2 ? null : squares / (n - 1) };
}

/**
 * Estimates a mean: m -+ t(1 - a/2; n - 1) s / sqrt(n), a = 1 - level.
 *
 * @param level in (0, 1), such as 0.95
 * @returns null below two values
 * @throws InvariantError for another level
 *
 * *Source*: Law, Simulation Modeling and Analysis (5th ed.), 4.5 and 9.4.1.
 */
export function meanInterval(values: readonly number[], level: number): Estimate | null {
  const { n, mean, variance } = momentsOf(values);
  if (mean === null || variance === null) return null;
  return estimate({ n, mean, standardError: Math.sqrt(variance / n), degrees: n - 1, level });
}

/**
 * Estimates the mean of `head - base` where values of one index share their luck: the interval of the differences.
 *
 * @param base one value per replication
 * @param head as many, in the same order
 * @returns null below two pairs
 * @throws InvariantError for lists of different length, or another level
 *
 * *Source*: Law (5th ed.), 10.2.1 (paired-t).
 */
export function pairedInterval(
  base: readonly number[],
  head: readonly number[],
  level: number,
): Estimate | null {
  return meanInterval(differencesOf(base, head), level);
}

/**
 * Estimates `mean(head) - mean(base)` of independent groups with variances of their own. Degrees of freedom, with
 * v = s^2 / n of each group: (v_b + v_h)^2 / (v_b^2 / (n_b - 1) + v_h^2 / (n_h - 1)).
 *
 * @returns null where a group has fewer than two values
 * @throws InvariantError for another level
 *
 * *Source*: Welch, Biometrika 34 (1947) 28-35; Satterthwaite, Biometrics Bulletin 2 (1946) 110-114.
 */
export function welchInterval(
  base: readonly number[],
  head: readonly number[],
  level: number,
): Estimate | null {
  const b = momentsOf(base);
  const h = momentsOf(head);
  if (b.variance === null || h.variance === null) return null;
  const vb = b.variance / b.n;
  const vh = h.variance / h.n;
  const both = vb + vh;
  // As shares of the sum, so that tiny variances do not underflow when squared.
  const sb = vb / both;
  const sh = vh / both;
  const degrees = both === 0 ? b.n + h.n - 2 : 1 / ((sb * sb) / (b.n - 1) + (sh * sh) / (h.n - 1));
  const n = Math.min(b.n, h.n);
  return estimate({ n, mean: h.mean! - b.mean!, standardError: Math.sqrt(both), degrees, level });
}

/**
 * Adjusts p-values so that all claims with an adjusted value up to alpha are right together with probability 1 - alpha at
 * least, whatever their dependence: in ascending order, p'_i = max over j <= i of min(1, (m - j + 1) p_j).
 *
 * @param pValues in [0, 1]
 * @returns adjusted values in the order given. *Order*: equal values keep it.
 *
 * *Source*: Holm, Scandinavian Journal of Statistics 6 (1979) 65-70.
 */
export function holmAdjusted(pValues: readonly number[]): readonly number[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]! || a - b);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = least;
  });
  return adjusted;
}

/** How much luck two policies really shared. */
export interface SharedLuck {
  /** Pearson's correlation of the pairs, -1 to 1. */
  readonly correlation: number;
  /** Var(head - base) / (Var(base) + Var(head)): 1 without shared luck, 0.2 for a fivefold cut. */
  readonly varianceRatio: number;
}

/**
 * Measures what common random numbers achieved.
 *
 * @returns null below two pairs, or where a side does not vary beyond the rounding of its last digits
 * @throws InvariantError for lists of different length
 *
 * *Source*: Law (5th ed.), 11.2: Var(X - Y) = Var X + Var Y - 2 Cov(X, Y).
 */
export function sharedLuck(base: readonly number[], head: readonly number[]): SharedLuck | null {
  const difference = momentsOf(differencesOf(base, head)).variance;
  const b = luckOf(momentsOf(base));
  const h = luckOf(momentsOf(head));
  if (difference === null || b === null || h === null) return null;
  const correlation = (b + h - difference) / (2 * Math.sqrt(b) * Math.sqrt(h));
  return {
    correlation: Math.max(-1, Math.min(1, correlation)),
    varianceRatio: difference / (b + h),
  };
}

/** Sums of dollars that are equal but for the order of addition are no luck. */
const ROUNDING = 1e-12;

/** The variance; null where there is none to speak of. */
function luckOf({ mean, variance }: Moments): number | null {
  if (mean === null || variance === null) return null;
  const rounding = ROUNDING * mean;
  return variance <= rounding * rounding ? null : variance;
}

/** What to resample, how often, and with which draws. */
export interface BootstrapOptions {
  /** Any statistic that does not depend on the order of its values. */
  readonly statistic: (values: readonly number[]) => number;
  readonly level: number;
  /** At least 100; 2,000 for a 95 % interval. */
  readonly resamples: number;
  /** A uniform number in (0, 1) by resample and position, such as `uniform` of `KeyedDraws`. */
  readonly uniform: (resample: number, position: number) => number;
}

/**
 * Estimates a statistic's interval from the quantiles of its value over resamples drawn with replacement, corrected for bias
 * and for a spread that changes with the value (BCa). Bias z0 is the normal quantile of the share of resamples below the statistic, ties half; the acceleration comes from the jackknife,
 * a = sum d^3 / (6 (sum d^2)^1.5); the ends are the quantiles Phi(z0 + (z0 + z) / (1 - a (z0 + z))).
 *
 * One is added to the resamples and a half to those below, so that a share of 0 or 1 has a quantile.
 *
 * @returns null below two values
 * @throws InvariantError for another level, or fewer than 100 resamples
 *
 * *Cost*: O(resamples x (n + cost of the statistic)). *Draws*: n for each resample.
 *
 * *Source*: Efron, Journal of the American Statistical Association 82 (1987) 171-185; Efron and Tibshirani (1993), 14.3.
 */
export function bcaBootstrap(
  values: readonly number[],
  options: BootstrapOptions,
): Interval | null {
  if (values.length < 2) return null;
  const replicates = resampled(values, options);
  const observed = options.statistic(values);
  let below = 0.5;
  for (const r of replicates) below += r < observed ? 1 : r === observed ? 0.5 : 0;
  const bias = normalQuantile(below / (replicates.length + 1));
  const acceleration = accelerationOf(values, options.statistic);
  const end = (p: number): number => {
    const z = bias + normalQuantile(p);
    const corrected = normalCdf(bias + z / (1 - acceleration * z));
    return sortedQuantile(replicates, corrected);
  };
  const alpha = 1 - options.level;
  return [end(alpha / 2), end(1 - alpha / 2)];
}

/**
 * Gives the q-quantile of sorted values by linear interpolation at (n - 1) q.
 *
 * @param sorted ascending, at least one
 * @param q from 0 to 1
 *
 * *Source*: Hyndman and Fan, The American Statistician 50 (1996), type 7.
 */
export function sortedQuantile(sorted: readonly number[], q: number): number {
  assert(sorted.length > 0 && q >= 0 && q <= 1, `no quantile ${q} of ${sorted.length} values`);
  const at = (sorted.length - 1) * q;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

function estimate(parts: {
  readonly n: number;
  readonly mean: number;
  readonly standardError: number;
  readonly degrees: number;
  readonly level: number;
}): Estimate {
  const { mean, standardError, degrees, level } = parts;
  assertLevel(level);
  const half = studentQuantile(1 - (1 - level) / 2, degrees) * standardError;
  const pValue =
    standardError === 0 ? (mean === 0 ? 1 : 0) : studentTwoSided(mean / standardError, degrees);
  return { ...parts, interval: [mean - half, mean + half], pValue };
}

function differencesOf(base: readonly number[], head: readonly number[]): number[] {
  assert(base.length === head.length, `no pairs of ${base.length} and ${head.length} values`);
  return head.map((value, i) => value - base[i]!);
}

function resampled(values: readonly number[], options: BootstrapOptions): readonly number[] {
  const { resamples, statistic, uniform } = options;
  assertLevel(options.level);
  assert(resamples >= 100, `a bootstrap needs at least 100 resamples, got ${resamples}`);
  const n = values.length;
  const drawn = new Array<number>(n);
  const replicates: number[] = [];
  for (let r = 0; r < resamples; r++) {
    for (let i = 0; i < n; i++) drawn[i] = values[Math.floor(uniform(r, i) * n)]!;
    replicates.push(statistic(drawn));
  }
  return replicates.sort((a, b) => a - b);
}

function accelerationOf(
  values: readonly number[],
  statistic: (values: readonly number[]) => number,
): number {
  const without = values.map((_, i) => statistic(values.filter((__, k) => k !== i)));
  const mean = momentsOf(without).mean!;
  let squares = 0;
  let cubes = 0;
  for (const value of without) {
    const apart = mean - value;
    squares += apart * apart;
    cubes += apart * apart * apart;
  }
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
}

function assertLevel(level: number): void {
  assert(level > 0 && level < 1, `a level must be in (0, 1), got ${level}`);
}
