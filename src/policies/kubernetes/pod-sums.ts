/**
 * Weighted sums of pods by topology domain that follow the pod log: what PodTopologySpread and InterPodAffinity would count
 * anew in each cycle.
 *
 * Guarantee: after `sync` every table holds exactly what a count over all listed nodes and their pods would give. Price: one
 * step per pod that came or went and per table that it matters to; a node that changes costs its pods and all tables.
 */
import type { NodeIndex } from '../../base/ids.ts';
import { asNode } from '../../base/ids.ts';
import type { KubePod } from '../../base/kube.ts';
import {
  type FrameworkNodes,
  type NodeClass,
  POD_PLACED,
  POD_REMOVED,
  POD_TERMINATED,
} from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { SumTable } from './sum-table.ts';
import { NO_DOMAIN, Topology } from './topology.ts';

/** What each pod of a shape adds to a table. */
export interface Link {
  readonly table: SumTable;
  readonly weight: number;
}

/** Somebody who counts pods: says what those of a shape add, to which of its tables. */
export interface Counter {
  /** Every table of this counter; `weigh` may append such as do not track a minimum. */
  readonly tables: readonly SumTable[];
  /** Appends what each pod of the shape adds; a pure function of the two. */
  weigh(shape: PodShape, kube: KubePod, links: Link[]): void;
}

/** The counters of one plug-in and one cluster. */
export class PodSums {
  readonly topology: Topology;
  private readonly nodes: FrameworkNodes;
  private readonly counters: Counter[] = [];
  /** By shape index; absent for a shape that was never seen. */
  private readonly linksOf: (Link[] | undefined)[] = [];
  private readonly shapes: PodShape[] = [];
  /** Class of each listed node as the tables have it; null is not listed. */
  private classes: (NodeClass | null)[] = [];
  private position = -1;
  private fleetVersion = -1;

  constructor(nodes: FrameworkNodes) {
    this.nodes = nodes;
    this.topology = new Topology(nodes);
  }

  /** Shapes that ever had a pod on a node, in order of first sight. */
  get seen(): readonly PodShape[] {
    return this.shapes;
  }

  /** Brings every table up to now. Call it first in each cycle. */
  sync(): void {
    const { podLog } = this.nodes;
    if (this.position < 0 || podLog.isBehind(this.position)) {
      this.recount();
      return;
    }
    const end = podLog.position;
    for (let i = this.position; i < end; i++) {
      this.follow(podLog.kind(i), podLog.node(i), podLog.shape(i));
    }
    this.position = end;
    if (this.nodes.fleetVersion !== this.fleetVersion) this.followFleet();
  }

  /**
   * Adds a counter and counts for it.
   *
   * *Cost*: O(shapes), and O(pods) if pods of some shape add something. Call it after `sync`.
   */
  add(counter: Counter): void {
    this.counters.push(counter);
    const fresh: Link[][] = [];
    let isAnyLinked = false;
    for (const shape of this.shapes) {
      const links: Link[] = [];
      counter.weigh(shape, this.nodes.kubeOf(shape), links);
      if (links.length === 0) continue;
      isAnyLinked = true;
      fresh[shape.index] = links;
      this.linksOf[shape.index]!.push(...links);
    }
    for (const table of counter.tables) {
      if (table.followsNodes) this.eachListed((n) => this.tellNode(table, n, 1));
    }
    if (!isAnyLinked) return;
    this.eachListed((n) =>
      this.nodes.forEachPod(n, ({ shape, isTerminating }) => {
        const links = fresh[shape.index];
        if (links !== undefined) this.apply(links, n, 1, isTerminating);
      }),
    );
  }

  /** Index of a node's class as the tables have it. */
  classIndexOf(n: NodeIndex): number {
    return this.classes[n]?.index ?? -1;
  }

  /** What a pod of a shape adds: for dry runs. */
  links(shape: PodShape): readonly Link[] {
    return this.linksOf[shape.index] ?? this.meet(shape);
  }

  private follow(kind: number, n: NodeIndex, shape: PodShape): void {
    const links = this.linksOf[shape.index] ?? this.meet(shape);
    if (links.length === 0 || (this.classes[n] ?? null) === null) return;
    if (kind === POD_PLACED) this.apply(links, n, 1, false);
    else if (kind === POD_REMOVED) this.apply(links, n, -1, false);
    else if (kind === POD_TERMINATED) this.apply(links, n, -1, true);
    else this.applyTerminating(links, n);
  }

  private apply(links: readonly Link[], n: NodeIndex, pods: number, isTerminating: boolean): void {
    const classIndex = this.classIndexOf(n);
    for (const { table, weight } of links) {
      if (isTerminating && !table.countsTerminating) continue;
      const domain = table.domain(n, classIndex);
      if (domain !== NO_DOMAIN) table.add(domain, pods * weight, pods);
    }
  }

  private applyTerminating(links: readonly Link[], n: NodeIndex): void {
    const classIndex = this.classIndexOf(n);
    for (const { table, weight } of links) {
      if (table.countsTerminating) continue;
      const domain = table.domain(n, classIndex);
      if (domain !== NO_DOMAIN) table.add(domain, -weight, -1);
    }
  }

  private meet(shape: PodShape): Link[] {
    const links: Link[] = [];
    this.linksOf[shape.index] = links;
    this.shapes.push(shape);
    const kube = this.nodes.kubeOf(shape);
    for (const counter of this.counters) counter.weigh(shape, kube, links);
    return links;
  }

  /** Finds the nodes that changed and moves their pods: by identity of the class, which is interned. */
  private followFleet(): void {
    const { nodes } = this;
    this.topology.grow(nodes.slots);
    for (let n = asNode(0); n < nodes.slots; n++) {
      const now = nodes.isListed(n) ? nodes.classOf(n) : null;
      const before = this.classes[n] ?? null;
      if (now === before) continue;
      if (before !== null) this.countNode(n, -1);
      for (const counter of this.counters) {
        for (const table of counter.tables) table.admission?.forget(n);
      }
      this.classes[n] = now;
      this.topology.refresh(n);
      if (now !== null) this.countNode(n, 1);
    }
    this.fleetVersion = nodes.fleetVersion;
  }

  private countNode(n: NodeIndex, sign: 1 | -1): void {
    this.nodes.forEachPod(n, ({ shape, isTerminating }) => {
      this.apply(this.linksOf[shape.index] ?? this.meet(shape), n, sign, isTerminating);
    });
    for (const counter of this.counters) {
      for (const table of counter.tables) if (table.followsNodes) this.tellNode(table, n, sign);
    }
  }

  private tellNode(table: SumTable, n: NodeIndex, sign: 1 | -1): void {
    const domain = table.domain(n, this.classIndexOf(n));
    if (domain === NO_DOMAIN) return;
    if (sign === 1) table.addNode(domain);
    else table.removeNode(domain);
  }

  private recount(): void {
    const { nodes } = this;
    for (const counter of this.counters) {
      for (const table of counter.tables) {
        table.clear();
        for (let n = asNode(0); n < nodes.slots; n++) table.admission?.forget(n);
      }
    }
    this.topology.grow(nodes.slots);
    this.classes = [];
    for (let n = asNode(0); n < nodes.slots; n++) {
      this.classes[n] = nodes.isListed(n) ? nodes.classOf(n) : null;
      this.topology.refresh(n);
    }
    this.eachListed((n) => this.countNode(n, 1));
    this.position = nodes.podLog.position;
    this.fleetVersion = nodes.fleetVersion;
  }

  private eachListed(visit: (n: NodeIndex) => void): void {
    for (let n = asNode(0); n < this.classes.length; n++) {
      if (this.classes[n] !== null) visit(n);
    }
  }
}
