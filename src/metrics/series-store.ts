import type { Labels, MetricKind, Series } from '../results/bundle.ts';

interface OpenSeries {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly labels: Labels;
  min: Float64Array;
  mean: Float64Array;
  max: Float64Array;
}

/**
 * Time series by bucket, one minimum, mean and maximum each. A bucket that nobody put is zero for counters and absent (NaN in
 * the column, null in files) for gauges.
 */
export class SeriesStore {
  private readonly all: OpenSeries[] = [];
  private readonly capacity: number;

  /** @param buckets buckets of the whole run */
  constructor(buckets: number) {
    this.capacity = buckets;
  }

  /** Opens a series; returns its number. */
  open(name: string, kind: MetricKind, unit: string, labels: Labels): number {
    const fill = kind === 'counter' ? 0 : Number.NaN;
    this.all.push({
      name,
      kind,
      unit,
      labels,
      min: new Float64Array(this.capacity).fill(fill),
      mean: new Float64Array(this.capacity).fill(fill),
      max: new Float64Array(this.capacity).fill(fill),
    });
    return this.all.length - 1;
  }

  /** Sets one bucket of one series. */
  put(series: number, bucket: number, min: number, mean: number, max: number): void {
    const entry = this.all[series]!;
    entry.min[bucket] = min;
    entry.mean[bucket] = mean;
    entry.max[bucket] = max;
  }

  /** The series cut to the buckets that were reached, in order of opening. */
  take(buckets: number): Series[] {
    return this.all.map((s) => ({
      ...s,
      min: s.min.subarray(0, buckets),
      mean: s.mean.subarray(0, buckets),
      max: s.max.subarray(0, buckets),
    }));
  }
}
