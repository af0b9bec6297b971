import { cellChart, type Level } from './cells.ts';
import type { Chart, ChartText } from './frame.ts';
import type { Grid } from './rebucket.ts';
import { column } from './table.ts';

/** The most nodes of a cluster in each state that is not plainly up, per bucket of the grid; not finite counts as 0. */
export interface StateRow {
  readonly name: string;
  /** Nodes of the cluster in all states, above 0. */
  readonly nodes: number;
  readonly down: ArrayLike<number>;
  readonly draining: ArrayLike<number>;
  readonly booting: ArrayLike<number>;
  /** Nodes that are up. */
  readonly up: ArrayLike<number>;
}

/** From the mildest to the worst: a cell keeps the worst. */
const LEVELS: readonly Level[] = [
  { name: 'all up', color: '#009e73', isHatched: false },
  { name: 'some booting', color: '#3d9ad1', isHatched: false },
  { name: 'some draining', color: '#cc79a7', isHatched: false },
  { name: 'down: below 1 %', color: '#f7dcb4', isHatched: false },
  { name: 'down: 1 to 10 %', color: '#f0a04b', isHatched: false },
  { name: 'down: 10 to 50 %', color: '#d55e00', isHatched: true },
  { name: 'down: 50 % or more', color: '#7f2704', isHatched: true },
];
const COLUMNS = [
  column('cluster'),
  column('most nodes down'),
  column('share', 'ratio'),
  column('when', 'instant'),
];

/**
 * Draws, for each cluster over time, the worst state of its nodes: one node that was down for a second still colours its
 * stretch of time.
 *
 * *Order*: rows by the largest share of nodes down, largest first, then by name.
 */
export function nodeStatesChart(
  text: ChartText,
  data: { readonly grid: Grid; readonly rows: readonly StateRow[] },
): Chart {
  const { grid } = data;
  const worst = data.rows.map((row) => {
    let at = -1;
    for (let i = 0; i < grid.count; i++) {
      if (count(row.down, i) > (at < 0 ? 0 : count(row.down, at))) at = i;
    }
    const most = at < 0 ? 0 : count(row.down, at);
    return { row, at, most, share: most / row.nodes };
  });
  worst.sort((a, b) => b.share - a.share || (a.row.name < b.row.name ? -1 : 1));
  return cellChart(text, {
    grid,
    rows: worst.map(({ row }) => ({
      name: row.name,
      levels: Array.from({ length: grid.count }, (_, i) => levelOf(row, i)),
    })),
    levels: LEVELS,
    none: 'no node switched on',
    ends: ['worst', 'best'],
    table: {
      columns: COLUMNS,
      rows: worst.map(({ row, at, most, share }) => [
        row.name,
        Math.round(most),
        share,
        at < 0 ? null : grid.starts[at]!,
      ]),
    },
  });
}

function levelOf(row: StateRow, i: number): number {
  const share = count(row.down, i) / row.nodes;
  if (share >= 0.5) return 6;
  if (share >= 0.1) return 5;
  if (share >= 0.01) return 4;
  if (share > 0) return 3;
  if (count(row.draining, i) > 0) return 2;
  if (count(row.booting, i) > 0) return 1;
  return count(row.up, i) > 0 ? 0 : -1;
}

const count = (values: ArrayLike<number>, i: number): number =>
  Number.isFinite(values[i]) ? values[i]! : 0;
