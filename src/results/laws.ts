/**
 * The laws behind intervals: normal and Student's t. Cumulative probabilities and quantiles from log, exp and sqrt
 * alone, so that an interval is the same on every machine.
 *
 * Accuracy: probabilities within 1e-12 absolute, quantiles within 1e-10 relative, held against jstat and
 * published tables.
 */
import { assert } from '../base/assert.ts';
import { normalQuantile } from '../base/normal.ts';
import { logGamma } from '../base/numeric.ts';

export { normalQuantile };

const STEPS_MAX = 2000;
const TINY = 1e-300;
/** From here on Student's t is a corrected normal law to the last digit. */
const NEARLY_NORMAL = 1e6;

/** Gives P(Z <= z) of the standard normal law, by the incomplete gamma function of z^2 / 2. */
export function normalCdf(z: number): number {
  const tail = 0.5 * upperGammaRatio(0.5, (z * z) / 2);
  return z < 0 ? tail : 1 - tail;
}

/**
 * Gives P(T <= t) of Student's law.
 *
 * @param t any number; Infinity gives 1
 * @param degrees above 0, need not be whole
 * @throws InvariantError for other degrees
 *
 * *Source*: Abramowitz and Stegun 26.7.1: the upper tail is half the incomplete beta ratio at v / (v + t^2).
 */
export function studentCdf(t: number, degrees: number): number {
  const tail = studentTail(Math.abs(t), degrees);
  return t < 0 ? tail : 1 - tail;
}

/**
 * Gives P(|T| >= |t|) of Student's law: the p-value of a two-sided test, without cancellation in the tail.
 *
 * @throws InvariantError unless degrees are above 0
 */
export function studentTwoSided(t: number, degrees: number): number {
  return Math.min(1, 2 * studentTail(Math.abs(t), degrees));
}

/**
 * Gives the quantile of Student's law: t with P(T <= t) = p.
 *
 * @param p in (0, 1)
 * @param degrees at least 0.5, need not be whole
 * @throws InvariantError outside of these
 *
 * *Source*: root of {@link studentCdf} by bisection; from 10^6 degrees on Abramowitz and Stegun 26.7.5.
 */
export function studentQuantile(p: number, degrees: number): number {
  assertProbability(p);
  assert(degrees >= 0.5, `degrees of freedom must be at least 0.5, got ${degrees}`);
  if (p === 0.5) return 0;
  const z = normalQuantile(p);
  if (degrees >= NEARLY_NORMAL) {
    const z3 = z * z * z;
    const second = (5 * z3 * z * z + 16 * z3 + 3 * z) / (96 * degrees);
    return z + ((z3 + z) / 4 + second) / degrees;
  }
  const tail = Math.min(p, 1 - p);
  const size = rootOf((t) => tail - studentTail(t, degrees), Math.abs(z));
  return p < 0.5 ? -size : size;
}

/**
 * Gives the incomplete beta ratio I_x(a, b) by its continued fraction.
 *
 * @param x in [0, 1]
 * @param a above 0
 * @param b above 0
 *
 * *Source*: Abramowitz and Stegun 26.5.8, evaluated forward as by Lentz (1976).
 */
export function betaRatio(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast only below the mean of the law; beyond it the other side is computed.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaRatio(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * logOneMinus(x) - logBeta(a, b)) / a;
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m <= STEPS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * value;
}

/** P(T >= t) for t >= 0. */
function studentTail(t: number, degrees: number): number {
  assert(degrees > 0, `degrees of freedom must be above 0, got ${degrees}`);
  const square = t * t;
  if (square === Number.POSITIVE_INFINITY) return 0;
  if (degrees >= NEARLY_NORMAL) return normalCdf(-asNormal(t, degrees));
  // Near 0 the ratio is near 1, so the other side of the law keeps the digits.
  return square < degrees
    ? 0.5 - 0.5 * betaRatio(square / (degrees + square), 0.5, degrees / 2)
    : 0.5 * betaRatio(degrees / (degrees + square), degrees / 2, 0.5);
}

/** The normal deviate of the same probability, to first order in 1 / degrees (error below 1e-11 from 10^6 degrees on). */
function asNormal(t: number, degrees: number): number {
  return t - (t * t * t + t) / (4 * degrees);
}

/** log B(a, b); with one small argument without the cancellation of two large logarithms. */
function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (small !== 0.5 || large < 50) return logGamma(a) + logGamma(b) - logGamma(a + b);
  // log gamma(n + 1/2) - log gamma(n) = log(n) / 2 - 1 / 8n + 1 / 192n^3 - 1 / 640n^5 ..., DLMF 5.11.13.
  const cube = large * large * large;
  const ratio =
    0.5 * Math.log(large) - 1 / (8 * large) + 1 / (192 * cube) - 1 / (640 * cube * large * large);
  return 0.5 * Math.log(Math.PI) - ratio;
}

/** The upper incomplete gamma ratio Q(a, x): series of P below a + 1, continued fraction above; A. and S. 6.5.29, 6.5.31. */
function upperGammaRatio(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n <= STEPS_MAX && term > sum * 1e-17; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - front * sum;
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let i = 1; i <= STEPS_MAX; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / awayFromZero(an * d + b);
    c = awayFromZero(b + an / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return front * value;
}

/** The root of an increasing function on (0, Infinity): a bracket by doubling, then bisection to the last digit. */
function rootOf(f: (x: number) => number, start: number): number {
  let high = Math.max(start, 1e-8);
  while (f(high) < 0) high *= 2;
  let low = high;
  while (low > TINY && f(low) > 0) low /= 2;
  for (let i = 0; i < 80 && high - low > 1e-15 * high; i++) {
    const middle = low + (high - low) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return low + (high - low) / 2;
}

/** log(1 - x) without losing digits near 0: Kahan's correction, Higham (2002), 1.14.1. */
function logOneMinus(x: number): number {
  const rest = 1 - x;
  return rest === 1 ? -x : (Math.log(rest) * -x) / (rest - 1);
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

function assertProbability(p: number): void {
  assert(p > 0 && p < 1, `a probability must be in (0, 1), got ${p}`);
}
