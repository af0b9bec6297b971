import { cellChart, type Level } from './cells.ts';
import type { Chart, ChartText } from './frame.ts';
import type { Grid } from './rebucket.ts';
import { type Cell, column } from './table.ts';

/** One row of the map. */
export interface HeatRow {
  readonly name: string;
  /** Per bucket of the grid, a ratio; not finite means that the cluster had no node up. */
  readonly values: ArrayLike<number>;
}

/** Upper ends of the colour classes, from orange (tight) to blue (free): told apart by everyone. */
const LEVELS: readonly (Level & { readonly below: number })[] = [
  { below: 0.02, color: '#7f2704', name: 'below 2 %', isHatched: true },
  { below: 0.05, color: '#d55e00', name: '2 to 5 %', isHatched: true },
  { below: 0.1, color: '#f0a04b', name: '5 to 10 %', isHatched: false },
  { below: 0.2, color: '#f7dcb4', name: '10 to 20 %', isHatched: false },
  { below: 0.4, color: '#c6dcec', name: '20 to 40 %', isHatched: false },
  { below: 0.6, color: '#6aaed6', name: '40 to 60 %', isHatched: false },
  { below: Infinity, color: '#1f6fb0', name: '60 % or more', isHatched: false },
];
const COLUMNS = [
  column('cluster'),
  column('minimum', 'ratio'),
  column('when', 'instant'),
  column('mean of minima', 'ratio'),
];

/**
 * Draws rows over time coloured by class of headroom, the tightest row on top.
 *
 * *Order*: rows by their smallest value, then by name; rows without any value come last.
 */
export function heatMapChart(
  text: ChartText,
  data: { readonly grid: Grid; readonly rows: readonly HeatRow[] },
): Chart {
  const { grid } = data;
  const rows = sortRows(data.rows);
  return cellChart(text, {
    grid,
    rows: rows.map((row) => ({ name: row.name, levels: Array.from(row.values, levelOf) })),
    levels: LEVELS,
    none: 'no node up',
    ends: ['tightest', 'freest'],
    table: { columns: COLUMNS, rows: rows.map((row) => tableRow(row, grid)) },
  });
}

function levelOf(value: number): number {
  return Number.isFinite(value) ? LEVELS.findIndex((l) => value < l.below) : -1;
}

function smallestOf(row: HeatRow): { readonly value: number; readonly at: number } {
  let at = -1;
  for (let i = 0; i < row.values.length; i++) {
    const value = row.values[i]!;
    if (Number.isFinite(value) && (at < 0 || value < row.values[at]!)) at = i;
  }
  return { value: at < 0 ? Infinity : row.values[at]!, at };
}

function sortRows(rows: readonly HeatRow[]): HeatRow[] {
  return rows
    .map((row) => ({ row, least: smallestOf(row).value }))
    .sort((a, b) =>
      a.least === b.least ? (a.row.name < b.row.name ? -1 : 1) : a.least < b.least ? -1 : 1,
    )
    .map((entry) => entry.row);
}

function tableRow(row: HeatRow, grid: Grid): Cell[] {
  const least = smallestOf(row);
  if (least.at < 0) return [row.name, null, null, null];
  const known = Array.from(row.values).filter((v) => Number.isFinite(v));
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  return [row.name, least.value, grid.starts[least.at]!, mean];
}
