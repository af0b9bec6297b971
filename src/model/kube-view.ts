/** What plug-ins of Kubernetes' scheduling framework may see of a cluster: nodes by class, pods by node, read-only. */
import type { Taint } from '../base/constraints.ts';
import type { NodeColumn, NodeIndex, ResourceIndex } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import type { VolumesView } from './kube-volumes.ts';
import type { ResourceTable } from './resources.ts';
import type { PodShape } from './shapes.ts';

/** A pod on a node, or on its way there. Visitors get one object refilled for each pod: do not keep it. */
export interface PlacedPod {
  readonly shape: PodShape;
  readonly kube: KubePod;
  /** Number that tells pods of a cluster apart while they exist. */
  readonly id: number;
  /** True from its deletion timestamp on. */
  readonly isTerminating: boolean;
}

/** What nodes have in common that differ at most in name, hostname label and free resources. Interned: equal is identical. */
export interface NodeClass {
  readonly index: number;
  /** Without `kubernetes.io/hostname`. */
  readonly labels: Readonly<Record<string, string>>;
  /** In the node's order. */
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** Bytes by image name. */
  readonly images: Readonly<Record<string, number>>;
  /** Unique volumes at most, by driver; absent is unlimited. */
  readonly volumeLimits: Readonly<Record<string, number>>;
}

/** The snapshot that a cycle works on: nodes that exist, by node index. Methods see tentative changes of a dry run. */
export interface FrameworkNodes {
  /** Node slots of the cluster; not all of them need be listed. */
  readonly slots: number;
  /** Nodes in the list: N of the cycle. */
  readonly listed: number;
  isListed(n: NodeIndex): boolean;
  readonly resources: ResourceTable;
  /** By resource index, in grains. */
  readonly allocatable: readonly NodeColumn[];
  /** Allocatable less what the pods on the node request, in grains. */
  free(n: NodeIndex, r: ResourceIndex): number;
  /** Sum of the non-zero requests of the node's pods, in grains of cpu and of memory. */
  nonZeroCpu(n: NodeIndex): number;
  nonZeroMemory(n: NodeIndex): number;
  /** GPUs of the node that fit the shape's model and are free enough for one device of it. */
  freeDevices(n: NodeIndex, shape: PodShape): number;
  /** GPUs of the node that fit the shape's model, free or not. */
  devices(n: NodeIndex, shape: PodShape): number;
  podCount(n: NodeIndex): number;
  name(n: NodeIndex): string;
  /** The listed node of that name, or -1. */
  find(name: string): NodeIndex | -1;
  classOf(n: NodeIndex): NodeClass;
  /** The value of a label, `kubernetes.io/hostname` included; undefined if the node lacks it. */
  label(n: NodeIndex, key: string): string | undefined;
  /** Visits the node's pods in the order of its list: a removal moves the last pod into the gap. */
  forEachPod(n: NodeIndex, visit: (pod: PlacedPod) => void): void;
  /** Visits listed nodes in list order. */
  forEachNode(visit: (n: NodeIndex) => void): void;
  /** Listed nodes that have an image of that name. */
  imageNodes(image: string): number;
  /** Labels of a namespace; empty if nothing is known of it. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  /** What Kubernetes reads of a shape: its own, or the default for a shape without. */
  kubeOf(shape: PodShape): KubePod;
  /** Grows when a node gets another class, appears or disappears: counts by label are to be made anew. */
  readonly fleetVersion: number;
  /** What happened to pods on nodes, for counters that catch up; tentative changes are not in it. */
  readonly podLog: PodLog;
  /** Visits shapes that have pods on nodes, with their number (tentative changes left out). *Order*: first placed first. */
  forEachShape(visit: (shape: PodShape, pods: number) => void): void;
  /** Claims and volumes; absent where the scenario declares none. */
  readonly volumes?: VolumesView;
}

/** Kinds of entries of a pod log. */
export const POD_PLACED = 0;
/** A pod that was not terminating is gone. */
export const POD_REMOVED = 1;
/** A pod got its deletion timestamp; it is still there. */
export const POD_TERMINATING = 2;
/** A pod that was terminating is gone. */
export const POD_TERMINATED = 3;

/**
 * The last changes of the pods on a cluster's nodes, in order: a counter that keeps the position it read to sees every later
 * change, or learns that it fell behind and counts anew with `forEachPod`.
 */
export interface PodLog {
  /** Entries so far. */
  readonly position: number;
  /** True if the entries since `position` are no longer all kept. */
  isBehind(position: number): boolean;
  /** One of `POD_PLACED, POD_REMOVED, POD_TERMINATING, POD_TERMINATED`; `i` must still be kept, here and below. */
  kind(i: number): number;
  node(i: number): NodeIndex;
  shape(i: number): PodShape;
}
