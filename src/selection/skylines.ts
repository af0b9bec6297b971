import { NONE } from '../base/ids.ts';
import { type Amounts, enlarged, type RowHeaps } from './row-heaps.ts';
import { RowMaxima } from './row-maxima.ts';

/** Points of a skyline that there is room for at first; all skylines grow together. */
const FIRST_STRIDE = 32;

/** Fields of a group in `Skylines.bounds`: largest weight of a point, or -1, and what weighs a level, a grain of memory. */
export const TOP = 0;
export const LEVEL_SLOPE = 1;
export const MEMORY_SLOPE = 2;
export const BOUND_FIELDS = 4;

/** What a class of interchangeable nodes needs to know of itself. */
export interface SkylineClass {
  /** Group of the cluster; its classes have as much in all and so weigh free amounts alike. */
  readonly group: number;
  /** Levels of free cpu, from 0. */
  readonly levels: number;
  /** Weight of a level of free cpu and of a grain of memory in a point's weight, at least 0. */
  readonly levelSlope: number;
  readonly memorySlope: number;
}

/**
 * The skyline of each class of nodes: the amounts that no node of the class surpasses in both free cpu and free memory, by
 * descending cpu and so ascending memory. Nodes of one class and level of free cpu are a row; the first of a row, by memory
 * and then by index, stands for it.
 *
 * The best node under a score that rises with free resources, ties by cpu, memory, index, is always the first of the row of a
 * point. *Guarantees*: exact after every change. *Price*: a change that leaves what most memory a row has costs O(log of the
 * row); others that and a repair of the points between two neighbours, O(points and rows between).
 */
export class Skylines {
  /** Points by class: `[c * stride .. + counts[c])` of the columns below: row, free memory, weight. */
  stride = FIRST_STRIDE;
  counts = new Int32Array(16);
  rows = new Int32Array(0);
  memories: Amounts;
  weights = new Float64Array(0);
  /** Row of level 0, and largest weight of a point or -1, by class. */
  firstRows = new Int32Array(16);
  tops = new Float64Array(16);
  /** `BOUND_FIELDS` numbers by group of the cluster. */
  bounds = new Float64Array(0);
  private classes = 0;
  /** Group of each class, and the class before it in its group, or -1. */
  private groups = new Int32Array(16);
  private previous = new Int32Array(16);
  /** Last class by group, or -1. */
  private lastOf = new Int32Array(0);
  private readonly heaps: RowHeaps;
  /** Most memory of each row + 1, 0 for an empty one. */
  private readonly maxima: RowMaxima;

  /** @param isWide true if amounts of memory need doubles */
  constructor(heaps: RowHeaps, isWide: boolean) {
    this.heaps = heaps;
    this.maxima = new RowMaxima(isWide);
    this.memories = isWide ? new Float64Array(0) : new Int32Array(0);
  }

  /** Adds a class without nodes. @returns its number */
  addClass({ group, levels, levelSlope, memorySlope }: SkylineClass): number {
    const c = this.classes++;
    if (c === this.counts.length) {
      this.counts = enlarged(this.counts, 2 * c);
      this.firstRows = enlarged(this.firstRows, 2 * c);
      this.tops = enlarged(this.tops, 2 * c);
      this.groups = enlarged(this.groups, 2 * c);
      this.previous = enlarged(this.previous, 2 * c);
    }
    if (group >= this.lastOf.length) this.addGroups(2 * group + 16);
    this.firstRows[c] = this.heaps.addRows(levels, c);
    this.maxima.makeRoom(this.firstRows[c]! + levels, levels);
    this.tops[c] = -1;
    this.groups[c] = group;
    this.previous[c] = this.lastOf[group]!;
    this.lastOf[group] = c;
    this.bounds[group * BOUND_FIELDS + LEVEL_SLOPE] = levelSlope;
    this.bounds[group * BOUND_FIELDS + MEMORY_SLOPE] = memorySlope;
    this.layOut(this.stride);
    return c;
  }

  private addGroups(count: number): void {
    const known = this.lastOf.length;
    this.lastOf = enlarged(this.lastOf, count).fill(NONE, known);
    this.bounds = enlarged(this.bounds, count * BOUND_FIELDS);
    for (let g = known; g < count; g++) this.bounds[g * BOUND_FIELDS + TOP] = -1;
  }

  /** The class that a node is in, or -1. */
  classOf(n: number): number {
    const row = this.heaps.rowOf(n);
    return row === NONE ? NONE : this.heaps.ownerOf(row);
  }

  /** The node of a point: the first of its row. */
  nodeOf(row: number): number {
    return this.heaps.first(row);
  }

  /** Reads what changes of nodes `nodes[0..count)` (-1: none) will read. */
  lookAhead(nodes: Int32Array, count: number): void {
    this.heaps.lookAhead(nodes, count);
  }

  /** Puts a node into a class, or moves it there. */
  put(n: number, c: number, level: number, memory: number): void {
    const { heaps } = this;
    const row = this.firstRows[c]! + level;
    const before = heaps.rowOf(n);
    if (before === NONE) {
      if (this.insert(row, memory, n)) this.add(c, row);
      return;
    }
    const memoryBefore = heaps.memoryOf(n);
    if (before === row && memoryBefore === memory) return;
    const isKept = heaps.ownerOf(before) === c;
    if (isKept && row <= before && memory <= memoryBefore) {
      // Its old place surpassed the new one: that is a point at most in the gap that it leaves.
      const isGap = this.remove(before, n);
      this.insert(row, memory, n);
      if (isGap) this.uncover(c, before);
    } else if (isKept && row >= before && memory >= memoryBefore) {
      // The new place surpasses the old one and all that it hid: no gap opens.
      this.remove(before, n);
      if (this.insert(row, memory, n)) this.add(c, row);
    } else {
      this.drop(n);
      if (this.insert(row, memory, n)) this.add(c, row);
    }
  }

  /** Takes a node out of its class, if it is in one. */
  drop(n: number): void {
    const row = this.heaps.rowOf(n);
    if (row === NONE) return;
    if (this.remove(row, n)) this.uncover(this.heaps.ownerOf(row), row);
  }

  /** @returns true if the row has less memory now than before */
  private remove(row: number, n: number): boolean {
    const { heaps, maxima } = this;
    if (!heaps.remove(n)) return false;
    const value = heaps.firstMemory(row) + 1;
    if (value === maxima.valueOf(row)) return false;
    maxima.set(row, value);
    return true;
  }

  /** @returns true if the row has more memory now than before */
  private insert(row: number, memory: number, n: number): boolean {
    const { heaps, maxima } = this;
    if (!heaps.insert(row, memory, n) || maxima.valueOf(row) > memory) return false;
    maxima.set(row, memory + 1);
    return true;
  }

  /** Adds a row that has more memory now as a point, unless another surpasses it; points that it surpasses go. */
  private add(c: number, row: number): void {
    const { memories, rows } = this;
    const memory = this.maxima.valueOf(row) - 1;
    const from = c * this.stride;
    const end = from + this.counts[c]!;
    let at = from;
    while (at < end && rows[at]! > row) at++;
    if (at > from && memories[at - 1]! >= memory) return;
    let next = at;
    while (next < end && memories[next]! <= memory) next++;
    const place = this.resize(c, at, next, 1);
    const weight = this.setPoint(c, place, row);
    // What it surpassed did not weigh more.
    if (weight <= this.tops[c]!) return;
    this.tops[c] = weight;
    const top = this.groups[c]! * BOUND_FIELDS + TOP;
    if (weight > this.bounds[top]!) this.bounds[top] = weight;
  }

  /** Repairs the points where a row, if it is one of them, has less memory now: those that it had surpassed come. */
  private uncover(c: number, row: number): void {
    const { maxima, rows } = this;
    const from = c * this.stride;
    const end = from + this.counts[c]!;
    let at = from;
    while (at < end && rows[at]! > row) at++;
    if (at === end || rows[at] !== row) return;
    const weight = this.weights[at]!;
    const hasAbove = at > from;
    const found = maxima.search(
      hasAbove ? rows[at - 1]! - 1 : row,
      at + 1 < end ? rows[at + 1]! : this.firstRows[c]! - 1,
      hasAbove ? this.memories[at - 1]! + 1 : 0,
    );
    const place = this.resize(c, at, at + 1, found);
    for (let i = 0; i < found; i++) this.setPoint(c, place + i, maxima.found[i]!);
    if (weight === this.tops[c]) this.findTop(c);
  }

  /** Makes a row the point at a place. @returns its weight */
  private setPoint(c: number, at: number, row: number): number {
    const { bounds } = this;
    const memory = this.maxima.valueOf(row) - 1;
    const bound = this.groups[c]! * BOUND_FIELDS;
    const weight =
      bounds[bound + LEVEL_SLOPE]! * (row - this.firstRows[c]!) +
      bounds[bound + MEMORY_SLOPE]! * memory;
    this.rows[at] = row;
    this.memories[at] = memory;
    this.weights[at] = weight;
    return weight;
  }

  private findTop(c: number): void {
    const { weights } = this;
    const from = c * this.stride;
    const end = from + this.counts[c]!;
    let top = -1;
    for (let i = from; i < end; i++) if (weights[i]! > top) top = weights[i]!;
    const before = this.tops[c]!;
    this.tops[c] = top;
    const group = this.groups[c]!;
    if (before !== this.bounds[group * BOUND_FIELDS + TOP]) return;
    let most = -1;
    for (let k = this.lastOf[group]!; k !== NONE; k = this.previous[k]!) {
      most = Math.max(most, this.tops[k]!);
    }
    this.bounds[group * BOUND_FIELDS + TOP] = most;
  }

  /** Puts `count` points, yet to be set, in the place of those from `at` to before `next`. @returns where they are */
  private resize(c: number, at: number, next: number, count: number): number {
    const by = at + count - next;
    if (by === 0) return at;
    const before = this.counts[c]!;
    let { stride } = this;
    if (before + by > stride) {
      const offset = at - c * stride;
      while (before + by > stride) stride *= 2;
      next += c * (stride - this.stride);
      at = c * stride + offset;
      this.layOut(stride);
    }
    this.counts[c] = before + by;
    // Plain loops: the points are few, and a call of `copyWithin` costs more than moving them.
    const { memories, rows, weights } = this;
    const end = c * stride + before;
    const step = by > 0 ? -1 : 1;
    const stop = by > 0 ? next - 1 : end;
    for (let i = by > 0 ? end - 1 : next; i !== stop; i += step) {
      rows[i + by] = rows[i]!;
      memories[i + by] = memories[i]!;
      weights[i + by] = weights[i]!;
    }
    return at;
  }

  /** Gives every skyline room for `stride` points. */
  private layOut(stride: number): void {
    const size = this.counts.length * stride;
    if (size === this.weights.length) return;
    const rows = new Int32Array(size);
    const memories =
      this.memories instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
    const weights = new Float64Array(size);
    for (let c = 0; c < this.classes; c++) {
      const from = c * this.stride;
      const end = from + this.counts[c]!;
      rows.set(this.rows.subarray(from, end), c * stride);
      memories.set(this.memories.subarray(from, end), c * stride);
      weights.set(this.weights.subarray(from, end), c * stride);
    }
    this.rows = rows;
    this.memories = memories;
    this.weights = weights;
    this.stride = stride;
  }
}
