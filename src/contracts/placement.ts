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
   * Writes how many of `request.count` each cluster gets into `counts` (zeroed by the caller).
   *
   * @returns the sum of `counts`; the rest waits at the fleet and is asked again when a summary arrives
   */
  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number;
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
