import { asNode, CPU, MEMORY, NONE, type NodeIndex, PODS } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ChangeLog } from '../model/change-log.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, UP } from '../model/view.ts';
import { RowHeaps } from './row-heaps.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';
import {
  declaredTerms,
  FreeScores,
  NodeClasses,
  planShape,
  type ShapePlan,
} from './skyline-groups.ts';
import { Skylines } from './skylines.ts';

/** Levels of free cpu, over all classes, for which an index is kept: so many, and so many for each node. */
const ROWS_MIN = 0x20000;
const ROWS_PER_NODE = 4;

/** True if an index over free cpu and memory gives exactly the profile's node. */
export function isSkylined(profile: SchedulingProfile, cluster: ClusterView): boolean {
  return cluster.resources.count === PODS + 1 && declaredTerms(profile) !== null;
}

/**
 * An index over free cpu and memory for scores that rise with both, ties `capacity`.
 *
 * Nodes of one group and one state of their devices form a class; a class keeps the skyline of its nodes, and the best node
 * of a class, by score, then free cpu, free memory and index, is always one of those. A decision scores the points whose
 * bound can still win. *Guarantees*: exactly the node of the full scan. *Price*: a changed node costs O(log nodes); a decision
 * O(classes) plus the points that it scores, 10 to 30 whatever the number of nodes; about 40 bytes a node and 50 a level of
 * free cpu of a class. Levels are whole multiples of the largest step that all requests and nodes share; where that step is so
 * small, or device states so many, that levels outnumber nodes by far, `fallback` decides.
 */
export class SkylineSelector implements NodeSelector {
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly changes: ChangeLog;
  private readonly makeFallback: () => NodeSelector;
  private readonly scores: FreeScores;
  private readonly isWide: boolean;
  private fallback: NodeSelector | null = null;
  private classes: NodeClasses;
  private skylines: Skylines;
  /** Classes that the skylines know. */
  private known = 0;
  private plans: (ShapePlan | undefined)[] = [];
  /** Grains of cpu between two levels; 0 before the first build. */
  private step = 0;
  private rows = 0;
  private readonly rowsMax: number;
  /** Position in the change log up to which the index is right. */
  private position = 0;
  private bestScore = 0;
  private bestNode = NONE;
  private bestGroup = NONE;

  /** @param makeFallback makes a selector of the same profile for clusters with too many levels */
  constructor(parts: SelectorParts, changes: ChangeLog, makeFallback: () => NodeSelector) {
    this.parts = parts;
    this.changes = changes;
    this.makeFallback = makeFallback;
    this.rowsMax = ROWS_MIN + ROWS_PER_NODE * parts.cluster.nodes.count;
    this.scores = new FreeScores(declaredTerms(parts.profile) ?? []);
    this.isWide = parts.cluster.resources.all[MEMORY]!.wide;
    this.classes = new NodeClasses(parts.cluster);
    this.skylines = new Skylines(new RowHeaps(0, this.isWide), this.isWide);
  }

  get tier(): NodeSelector['tier'] {
    return this.fallback?.tier ?? 'skyline';
  }

  lookAhead(nodes: Int32Array, count: number): void {
    if (this.step > 0 && this.fallback === null) this.skylines.lookAhead(nodes, count);
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    if (this.fallback === null) this.catchUp(pod.shape);
    if (this.fallback !== null) {
      const chosen = this.fallback.choose(pod);
      this.examined = this.fallback.examined;
      return chosen;
    }
    const plan = this.planOf(pod);
    this.examined = 0;
    this.bestScore = Number.NEGATIVE_INFINITY;
    this.bestNode = NONE;
    this.bestGroup = NONE;
    const { tops } = this.skylines;
    const { bases, classes, groups, isBounded } = plan;
    const { slack, step } = this.scores;
    // What a weight must reach to win: in a later group an equal score does not.
    let least = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < classes.length; i++) {
      const gain = groups[i] === this.bestGroup ? 0 : step;
      const needed = isBounded ? least + gain - bases[i]! : Number.NEGATIVE_INFINITY;
      if (tops[classes[i]!]! < needed) continue;
      this.search(pod.shape, plan, i, needed);
      least = this.bestScore - slack;
    }
    return this.bestNode as NodeIndex | -1;
  }

  /** Scores the points of entry `i` of the plan that can win. *Order* within a group: free cpu, free memory, index. */
  private search(shape: PodShape, plan: ShapePlan, i: number, needed: number): void {
    const { scores, skylines, step } = this;
    const { levels, memories, nodes, weights } = skylines;
    const c = plan.classes[i]!;
    const node = this.classes.all[c]!;
    const devicesLeft = plan.devicesLeft[i]!;
    const cpu = shape.requests[CPU]!;
    const memory = shape.requests[MEMORY]!;
    const from = c * skylines.stride;
    const end = from + skylines.counts[c]!;
    let least = needed;
    for (let p = from; p < end; p++) {
      if (weights[p]! < least) continue;
      const cpuLeft = levels[p]! * step - cpu;
      if (cpuLeft < 0) return;
      const memoryLeft = memories[p]! - memory;
      if (memoryLeft < 0) continue;
      this.examined++;
      const score = scores.of(cpuLeft, memoryLeft, devicesLeft, node);
      if (score < this.bestScore) continue;
      if (score === this.bestScore && !this.precedes(nodes[p]!, node.group)) continue;
      this.bestScore = score;
      this.bestNode = nodes[p]!;
      this.bestGroup = node.group;
      if (plan.isBounded) least = score + scores.step - plan.bases[i]! - scores.slack;
    }
  }

  /** True if a node of equal score goes before the best so far. */
  private precedes(n: number, group: number): boolean {
    if (group !== this.bestGroup) return false;
    return this.parts.tieBreak(asNode(n), asNode(this.bestNode)) < 0;
  }

  private planOf(pod: PodAttempt): ShapePlan {
    const { index } = pod.shape;
    const plan = this.plans[index];
    if (plan !== undefined && plan.known === this.classes.all.length) return plan;
    while (this.plans.length <= index) this.plans.push(undefined);
    const { cluster, profile } = this.parts;
    const made = planShape(pod, this.classes.all, { cluster, profile, scores: this.scores });
    this.plans[index] = made;
    return made;
  }

  /** Brings the index up to the present state of the nodes, and makes its levels fine enough for a shape. */
  private catchUp(shape: PodShape): void {
    const { changes } = this;
    const request = shape.requests[CPU]!;
    if (this.step === 0 || request % this.step !== 0 || changes.isBehind(this.position)) {
      this.build(request);
      return;
    }
    while (this.position < changes.position) {
      if (!this.update(changes.at(this.position))) {
        this.build(request);
        return;
      }
      this.position++;
    }
  }

  /** @returns false if the node's free cpu is no level, or there are too many levels */
  private update(n: NodeIndex): boolean {
    const { nodes } = this.parts.cluster;
    if (nodes.state[n] !== UP || nodes.free[PODS]![n]! < 1) {
      this.skylines.drop(n);
      return true;
    }
    const cpu = nodes.free[CPU]![n]!;
    const level = cpu / this.step;
    if (level !== Math.floor(level)) return false;
    const c = this.classes.of(n);
    while (this.known <= c) if (!this.addClass()) return false;
    this.skylines.put(n, c, level, nodes.free[MEMORY]![n]!);
    return true;
  }

  private addClass(): boolean {
    const node = this.classes.all[this.known++]!;
    const rows = node.cpu / this.step + 1;
    this.rows += rows;
    if (this.rows > this.rowsMax) return false;
    const slopes = this.scores.slopes(node);
    this.skylines.addGroup({
      rows,
      rowSlope: slopes.cpu * this.step,
      memorySlope: slopes.memory,
    });
    return true;
  }

  /** Builds the index anew; with levels fine enough for all nodes and a request. */
  private build(request: number): void {
    const { cluster } = this.parts;
    const { nodes } = cluster;
    const { count } = nodes;
    let step = gcd(this.step, request);
    for (let n = asNode(0); n < count; n++) {
      step = gcd(nodes.allocatable[CPU]![n]!, step);
      step = gcd(nodes.free[CPU]![n]!, step);
    }
    this.step = Math.max(step, 1);
    this.rows = 0;
    this.known = 0;
    this.plans = [];
    this.classes = new NodeClasses(cluster);
    this.skylines = new Skylines(new RowHeaps(count, this.isWide), this.isWide);
    this.position = this.changes.position;
    for (let n = asNode(0); n < count; n++) {
      if (this.update(n)) continue;
      this.fallback = this.makeFallback();
      return;
    }
    // A build frees the levels of device states that are gone; were it needed again soon, it would not pay.
    if (this.rows > this.rowsMax / 2) this.fallback = this.makeFallback();
  }
}

function gcd(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
