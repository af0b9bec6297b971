/** Plain statistics for the tests of generators. */

/**
 * Chi-square of counts in equal cells, as a number of standard deviations from its mean (Wilson-Hilferty): above 4 has
 * probability 3e-5.
 */
export function chiSquareDeviations(counts: readonly number[] | Float64Array): number {
  let n = 0;
  for (const count of counts) n += count;
  const expected = n / counts.length;
  let chi2 = 0;
  for (const count of counts) chi2 += ((count - expected) * (count - expected)) / expected;
  const df = counts.length - 1;
  const spread = 2 / (9 * df);
  return (Math.cbrt(chi2 / df) - (1 - spread)) / Math.sqrt(spread);
}

/** Counts uniform values in equal cells of (0, 1). */
export function cellCounts(values: Iterable<number>, cells: number): Float64Array {
  const counts = new Float64Array(cells);
  for (const u of values) counts[Math.floor(u * cells)]++;
  return counts;
}

/** Pearson correlation times sqrt(n): a standard normal number where the pairs are independent. */
export function correlationDeviations(x: readonly number[], y: readonly number[]): number {
  const n = x.length;
  const meanX = x.reduce((a, b) => a + b, 0) / n;
  const meanY = y.reduce((a, b) => a + b, 0) / n;
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < n; i++) {
    xy += (x[i] - meanX) * (y[i] - meanY);
    xx += (x[i] - meanX) * (x[i] - meanX);
    yy += (y[i] - meanY) * (y[i] - meanY);
  }
  return (xy / Math.sqrt(xx * yy)) * Math.sqrt(n);
}

/** The values of `at` at 0, 1, ... n - 1. */
export function series(n: number, at: (i: number) => number): number[] {
  return Array.from({ length: n }, (_, i) => at(i));
}
