import { asNode, NONE } from '../../base/ids.ts';
import { type FrameworkPod, PASS } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { codeOf, filterOf } from './filter-run.ts';
import { checkScore } from './plain.ts';
import type { ShapePlan } from './plan.ts';

/** A list position whose node was never looked at. Versions count up from 0. */
const UNSEEN = -1;

/**
 * What one profile knows of each listed node for one shape: refused by a filter of class or node, or the weighted sum of
 * the scores that depend on nothing but the node. Right only where `seen` is the node's version.
 *
 * *Guarantees*: `look` gives what the plain cycle would find now. *Price*: 8 bytes a node; a look costs the plug-ins only
 * where the node changed since the last one.
 */
export class Board {
  readonly plan: ShapePlan;
  /** By list position: version of the node when it was looked at. */
  readonly seen: Int32Array;
  /** Minus the code of the refusal, or the sum of scores. */
  readonly value: Float64Array | Int32Array;
  /** Epoch of the list that positions are of. */
  private epoch = -1;
  /** Decision that asked last. */
  usedAt = 0;
  /** By class: the code of its refusal, 0 if it passes, -1 if it was not asked. */
  private readonly classCodes: number[] = [];
  private readonly nodes: KubeNodes;
  private readonly policy: string;

  constructor(parts: {
    readonly policy: string;
    readonly plan: ShapePlan;
    readonly nodes: KubeNodes;
    readonly seen: Int32Array;
    readonly value: Float64Array | Int32Array;
  }) {
    this.policy = parts.policy;
    this.plan = parts.plan;
    this.nodes = parts.nodes;
    this.seen = parts.seen;
    this.value = parts.value;
  }

  /** Forgets everything if the list was made anew. */
  turn(): void {
    if (this.epoch === this.nodes.epoch) return;
    this.epoch = this.nodes.epoch;
    this.seen.fill(UNSEEN);
  }

  /** Looks at a position: what is kept if nothing changed there, else what the plug-ins say now. */
  look(pod: FrameworkPod, i: number): number {
    return this.seen[i] === this.nodes.versionAt[i] ? this.value[i]! : this.evaluate(pod, i);
  }

  /** Asks the plug-ins about the node at a position and keeps the answer. */
  evaluate(pod: FrameworkPod, i: number): number {
    const { nodes, plan } = this;
    const { nodeFilters, nodeScores, run } = plan;
    const n = asNode(nodes.list[i]!);
    const classIndex = nodes.classAt[i]!;
    let code = this.classCodes[classIndex] ?? NONE;
    if (code === NONE) code = this.askClass(pod, i);
    const before = code === 0 ? run.states.length : filterOf(code);
    for (let k = 0; k < nodeFilters.length; k++) {
      const f = nodeFilters[k]!;
      if (f > before) break;
      if (run.isOn[f] === 0) continue;
      const status = plan.filters[f]!.test(pod, n, nodes, run.states[f]);
      if (status === PASS) continue;
      code = codeOf(f, status);
      break;
    }
    let value = -code;
    if (code === 0) {
      for (let k = 0; k < nodeScores.length; k++) {
        const { plugin, point, state, weight } = nodeScores[k]!;
        const score = point.score(pod, n, nodes, state);
        if (!(score >= 0 && score <= 100)) checkScore(this.policy, plugin, score);
        value += weight * score;
      }
    }
    this.seen[i] = nodes.versionAt[i]!;
    this.value[i] = value;
    return value;
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
    while (classCodes.length < nodes.classes.count) classCodes.push(NONE);
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
  private readonly isWide: boolean;

  /**
   * @param options.entries nodes times shapes kept at most; eight shapes are kept whatever it says
   * @param options.isWide whether sums of scores may pass 2^30
   */
  constructor(options: {
    readonly policy: string;
    readonly nodes: KubeNodes;
    readonly entries: number;
    readonly isWide: boolean;
  }) {
    this.policy = options.policy;
    this.nodes = options.nodes;
    this.most = Math.max(8, Math.floor(options.entries / Math.max(1, options.nodes.slots)));
    this.isWide = options.isWide;
  }

  /** The board of a shape, its positions those of the present list. */
  get(pod: FrameworkPod, planFor: (pod: FrameworkPod) => ShapePlan): Board {
    const board = this.boards[pod.shape.index] ?? this.open(pod, planFor);
    board.usedAt = ++this.decisions;
    board.turn();
    return board;
  }

  private open(pod: FrameworkPod, planFor: (pod: FrameworkPod) => ShapePlan): Board {
    const old = this.count >= this.most ? this.takeOldest() : null;
    const { slots } = this.nodes;
    const board = new Board({
      policy: this.policy,
      plan: planFor(pod),
      nodes: this.nodes,
      seen: old?.seen ?? new Int32Array(slots),
      value: old?.value ?? (this.isWide ? new Float64Array(slots) : new Int32Array(slots)),
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
