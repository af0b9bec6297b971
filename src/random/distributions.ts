/**
 * Samples the laws of `base/distribution.ts` by the inverse of their cumulative distribution: one uniform in, one value
 * out, nothing kept. So common random numbers work: the same u means the same luck under any parameters, and a longer
 * law gives a longer value.
 *
 * Only log, exp and sqrt are used: they are bit-identical on every supported Node, and a test of vectors guards it.
 */
import type { Distribution } from '../base/distribution.ts';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { gammaFunction, normalQuantile, oneMinusExp, relativeLog } from './special.ts';

/** One compiled law. Immutable. */
export interface Sampler {
  /** The exact mean of the law, in the unit of its parameters; no sample mean. */
  readonly mean: number;
  /**
   * Gives the value at a uniform draw, in the unit of the law's parameters, not rounded.
   *
   * @param u a double in (0, 1), best a multiple of 2^-53 as all our draws are: then 1 - u is exact
   * @returns a finite number of at least 0, non-decreasing in u up to rounding (but see {@link hyperexponential})
   */
  at(u: number): number;
}

/**
 * Compiles a law.
 *
 * @throws ScenarioError with every wrong parameter, path `<law>.<parameter>`, below the field that holds the law
 */
export function compileDistribution(d: Distribution): Sampler {
  switch (d.law) {
    case 'constant':
      return constant(d.value);
    case 'exponential':
      return exponential(d.mean);
    case 'lognormal':
      return lognormal(d.median, d.sigma);
    case 'weibull':
      return weibull(d.shape, d.scale);
    case 'truncated-pareto':
      return truncatedPareto(d.alpha, d.min, d.max);
    case 'hyperexponential':
      return hyperexponential(d.means, d.weights);
    case 'empirical':
      return empirical(d.points);
    default: {
      const unknown: never = d;
      const value = String((unknown as { law?: unknown }).law);
      throw new ScenarioError([{ path: 'law', value, expected: 'a known law' }]);
    }
  }
}

/**
 * Always the same value.
 *
 * @param value at least 0
 */
export function constant(value: number): Sampler {
  check([['constant.value', value, atLeastZero(value), 'a finite number of at least 0']]);
  return { mean: value, at: () => value };
}

/**
 * Exponential law: x = -mean log(1 - u).
 *
 * @param mean above 0
 * *Source*: inversion of F(x) = 1 - exp(-x / mean); L. Devroye, Non-Uniform Random Variate Generation (1986), II.2.
 */
export function exponential(mean: number): Sampler {
  check([['exponential.mean', mean, positive(mean), 'a finite number above 0']]);
  return {
    mean, // Zero minus, because the negative of log(1) would be -0.
    at: (u) => 0 - mean * Math.log(1 - u),
  };
}

/**
 * Lognormal law: x = median exp(sigma z), z the normal quantile of u; mean = median exp(sigma^2 / 2).
 *
 * @param median above 0
 * @param sigma standard deviation of log x, at least 0
 * *Source*: N. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 14.
 */
export function lognormal(median: number, sigma: number): Sampler {
  const mean = median * Math.exp((sigma * sigma) / 2);
  check([
    ['lognormal.median', median, positive(median), 'a finite number above 0'],
    ['lognormal.sigma', sigma, atLeastZero(sigma) && sigma <= 20, 'a number from 0 to 20'],
  ]);
  return { mean, at: (u) => median * Math.exp(sigma * normalQuantile(u)) };
}

/**
 * Weibull law: x = scale (-log(1 - u))^(1/shape), as exp(log(...) / shape); mean = scale Gamma(1 + 1/shape).
 *
 * @param shape 1 is exponential, below it failures come early; at least 0.01, so that the mean is finite
 * @param scale above 0
 * *Source*: N. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions 1 (1994), chapter 21.
 */
export function weibull(shape: number, scale: number): Sampler {
  check([
    ['weibull.shape', shape, positive(shape) && shape >= 0.01, 'a finite number of at least 0.01'],
    ['weibull.scale', scale, positive(scale), 'a finite number above 0'],
  ]);
  const exponent = 1 / shape;
  return {
    mean: scale * gammaFunction(1 + exponent),
    at: (u) => scale * Math.exp(exponent * Math.log(-Math.log(1 - u))),
  };
}

/**
 * Pareto law cut to [min, max]: F(x) = (1 - (min/x)^alpha) / (1 - r), r = (min/max)^alpha, so
 * x = min (1 - u (1 - r))^(-1/alpha). With phi(b) = (1 - exp(-b L)) / b, L = log(max/min), phi(0) = L:
 * mean = min alpha phi(alpha - 1) / (1 - r), which holds for alpha of 1 and below too.
 *
 * @param alpha tail exponent, above 0
 * @param min above 0
 * @param max at least `min`
 * *Source*: I. Aban, M. Meerschaert, A. Panorska, Parameter estimation for the truncated Pareto distribution (2006).
 */
export function truncatedPareto(alpha: number, min: number, max: number): Sampler {
  check([
    ['truncated-pareto.alpha', alpha, positive(alpha), 'a finite number above 0'],
    ['truncated-pareto.min', min, positive(min), 'a finite number above 0'],
    ['truncated-pareto.max', max, positive(max) && max >= min, 'a finite number of at least min'],
  ]);
  if (min === max) return { mean: min, at: () => min };
  const span = Math.log(max / min);
  const r = Math.exp(-alpha * span);
  const q = oneMinusExp(alpha * span);
  const phi = alpha === 1 ? span : oneMinusExp((alpha - 1) * span) / (alpha - 1);
  return {
    mean: (min * alpha * phi) / q,
    at: (u) => {
      // Two forms of log(1 - u q): the first keeps a short range exact, the second the last steps of a long tail.
      const t = r > 0.5 ? relativeLog(-u * q) : Math.log(1 - u + u * r);
      // Rounding of exp may step over the end by one unit in the last place.
      return Math.min(min * Math.exp(-t / alpha), max);
    },
  };
}

/**
 * Mixture of exponentials: the branch is chosen by u, the rest of u is stretched to (0, 1) and drawn from that branch.
 * NOT monotone in u: it starts again at 0 in each branch. Two runs still share their luck as long as the weights agree.
 * A branch of weight w leaves about 53 + log2(w) bits for its value.
 *
 * @param means each above 0
 * @param weights each at least 0, as many as means, sum 1 within 1e-9 (then divided by their sum)
 * *Source*: L. Devroye, Non-Uniform Random Variate Generation (1986), II.4 (composition).
 */
export function hyperexponential(means: readonly number[], weights: readonly number[]): Sampler {
  let total = 0;
  for (const weight of weights) total += weight;
  const sumsToOne = weights.every(atLeastZero) && Math.abs(total - 1) <= 1e-9;
  check([
    ['hyperexponential.means', means, means.every(positive), 'finite numbers above 0'],
    ['hyperexponential.weights', weights, sumsToOne, 'numbers of at least 0 with sum 1'],
    ['hyperexponential.weights', weights, weights.length === means.length, 'one weight per mean'],
  ]);
  const used = means.map((_, i) => i).filter((i) => weights[i] > 0);
  const starts: number[] = [];
  let start = 0;
  let mean = 0;
  for (const i of used) {
    starts.push(start);
    start += weights[i] / total;
    mean += means[i] * (weights[i] / total);
  }
  return {
    mean,
    at: (u) => {
      let k = used.length - 1;
      while (u < starts[k]) k--;
      const end = k + 1 < used.length ? starts[k + 1] : 1;
      const v = (u - starts[k]) / (end - starts[k]);
      return 0 - means[used[k]] * Math.log(v < 1 ? 1 - v : Number.EPSILON / 2);
    },
  };
}

/**
 * Straight lines between (quantile, value) points; mean = sum of (q1 - q0) (v0 + v1) / 2.
 *
 * @param points quantiles from 0 to 1 and values of at least 0, both non-decreasing; equal values make an atom, equal
 * quantiles a jump (at which the upper value is taken)
 * *Cost*: O(log points) per draw. *Source*: A. Law, Simulation Modeling and Analysis (2015), 8.3.16.
 */
export function empirical(points: readonly (readonly [number, number])[]): Sampler {
  const ends = points.length >= 2 && points[0][0] === 0 && points[points.length - 1][0] === 1;
  const sorted = points.every(
    ([q, v], i) => i === 0 || (q >= points[i - 1][0] && v >= points[i - 1][1]),
  );
  check([
    ['empirical.points', points, ends, 'at least two points, from quantile 0 to quantile 1'],
    ['empirical.points', points, sorted, 'quantiles and values that never decrease'],
    ['empirical.points', points, points.every(([, v]) => atLeastZero(v)), 'values of at least 0'],
  ]);
  const quantiles = Float64Array.from(points, ([q]) => q);
  const values = Float64Array.from(points, ([, v]) => v);
  let mean = 0;
  for (let i = 1; i < points.length; i++) {
    mean += (quantiles[i] - quantiles[i - 1]) * (values[i - 1] / 2 + values[i] / 2);
  }
  return { mean, at: (u) => interpolate(quantiles, values, u) };
}

/** The value at u on the line through the last quantile of at most u and the next one. */
function interpolate(quantiles: Float64Array, values: Float64Array, u: number): number {
  let low = 0;
  let high = quantiles.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (quantiles[middle] <= u) low = middle;
    else high = middle;
  }
  const share = (u - quantiles[low]) / (quantiles[high] - quantiles[low]);
  return Math.min(values[low] + (values[high] - values[low]) * share, values[high]);
}

const positive = (value: number): boolean => value > 0 && value < Number.POSITIVE_INFINITY;
const atLeastZero = (value: number): boolean => value >= 0 && value < Number.POSITIVE_INFINITY;

type Check = readonly [path: string, value: unknown, holds: boolean, expected: string];

/** Throws one ScenarioError with all checks that do not hold. */
function check(checks: readonly Check[]): void {
  const issues: Issue[] = [];
  for (const [path, value, holds, expected] of checks) {
    if (!holds) issues.push({ path, value: String(value).slice(0, 60), expected });
  }
  if (issues.length > 0) throw new ScenarioError(issues);
}
