import { parquetWriteBuffer } from 'hyparquet-writer';
import type { SeriesFile } from '../results/bundle.ts';
import { labelColumns } from './csv.ts';

/** Key of the file's metadata under which what no row can say is kept. */
const SERIES_KEY = 'orrery.series';
const SERIES_SCHEMA = 'orrery.series/1';

/**
 * Writes time series as a Parquet file: one row per series and bucket, columns `t_seconds, metric, <labels>, min, mean, max,
 * unit, kind`. Labels that a series lacks are null; counters are rates per second (unit `pods/s`); buckets that were not
 * observed have no row.
 *
 * The file's metadata hold under `orrery.series` what rows cannot say: width and number of buckets, the end, and the series
 * without any row. So the series can be read back exactly (`host/stored-series.ts`). The same series give the same bytes:
 * nothing but the data and a fixed creator goes in.
 *
 * *Order*: series as given, then time.
 */
export function seriesParquet(series: SeriesFile): Uint8Array {
  const labels = labelColumns(series);
  const seconds: number[] = [];
  const names: string[] = [];
  const units: string[] = [];
  const kinds: string[] = [];
  const unobserved: object[] = [];
  const cells: (string | null)[][] = labels.map(() => []);
  const values: { min: number[]; mean: number[]; max: number[] } = { min: [], mean: [], max: [] };
  for (const [index, s] of series.series.entries()) {
    const before = names.length;
    const unit = s.kind === 'counter' ? `${s.unit}/s` : s.unit;
    for (let i = 0; i < series.buckets; i++) {
      if (Number.isNaN(s.mean[i]!)) continue;
      seconds.push(i * series.bucketSeconds);
      names.push(s.name);
      units.push(unit);
      kinds.push(s.kind);
      for (let l = 0; l < labels.length; l++) cells[l]!.push(s.labels[labels[l]!] ?? null);
      values.min.push(s.min[i]!);
      values.mean.push(s.mean[i]!);
      values.max.push(s.max[i]!);
    }
    const { name, kind, labels: its } = s;
    if (names.length === before) unobserved.push({ index, name, kind, unit: s.unit, labels: its });
  }
  const { bucketSeconds, buckets, endSeconds } = series;
  const facts = { schema: SERIES_SCHEMA, bucketSeconds, buckets, endSeconds, unobserved };
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
      { name: 'kind', data: kinds, type: 'STRING', nullable: false },
    ],
    createdBy: 'orrery',
    kvMetadata: [{ key: SERIES_KEY, value: JSON.stringify(facts) }],
  });
  return new Uint8Array(buffer);
}
