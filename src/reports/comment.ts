/** The comment on a change: Markdown with a hidden key, so that the next one takes its place. */
import type { ThresholdResult } from '../results/bundle.ts';
import type { ComparedMetric } from '../results/compare.ts';
import { formatQuantity } from '../results/quantity.ts';
import { historyOf, historySection } from './comment-history.ts';
import { type CommentFacts, splitExpression, storyOf, withVerdict } from './comment-story.ts';
import {
  behaviourText,
  differenceText,
  floorText,
  metricText,
  valueText,
} from './compare-cells.ts';
import { escapeMarkdown } from './escape.ts';
import { observedWithInterval, verdictWord } from './threshold-cells.ts';

/** How a result stands: something is worse than it may be, something changed, or neither. */
export type CommentStatus = 'regressed' | 'changed' | 'clean';
/** When a comment is written. */
export type CommentWhen = 'always' | 'changed' | 'regressed';

/** Bytes of a comment at most: GitHub takes 65,536 characters. */
export const COMMENT_BYTES_MAX = 60_000;
const ROWS_MAX = 400;
const CELL_MAX = 240;

/** Tells how a result stands. */
export function commentStatus(facts: CommentFacts): CommentStatus {
  const words = facts.thresholds.map(verdictWord);
  const has = (verdict: string): boolean => withVerdict(facts.comparison, verdict).length > 0;
  if (words.includes('fail') || has('worse') || !facts.head.result.conservation.ok)
    return 'regressed';
  const challenger = facts.comparison?.challengers[0];
  const isSame = challenger === undefined || challenger.isSameTrajectory;
  const isQuiet = words.every((word) => word === 'pass') && !has('better') && !has('changed');
  return isSame && isQuiet && facts.head.result.complete ? 'clean' : 'changed';
}

/**
 * Tells whether a comment is to be written: an earlier one is always brought up to date, a clean result makes none by itself
 * unless `when` is `always`.
 */
export function wantsComment(
  status: CommentStatus,
  when: CommentWhen,
  hasPrevious: boolean,
): boolean {
  if (when === 'always' || hasPrevious) return true;
  return when === 'changed' ? status !== 'clean' : status === 'regressed';
}

/** The first line of a comment: by it the next run finds the comment to replace. */
export function commentMarker(key: string): string {
  return `<!-- orrery:comment:${key} -->`;
}

/**
 * Writes the comment.
 *
 * @param facts of the result and its baseline
 * @param key of `commentMarker`: letters, digits, `.`, `_` and `-`
 * @param previous text of the comment that this one replaces, or null; what failed in it stays in the history
 * @returns Markdown of at most {@link COMMENT_BYTES_MAX} bytes, safe for names from anywhere
 */
export function commentMarkdown(facts: CommentFacts, key: string, previous: string | null): string {
  const history = historyOf(previous);
  for (let rows = ROWS_MAX; ; rows = Math.floor(rows / 2)) {
    const text = write(facts, key, history, rows);
    if (rows === 0 || new TextEncoder().encode(text).length <= COMMENT_BYTES_MAX) return text;
  }
}

function write(
  facts: CommentFacts,
  key: string,
  history: readonly string[],
  rowsMax: number,
): string {
  const status = commentStatus(facts);
  const lines = [commentMarker(key), `### ${heading(facts, key, status)}`];
  const story = storyOf(facts);
  if (story !== null) {
    const because = story.because === null ? '' : ` because ${clip(story.because, 4 * CELL_MAX)}`;
    lines.push(`**${clip(story.what)}**${because}.`, '');
  }
  const rows = rowsOf(facts);
  const loud = rows.filter((row) => row.isLoud);
  const quiet = rows.filter((row) => !row.isLoud);
  if (loud.length > 0) lines.push(...table(loud, rowsMax, facts), '');
  if (status !== 'clean' || facts.comparison === null) {
    const behaviour = facts.comparison?.challengers[0];
    const decisions =
      behaviour === undefined ? '' : ` · ${escapeMarkdown(behaviourText(behaviour))}`;
    lines.push(
      `<details><summary>${quiet.length} unchanged or undecided${decisions}</summary>`,
      '',
    );
    lines.push(...table(quiet, rowsMax, facts), '', '</details>');
  }
  lines.push(...reproduce(facts), ...historySection(history));
  return `${lines.join('\n')}\n`;
}

function heading(facts: CommentFacts, key: string, status: CommentStatus): string {
  const words = facts.thresholds.map(verdictWord);
  const count = (word: string): number => words.filter((w) => w === word).length;
  const worse = withVerdict(facts.comparison, 'worse').length;
  const better = withVerdict(facts.comparison, 'better').length;
  const parts = [
    plural(count('fail'), 'threshold failed', 'thresholds failed'),
    plural(worse, 'regression', 'regressions'),
    plural(count('warning'), 'warning', 'warnings'),
    count('inconclusive') === 0 ? '' : `${count('inconclusive')} inconclusive`,
    better === 0 ? '' : `${better} better`,
    facts.head.result.complete ? '' : 'the run is incomplete',
  ].filter((part) => part !== '');
  const icon =
    status === 'regressed'
      ? '❌'
      : words.includes('warning') || !facts.head.result.complete
        ? '⚠️'
        : '✅';
  const title = `${key.charAt(0).toUpperCase()}${key.slice(1)} check`;
  const holds = `${plural(count('pass'), 'threshold holds', 'thresholds hold') || 'no thresholds'}`;
  const nothing =
    status === 'clean' ? `${holds}, nothing got worse` : `${holds}, behaviour changed`;
  return `${icon} ${escapeMarkdown(title)}: ${parts.length === 0 ? nothing : parts.join(', ')}`;
}

interface TableRow {
  readonly cells: readonly string[];
  readonly isLoud: boolean;
}

function rowsOf(facts: CommentFacts): readonly TableRow[] {
  const rows = facts.thresholds.map((threshold, i) =>
    thresholdRow(threshold, facts.baseThresholds?.[i] ?? null),
  );
  const metrics = facts.comparison?.metrics ?? [];
  return [...rows, ...metrics.map(metricRow)];
}

const ICONS = {
  fail: '❌ fail',
  warning: '⚠️ warning',
  inconclusive: '❔ inconclusive',
  pass: '✅ pass',
} as const;

function thresholdRow(threshold: ThresholdResult, before: ThresholdResult | null): TableRow {
  const word = verdictWord(threshold);
  const { stat, limit } = splitExpression(threshold.expr);
  const change =
    before === null || before.observed === null || threshold.observed === null
      ? '–'
      : differenceOf(before.observed, threshold.observed, threshold.unit);
  return {
    isLoud: word !== 'pass',
    cells: [
      ICONS[word],
      `${threshold.metric} ${stat}`,
      before === null ? '–' : formatQuantity(before.observed, before.unit),
      observedWithInterval(threshold),
      change,
      limit,
    ],
  };
}

function differenceOf(before: number, after: number, unit: string): string {
  if (before === after) return 'identical';
  const sign = after > before ? '+' : '-';
  const size = Math.abs(after - before);
  if (unit === 'ratio') return `${sign}${Math.round(size * 1e4) / 100} pp`;
  const text =
    before === 0 ? formatQuantity(size, unit) : formatQuantity(size / Math.abs(before), 'ratio');
  return `${sign}${text}`;
}

const VERDICT_ICONS: Readonly<Record<string, string>> = {
  worse: '❌ worse',
  better: '✅ better',
  changed: '🔀 changed',
  unclear: '➖ unclear',
  identical: '✅ same',
};

function metricRow(metric: ComparedMetric): TableRow {
  const contrast = metric.contrasts[0]!;
  const { verdict } = contrast;
  const floor = floorText(contrast, metric.unit);
  return {
    isLoud: verdict === 'worse' || verdict === 'better' || verdict === 'changed',
    cells: [
      VERDICT_ICONS[verdict]!,
      metricText(metric),
      valueText(metric.values[0]!, metric.unit),
      valueText(metric.values[1]!, metric.unit),
      differenceText(contrast, metric.unit),
      floor === 'any' ? 'any' : `± ${floor}`,
    ],
  };
}

function table(rows: readonly TableRow[], rowsMax: number, { comparison }: CommentFacts): string[] {
  if (rows.length === 0) return [];
  const percent = comparison === null ? '' : ` (${Math.round(comparison.level * 1000) / 10} % CI)`;
  const shown = rows.slice(0, rowsMax);
  const lines = [
    `| | Metric | Base | PR | Δ${percent} | Limit |`,
    '|--|--|--:|--:|--:|--:|',
    ...shown.map((row) => `| ${row.cells.map((cell) => clip(cell)).join(' | ')} |`),
  ];
  const left = rows.length - shown.length;
  if (left > 0) lines.push('', `… and ${left} more in the report.`);
  return lines;
}

function reproduce({ head, comparison }: CommentFacts): string[] {
  const { manifest, result } = head;
  const reps = result.replications === 1 ? '' : ` --reps ${result.replications}`;
  const overrides = manifest.overrides.map((text) => ` '${text}'`).join('');
  const luck = comparison?.challengers[0]?.luck;
  const facts = [
    `scenario ${result.scenario}, sha256 ${manifest.scenario.sha256.slice(0, 12)}`,
    `orrery ${manifest.orrery}`,
    plural(result.replications, 'replication', 'replications'),
    luck ? `shared luck ρ̄ ${Math.round(luck.correlation * 100) / 100}` : '',
  ].filter((fact) => fact !== '');
  const command = clip(
    `orrery run SCENARIO.yaml --seed ${result.seed}${reps}${overrides}`,
    2 * CELL_MAX,
  );
  return [
    `<details><summary>Reproduce</summary><code>${command}</code> · ${facts.map((f) => clip(f)).join(' · ')}</details>`,
  ];
}

function plural(n: number, one: string, many: string): string {
  return n === 0 ? '' : `${n} ${n === 1 ? one : many}`;
}

/** Shortens, then escapes. */
function clip(text: string, most = CELL_MAX): string {
  const characters = [...text];
  return escapeMarkdown(
    characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`,
  );
}
