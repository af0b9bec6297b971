/** Buckets of a page, and their bits. */
const BUCKETS = 1024;
const PAGES = 6;
/** Chains of a bucket: four walks at a time miss the cache together instead of one after the other. */
const CHAINS = 4;
/** 2^30: a calendar's instant is kept in two halves of 30 bits. */
const HALF = 0x40000000;
const INVERSE_HALF = 1 / HALF;
const HALF_MASK = HALF - 1;
/** The last microsecond that has a bucket of its own; whatever is later shares it. */
const LAST_US = Number.MAX_SAFE_INTEGER;
/** Earliest instant of a bucket whose earliest event was cancelled. */
const UNKNOWN = -1;

/**
 * The buckets of a calendar queue: heads of chains by page and digit of the instant, with a set of those in use.
 *
 * Page `l` holds instants that agree with the base in all digits above `l` (base 1,024) and differ in digit `l`; page 0 also
 * holds the base itself. *Guarantees*: every event of a page is before every event of the next; buckets of a page are in the
 * order of their instants. *Price*: O(1) to add, find, take; 29 bytes a bucket.
 */
export class PageIndex {
  static readonly BUCKETS = BUCKETS;
  /** Instant that the calendar stands at, whole microseconds. */
  baseUs = 0;
  /** Events by bucket, cancelled ones included. */
  readonly counts = new Int32Array(PAGES * BUCKETS);
  /** Earliest instant by bucket; -1 if not known, because that event was cancelled. */
  readonly earliest = new Float64Array(PAGES * BUCKETS).fill(Number.POSITIVE_INFINITY);
  private readonly heads = new Int32Array(PAGES * BUCKETS * CHAINS).fill(-1);
  /** First place of each chain of the bucket that `take` emptied, or -1. */
  readonly taken = new Int32Array(CHAINS).fill(-1);
  /** One bit a bucket, and one a word of those by page. */
  private readonly used = new Int32Array((PAGES * BUCKETS) / 32);
  private readonly usedWords = new Int32Array(PAGES);
  private baseHigh = 0;
  private baseLow = 0;

  /** Bytes of its columns. */
  get bytes(): number {
    return (
      this.counts.length * (12 + 4 * CHAINS) + this.used.byteLength + this.usedWords.byteLength
    );
  }

  /** Moves the base to an instant that no event precedes. */
  moveTo(atUs: number): void {
    this.baseUs = atUs;
    this.baseHigh = Math.floor(atUs * INVERSE_HALF);
    this.baseLow = atUs - this.baseHigh * HALF;
  }

  /** Bucket of an instant that is not before the base. */
  private bucketOf(atUs: number): number {
    const at = Math.min(atUs, LAST_US);
    const high = Math.floor(at * INVERSE_HALF);
    const low = Math.floor(at - high * HALF);
    let differing = high ^ this.baseHigh;
    let page = 0;
    let half = low;
    if (differing !== 0) {
      page = 3;
      half = high;
    } else differing = low ^ this.baseLow;
    // (bits above the first difference) / 10, for 0 to 29.
    const third = differing === 0 ? 0 : ((31 - Math.clz32(differing)) * 205) >> 11;
    return ((page + third) << 10) | ((half >>> (10 * third)) & (BUCKETS - 1));
  }

  /** Puts a place in front of a chain of its bucket. @returns the place behind it, or -1 */
  add(atUs: number, slot: number): number {
    const bucket = this.bucketOf(atUs);
    const chain = bucket * CHAINS + (slot & (CHAINS - 1));
    const next = this.heads[chain]!;
    this.heads[chain] = slot;
    const count = this.counts[bucket]!;
    this.counts[bucket] = count + 1;
    if (atUs < this.earliest[bucket]!) this.earliest[bucket] = atUs;
    if (count === 0) {
      const word = bucket >>> 5;
      this.used[word]! |= 1 << (bucket & 31);
      this.usedWords[bucket >>> 10]! |= 1 << (word & 31);
    }
    return next;
  }

  /** An event at an instant was cancelled: the earliest of its bucket may not be known any more. */
  lose(atUs: number): void {
    const bucket = this.bucketOf(atUs);
    if (this.earliest[bucket]! >= atUs) this.earliest[bucket] = UNKNOWN;
  }

  /** The first bucket in use, or -1. */
  first(): number {
    for (let page = 0; page < PAGES; page++) {
      const words = this.usedWords[page]!;
      if (words === 0) continue;
      const word = (page << 5) | lowestBit(words);
      return (word << 5) | lowestBit(this.used[word]!);
    }
    return -1;
  }

  /** The first bucket in use behind another (-1: of all), or -1. */
  next(bucket: number): number {
    for (let b = bucket + 1; b < PAGES * BUCKETS; b++) {
      if ((this.used[b >>> 5]! & (1 << (b & 31))) !== 0) return b;
    }
    return -1;
  }

  /** The first place of a chain of a bucket, or -1. @param chain 0 to 3 */
  headOf(bucket: number, chain: number): number {
    return this.heads[bucket * CHAINS + chain]!;
  }

  /** The first bucket in use behind another on its page, or -1. */
  nextOnPage(bucket: number): number {
    let word = bucket >>> 5;
    // Bits above the bucket's own; a shift by 32 would be none.
    const above = (bucket & 31) === 31 ? 0 : this.used[word]! & (-1 << ((bucket & 31) + 1));
    if (above !== 0) return (word << 5) | lowestBit(above);
    const page = bucket >>> 10;
    const within = word & 31;
    const words = within === 31 ? 0 : this.usedWords[page]! & (-1 << (within + 1));
    if (words === 0) return -1;
    word = (page << 5) | lowestBit(words);
    return (word << 5) | lowestBit(this.used[word]!);
  }

  /** Empties a bucket: its chains are in `taken`. */
  take(bucket: number): void {
    const { heads, taken } = this;
    for (let c = 0; c < CHAINS; c++) {
      taken[c] = heads[bucket * CHAINS + c]!;
      heads[bucket * CHAINS + c] = -1;
    }
    this.counts[bucket] = 0;
    this.earliest[bucket] = Number.POSITIVE_INFINITY;
    const word = bucket >>> 5;
    this.used[word]! &= ~(1 << (bucket & 31));
    if (this.used[word] === 0) this.usedWords[bucket >>> 10]! &= ~(1 << (word & 31));
  }

  /** Moves the base to the start of the first bucket in use. */
  standAt(bucket: number): void {
    const page = bucket >>> 10;
    const digit = bucket & (BUCKETS - 1);
    const third = page % 3;
    const above = third === 2 ? 0 : (-1 << (10 * third + 10)) & HALF_MASK;
    if (page >= 3) {
      this.baseHigh = (this.baseHigh & above) | (digit << (10 * third));
      this.baseLow = 0;
    } else this.baseLow = (this.baseLow & above) | (digit << (10 * third));
    this.baseUs = this.baseHigh * HALF + this.baseLow;
  }

  /** End of the bucket at whose start the base stands, microseconds. */
  endUs(bucket: number): number {
    const end = this.baseUs + WIDTHS_US[bucket >>> 10]!;
    return end > LAST_US ? Number.POSITIVE_INFINITY : end;
  }
}

/** Width of a bucket by page: 1 us, 1 ms, 1 s, 18 min, 12.7 days, 35.7 years. */
const WIDTHS_US = [1, 0x400, 0x100000, HALF, HALF * 0x400, HALF * 0x100000];

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}
