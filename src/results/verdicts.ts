/**
 * Verdicts of thresholds on one finished run.
 *
 * What a selector matches is put together by kind: counters of several label sets add up, samples are merged, gauges must
 * hold in each. `by` splits first, and every group must hold; `where` names the worst. In a window samples come from the
 * distribution of that scope, gauges and counters from the series buckets that overlap it (a border inside a bucket
 * takes the whole bucket's minimum and maximum, and its mean in proportion). `over` and `for` roll by whole buckets.
 *
 * One replication: pass or fail, nothing between. `verdicts-over-replications.ts` puts several together.
 */
import type { DistributionsFile, Labels, MetricResult, ThresholdResult } from './bundle.ts';
import { compareLabels, labelText, unitOf } from './catalog.ts';
import { findCause, sentenceOf } from './cause.ts';
import type { BaselineBound, Comparison, Threshold } from './expression.ts';
import { SeriesIndex } from './levels.ts';
import { DistributionIndex, observeSamples } from './observe-samples.ts';
import { observeCounters, observeGauge, sideOf } from './observe-series.ts';
import { formatInstant } from './quantity.ts';
import type { Observed } from './samples.ts';
import { selectResults } from './selector.ts';
import { type Spans, spansOf, type TimeParts } from './spans.ts';

/** The parts of a bundle that verdicts need. */
export interface VerdictParts extends TimeParts {
  readonly metrics: readonly MetricResult[];
  readonly distributions: DistributionsFile;
}

/** A run made ready for many questions. */
interface View {
  readonly parts: VerdictParts;
  readonly index: SeriesIndex;
  readonly distributions: DistributionIndex;
}

interface Group {
  readonly labels: Labels;
  readonly members: readonly MetricResult[];
}
interface Candidate extends Observed {
  readonly labels: Labels;
  readonly base: number | null;
  readonly bound: number | null;
  readonly isMet: boolean;
}

/**
 * Evaluates thresholds in the given order.
 *
 * @param thresholds from `parseThresholds`
 * @param parts of one finished run
 * @param baseline the run that bounds with `baseline` refer to, group by group; null leaves those inconclusive
 * @returns one result per threshold
 * @throws InvariantError where a threshold names a window that `parts.windows` lacks; ScenarioError where samples were not kept
 *   for its window
 */
export function evaluateThresholds(
  thresholds: readonly Threshold[],
  parts: VerdictParts,
  baseline: VerdictParts | null = null,
): ThresholdResult[] {
  return evaluateAgainst(thresholds, parts, baseline).map(({ result }) => result);
}

/** A verdict, and the baseline's value for the group that decided it; null where there is none. */
export interface EvaluatedThreshold {
  readonly result: ThresholdResult;
  readonly base: number | null;
}

/** As {@link evaluateThresholds}, with what the baseline gave. */
export function evaluateAgainst(
  thresholds: readonly Threshold[],
  parts: VerdictParts,
  baseline: VerdictParts | null,
): EvaluatedThreshold[] {
  if (thresholds.length === 0) return [];
  const run = viewOf(parts);
  const needsBaseline = thresholds.some((threshold) => threshold.baseline !== null);
  const base = baseline !== null && needsBaseline ? viewOf(baseline) : null;
  return thresholds.map((threshold) => evaluate(threshold, run, base));
}

function viewOf(parts: VerdictParts): View {
  return {
    parts,
    index: new SeriesIndex(parts.series),
    distributions: new DistributionIndex(parts.distributions),
  };
}

function evaluate(threshold: Threshold, run: View, base: View | null): EvaluatedThreshold {
  const { metrics } = run.parts;
  const spans = spansOf(threshold, run.parts);
  const groups = groupsOf(threshold, run, spans);
  const baseOf = basesOf(threshold, base);
  const candidates = groups.map((group) => {
    const observed = observe(threshold, group, run, spans);
    const { labels } = group;
    const value = baseOf(labels);
    const { baseline } = threshold;
    const bound =
      baseline === null ? threshold.bound : value === null ? null : boundFrom(baseline, value);
    return { ...observed, labels, base: value, bound, isMet: isMet(threshold, observed, bound) };
  });
  const worst = worstOf(candidates, threshold);
  const isEmpty = candidates.every((c) => c.value === null && c.holds !== true);
  const passes = isEmpty ? threshold.allowEmpty : candidates.every((c) => c.isMet);
  const hasNoBaseline = threshold.baseline !== null && base === null;
  const cluster = worst?.labels.cluster ?? null;
  const verdict = passes ? 'pass' : 'fail';
  const result: ThresholdResult = {
    metric: threshold.selector.text,
    expr: threshold.expr,
    verdict: hasNoBaseline && !isEmpty ? 'inconclusive' : verdict,
    observed: worst?.value ?? null,
    observedIsAtLeast: worst?.isAtLeast ?? false,
    unit: unitIn(threshold, worst?.labels ?? {}),
    bound: worst === null ? threshold.bound : worst.bound,
    ci: null,
    where: isEmpty ? emptyText(candidates.length, spans) : whereText(worst!, hasNoBaseline),
    why: passes || isEmpty ? null : whyText(threshold.selector.metric.name, cluster, metrics),
    because: threshold.because,
    warn: threshold.warn,
    replicationsNeeded: null,
  };
  return { result, base: worst?.base ?? null };
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

function emptyText(groups: number, spans: Spans | null): string {
  if (groups === 0) return 'the selector matches nothing in this run';
  return spans?.length === 0 ? 'the run has no such window' : 'nothing was observed';
}

function unitIn(threshold: Threshold, labels: Labels): string {
  const { metric } = threshold.selector;
  if (metric.unit !== 'resource') return threshold.unit;
  return `${unitOf(metric, labels)}${threshold.unit.endsWith('/s') ? '/s' : ''}`;
}

function whereText(worst: Candidate, hasNoBaseline: boolean): string | null {
  const keys = Object.keys(worst.labels).sort();
  const labels = keys.map((k) => `${k} ${worst.labels[k]}`).join(', ');
  const instant = worst.atSeconds === null ? '' : formatInstant(worst.atSeconds);
  const place = [labels, instant].filter((s) => s !== '').join(' at ');
  const gap = hasNoBaseline
    ? 'no baseline was given'
    : worst.holds === true
      ? 'nothing lasted that long'
      : worst.bound === null
        ? 'the baseline observed nothing here'
        : '';
  return [place, gap].filter((s) => s !== '').join('; ') || null;
}

/** Gauges stand alone; counters and samples join all that agree on the labels of `by`. */
function groupsOf(threshold: Threshold, view: View, spans: Spans | null): Group[] {
  const { selector, by } = threshold;
  const named = view.parts.metrics.filter((m) => m.name === selector.metric.name);
  const results = selectResults(named, selector, by);
  if (selector.metric.kind === 'gauge') {
    const asksSlots = selector.matchers.some((m) => m.label === 'resource');
    return results
      .filter((r) => spans === null || asksSlots || isToldOverTime(r, view))
      .map((r) => ({ labels: r.labels, members: [r] }));
  }
  const groups = new Map<string, { labels: Labels; members: MetricResult[] }>();
  for (const result of results) {
    const labels = Object.fromEntries(by.map((l) => [l, result.labels[l]!]));
    const key = labelText(labels);
    const group = groups.get(key) ?? { labels, members: [] };
    group.members.push(result);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A bundle has no series of a cluster's pod slots where they are never its scarcest resource: others are worse. */
function isToldOverTime(result: MetricResult, { index }: View): boolean {
  const { cluster, resource } = result.labels;
  return cluster === undefined || resource !== 'pods' || index.has(result);
}

/** The baseline's value for a group of the same labels; null where it has none, or the bound needs no baseline. */
function basesOf(threshold: Threshold, base: View | null): (labels: Labels) => number | null {
  if (threshold.baseline === null || base === null) return () => null;
  const spans = spansOf(threshold, base.parts);
  const groups = groupsOf(threshold, base, spans);
  return (labels) => {
    const group = groups.find((g) => compareLabels(g.labels, labels) === 0);
    return group === undefined ? null : observe(threshold, group, base, spans).value;
  };
}

function observe(
  threshold: Threshold,
  group: Group,
  { parts, index, distributions }: View,
  spans: Spans | null,
): Observed {
  const { observedSeconds, windows } = parts;
  const scope = { index, spans, observedSeconds, distributions, windows };
  switch (threshold.selector.metric.kind) {
    case 'sample':
      return observeSamples(threshold, group.members, scope);
    case 'counter':
      return observeCounters(threshold, group.members, scope);
    default:
      return observeGauge(threshold, group.members[0]!, scope);
  }
}

function isMet(threshold: Threshold, observed: Observed, bound: number | null): boolean {
  if (observed.holds === true) return true;
  if (observed.value === null || bound === null) return threshold.allowEmpty;
  // A lower bound proves nothing about being small, nor about being equal.
  if (observed.isAtLeast && threshold.cmp !== '>' && threshold.cmp !== '>=') return false;
  return compares(observed.value, threshold.cmp, bound);
}

/** Works out a bound from a baseline's value. */
export function boundFrom({ factor, share, offset }: BaselineBound, value: number): number {
  return factor * value + share * Math.abs(value) + offset;
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

/** *Order*: groups that fail first, then those furthest beyond their bound, then as given. */
function worstOf(candidates: readonly Candidate[], threshold: Threshold): Candidate | null {
  const isUpper = sideOf(threshold) === 'upper';
  let worst: Candidate | null = null;
  for (const c of candidates) {
    if (!worst || isWorse(c, worst, isUpper)) worst = c;
  }
  return worst;
}

function isWorse(a: Candidate, b: Candidate, isUpper: boolean): boolean {
  if (a.isMet !== b.isMet) return !a.isMet;
  if (a.value === null || b.value === null) return a.value === null && b.value !== null && !a.holds;
  // Equal bounds are left out, so that rounding cannot make equals differ.
  const isShared = a.bound === b.bound;
  const far = (c: Candidate): number => (isShared ? c.value! : c.value! - (c.bound ?? 0));
  return isUpper ? far(a) > far(b) : far(a) < far(b);
}
