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
 * *Guarantees*: as `Gauges`; a ratio without capacity is not an observation. *Price*: O(resources) a change.
 */
export class AllocationMeter {
  private readonly allocated: Float64Array;
  private readonly allocatable: Float64Array;
  private readonly sums: { readonly bucket: ExactSums; readonly run: ExactSums };
  private readonly bucketMin: Float64Array;
  private readonly bucketMax: Float64Array;
  readonly runMin: Float64Array;
  readonly runMax: Float64Array;
  readonly runMinAtUs: Float64Array;
  readonly runMaxAtUs: Float64Array;
  private lastUs = 0;

  /** @param columns resources, GPUs included */
  constructor(columns: number) {
    this.allocated = new Float64Array(columns);
    this.allocatable = new Float64Array(columns);
    this.sums = { bucket: new ExactSums(2 * columns), run: new ExactSums(2 * columns) };
    this.bucketMin = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    this.bucketMax = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.runMin = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
    this.runMax = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
    this.runMinAtUs = new Float64Array(columns);
    this.runMaxAtUs = new Float64Array(columns);
  }

  /** Accounts what was held until now; then the caller sets the new values with `hold`. */
  settle(nowUs: number): void {
    const span = nowUs - this.lastUs;
    if (span === 0) return;
    const { allocated, allocatable } = this;
    for (let r = 0; r < allocated.length; r++) {
      this.sums.bucket.addProduct(2 * r, allocated[r]!, span);
      this.sums.bucket.addProduct(2 * r + 1, allocatable[r]!, span);
      if (allocatable[r] === 0) continue;
      const ratio = allocated[r]! / allocatable[r]!;
      if (ratio < this.bucketMin[r]!) this.bucketMin[r] = ratio;
      if (ratio > this.bucketMax[r]!) this.bucketMax[r] = ratio;
      if (ratio < this.runMin[r]!) {
        this.runMin[r] = ratio;
        this.runMinAtUs[r] = this.lastUs;
      }
      if (ratio > this.runMax[r]!) {
        this.runMax[r] = ratio;
        this.runMaxAtUs[r] = this.lastUs;
      }
    }
    this.lastUs = nowUs;
  }

  /** The values of column `r` from now on. */
  hold(r: number, allocated: number, allocatable: number): void {
    this.allocated[r] = allocated;
    this.allocatable[r] = allocatable;
  }

  /** The ratio held now; null without capacity. */
  ratio(r: number): number | null {
    return this.allocatable[r] === 0 ? null : this.allocated[r]! / this.allocatable[r]!;
  }

  /** Starts the statistics of the run now. */
  startRun(nowUs: number): void {
    this.settle(nowUs);
    for (let i = 0; i < this.sums.run.count; i++) this.sums.run.negate(i, this.sums.bucket, i);
    this.runMin.fill(Number.POSITIVE_INFINITY);
    this.runMax.fill(Number.NEGATIVE_INFINITY);
  }

  /** Ends a bucket that began at `startUs`. */
  closeBucket(startUs: number, nowUs: number, visit: (r: number, span: RatioSpan) => void): void {
    this.settle(nowUs);
    const span = nowUs - startUs;
    const { bucket, run } = this.sums;
    for (let r = 0; r < this.allocated.length; r++) {
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
