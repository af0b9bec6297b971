import { NONE } from '../base/ids.ts';

/** A column of amounts: as wide as the cluster's own column. */
export type Amounts = Int32Array | Float64Array;

/** Members that a row has room for when it gets its first. */
const FIRST_CAPACITY = 4;

/**
 * Rows of nodes, each an indexed heap: most memory first, lowest index on ties.
 *
 * *Guarantees*: a node is in one row at most; the first of a row is known at once. *Price*: O(log of the row) to insert and
 * remove; 8 bytes a node for its place, 8 (12 with wide memory) an entry with room of at most two thirds, 12 bytes a row. Room
 * that a row outgrew is reused by others.
 */
export class RowHeaps {
  /** Row of each node, or -1. */
  readonly rowOf: Int32Array;
  private readonly positionOf: Int32Array;
  private lengths = new Int32Array(0);
  private starts = new Int32Array(0);
  private capacities = new Int32Array(0);
  private rows = 0;
  private memories: Amounts;
  private members: Int32Array;
  private used = 0;
  /** Keeps reads ahead alive: what nobody uses may be left out. */
  private touched = 0;
  /** Start of a chain of free rooms by log2 of their capacity; the link is in `members`. */
  private readonly freeRooms = new Int32Array(32).fill(NONE);

  /**
   * @param nodes nodes of the cluster
   * @param isWide true if amounts of memory need doubles
   */
  constructor(nodes: number, isWide: boolean) {
    this.rowOf = new Int32Array(nodes).fill(NONE);
    this.positionOf = new Int32Array(nodes);
    this.memories = isWide ? new Float64Array(2 * nodes + 64) : new Int32Array(2 * nodes + 64);
    this.members = new Int32Array(2 * nodes + 64);
  }

  /** Adds empty rows. @returns the number of the first */
  addRows(count: number): number {
    const first = this.rows;
    this.rows += count;
    if (this.rows > this.lengths.length) {
      const size = Math.max(this.rows, this.lengths.length * 2);
      this.lengths = enlarged(this.lengths, size);
      this.starts = enlarged(this.starts, size);
      this.capacities = enlarged(this.capacities, size);
    }
    return first;
  }

  /** The first node of a row, or -1. */
  first(row: number): number {
    return this.lengths[row] === 0 ? NONE : this.members[this.starts[row]!]!;
  }

  /** Memory of the first node of a row that is not empty. */
  firstMemory(row: number): number {
    return this.memories[this.starts[row]!]!;
  }

  /** Memory that a node was inserted with; only if it is in a row. */
  memoryOf(n: number): number {
    return this.memories[this.starts[this.rowOf[n]!]! + this.positionOf[n]!]!;
  }

  /** Reads what a removal of nodes `nodes[0..count)` (-1: none) will read; see `NodeSelector.lookAhead`. */
  lookAhead(nodes: Int32Array, count: number): void {
    const { memories, members, positionOf, rowOf, starts } = this;
    let sum = this.touched;
    for (let i = 0; i < count; i++) {
      const n = nodes[i]!;
      if (n === NONE) continue;
      const row = rowOf[n]!;
      if (row === NONE) continue;
      const at = starts[row]! + positionOf[n]!;
      sum += memories[at]! + members[at]!;
    }
    this.touched = sum % 2;
  }

  /** Inserts a node that is in no row. @returns true if it is the first of its row now */
  insert(row: number, memory: number, n: number): boolean {
    const length = this.lengths[row]!;
    if (length === this.capacities[row]) this.makeRoom(row);
    this.lengths[row] = length + 1;
    this.rowOf[n] = row;
    return this.siftUp(this.starts[row]!, length, memory, n) === 0;
  }

  /** Removes a node from its row. @returns true if it was the first */
  remove(n: number): boolean {
    const row = this.rowOf[n]!;
    const start = this.starts[row]!;
    const i = this.positionOf[n]!;
    const last = this.lengths[row]! - 1;
    this.lengths[row] = last;
    this.rowOf[n] = NONE;
    if (i !== last) {
      const memory = this.memories[start + last]!;
      const member = this.members[start + last]!;
      if (this.siftUp(start, i, memory, member) === i) this.siftDown(start, i, last);
    }
    return i === 0;
  }

  private siftUp(start: number, i: number, memory: number, n: number): number {
    const { memories, members, positionOf } = this;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const m = memories[start + parent]!;
      const p = members[start + parent]!;
      if (m > memory || (m === memory && p < n)) break;
      memories[start + i] = m;
      members[start + i] = p;
      positionOf[p] = i;
      i = parent;
    }
    memories[start + i] = memory;
    members[start + i] = n;
    positionOf[n] = i;
    return i;
  }

  private siftDown(start: number, i: number, length: number): void {
    const { memories, members, positionOf } = this;
    const memory = memories[start + i]!;
    const n = members[start + i]!;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      let m = memories[start + child]!;
      let c = members[start + child]!;
      if (child + 1 < length) {
        const other = memories[start + child + 1]!;
        if (other > m || (other === m && members[start + child + 1]! < c)) {
          child++;
          m = other;
          c = members[start + child]!;
        }
      }
      if (memory > m || (memory === m && n < c)) break;
      memories[start + i] = m;
      members[start + i] = c;
      positionOf[c] = i;
      i = child;
    }
    memories[start + i] = memory;
    members[start + i] = n;
    positionOf[n] = i;
  }

  /** Moves a full row into a room of twice its capacity; the old room is free for others. */
  private makeRoom(row: number): void {
    const capacity = this.capacities[row]!;
    const larger = capacity === 0 ? FIRST_CAPACITY : capacity * 2;
    const size = 31 - Math.clz32(larger);
    let start = this.freeRooms[size]!;
    if (start !== NONE) this.freeRooms[size] = this.members[start]!;
    else {
      start = this.used;
      this.used += larger;
      if (this.used > this.members.length) this.growPool();
    }
    if (capacity > 0) {
      const old = this.starts[row]!;
      this.memories.copyWithin(start, old, old + capacity);
      this.members.copyWithin(start, old, old + capacity);
      this.members[old] = this.freeRooms[size - 1]!;
      this.freeRooms[size - 1] = old;
    }
    this.starts[row] = start;
    this.capacities[row] = larger;
  }

  private growPool(): void {
    const size = Math.max(this.used, Math.ceil(this.members.length * 1.5));
    this.members = enlarged(this.members, size);
    const memories =
      this.memories instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
    memories.set(this.memories);
    this.memories = memories;
  }
}

/** A longer copy of a column. */
export function enlarged(from: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(from);
  return larger;
}
