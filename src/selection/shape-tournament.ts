import { asNode, asNodeList, NONE, type NodeIndex, type NodeList } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ChangeLog } from '../model/change-log.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';

const INFEASIBLE = Number.NEGATIVE_INFINITY;

/** Entries (nodes x shapes) kept at most per cluster, 2^25: about 8 bytes each, so 256 MiB. */
const ENTRIES_MAX = 0x2000000;

/** Nodes of a block at least, as a power of two. */
const BLOCK_BITS_MIN = 5;

/** The largest stamp that a column of 32 bits keeps. */
const STAMP_MAX = 0x7fffffff;

/** The cached scores of one shape, and the best of each block of neighbours. */
interface ShapeBoard {
  /** Score per node; -Infinity if it cannot take the shape. */
  readonly scores: Float64Array;
  /** One bit per node, set if it takes the shape. */
  readonly takes: Int32Array;
  /** Best score per block; an upper bound where `isStale`. */
  readonly best: Float64Array;
  /** The node that has it, first in the order of ties; -1 if nobody is feasible. Unknown where `isStale`. */
  readonly winners: Int32Array;
  /** Nodes of the block that have it. Unknown where `isStale`. */
  readonly ties: Int32Array;
  /** 1 where the best of the block fell behind: it is looked up when it may win. */
  readonly isStale: Uint8Array;
  /** Position in the change log up to which the board is right; -1 before the first build. */
  position: number;
  /** Decision that asked last, for eviction. */
  usedAt: number;
}

/** True if every filter and score is a pure function of (shape, node), so that a board may keep it. */
export function isCacheable(profile: SchedulingProfile): boolean {
  return (
    (profile.filters ?? []).every((f) => f.dependsOn !== 'cluster') &&
    (profile.scores ?? []).every(({ score }) => score.dependsOn !== 'cluster')
  );
}

/**
 * A tournament of two rounds per pod shape over cached scores: in blocks of neighbours, then among the winners of the blocks.
 * When a shape is asked for, only the nodes that changed since it was asked last are filtered and scored again. A block whose winner
 * got worse keeps its score as a bound, and is played again only when that could win.
 *
 * *Guarantees*: exactly the node of the full scan, in every tie order, for filters and scores that depend on the shape and
 * the node alone. *Price*: O(changes since the shape's last decision + blocks), blocks being about the square root of the nodes;
 * of memory a changed node touches one score, wherever that is; 8 to 10 bytes per node and shape. A first decision of a shape, or one
 * after more changes than nodes, costs a scan.
 */
export class TournamentSelector implements NodeSelector {
  readonly tier = 'index';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly changes: ChangeLog;
  private readonly nodes: number;
  /** Nodes in a block, as a power of two, and blocks. */
  private readonly blockBits: number;
  private readonly blocks: number;
  private readonly boards: (ShapeBoard | undefined)[] = [];
  private boardCount = 0;
  private decisions = 0;
  private readonly boardsMax: number;
  private readonly touched: Int32Array;
  private readonly candidates: NodeList;
  private readonly scored: Float64Array;
  /** New and old scores of the touched nodes. */
  private readonly fresh: Float64Array;
  private readonly old: Float64Array;
  private readonly stamps: Int32Array;
  private stamp = 0;
  /** True where ties go by index: the first of a block is its winner. */
  private readonly isIndexed: boolean;
  /** True where a node's place among ties changes with what it has free. */
  private readonly isMoving: boolean;
  private cursor = 0;

  /** @param entriesMax entries (nodes x shapes) kept at most; four shapes are kept whatever it says */
  constructor(parts: SelectorParts, changes: ChangeLog, entriesMax = ENTRIES_MAX) {
    this.parts = parts;
    this.changes = changes;
    this.nodes = parts.cluster.nodes.count;
    let bits = BLOCK_BITS_MIN;
    while (1 << (2 * bits + 2) < this.nodes) bits++;
    this.blockBits = bits;
    this.blocks = Math.max(1, (this.nodes + (1 << bits) - 1) >> bits);
    this.boardsMax = Math.max(4, Math.floor(entriesMax / Math.max(1, this.nodes)));
    this.touched = new Int32Array(this.nodes);
    this.candidates = asNodeList(new Int32Array(this.nodes));
    this.scored = new Float64Array(this.nodes);
    this.fresh = new Float64Array(this.nodes);
    this.old = new Float64Array(this.nodes);
    this.stamps = new Int32Array(this.nodes);
    const { ties } = parts.profile;
    this.isIndexed = ties === 'index' || ties === 'uniform' || ties === 'rotate';
    this.isMoving = ties === 'capacity';
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const board = this.boards[pod.shape.index] ?? this.open(pod.shape.index);
    board.usedAt = ++this.decisions;
    this.catchUp(board, pod);
    const top = this.bestOf(board);
    if (top === INFEASIBLE) return -1;
    switch (this.parts.profile.ties) {
      case 'uniform':
        return asNode(this.drawn(board, top, this.parts.drawTie(pod)));
      case 'rotate': {
        const chosen = this.firstTiedFrom(board, top, this.cursor);
        this.cursor = chosen + 1;
        return asNode(chosen);
      }
      default:
        return asNode(this.winnerOf(board, top));
    }
  }

  private open(shape: number): ShapeBoard {
    if (this.boardCount >= this.boardsMax) this.dropOldest();
    const board = {
      scores: new Float64Array(this.nodes).fill(INFEASIBLE),
      takes: new Int32Array((this.nodes + 31) >> 5),
      best: new Float64Array(this.blocks).fill(INFEASIBLE),
      winners: new Int32Array(this.blocks).fill(NONE),
      ties: new Int32Array(this.blocks),
      isStale: new Uint8Array(this.blocks),
      position: -1,
      usedAt: 0,
    };
    while (this.boards.length < shape) this.boards.push(undefined);
    this.boards[shape] = board;
    this.boardCount++;
    return board;
  }

  private dropOldest(): void {
    let oldest = -1;
    this.boards.forEach((board, shape) => {
      if (board && (oldest < 0 || board.usedAt < this.boards[oldest]!.usedAt)) oldest = shape;
    });
    this.boards[oldest] = undefined;
    this.boardCount--;
  }

  /** Scores again what changed. */
  private catchUp(board: ShapeBoard, pod: PodAttempt): void {
    const count =
      board.position < 0 || this.changes.isBehind(board.position)
        ? this.touchAll()
        : this.touchChanged(board.position);
    board.position = this.changes.position;
    this.examined = count;
    if (count === 0) return;
    const moved = this.findMoved(board, count, this.score(pod, count));
    const { fresh, old, touched } = this;
    // A board is rarely at hand: in a loop of their own its scores are fetched side by side, not one after the other.
    for (let i = 0; i < moved; i++) old[i] = board.scores[touched[i]!]!;
    for (let i = 0; i < moved; i++) {
      const score = fresh[i]!;
      if (score === old[i]! && !this.isMoving) continue;
      board.scores[touched[i]!] = score;
      if (count < this.nodes) this.enter(board, touched[i]!, old[i]!, score);
    }
    if (count < this.nodes) return;
    for (let block = 0; block < this.blocks; block++) this.replay(board, block);
  }

  /**
   * Moves the touched nodes to the front that took the shape before or take it now, their new scores to `fresh`: where pods are
   * packed most nodes do neither, and their scores stay where they are. @returns how many
   */
  private findMoved(board: ShapeBoard, count: number, kept: number): number {
    const { candidates, fresh, scored, touched } = this;
    const { takes } = board;
    let k = 0;
    let moved = 0;
    for (let i = 0; i < count; i++) {
      const n = touched[i]!;
      // The kept ones are those touched, in their order, without those that were refused.
      const isKept = k < kept && candidates[k] === n;
      const bit = 1 << (n & 31);
      const word = takes[n >> 5]!;
      if (!isKept && (word & bit) === 0) continue;
      takes[n >> 5] = isKept ? word | bit : word & ~bit;
      fresh[moved] = isKept ? scored[k++]! : INFEASIBLE;
      touched[moved++] = n;
    }
    return moved;
  }

  private touchAll(): number {
    for (let n = 0; n < this.nodes; n++) this.touched[n] = n;
    return this.nodes;
  }

  private touchChanged(from: number): number {
    const { changes, stamps, touched } = this;
    if (this.stamp === STAMP_MAX) {
      stamps.fill(0);
      this.stamp = 0;
    }
    const stamp = ++this.stamp;
    let count = 0;
    for (let i = from; i < changes.position; i++) {
      const n = changes.at(i);
      if (stamps[n] === stamp) continue;
      stamps[n] = stamp;
      touched[count++] = n;
    }
    return count;
  }

  /** Filters and scores the touched nodes into `candidates` and `scored`. @returns how many were kept */
  private score(pod: PodAttempt, count: number): number {
    const { candidates, scored, touched } = this;
    const { cluster, feasibility, profile } = this.parts;
    for (let i = 0; i < count; i++) candidates[i] = asNode(touched[i]!);
    const kept = feasibility.keep(pod, candidates, count);
    scored.fill(0, 0, kept);
    for (const { score, weight } of profile.scores ?? []) {
      score.add(pod, candidates, kept, cluster, scored, weight);
    }
    return kept;
  }

  /** Enters a node's new score; its block stays right, or is marked stale. */
  private enter(board: ShapeBoard, n: number, old: number, score: number): void {
    const { best, isStale, ties, winners } = board;
    const { stamps } = this;
    const block = n >> this.blockBits;
    const top = best[block]!;
    if (score > top) {
      best[block] = score;
      winners[block] = n;
      ties[block] = 1;
      // All others are below what was a bound at least.
      isStale[block] = 0;
      return;
    }
    if (isStale[block] === 1 || top === INFEASIBLE) return;
    if (old === top) {
      ties[block]!--;
      if (winners[block] === n) {
        isStale[block] = 1;
        return;
      }
    }
    if (score !== top) return;
    ties[block]!++;
    const winner = winners[block]!;
    // A winner that changed as well may have lost its place to a third.
    if (this.isMoving && stamps[winner] === this.stamp) isStale[block] = 1;
    else if (this.precedes(n, winner)) winners[block] = n;
  }

  /** True if `n` goes before another node of equal score. */
  private precedes(n: number, other: number): boolean {
    return this.isIndexed ? n < other : this.parts.tieBreak(asNode(n), asNode(other)) < 0;
  }

  /** The best score of all; blocks that have it are right afterwards. */
  private bestOf(board: ShapeBoard): number {
    const { best, isStale } = board;
    let top = INFEASIBLE;
    for (let block = 0; block < best.length; block++) {
      if (best[block]! > top && isStale[block] === 0) top = best[block]!;
    }
    for (let block = 0; block < best.length; block++) {
      if (isStale[block] === 0 || best[block]! < top) continue;
      this.replay(board, block);
      if (best[block]! > top) top = best[block]!;
    }
    return top;
  }

  private replay(board: ShapeBoard, block: number): void {
    const { best, isStale, scores, ties, winners } = board;
    const from = block << this.blockBits;
    const end = Math.min(from + (1 << this.blockBits), this.nodes);
    let top = INFEASIBLE;
    let winner = NONE as number;
    let tied = 0;
    for (let n = from; n < end; n++) {
      const score = scores[n]!;
      if (score < top || score === INFEASIBLE) continue;
      if (score > top) {
        top = score;
        winner = n;
        tied = 1;
        continue;
      }
      tied++;
      if (!this.isIndexed && this.precedes(n, winner)) winner = n;
    }
    best[block] = top;
    winners[block] = winner;
    ties[block] = tied;
    isStale[block] = 0;
  }

  /** The first in the order of ties of the nodes that have the best score. */
  private winnerOf(board: ShapeBoard, top: number): number {
    const { best, winners } = board;
    let winner = NONE as number;
    for (let block = 0; block < best.length; block++) {
      if (best[block] !== top) continue;
      if (winner === NONE || this.precedes(winners[block]!, winner)) winner = winners[block]!;
      if (this.isIndexed) return winner;
    }
    return winner;
  }

  /** The floor(u * T)-th of the T nodes that have the best score. */
  private drawn(board: ShapeBoard, top: number, u: number): number {
    const { best, ties } = board;
    let total = 0;
    for (let block = 0; block < best.length; block++) {
      if (best[block] === top) total += ties[block]!;
    }
    let skip = Math.floor(u * total);
    let block = 0;
    while (best[block] !== top || skip >= ties[block]!) {
      if (best[block] === top) skip -= ties[block]!;
      block++;
    }
    let n = block << this.blockBits;
    while (board.scores[n] !== top || skip-- > 0) n++;
    return n;
  }

  /** The first node at or after `from` (else from the start) that has the best score. */
  private firstTiedFrom(board: ShapeBoard, top: number, from: number): number {
    const { best, scores, winners } = board;
    let block = from >> this.blockBits;
    const end = Math.min((block + 1) << this.blockBits, this.nodes);
    for (let n = from; n < end; n++) if (scores[n] === top) return n;
    for (block++; block < best.length; block++) if (best[block] === top) return winners[block]!;
    return this.winnerOf(board, top);
  }
}
