/** The words and numbers of a study's tables, the same in text, Markdown and LaTeX: nothing here is escaped. */
import { labelText } from '../results/catalog.ts';
import type { ContrastVerdict } from '../results/compare.ts';
import { formatQuantity } from '../results/quantity.ts';
import type { Interval } from '../results/statistics.ts';
import type { StudyComparison } from '../results/study-comparison.ts';
import type { StudyTable } from '../results/study-table.ts';
import { methodText, metricText } from './compare-cells.ts';

/** A value with its interval, and what came of it against the baseline. */
export interface GridCell {
  /** The mean, `≥` before a lower bound. */
  readonly value: string;
  /** Half of the interval's width, with a sign; empty below two replications. */
  readonly spread: string;
  /** Null in the baseline's column, and where nothing is compared. */
  readonly verdict: ContrastVerdict | null;
}

/** One table: a row per metric, a column per point. */
export interface StudyGrid {
  /** What all points of the table have in common: `load=0.9`; empty for the only table. */
  readonly title: string;
  readonly columns: readonly string[];
  /** How the numbers came about, one line. */
  readonly method: string;
  readonly rows: readonly { readonly metric: string; readonly cells: readonly GridCell[] }[];
}

/** Points of a table, and groups of a study, that people read at most. */
const READ_MAX = 24;

/**
 * Lays out the tables of a study: one per compared group, the baseline first; without a comparison one with all points. None
 * where they are too many to read.
 */
export function studyGrids(
  table: StudyTable,
  comparison: StudyComparison | null,
): readonly StudyGrid[] {
  if (comparison !== null) {
    const { groups } = comparison;
    return groups.length > READ_MAX ? [] : groups.map((group) => comparedGrid(group));
  }
  if (table.points.length > READ_MAX) return [];
  const level = Math.round(table.level * 1000) / 10;
  const n = Math.max(0, ...table.rows.flatMap(({ points }) => points.map((p) => p?.n ?? 0)));
  return [
    {
      title: '',
      columns: table.points.map(({ name }) => name),
      method:
        n < 2
          ? 'one replication of each point: no intervals'
          : `${n} replications of each point, ± half of the ${level} % interval`,
      rows: table.rows.map((row) => ({
        metric: `${row.name}${labelText(row.labels)}${row.statistic === 'total' ? '' : ` ${row.statistic}`}`,
        cells: row.points.map((point) => cellOf(point, row.unit, null)),
      })),
    },
  ];
}

function comparedGrid({ at, comparison }: StudyComparison['groups'][number]): StudyGrid {
  return {
    title: Object.entries(at)
      .map(([axis, label]) => `${axis}=${label}`)
      .join(', '),
    columns: comparison.bundles.map(({ label }) => label),
    method: comparison.challengers.length === 0 ? '' : methodText(comparison, 0),
    rows: comparison.metrics.map((metric) => ({
      metric: metricText(metric),
      cells: metric.values.map((value, i) =>
        cellOf(value, metric.unit, i === 0 ? null : metric.contrasts[i - 1]!.verdict),
      ),
    })),
  };
}

function cellOf(
  value: {
    readonly mean: number | null;
    readonly interval: Interval | null;
    readonly isAtLeast: boolean;
  } | null,
  unit: string,
  verdict: ContrastVerdict | null,
): GridCell {
  if (value === null || value.mean === null) return { value: '–', spread: '', verdict };
  const { mean, interval, isAtLeast } = value;
  const width = interval === null ? null : (interval[1] - interval[0]) / 2;
  // What rounding leaves of equal values is no spread.
  const half = width !== null && width <= Math.abs(mean) * ROUNDING ? 0 : width;
  const bound = isAtLeast ? '≥ ' : '';
  if (unit !== 'ratio') {
    // What is counted is said once: `16,261 failures ±39`.
    const spread = half === null ? '' : `±${formatQuantity(half, unit).replace(` ${unit}`, '')}`;
    return { value: `${bound}${formatQuantity(mean, unit)}`, spread, verdict };
  }
  const digits = half === null ? 2 : digitsFor(half * 100);
  const spread = half === null ? '' : `±${(half * 100).toFixed(digits)}`;
  return { value: `${bound}${(mean * 100).toFixed(digits)} %`, spread, verdict };
}

const ROUNDING = 1e-12;
const DIGITS_MAX = 6;

/** Digits behind the point that show two figures of an uncertainty; more say nothing, fewer hide differences. */
function digitsFor(half: number): number {
  if (half === 0) return 2;
  let digits = 0;
  for (let size = half; size < 10 && digits < DIGITS_MAX; size *= 10) digits++;
  return digits;
}

/** How often a metric came out how, over all groups in which it is compared. */
export interface VerdictCount {
  readonly metric: string;
  /** Label of the challenger on the compared axis. */
  readonly label: string;
  readonly verdicts: Readonly<Counts>;
}

/** Counts verdicts by metric and challenger. *Order*: metrics, then challengers, as they first come. */
export function verdictCounts({ groups }: StudyComparison): readonly VerdictCount[] {
  const counts = new Map<string, { metric: string; label: string; verdicts: Counts }>();
  for (const { comparison } of groups) {
    for (const metric of comparison.metrics) {
      metric.contrasts.forEach(({ verdict }, i) => {
        const { label } = comparison.challengers[i]!;
        const text = metricText(metric);
        const key = JSON.stringify([text, label]);
        const { verdicts } = counts.get(key) ?? { verdicts: {} as Counts };
        verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
        counts.set(key, { metric: text, label, verdicts });
      });
    }
  }
  return [...counts.values()];
}

type Counts = Partial<Record<ContrastVerdict, number>>;
