import { escapeHtml } from '../escape.ts';
import {
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
import { boxSwatch } from './palette.ts';
import type { Grid } from './rebucket.ts';
import type { Table } from './table.ts';

/** A class of cells: its name, its colour, and whether it is hatched, for who cannot tell the colours apart. */
export interface Level {
  readonly name: string;
  readonly color: string;
  readonly isHatched: boolean;
}

/** A row: its name and, per bucket of the grid, an index into the levels, or -1 for none. */
export interface CellRow {
  readonly name: string;
  readonly levels: ArrayLike<number>;
}

/** Rows over time and what their cells mean. */
export interface CellData {
  readonly grid: Grid;
  /** From top to bottom; as many and in the same order as the rows of the table. */
  readonly rows: readonly CellRow[];
  readonly levels: readonly Level[];
  /** What a cell without a level means. */
  readonly none: string;
  /** Said at the first and the last row where there are too many for names. */
  readonly ends: readonly [string, string];
  readonly table: Table;
}

/** Up to here rows have names at their side. */
const NAMED_ROWS_MAX = 60;

/**
 * Draws rows over time as cells coloured by class: for 1 to 1,000 rows and up to 100 buckets. Equal neighbours become one
 * rectangle and each class of a row one path, so that 1,000 rows stay below 1 MB. Each row is a group of its own: the
 * page's script can reorder them.
 *
 * *Order*: rows as given.
 */
export function cellChart(text: ChartText, data: CellData): Chart {
  const { grid, rows, levels, table } = data;
  if (grid.count === 0 || rows.length === 0) return emptyChart(text, table.columns);
  const rowHeight = rowHeightFor(rows.length);
  const plotHeight = rows.length * rowHeight;
  // The legend may need more room than few rows do: then the space below the axis grows.
  const spare = Math.max(0, (levels.length + 1) * 19 - plotHeight - FRAME.bottom);
  const bottom = FRAME.bottom + spare;
  const frame = { ...FRAME, left: 120, bottom, height: FRAME.top + plotHeight + bottom };
  // Without the warm-up: its shade would change the colours of the cells.
  const x = timeAxis({ endSeconds: grid.endSeconds }, frame);
  const right = frame.width - frame.right;
  const box = `x="${frame.left}" y="${frame.top}" width="${px(right - frame.left)}" height="${plotHeight}"`;
  // Whole pixels are fine enough for cells, and short.
  const xAt = (i: number): number => Math.round(i === grid.count ? right : x.at(grid.starts[i]!));
  let body = `${patterns(text.id)}<rect ${box} fill="url(#${text.id}-none)"/><g stroke-width="${rowHeight}" shape-rendering="crispEdges">`;
  for (const [r, row] of rows.entries()) {
    // The origin of a row is its middle: cells are thick lines, a third of the text of rectangles.
    const y = frame.top + (r + 0.5) * rowHeight;
    const name =
      rows.length > NAMED_ROWS_MAX
        ? ''
        : `<text x="${frame.left - 6}" y="4" text-anchor="end" font-size="11">${escapeHtml(shorten(row.name, 16))}</text>`;
    body += `<g data-row="${rowHeight}" transform="translate(0 ${y})">${name}${cellsOf(row, { data, xAt, rowHeight, id: text.id })}</g>`;
  }
  body += '</g>';
  if (rows.length > NAMED_ROWS_MAX) {
    body += `<g class="ends" text-anchor="end" font-size="11"><text x="${frame.left - 6}" y="${frame.top + 10}">${escapeHtml(data.ends[0])}</text><text x="${frame.left - 6}" y="${px(frame.top + plotHeight)}">${escapeHtml(data.ends[1])}</text></g>`;
  }
  body += `<rect ${box} fill="none" stroke="currentColor" opacity="0.6"/>${x.axis}`;
  const entries = [
    ...levels.map((l) => ({
      swatch: boxSwatch(l.color, l.isHatched ? `url(#${text.id}-hatch)` : ''),
      name: l.name,
    })),
    { swatch: boxSwatch(`url(#${text.id}-none)`), name: data.none },
  ];
  const walk = { axis: 'y', from: frame.top, to: frame.top + plotHeight } as const;
  const svg = svgShell(text, frame, body + legend(entries, frame), walk);
  return { title: text.title, svg, table };
}

function patterns(id: string): string {
  const pattern = (name: string, inner: string): string =>
    `<pattern id="${id}-${name}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">${inner}</pattern>`;
  const none = pattern(
    'none',
    '<rect width="6" height="6" fill="#888" opacity="0.25"/><rect width="2" height="6" fill="#888" opacity="0.7"/>',
  );
  return `<defs>${none}${pattern('hatch', '<rect width="1.6" height="6" fill="#fff" opacity="0.75"/>')}</defs>`;
}

function rowHeightFor(rows: number): number {
  if (rows > 200) return 1;
  if (rows > NAMED_ROWS_MAX) return 4;
  return rows > 8 ? 14 : 22;
}

interface Pen {
  readonly data: CellData;
  readonly xAt: (bucket: number) => number;
  readonly rowHeight: number;
  readonly id: string;
}

function cellsOf(row: CellRow, pen: Pen): string {
  const { data, xAt, rowHeight, id } = pen;
  const paths: string[] = data.levels.map(() => '');
  let start = 0;
  for (let i = 1; i <= data.grid.count; i++) {
    const level = row.levels[start]!;
    if (i < data.grid.count && row.levels[i] === level) continue;
    const from = xAt(start);
    if (level >= 0) paths[level] += `M${from} 0H${xAt(i)}`;
    start = i;
  }
  let out = '';
  for (const [k, d] of paths.entries()) {
    if (d === '') continue;
    const { color, isHatched } = data.levels[k]!;
    out += `<path d="${d}" stroke="${color}"/>`;
    // A pattern of 6 pixels cannot be seen in thinner rows.
    if (isHatched && rowHeight > 4) out += `<path d="${d}" stroke="url(#${id}-hatch)"/>`;
  }
  return out;
}
