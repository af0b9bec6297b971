/** A study as one page: the tables of its points, figures of each comparison, verdicts, methods. */
import type { StudyComparison } from '../results/study-comparison.ts';
import type { PointBundle, StudyTable } from '../results/study-table.ts';
import { column } from './charts/table.ts';
import { VERDICT_SIGNS } from './compare-cells.ts';
import { challengersHtml, methodsHtml, verdictTables } from './compare-html.ts';
import { escapeHtml } from './escape.ts';
import { comparisonFigures } from './figures/comparison.ts';
import { pageHtml } from './html-page.ts';
import { figureHtml, type Section, scrolled, tableHtml } from './html-parts.ts';
import { type GridCell, studyGrids } from './study-grid.ts';
import type { StudyHead } from './study-text.ts';

/** Groups with figures of their own; more would make a page that nobody reads and that is too large. */
const GROUPS_MAX = 12;

/**
 * Writes the page of a study.
 *
 * @param points as they were compared, with their bundles
 * @returns a complete HTML document that needs nothing else
 *
 * *Order*: groups, points and metrics as compared.
 */
export function studyHtml(
  head: StudyHead,
  table: StudyTable,
  compared: {
    readonly points: readonly PointBundle[];
    readonly comparison: StudyComparison | null;
  },
): string {
  const { points, comparison } = compared;
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', body: summaryHtml(head, table, comparison) },
  ];
  if (comparison !== null) {
    const groups = comparison.groups.slice(0, GROUPS_MAX);
    const hidden = comparison.groups.length - groups.length;
    const rest =
      hidden === 0 ? '' : `<p>${hidden} more groups are in comparison.txt and comparison.json.</p>`;
    const each = (write: (group: (typeof groups)[number], i: number) => string): string =>
      groups.map((group, i) => groupTitle(group.at) + write(group, i)).join('') + rest;
    sections.push(
      {
        id: 'compare',
        title: 'Compare',
        body: each((group, i) =>
          comparisonFigures(group.comparison, bundlesOf(points, comparison, group), `g${i + 1}-`)
            .map(figureHtml)
            .join(''),
        ),
      },
      {
        id: 'verdicts',
        title: 'Verdicts',
        body: each((group) => challengersHtml(group.comparison) + verdictTables(group.comparison)),
      },
      { id: 'methods', title: 'Methods', body: each((group) => methodsHtml(group.comparison)) },
    );
  }
  return pageHtml(head.name, sections);
}

function summaryHtml(
  head: StudyHead,
  table: StudyTable,
  comparison: StudyComparison | null,
): string {
  const parts: string[] = [];
  if (head.question !== '') parts.push(`<p class="question">${escapeHtml(head.question)}</p>`);
  const facts = `${table.points.length} points, ${head.replications} replications each, seed ${head.seed}.`;
  parts.push(`<p>${facts}</p>`);
  if (comparison !== null) {
    const text = `Along ${comparison.axis}, compared with ${comparison.baseline}: ✓ better, ✗ worse, ≠ changed, ~ nothing can be said, = identical. Cells are means ± half of their interval.`;
    parts.push(`<p>${escapeHtml(text)}</p>`);
  }
  const grids = studyGrids(table, comparison);
  if (grids.length === 0) parts.push('<p>Too many points for tables here: see points.csv.</p>');
  for (const grid of grids) {
    const title = grid.title === '' ? 'Points' : grid.title;
    const columns = ['metric', ...grid.columns].map((name) => column(name));
    const rows = grid.rows.map(({ metric, cells }) => [metric, ...cells.map(cellText)]);
    parts.push(`<h3>${escapeHtml(title)}</h3>${scrolled(title, tableHtml({ columns, rows }))}`);
    if (grid.method !== '') parts.push(`<p class="note">${escapeHtml(grid.method)}.</p>`);
  }
  return parts.join('');
}

function cellText({ value, spread, verdict }: GridCell): string {
  const sign = verdict === null ? '' : ` ${VERDICT_SIGNS[verdict]}`;
  return `${value}${spread === '' ? '' : ` ${spread}`}${sign}`;
}

function groupTitle(at: Readonly<Record<string, string>>): string {
  const shared = Object.entries(at).map(([axis, label]) => `${axis}=${label}`);
  return shared.length === 0 ? '' : `<h3 class="group">${escapeHtml(shared.join(', '))}</h3>`;
}

/** The bundles of a group in the order of its comparison. */
function bundlesOf(
  points: readonly PointBundle[],
  { axis }: StudyComparison,
  { at, comparison }: StudyComparison['groups'][number],
): PointBundle['bundle'][] {
  const own = points.filter((point) =>
    Object.entries(at).every(([name, label]) => point.at[name] === label),
  );
  return comparison.bundles.map(({ label }) => {
    const point = own.find((one) => one.at[axis] === label)!;
    return { ...point.bundle, label };
  });
}
