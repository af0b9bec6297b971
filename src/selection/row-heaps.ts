import { NONE } from '../base/ids.ts';

/** Amounts of memory and what is kept beside them: as wide as the cluster's own column. */
export type Amounts = Int32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Members that a row has room for when it gets its first. */
const FIRST_CAPACITY = 4;

// Fields of a row's record.
const START = 0;
const LENGTH = 1;
const CAPACITY = 2;
const OWNER = 3;
const ROW_FIELDS = 4;

/**
 * Rows of nodes, each an indexed heap: most memory first, lowest index on ties.
 *
 * *Guarantees*: a node is in one row at most; the first of a row is known at once. *Price*: O(log of the row) to insert and
 * remove; 8 bytes a node for its place, 8 (16 with wide memory) an entry with room of at most two thirds, 16 bytes a row. Room
 * that a row outgrew is reused by others. What is read together lies together: a change touches one record of its node, one
 * of its row and few neighbouring entries.
 */
export class RowHeaps {
  /** By node: its row or -1, and its position in the row. */
  private readonly places: Int32Array;
  /** By row: start of its entries, how many they are, room for how many, owner. */
  private records = new Int32Array(0);
  private rows = 0;
  /** Memory and node by entry. */
  private entries: Amounts;
  private used = 0;
  /** Keeps reads ahead alive: what nobody uses may be left out. */
  private touched = 0;
  /** Start of a chain of free rooms by log2 of their capacity; the link is in their first entry. */
  private readonly freeRooms = new Int32Array(32).fill(NONE);

  /**
   * @param nodes nodes of the cluster
   * @param isWide true if amounts of memory need doubles
   */
  constructor(nodes: number, isWide: boolean) {
    this.places = new Int32Array(2 * nodes).fill(NONE);
    const size = 2 * (2 * nodes + 64);
    this.entries = isWide ? new Float64Array(size) : new Int32Array(size);
  }

  /** Adds empty rows of one owner. @returns the number of the first */
  addRows(count: number, owner: number): number {
    const first = this.rows;
    this.rows += count;
    const size = this.rows * ROW_FIELDS;
    if (size > this.records.length) {
      this.records = enlarged(this.records, Math.max(size, this.records.length * 2));
    }
    for (let row = first; row < this.rows; row++) this.records[row * ROW_FIELDS + OWNER] = owner;
    return first;
  }

  /** The row of a node, or -1. */
  rowOf(n: number): number {
    return this.places[2 * n]!;
  }

  /** The owner that a row was added for. */
  ownerOf(row: number): number {
    return this.records[row * ROW_FIELDS + OWNER]!;
  }

  /** The first node of a row that is not empty. */
  first(row: number): number {
    return this.entries[2 * this.records[row * ROW_FIELDS + START]! + 1]!;
  }

  /** Memory of the first node of a row; -1 if it is empty. */
  firstMemory(row: number): number {
    const record = row * ROW_FIELDS;
    return this.records[record + LENGTH] === 0
      ? NONE
      : this.entries[2 * this.records[record + START]!]!;
  }

  /** Memory that a node was inserted with; only if it is in a row. */
  memoryOf(n: number): number {
    const start = this.records[this.places[2 * n]! * ROW_FIELDS + START]!;
    return this.entries[2 * (start + this.places[2 * n + 1]!)]!;
  }

  /** Reads what a removal of nodes `nodes[0..count)` (-1: none) will read; see `NodeSelector.lookAhead`. */
  lookAhead(nodes: Int32Array, count: number): void {
    const { entries, places, records } = this;
    let sum = this.touched;
    for (let i = 0; i < count; i++) {
      const n = nodes[i]!;
      if (n === NONE) continue;
      const row = places[2 * n]!;
      if (row === NONE) continue;
      sum += entries[2 * (records[row * ROW_FIELDS + START]! + places[2 * n + 1]!)]!;
    }
    this.touched = sum % 2;
  }

  /** Inserts a node that is in no row. @returns true if it is the first of its row now */
  insert(row: number, memory: number, n: number): boolean {
    const record = row * ROW_FIELDS;
    const length = this.records[record + LENGTH]!;
    if (length === this.records[record + CAPACITY]) this.makeRoom(record);
    this.records[record + LENGTH] = length + 1;
    this.places[2 * n] = row;
    return this.siftUp(this.records[record + START]!, length, memory, n) === 0;
  }

  /** Removes a node from its row. @returns true if it was the first */
  remove(n: number): boolean {
    const { entries, places, records } = this;
    const record = places[2 * n]! * ROW_FIELDS;
    const start = records[record + START]!;
    const i = places[2 * n + 1]!;
    const last = records[record + LENGTH]! - 1;
    records[record + LENGTH] = last;
    places[2 * n] = NONE;
    if (i !== last) {
      const memory = entries[2 * (start + last)]!;
      const member = entries[2 * (start + last) + 1]!;
      if (this.siftUp(start, i, memory, member) === i) this.siftDown(start, i, last);
    }
    return i === 0;
  }

  private siftUp(start: number, i: number, memory: number, n: number): number {
    const { entries, places } = this;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const m = entries[2 * (start + parent)]!;
      const p = entries[2 * (start + parent) + 1]!;
      if (m > memory || (m === memory && p < n)) break;
      entries[2 * (start + i)] = m;
      entries[2 * (start + i) + 1] = p;
      places[2 * p + 1] = i;
      i = parent;
    }
    entries[2 * (start + i)] = memory;
    entries[2 * (start + i) + 1] = n;
    places[2 * n + 1] = i;
    return i;
  }

  private siftDown(start: number, i: number, length: number): void {
    const { entries, places } = this;
    const memory = entries[2 * (start + i)]!;
    const n = entries[2 * (start + i) + 1]!;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      let at = 2 * (start + child);
      let m = entries[at]!;
      let c = entries[at + 1]!;
      if (child + 1 < length) {
        const other = entries[at + 2]!;
        if (other > m || (other === m && entries[at + 3]! < c)) {
          child++;
          at += 2;
          m = other;
          c = entries[at + 1]!;
        }
      }
      if (memory > m || (memory === m && n < c)) break;
      entries[2 * (start + i)] = m;
      entries[2 * (start + i) + 1] = c;
      places[2 * c + 1] = i;
      i = child;
    }
    entries[2 * (start + i)] = memory;
    entries[2 * (start + i) + 1] = n;
    places[2 * n + 1] = i;
  }

  /** Moves a full row into a room of twice its capacity; the old room is free for others. */
  private makeRoom(record: number): void {
    const { freeRooms, records } = this;
    const capacity = records[record + CAPACITY]!;
    const larger = capacity === 0 ? FIRST_CAPACITY : capacity * 2;
    const size = 31 - Math.clz32(larger);
    let start = freeRooms[size]!;
    if (start !== NONE) freeRooms[size] = this.entries[2 * start]!;
    else {
      start = this.used;
      this.used += larger;
      const needed = 2 * this.used;
      if (needed > this.entries.length) {
        const room = 2 * Math.ceil(this.entries.length * 0.75);
        this.entries = enlarged(this.entries, Math.max(needed, room));
      }
    }
    if (capacity > 0) {
      const old = records[record + START]!;
      this.entries.copyWithin(2 * start, 2 * old, 2 * (old + capacity));
      this.entries[2 * old] = freeRooms[size - 1]!;
      freeRooms[size - 1] = old;
    }
    records[record + START] = start;
    records[record + CAPACITY] = larger;
  }
}

/** A longer copy of a column, of the same kind. */
export function enlarged<T extends Amounts>(from: T, size: number): T {
  const larger = from instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
  larger.set(from);
  return larger as T;
}
