import { formatInstant, formatQuantity } from '../../results/quantity.ts';
import { escapeHtml } from '../escape.ts';
import {
  boxSwatch,
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  legend,
  px,
  shorten,
  svgShell,
  timeAxis,
} from './frame.ts';
import type { Grid } from './rebucket.ts';

/** One row of the map. */
export interface HeatRow {
  readonly name: string;
  /** Per bucket of the grid, a ratio; not finite means that the cluster had no node up. */
  readonly values: ArrayLike<number>;
}

/** Upper ends of the colour classes, and their colours from orange (tight) to blue (free): told apart by everyone. */
const LEVELS: readonly { readonly below: number; readonly color: string; readonly name: string }[] =
  [
    { below: 0.02, color: '#7f2704', name: 'below 2 %' },
    { below: 0.05, color: '#d55e00', name: '2 to 5 %' },
    { below: 0.1, color: '#f0a04b', name: '5 to 10 %' },
    { below: 0.2, color: '#f7dcb4', name: '10 to 20 %' },
    { below: 0.4, color: '#c6dcec', name: '20 to 40 %' },
    { below: 0.6, color: '#6aaed6', name: '40 to 60 %' },
    { below: Infinity, color: '#1f6fb0', name: '60 % or more' },
  ];
/** Up to here rows have names at their side. */
const NAMED_ROWS_MAX = 60;

/**
 * Draws rows over time coloured by class of headroom, the tightest row on top. Meant for 2 to 1,000 rows and up to 100
 * buckets: equal neighbours become one rectangle, and each class one path, so that 1,000 rows stay below 1 MB.
 *
 * *Order*: rows by their smallest value, then by name; rows without any value come last.
 */
export function heatMapChart(
  text: ChartText,
  data: { readonly grid: Grid; readonly rows: readonly HeatRow[] },
): Chart {
  const { grid } = data;
  const head = ['row', 'minimum', 'when', 'mean of minima'];
  if (grid.count === 0 || data.rows.length === 0) return emptyChart(text, head);
  const rows = sortRows(data.rows);
  const rowHeight = rowHeightFor(rows.length);
  const plotHeight = rows.length * rowHeight;
  // The legend may need more room than few rows do: then the space below the axis grows.
  const spare = Math.max(0, (LEVELS.length + 1) * 19 - plotHeight - FRAME.bottom);
  const bottom = FRAME.bottom + spare;
  const frame = { ...FRAME, left: 110, bottom, height: FRAME.top + plotHeight + bottom };
  const x = timeAxis(grid.endSeconds, frame);
  const right = frame.width - frame.right;
  const paths = LEVELS.map(() => '');
  let names = '';
  for (const [r, row] of rows.entries()) {
    const top = px(frame.top + r * rowHeight);
    if (rows.length <= NAMED_ROWS_MAX) {
      names += `<text x="${frame.left - 6}" y="${px(top + rowHeight / 2 + 4)}" text-anchor="end" font-size="11">${escapeHtml(shorten(row.name, 15))}</text>`;
    }
    for (const run of runsOf(row.values, grid.count)) {
      if (run.level < 0) continue;
      const from = px(x.at(grid.starts[run.start]!));
      const until = px(run.end === grid.count ? right : x.at(grid.starts[run.end]!));
      paths[run.level] += `M${from} ${top}h${px(until - from)}v${rowHeight}H${from}z`;
    }
  }
  if (rows.length > NAMED_ROWS_MAX) {
    const lowest = px(frame.top + plotHeight);
    names = `<text x="${frame.left - 6}" y="${frame.top + 10}" text-anchor="end" font-size="11">tightest</text><text x="${frame.left - 6}" y="${lowest}" text-anchor="end" font-size="11">freest</text>`;
  }
  const width = px(right - frame.left);
  const ground = `<defs><pattern id="${text.id}-none" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#888" opacity="0.25"/><rect width="2" height="6" fill="#888" opacity="0.7"/></pattern></defs><rect x="${frame.left}" y="${frame.top}" width="${width}" height="${rows.length * rowHeight}" fill="url(#${text.id}-none)"/>`;
  const cells = paths
    .map((d, i) => (d === '' ? '' : `<path d="${d}" fill="${LEVELS[i]!.color}"/>`))
    .join('');
  const entries = [
    ...LEVELS.map((l) => ({ swatch: boxSwatch(l.color), name: l.name })),
    { swatch: boxSwatch(`url(#${text.id}-none)`), name: 'no node up' },
  ];
  const body = `${ground}<g shape-rendering="crispEdges">${cells}</g>${names}${x.axis}${legend(entries, frame)}`;
  const table = { head, rows: rows.map((row) => tableRow(row, grid)) };
  return { title: text.title, svg: svgShell(text, frame, body), table };
}

function rowHeightFor(rows: number): number {
  if (rows > 200) return 1;
  if (rows > NAMED_ROWS_MAX) return 4;
  return rows > 8 ? 13 : 22;
}

interface Run {
  readonly start: number;
  readonly end: number;
  /** -1 where nothing is known. */
  readonly level: number;
}

function runsOf(values: ArrayLike<number>, count: number): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let i = 1; i <= count; i++) {
    const level = levelOf(values[start]!);
    if (i < count && levelOf(values[i]!) === level) continue;
    runs.push({ start, end: i, level });
    start = i;
  }
  return runs;
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

function tableRow(row: HeatRow, grid: Grid): string[] {
  const least = smallestOf(row);
  if (least.at < 0) return [row.name, '–', '–', '–'];
  const known = Array.from(row.values).filter((v) => Number.isFinite(v));
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  return [
    row.name,
    formatQuantity(least.value, 'ratio'),
    formatInstant(grid.starts[least.at]!),
    formatQuantity(mean, 'ratio'),
  ];
}
