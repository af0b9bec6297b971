/** Samples of a rolling window: buckets come in at one end and leave at the other. */
import type { MergedSamples } from './samples.ts';

/**
 * Keeps the counts of a window's bins up to date as it rolls.
 *
 * *Guarantees*: counts are exact; sums and extremes are those of the buckets in it. *Price*: reading costs the bins between the
 * smallest and the largest seen.
 */
export class SlidingSamples {
  private readonly buckets: MergedSamples[] = [];
  private readonly counts = new Map<number, { count: number; censored: number }>();
  private head = 0;

  /** Buckets in the window. */
  get length(): number {
    return this.buckets.length - this.head;
  }

  /** Adds the next bucket. */
  push(bucket: MergedSamples): void {
    this.buckets.push(bucket);
    this.add(bucket, 1);
  }

  /** Drops the oldest bucket. */
  shift(): void {
    this.add(this.buckets[this.head]!, -1);
    this.head++;
  }

  /** Gives the samples of all buckets in the window. */
  merged(): MergedSamples {
    let n = 0;
    let sum = 0;
    let min: number | null = null;
    let max: number | null = null;
    for (let i = this.head; i < this.buckets.length; i++) {
      const bucket = this.buckets[i]!;
      n += bucket.n;
      sum += bucket.sum;
      if (bucket.min !== null && (min === null || bucket.min < min)) min = bucket.min;
      if (bucket.max !== null && (max === null || bucket.max > max)) max = bucket.max;
    }
    const bins = [...this.counts]
      .filter(([, bin]) => bin.count > 0)
      .map(([index, bin]) => ({ index, ...bin }))
      .sort((a, b) => a.index - b.index);
    const censored = bins.reduce((total, b) => total + b.censored, 0);
    return { n, censored, sum, min, max, bins };
  }

  private add(bucket: MergedSamples, sign: 1 | -1): void {
    for (const { index, count, censored } of bucket.bins) {
      const bin = this.counts.get(index) ?? { count: 0, censored: 0 };
      bin.count += sign * count;
      bin.censored += sign * censored;
      this.counts.set(index, bin);
    }
  }
}
