import { asNode, CPU, MEMORY, NONE, type NodeColumn, type NodeIndex, PODS } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ChangeLog } from '../model/change-log.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, UP } from '../model/view.ts';
import { RowHeaps } from './row-heaps.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';
import { declaredTerms, FreeScores, NodeClasses } from './skyline-groups.ts';
import { ShapePlans } from './skyline-plan.ts';
import { SkylineSearch } from './skyline-search.ts';
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
 * O(groups) plus the points that it scores, 4 to 14 whatever the number of nodes; about 30 bytes a node and 25 a level of
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
  private readonly cpuFree: NodeColumn;
  private readonly memoryFree: NodeColumn;
  private readonly podsFree: NodeColumn;
  private fallback: NodeSelector | null = null;
  private classes: NodeClasses;
  private skylines: Skylines;
  /** Classes that the skylines know. */
  private known = 0;
  private search: SkylineSearch;
  private readonly plans: ShapePlans;
  /** Grains of cpu between two levels; 0 before the first build. */
  private step = 0;
  private rows = 0;
  private readonly rowsMax: number;
  /** Position in the change log up to which the index is right. */
  private position = 0;

  /** @param makeFallback makes a selector of the same profile for clusters with too many levels */
  constructor(parts: SelectorParts, changes: ChangeLog, makeFallback: () => NodeSelector) {
    this.parts = parts;
    this.changes = changes;
    this.makeFallback = makeFallback;
    this.rowsMax = ROWS_MIN + ROWS_PER_NODE * parts.cluster.nodes.count;
    this.scores = new FreeScores(declaredTerms(parts.profile) ?? []);
    this.isWide = parts.cluster.resources.all[MEMORY]!.wide;
    const { free } = parts.cluster.nodes;
    this.cpuFree = free[CPU]!;
    this.memoryFree = free[MEMORY]!;
    this.podsFree = free[PODS]!;
    this.classes = new NodeClasses(parts.cluster);
    this.skylines = new Skylines(new RowHeaps(0, this.isWide), this.isWide);
    this.search = new SkylineSearch(this.scores, this.skylines, this.classes.all, 1);
    this.plans = new ShapePlans(parts.cluster, parts.profile);
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
    const admitted = this.plans.of(pod, this.classes.all);
    const node = this.search.find(pod.shape, admitted);
    this.examined = this.search.examined;
    return node;
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
    if (this.parts.cluster.nodes.state[n] !== UP || this.podsFree[n]! < 1) {
      this.skylines.drop(n);
      return true;
    }
    const level = this.cpuFree[n]! / this.step;
    if (level !== Math.floor(level)) return false;
    // A node without devices stays in its class: what says so is at hand, what `of` reads may not be.
    let c = this.skylines.classOf(n);
    if (c === NONE || this.classes.all[c]!.devices > 0) c = this.classes.of(n);
    while (this.known <= c) if (!this.addClass()) return false;
    this.skylines.put(n, c, level, this.memoryFree[n]!);
    return true;
  }

  private addClass(): boolean {
    const node = this.classes.all[this.known++]!;
    const levels = node.cpu / this.step + 1;
    this.rows += levels;
    if (this.rows > this.rowsMax) return false;
    const slopes = this.scores.slopes(node);
    this.skylines.addClass({
      group: node.group,
      levels,
      levelSlope: slopes.cpu * this.step,
      memorySlope: slopes.memory,
    });
    this.search.addClass();
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
    this.plans.clear(0);
    this.classes = new NodeClasses(cluster);
    this.skylines = new Skylines(new RowHeaps(count, this.isWide), this.isWide);
    this.search = new SkylineSearch(this.scores, this.skylines, this.classes.all, this.step);
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
