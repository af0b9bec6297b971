/** 2^52. */
const LIMB = 0x10000000000000;
/** 2^26: half a limb. */
const HALF = 0x4000000;

/**
 * Many sums of products of whole numbers, exact beyond 2^53: each is kept as high * 2^52 + low.
 *
 * *Guarantees*: exact for factors below 2^52 and sums below 2^104; the result does not depend on the order of adding.
 * *Price*: 16 bytes a sum, a few ns a product; one above 2^52 is multiplied in halves, a dozen operations.
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

  /** Schoolbook multiplication in halves of 26 bits: no partial product passes 2^53. */
  private addLarge(i: number, value: number, span: number): void {
    const valueHigh = Math.floor(value / HALF);
    const valueLow = value - valueHigh * HALF;
    const spanHigh = Math.floor(span / HALF);
    const spanLow = span - spanHigh * HALF;
    this.high[i]! += valueHigh * spanHigh;
    this.addHalves(i, valueHigh * spanLow);
    this.addHalves(i, valueLow * spanHigh);
    this.addBelowLimb(i, valueLow * spanLow);
  }

  /** Adds `product` x 2^26. */
  private addHalves(i: number, product: number): void {
    const high = Math.floor(product / HALF);
    this.high[i]! += high;
    this.addBelowLimb(i, (product - high * HALF) * HALF);
  }

  private addBelowLimb(i: number, amount: number): void {
    const low = this.low[i]! + amount;
    const carry = low >= LIMB ? 1 : 0;
    this.low[i] = low - carry * LIMB;
    this.high[i]! += carry;
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
