/** The numbers behind a chart: kept as numbers, so that a page prints them for people and a CSV file for programs. */
import { formatInstant, formatQuantity } from '../../results/quantity.ts';
import { csvText } from '../escape.ts';

/** A column: its name, and how its numbers are read. */
export interface Column {
  readonly name: string;
  /** Unit of the catalogue; `instant` for seconds since the start; the empty string for texts and plain numbers. */
  readonly unit: string;
}

/** A text, a number in the unit of its column, a number that is only a lower bound, or null for unknown. */
export type Cell = string | number | null | { readonly atLeast: number };

/** Columns and rows; the first column names the row. */
export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Makes a column; without a unit it holds texts. */
export const column = (name: string, unit = ''): Column => ({ name, unit });

/** Turns what is not finite into null, so that it prints as unknown. */
export const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Prints a cell for people, `≥` before a lower bound and a dash for unknown. */
export function cellText(cell: Cell, unit: string): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'object') return `≥ ${cellText(cell.atLeast, unit)}`;
  if (unit === 'instant') return formatInstant(cell);
  return formatQuantity(cell, unit === '' ? 'count' : unit);
}

/** Gives the number of a cell for sorting; null for texts and unknown. */
export function cellNumber(cell: Cell): number | null {
  if (typeof cell === 'object') return cell === null ? null : cell.atLeast;
  return typeof cell === 'number' ? cell : null;
}

/**
 * Writes a table as CSV: RFC 4180 with `\n` line ends, numbers in full and in base units, the unit behind the name of the
 * column, lower bounds as their number, unknown as an empty cell.
 */
export function tableCsv(table: Table): string {
  const head = table.columns.map(({ name, unit }) => {
    const shown = unit === 'instant' ? 'seconds' : unit;
    return csvText(shown === '' ? name : `${name} [${shown}]`);
  });
  const rows = table.rows.map((row) =>
    row.map((cell) => (typeof cell === 'string' ? csvText(cell) : String(cellNumber(cell) ?? ''))),
  );
  return `${[head, ...rows].map((cells) => cells.join(',')).join('\n')}\n`;
}
