/** A study as GitHub's Markdown, safe for names from anywhere: tables of points, then every comparison folded away. */
import type { StudyComparison } from '../results/study-comparison.ts';
import type { StudyTable } from '../results/study-table.ts';
import { comparisonMarkdown } from './compare-markdown.ts';
import { escapeMarkdown } from './escape.ts';
import { type GridCell, type StudyGrid, studyGrids } from './study-grid.ts';
import type { StudyHead } from './study-text.ts';

/** Writes the study. *Order*: groups, points and metrics as compared. */
export function studyMarkdown(
  head: StudyHead,
  table: StudyTable,
  comparison: StudyComparison | null,
): string {
  const text = escapeMarkdown;
  const lines = [`## ${text(head.name)}`, ''];
  if (head.question !== '') lines.push(text(head.question), '');
  lines.push(
    `${table.points.length} points, ${head.replications} replications each, seed ${head.seed}.`,
    '',
  );
  if (comparison !== null) {
    lines.push(
      `Along ${text(comparison.axis)}, compared with **${text(comparison.baseline)}**; the word tells the verdict.`,
      '',
    );
  }
  const grids = studyGrids(table, comparison);
  if (grids.length === 0) {
    lines.push('Too many points for tables here: see `points.csv` and `comparison.txt`.', '');
  }
  for (const grid of grids) lines.push(...gridLines(grid), '');
  for (const group of grids.length === 0 ? [] : (comparison?.groups ?? [])) {
    const shared = Object.entries(group.at).map(([axis, label]) => `${axis}=${label}`);
    const title = ['Every comparison', ...shared].join(', ');
    lines.push(`<details><summary>${text(title)}</summary>`, '');
    lines.push(comparisonMarkdown(group.comparison), '</details>', '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function gridLines(grid: StudyGrid): string[] {
  const lines = grid.title === '' ? [] : [`### ${escapeMarkdown(grid.title)}`, ''];
  return [
    ...lines,
    `| metric | ${grid.columns.map(escapeMarkdown).join(' | ')} |`,
    `|--|${grid.columns.map(() => '--:|').join('')}`,
    ...grid.rows.map(
      ({ metric, cells }) =>
        `| ${escapeMarkdown(metric)} | ${cells.map((cell) => escapeMarkdown(cellText(cell))).join(' | ')} |`,
    ),
    ...(grid.method === '' ? [] : ['', `${escapeMarkdown(grid.method)}.`]),
  ];
}

function cellText({ value, spread, verdict }: GridCell): string {
  const word = verdict === null || verdict === 'unclear' ? '' : ` (${verdict})`;
  return `${value}${spread === '' ? '' : ` ${spread}`}${word}`;
}
