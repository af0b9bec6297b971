/** Reads `series.parquet` back: exactly the series that `reports/parquet.ts` wrote. */
import { parquetMetadata, parquetRead } from 'hyparquet';
import { ScenarioError } from '../base/errors.ts';
import type { Labels, MetricKind, Series, SeriesFile } from '../results/bundle.ts';

const SERIES_KEY = 'orrery.series';
const SERIES_SCHEMA = 'orrery.series/1';
const FIRST_COLUMNS = ['t_seconds', 'metric'];
const LAST_COLUMNS = ['min', 'mean', 'max', 'unit', 'kind'];
const KINDS: readonly string[] = ['counter', 'gauge', 'sample'] satisfies MetricKind[];
/** Buckets of one series at most, far above what a run makes: a damaged file must not ask for all memory. */
const BUCKETS_MAX = 10_000_000;

/** Column of the number of a replication; null in the rows of all together. */
const REPLICATION_COLUMN = 'replication';

/** What rows cannot say. */
interface SeriesFacts extends FileFacts {
  readonly schema: string;
  /** From two replications on, each by itself. */
  readonly replications?: readonly FileFacts[];
}

/** The same of one set of series. */
interface FileFacts {
  readonly bucketSeconds: number;
  readonly buckets: number;
  readonly endSeconds: number;
  readonly unobserved: readonly {
    readonly index: number;
    readonly name: string;
    readonly kind: MetricKind;
    readonly unit: string;
    readonly labels: Labels;
  }[];
}

type Columns = ReadonlyMap<string, readonly unknown[]>;

/** The series of a bundle, all replications together and each by itself. */
export interface StoredSeries {
  readonly series: SeriesFile;
  /** In the order of their numbers; none for a single replication. */
  readonly replications: readonly SeriesFile[];
}

/**
 * Decodes the series of a bundle.
 *
 * @param file as the user would name it, for errors
 * @returns equal to what was written, bit by bit, labels by name; buckets that were not observed are NaN
 * @throws ScenarioError (exit 3) for anything that is not a series file of this version
 *
 * *Order*: series as written, of which no two have the same name and labels. *Cost*: O(rows); all columns are held in memory.
 */
export async function decodeSeries(bytes: Uint8Array, file: string): Promise<StoredSeries> {
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { facts, columns } = await readColumns(buffer as ArrayBuffer, file);
  const numbers = columns.get(REPLICATION_COLUMN) ?? [];
  const rows = columns.get('metric')?.length ?? 0;
  const read = (own: FileFacts, range: Range): SeriesFile => {
    const { bucketSeconds, buckets, endSeconds, unobserved } = own;
    const series = gather({ columns, facts: own, range, file });
    for (const { index, ...empty } of unobserved) {
      series.splice(index, 0, { ...empty, ...blankValues(buckets) });
    }
    return { bucketSeconds, buckets, endSeconds, series };
  };
  const { replications } = facts;
  if (replications === undefined) {
    return { series: read(facts, { from: 0, until: rows }), replications: [] };
  }
  let until = 0;
  const next = (replication: number | null): Range => {
    const from = until;
    while (until < rows && (numbers[until] ?? null) === replication) until++;
    return { from, until };
  };
  const series = read(facts, next(null));
  const own = replications.map((one, r) => read(one, next(r)));
  if (until < rows) throw malformed(file, 'rows of replications in order');
  return { series, replications: own };
}

/** Rows of one set of series. */
interface Range {
  readonly from: number;
  readonly until: number;
}

async function readColumns(
  buffer: ArrayBuffer,
  file: string,
): Promise<{ facts: SeriesFacts; columns: Columns }> {
  const columns = new Map<string, unknown[]>();
  let facts: SeriesFacts | undefined;
  try {
    const metadata = parquetMetadata(buffer);
    const text = metadata.key_value_metadata?.find(({ key }) => key === SERIES_KEY)?.value;
    facts = text === undefined ? undefined : (JSON.parse(text) as SeriesFacts);
    if (metadata.num_rows > 0n) {
      await parquetRead({
        file: buffer,
        metadata,
        onChunk: ({ columnName, columnData, rowStart }) => {
          let column = columns.get(columnName);
          if (column === undefined) {
            column = new Array(Number(metadata.num_rows));
            columns.set(columnName, column);
          }
          for (let i = 0; i < columnData.length; i++) column[rowStart + i] = columnData[i];
        },
      });
    }
  } catch (error) {
    const hint = error instanceof Error ? error.message : String(error);
    throw malformed(file, 'a complete Parquet file', hint);
  }
  checkFacts(facts, file);
  return { facts, columns };
}

function checkFacts(facts: SeriesFacts | undefined, file: string): asserts facts is SeriesFacts {
  const isOurs =
    facts?.schema === SERIES_SCHEMA &&
    [facts, ...(facts.replications ?? [])].every(
      ({ buckets, bucketSeconds, endSeconds, unobserved }) =>
        Number.isSafeInteger(buckets) &&
        buckets >= 0 &&
        buckets <= BUCKETS_MAX &&
        bucketSeconds > 0 &&
        Number.isFinite(endSeconds) &&
        Array.isArray(unobserved),
    );
  if (isOurs) return;
  throw malformed(
    file,
    `metadata "${SERIES_KEY}" of schema ${SERIES_SCHEMA}`,
    'the bundle is of another version: run the scenario again',
  );
}

/** Cuts the rows into series: a new one begins where name, labels or kind change, or time goes back. */
function gather(what: {
  readonly columns: Columns;
  readonly facts: FileFacts;
  readonly range: Range;
  readonly file: string;
}): Series[] {
  const { columns, facts, range, file } = what;
  if (columns.size === 0) return [];
  const column = (name: string): readonly unknown[] => {
    const found = columns.get(name);
    if (found === undefined) throw malformed(file, `a column "${name}"`);
    return found;
  };
  const [seconds, names] = FIRST_COLUMNS.map(column) as [readonly number[], readonly string[]];
  const [mins, means, maxs, units, kinds] = LAST_COLUMNS.map(column);
  const others = [...FIRST_COLUMNS, REPLICATION_COLUMN, ...LAST_COLUMNS];
  const labelNames = [...columns.keys()].filter((name) => !others.includes(name));
  const labelCells = labelNames.map(column);
  const series: Series[] = [];
  let last = -1;
  const isNext = (row: number, bucket: number): boolean =>
    row > range.from &&
    bucket > last &&
    names[row] === names[row - 1] &&
    kinds![row] === kinds![row - 1] &&
    labelCells.every((cells) => cells[row] === cells[row - 1]);
  for (let row = range.from; row < range.until; row++) {
    const bucket = Math.round(seconds[row]! / facts.bucketSeconds);
    if (!(bucket >= 0 && bucket < facts.buckets)) throw malformed(file, 't_seconds of a bucket');
    if (!isNext(row, bucket)) {
      const kind = kinds![row] as MetricKind;
      if (!KINDS.includes(kind)) throw malformed(file, `a kind out of ${KINDS.join(', ')}`);
      const unit = units![row] as string;
      const labels: Record<string, string> = {};
      labelNames.forEach((label, l) => {
        const value = labelCells[l]![row];
        if (value !== null && value !== undefined) labels[label] = value as string;
      });
      series.push({
        name: names[row]!,
        kind,
        unit: kind === 'counter' ? unit.slice(0, -'/s'.length) : unit,
        labels,
        ...blankValues(facts.buckets),
      });
    }
    last = bucket;
    const current = series.at(-1)!;
    current.min[bucket] = mins![row] as number;
    current.mean[bucket] = means![row] as number;
    current.max[bucket] = maxs![row] as number;
  }
  return series;
}

function blankValues(buckets: number) {
  const blank = () => new Float64Array(buckets).fill(Number.NaN);
  return { min: blank(), mean: blank(), max: blank() };
}

function malformed(file: string, expected: string, hint?: string): ScenarioError {
  return new ScenarioError([{ file, path: '', expected, ...(hint ? { hint } : {}) }], 3);
}
