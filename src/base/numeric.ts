/** Numeric functions that the platform lacks, from operations that are bit-identical on every machine. */

/** Lanczos coefficients for g = 7, n = 9. */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406,
  12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/**
 * Computes the gamma function for positive arguments: gamma(n) = (n - 1)!.
 *
 * @param x from 1e-3 to 170; relative error below 1e-13 up to 20
 * @returns a finite number; Infinity above 171, NaN at and below 0
 *
 * *Source*: C. Lanczos, "A precision approximation of the gamma function" (1964), with Godfrey's coefficients.
 */
export function gammaFunction(x: number): number {
  if (!(x > 0)) return Number.NaN;
  // Below 1 by gamma(x) = gamma(x + 1) / x: the reflection formula would need a sine.
  if (x < 1) return gammaFunction(x + 1) / x;
  const z = x - 1;
  let series = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i]! / (z + i);
  const t = z + 7.5;
  return Math.exp((z + 0.5) * Math.log(t) - t) * Math.sqrt(2 * Math.PI) * series;
}

/**
 * Computes the logarithm of the gamma function for positive arguments, beyond where {@link gammaFunction} overflows.
 *
 * @param x above 0
 * @returns within 1e-14 of the truth, relative to max(1, |result|)
 *
 * *Source*: as {@link gammaFunction}.
 */
export function logGamma(x: number): number {
  // Below 1 by the recurrence, as above.
  if (x < 1) return logGamma(x + 1) - Math.log(x);
  const z = x - 1;
  let series = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) series += LANCZOS[i]! / (z + i);
  const t = z + 7.5;
  return (z + 0.5) * Math.log(t) - t + 0.5 * Math.log(2 * Math.PI) + Math.log(series);
}

/**
 * `part * 100 div whole`, exact for `part` of [0, whole] up to 2^49: above 2^53 / 100 the product is taken in two steps of ten.
 *
 * @param whole more than 0
 */
export function percentOf(part: number, whole: number): number {
  const product = part * 100;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / whole);
  const tens = Math.floor((part * 10) / whole);
  const rest = part * 10 - tens * whole;
  return tens * 10 + Math.floor((rest * 10) / whole);
}
