/** Batch means: long-run averages of one run with their standard errors. */

/** Rows at which neighbours are joined: afterwards there are half as many, twice as long. */
const ROWS_MAX = 512;

/** A mean and how far it may be off. */
export interface Estimate {
  readonly mean: number;
  readonly standardError: number;
  /** Where control variates took out scatter: the same average without them. */
  readonly plain?: Estimate;
}

/**
 * Sums over consecutive batches of equal length in time. When there are {@link ROWS_MAX} of them neighbours are joined, so
 * that batches grow with the run and become independent of each other. The first batch is the warm-up: it never counts.
 */
export class Batches {
  private rows: Float64Array[] = [];
  private readonly columns: number;
  /** Batches of the finest length that make one row now. */
  private perRow = 1;
  private filled = 0;

  /** @param columns quantities summed in each batch */
  constructor(columns: number) {
    this.columns = columns;
  }

  /** Rows that count. */
  get count(): number {
    return Math.max(0, this.rows.length - 1 - (this.filled > 0 ? 1 : 0));
  }

  /** Adds a finished batch of the finest length. */
  add(values: Float64Array): void {
    if (this.filled === 0) this.rows.push(new Float64Array(this.columns));
    const row = this.rows[this.rows.length - 1]!;
    for (let c = 0; c < this.columns; c++) row[c]! += values[c]!;
    this.filled++;
    if (this.filled < this.perRow) return;
    this.filled = 0;
    if (this.rows.length === ROWS_MAX) this.join();
  }

  private join(): void {
    const joined: Float64Array[] = [];
    for (let i = 0; i < this.rows.length; i += 2) {
      const next = this.rows[i + 1]!;
      joined.push(this.rows[i]!.map((x, c) => x + next[c]!));
    }
    this.rows = joined;
    this.perRow *= 2;
  }

  private column(c: number): number[] {
    return this.rows.slice(1, 1 + this.count).map((row) => row[c]!);
  }

  private sumOf(columns: readonly number[]): number[] {
    const [first, ...others] = columns.map((c) => this.column(c));
    return first!.map((x, i) => others.reduce((sum, other) => sum + other[i]!, x));
  }

  /**
   * The ratio of two sums, such as waiting time per pod.
   *
   * @param numerator a column, or several that are added
   * @param controls columns whose mean is exactly 0 in theory: what they explain of the scatter is taken out
   */
  ratio(
    numerator: number | readonly number[],
    denominator: number,
    controls: readonly number[] = [],
  ): Estimate {
    const tops = this.sumOf(typeof numerator === 'number' ? [numerator] : numerator);
    const bottoms = this.column(denominator);
    const n = tops.length;
    const bottom = bottoms.reduce((sum, x) => sum + x, 0);
    const mean = tops.reduce((sum, x) => sum + x, 0) / bottom;
    // Residuals of the ratio: their mean is 0, their scatter is the ratio's.
    const residuals = tops.map((top, i) => ((top - mean * bottoms[i]!) * n) / bottom);
    const used = controls.map((c) => this.column(c)).filter((xs) => xs.some((x) => x !== 0));
    if (used.length === 0) return { mean, standardError: standardError(residuals, 1) };
    const centres = used.map((xs) => xs.reduce((sum, x) => sum + x, 0) / n);
    const centred = used.map((xs, k) => xs.map((x) => x - centres[k]!));
    const slopes = regress(centred, residuals);
    let shift = 0;
    const left = residuals.slice();
    slopes.forEach((slope, k) => {
      shift += slope * centres[k]!;
      for (let i = 0; i < n; i++) left[i]! -= slope * centred[k]![i]!;
    });
    const inflation = Math.sqrt((n - 2) / Math.max(1, n - used.length - 2));
    return {
      mean: mean - shift,
      standardError: inflation * standardError(left, 1 + used.length),
    };
  }

  /** The mean of one column over its batches. */
  mean(column: number): Estimate {
    const values = this.column(column);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    return {
      mean,
      standardError: standardError(
        values.map((x) => x - mean),
        1,
      ),
    };
  }
}

/** The mean of independent samples. */
export function meanOf(samples: readonly number[]): Estimate {
  const mean = samples.reduce((sum, x) => sum + x, 0) / samples.length;
  return {
    mean,
    standardError: standardError(
      samples.map((x) => x - mean),
      1,
    ),
  };
}

function standardError(deviations: readonly number[], parameters: number): number {
  const n = deviations.length;
  if (n <= parameters + 1) return Number.POSITIVE_INFINITY;
  const squares = deviations.reduce((sum, x) => sum + x * x, 0);
  return Math.sqrt(squares / (n - parameters) / n);
}

/** Least squares without intercept, by Gauss elimination with pivots; columns that depend on others get slope 0. */
function regress(xs: readonly (readonly number[])[], y: readonly number[]): number[] {
  const d = xs.length;
  const scale = xs.map((x) => Math.sqrt(dot(x, x)) || 1);
  const rows = xs.map((x, i) => [
    ...xs.map((other, j) => dot(x, other) / (scale[i]! * scale[j]!)),
    dot(x, y) / scale[i]!,
  ]);
  const isPivot = new Array<boolean>(d).fill(false);
  for (let k = 0; k < d; k++) {
    if (rows[k]![k]! < 1e-9) continue;
    isPivot[k] = true;
    for (let i = 0; i < d; i++) {
      if (i === k) continue;
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j <= d; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return rows.map((row, k) => (isPivot[k] ? row[d]! / row[k]! / scale[k]! : 0));
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
