import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SeriesFile } from '../results/bundle.ts';
import { labelColumns } from './csv.ts';

/**
 * Writes time series as a Parquet file: one row per series and bucket, columns `t_seconds, metric, <labels>, min, mean, max,
 * unit`. Labels that a series lacks are null; counters are rates per second (unit `pods/s`); buckets before the first
 * observation have no row.
 *
 * The same series give the same bytes: nothing but the data and a fixed creator goes in.
 *
 * *Order*: series as given, then time.
 */
export function seriesParquet(series: SeriesFile): Uint8Array {
  const labels = labelColumns(series);
  const seconds: number[] = [];
  const names: string[] = [];
  const units: string[] = [];
  const cells: (string | null)[][] = labels.map(() => []);
  const values: { min: number[]; mean: number[]; max: number[] } = { min: [], mean: [], max: [] };
  for (const s of series.series) {
    const unit = s.kind === 'counter' ? `${s.unit}/s` : s.unit;
    for (let i = 0; i < series.buckets; i++) {
      if (!Number.isFinite(s.mean[i]!)) continue;
      seconds.push(i * series.bucketSeconds);
      names.push(s.name);
      units.push(unit);
      for (let l = 0; l < labels.length; l++) cells[l]!.push(s.labels[labels[l]!] ?? null);
      values.min.push(s.min[i]!);
      values.mean.push(s.mean[i]!);
      values.max.push(s.max[i]!);
    }
  }
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: 't_seconds', data: seconds, type: 'DOUBLE', nullable: false },
      { name: 'metric', data: names, type: 'STRING', nullable: false },
      ...labels.map((name, l) => ({
        name,
        data: cells[l]!,
        type: 'STRING' as const,
        nullable: true,
      })),
      { name: 'min', data: values.min, type: 'DOUBLE', nullable: false },
      { name: 'mean', data: values.mean, type: 'DOUBLE', nullable: false },
      { name: 'max', data: values.max, type: 'DOUBLE', nullable: false },
      { name: 'unit', data: units, type: 'STRING', nullable: false },
    ],
    createdBy: 'orrery',
  });
  return new Uint8Array(buffer);
}
