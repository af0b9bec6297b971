import { type Amounts, enlarged } from './row-heaps.ts';

/** Sixteen rows are a block, sixteen blocks a hall: one comparison skips either. */
const SHIFT = 4;
const MASK = 15;
const HALL_SHIFT = 8;
const HALL_MASK = 255;

/**
 * One value for each row, 0 for none, with the largest of sixteen and of 256 rows, to find those that surpass all above them.
 *
 * *Price*: a change is O(1), at most 32 reads where a largest goes; a search reads what lies between its ends, a block or hall
 * at once where that holds nothing; up to 10 bytes (20 with wide memory) a row.
 */
export class RowMaxima {
  /** Rows that the last search found, from the top. */
  found = new Int32Array(0);
  private values: Amounts;
  private blocks: Amounts;
  private halls: Amounts;

  /** @param isWide true if values need doubles */
  constructor(isWide: boolean) {
    this.values = isWide ? new Float64Array(0) : new Int32Array(0);
    this.blocks = isWide ? new Float64Array(0) : new Int32Array(0);
    this.halls = isWide ? new Float64Array(0) : new Int32Array(0);
  }

  /** Makes room for rows up to `end`, of value 0. @param most rows that one search may find */
  makeRoom(end: number, most: number): void {
    if (most > this.found.length) this.found = new Int32Array(most);
    if (end <= this.values.length) return;
    const halls = ((2 * end) >> HALL_SHIFT) + 1;
    this.values = enlarged(this.values, halls << HALL_SHIFT);
    this.blocks = enlarged(this.blocks, halls << SHIFT);
    this.halls = enlarged(this.halls, halls);
  }

  /** The value of a row. */
  valueOf(row: number): number {
    return this.values[row]!;
  }

  /** Changes the value of a row, at least 0. */
  set(row: number, value: number): void {
    const { blocks, halls, values } = this;
    const before = values[row]!;
    values[row] = value;
    const block = row >> SHIFT;
    const most = blocks[block]!;
    if (value < most) {
      if (before < most) return;
      value = mostOf(values, row & ~MASK);
    }
    if (value === most) return;
    blocks[block] = value;
    const hall = block >> SHIFT;
    const hallMost = halls[hall]!;
    if (value >= hallMost) halls[hall] = value;
    else if (most === hallMost) halls[hall] = mostOf(blocks, block & ~MASK);
  }

  /** Finds the rows from `from` down to above `end` whose values surpass `most` and all found before. @returns how many */
  search(from: number, end: number, most: number): number {
    const { blocks, found, halls, values } = this;
    let count = 0;
    let row = from;
    while (row > end) {
      if ((row & MASK) === MASK && blocks[row >> SHIFT]! <= most) {
        const isHall = (row & HALL_MASK) === HALL_MASK && halls[row >> HALL_SHIFT]! <= most;
        row -= isHall ? HALL_MASK + 1 : MASK + 1;
        continue;
      }
      const value = values[row]!;
      if (value > most) {
        most = value;
        found[count++] = row;
      }
      row--;
    }
    return count;
  }
}

/** The largest of sixteen values. */
function mostOf(values: Amounts, from: number): number {
  let most = 0;
  for (let i = from; i <= from + MASK; i++) if (values[i]! > most) most = values[i]!;
  return most;
}
