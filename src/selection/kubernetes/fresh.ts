/** What is asked in every cycle: filters and scores that depend on more than a node and its class. */
import { asNode } from '../../base/ids.ts';
import {
  type Dependence,
  type FeasibleNodes,
  type FilterPoint,
  type FrameworkPod,
  type NodeStatus,
  PASS,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { codeOf } from './filter-run.ts';
import { normalise, SCORE_MAX } from './normalise.ts';
import { checkScore, NO_STATE } from './plain.ts';
import { dependenceOf, type PlannedScore, type ShapePlan } from './plan.ts';
import type { PresentClasses } from './present-classes.ts';

/** Past the index of every filter. */
export const ALL = 0x7fffffff;

/** One value per class, forgotten from cycle to cycle. */
export class ByClass {
  private readonly values: number[] = [];
  private readonly cycles: number[] = [];

  has(c: number, cycle: number): boolean {
    return this.cycles[c] === cycle;
  }

  get(c: number): number {
    return this.values[c]!;
  }

  set(c: number, cycle: number, value: number): number {
    while (this.values.length <= c) {
      this.values.push(0);
      this.cycles.push(-1);
    }
    this.values[c] = value;
    this.cycles[c] = cycle;
    return value;
  }
}

/** True if the answers of one cycle are equal for all nodes of a class. */
function isByClass(dependence: Dependence): boolean {
  return dependence === 'class' || dependence === 'cluster-class';
}

/** The filters of a shape that are asked anew in this cycle, at each node or once per class. */
export class FreshFilters {
  /** How many are not skipped. */
  count = 0;
  /** True if all of them answer alike for nodes of a class. */
  areByClass = true;
  private readonly indices: number[] = [];
  private readonly byClass: boolean[] = [];
  private readonly memos: ByClass[] = [];
  private filters: readonly FilterPoint[] = [];
  private states: readonly unknown[] = [];
  private cycle = 0;
  private readonly nodes: KubeNodes;

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
  }

  /** Takes over what PreFilter said. */
  begin(pod: FrameworkPod, plan: ShapePlan): void {
    const { filters, freshFilters, run } = plan;
    this.cycle++;
    this.filters = filters;
    this.states = run.states;
    let count = 0;
    let areByClass = true;
    for (let k = 0; k < freshFilters.length; k++) {
      const f = freshFilters[k]!;
      if (run.isOn[f] === 0) continue;
      this.indices[count] = f;
      const byClass = isByClass(dependenceOf(filters[f]!.dependsOn, pod, run.states[f]));
      this.byClass[count] = byClass;
      areByClass &&= byClass;
      if (this.memos.length === count) this.memos.push(new ByClass());
      count++;
    }
    this.count = count;
    this.areByClass = areByClass;
  }

  /** The code of the first refusal by one of them of index below `before`, or 0. */
  test(pod: FrameworkPod, i: number, before: number): number {
    const n = asNode(this.nodes.list[i]!);
    for (let k = 0; k < this.count; k++) {
      const f = this.indices[k]!;
      if (f >= before) return 0;
      const status = this.byClass[k]
        ? this.ofClass(pod, i, k)
        : this.filters[f]!.test(pod, n, this.nodes, this.states[f]);
      if (status !== PASS) return codeOf(f, status);
    }
    return 0;
  }

  private ofClass(pod: FrameworkPod, i: number, k: number): NodeStatus {
    const c = this.nodes.classAt[i]!;
    const memo = this.memos[k]!;
    if (memo.has(c, this.cycle)) return memo.get(c) as NodeStatus;
    const f = this.indices[k]!;
    const n = asNode(this.nodes.list[i]!);
    const status = this.filters[f]!.test(pod, n, this.nodes, this.states[f]);
    return memo.set(c, this.cycle, status) as NodeStatus;
  }
}

/** The scores of a shape that are asked anew in this cycle. */
export class FreshScores {
  /** How many are not skipped. */
  count = 0;
  /** How many of those are asked, and normalised, by class. */
  byClass = 0;
  private readonly scores: PlannedScore[] = [];
  private readonly isByClass: boolean[] = [];
  private readonly raw: Float64Array;
  private readonly nodes: KubeNodes;
  private readonly policy: string;

  constructor(policy: string, nodes: KubeNodes) {
    this.policy = policy;
    this.nodes = nodes;
    this.raw = new Float64Array(nodes.slots);
  }

  /** Runs PreScore. */
  begin(pod: FrameworkPod, plan: ShapePlan, feasible: FeasibleNodes): void {
    let count = 0;
    this.byClass = 0;
    for (let k = 0; k < plan.freshScores.length; k++) {
      const score = plan.freshScores[k]!;
      const { point } = score;
      const asked = point.preScore ? point.preScore(pod, feasible, this.nodes) : NO_STATE;
      if (asked === null) continue;
      score.state = asked.state;
      const byClass =
        (typeof point.normalise !== 'function' || point.normalisesBySet === true) &&
        isByClass(dependenceOf(point.dependsOn, pod, asked.state));
      if (byClass) this.byClass++;
      this.scores[count] = score;
      this.isByClass[count] = byClass;
      count++;
    }
    this.count = count;
  }

  /** Adds the weighted scores that are asked by class to the sums of classes. */
  addToClasses(pod: FrameworkPod, present: PresentClasses): void {
    const { raw } = this;
    const { classes, count, sums } = present;
    for (let k = 0; k < this.count; k++) {
      if (!this.isByClass[k]) continue;
      const score = this.scores[k]!;
      this.ask(pod, score, present);
      for (let i = 0; i < count; i++) sums[classes[i]!]! += score.weight * raw[i]!;
    }
  }

  /** Adds the other weighted scores. @param totals by feasible node */
  addToNodes(pod: FrameworkPod, feasible: FeasibleNodes, totals: Float64Array): void {
    const { raw } = this;
    for (let k = 0; k < this.count; k++) {
      if (this.isByClass[k]) continue;
      const score = this.scores[k]!;
      this.ask(pod, score, feasible);
      for (let i = 0; i < feasible.count; i++) totals[i]! += score.weight * raw[i]!;
    }
  }

  /** Scores some nodes and normalises over them. */
  private ask(
    pod: FrameworkPod,
    { plugin, point, score: scoreOf, state }: PlannedScore,
    feasible: FeasibleNodes,
  ): void {
    const { nodes, policy, raw } = this;
    const { count, list } = feasible;
    for (let i = 0; i < count; i++) raw[i] = scoreOf.call(point, pod, list[i]!, nodes, state);
    normalise(point.normalise, raw, feasible, state);
    for (let i = 0; i < count; i++) {
      const score = raw[i]!;
      if (!(score >= 0 && score <= SCORE_MAX)) checkScore(policy, plugin, score);
    }
  }
}
