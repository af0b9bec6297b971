import { asNode, type NodeIndex } from '../../base/ids.ts';
import type { FrameworkPod } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { Board } from './board.ts';
import { ClassBits } from './class-bits.ts';
import type { FoundNodes } from './found-nodes.ts';
import { ALL, type FreshFilters } from './fresh.ts';

/** How a walk goes. */
export interface WalkOptions {
  /** List position where it starts; it wraps around. */
  readonly start: number;
  /** Feasible nodes to find. */
  readonly most: number;
  /** Filters of this cycle that refuse whole classes; null for none. */
  readonly classes: FreshFilters | null;
}

/**
 * The search over the whole list on one board: finds the first feasible nodes from a position on, and the best of them by what
 * the board holds.
 *
 * *Guarantees*: the nodes that the plain search finds. *Price*: a step a block of 32 positions, and a look at the positions of
 * the two blocks where the window begins and ends; with `classes` a look at every position.
 */
export class BoardWalk {
  /** Best sum and how many have it. */
  top = -1;
  ties = 0;
  private start = 0;
  private most = 0;
  /** Where the two legs ended: from the start on, and from 0 on. */
  private readonly ends = [0, 0];
  private tiedAt = 0;
  private readonly found: FoundNodes;
  private readonly nodes: KubeNodes;
  /** By class: twice the walk in which the cycle's filters refused it, one more if they did not. */
  private readonly classMarks: number[] = [];
  private walks = 0;
  private readonly classBits: ClassBits;
  /** Bits of the classes that pass in this walk. */
  private readonly passing: Int32Array[] = [];
  /** Whole blocks of this walk whose best is lost and might be the best of all. */
  private readonly lost: Int32Array;
  private lostCount = 0;

  constructor(nodes: KubeNodes, found: FoundNodes) {
    this.nodes = nodes;
    this.found = found;
    this.classBits = new ClassBits(nodes);
    this.lost = new Int32Array((nodes.slots >> 5) + 1);
  }

  /** @returns the position of the feasible node past the last one to keep, where the next search starts; -1 for none */
  run(pod: FrameworkPod, board: Board, { classes, most, start }: WalkOptions): number {
    const { listed } = this.nodes;
    this.most = most;
    this.start = start;
    this.top = -1;
    this.ties = 0;
    this.ends[0] = start;
    this.ends[1] = 0;
    this.walks++;
    this.lostCount = 0;
    this.found.isPlaced = classes !== null;
    if (classes === null) {
      let stop = this.walk(pod, board, start, listed);
      if (stop < 0 && start > 0) stop = this.walk(pod, board, 0, start);
      this.findLost(board);
      return stop;
    }
    const walk = { pod, board, classes };
    if (this.classBits.refresh()) {
      this.findPassing(pod, classes);
      const stop = this.walkPassing(pod, board, start, listed);
      return stop < 0 && start > 0 ? this.walkPassing(pod, board, 0, start) : stop;
    }
    const stop = this.walkClasses(walk, start, listed);
    return stop < 0 && start > 0 ? this.walkClasses(walk, 0, start) : stop;
  }

  private walk(pod: FrameworkPod, board: Board, from: number, to: number): number {
    const { found, most } = this;
    const { feasible, stale, ties, tops, value } = board.columns;
    let { count } = found;
    let i = from;
    while (i < to && count < most) {
      const block = i >> 5;
      if (stale[block] !== 0) board.refresh(pod, block);
      const end = (block + 1) << 5;
      if ((i & 31) === 0 && end <= to && count + feasible[block]! <= most) {
        count += feasible[block]!;
        if (tops[block]! >= this.top) {
          if (ties[block]! > 0) this.noteTop(tops[block]!, ties[block]!);
          else if (tops[block]! > this.top) this.lost[this.lostCount++] = block;
        }
        i = end;
        continue;
      }
      for (; i < end && i < to && count < most; i++) {
        const sum = value[i]!;
        if (sum < 0) continue;
        count++;
        if (sum >= this.top) this.noteTop(sum, 1);
      }
    }
    found.count = count;
    this.ends[from === this.start ? 0 : 1] = i;
    while (i < to && board.look(pod, i) < 0) i++;
    return i < to ? i : -1;
  }

  /** Finds the best of the blocks that lost theirs, where it may still be the best of all. */
  private findLost(board: Board): void {
    const { ties, tops } = board.columns;
    for (let k = 0; k < this.lostCount; k++) {
      const block = this.lost[k]!;
      if (tops[block]! <= this.top) continue;
      board.findTop(block);
      if (tops[block]! >= this.top) this.noteTop(tops[block]!, ties[block]!);
    }
  }

  private noteTop(sum: number, many: number): void {
    if (sum > this.top) {
      this.top = sum;
      this.ties = many;
    } else this.ties += many;
  }

  /** Finds the classes that the cycle's filters let pass. */
  private findPassing(pod: FrameworkPod, classes: FreshFilters): void {
    const { bits, first } = this.classBits;
    this.passing.length = 0;
    for (let k = 0; k < first.length; k++) {
      if (classes.test(pod, first[k]!, ALL) === 0) this.passing.push(bits[k]!);
    }
  }

  /** As `walk`, over the positions of the classes that pass; writes the positions that it finds. */
  private walkPassing(pod: FrameworkPod, board: Board, from: number, to: number): number {
    const { found, most, passing } = this;
    const { positions } = found;
    let { count } = found;
    for (let block = from >> 5; block << 5 < to; block++) {
      const start = block << 5;
      let bits = 0;
      for (let k = 0; k < passing.length; k++) bits |= passing[k]![block]!;
      if (start < from) bits &= -1 << (from & 31);
      if (to - start < 32) bits &= (1 << (to & 31)) - 1;
      for (; bits !== 0; bits &= bits - 1) {
        const i = start + 31 - Math.clz32(bits & -bits);
        const sum = board.look(pod, i);
        if (sum < 0) continue;
        if (count === most) {
          found.count = count;
          return i;
        }
        positions[count++] = i;
        if (sum >= this.top) this.noteTop(sum, 1);
      }
    }
    found.count = count;
    return -1;
  }

  /** As `walk`, where the cycle refuses some of many classes; writes the positions that it finds. */
  private walkClasses(
    { board, classes, pod }: { pod: FrameworkPod; board: Board; classes: FreshFilters },
    from: number,
    to: number,
  ): number {
    const { classMarks, found, most } = this;
    const { classAt } = this.nodes;
    const { positions } = found;
    while (classMarks.length < this.nodes.classes.count) classMarks.push(0);
    const passes = 2 * this.walks + 1;
    const fails = 2 * this.walks;
    let { count } = found;
    let stop = -1;
    for (let i = from; i < to; i++) {
      const c = classAt[i]!;
      let mark = classMarks[c]!;
      if (mark < fails) {
        mark = classes.test(pod, i, ALL) === 0 ? passes : fails;
        classMarks[c] = mark;
      }
      if (mark === fails) continue;
      const sum = board.look(pod, i);
      if (sum < 0) continue;
      if (count === most) {
        stop = i;
        break;
      }
      positions[count++] = i;
      if (sum > this.top) {
        this.top = sum;
        this.ties = 1;
      } else if (sum === this.top) this.ties++;
    }
    found.count = count;
    return stop;
  }

  /** Writes the positions that a walk without `classes` found, where more than the best is asked for. */
  writePositions(board: Board): void {
    const { found } = this;
    if (found.isPlaced) return;
    const { value } = board.columns;
    const { listed } = this.nodes;
    let i = this.start;
    for (let k = 0; k < found.count; i = i + 1 === listed ? 0 : i + 1) {
      if (value[i]! >= 0) found.positions[k++] = i;
    }
    found.isPlaced = true;
  }

  /** The best node by the board. @param skip how many of those that tie stand before it */
  best(board: Board, skip: number): NodeIndex {
    const { found, top } = this;
    const { list } = this.nodes;
    const { value } = board.columns;
    if (found.isPlaced) {
      let k = 0;
      let left = skip;
      while (value[found.positions[k]!] !== top || left-- > 0) k++;
      return asNode(list[found.positions[k]!]!);
    }
    const left = this.skipTied(board, { from: this.start, to: this.ends[0]!, skip });
    if (left >= 0) this.skipTied(board, { from: 0, to: this.ends[1]!, skip: left });
    return asNode(list[this.tiedAt]!);
  }

  /** Finds the tied node after `skip` others, into `tiedAt`. @returns how many are left to skip, -1 if it is found */
  private skipTied(
    board: Board,
    range: { readonly from: number; readonly to: number; readonly skip: number },
  ): number {
    const { top } = this;
    const { ties, tops, value } = board.columns;
    const { from, to } = range;
    let { skip } = range;
    let i = from;
    while (i < to) {
      const block = i >> 5;
      const end = (block + 1) << 5;
      const isWhole = (i & 31) === 0 && end <= to;
      const many = tops[block] === top ? ties[block]! : 0;
      if (isWhole && many <= skip) {
        skip -= many;
        i = end;
        continue;
      }
      for (; i < end && i < to; i++) {
        if (value[i] !== top || skip-- > 0) continue;
        this.tiedAt = i;
        return -1;
      }
    }
    return skip;
  }
}
