/** What a bundle's series say about one result, bucket by bucket, with what was left out because it is zero. */
import type { Labels, MetricResult, Series, SeriesFile } from './bundle.ts';
import { labelText } from './catalog.ts';

/** Values by series bucket; NaN where nothing was observed. Counters: rates per second. */
export interface Levels {
  readonly min: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly max: ArrayLike<number>;
}

/** Gauges that count something: where nobody put a value, nothing was there. */
const COUNTING_GAUGES: readonly string[] = ['nodes', 'pods_pending', 'pods_running'];

/** Finds series by name and labels. */
export class SeriesIndex {
  readonly file: SeriesFile;
  private readonly byKey = new Map<string, Series>();
  private readonly names = new Set<string>();

  constructor(file: SeriesFile) {
    this.file = file;
    for (const series of file.series) {
      this.byKey.set(series.name + labelText(series.labels), series);
      this.names.add(series.name);
    }
  }

  /** Tells whether the series of a result is stored, or is known to be zero. */
  has(result: MetricResult): boolean {
    return this.levelsOf(result) !== null;
  }

  /**
   * Gives the levels of a result. Series of single clusters that are zero throughout are not stored; they are zero here.
   *
   * @returns null where the file does not tell
   */
  levelsOf(result: MetricResult): Levels | null {
    const { name, kind, labels } = result;
    const found = this.byKey.get(name + labelText(labels));
    const isCount = kind === 'counter' || COUNTING_GAUGES.includes(name);
    if (found) return isCount ? withoutGaps(found) : found;
    if (name === 'nodes' && labels.state === undefined) return this.allStates(labels);
    if (!isCount || !this.names.has(name)) return null;
    const zero = new Float64Array(this.file.buckets);
    return { min: zero, mean: zero, max: zero };
  }

  /** Nodes of all states: only the mean adds up. */
  private allStates(labels: Labels): Levels | null {
    const mean = new Float64Array(this.file.buckets);
    let states = 0;
    for (const series of this.file.series) {
      const { state, ...rest } = series.labels;
      if (series.name !== 'nodes' || state === undefined) continue;
      if (labelText(rest) !== labelText(labels)) continue;
      states++;
      for (let b = 0; b < mean.length; b++) mean[b]! += filled(series.mean[b]!);
    }
    return states === 0 ? null : { min: mean, mean, max: mean };
  }
}

function withoutGaps(series: Series): Levels {
  if (!series.mean.some(Number.isNaN)) return series;
  const { min, mean, max } = series;
  return { min: min.map(filled), mean: mean.map(filled), max: max.map(filled) };
}

function filled(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

/** A bucket's part in a window. */
export interface BucketPart {
  readonly bucket: number;
  readonly startSeconds: number;
  /** How much of the bucket lies in the window. */
  readonly seconds: number;
}

/** Lists the buckets that overlap spans, in order of time. */
export function overlapsOf(
  spans: readonly { readonly fromSeconds: number; readonly untilSeconds: number }[],
  file: SeriesFile,
): BucketPart[] {
  const { bucketSeconds, buckets, endSeconds } = file;
  const parts: BucketPart[] = [];
  for (const span of spans) {
    const first = Math.max(0, Math.floor(span.fromSeconds / bucketSeconds));
    for (let bucket = first; bucket < buckets; bucket++) {
      const startSeconds = bucket * bucketSeconds;
      if (startSeconds >= span.untilSeconds) break;
      const from = Math.max(startSeconds, span.fromSeconds);
      const until = Math.min(startSeconds + bucketSeconds, endSeconds, span.untilSeconds);
      if (until > from) parts.push({ bucket, startSeconds, seconds: until - from });
    }
  }
  return parts;
}

/** Length of a bucket in seconds: the last may be short. */
export function bucketLength(file: SeriesFile, bucket: number): number {
  const start = bucket * file.bucketSeconds;
  return Math.max(0, Math.min(file.bucketSeconds, file.endSeconds - start));
}
