import { assert } from '../base/assert.ts';
import {
  asNode,
  asPod,
  NONE,
  type NodeIndex,
  type PodIndex,
  type ShapeIndex,
} from '../base/ids.ts';
import { ChangeLog } from './change-log.ts';
import { type NodeSpec, NodeTable } from './nodes.ts';
import type { PodTable } from './pods.ts';
import type { ResourceTable } from './resources.ts';
import type { PodShape, ShapeTable } from './shapes.ts';
import { type ClusterView, DRAINING, NODE_STATES, type PoolView, UP } from './view.ts';

/** Hears that a cluster's totals changed; called after the columns are consistent again. */
export interface ClusterListener {
  totalsChanged(): void;
}

/** Keeps what Kubernetes adds to a cluster; called after the columns are consistent again. */
export interface ClusterMirror {
  podPlaced(p: PodIndex, n: NodeIndex): void;
  podRemoved(p: PodIndex, n: NodeIndex): void;
  stateChanged(n: NodeIndex, state: number): void;
}

/** What a cluster is made of. */
export interface ClusterParts {
  readonly name: string;
  readonly resources: ResourceTable;
  readonly shapes: ShapeTable;
  readonly pools: readonly PoolView[];
  readonly nodes: readonly NodeSpec[];
  readonly gpuModels: readonly string[];
  readonly workloadNames: readonly string[];
  readonly pods: PodTable;
  readonly nodeName: (n: NodeIndex) => string;
}

/** Sums over the nodes that work (up or draining), and counts of nodes. Quantities in grains. */
export interface ClusterTotals {
  /** Requested by pods on working nodes, by resource. */
  readonly allocated: Float64Array;
  /** Allocatable of working nodes, by resource. */
  readonly allocatable: Float64Array;
  gpuAllocatedMilli: number;
  gpuAllocatableMilli: number;
  /** By node state, in the order of `NODE_STATES`. */
  readonly nodes: Int32Array;
}

/**
 * One cluster's nodes and pods: the only mutator of its columns and the only notifier of changes.
 *
 * *Guarantees*: per node and resource, free + requested by its pods = allocatable; totals are the sums of the columns;
 * every change of a node enters `changes`. Nothing is ever clamped. *Cost*: O(resources) a placement or release.
 */
export class Cluster implements ClusterView {
  readonly name: string;
  readonly resources: ResourceTable;
  readonly pools: readonly PoolView[];
  readonly gpuModels: readonly string[];
  readonly nodes: NodeTable;
  readonly pods: PodTable;
  readonly changes: ChangeLog;
  readonly totals: ClusterTotals;
  listener: ClusterListener = { totalsChanged: () => {} };
  /** Null unless Kubernetes' scheduler runs the cluster. */
  mirror: ClusterMirror | null = null;
  private readonly shapes: ShapeTable;
  private readonly workloadNames: readonly string[];
  private readonly nameOfNode: (n: NodeIndex) => string;

  constructor(parts: ClusterParts) {
    this.name = parts.name;
    this.resources = parts.resources;
    this.shapes = parts.shapes;
    this.pools = parts.pools;
    this.gpuModels = parts.gpuModels;
    this.workloadNames = parts.workloadNames;
    this.nameOfNode = parts.nodeName;
    this.nodes = new NodeTable(parts.nodes, parts.resources);
    this.pods = parts.pods;
    this.changes = new ChangeLog(this.nodes.count);
    this.totals = {
      allocated: new Float64Array(parts.resources.count),
      allocatable: new Float64Array(parts.resources.count),
      gpuAllocatedMilli: 0,
      gpuAllocatableMilli: 0,
      nodes: new Int32Array(NODE_STATES.length),
    };
    for (let n = asNode(0); n < this.nodes.count; n++) {
      this.totals.nodes[this.nodes.state[n]!]!++;
      if (this.nodes.isServing(n)) this.addToTotals(n, 1);
    }
  }

  shape(index: ShapeIndex): PodShape {
    return this.shapes.at(index);
  }

  nodeName(n: NodeIndex): string {
    return this.nameOfNode(n);
  }

  workloadName(p: PodIndex): string {
    return this.workloadNames[this.pods.workload(p)]!;
  }

  /**
   * Puts a pod on a node: takes its resources and links it into the node's list.
   *
   * @param devices bit mask of its GPUs on the node, 0 for a pod without
   * @throws InvariantError if the pod does not fit: choosers are checked before
   */
  place(p: PodIndex, n: NodeIndex, devices: number): void {
    const { nodes, pods, totals } = this;
    const shape = this.shapes.at(pods.shape(p) as ShapeIndex);
    // Kubernetes binds to a node that is down until it is tainted: totals count what works.
    const serving = nodes.isServing(n);
    for (let r = 0; r < shape.requests.length; r++) {
      const request = shape.requests[r]!;
      const free = nodes.free[r]!;
      const left = free[n]! - request;
      if (left < 0) assert(false, `pod does not fit on ${this.nodeName(n)}: resource ${r}`);
      free[n] = left;
      if (serving) totals.allocated[r]! += request;
    }
    if (shape.gpuCount > 0) this.takeDevices(p, n, devices, shape);
    const head = nodes.firstPod[n]!;
    pods.setNext(p, head);
    pods.setPrev(p, NONE);
    if (head !== NONE) pods.setPrev(head, p);
    nodes.firstPod[n] = p;
    nodes.podCount[n]!++;
    pods.setNode(p, n);
    this.changes.add(n);
    this.mirror?.podPlaced(p, n);
    this.listener.totalsChanged();
  }

  /** Takes a pod off its node and gives its resources back; the node may be down. */
  remove(p: PodIndex): void {
    const { nodes, pods, totals } = this;
    const n = asNode(pods.node(p));
    const shape = this.shapes.at(pods.shape(p) as ShapeIndex);
    const serving = nodes.isServing(n);
    for (let r = 0; r < shape.requests.length; r++) {
      nodes.free[r]![n]! += shape.requests[r]!;
      if (serving) totals.allocated[r]! -= shape.requests[r]!;
    }
    if (shape.gpuCount > 0) {
      this.giveDevices(p, n, shape);
      if (serving) totals.gpuAllocatedMilli -= shape.gpuCount * shape.gpuMilliPerDevice;
    }
    const next = pods.next(p);
    const prev = pods.prev(p);
    if (prev === NONE) nodes.firstPod[n] = next;
    else pods.setNext(prev, next);
    if (next !== NONE) pods.setPrev(next, prev);
    nodes.podCount[n]!--;
    pods.setNode(p, NONE);
    pods.setNext(p, NONE);
    pods.setPrev(p, NONE);
    this.changes.add(n);
    this.mirror?.podRemoved(p, n);
    this.listener.totalsChanged();
  }

  /** Moves a node to another state of `NODE_STATES`; its pods stay linked to it. */
  setNodeState(n: NodeIndex, state: number): void {
    const before = this.nodes.isServing(n);
    this.totals.nodes[this.nodes.state[n]!]!--;
    this.nodes.state[n] = state;
    this.totals.nodes[state]!++;
    const after = state === UP || state === DRAINING;
    if (before !== after) this.addToTotals(n, after ? 1 : -1);
    this.changes.add(n);
    this.mirror?.stateChanged(n, state);
    this.listener.totalsChanged();
  }

  private addToTotals(n: NodeIndex, sign: 1 | -1): void {
    const { nodes, totals } = this;
    for (let r = 0; r < nodes.free.length; r++) {
      const allocatable = nodes.allocatable[r]![n]!;
      totals.allocatable[r]! += sign * allocatable;
      totals.allocated[r]! += sign * (allocatable - nodes.free[r]![n]!);
    }
    const gpuMilli = nodes.gpuCount[n]! * 1000;
    totals.gpuAllocatableMilli += sign * gpuMilli;
    totals.gpuAllocatedMilli += sign * (gpuMilli - nodes.gpuFreeMilli[n]!);
  }

  private takeDevices(p: PodIndex, n: NodeIndex, devices: number, shape: PodShape): void {
    const { nodes, pods, totals } = this;
    const base = nodes.gpuOffset[n]!;
    let taken = 0;
    for (let i = 0; i < nodes.gpuCount[n]!; i++) {
      if ((devices & (1 << i)) === 0) continue;
      const left = nodes.deviceFreeMilli[base + i]! - shape.gpuMilliPerDevice;
      assert(left >= 0, `device ${i} of ${this.nodeName(n)} is too full`);
      if (nodes.deviceFreeMilli[base + i] === 1000) nodes.gpuWholeFree[n]!--;
      nodes.deviceFreeMilli[base + i] = left;
      taken++;
    }
    assert(taken === shape.gpuCount, `pod asks for ${shape.gpuCount} devices, got ${taken}`);
    const milli = shape.gpuCount * shape.gpuMilliPerDevice;
    nodes.gpuFreeMilli[n]! -= milli;
    if (nodes.isServing(n)) totals.gpuAllocatedMilli += milli;
    pods.setDevices(p, devices);
  }

  private giveDevices(p: PodIndex, n: NodeIndex, shape: PodShape): void {
    const { nodes, pods } = this;
    const base = nodes.gpuOffset[n]!;
    for (let i = 0; i < nodes.gpuCount[n]!; i++) {
      if ((pods.devices(p) & (1 << i)) === 0) continue;
      const left = nodes.deviceFreeMilli[base + i]! + shape.gpuMilliPerDevice;
      nodes.deviceFreeMilli[base + i] = left;
      if (left === 1000) nodes.gpuWholeFree[n]!++;
    }
    nodes.gpuFreeMilli[n]! += shape.gpuCount * shape.gpuMilliPerDevice;
    pods.setDevices(p, 0);
  }

  /** Calls `visit` for each pod of a node; the pod visited may be removed. *Order*: latest placed first. */
  forEachPod(n: NodeIndex, visit: (p: PodIndex) => void): void {
    let p = this.nodes.firstPod[n]!;
    while (p !== NONE) {
      const next = this.pods.next(p);
      visit(asPod(p));
      p = next;
    }
  }
}
