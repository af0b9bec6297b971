/** Special functions from log, exp and sqrt alone, so that their results are the same on every supported Node. */

/** The quantile of the normal law lives in base/, where results/ may use it too. */
export { normalQuantile } from '../base/normal.ts';
/** The gamma function lives in base/, where scenario/ may use it too. */
export { gammaFunction } from '../base/numeric.ts';

/**
 * Gives 1 - exp(-x) without losing digits near 0.
 *
 * *Source*: W. Kahan's correction, in N. Higham, Accuracy and Stability of Numerical Algorithms (2002), 1.14.1.
 */
export function oneMinusExp(x: number): number {
  const e = Math.exp(-x);
  if (e === 1) return x;
  const difference = 1 - e;
  // Far from 0 the plain difference is exact enough, and log(0) or log(Infinity) is no correction.
  return Math.abs(x) > 1 ? difference : (difference * x) / -Math.log(e);
}

/**
 * Gives log(1 + x), x above -1, without losing digits near 0.
 *
 * *Source*: W. Kahan's correction, as for {@link oneMinusExp}.
 */
export function relativeLog(x: number): number {
  const sum = 1 + x;
  return sum === 1 ? x : (Math.log(sum) * x) / (sum - 1);
}
