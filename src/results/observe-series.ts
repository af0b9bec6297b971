/** Statistics of gauges and counters: over the run, in windows, in the worst rolling window, of a lasting breach. */
import type { MetricResult } from './bundle.ts';
import type { Threshold } from './expression.ts';
import { bucketLength, type Levels, overlapsOf, type SeriesIndex } from './levels.ts';
import {
  rollingExtremes,
  rollingSums,
  type Side,
  sustained,
  type Worst,
  worseOf,
  worstWindow,
} from './rolling.ts';
import { NOTHING, type Observed } from './samples.ts';
import { bucketRuns, type Spans } from './spans.ts';

/** Where to look. */
export interface SeriesScope {
  readonly index: SeriesIndex;
  /** Null for the whole run. */
  readonly spans: Spans | null;
  /** The base of rates over the whole run, seconds. */
  readonly observedSeconds: number;
}

/** Tells which way a threshold can be missed. */
export function sideOf(threshold: Threshold): Side {
  return threshold.cmp === '>' || threshold.cmp === '>=' ? 'lower' : 'upper';
}

/** Observes a gauge. */
export function observeGauge(
  threshold: Threshold,
  gauge: MetricResult,
  scope: SeriesScope,
): Observed {
  const { spans, index } = scope;
  if (spans === null) return gaugeInRun(threshold, gauge);
  const levels = index.levelsOf(gauge);
  if (levels === null) return NOTHING;
  if (threshold.overSeconds === null && threshold.forSeconds === null) {
    return gaugeInSpans(threshold, levels, scope, spans);
  }
  return rolled(threshold, scope, spans, {
    ofWindows: (first, end, length) =>
      gaugeWindows(threshold, levels, index, { first, end, length }),
    ofBucket: (b) =>
      levels[
        threshold.stat.name === 'min' ? 'min' : threshold.stat.name === 'max' ? 'max' : 'mean'
      ][b]!,
  });
}

function gaugeInRun(threshold: Threshold, gauge: MetricResult): Observed {
  switch (threshold.stat.name) {
    case 'min':
      return { value: gauge.min, isAtLeast: false, atSeconds: gauge.minAtSeconds };
    case 'max':
      return { value: gauge.max, isAtLeast: false, atSeconds: gauge.maxAtSeconds };
    case 'twavg':
      return { value: gauge.mean, isAtLeast: false, atSeconds: null };
    default:
      return { value: gauge.last, isAtLeast: false, atSeconds: null };
  }
}

function gaugeInSpans(
  threshold: Threshold,
  levels: Levels,
  { index }: SeriesScope,
  spans: Spans,
): Observed {
  // A bucket before the first observation holds no number.
  const parts = overlapsOf(spans, index.file).filter((p) => !Number.isNaN(levels.mean[p.bucket]!));
  if (parts.length === 0) return NOTHING;
  const stat = threshold.stat.name;
  if (stat === 'twavg') {
    let area = 0;
    let seconds = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const part of parts) {
      const level = levels.mean[part.bucket]!;
      area += level * part.seconds;
      seconds += part.seconds;
      low = Math.min(low, level);
      high = Math.max(high, level);
    }
    return { value: clamp(area / seconds, low, high), isAtLeast: false, atSeconds: null };
  }
  if (stat === 'min' || stat === 'max') {
    let best = parts[0]!;
    const value = (p: typeof best): number => levels[stat][p.bucket]!;
    for (const part of parts) {
      if (stat === 'min' ? value(part) < value(best) : value(part) > value(best)) best = part;
    }
    return { value: value(best), isAtLeast: false, atSeconds: best.startSeconds };
  }
  // The last value inside a window is known only to a bucket: its mean.
  return { value: levels.mean[parts.at(-1)!.bucket]!, isAtLeast: false, atSeconds: null };
}

function gaugeWindows(
  threshold: Threshold,
  levels: Levels,
  index: SeriesIndex,
  run: { readonly first: number; readonly end: number; readonly length: number },
): number[] {
  const buckets = Array.from({ length: run.end - run.first }, (_, i) => run.first + i);
  const stat = threshold.stat.name;
  if (stat === 'min' || stat === 'max') {
    return rollingExtremes(
      buckets.map((b) => levels[stat][b]!),
      run.length,
      stat === 'max',
    );
  }
  const seconds = buckets.map((b) =>
    Number.isNaN(levels.mean[b]!) ? 0 : bucketLength(index.file, b),
  );
  const areas = buckets.map((b, i) => (seconds[i] === 0 ? 0 : levels.mean[b]! * seconds[i]!));
  const lengths = rollingSums(seconds, run.length);
  const means = buckets.map((b) => levels.mean[b]!);
  const low = rollingExtremes(means, run.length, false);
  const high = rollingExtremes(means, run.length, true);
  return rollingSums(areas, run.length).map((area, i) =>
    clamp(area / lengths[i]!, low[i]!, high[i]!),
  );
}

/** Takes rounding out of a mean: a level that never changes is its own mean. NaN stays. */
function clamp(mean: number, low: number, high: number): number {
  return Math.min(Math.max(mean, low), high);
}

/** Observes counters of several label sets, added up. */
export function observeCounters(
  threshold: Threshold,
  members: readonly MetricResult[],
  scope: SeriesScope,
): Observed {
  const { spans, index } = scope;
  const isRate = threshold.stat.name === 'rate';
  const { isExact } = threshold.selector.metric;
  if (spans === null) {
    let total = 0;
    for (const member of members) if (member.sum !== null) total += member.sum;
    return totalOf(total, scope.observedSeconds, { isRate, isExact });
  }
  const rates = ratesOf(members, index);
  if (rates === null) return NOTHING;
  if (threshold.overSeconds === null && threshold.forSeconds === null) {
    const parts = overlapsOf(spans, index.file);
    const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
    if (seconds === 0) return NOTHING;
    const total = parts.reduce((sum, part) => sum + rates[part.bucket]! * part.seconds, 0);
    return totalOf(total, seconds, { isRate, isExact });
  }
  const counted = (b: number): number => rates[b]! * bucketLength(index.file, b);
  return rolled(threshold, scope, spans, {
    ofWindows: (first, end, length) => {
      const buckets = Array.from({ length: end - first }, (_, i) => first + i);
      const sums = rollingSums(buckets.map(counted), length).map((sum) =>
        isExact ? nearestWhole(sum) : sum,
      );
      if (!isRate) return sums;
      const seconds = rollingSums(
        buckets.map((b) => bucketLength(index.file, b)),
        length,
      );
      return sums.map((sum, i) => sum / seconds[i]!);
    },
    ofBucket: (b) => (isRate ? rates[b]! : isExact ? nearestWhole(counted(b)) : counted(b)),
  });
}

function ratesOf(members: readonly MetricResult[], index: SeriesIndex): Float64Array | null {
  const rates = new Float64Array(index.file.buckets);
  for (const member of members) {
    const levels = index.levelsOf(member);
    if (levels === null) return null;
    for (let b = 0; b < rates.length; b++) rates[b]! += levels.mean[b]!;
  }
  return rates;
}

function totalOf(
  total: number,
  seconds: number,
  { isRate, isExact }: { readonly isRate: boolean; readonly isExact: boolean },
): Observed {
  if (isRate && seconds === 0) return NOTHING;
  const whole = isExact ? nearestWhole(total) : total;
  return { value: isRate ? whole / seconds : whole, isAtLeast: false, atSeconds: null };
}

/** Undoes the rounding of rate x time; a window across a bucket's border may rightly give a fraction. */
function nearestWhole(total: number): number {
  const whole = Math.round(total);
  return Math.abs(total - whole) <= 1e-6 * Math.max(1, whole) ? whole : total;
}

/** How to get the values of rolling windows, and of single buckets, in a run of buckets. */
export interface Rolled {
  ofWindows(first: number, end: number, length: number): readonly number[];
  ofBucket(bucket: number): number;
}

/**
 * Observes the worst rolling window of `over`, or the level sustained for the time of `for`. Where nothing lasted that long
 * in what was observed, a breach cannot have: the threshold holds without a value.
 */
export function rolled(
  threshold: Threshold,
  { index }: SeriesScope,
  spans: Spans,
  { ofWindows, ofBucket }: Rolled,
): Observed {
  const { file } = index;
  const side = sideOf(threshold);
  const isOver = threshold.overSeconds !== null;
  const length = Math.max(
    1,
    Math.round((threshold.overSeconds ?? threshold.forSeconds!) / file.bucketSeconds),
  );
  let worst: Worst | null = null;
  let isObserved = false;
  for (const { first, end } of bucketRuns(spans, file)) {
    if (isOver) {
      worst = worseOf(worst, worstWindow(ofWindows(first, end, length), side, first), side);
      continue;
    }
    const values = Array.from({ length: end - first }, (_, i) => ofBucket(first + i));
    isObserved ||= values.some((value) => !Number.isNaN(value));
    worst = worseOf(worst, sustained(values, length, side, first), side);
  }
  if (worst === null) return isObserved ? { ...NOTHING, holds: true } : NOTHING;
  return { value: worst.value, isAtLeast: false, atSeconds: worst.bucket * file.bucketSeconds };
}
