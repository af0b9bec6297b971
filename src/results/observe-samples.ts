/** Statistics of samples: over the run, in windows, in the worst rolling window, of a lasting breach. */
import { ScenarioError } from '../base/errors.ts';
import type { DistributionEntry, DistributionsFile, MetricResult } from './bundle.ts';
import { labelText } from './catalog.ts';
import type { Threshold } from './expression.ts';
import { type Rolled, rolled, type SeriesScope, sideOf } from './observe-series.ts';
import {
  type MergedSamples,
  mergeSamples,
  type Observed,
  observeRun,
  statisticOf,
} from './samples.ts';
import { SlidingSamples } from './sliding-samples.ts';
import { bucketRuns, type NamedWindow, type Spans } from './spans.ts';
import { windowScope } from './thresholds.ts';

/** Finds distributions by metric, labels and scope. */
export class DistributionIndex {
  private readonly byKey = new Map<string, DistributionEntry[]>();
  private readonly file: DistributionsFile;

  constructor(file: DistributionsFile) {
    this.file = file;
    for (const entry of file.entries) {
      const key = keyOf(entry.metric, labelText(entry.labels), entry.scope);
      const found = this.byKey.get(key);
      if (found) found.push(entry);
      else this.byKey.set(key, [entry]);
    }
  }

  /** Gives the distributions of a result in a scope. In windows a cause alone is put together from all classes. */
  entriesOf(result: MetricResult, scope: string): readonly DistributionEntry[] {
    const { name, labels } = result;
    const found = this.byKey.get(keyOf(name, labelText(labels), scope));
    if (found) return found;
    const isCauseOnly = Object.keys(labels).join() === 'cause';
    if (!isCauseOnly || scope === 'run') return [];
    return this.file.entries.filter(
      (e) =>
        e.metric === name &&
        e.scope === scope &&
        e.labels.cause === labels.cause &&
        e.labels.class !== undefined,
    );
  }
}

function keyOf(metric: string, labels: string, scope: string): string {
  return `${metric}${labels} ${scope}`;
}

/** Where to look for samples. */
export interface SampleScope extends SeriesScope {
  readonly distributions: DistributionIndex;
  /** Windows for which distributions were kept. */
  readonly windows: readonly NamedWindow[];
}

/**
 * Observes samples.
 *
 * @param members results with disjoint label sets
 * @throws ScenarioError where a window was not asked for in the run and its ends cut through series buckets
 */
export function observeSamples(
  threshold: Threshold,
  members: readonly MetricResult[],
  scope: SampleScope,
): Observed {
  const { spans, distributions } = scope;
  const entriesIn = (name: string): DistributionEntry[] =>
    members.flatMap((m) => distributions.entriesOf(m, name));
  if (spans === null) return observeRun(threshold.stat, members, entriesIn('run'));
  const perBucket = (bucket: number): DistributionEntry[] => entriesIn(`bucket:${bucket}`);
  if (threshold.overSeconds !== null || threshold.forSeconds !== null) {
    return rolledSamples(threshold, scope, spans, perBucket);
  }
  const named = windowScope(threshold);
  if (scope.windows.some((w) => `window:${w.name}` === named)) {
    return statisticOf(threshold.stat, mergeSamples(entriesIn(named)));
  }
  refuseCut(threshold, spans, scope);
  const buckets = bucketRuns(spans, scope.index.file).flatMap(({ first, end }) =>
    Array.from({ length: end - first }, (_, i) => first + i),
  );
  return statisticOf(threshold.stat, mergeSamples(buckets.flatMap(perBucket)));
}

function refuseCut(threshold: Threshold, spans: Spans, { index }: SeriesScope): void {
  const { bucketSeconds, endSeconds } = index.file;
  const isBorder = (seconds: number): boolean =>
    seconds >= endSeconds || seconds % bucketSeconds === 0;
  // Peak and steady begin at borders; a whole run after an instant in the warm-up begins where that ends.
  if (spans.every((s) => isBorder(s.fromSeconds) && isBorder(s.untilSeconds))) return;
  throw new ScenarioError([
    {
      path: threshold.selector.text,
      value: JSON.stringify(threshold.expr),
      expected: `a window between series buckets of ${bucketSeconds} s: samples were kept by those`,
      hint: 'or write it into the scenario and run that again',
    },
  ]);
}

function rolledSamples(
  threshold: Threshold,
  scope: SeriesScope,
  spans: Spans,
  perBucket: (bucket: number) => readonly DistributionEntry[],
): Observed {
  const { stat } = threshold;
  const isUpper = sideOf(threshold) === 'upper';
  const bounds = new Map<number, Observed>();
  const note = (bucket: number, observed: Observed): number => {
    bounds.set(bucket, observed);
    if (observed.value === null) return Number.NaN;
    // What is only a lower bound misses every upper limit.
    return observed.isAtLeast && isUpper ? Number.POSITIVE_INFINITY : observed.value;
  };
  const merged = new Map<number, MergedSamples>();
  const ofOne = (bucket: number): MergedSamples => {
    const known = merged.get(bucket) ?? mergeSamples(perBucket(bucket));
    merged.set(bucket, known);
    return known;
  };
  const windows: Rolled = {
    ofWindows: (first, end, length) => {
      const sliding = new SlidingSamples();
      const values: number[] = [];
      for (let b = first; b < end; b++) {
        sliding.push(ofOne(b));
        if (sliding.length > length) sliding.shift();
        if (sliding.length < length) continue;
        const start = b - length + 1;
        values.push(note(start, statisticOf(stat, sliding.merged())));
      }
      return values;
    },
    ofBucket: (b) => note(b, statisticOf(stat, ofOne(b))),
  };
  const found = rolled(threshold, scope, spans, windows);
  if (found.value === null) return found;
  const bucket = Math.round(found.atSeconds! / scope.index.file.bucketSeconds);
  const { value, isAtLeast } = bounds.get(bucket)!;
  return found.value === Number.POSITIVE_INFINITY
    ? { ...found, value, isAtLeast: true }
    : { ...found, isAtLeast };
}
