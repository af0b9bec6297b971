/** The words and numbers of a comparison, the same in text, Markdown and LaTeX: nothing here is escaped. */
import { formatDuration, formatRatio } from '../base/units.ts';
import { labelText } from '../results/catalog.ts';
import type { Decision, PartedDecision } from '../results/comparable.ts';
import type {
  Challenger,
  ComparedMetric,
  ComparedValue,
  Comparison,
  Contrast,
  ContrastVerdict,
} from '../results/compare.ts';
import { formatInstant, formatQuantity } from '../results/quantity.ts';

/** The sign of each verdict; the word always stands beside it. */
export const VERDICT_SIGNS: Readonly<Record<ContrastVerdict, string>> = {
  better: '✓',
  worse: '✗',
  changed: '≠',
  identical: '=',
  unclear: '~',
};

/** Verdicts in the order in which people want to read them. */
export const VERDICT_ORDER: readonly ContrastVerdict[] = [
  'worse',
  'better',
  'changed',
  'unclear',
  'identical',
];

/** Names a row: `pod_wait_seconds{class="critical"} p(99)`; a total needs no word. */
export function metricText(metric: ComparedMetric): string {
  const name = `${metric.name}${labelText(metric.labels)}`;
  return metric.statistic === 'total' ? name : `${name} ${metric.statistic}`;
}

/** Prints a value, `≥` before a lower bound. */
export function valueText(value: ComparedValue, unit: string): string {
  const text = formatQuantity(value.mean, unit);
  return value.isAtLeast && value.mean !== null ? `≥ ${text}` : text;
}

/**
 * Prints a difference and its interval: `+18.4 % [+15.1, +21.8]`, for shares of a whole in points: `+2.31 pp [..]`, in the
 * metric's unit where the base is 0.
 */
export function differenceText(contrast: Contrast, unit: string): string {
  const { difference, relative, interval, relativeInterval } = contrast;
  if (contrast.verdict === 'identical') return '0 (identical)';
  if (difference === null) return '–';
  if (unit === 'ratio') return withInterval(difference, interval, percents, ' pp');
  if (relative !== null) return withInterval(relative, relativeInterval, percents, ' %');
  return withInterval(difference, interval, (x) => signed(x, (s) => formatQuantity(s, unit)), '');
}

/** Says why, beside the verdict's word: `worse`, `not significant, p 0.41, about 25 replications`. */
export function verdictText(contrast: Contrast): string {
  const { verdict, reason, adjustedPValue, replicationsNeeded } = contrast;
  if (verdict === 'identical' || verdict === 'better' || verdict === 'worse') return verdict;
  if (reason === 'one replication') {
    return verdict === 'changed' ? 'changed, for this seed' : 'one replication';
  }
  if (reason !== 'not significant') return reason ?? verdict;
  const needed = replicationsNeeded === null ? '' : `, about ${replicationsNeeded} replications`;
  return `not significant, ${probabilityText(adjustedPValue!)}${needed}`;
}

/** Prints the smallest difference that counts, as the difference itself is printed. */
export function floorText(contrast: Contrast, unit: string): string {
  const { floor, relativeFloor } = contrast;
  if (floor === 0) return 'any';
  if (unit === 'ratio') return `${figuresOf(floor * 100)} pp`;
  return relativeFloor === null ? formatQuantity(floor, unit) : formatRatio(relativeFloor);
}

/** Counts verdicts of one challenger: `1 worse, 2 better, 9 unclear`. */
export function countsText(comparison: Comparison, challenger: number): string {
  const parts: string[] = [];
  for (const verdict of VERDICT_ORDER) {
    const count = comparison.metrics.filter((m) => m.contrasts[challenger]!.verdict === verdict);
    if (count.length > 0) parts.push(`${count.length} ${verdict}`);
  }
  return parts.length === 0 ? 'no metrics' : parts.join(', ');
}

/** Says how the numbers came about: pairs, luck, level and adjustment. */
export function methodText(comparison: Comparison, challenger: number): string {
  const { isPaired, luck } = comparison.challengers[challenger]!;
  const base = comparison.bundles[0]!.replications;
  const head = comparison.bundles[challenger + 1]!.replications;
  const metrics = `${comparison.metrics.length} metrics`;
  if (Math.min(base, head) < 2) {
    const seeds = isPaired ? 'the same seed' : 'seeds or scenarios of their own';
    return `${metrics} · one replication, ${seeds}: differences of single runs, no interval and no verdict`;
  }
  const pairs = isPaired
    ? `${base} paired replications`
    : `${base} and ${head} independent replications (Welch)`;
  const shared = luck
    ? ` · shared luck: mean correlation ${figuresOf(luck.correlation)}, variance × ${figuresOf(luck.varianceRatio)}`
    : '';
  const level = figuresOf(comparison.level * 100);
  const alpha = figuresOf(1 - comparison.level);
  return `${metrics} · ${pairs}${shared} · ${level} % intervals each, verdicts by Holm at ${alpha}`;
}

/** Says whether the decisions are the same, and where they part first. */
export function behaviourText(challenger: Challenger): string {
  if (challenger.isSameTrajectory) return 'same decisions (trajectories are equal)';
  const { divergence } = challenger;
  if (divergence === null) return 'decisions differ';
  const others = divergence.others === 0 ? '' : ` (and ${divergence.others} more)`;
  const from = formatInstant(divergence.fromSeconds);
  const span = formatDuration((divergence.untilSeconds - divergence.fromSeconds) * 1e6);
  const { replication } = divergence;
  const where = `cluster ${divergence.cluster}${replication === null ? '' : ` of replication ${replication}`}`;
  const bracket = `decisions differ, first in ${where}${others} within ${span} from ${from}`;
  return divergence.decision === undefined
    ? bracket
    : `${bracket}: ${partedText(divergence.decision)}`;
}

/** Names the decision that parts two runs: `day 1 00:02:03.5, pod web/17: a/n-1 → a/n-7`. */
function partedText({ base, head }: PartedDecision): string {
  if (base === null && head === null) return 'nothing was decided';
  const isOnePod =
    base?.kind === 'bind' &&
    head?.kind === 'bind' &&
    base.pod === head.pod &&
    base.atSeconds === head.atSeconds;
  if (isOnePod) {
    return `${exactInstant(base.atSeconds)}, pod ${base.pod}: ${base.node} → ${head.node}`;
  }
  return `${decisionText(base)} → ${decisionText(head)}`;
}

/** An instant with all its microseconds: `day 1 00:02:03.5`. */
function exactInstant(seconds: number): string {
  const us = Math.round(seconds * 1e6);
  const whole = Math.floor(us / 1e6);
  const text = whole % 60 === 0 ? `${formatInstant(whole)}:00` : formatInstant(whole);
  const fraction = String(us % 1e6)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return fraction === '' ? text : `${text}.${fraction}`;
}

function decisionText(decision: Decision | null): string {
  if (decision === null) return 'nothing more in this stretch';
  const { atSeconds, kind, pod, node } = decision;
  const at = exactInstant(atSeconds);
  if (pod === null) return `${at}, ${kind}: ${node}`;
  return kind === 'bind'
    ? `${at}, pod ${pod} to ${node}`
    : `${at}, pod ${pod} evicted from ${node}`;
}

/** The banner over a comparison of different scenarios, one line per difference; empty for comparable bundles. */
export function bannerLines(challenger: Challenger): readonly string[] {
  if (challenger.mismatches.length === 0) return [];
  return [
    'DIFFERENT SCENARIOS: differences below are not the policies’ alone',
    ...challenger.mismatches.map((m) => `${m.what}: ${m.base} → ${m.head}`),
  ];
}

/** What changed, one line each: `scheduling: best-fit → first-fit`. */
export function changeLines(challenger: Challenger): readonly string[] {
  return challenger.changes.map((m) => `${m.what}: ${m.base} → ${m.head}`);
}

function withInterval(
  value: number,
  interval: readonly [number, number] | null,
  print: (value: number) => string,
  unit: string,
): string {
  const ends = interval === null ? '' : ` [${print(interval[0])}, ${print(interval[1])}]`;
  return `${print(value)}${unit}${ends}`;
}

function percents(ratio: number): string {
  return signed(ratio, (size) => figuresOf(size * 100));
}

function signed(value: number, print: (size: number) => string): string {
  if (value === 0) return print(0);
  return `${value > 0 ? '+' : '-'}${print(Math.abs(value))}`;
}

/** Three figures, as percentages are printed everywhere. */
function figuresOf(value: number): string {
  return formatRatio(value / 100).slice(0, -2);
}

function probabilityText(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p ${Number(p.toPrecision(2))}`;
}
