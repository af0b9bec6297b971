import type { Series } from '../../results/bundle.ts';

/** A series on fewer buckets; peaks are kept. */
export interface Buckets {
  readonly min: Float64Array;
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

/** How a series file is cut into the buckets of a chart. */
export interface Grid {
  readonly count: number;
  /** Buckets of the file in one of the chart. */
  readonly group: number;
  readonly bucketSeconds: number;
  readonly endSeconds: number;
  /** Start of each bucket, seconds. */
  readonly starts: readonly number[];
  /** Until here numbers do not count for the run's statistics, seconds; charts shade it. */
  readonly warmupSeconds: number;
}

/**
 * Chooses the buckets of a chart: whole multiples of the file's.
 *
 * @param file bucket length, number and end of a series file
 * @param countMax at most this many
 * @param warmupSeconds of the run
 */
export function gridOf(
  file: { readonly bucketSeconds: number; readonly buckets: number; readonly endSeconds: number },
  countMax: number,
  warmupSeconds = 0,
): Grid {
  const group = Math.max(1, Math.ceil(file.buckets / countMax));
  const count = Math.ceil(file.buckets / group);
  const bucketSeconds = group * file.bucketSeconds;
  const starts = Array.from({ length: count }, (_, i) => i * bucketSeconds);
  return { count, group, bucketSeconds, endSeconds: file.endSeconds, starts, warmupSeconds };
}

/**
 * Puts a series on a grid: minimum of minima, mean of means, maximum of maxima, so that no peak is lost. Buckets that are
 * not finite (nothing observed) are left out; NaN where none is left.
 */
export function rebucket(series: Pick<Series, 'min' | 'mean' | 'max'>, grid: Grid): Buckets {
  const min = new Float64Array(grid.count).fill(Number.NaN);
  const mean = new Float64Array(grid.count).fill(Number.NaN);
  const max = new Float64Array(grid.count).fill(Number.NaN);
  for (let i = 0; i < grid.count; i++) {
    const end = Math.min((i + 1) * grid.group, series.mean.length);
    let sum = 0;
    let n = 0;
    for (let k = i * grid.group; k < end; k++) {
      if (!Number.isFinite(series.mean[k]!)) continue;
      sum += series.mean[k]!;
      min[i] = n === 0 ? series.min[k]! : Math.min(min[i]!, series.min[k]!);
      max[i] = n === 0 ? series.max[k]! : Math.max(max[i]!, series.max[k]!);
      n++;
    }
    if (n > 0) mean[i] = sum / n;
  }
  return { min, mean, max };
}
