/** 2^52. */
const LIMB = 0x10000000000000;

/**
 * Many sums of products of whole numbers, exact beyond 2^53: each is kept as high * 2^52 + low.
 *
 * *Guarantees*: exact while a value stays below 2^45; the result does not depend on the order of adding. *Price*: 16 bytes
 * a sum, a few ns a product; a product above 2^52 is split.
 */
export class ExactSums {
  private high: Float64Array;
  private low: Float64Array;

  constructor(count: number) {
    this.high = new Float64Array(count);
    this.low = new Float64Array(count);
  }

  get count(): number {
    return this.low.length;
  }

  /** Makes room for more sums, all zero. */
  grow(count: number): void {
    const high = new Float64Array(count);
    const low = new Float64Array(count);
    high.set(this.high);
    low.set(this.low);
    this.high = high;
    this.low = low;
  }

  /** Adds `value * span` to sum `i`; both whole and not negative. */
  addProduct(i: number, value: number, span: number): void {
    const product = value * span;
    if (product >= LIMB) {
      this.addLarge(i, value, span);
      return;
    }
    const low = this.low[i]! + product;
    if (low >= LIMB) {
      this.low[i] = low - LIMB;
      this.high[i]!++;
    } else this.low[i] = low;
  }

  private addLarge(i: number, value: number, span: number): void {
    const piece = Math.max(1, Math.floor((LIMB - 1) / value));
    for (let left = span; left > 0; left -= piece) {
      const product = value * Math.min(piece, left);
      const low = this.low[i]! + product;
      const carry = Math.floor(low / LIMB);
      this.low[i] = low - carry * LIMB;
      this.high[i]! += carry;
    }
  }

  /** The sum as a double: exact below 2^53, else rounded once. */
  value(i: number): number {
    return this.high[i]! * LIMB + this.low[i]!;
  }

  /** Adds sum `i` of another table to sum `j` of this one. */
  addFrom(other: ExactSums, i: number, j: number): void {
    const low = this.low[j]! + other.low[i]!;
    const carry = low >= LIMB ? 1 : 0;
    this.low[j] = low - carry * LIMB;
    this.high[j]! += other.high[i]! + carry;
  }

  /** Sets sum `i` to zero. */
  clear(i: number): void {
    this.high[i] = 0;
    this.low[i] = 0;
  }

  /** Sets sum `i` to minus what another table's sum `j` holds: a start from which later flushes count. */
  negate(i: number, other: ExactSums, j: number): void {
    this.high[i] = -other.high[j]!;
    this.low[i] = -other.low[j]!;
    if (this.low[i]! < 0) {
      this.low[i]! += LIMB;
      this.high[i]!--;
    }
  }
}
