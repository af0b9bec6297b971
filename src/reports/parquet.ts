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
 * With `replications` a column `replication` follows the labels: null in the rows of `series`, then 0, 1, 2 and so on.
 *
 * The file's metadata hold under `orrery.series` what rows cannot say: width and number of buckets, the end, and the series
 * without any row. So the series can be read back exactly (`host/stored-series.ts`). The same series give the same bytes:
 * nothing but the data and a fixed creator goes in.
 *
 * *Order*: series as given, then time.
 */
export function seriesParquet(
  series: SeriesFile,
  replications: readonly SeriesFile[] = [],
): Uint8Array {
  const files = [series, ...replications];
  const labels = [...new Set(files.flatMap(labelColumns))].sort();
  const rows = new Rows(labels);
  const [facts, ...others] = files.map((file, f) => {
    const { bucketSeconds, buckets, endSeconds } = file;
    return { bucketSeconds, buckets, endSeconds, unobserved: rows.add(file, f - 1) };
  });
  const more = replications.length === 0 ? {} : { replications: others };
  const buffer = parquetWriteBuffer({
    columnData: rows.columns(replications.length > 0),
    createdBy: 'orrery',
    // Bounds of pages that nobody seeks in would take half of the time.
    statistics: false,
    kvMetadata: [
      { key: SERIES_KEY, value: JSON.stringify({ schema: SERIES_SCHEMA, ...facts, ...more }) },
    ],
  });
  return new Uint8Array(buffer);
}

/** Columns that grow row by row. */
class Rows {
  private readonly labels: readonly string[];
  private readonly seconds: number[] = [];
  private readonly names: string[] = [];
  private readonly units: string[] = [];
  private readonly kinds: string[] = [];
  private readonly numbers: (number | null)[] = [];
  private readonly cells: (string | null)[][];
  private readonly values: { min: number[]; mean: number[]; max: number[] } = {
    min: [],
    mean: [],
    max: [],
  };

  constructor(labels: readonly string[]) {
    this.labels = labels;
    this.cells = labels.map(() => []);
  }

  /** Adds all rows of some series. @returns the series without any */
  add(file: SeriesFile, replication: number): object[] {
    const { labels, seconds, names, units, kinds, numbers, cells, values } = this;
    const unobserved: object[] = [];
    for (const [index, s] of file.series.entries()) {
      const before = names.length;
      const unit = s.kind === 'counter' ? `${s.unit}/s` : s.unit;
      for (let i = 0; i < file.buckets; i++) {
        if (Number.isNaN(s.mean[i]!)) continue;
        seconds.push(i * file.bucketSeconds);
        names.push(s.name);
        units.push(unit);
        kinds.push(s.kind);
        numbers.push(replication < 0 ? null : replication);
        for (let l = 0; l < labels.length; l++) cells[l]!.push(s.labels[labels[l]!] ?? null);
        values.min.push(s.min[i]!);
        values.mean.push(s.mean[i]!);
        values.max.push(s.max[i]!);
      }
      const { name, kind, labels: its } = s;
      if (names.length === before)
        unobserved.push({ index, name, kind, unit: s.unit, labels: its });
    }
    return unobserved;
  }

  columns(areNumbered: boolean) {
    const { labels, seconds, names, units, kinds, numbers, cells, values } = this;
    const text = (name: string, data: (string | null)[], nullable: boolean) => ({
      name,
      data,
      type: 'STRING' as const,
      nullable,
    });
    const double = (name: string, data: number[]) => ({
      name,
      data,
      type: 'DOUBLE' as const,
      nullable: false,
    });
    const replication = {
      name: 'replication',
      data: numbers,
      type: 'INT32' as const,
      nullable: true,
    };
    return [
      double('t_seconds', seconds),
      text('metric', names, false),
      ...labels.map((name, l) => text(name, cells[l]!, true)),
      ...(areNumbered ? [replication] : []),
      double('min', values.min),
      double('mean', values.mean),
      double('max', values.max),
      text('unit', units, false),
      text('kind', kinds, false),
    ];
  }
}
