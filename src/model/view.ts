/**
 * What policies and metrics may see of a cluster: read-only columns. The compiler refuses writes; in check mode the columns
 * are hashed around each call of a plug-in.
 */
import type { Taint } from '../base/constraints.ts';
import type { NodeColumn, NodeIndex, PodIndex, ShapeIndex } from '../base/ids.ts';
import type { ResourceTable } from './resources.ts';
import type { PodShape } from './shapes.ts';

/** States of a node; the numbers are what `NodesView.state` holds. */
export const NODE_STATES = ['off', 'booting', 'up', 'draining', 'down'] as const;
export const OFF = 0;
export const BOOTING = 1;
export const UP = 2;
export const DRAINING = 3;
export const DOWN = 4;

/** What all nodes of a pool share. */
export interface PoolView {
  readonly name: string;
  readonly machineType: string;
  readonly zone: string;
  /** Pool labels plus those of its machine type; nodes inherit them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** The nodes of a cluster: one read-only column per attribute. */
export interface NodesView {
  /** Node slots; elastic pools have slots that are `OFF`. */
  readonly count: number;
  /** Free by resource index, in grains: `free[CPU][n]`. Meaningless unless the node is `UP`. */
  readonly free: readonly NodeColumn[];
  /** Allocatable by resource index, in grains. */
  readonly allocatable: readonly NodeColumn[];
  /** One of `OFF, BOOTING, UP, DRAINING, DOWN`; only `UP` takes pods. */
  readonly state: NodeColumn;
  /** Index into `ClusterView.pools`. */
  readonly pool: NodeColumn;
  /** Group of nodes with equal pool, allocatable and GPUs; groups are numbered in node order. */
  readonly group: NodeColumn;
  /** Stable key of the node, for draws; derived from its name. */
  readonly key: NodeColumn;
  /** Number of GPUs; 0 without. */
  readonly gpuCount: NodeColumn;
  /** Index into `ClusterView.gpuModels`, -1 without GPUs. */
  readonly gpuModel: NodeColumn;
  /** First device of the node in `deviceFreeMilli`. */
  readonly gpuOffset: NodeColumn;
  /** Sum of the free thousandths of its devices. */
  readonly gpuFreeMilli: NodeColumn;
  /** Devices that are entirely free. */
  readonly gpuWholeFree: NodeColumn;
  /** Free thousandths of each device: `deviceFreeMilli[gpuOffset[n] + i]`. */
  readonly deviceFreeMilli: { readonly length: number; readonly [device: number]: number };
  /** First pod of the node, or -1; then `PodsView.next`. */
  readonly firstPod: NodeColumn;
  /** Pods on the node. */
  readonly podCount: NodeColumn;
}

/** The pods of a cluster by slot, read-only. */
export interface PodsView {
  /** Shape of each pod, an index of `ClusterView.shape`. */
  shape(p: PodIndex): number;
  /** Next pod on the same node, or -1. *Order*: latest placed first. */
  next(p: PodIndex): number;
  /** Node of the pod, or -1. */
  node(p: PodIndex): number;
  /** Bit mask of its devices on the node; 0 without GPUs. */
  devices(p: PodIndex): number;
}

/** One cluster as policies and metrics see it. */
export interface ClusterView {
  readonly name: string;
  readonly resources: ResourceTable;
  readonly nodes: NodesView;
  readonly pods: PodsView;
  readonly pools: readonly PoolView[];
  /** GPU models of the fleet by name, sorted. */
  readonly gpuModels: readonly string[];
  shape(index: ShapeIndex): PodShape;
  /** Name of a node, `pool-ordinal` or as imported: for people, not for hot loops. */
  nodeName(n: NodeIndex): string;
  /** Workload name of a pod: for people, not for hot loops. */
  workloadName(p: PodIndex): string;
}
