import { ExactSums } from './exact-sums.ts';

/** What one resource did in a bucket: absolute means, and the exact extremes of the ratio. */
export interface RatioSpan {
  readonly allocatedMean: number;
  readonly allocatableMean: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Allocation of each resource over time: integrals of allocated and allocatable, and the exact extremes of their ratio.
 * The last column is GPUs, in thousandths of a device.
 *
 * *Guarantees*: as `Gauges`; a ratio without capacity is not an observation. *Price*: a product and two comparisons a column
 * that changed; capacity is only looked at when it changes, because between its changes the extremes of the ratio are those of
 * what is allocated.
 */
export class AllocationMeter {
  private readonly allocated: Float64Array;
  private readonly allocatable: Float64Array;
  private readonly sums: { readonly bucket: ExactSums; readonly run: ExactSums };
  /** Since when what is held now is held, by column. */
  private readonly allocatedSinceUs: Float64Array;
  private readonly allocatableSinceUs: Float64Array;
  /** Extremes of what was allocated since they were last folded into ratios, and when they began. */
  private readonly least: Float64Array;
  private readonly leastAtUs: Float64Array;
  private readonly most: Float64Array;
  private readonly mostAtUs: Float64Array;
  private readonly bucketMin: Float64Array;
  private readonly bucketMax: Float64Array;
  readonly runMin: Float64Array;
  readonly runMax: Float64Array;
  readonly runMinAtUs: Float64Array;
  readonly runMaxAtUs: Float64Array;

  /** @param columns resources, GPUs included */
  constructor(columns: number) {
    this.allocated = new Float64Array(columns);
    this.allocatable = new Float64Array(columns);
    this.sums = { bucket: new ExactSums(2 * columns), run: new ExactSums(2 * columns) };
    this.allocatedSinceUs = new Float64Array(columns);
    this.allocatableSinceUs = new Float64Array(columns);
    this.least = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    this.leastAtUs = new Float64Array(columns);
    this.most = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.mostAtUs = new Float64Array(columns);
    this.bucketMin = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    this.bucketMax = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.runMin = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    this.runMax = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.runMinAtUs = new Float64Array(columns);
    this.runMaxAtUs = new Float64Array(columns);
  }

  /** Sets the values of column `r` from now on. */
  hold(r: number, allocated: number, allocatable: number, nowUs: number): void {
    if (allocatable !== this.allocatable[r]) {
      this.fold(r, nowUs);
      this.allocatable[r] = allocatable;
    }
    if (allocated === this.allocated[r]) return;
    this.settle(r, nowUs);
    this.allocated[r] = allocated;
  }

  /** Accounts what column `r` has had allocated until now. */
  private settle(r: number, nowUs: number): void {
    const sinceUs = this.allocatedSinceUs[r]!;
    if (nowUs === sinceUs) return;
    const allocated = this.allocated[r]!;
    this.sums.bucket.addProduct(2 * r, allocated, nowUs - sinceUs);
    this.allocatedSinceUs[r] = nowUs;
    if (allocated < this.least[r]!) {
      this.least[r] = allocated;
      this.leastAtUs[r] = sinceUs;
    }
    if (allocated > this.most[r]!) {
      this.most[r] = allocated;
      this.mostAtUs[r] = sinceUs;
    }
  }

  /** Accounts both sides of column `r` until now, and makes ratios of the extremes since the last fold. */
  private fold(r: number, nowUs: number): void {
    this.settle(r, nowUs);
    const allocatable = this.allocatable[r]!;
    const span = nowUs - this.allocatableSinceUs[r]!;
    this.sums.bucket.addProduct(2 * r + 1, allocatable, span);
    this.allocatableSinceUs[r] = nowUs;
    if (allocatable > 0 && this.least[r]! <= this.most[r]!) {
      const min = this.least[r]! / allocatable;
      const max = this.most[r]! / allocatable;
      if (min < this.bucketMin[r]!) this.bucketMin[r] = min;
      if (max > this.bucketMax[r]!) this.bucketMax[r] = max;
      if (min < this.runMin[r]!) {
        this.runMin[r] = min;
        this.runMinAtUs[r] = this.leastAtUs[r]!;
      }
      if (max > this.runMax[r]!) {
        this.runMax[r] = max;
        this.runMaxAtUs[r] = this.mostAtUs[r]!;
      }
    }
    this.least[r] = Number.POSITIVE_INFINITY;
    this.most[r] = Number.NEGATIVE_INFINITY;
  }

  /** The ratio held now; null without capacity. */
  ratio(r: number): number | null {
    return this.allocatable[r] === 0 ? null : this.allocated[r]! / this.allocatable[r]!;
  }

  /** Starts the statistics of the run now. */
  startRun(nowUs: number): void {
    for (let r = 0; r < this.allocated.length; r++) this.fold(r, nowUs);
    for (let i = 0; i < this.sums.run.count; i++) this.sums.run.negate(i, this.sums.bucket, i);
    this.runMin.fill(Number.POSITIVE_INFINITY);
    this.runMax.fill(Number.NEGATIVE_INFINITY);
  }

  /** Ends a bucket that began at `startUs`. */
  closeBucket(startUs: number, nowUs: number, visit: (r: number, span: RatioSpan) => void): void {
    const span = nowUs - startUs;
    const { bucket, run } = this.sums;
    for (let r = 0; r < this.allocated.length; r++) {
      this.fold(r, nowUs);
      if (span > 0) {
        visit(r, {
          allocatedMean: bucket.value(2 * r) / span,
          allocatableMean: bucket.value(2 * r + 1) / span,
          min: this.bucketMin[r]!,
          max: this.bucketMax[r]!,
        });
      }
      for (let i = 2 * r; i <= 2 * r + 1; i++) {
        run.addFrom(bucket, i, i);
        bucket.clear(i);
      }
      this.bucketMin[r] = Number.POSITIVE_INFINITY;
      this.bucketMax[r] = Number.NEGATIVE_INFINITY;
    }
  }

  /** Integrals over the run, grains x microseconds; buckets must be closed. */
  integrals(r: number): { readonly allocated: number; readonly allocatable: number } {
    return { allocated: this.sums.run.value(2 * r), allocatable: this.sums.run.value(2 * r + 1) };
  }
}
