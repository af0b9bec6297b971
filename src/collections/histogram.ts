/**
 * Quantiles with a stated error bound, from a histogram over the bins of `base/bins.ts`.
 *
 * Guarantees: a quantile is within `RELATIVE_ERROR` of the sample at that rank; n, min and max are exact; sums
 * of whole numbers are exact (two limbs, value x count below 2^52) and so independent of order, and so is their variance
 * (three limbs, sum of squares below 2^104); merging equals recording everything in one histogram, in any order, for all of
 * these. Price: counts in pages of eight bins, made when first
 * used, and a table with one entry per page between the lowest and the highest. Memory is bounded by the occupied bins
 * (128 per octave: 2,000 bins are about 20 KB), never by n; one value costs about 0.8 KB, none 0.3 KB.
 */
import { binMiddle, binOf, LAST_BIN } from '../base/bins.ts';
import { InvariantError, ScenarioError } from '../base/errors.ts';

/** A histogram as plain data: the fields of a result's distribution entry. */
export interface HistogramData {
  /** Bin indices, ascending, without repetition. */
  readonly bins: readonly number[];
  /** Count of each bin, whole numbers above 0. */
  readonly counts: readonly number[];
  readonly sum: number;
  /** Null exactly when there are no bins. */
  readonly min: number | null;
  readonly max: number | null;
  /** Absent where it was not kept: then it is taken from the middles of the bins. */
  readonly variance?: number;
}

/** Bins of a page, as a shift. */
const PAGE_SHIFT = 3;
const PAGE_BINS = 1 << PAGE_SHIFT;
const NO_PAGES = new Int32Array(0);
const NO_COUNTS = new Float64Array(0);
const TWO_26 = 67108864;
const TWO_52 = 4503599627370496;

/** Slots of a histogram's accumulators; up to eight doubles are kept beside the object, without a buffer of their own. */
const N = 0;
const SUM_LOW = 1;
const SUM_HIGH = 2;
const MIN = 3;
const MAX = 4;
/** The sum of squares in limbs of 1, 2^26 and 2^52, which may be larger than what the next one counts in. */
const SQUARES_LOW = 5;
const SQUARES_MIDDLE = 6;
const SQUARES_HIGH = 7;

/** A mergeable histogram of non-negative numbers; see the header for guarantees and price. */
export class Histogram {
  /** Number of the first page in the table. */
  private firstPage = 0;
  /** Where each page starts in `counts`; 0 for none. */
  private starts = NO_PAGES;
  /** Count of bin 0 at 0, then the pages in the order in which they were opened. */
  private counts = NO_COUNTS;
  /** Length of the used part of `counts`. */
  private used = 0;
  /** n, sum in two limbs of 2^52, min and max, squares in three limbs. */
  private readonly moments = new Float64Array(8);

  /**
   * Adds a value.
   *
   * @param value a finite number of at least 0
   * @param count how often, a whole number above 0
   * @throws InvariantError if either is not so
   *
   * *Cost*: O(1), about 10 ns; no allocation but when the table doubles.
   */
  record(value: number, count = 1): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY && count > 0)) reject(value, count);
    if (count !== 1 && !Number.isSafeInteger(count)) reject(value, count);
    const m = this.moments;
    if (m[N] === 0) {
      m[MIN] = value;
      m[MAX] = value;
    } else if (value < m[MIN]) m[MIN] = value;
    else if (value > m[MAX]) m[MAX] = value;
    m[N] += count;
    const low = m[SUM_LOW] + value * count;
    m[SUM_LOW] = low;
    if (low >= TWO_52) this.carry();
    if (value < TWO_26) m[SQUARES_LOW] += value * value * count;
    else {
      // (a 2^26 + b)^2 = a^2 2^52 + 2 a b 2^26 + b^2
      const a = Math.floor(value / TWO_26);
      const b = value - a * TWO_26;
      m[SQUARES_LOW] += b * b * count;
      m[SQUARES_MIDDLE] += 2 * a * b * count;
      m[SQUARES_HIGH] += a * a * count;
      if (m[SQUARES_MIDDLE] >= TWO_52) this.carrySquares();
    }
    if (m[SQUARES_LOW] >= TWO_52) this.carrySquares();
    this.add(binOf(value), count);
  }

  /**
   * Adds all values of another histogram, which is not changed.
   *
   * *Order*: nothing depends on the order of merges where values are whole numbers; of others the sum and the variance do
   * in their last digits. *Cost*: O(slots of the other).
   */
  merge(other: Histogram): void {
    const o = other.moments;
    if (o[N] === 0) return;
    const m = this.moments;
    if (m[N] === 0) {
      m[MIN] = o[MIN];
      m[MAX] = o[MAX];
    }
    m[SQUARES_LOW] += o[SQUARES_LOW];
    m[SQUARES_MIDDLE] += o[SQUARES_MIDDLE];
    m[SQUARES_HIGH] += o[SQUARES_HIGH];
    this.carrySquares();
    m[SUM_HIGH] += o[SUM_HIGH];
    m[SUM_LOW] += o[SUM_LOW];
    if (m[SUM_LOW] >= TWO_52) this.carry();
    m[MIN] = Math.min(m[MIN], o[MIN]);
    m[MAX] = Math.max(m[MAX], o[MAX]);
    m[N] += o[N];
    // Merged with itself, a histogram adds to bins that are there: nothing moves under the loop.
    other.each((bin, count) => this.add(bin, count));
  }

  /** Number of values recorded. */
  get n(): number {
    return this.moments[N];
  }

  /** Sum of all values, rounded once; 0 when empty. */
  get sum(): number {
    return this.moments[SUM_HIGH] * TWO_52 + this.moments[SUM_LOW];
  }

  /** Smallest value, exact; null when empty. */
  get min(): number | null {
    return this.moments[N] === 0 ? null : this.moments[MIN];
  }

  /** Largest value, exact; null when empty. */
  get max(): number | null {
    return this.moments[N] === 0 ? null : this.moments[MAX];
  }

  /** Mean of all values, divided once; null when empty. */
  get mean(): number | null {
    return this.moments[N] === 0 ? null : this.sum / this.moments[N];
  }

  /**
   * Population variance (divided by n) in the square of the unit, at least 0; null when empty. Of whole numbers it is exact
   * but for one rounding; of others small spreads around a large mean cancel.
   */
  get variance(): number | null {
    const m = this.moments;
    const n = m[N];
    if (n === 0) return null;
    if (isWhole(m)) {
      const sum = (BigInt(m[SUM_HIGH]) << 52n) + BigInt(m[SUM_LOW]);
      const spread = BigInt(n) * squaresOf(m) - sum * sum;
      return Math.max(0, Number(spread) / n / n);
    }
    const squares = m[SQUARES_HIGH] * TWO_52 + m[SQUARES_MIDDLE] * TWO_26 + m[SQUARES_LOW];
    const mean = this.sum / n;
    return Math.max(0, squares / n - mean * mean);
  }

  /**
   * Estimates the sample at rank ceil(q n) of all samples in ascending order: the middle of its bin, kept in [min, max];
   * the first and the last rank are exact.
   *
   * @param q from 0 (the minimum) to 1; q n counts as whole within 4 units in its last place, so that 0.07 of 100
   * samples is the seventh
   * @returns null when empty
   * @throws InvariantError if q is not in [0, 1]
   *
   * *Cost*: O(pages and bins).
   */
  quantile(q: number): number | null {
    if (!(q >= 0 && q <= 1)) throw new InvariantError(`a quantile must be in [0, 1], got ${q}`);
    const m = this.moments;
    const n = m[N];
    if (n === 0) return null;
    const rank = Math.ceil(q * n * (1 - 4 * Number.EPSILON));
    if (rank <= 1) return m[MIN];
    if (rank >= n) return m[MAX];
    let seen = 0;
    let bin = -1;
    this.each((next, count) => {
      if (seen < rank) bin = next;
      seen += count;
    });
    return Math.min(Math.max(binMiddle(bin), m[MIN]), m[MAX]);
  }

  /**
   * Counts the samples above a value: exactly where the value is outside [min, max), else all samples in bins above
   * the value's own bin. So samples above it by less than 2 `RELATIVE_ERROR` may be missed, none is counted that
   * is not above.
   */
  countAbove(value: number): number {
    const m = this.moments;
    if (m[N] === 0 || value >= m[MAX]) return 0;
    if (value < m[MIN]) return m[N];
    const own = binOf(value);
    let above = 0;
    this.each((bin, count) => {
      if (bin > own) above += count;
    });
    return above;
  }

  /** Copies the occupied bins, ascending, and their counts: what {@link fromBins} takes. */
  toBins(): { bins: number[]; counts: number[] } {
    const bins: number[] = [];
    const counts: number[] = [];
    this.each((bin, count) => {
      bins.push(bin);
      counts.push(count);
    });
    return { bins, counts };
  }

  /**
   * Rebuilds a histogram from plain data, such as a distribution entry of a bundle.
   *
   * @throws ScenarioError (exit 3) if bins or counts are not as {@link HistogramData} says
   */
  static fromBins(data: HistogramData): Histogram {
    const { bins, counts, min, max } = data;
    checkData(data);
    const made = new Histogram();
    if (min === null || max === null) return made;
    for (let i = 0; i < bins.length; i++) {
      made.record(Math.min(Math.max(binMiddle(bins[i]), min), max), counts[i]);
    }
    const m = made.moments;
    const spread = data.variance ?? made.variance ?? 0;
    m[MIN] = min;
    m[MAX] = max;
    m[SUM_HIGH] = 0;
    m[SUM_LOW] = data.sum;
    made.carry();
    made.setSpread(spread);
    return made;
  }

  /** Sets the sum of squares, once n and the sum are there. @param spread the variance */
  private setSpread(spread: number): void {
    const m = this.moments;
    const n = m[N];
    m[SQUARES_MIDDLE] = 0;
    m[SQUARES_HIGH] = 0;
    m[SQUARES_LOW] = 0;
    if (!isWhole(m) || !Number.isFinite(spread * n * n)) {
      m[SQUARES_LOW] = spread * n + this.sum * (this.sum / n);
      return;
    }
    // n (sum of squares) - sum^2 = n^2 variance: of whole numbers both sides are whole.
    const sum = (BigInt(m[SUM_HIGH]) << 52n) + BigInt(m[SUM_LOW]);
    const squares = (BigInt(Math.round(spread * n * n)) + sum * sum) / BigInt(n);
    m[SQUARES_LOW] = Number(squares & (BigInt(TWO_52) - 1n));
    m[SQUARES_HIGH] = Number(squares >> 52n);
  }

  /** Moves whole multiples to the high limb of the squares; exact. */
  private carrySquares(): void {
    const m = this.moments;
    const low = Math.floor(m[SQUARES_LOW] / TWO_52);
    m[SQUARES_LOW] -= low * TWO_52;
    const middle = Math.floor(m[SQUARES_MIDDLE] / TWO_26);
    m[SQUARES_MIDDLE] -= middle * TWO_26;
    m[SQUARES_HIGH] += low + middle;
  }

  /** Moves whole multiples of 2^52 from the low limb of the sum to the high one; exact. */
  private carry(): void {
    const m = this.moments;
    const limbs = Math.floor(m[SUM_LOW] / TWO_52);
    m[SUM_HIGH] += limbs;
    m[SUM_LOW] -= limbs * TWO_52;
  }

  private add(bin: number, count: number): void {
    const page = (bin >> PAGE_SHIFT) - this.firstPage;
    const start = page >= 0 && page < this.starts.length ? this.starts[page] : 0;
    if (start !== 0 && bin !== 0) this.counts[start + (bin & (PAGE_BINS - 1))] += count;
    else this.addSlowly(bin, count);
  }

  /** Adds to bin 0 or to a page that is not there yet: the one place where a histogram allocates. */
  private addSlowly(bin: number, count: number): void {
    if (this.used + PAGE_BINS > this.counts.length) {
      const wider = new Float64Array(Math.max(2 * this.counts.length, 2 * PAGE_BINS));
      wider.set(this.counts);
      this.counts = wider;
    }
    if (this.used === 0) this.used = PAGE_BINS;
    if (bin === 0) {
      this.counts[0] += count;
      return;
    }
    const page = bin >> PAGE_SHIFT;
    this.reach(page);
    this.starts[page - this.firstPage] = this.used;
    this.counts[this.used + (bin & (PAGE_BINS - 1))] = count;
    this.used += PAGE_BINS;
  }

  /** Widens the table to a page, and by half on that side, so that a slow drift does not copy it each time. */
  private reach(page: number): void {
    const { starts, firstPage } = this;
    const length = starts.length;
    if (length === 0) {
      this.firstPage = page;
      this.starts = new Int32Array(1);
      return;
    }
    if (page >= firstPage && page < firstPage + length) return;
    const below = page < firstPage;
    const first = below ? Math.max(0, page - (length >> 1)) : firstPage;
    const end = below ? firstPage + length : page + 1 + (length >> 1);
    this.starts = new Int32Array(end - first);
    this.starts.set(starts, firstPage - first);
    this.firstPage = first;
  }

  /** Visits the occupied bins in ascending order. */
  private each(visit: (bin: number, count: number) => void): void {
    const { starts, counts, firstPage } = this;
    if (this.used > 0 && counts[0] > 0) visit(0, counts[0]);
    for (let page = 0; page < starts.length; page++) {
      const start = starts[page];
      if (start === 0) continue;
      for (let k = 0; k < PAGE_BINS; k++) {
        const count = counts[start + k];
        if (count > 0) visit(((firstPage + page) << PAGE_SHIFT) + k, count);
      }
    }
  }
}

/** True if only whole numbers were recorded, and sums are below what limbs hold. */
function isWhole(moments: Float64Array): boolean {
  for (let i = SUM_LOW; i < moments.length; i++) {
    if (!Number.isSafeInteger(moments[i])) return false;
  }
  return true;
}

function squaresOf(m: Float64Array): bigint {
  const low = BigInt(m[SQUARES_LOW]) + (BigInt(m[SQUARES_MIDDLE]) << 26n);
  return low + (BigInt(m[SQUARES_HIGH]) << 52n);
}

function reject(value: number, count: number): never {
  throw new InvariantError(
    `a histogram takes finite values of at least 0, a whole number of times: got ${value} x ${count}`,
  );
}

/** Refuses data that no histogram can have written. */
function checkData({ bins, counts, sum, min, max, variance }: HistogramData): void {
  const refuse = (path: string, expected: string) => {
    throw new ScenarioError([{ path, expected }], 3);
  };
  if (bins.length !== counts.length) refuse('counts', 'one count per bin');
  const ascending = bins.every(
    (bin, i) => Number.isInteger(bin) && bin <= LAST_BIN && bin > (i === 0 ? -1 : bins[i - 1]),
  );
  if (!ascending) refuse('bins', 'ascending bin indices');
  if (!counts.every((count) => Number.isSafeInteger(count) && count > 0)) {
    refuse('counts', 'whole numbers above 0');
  }
  const finite = Number.isFinite(sum) && sum >= 0 && (variance === undefined || variance >= 0);
  if (!finite) refuse('sum', 'a finite sum and variance of at least 0');
  if (bins.length === 0) {
    if (min !== null || max !== null || sum !== 0)
      refuse('bins', 'bins for the values that it has');
    return;
  }
  const inside =
    min !== null && max !== null && binOf(min) === bins[0] && binOf(max) === bins[bins.length - 1];
  if (!inside) refuse('min', 'min and max in the first and last bin');
}
