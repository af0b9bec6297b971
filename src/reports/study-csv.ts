/** The tidy tables of a study: `results.csv` by replication, `points.csv` with means and intervals. */
import type { Labels } from '../results/bundle.ts';
import type { StudyRow, StudyTable } from '../results/study-table.ts';
import { csvText } from './escape.ts';

/**
 * Writes one row per point, metric and replication: columns
 * `point,<axes>,replication,metric,<labels>,stat,value,unit,at_least`.
 *
 * RFC 4180 with `\n` line ends; what was not observed has no row; `at_least` is `true` where a value of the point is a lower
 * bound. *Order*: points, then metrics, then replications.
 */
export function resultsCsv(table: StudyTable): string {
  return csv(table, ['replication'], ['stat', 'value', 'unit', 'at_least'], (row, p) => {
    const { values, isAtLeast } = row.points[p]!;
    return values.flatMap((value, replication) =>
      value === null
        ? []
        : [
            {
              before: [`${replication}`],
              after: [row.statistic, `${value}`, row.unit, `${isAtLeast}`],
            },
          ],
    );
  });
}

/**
 * Writes one row per point and metric: columns `point,<axes>,metric,<labels>,stat,n,mean,ci_low,ci_high,unit,direction`.
 *
 * The interval is empty below two replications. *Order*: points, then metrics.
 */
export function pointsCsv(table: StudyTable): string {
  const columns = ['stat', 'n', 'mean', 'ci_low', 'ci_high', 'unit', 'direction'];
  return csv(table, [], columns, (row, p) => {
    const { n, mean, interval } = row.points[p]!;
    if (mean === null) return [];
    const ends = interval === null ? ['', ''] : [`${interval[0]}`, `${interval[1]}`];
    const after = [row.statistic, `${n}`, `${mean}`, ...ends, row.unit, row.direction];
    return [{ before: [], after }];
  });
}

interface Cells {
  /** Between the axes and the metric. */
  readonly before: readonly string[];
  /** Behind the labels. */
  readonly after: readonly string[];
}

function csv(
  table: StudyTable,
  before: readonly string[],
  after: readonly string[],
  rowsOf: (row: StudyRow, point: number) => readonly Cells[],
): string {
  const names = new Set<string>();
  for (const { labels } of table.rows) for (const name of Object.keys(labels)) names.add(name);
  const labelNames = [...names].sort();
  const labelCells = (labels: Labels) => labelNames.map((name) => csvText(labels[name] ?? ''));
  const others = ['point', ...before, 'metric', ...labelNames, ...after];
  // An axis may be called like a label, which a column of its own must not be.
  const axes = table.axes.map((axis) => (others.includes(axis) ? `axis_${axis}` : axis));
  const head = ['point', ...axes, ...before, 'metric', ...labelNames, ...after];
  const lines = [head.map(csvText).join(',')];
  for (const [p, { name, at }] of table.points.entries()) {
    const place = [name, ...table.axes.map((axis) => at[axis] ?? '')].map(csvText);
    for (const row of table.rows) {
      if (row.points[p] === null) continue;
      const metric = [csvText(row.name), ...labelCells(row.labels)];
      for (const cells of rowsOf(row, p)) {
        // Numbers are ours: a minus sign is no formula.
        lines.push([...place, ...cells.before, ...metric, ...cells.after].join(','));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
