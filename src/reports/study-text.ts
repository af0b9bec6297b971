/** A study for a terminal or a log: a table per group, points as columns; then, on request, every comparison in full. */
import type { StudyComparison } from '../results/study-comparison.ts';
import type { StudyTable } from '../results/study-table.ts';
import { VERDICT_ORDER, VERDICT_SIGNS } from './compare-cells.ts';
import { comparisonText } from './compare-text.ts';
import { visible } from './escape.ts';
import { type GridCell, type StudyGrid, studyGrids, verdictCounts } from './study-grid.ts';

/** What is known of a study as a whole. */
export interface StudyHead {
  readonly name: string;
  readonly question: string;
  readonly seed: number;
  readonly replications: number;
}

/** Columns of points side by side; more go into a second block. */
const COLUMNS_MAX = 6;

/**
 * Writes the tables of a study as lines, each ended by a break; names cannot steer the terminal.
 *
 * *Order*: groups, points and metrics as compared.
 */
export function studyText(
  head: StudyHead,
  table: StudyTable,
  comparison: StudyComparison | null,
): string {
  const points = `${table.points.length} point${table.points.length === 1 ? '' : 's'}`;
  const lines = [
    `STUDY    ${head.name}    ${points} x ${head.replications} replications, seed ${head.seed}`,
  ];
  if (head.question !== '') lines.push(`         ${head.question}`);
  if (comparison !== null) {
    const { axis, baseline } = comparison;
    lines.push(`         ${axis}, compared with ${baseline}: ${LEGEND}`);
  }
  const grids = studyGrids(table, comparison);
  if (grids.length === 0) lines.push(...manyLines(comparison));
  for (const grid of grids) lines.push(...gridLines(grid));
  return lines.map((line) => `${visible(line)}\n`).join('');
}

/** What can be said of more points than a table holds. */
function manyLines(comparison: StudyComparison | null): string[] {
  if (comparison === null) return ['         too many points for a table here: see points.csv'];
  const { groups } = comparison;
  const counts = verdictCounts(comparison);
  const used = VERDICT_ORDER.filter((verdict) => counts.some((c) => c.verdicts[verdict]));
  const rows = counts.map(({ metric, label, verdicts }) => [
    metric,
    label,
    ...used.map((verdict) => `${verdicts[verdict] ?? 0}`),
  ]);
  const head = ['', '', ...used.map((verdict) => `${VERDICT_SIGNS[verdict]} ${verdict}`)];
  return [
    '',
    `         verdicts in ${groups.length} groups; each of them is in comparison.json, its values in points.csv`,
    ...aligned([head, ...rows].map((row) => row.map(visible))),
  ];
}

const LEGEND = (['better', 'worse', 'changed', 'unclear', 'identical'] as const)
  .map((verdict) => `${VERDICT_SIGNS[verdict]} ${verdict}`)
  .join(', ');

/** Writes every comparison of a study in full, a table per pair of points; it may be long. */
export function studyComparisonText(comparison: StudyComparison): string {
  return comparison.groups
    .map(({ at, comparison: own }) => {
      const shared = Object.entries(at).map(([axis, label]) => `${axis}=${label}`);
      const title = shared.length === 0 ? '' : `GROUP    ${visible(shared.join(', '))}\n`;
      return `${title}${comparisonText(own)}`;
    })
    .join('\n');
}

function gridLines(grid: StudyGrid): string[] {
  const lines = [''];
  if (grid.title !== '') lines.push(`GROUP    ${grid.title}`);
  if (grid.method !== '') lines.push(`         ${grid.method}`);
  for (let first = 0; first < grid.columns.length; first += COLUMNS_MAX) {
    const part = <T>(all: readonly T[]): readonly T[] => all.slice(first, first + COLUMNS_MAX);
    const rows = [
      ['', ...part(grid.columns)],
      ...grid.rows.map(({ metric, cells }) => [metric, ...part(cells).map(cellText)]),
    ];
    lines.push(...aligned(rows.map((row) => row.map(visible))));
  }
  return lines;
}

function cellText({ value, spread, verdict }: GridCell): string {
  const sign = verdict === null ? '' : ` ${VERDICT_SIGNS[verdict]}`;
  return `${value}${spread === '' ? '' : ` ${spread}`}${sign}`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd(),
  );
}
