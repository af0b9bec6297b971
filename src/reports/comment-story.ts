/** The one sentence of a comment: which metric, in which cluster, for which cause. Nothing here is escaped. */

import { type Blame, blameCluster } from '../results/blame.ts';
import type { Bundle, ThresholdResult } from '../results/bundle.ts';
import { findCause, sentenceOf } from '../results/cause.ts';
import type { ComparedMetric, Comparison } from '../results/compare.ts';
import { formatQuantity } from '../results/quantity.ts';
import { isSelector, parseSelector } from '../results/selector.ts';
import {
  behaviourText,
  changeLines,
  differenceText,
  floorText,
  metricText,
  valueText,
} from './compare-cells.ts';
import { explanation, limitText, observedWithInterval, verdictWord } from './threshold-cells.ts';

/** What a comment is about. */
export interface CommentFacts {
  readonly head: Bundle;
  readonly base: Bundle | null;
  /** Of the head. */
  readonly thresholds: readonly ThresholdResult[];
  /** The same thresholds on the base, in the same order; null without a base. */
  readonly baseThresholds: readonly ThresholdResult[] | null;
  readonly comparison: Comparison | null;
}

/** What a sentence is about, and what made it so. */
export interface Story {
  /** What happened: `pod_wait_seconds p(99) rises 2.1 s → 9.3 s (+343 %, limit < 5 m)`. */
  readonly what: string;
  /** Why, naming a cluster where one is known; null where the numbers do not tell. */
  readonly because: string | null;
}

/** Splits an expression at its comparison: statistic, and comparison with all that follows. */
export function splitExpression(expr: string): { readonly stat: string; readonly limit: string } {
  // A comparison inside brackets belongs to frac.
  const bracket = /^\s*frac\s*\([^)]*\)/.exec(expr)?.[0].length ?? 0;
  const at = bracket + expr.slice(bracket).search(/[<>=!]/);
  return { stat: expr.slice(0, at).trim(), limit: expr.slice(at).trim() };
}

/** What people feel most, first; all else follows in the order of the comparison. */
const WEIGHTIEST = ['pods_lost_total', 'pod_wait_seconds', 'cost_dollars', 'pods_evicted_total'];

/**
 * Lists the metrics of a comparison with a verdict, of its only challenger.
 *
 * *Order*: lost pods, waits, costs, evictions, then as compared.
 */
export function withVerdict(
  comparison: Comparison | null,
  verdict: string,
): readonly ComparedMetric[] {
  const found = (comparison?.metrics ?? []).filter((m) => m.contrasts[0]!.verdict === verdict);
  const rank = ({ name }: ComparedMetric): number => {
    const index = WEIGHTIEST.indexOf(name);
    return index < 0 ? WEIGHTIEST.length : index;
  };
  return found.sort((a, b) => rank(a) - rank(b));
}

/**
 * Tells the story of what matters most: a failed threshold, else a metric that got worse, else a missed warning, else an
 * undecided threshold, else a changed metric.
 *
 * @returns null where there is nothing to tell
 */
export function storyOf(facts: CommentFacts): Story | null {
  const pick = (word: string): number => facts.thresholds.findIndex((t) => verdictWord(t) === word);
  const failed = pick('fail');
  if (failed >= 0) return thresholdStory(facts, failed);
  const worse = withVerdict(facts.comparison, 'worse')[0];
  if (worse !== undefined) return metricStory(facts, worse);
  for (const word of ['warning', 'inconclusive']) {
    const index = pick(word);
    if (index >= 0) return thresholdStory(facts, index);
  }
  const changed =
    withVerdict(facts.comparison, 'changed')[0] ?? withVerdict(facts.comparison, 'better')[0];
  return changed === undefined ? null : metricStory(facts, changed);
}

function thresholdStory(facts: CommentFacts, index: number): Story {
  const threshold = facts.thresholds[index]!;
  const before = facts.baseThresholds?.[index] ?? null;
  const { stat, limit } = splitExpression(threshold.expr);
  const worked = limitText(threshold);
  const bound =
    worked === '' ? `limit ${limit}` : `limit ${limit}: ${worked.slice('limit '.length)}`;
  const change = before === null ? null : changeText(before, threshold);
  const value =
    change === null
      ? `is ${observedWithInterval(threshold)}, ${bound}`
      : `${change.verb} ${change.text}, ${bound})`;
  const selector = parseSelector(threshold.metric);
  const labels = isSelector(selector)
    ? Object.fromEntries(
        selector.matchers.filter((m) => m.op === '=').map((m) => [m.label, m.value]),
      )
    : {};
  const name = isSelector(selector) ? selector.metric.name : threshold.metric;
  return {
    what: `${threshold.metric} ${stat} ${value}`,
    because: causeText(facts, { name, labels, unit: threshold.unit }, threshold),
  };
}

/** `rises 2.1 s → 9.3 s (+343 %`, the bracket left open for the limit; null where it did not change. */
function changeText(
  before: ThresholdResult,
  after: ThresholdResult,
): { readonly verb: string; readonly text: string } | null {
  if (before.observed === null || after.observed === null) return null;
  const difference = after.observed - before.observed;
  if (difference === 0) return null;
  const sign = difference > 0 ? '+' : '-';
  const size =
    before.observed === 0
      ? formatQuantity(Math.abs(difference), after.unit)
      : formatQuantity(Math.abs(difference / before.observed), 'ratio');
  const values = [before, after].map((t) => formatQuantity(t.observed, t.unit)).join(' → ');
  return { verb: difference > 0 ? 'rises' : 'falls', text: `${values} (${sign}${size}` };
}

function metricStory(facts: CommentFacts, metric: ComparedMetric): Story {
  const contrast = metric.contrasts[0]!;
  const values = [metric.values[0]!, metric.values[1]!].map((v) => valueText(v, metric.unit));
  const verb = (contrast.difference ?? 0) > 0 ? 'rises' : 'falls';
  const limit = contrast.verdict === 'worse' ? `, limit ${floorText(contrast, metric.unit)}` : '';
  const { name, labels, unit } = metric;
  return {
    what: `${metricText(metric)} ${verb} ${values.join(' → ')} (${differenceText(contrast, unit)}${limit})`,
    because: causeText(facts, { name, labels, unit }, null),
  };
}

interface Subject {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
}

/** Puts together what changed, where it shows most, and what binds there. */
function causeText(
  facts: CommentFacts,
  subject: Subject,
  threshold: ThresholdResult | null,
): string | null {
  const { head, base, comparison } = facts;
  const blame = base && blameCluster(base.result.metrics, head.result.metrics, subject);
  const challenger = comparison?.challengers[0] ?? null;
  const named = blame?.cluster ?? clusterIn(threshold);
  const changes = challenger === null ? [] : policyChanges(changeLines(challenger));
  const parts: string[] = [];
  if (blame !== null) parts.push(blameText(blame, subject.unit));
  if (changes.length > 0) parts.push(`the change is ${changes.join(', ')}`);
  const found = findCause(head.result.metrics, named);
  const tight = sentenceOf(found);
  if (tight !== null) parts.push(tight);
  else if (found.cluster !== null && named === null) {
    parts.push(
      `${found.cluster.name} has least headroom, ${formatQuantity(found.cluster.headroomRatio, 'ratio')} of ${found.cluster.resource}`,
    );
  }
  if (parts.length < 2 && challenger !== null && !challenger.isSameTrajectory) {
    parts.push(behaviourText(challenger));
  }
  if (parts.length === 0 && threshold !== null) parts.push(explanation(threshold));
  const cluster = named ?? found.cluster?.name ?? onlyCluster(head);
  if (cluster !== null && parts.every((part) => !part.includes(cluster))) {
    parts.unshift(`it shows in ${cluster}`);
  }
  return parts.filter((part) => part !== '').join('; ') || null;
}

/** What a change was made of; overrides only where they show in nothing else. */
function policyChanges(lines: readonly string[]): readonly string[] {
  const named = lines.filter((line) =>
    /^(placement|scheduling|queueing|plug-ins|orrery):/.test(line),
  );
  return named.length > 0 ? named : lines.filter((line) => line.startsWith('policy overrides:'));
}

function blameText({ cluster, before, after }: Blame, unit: string): string {
  const plain = unit.endsWith('/s') ? unit.slice(0, -2) : unit;
  return `${cluster} changes most, ${formatQuantity(before, plain)} → ${formatQuantity(after, plain)}`;
}

/** The cluster that a verdict names. */
function clusterIn(threshold: ThresholdResult | null): string | null {
  return /(?:^|, )cluster ([^,;]+?)(?= at day |,|;|$)/.exec(threshold?.where ?? '')?.[1] ?? null;
}

function onlyCluster({ manifest }: Bundle): string | null {
  const names = new Set(manifest.policies.map((p) => p.cluster));
  return names.size === 1 ? [...names][0]! : null;
}
