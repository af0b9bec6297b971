import { poolRefusal } from '../base/constraints.ts';
import { asNode, asNodeList, type NodeIndex, PODS } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ChangeLog } from '../model/change-log.ts';
import type { PodShape } from '../model/shapes.ts';
import { type DeviceDemand, FreeTree, type TreeDemand, type TreeNeeds } from './free-tree.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';

/** Nodes in all trees together, at most: so many times those of the cluster. */
const TREES_MAX = 16;

/** Shapes that the same nodes admit and that ask for the same kinds of things. */
interface ShapeFamily {
  readonly demand: TreeDemand;
  /** Groups of the cluster that admit them. */
  readonly groups: Uint8Array;
  /** Nodes of those groups. */
  readonly count: number;
  tree: FreeTree | null;
  /** Decision that asked last, for eviction. */
  usedAt: number;
}

/** What is settled of a shape. */
interface FirstFitPlan {
  readonly family: ShapeFamily;
  /** Of the family's present tree. */
  needs: TreeNeeds;
  tree: FreeTree | null;
}

const NO_NEEDS: TreeNeeds = { entries: new Int32Array(0), least: new Int32Array(0) };

/** True if the first node with room is the profile's node: nothing is scored, and filters are settled per group. */
export function isFirstFit(profile: SchedulingProfile): boolean {
  return (
    (profile.scores ?? []).length === 0 &&
    (profile.ties === 'index' || profile.ties === 'rank' || profile.ties === 'rotate') &&
    (profile.filters ?? []).every((filter) => filter.isPerGroup)
  );
}

/**
 * First fit by an index: a {@link FreeTree} over the nodes in the order in which they are visited.
 *
 * Shapes that the same groups of nodes admit, and that ask for the same extended resources and kind of devices, are a
 * family with a tree of its own over just those nodes: selectors, taints and models never make a search stop at a node in vain,
 * however groups alternate. Trees catch up with the change log when they are asked. *Guarantees*: exactly the node of the full
 * scan, ties `index`, `rank` and `rotate`. *Price*: that of the tree, for each family; trees of all families together hold
 * at most 16 times the nodes of the cluster, the one asked least recently gives way.
 */
export class SegmentTreeSelector implements NodeSelector {
  readonly tier = 'segment-tree';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly changes: ChangeLog;
  /** All nodes in the order in which they are visited, and the place of each in it. */
  private readonly order: Int32Array;
  private readonly places: Int32Array;
  /** Any node of each group, and how many it has. */
  private readonly groupNode: number[] = [];
  private readonly groupCount: number[] = [];
  private readonly families = new Map<string, ShapeFamily>();
  private readonly plans: (FirstFitPlan | undefined)[] = [];
  /** Nodes in all trees. */
  private held = 0;
  private decisions = 0;
  /** With ties `rotate`: where the search starts. */
  private cursor = 0;

  constructor(parts: SelectorParts, changes: ChangeLog) {
    this.parts = parts;
    this.changes = changes;
    const { nodes } = parts.cluster;
    this.order = Int32Array.from({ length: nodes.count }, (_, n) => n);
    if (parts.profile.ties === 'rank') {
      this.order.sort((a, b) => parts.tieBreak(asNode(a), asNode(b)));
    }
    this.places = new Int32Array(nodes.count);
    for (let place = 0; place < nodes.count; place++) this.places[this.order[place]!] = place;
    for (let n = asNode(0); n < nodes.count; n++) {
      const group = nodes.group[n]!;
      // Groups are numbered in node order.
      if (group === this.groupNode.length) {
        this.groupNode.push(n);
        this.groupCount.push(0);
      }
      this.groupCount[group]!++;
    }
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const plan = this.plans[pod.shape.index] ?? this.planOf(pod);
    const { family } = plan;
    this.examined = 0;
    if (family.count === 0) return -1;
    family.usedAt = ++this.decisions;
    const tree = family.tree ?? this.plant(family);
    if (plan.tree !== tree) {
      plan.tree = tree;
      plan.needs = tree.needsOf(pod.shape);
    }
    const before = tree.examined;
    this.catchUp(family, tree);
    const chosen = this.search(pod.shape, plan.needs, tree);
    this.examined = tree.examined - before;
    return chosen;
  }

  private search(shape: PodShape, needs: TreeNeeds, tree: FreeTree): NodeIndex | -1 {
    if (this.parts.profile.ties !== 'rotate') return tree.first(shape, needs, 0);
    const from = tree.numberFrom(this.cursor);
    let chosen = tree.first(shape, needs, from);
    if (chosen === -1 && from > 0) chosen = tree.first(shape, needs, 0);
    if (chosen !== -1) this.cursor = chosen + 1;
    return chosen;
  }

  private catchUp(family: ShapeFamily, tree: FreeTree): void {
    const { changes } = this;
    const { position } = changes;
    const isNew = tree.position < 0 || changes.isBehind(tree.position);
    if (isNew || position - tree.position > tree.count) {
      tree.build();
    } else {
      const { group } = this.parts.cluster.nodes;
      for (let i = tree.position; i < position; i++) {
        const n = changes.at(i);
        if (family.groups[group[n]!] === 1) tree.update(tree.numberFrom(this.places[n]!));
      }
    }
    tree.position = position;
  }

  private planOf(pod: PodAttempt): FirstFitPlan {
    const { shape } = pod;
    const groups = Uint8Array.from(this.groupNode, (n) => Number(this.admits(pod, asNode(n))));
    const extended: number[] = [];
    for (let r = PODS + 1; r < shape.requests.length; r++) {
      if (shape.requests[r]! > 0) extended.push(r);
    }
    let devices: DeviceDemand = 'none';
    if (shape.gpuCount > 0) devices = shape.gpuMilliPerDevice === 1000 ? 'whole' : 'shared';
    const key = `${devices}/${extended.join()}/${groups.join('')}`;
    let family = this.families.get(key);
    if (family === undefined) {
      const count = this.groupCount.reduce((sum, own, g) => sum + own * groups[g]!, 0);
      family = { demand: { extended, devices }, groups, count, tree: null, usedAt: 0 };
      this.families.set(key, family);
    }
    while (this.plans.length < shape.index) this.plans.push(undefined);
    const plan = { family, needs: NO_NEEDS, tree: null };
    this.plans[shape.index] = plan;
    return plan;
  }

  /** True if the group of a node could take a shape at all. */
  private admits(pod: PodAttempt, n: NodeIndex): boolean {
    const { cluster, profile } = this.parts;
    const { shape } = pod;
    if (poolRefusal(shape, cluster.pools[cluster.nodes.pool[n]!]!) !== '') return false;
    if (shape.gpuCount > 0) {
      const model = cluster.gpuModels[cluster.nodes.gpuModel[n]!];
      if (model === undefined) return false;
      if (shape.gpuModels.length > 0 && !shape.gpuModels.includes(model)) return false;
    }
    const one = asNodeList(Int32Array.of(n));
    return (profile.filters ?? []).every((filter) => filter.keep(pod, one, 1, cluster) === 1);
  }

  /** Makes the tree of a family; others give way. */
  private plant(family: ShapeFamily): FreeTree {
    const { cluster } = this.parts;
    const { group } = cluster.nodes;
    while (this.held > 0 && this.held + family.count > TREES_MAX * this.order.length) this.fell();
    const nodes = new Int32Array(family.count);
    const places = new Int32Array(family.count);
    let count = 0;
    for (let place = 0; place < this.order.length; place++) {
      const n = asNode(this.order[place]!);
      if (family.groups[group[n]!] === 0) continue;
      nodes[count] = n;
      places[count++] = place;
    }
    const tree = new FreeTree(cluster, family.demand, nodes, places);
    family.tree = tree;
    this.held += family.count;
    return tree;
  }

  /** Fells the tree that was asked least recently. */
  private fell(): void {
    let oldest: ShapeFamily | null = null;
    for (const family of this.families.values()) {
      if (family.tree !== null && (oldest === null || family.usedAt < oldest.usedAt)) {
        oldest = family;
      }
    }
    if (oldest === null) return;
    oldest.tree = null;
    this.held -= oldest.count;
  }
}
