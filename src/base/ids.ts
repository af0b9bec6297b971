/**
 * Branded indices, index-typed columns and lists, and their only casts.
 *
 * A brand is a compile-time fact: at run time each of these is a plain number or typed array. A pod index
 * into a node column does not compile; a view's `readonly` signature refuses writes; `n++` keeps the brand.
 */

declare const brand: unique symbol;

/** A dense index of a node inside one cluster. */
export type NodeIndex = number & { readonly [brand]: 'node' };
/** A slot of a pod inside one cluster; reused, see `PodHandle`. */
export type PodIndex = number & { readonly [brand]: 'pod' };
/** A dense index of a workload of the scenario, in file order. */
export type WorkloadIndex = number & { readonly [brand]: 'workload' };
/** A dense index of a cluster of the fleet, in name order. */
export type ClusterIndex = number & { readonly [brand]: 'cluster' };
/** A dense index of a pod shape (requests + constraints + priority), interned once per run. */
export type ShapeIndex = number & { readonly [brand]: 'shape' };
/** A resource: 0 cpu, 1 memory, 2 pods, then named extended resources in name order. */
export type ResourceIndex = number & { readonly [brand]: 'resource' };
/** A pod slot and its generation: `index + generation * 2^26`; exact below 2^53. */
export type PodHandle = number & { readonly [brand]: 'podHandle' };
/** A scheduled event and its generation, as returned by the event queue; -1 is none. */
export type EventHandle = number & { readonly [brand]: 'event' };

/** One read-only attribute of every node, indexed by node. */
export interface NodeColumn {
  readonly length: number;
  readonly [n: NodeIndex]: number;
}
/** One read-only attribute of every cluster, indexed by cluster. */
export interface ClusterColumn {
  readonly length: number;
  readonly [c: ClusterIndex]: number;
}
/** A caller's buffer of node indices; the callee writes and returns the count. */
export interface NodeList {
  readonly length: number;
  [i: number]: NodeIndex;
}

/** The value for "no index" in every index column. */
export const NONE = -1;

/** Casts a number that is known to be a node index (loops and column reads). */
export const asNode = (n: number): NodeIndex => n as NodeIndex;
/** Casts a number that is known to be a pod slot. */
export const asPod = (p: number): PodIndex => p as PodIndex;
/** Casts a number that is known to be a workload index. */
export const asWorkload = (w: number): WorkloadIndex => w as WorkloadIndex;
/** Casts a number that is known to be a cluster index. */
export const asCluster = (c: number): ClusterIndex => c as ClusterIndex;
/** Casts a number that is known to be a shape index. */
export const asShape = (s: number): ShapeIndex => s as ShapeIndex;
/** Casts a number that is known to be a resource index. */
export const asResource = (r: number): ResourceIndex => r as ResourceIndex;
/** Gives a buffer of integers its element type; done once, where it is allocated. */
export const asNodeList = (buffer: Int32Array): NodeList => buffer as unknown as NodeList;

/** The resource index of cpu, in millicores at the scenario's edge. */
export const CPU = 0 as ResourceIndex;
/** The resource index of memory, in bytes at the scenario's edge. */
export const MEMORY = 1 as ResourceIndex;
/** The resource index of pod slots; every pod requests one. */
export const PODS = 2 as ResourceIndex;
