/**
 * Placement: which clusters get the pods of a workload, and how many each.
 *
 * The placer sees summaries that clusters published some time ago, minus what it assigned since (its ledger). It never
 * sees a node. It runs once per arriving job, scale change and returned batch of pods.
 */
import type { ClusterColumn, ClusterIndex, WorkloadIndex } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import type { PolicyStream } from './policy.ts';

/** What never changes about a cluster in a run. */
export interface ClusterFacts {
  readonly index: ClusterIndex;
  readonly name: string;
  readonly region: string;
  readonly zone: string;
  readonly provider: string;
  /** `private` and `bare-metal` are owned; the others are paid by use. */
  readonly isPublic: boolean;
  /** The scenario's weight for static division; default 1. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The last changes of a fleet, in order. A placer that keeps something by cluster remembers the position up to which it is
 * right, and looks again only at the clusters that changed since.
 */
export interface FleetChanges {
  /** Changes so far. */
  readonly position: number;
  /** True if the changes since a position are no longer all kept: then every cluster may have changed. */
  isBehind(position: number): boolean;
  /** The cluster of a change: `at(position)` is the first one after `position` was read. */
  at(position: number): ClusterIndex;
}

/** The fleet as the placer knows it: last published summaries minus its own assignments since. Indexed by cluster. */
export interface FleetView {
  readonly clusters: readonly ClusterFacts[];
  /** Free by resource index, in grains: published free + nodes still to be had, minus assigned since; may be negative. */
  readonly free: readonly ClusterColumn[];
  /** Allocatable of the nodes that are up, by resource index, in grains. */
  readonly allocatable: readonly ClusterColumn[];
  /** Allocatable that elastic pools could still add, by resource index, in grains; not part of `allocatable`. */
  readonly elastic: readonly ClusterColumn[];
  readonly gpuFreeMilli: ClusterColumn;
  readonly gpuAllocatableMilli: ClusterColumn;
  /** Pods waiting in the cluster's queue when it last published, plus assigned since. */
  readonly pending: ClusterColumn;
  /** 1 if the cluster answers, 0 if it is considered lost. */
  readonly isUp: ClusterColumn;
  /** Names a cluster whenever one of its columns here, or its pods in `PlacementRequest.assigned` of any workload, changed. */
  readonly changes: FleetChanges;
  /**
   * How many more pods of a shape the cluster could hold by its summary: an upper bound that ignores fragmentation.
   *
   * @param withElastic also counts what its elastic pools could still add
   * @returns 0 if no node of the cluster can ever take the shape or the cluster is lost
   */
  room(shape: PodShape, cluster: ClusterIndex, withElastic: boolean): number;
  /** True if some machine type of the cluster could take the shape when empty. */
  canHost(shape: PodShape, cluster: ClusterIndex): boolean;
}

/** Pods of one workload and shape that need clusters. */
export interface PlacementRequest {
  readonly workload: WorkloadIndex;
  readonly workloadName: string;
  readonly shape: PodShape;
  /** How many pods to divide; all go to one cluster if `gang`. */
  readonly count: number;
  readonly gang: boolean;
  /** Pods of this workload in each cluster before this request (the ledger's count). */
  readonly assigned: ClusterColumn;
  /** A cluster that just gave these pods back, or -1: usually not chosen again. */
  readonly returnedBy: number;
  /** Decision number, from 0: entity for draws. */
  readonly decision: number;
}

/** Divides pods over clusters; one instance per fleet. */
export interface Placer {
  /**
   * True: pods of a request that no cluster returned are left at the fleet only if they would be left again for as long as no
   * cluster that could host the shape comes back or gains allocatable or elastic. Those are not asked about meanwhile (each
   * still uses up a decision number at every summary). Absent: all that wait are asked about at every summary.
   */
  readonly refusesUntilCapacityGrows?: boolean;
  /**
   * Writes how many of `request.count` each cluster gets into `counts` (zeroed by the caller).
   *
   * @returns the sum of `counts`; the rest waits at the fleet and is asked again when a summary arrives
   */
  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number;
  /**
   * Chooses the cluster of pods that stay together, a single pod or a gang; to be what `divide` would choose. Absent: `divide`
   * is asked, at the price of a look at the counts of all clusters.
   *
   * @returns the cluster, or -1: the pods wait at the fleet
   */
  choose?(request: PlacementRequest, fleet: FleetView): number;
  /**
   * Scale-down: writes how many pods each cluster gives back, `counts[c] <= assigned[c]`, summing to `count`.
   * Absent: the cluster with the most pods of the workload gives first, highest index on ties.
   */
  withdraw?(request: PlacementRequest, fleet: FleetView, counts: Int32Array): void;
}

/** What a placement policy is created with. */
export interface PlacementSetup {
  readonly clusters: readonly ClusterFacts[];
  readonly stream: PolicyStream;
}
