/** A study as LaTeX tables for a paper: a row per metric, a column per point. */
import type { StudyComparison } from '../results/study-comparison.ts';
import type { StudyTable } from '../results/study-table.ts';
import { escapeLatex } from './escape.ts';
import { type GridCell, type StudyGrid, studyGrids } from './study-grid.ts';

const BREAK = ' \\\\';

/**
 * Writes a `tabular` (package booktabs) per group with the method above it as comments. Bold marks a value only where the
 * verdict is `better`, a dagger where it is `worse`; no value inside its interval is marked.
 *
 * *Order*: groups, points and metrics as compared; the baseline is the first column.
 */
export function studyLatex(table: StudyTable, comparison: StudyComparison | null): string {
  return studyGrids(table, comparison).map(tabular).join('\n');
}

function tabular(grid: StudyGrid): string {
  const tex = escapeLatex;
  const notes = [grid.title, grid.method].filter((note) => note !== '');
  const lines = [
    // A comment ends with its line, so a name may not bring a break along.
    ...notes.map((note) => `% ${tex(note)}`),
    `\\begin{tabular}{l${'r'.repeat(grid.columns.length)}}`,
    '\\toprule',
    `metric & ${grid.columns.map(tex).join(' & ')}${BREAK}`,
    '\\midrule',
    ...grid.rows.map(
      ({ metric, cells }) => `${tex(metric)} & ${cells.map(cellText).join(' & ')}${BREAK}`,
    ),
    '\\bottomrule',
    '\\end{tabular}',
  ];
  return `${lines.join('\n')}\n`;
}

function cellText({ value, spread, verdict }: GridCell): string {
  const number = escapeLatex(value).replace(/^-/, '$-$');
  const marked = verdict === 'better' ? `\\textbf{${number}}` : number;
  const dagger = verdict === 'worse' ? '$^{\\dagger}$' : '';
  const half = spread === '' ? '' : ` $\\pm$ ${escapeLatex(spread.slice(1))}`;
  return `${marked}${dagger}${half}`;
}
