import { asNode, NONE, type NodeIndex } from '../../base/ids.ts';
import { type FrameworkPod, PASS } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { codeOf, filterOf } from './filter-run.ts';
import { SCORE_MAX } from './normalise.ts';
import { checkScore } from './plain.ts';
import type { ShapePlan } from './plan.ts';

/** Positions in a block: as many as an integer has bits. */
const BLOCK_BITS = 5;
const BLOCK = 1 << BLOCK_BITS;
/** Code of a node that was never looked at: whatever refuses. */
const UNSEEN = -1;

/** A board's column; narrow where the scores of the profile allow it. */
export type BoardColumn = Int16Array | Int32Array | Float64Array;

/** The columns of a board; a new board may take those of a dropped one. */
export class BoardColumns {
  /** By list position: minus the code of the refusal, or the sum of scores; old where the node is stale. */
  readonly value: BoardColumn;
  /** By block of 32 positions: a bit for each node that changed since it was looked at. */
  readonly stale: Int32Array;
  /** By block: feasible nodes; the best sum, and how many have it. Without `ties` the best is to be found again. */
  readonly feasible: Uint8Array;
  readonly tops: BoardColumn;
  readonly ties: Uint8Array;

  constructor(slots: number, make: (length: number) => BoardColumn) {
    const blocks = (slots + BLOCK - 1) >> BLOCK_BITS;
    this.value = make(slots);
    this.stale = new Int32Array(blocks);
    this.feasible = new Uint8Array(blocks);
    this.tops = make(blocks);
    this.ties = new Uint8Array(blocks);
  }

  /** Forgets everything; `listed` positions are stale. */
  reset(listed: number): void {
    this.value.fill(UNSEEN);
    this.feasible.fill(0);
    this.tops.fill(-1);
    this.ties.fill(0);
    const whole = listed >> BLOCK_BITS;
    this.stale.fill(-1, 0, whole);
    this.stale.fill(0, whole);
    if (listed % BLOCK > 0) this.stale[whole] = (1 << (listed % BLOCK)) - 1;
  }
}

/**
 * What one profile knows of each listed node for one shape: refused by a filter of class or node, or the weighted sum of
 * the scores that depend on nothing but the node; and the best of each block of 32 positions.
 *
 * *Guarantees*: after `catchUp`, `look` and `refresh` give what the plain cycle would find now. *Price*: 2.3 bytes a node for
 * usual weights; the plug-ins are asked only where the node changed since the last look.
 */
export class Board {
  readonly plan: ShapePlan;
  readonly columns: BoardColumns;
  /** Epoch of the list that positions are of, and position in the log of changes. */
  private epoch = -1;
  private position = 0;
  /** Decision that asked last. */
  usedAt = 0;
  /** By class: the code of its refusal, 0 if it passes, -1 if it was not asked. */
  private classCodes = new Int32Array(0);
  private readonly nodes: KubeNodes;
  private readonly policy: string;

  constructor(parts: {
    readonly policy: string;
    readonly plan: ShapePlan;
    readonly nodes: KubeNodes;
    readonly columns: BoardColumns;
  }) {
    this.policy = parts.policy;
    this.plan = parts.plan;
    this.nodes = parts.nodes;
    this.columns = parts.columns;
  }

  /** Takes note of the nodes that changed since the last call. *Cost*: O(changes), or O(nodes) if the list is another. */
  catchUp(): void {
    const { changedAt, epoch, listed } = this.nodes;
    if (this.epoch !== epoch || changedAt.isBehind(this.position)) {
      this.columns.reset(listed);
      this.epoch = epoch;
    } else changedAt.mark(this.position, this.columns.stale);
    this.position = changedAt.position;
    if (this.classCodes.length < this.nodes.classes.count) this.growClasses();
  }

  private growClasses(): void {
    const larger = new Int32Array(2 * this.nodes.classes.count).fill(NONE);
    larger.set(this.classCodes);
    this.classCodes = larger;
  }

  /** Looks at a position: what is kept if nothing changed there, else what the plug-ins say now. */
  look(pod: FrameworkPod, i: number): number {
    const { stale, value } = this.columns;
    return (stale[i >> BLOCK_BITS]! & (1 << i)) === 0 ? value[i]! : this.renew(pod, i);
  }

  /**
   * Makes a block right. Where its best is lost, `ties` is 0 and `tops` is above all that is left; `findTop` then finds it.
   */
  refresh(pod: FrameworkPod, block: number): void {
    const { feasible, stale, ties, tops, value } = this.columns;
    let count = feasible[block]!;
    let top = tops[block]!;
    let many = ties[block]!;
    const first = block << BLOCK_BITS;
    for (let bits = stale[block]!; bits !== 0; bits &= bits - 1) {
      const i = first + 31 - Math.clz32(bits & -bits);
      const before = value[i]!;
      const after = this.evaluate(pod, i);
      if (after === before) continue;
      value[i] = after;
      if (before >= 0) {
        count--;
        if (before === top && many > 0) many--;
      }
      if (after < 0) continue;
      count++;
      // Where the best is lost, all others are below it: who equals or passes it is alone.
      if (after === top) many++;
      else if (after > top) {
        top = after;
        many = 1;
      }
    }
    stale[block] = 0;
    if (count === 0) {
      top = -1;
      many = 0;
    }
    feasible[block] = count;
    tops[block] = top;
    ties[block] = many;
  }

  /** Finds the best of a block that `refresh` made right, and how many have it. */
  findTop(block: number): void {
    const { ties, tops, value } = this.columns;
    const first = block << BLOCK_BITS;
    const end = Math.min(first + BLOCK, value.length);
    let top = -1;
    let many = 0;
    for (let i = first; i < end; i++) {
      const sum = value[i]!;
      if (sum > top) {
        top = sum;
        many = 1;
      } else if (sum === top) many++;
    }
    tops[block] = top;
    ties[block] = many;
  }

  /** Looks at a stale position, and keeps the block's figures. */
  private renew(pod: FrameworkPod, i: number): number {
    const { feasible, stale, ties, tops, value } = this.columns;
    const block = i >> BLOCK_BITS;
    const before = value[i]!;
    const after = this.evaluate(pod, i);
    stale[block]! &= ~(1 << i);
    if (after === before) return after;
    value[i] = after;
    if (before >= 0) {
      feasible[block]!--;
      if (before === tops[block] && ties[block]! > 0) ties[block]!--;
    }
    if (after >= 0) {
      feasible[block]!++;
      // Where the best is lost, all others are below it: who equals or passes it is alone.
      if (after === tops[block]) ties[block]!++;
      else if (after > tops[block]!) {
        tops[block] = after;
        ties[block] = 1;
      }
    }
    if (feasible[block] === 0) {
      tops[block] = -1;
      ties[block] = 0;
    }
    return after;
  }

  /** Asks the plug-ins about the node at a position. */
  private evaluate(pod: FrameworkPod, i: number): number {
    const { kernel } = this.plan;
    if (kernel === null) return this.askNode(pod, i);
    let code = this.classCodes[kernel.classAt(i)]!;
    if (code === NONE) code = this.askClass(pod, i);
    if (code === 0) return kernel.valueAt(i);
    if (kernel.filter > filterOf(code)) return -code;
    const status = kernel.statusAt(i);
    return status === PASS ? -code : -codeOf(kernel.filter, status);
  }

  private askNode(pod: FrameworkPod, i: number): number {
    const { nodes, plan } = this;
    const { nodeFilters, run } = plan;
    let code = this.classCodes[nodes.classAt[i]!]!;
    if (code === NONE) code = this.askClass(pod, i);
    const n = asNode(nodes.list[i]!);
    const before = code === 0 ? run.states.length : filterOf(code);
    for (let k = 0; k < nodeFilters.length; k++) {
      const { f, point, test } = nodeFilters[k]!;
      if (f > before) break;
      if (run.isOn[f] === 0) continue;
      const status = test.call(point, pod, n, nodes, run.states[f]);
      if (status === PASS) continue;
      code = codeOf(f, status);
      break;
    }
    return code === 0 ? this.sumOf(pod, n) : -code;
  }

  private sumOf(pod: FrameworkPod, n: NodeIndex): number {
    const { nodes, plan } = this;
    const { nodeScores } = plan;
    const many = nodeScores.length;
    let sum = 0;
    // The first two are called from places of their own, so that the compiler can follow them into the plug-ins.
    if (many > 0) {
      const { point, score, state, weight } = nodeScores[0]!;
      sum += weight * this.checked(0, score.call(point, pod, n, nodes, state));
    }
    if (many > 1) {
      const { point, score, state, weight } = nodeScores[1]!;
      sum += weight * this.checked(1, score.call(point, pod, n, nodes, state));
    }
    for (let k = 2; k < many; k++) {
      const { point, score, state, weight } = nodeScores[k]!;
      sum += weight * this.checked(k, score.call(point, pod, n, nodes, state));
    }
    return sum;
  }

  private checked(k: number, score: number): number {
    if (!(score >= 0 && score <= SCORE_MAX)) {
      checkScore(this.policy, this.plan.nodeScores[k]!.plugin, score);
    }
    return score;
  }

  private askClass(pod: FrameworkPod, i: number): number {
    const { classCodes, nodes, plan } = this;
    const n = asNode(nodes.list[i]!);
    let code = 0;
    for (const f of plan.classFilters) {
      if (plan.run.isOn[f] === 0) continue;
      const status = plan.filters[f]!.test(pod, n, nodes, plan.run.states[f]);
      if (status === PASS) continue;
      code = codeOf(f, status);
      break;
    }
    classCodes[nodes.classAt[i]!] = code;
    return code;
  }
}

/**
 * The boards of one profile, by shape; the least recently used goes when there are too many.
 */
export class BoardShelf {
  private readonly boards: (Board | undefined)[] = [];
  private count = 0;
  private decisions = 0;
  private readonly most: number;
  private readonly nodes: KubeNodes;
  private readonly policy: string;
  private readonly makeColumn: (length: number) => BoardColumn;

  /**
   * @param options.entries nodes times shapes kept at most; eight shapes are kept whatever it says
   * @param options.sumMax the largest sum of scores
   */
  constructor(options: {
    readonly policy: string;
    readonly nodes: KubeNodes;
    readonly entries: number;
    readonly sumMax: number;
  }) {
    this.policy = options.policy;
    this.nodes = options.nodes;
    this.most = Math.max(8, Math.floor(options.entries / Math.max(1, options.nodes.slots)));
    this.makeColumn = columnFor(options.sumMax);
  }

  /** The board of a shape, its positions those of the present list. */
  get(pod: FrameworkPod, planFor: (pod: FrameworkPod) => ShapePlan): Board {
    const board = this.boards[pod.shape.index] ?? this.open(pod, planFor);
    board.usedAt = ++this.decisions;
    board.catchUp();
    return board;
  }

  private open(pod: FrameworkPod, planFor: (pod: FrameworkPod) => ShapePlan): Board {
    const old = this.count >= this.most ? this.takeOldest() : null;
    const { slots } = this.nodes;
    const board = new Board({
      policy: this.policy,
      plan: planFor(pod),
      nodes: this.nodes,
      columns: old?.columns ?? new BoardColumns(slots, this.makeColumn),
    });
    while (this.boards.length <= pod.shape.index) this.boards.push(undefined);
    this.boards[pod.shape.index] = board;
    this.count++;
    return board;
  }

  private takeOldest(): Board {
    let oldest: Board | null = null;
    let at = 0;
    this.boards.forEach((board, shape) => {
      if (board === undefined || (oldest !== null && board.usedAt >= oldest.usedAt)) return;
      oldest = board;
      at = shape;
    });
    this.boards[at] = undefined;
    this.count--;
    return oldest!;
  }
}

function columnFor(sumMax: number): (nodes: number) => BoardColumn {
  if (sumMax < 0x8000) return (nodes) => new Int16Array(nodes);
  return sumMax < 0x40000000
    ? (nodes) => new Int32Array(nodes)
    : (nodes) => new Float64Array(nodes);
}
