import { asNode, asNodeList, NONE, type NodeIndex, type NodeList } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ChangeLog } from '../model/change-log.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';

const INFEASIBLE = Number.NEGATIVE_INFINITY;

/** Entries (nodes x shapes) kept at most per cluster, 2^24: 16 bytes each, so 256 MiB. */
const ENTRIES_MAX = 0x1000000;

/** The cached scores of one shape and the tournament over them. */
interface ShapeBoard {
  /** Score per node; -Infinity if it cannot take the shape. */
  readonly scores: Float64Array;
  /** Winner of each inner node of a complete binary tree, root at 1; -1 if nobody is feasible below. */
  readonly winners: Int32Array;
  /** With ties `uniform`: leaves below that share the winner's score. */
  readonly ties: Int32Array;
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
 * A tournament tree per pod shape over cached scores: when a shape is asked for, only the nodes that changed since it was
 * asked last are filtered and scored again, and their paths to the root played again.
 *
 * *Guarantees*: exactly the node of the full scan, in every tie order, for filters and scores that depend on the shape and
 * the node alone. *Price*: O(changes since the shape's last decision x log nodes), whatever the number of nodes; 16 bytes
 * per node and shape; a first decision of a shape, or one after more changes than nodes, costs a scan.
 */
export class TournamentSelector implements NodeSelector {
  readonly tier = 'index';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly changes: ChangeLog;
  private readonly nodes: number;
  /** Leaves of a tree: the power of two at or above the nodes. */
  private readonly leaves: number;
  private readonly boards: (ShapeBoard | undefined)[] = [];
  private boardCount = 0;
  private decisions = 0;
  private readonly boardsMax: number;
  private readonly touched: Int32Array;
  private readonly candidates: NodeList;
  private readonly fresh: Float64Array;
  private readonly stamps: Int32Array;
  private stamp = 0;
  private readonly isUniform: boolean;
  private readonly isIndexed: boolean;
  private cursor = 0;

  /** @param entriesMax entries (nodes x shapes) kept at most; four shapes are kept whatever it says */
  constructor(parts: SelectorParts, changes: ChangeLog, entriesMax = ENTRIES_MAX) {
    this.parts = parts;
    this.changes = changes;
    this.nodes = parts.cluster.nodes.count;
    let leaves = 2;
    while (leaves < this.nodes) leaves *= 2;
    this.leaves = leaves;
    this.boardsMax = Math.max(4, Math.floor(entriesMax / leaves));
    this.touched = new Int32Array(this.nodes);
    this.candidates = asNodeList(new Int32Array(this.nodes));
    this.fresh = new Float64Array(this.nodes);
    this.stamps = new Int32Array(this.nodes);
    this.isUniform = parts.profile.ties === 'uniform';
    this.isIndexed = parts.profile.ties === 'index' || this.isUniform;
    if (parts.profile.ties === 'rotate') this.isIndexed = true;
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const board = this.boards[pod.shape.index] ?? this.open(pod.shape.index);
    board.usedAt = ++this.decisions;
    this.catchUp(board, pod);
    const winner = board.winners[1]!;
    if (winner === NONE) return -1;
    if (this.isUniform) {
      const k = Math.floor(this.parts.drawTie(pod) * board.ties[1]!);
      return asNode(this.kthTied(board, k));
    }
    if (this.parts.profile.ties === 'rotate') {
      const chosen = this.firstTiedFrom(board, this.cursor);
      this.cursor = chosen + 1;
      return asNode(chosen);
    }
    return asNode(winner);
  }

  private open(shape: number): ShapeBoard {
    if (this.boardCount >= this.boardsMax) this.dropOldest();
    const board = {
      scores: new Float64Array(this.nodes).fill(INFEASIBLE),
      winners: new Int32Array(this.leaves).fill(NONE),
      ties: new Int32Array(this.isUniform ? this.leaves : 0),
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

  /** Scores again what changed, then repairs the tree. */
  private catchUp(board: ShapeBoard, pod: PodAttempt): void {
    const count =
      board.position < 0 || this.changes.isBehind(board.position)
        ? this.touchAll()
        : this.touchChanged(board.position);
    board.position = this.changes.position;
    this.examined = count;
    if (count === 0) return;
    this.score(board, pod, count);
    if (count > this.leaves >> 4) this.replayAll(board);
    else for (let i = 0; i < count; i++) this.replayPath(board, this.touched[i]!);
  }

  private touchAll(): number {
    for (let n = 0; n < this.nodes; n++) this.touched[n] = n;
    return this.nodes;
  }

  private touchChanged(from: number): number {
    const { changes, stamps, touched } = this;
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

  private score(board: ShapeBoard, pod: PodAttempt, count: number): void {
    const { candidates, fresh, touched } = this;
    const { cluster, feasibility, profile } = this.parts;
    for (let i = 0; i < count; i++) {
      board.scores[touched[i]!] = INFEASIBLE;
      candidates[i] = asNode(touched[i]!);
    }
    const kept = feasibility.keep(pod, candidates, count);
    fresh.fill(0, 0, kept);
    for (const { score, weight } of profile.scores ?? []) {
      score.add(pod, candidates, kept, cluster, fresh, weight);
    }
    for (let i = 0; i < kept; i++) board.scores[candidates[i]!] = fresh[i]!;
  }

  private replayAll(board: ShapeBoard): void {
    for (let i = this.leaves - 1; i >= 1; i--) this.play(board, i);
  }

  private replayPath(board: ShapeBoard, n: number): void {
    const { stamp, stamps } = this;
    const { ties, winners } = board;
    for (let i = (this.leaves + n) >> 1; i >= 1; i >>= 1) {
      const winner = winners[i]!;
      const tied = this.isUniform ? ties[i]! : 0;
      this.play(board, i);
      // The same winner, unchanged itself: nothing above can change. Most paths end after a few steps.
      if (winners[i] !== winner || (this.isUniform && ties[i] !== tied)) continue;
      if (winner === NONE || stamps[winner] !== stamp) return;
    }
  }

  /** Winner of tree node `i`: a leaf's own node if it is feasible. */
  private winnerAt(board: ShapeBoard, i: number): number {
    if (i < this.leaves) return board.winners[i]!;
    const n = i - this.leaves;
    return n < this.nodes && board.scores[n]! > INFEASIBLE ? n : NONE;
  }

  private play(board: ShapeBoard, i: number): void {
    const left = this.winnerAt(board, 2 * i);
    const right = this.winnerAt(board, 2 * i + 1);
    let winner = left;
    if (left === NONE) winner = right;
    else if (right !== NONE) {
      const l = board.scores[left]!;
      const r = board.scores[right]!;
      if (r > l) winner = right;
      else if (r === l && !this.isIndexed && this.parts.tieBreak(asNode(right), asNode(left)) < 0) {
        winner = right;
      }
    }
    board.winners[i] = winner;
    if (this.isUniform) {
      board.ties[i] =
        winner === NONE
          ? 0
          : this.tiesAt(board, 2 * i, left, winner) + this.tiesAt(board, 2 * i + 1, right, winner);
    }
  }

  private tiesAt(board: ShapeBoard, i: number, own: number, winner: number): number {
    if (own === NONE || board.scores[own] !== board.scores[winner]) return 0;
    return i < this.leaves ? board.ties[i]! : 1;
  }

  private kthTied(board: ShapeBoard, k: number): number {
    const top = board.winners[1]!;
    let i = 1;
    while (i < this.leaves) {
      const left = this.tiesAt(board, 2 * i, this.winnerAt(board, 2 * i), top);
      if (k < left) i = 2 * i;
      else {
        k -= left;
        i = 2 * i + 1;
      }
    }
    return i - this.leaves;
  }

  /** The first node at or after `from` (else from the start) that has the best score. */
  private firstTiedFrom(board: ShapeBoard, from: number): number {
    const top = board.scores[board.winners[1]!]!;
    const has = (i: number): boolean => {
      const own = this.winnerAt(board, i);
      return own !== NONE && board.scores[own] === top;
    };
    // Behind the last node the search starts over.
    if (from >= this.nodes) from = 0;
    let i = this.leaves + from;
    if (has(i)) return from;
    while (i > 1 && !(i % 2 === 0 && has(i + 1))) i >>= 1;
    i = i > 1 ? i + 1 : 1;
    while (i < this.leaves) i = has(2 * i) ? 2 * i : 2 * i + 1;
    return i - this.leaves;
  }
}
