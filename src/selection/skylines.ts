import { NONE } from '../base/ids.ts';
import { type Amounts, enlarged, type RowHeaps } from './row-heaps.ts';

/** Points of a skyline that there is room for at first; all skylines grow together. */
const FIRST_STRIDE = 32;

/** What a group of interchangeable nodes needs to know of itself. */
export interface SkylineGroup {
  /** Rows: levels of free cpu, from 0. */
  readonly rows: number;
  /** Weight of a row's level and of a grain of memory in a point's weight. */
  readonly rowSlope: number;
  readonly memorySlope: number;
}

/**
 * The skyline of each group of nodes: those that no other node of the group surpasses in both free cpu and free memory, by
 * descending cpu and so ascending memory. Of nodes with equal amounts the one with the lowest index stands for all.
 *
 * The best node under a score that rises with free resources, ties by cpu, memory, index, is always a point of its group's
 * skyline. *Guarantees*: exact after every change. *Price*: a change of the first of a row costs O(log rows) and the repair
 * of the points that it uncovered, O(points); other changes nothing. Trees: 8 bytes a row, up to twice that.
 */
export class Skylines {
  /** Points by group: `[group * stride .. + counts[group])` of the columns below. */
  stride = FIRST_STRIDE;
  counts = new Int32Array(16);
  /** Level of free cpu, free memory, node and weight of each point. */
  levels = new Int32Array(0);
  memories: Amounts;
  nodes = new Int32Array(0);
  weights = new Float64Array(0);
  /** Largest weight of a point by group; -1 without points. */
  tops = new Float64Array(16);
  private readonly heaps: RowHeaps;
  private readonly groups: SkylineGroup[] = [];
  private groupOfRow = new Int32Array(0);
  private readonly firstRows: number[] = [];
  /** Maximum trees: memory + 1 of the first of each row, 0 for an empty row. By group from `treeStarts`, root at 1. */
  private trees: Amounts;
  private readonly treeStarts: number[] = [];
  private readonly leaves: number[] = [];

  /** @param isWide true if amounts of memory need doubles */
  constructor(heaps: RowHeaps, isWide: boolean) {
    this.heaps = heaps;
    this.memories = isWide ? new Float64Array(0) : new Int32Array(0);
    this.trees = isWide ? new Float64Array(0) : new Int32Array(0);
  }

  /** Adds a group without nodes. @returns its number */
  addGroup(group: SkylineGroup): number {
    const g = this.groups.push(group) - 1;
    const firstRow = this.heaps.addRows(group.rows);
    this.firstRows.push(firstRow);
    let leaves = 1;
    while (leaves < group.rows) leaves *= 2;
    this.leaves.push(leaves);
    const treeStart = g === 0 ? 0 : this.treeStarts[g - 1]! + 2 * this.leaves[g - 1]!;
    this.treeStarts.push(treeStart);
    const end = treeStart + 2 * leaves;
    if (end > this.trees.length) this.trees = sameKind(this.trees, 2 * end);
    if (firstRow + group.rows > this.groupOfRow.length) {
      this.groupOfRow = enlarged(this.groupOfRow, 2 * (firstRow + group.rows));
    }
    this.groupOfRow.fill(g, firstRow, firstRow + group.rows);
    if (g === this.counts.length) {
      this.counts = enlarged(this.counts, 2 * g);
      this.tops = sameKind(this.tops, 2 * g) as Float64Array<ArrayBuffer>;
    }
    this.tops[g] = -1;
    this.layOut(this.stride);
    return g;
  }

  /** Reads what changes of nodes `nodes[0..count)` (-1: none) will read. */
  lookAhead(nodes: Int32Array, count: number): void {
    this.heaps.lookAhead(nodes, count);
  }

  /** Puts a node into a group, or moves it there. */
  put(n: number, group: number, level: number, memory: number): void {
    const { heaps } = this;
    const row = this.firstRows[group]! + level;
    if (heaps.rowOf[n] !== NONE) {
      if (heaps.rowOf[n] === row && heaps.memoryOf(n) === memory) return;
      this.drop(n);
    }
    if (!heaps.insert(row, memory, n)) return;
    this.setLeaf(group, level, memory + 1);
    this.add(group, level, memory, n);
  }

  /** Takes a node out of its group, if it is in one. */
  drop(n: number): void {
    const { heaps } = this;
    const row = heaps.rowOf[n]!;
    if (row === NONE || !heaps.remove(n)) return;
    const group = this.groupOfRow[row]!;
    const isEmpty = heaps.first(row) === NONE;
    this.setLeaf(group, row - this.firstRows[group]!, isEmpty ? 0 : heaps.firstMemory(row) + 1);
    this.uncover(group, n);
  }

  private setLeaf(group: number, level: number, value: number): void {
    const { trees } = this;
    const base = this.treeStarts[group]!;
    let i = this.leaves[group]! + level;
    if (trees[base + i] === value) return;
    trees[base + i] = value;
    while (i > 1) {
      i >>= 1;
      const left = trees[base + 2 * i]!;
      const right = trees[base + 2 * i + 1]!;
      const most = Math.max(left, right);
      if (trees[base + i] === most) return;
      trees[base + i] = most;
    }
  }

  /** Adds the first of a row as a point, unless another surpasses it; points that it surpasses go. */
  private add(group: number, level: number, memory: number, n: number): void {
    const { levels, memories, nodes } = this;
    const from = group * this.stride;
    const end = from + this.counts[group]!;
    let at = from;
    while (at < end && levels[at]! > level) {
      if (memories[at]! >= memory) return;
      at++;
    }
    if (at < end && levels[at] === level) {
      if (memories[at]! > memory || (memories[at] === memory && nodes[at]! < n)) return;
    }
    let surpassed = at;
    while (surpassed < end && memories[surpassed]! <= memory) surpassed++;
    if (surpassed - at !== 1) at += this.shift(group, surpassed, 1 - (surpassed - at));
    this.set(group, at, { level, memory, n });
    this.findTop(group);
  }

  /** Removes a node from the points, if it is one, and finds those that it had surpassed, between its neighbours. */
  private uncover(group: number, n: number): void {
    const from = group * this.stride;
    const end = from + this.counts[group]!;
    let at = from;
    while (at < end && this.nodes[at] !== n) at++;
    if (at === end) return;
    const { heaps, trees } = this;
    const base = this.treeStarts[group]!;
    const leaves = this.leaves[group]!;
    this.shift(group, at + 1, -1);
    let offset = at - from;
    let most = offset > 0 ? this.memories[at - 1]! + 1 : 0;
    const below = offset < this.counts[group]! ? this.levels[at]! : NONE;
    while (trees[base + 1]! > most) {
      let i = 1;
      while (i < leaves) {
        i = 2 * i + 1;
        if (trees[base + i]! <= most) i--;
      }
      const level = i - leaves;
      if (level === below) break;
      most = trees[base + i]!;
      const point = { level, memory: most - 1, n: heaps.first(this.firstRows[group]! + level) };
      const to = group * this.stride + offset;
      this.set(group, to + this.shift(group, to, 1), point);
      offset++;
    }
    this.findTop(group);
  }

  private set(
    group: number,
    at: number,
    point: { readonly level: number; readonly memory: number; readonly n: number },
  ): void {
    const { rowSlope, memorySlope } = this.groups[group]!;
    this.levels[at] = point.level;
    this.memories[at] = point.memory;
    this.nodes[at] = point.n;
    this.weights[at] = rowSlope * point.level + memorySlope * point.memory;
  }

  private findTop(group: number): void {
    const { weights } = this;
    const from = group * this.stride;
    const end = from + this.counts[group]!;
    let top = -1;
    for (let i = from; i < end; i++) if (weights[i]! > top) top = weights[i]!;
    this.tops[group] = top;
  }

  /**
   * Moves the points of a group from position `from` on by `by` places.
   *
   * @returns by how much every position of the group moved, because all skylines were given more room
   */
  private shift(group: number, from: number, by: number): number {
    const count = this.counts[group]! + by;
    let moved = 0;
    if (count > this.stride) {
      const old = this.stride;
      this.layOut(old * 2);
      moved = group * old;
      from += moved;
    }
    // Plain loops: the points are few, and a call of `copyWithin` costs more than moving them.
    const { levels, memories, nodes, weights } = this;
    const last = group * this.stride + this.counts[group]! - 1;
    const step = by > 0 ? -1 : 1;
    const end = by > 0 ? from - 1 : last + 1;
    for (let i = by > 0 ? last : from; i !== end; i += step) {
      levels[i + by] = levels[i]!;
      memories[i + by] = memories[i]!;
      nodes[i + by] = nodes[i]!;
      weights[i + by] = weights[i]!;
    }
    this.counts[group] = count;
    return moved;
  }

  /** Gives every skyline room for `stride` points. */
  private layOut(stride: number): void {
    const size = this.counts.length * stride;
    if (size === this.levels.length) return;
    const levels = new Int32Array(size);
    const memories = sameKind(this.memories.subarray(0, 0), size);
    const nodes = new Int32Array(size);
    const weights = new Float64Array(size);
    for (let g = 0; g < this.groups.length; g++) {
      const from = g * this.stride;
      const end = from + this.counts[g]!;
      levels.set(this.levels.subarray(from, end), g * stride);
      memories.set(this.memories.subarray(from, end), g * stride);
      nodes.set(this.nodes.subarray(from, end), g * stride);
      weights.set(this.weights.subarray(from, end), g * stride);
    }
    this.levels = levels;
    this.memories = memories;
    this.nodes = nodes;
    this.weights = weights;
    this.stride = stride;
  }
}

/** A copy of a column of the same kind, longer or as long. */
function sameKind(from: Amounts, size: number): Amounts {
  const copy = from instanceof Int32Array ? new Int32Array(size) : new Float64Array(size);
  copy.set(from);
  return copy;
}
