/**
 * Verdicts of thresholds on a finished run.
 *
 * What a selector matches is put together by kind: counters of several label sets add up, samples are merged, gauges must
 * hold in each. `by` splits first, and every group must hold; `where` names the worst. In a window samples come from the
 * distribution of that scope, gauges and counters from the series buckets that overlap it (a border inside a bucket
 * takes the whole bucket's minimum and maximum, and its mean in proportion).
 *
 * One replication: pass or fail, nothing between. `verdicts-over-replications.ts` puts several together.
 */
import { InvariantError } from '../base/errors.ts';
import type {
  DistributionsFile,
  Labels,
  MetricResult,
  SeriesFile,
  ThresholdResult,
} from './bundle.ts';
import { compareLabels, unitOf } from './catalog.ts';
import { findCause, sentenceOf } from './cause.ts';
import type { Comparison, Threshold } from './expression.ts';
import { formatInstant } from './quantity.ts';
import { type Observed, observeSamples } from './samples.ts';
import { selectResults } from './selector.ts';
import { windowScope } from './thresholds.ts';

/** A named stretch of virtual time: `name` as in `windowScope` behind `window:`. */
export interface NamedWindow {
  readonly name: string;
  /** Disjoint, ascending; `any` has one per outage, overlaps joined. */
  readonly spans: readonly {
    readonly fromSeconds: number;
    readonly untilSeconds: number;
  }[];
}

/** The parts of a bundle that verdicts need. */
export interface VerdictParts {
  readonly metrics: readonly MetricResult[];
  readonly series: SeriesFile;
  readonly distributions: DistributionsFile;
  /** Observed time: reached less warm-up, seconds; the base of rates. */
  readonly observedSeconds: number;
  readonly windows: readonly NamedWindow[];
}

type Spans = NamedWindow['spans'];
interface Group {
  readonly labels: Labels;
  readonly members: readonly MetricResult[];
}
interface Candidate extends Observed {
  readonly labels: Labels;
  readonly isMet: boolean;
}

/**
 * Evaluates thresholds in the given order.
 *
 * @param thresholds from `parseThresholds`
 * @param parts of one finished run
 * @returns one result per threshold
 * @throws InvariantError where a threshold names a window that `parts.windows` lacks
 */
export function evaluateThresholds(
  thresholds: readonly Threshold[],
  parts: VerdictParts,
): ThresholdResult[] {
  return thresholds.map((threshold) => evaluate(threshold, parts));
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

function evaluate(threshold: Threshold, parts: VerdictParts): ThresholdResult {
  const { selector } = threshold;
  const spans = spansOf(threshold, parts);
  const named = parts.metrics.filter((m) => m.name === selector.metric.name);
  const groups = groupsOf(selectResults(named, selector, threshold.by), threshold);
  const candidates = groups.map((group) => {
    const observed = observe(threshold, group, parts, spans);
    return { ...observed, labels: group.labels, isMet: isMet(threshold, observed) };
  });
  const worst = worstOf(candidates, threshold.cmp);
  const isEmpty = worst === null || candidates.every((c) => c.value === null);
  const passes = isEmpty ? threshold.allowEmpty : candidates.every((c) => c.isMet);
  const cluster = worst?.labels.cluster ?? null;
  const unit = unitIn(threshold, worst?.labels ?? {});
  return {
    metric: selector.text,
    expr: threshold.expr,
    verdict: passes ? 'pass' : 'fail',
    observed: worst?.value ?? null,
    observedIsAtLeast: worst?.isAtLeast ?? false,
    unit,
    bound: threshold.bound,
    ci: null,
    where: isEmpty ? emptyText(candidates.length) : whereText(worst!),
    why: passes || isEmpty ? null : whyText(selector.metric.name, cluster, parts.metrics),
    because: threshold.because,
    warn: threshold.warn,
    replicationsNeeded: null,
  };
}

function whyText(
  metric: string,
  cluster: string | null,
  metrics: readonly MetricResult[],
): string | null {
  const cause = findCause(metrics, cluster);
  // The place and the value say it already where headroom itself is what failed.
  const isHeadroom = metric === 'headroom_ratio' && cluster !== null;
  return sentenceOf(isHeadroom ? { ...cause, cluster: null } : cause);
}

function emptyText(groups: number): string {
  return groups === 0 ? 'the selector matches nothing in this run' : 'nothing was observed';
}

function unitIn(threshold: Threshold, labels: Labels): string {
  const { metric } = threshold.selector;
  if (metric.unit !== 'resource') return threshold.unit;
  return `${unitOf(metric, labels)}${threshold.unit.endsWith('/s') ? '/s' : ''}`;
}

function whereText(worst: Candidate): string | null {
  const keys = Object.keys(worst.labels).sort();
  const labels = keys.map((k) => `${k} ${worst.labels[k]}`).join(', ');
  const instant = worst.atSeconds === null ? '' : formatInstant(worst.atSeconds);
  return [labels, instant].filter((s) => s !== '').join(' at ') || null;
}

function spansOf(threshold: Threshold, parts: VerdictParts): Spans | null {
  const { window } = threshold;
  if (window.kind === 'run') return null;
  if (window.kind === 'interval') {
    return [{ fromSeconds: window.fromSeconds, untilSeconds: window.untilSeconds }];
  }
  const found = parts.windows.find((w) => w.name === window.name);
  if (!found) throw new InvariantError(`no window ${window.name} for ${threshold.expr}`);
  return found.spans;
}

/** Gauges stand alone; counters and samples join all that agree on the labels of `by`. */
function groupsOf(results: readonly MetricResult[], threshold: Threshold): Group[] {
  if (threshold.selector.metric.kind === 'gauge') {
    return results.map((r) => ({ labels: r.labels, members: [r] }));
  }
  const groups: { labels: Labels; members: MetricResult[] }[] = [];
  for (const result of results) {
    const labels = Object.fromEntries(threshold.by.map((l) => [l, result.labels[l]!]));
    const group = groups.find((g) => compareLabels(g.labels, labels) === 0);
    if (group) group.members.push(result);
    else groups.push({ labels, members: [result] });
  }
  return groups;
}

function observe(
  threshold: Threshold,
  group: Group,
  parts: VerdictParts,
  spans: Spans | null,
): Observed {
  const kind = threshold.selector.metric.kind;
  if (kind === 'sample') {
    const scope = windowScope(threshold.window);
    return observeSamples(threshold.stat, group.members, scope, parts.distributions);
  }
  if (kind === 'counter') return observeCounter(threshold, group, parts, spans);
  const gauge = group.members[0]!;
  return spans
    ? gaugeInWindow(threshold, gauge, parts.series, spans)
    : gaugeInRun(threshold, gauge);
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

function observeCounter(
  threshold: Threshold,
  group: Group,
  parts: VerdictParts,
  spans: Spans | null,
): Observed {
  let total: number | null = 0;
  let seconds = parts.observedSeconds;
  if (spans) {
    seconds = secondsReached(spans, parts.series.endSeconds);
    if (seconds === 0) total = null;
    for (const member of group.members) {
      const buckets = overlapOf(member, parts.series, spans);
      if (!buckets) total = null;
      else if (total !== null) for (const b of buckets) total += b.mean * b.seconds;
    }
  } else {
    for (const member of group.members) if (member.sum !== null) total += member.sum;
  }
  if (total !== null && threshold.selector.metric.isExact) total = nearestWhole(total);
  const isRate = threshold.stat.name === 'rate';
  const value =
    total === null || (isRate && seconds === 0) ? null : isRate ? total / seconds : total;
  return { value, isAtLeast: false, atSeconds: null };
}

/** How much of a window the run lived through. */
function secondsReached(spans: Spans, endSeconds: number): number {
  const parts = spans.map((s) => Math.min(s.untilSeconds, endSeconds) - s.fromSeconds);
  return parts.reduce((sum, part) => sum + Math.max(0, part), 0);
}

/** Undoes the rounding of rate x time; a window across a bucket's border may rightly give a fraction. */
function nearestWhole(total: number): number {
  const whole = Math.round(total);
  return Math.abs(total - whole) <= 1e-6 * Math.max(1, whole) ? whole : total;
}

interface BucketPart {
  readonly startSeconds: number;
  /** How much of the bucket lies in the window. */
  readonly seconds: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

function overlapOf(result: MetricResult, file: SeriesFile, spans: Spans): BucketPart[] | null {
  const series = file.series.find(
    (s) => s.name === result.name && compareLabels(s.labels, result.labels) === 0,
  );
  if (!series) return null;
  const parts: BucketPart[] = [];
  for (const span of spans) {
    const first = Math.max(0, Math.floor(span.fromSeconds / file.bucketSeconds));
    for (let i = first; i < file.buckets; i++) {
      const startSeconds = i * file.bucketSeconds;
      const endSeconds = Math.min(startSeconds + file.bucketSeconds, file.endSeconds);
      const from = Math.max(startSeconds, span.fromSeconds);
      const seconds = Math.min(endSeconds, span.untilSeconds) - from;
      if (seconds <= 0) {
        if (startSeconds >= span.untilSeconds) break;
        continue;
      }
      parts.push({
        startSeconds,
        seconds,
        min: series.min[i]!,
        mean: series.mean[i]!,
        max: series.max[i]!,
      });
    }
  }
  // A bucket before the first observation holds no number.
  return parts.filter((p) => Number.isFinite(p.mean));
}

function gaugeInWindow(
  threshold: Threshold,
  gauge: MetricResult,
  file: SeriesFile,
  spans: Spans,
): Observed {
  const buckets = overlapOf(gauge, file, spans);
  if (!buckets || buckets.length === 0) return { value: null, isAtLeast: false, atSeconds: null };
  const stat = threshold.stat.name;
  if (stat === 'twavg') {
    let area = 0;
    let seconds = 0;
    for (const b of buckets) {
      area += b.mean * b.seconds;
      seconds += b.seconds;
    }
    return { value: area / seconds, isAtLeast: false, atSeconds: null };
  }
  if (stat === 'min' || stat === 'max') {
    let best = buckets[0]!;
    for (const b of buckets) {
      if (stat === 'min' ? b.min < best.min : b.max > best.max) best = b;
    }
    return { value: best[stat], isAtLeast: false, atSeconds: best.startSeconds };
  }
  // The last value inside a window is known only to a bucket: its mean.
  return { value: buckets.at(-1)!.mean, isAtLeast: false, atSeconds: null };
}

function isMet(threshold: Threshold, observed: Observed): boolean {
  if (observed.value === null) return threshold.allowEmpty;
  // A lower bound proves nothing about being small, nor about being equal.
  if (observed.isAtLeast && threshold.cmp !== '>' && threshold.cmp !== '>=') return false;
  return compares(observed.value, threshold.cmp, threshold.bound);
}

/** Tells whether `value cmp bound` holds. */
export function compares(value: number, cmp: Comparison, bound: number): boolean {
  switch (cmp) {
    case '<':
      return value < bound;
    case '<=':
      return value <= bound;
    case '>':
      return value > bound;
    case '>=':
      return value >= bound;
    case '==':
      return value === bound;
    case '!=':
      return value !== bound;
  }
}

/** *Order*: groups that fail first, then the largest for upper bounds and the smallest for lower ones, then as given. */
function worstOf(candidates: readonly Candidate[], cmp: Comparison): Candidate | null {
  const isUpper = cmp === '<' || cmp === '<=' || cmp === '==' || cmp === '!=';
  let worst: Candidate | null = null;
  for (const c of candidates) {
    if (!worst || isWorse(c, worst, isUpper)) worst = c;
  }
  return worst;
}

function isWorse(a: Candidate, b: Candidate, isUpper: boolean): boolean {
  if (a.isMet !== b.isMet) return !a.isMet;
  if (a.value === null || b.value === null) return a.value === null && b.value !== null;
  return isUpper ? a.value > b.value : a.value < b.value;
}
