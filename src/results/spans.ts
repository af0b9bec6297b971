/** Stretches of virtual time that thresholds look at, from their clauses and from what the run itself shows. */
import { InvariantError } from '../base/errors.ts';
import type { SeriesFile } from './bundle.ts';
import type { Clauses } from './clauses.ts';
import { mser5 } from './effort.ts';

/** Disjoint stretches, ascending, in seconds; each without its end. */
export type Spans = readonly {
  readonly fromSeconds: number;
  readonly untilSeconds: number;
}[];

/** A named stretch of virtual time: `name` as in `windowScope` behind `window:`. */
export interface NamedWindow {
  readonly name: string;
  /** Of `any` one per outage, overlaps joined. */
  readonly spans: Spans;
}

/** What tells where a run's windows lie. */
export interface TimeParts {
  readonly series: SeriesFile;
  /** Observed time: reached less warm-up, seconds. */
  readonly observedSeconds: number;
  readonly windows: readonly NamedWindow[];
}

const HOUR_SECONDS = 3600;

/**
 * Finds the stretches that a threshold looks at.
 *
 * @returns null for the whole run after its warm-up, without a clause that needs anything but the results themselves
 * @throws InvariantError where it names a window that `parts.windows` lacks
 */
export function spansOf(clauses: Clauses, parts: TimeParts): Spans | null {
  const { window, afterSeconds, overSeconds, forSeconds } = clauses;
  const isPlain = afterSeconds === null && overSeconds === null && forSeconds === null;
  if (window.kind === 'run' && isPlain) return null;
  const spans = windowSpans(clauses, parts);
  return afterSeconds === null ? spans : cutBefore(spans, afterSeconds);
}

function windowSpans({ window }: Clauses, parts: TimeParts): Spans {
  const endSeconds = parts.series.endSeconds;
  const warmupSeconds = endSeconds - parts.observedSeconds;
  switch (window.kind) {
    case 'run':
      return [{ fromSeconds: warmupSeconds, untilSeconds: endSeconds }];
    case 'interval':
      return [{ fromSeconds: window.fromSeconds, untilSeconds: window.untilSeconds }];
    case 'peak':
      return busyHour(parts.series, warmupSeconds);
    case 'steady':
      return steadyPart(parts.series, warmupSeconds);
    case 'outage': {
      const found = parts.windows.find((w) => w.name === window.name);
      if (!found) throw new InvariantError(`no window ${window.name} in this run`);
      return found.spans;
    }
  }
}

/** Keeps what lies at or after an instant, seconds. */
export function cutBefore(spans: Spans, afterSeconds: number): Spans {
  return spans
    .filter((s) => s.untilSeconds > afterSeconds)
    .map((s) => ({ ...s, fromSeconds: Math.max(s.fromSeconds, afterSeconds) }));
}

/** Joins spans that overlap or touch, for the window `any`. *Order*: ascending by start. */
export function joinSpans(spans: Spans): Spans {
  const sorted = [...spans].sort(
    (a, b) => a.fromSeconds - b.fromSeconds || a.untilSeconds - b.untilSeconds,
  );
  const joined: { fromSeconds: number; untilSeconds: number }[] = [];
  for (const span of sorted) {
    const last = joined.at(-1);
    if (last && span.fromSeconds <= last.untilSeconds) {
      last.untilSeconds = Math.max(last.untilSeconds, span.untilSeconds);
    } else joined.push({ ...span });
  }
  return joined;
}

/**
 * Finds the busy hour: the hour, in whole series buckets after the warm-up, in which most pods were in the system (running or
 * pending, mean over time); a shorter run counts whole.
 *
 * *Order*: the earliest of equals. *Source*: ITU-T E.600 (1993), 2.9 (busy hour).
 */
export function busyHour(file: SeriesFile, warmupSeconds: number): Spans {
  const { bucketSeconds, endSeconds } = file;
  const first = firstBucket(file, warmupSeconds);
  const pods = podsInSystem(file).slice(first);
  if (pods.length === 0) return [];
  const length = Math.min(pods.length, Math.max(1, Math.ceil(HOUR_SECONDS / bucketSeconds)));
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let start = 0; start + length <= pods.length; start++) {
    let sum = 0;
    for (let b = start; b < start + length; b++) sum += pods[b]!;
    if (sum > most) {
      most = sum;
      best = start;
    }
  }
  const fromSeconds = (first + best) * bucketSeconds;
  return [
    { fromSeconds, untilSeconds: Math.min(fromSeconds + length * bucketSeconds, endSeconds) },
  ];
}

/**
 * Finds the steady part: what MSER-5 leaves of the pods in the system, by series bucket after the warm-up. Nothing where the
 * run is too short to tell.
 */
export function steadyPart(file: SeriesFile, warmupSeconds: number): Spans {
  const { bucketSeconds, endSeconds } = file;
  const first = firstBucket(file, warmupSeconds);
  const cut = mser5(podsInSystem(file).slice(first));
  if (cut.isTooShort) return [];
  return [{ fromSeconds: (first + cut.truncated) * bucketSeconds, untilSeconds: endSeconds }];
}

function firstBucket(file: SeriesFile, warmupSeconds: number): number {
  return Math.ceil(warmupSeconds / file.bucketSeconds);
}

function podsInSystem(file: SeriesFile): number[] {
  const pods = new Array<number>(file.buckets).fill(0);
  for (const { name, labels, mean } of file.series) {
    const counts = name === 'pods_running' || name === 'pods_pending';
    if (!counts || Object.keys(labels).length > 0) continue;
    for (let b = 0; b < pods.length; b++) pods[b]! += Number.isNaN(mean[b]!) ? 0 : mean[b]!;
  }
  return pods;
}

/** Runs of whole buckets, `[first, end)`, that lie inside spans; the last bucket of a run may be short. */
export function bucketRuns(
  spans: Spans,
  file: SeriesFile,
): readonly { readonly first: number; readonly end: number }[] {
  const { bucketSeconds, buckets, endSeconds } = file;
  const runs: { first: number; end: number }[] = [];
  for (const span of spans) {
    const first = Math.max(0, Math.ceil(span.fromSeconds / bucketSeconds));
    const isToTheEnd = span.untilSeconds >= endSeconds;
    const end = isToTheEnd ? buckets : Math.floor(span.untilSeconds / bucketSeconds);
    if (first < end) runs.push({ first, end: Math.min(end, buckets) });
  }
  return runs;
}
