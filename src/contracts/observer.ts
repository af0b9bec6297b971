/** What metrics may hear of one cluster. Processes call it after each change; it never changes anything. */
import type { NodeIndex, ShapeIndex, WorkloadIndex } from '../base/ids.ts';

/** Counters of a cluster, each by workload. */
export const COUNTERS = [
  'entered',
  'completed',
  'evicted-node-failure',
  'evicted-outage',
  'lost',
  'returned',
  'bound',
  'refused',
  'evicted-preemption',
  'created',
  'evicted-drain',
] as const;
export const ENTERED = 0;
export const COMPLETED = 1;
export const EVICTED_BY_NODE_FAILURE = 2;
export const EVICTED_BY_OUTAGE = 3;
export const LOST = 4;
export const RETURNED = 5;
export const BOUND = 6;
export const REFUSED = 7;
export const EVICTED_BY_PREEMPTION = 8;
/** Made in the cluster by a controller: arrivals that no placer has seen. */
export const CREATED = 9;
export const EVICTED_BY_DRAIN = 10;

/** Kinds of decisions that the trajectory folds. */
export const DECIDED_BIND = 1;
export const DECIDED_EVICT = 2;
export const DECIDED_NODE_UP = 4;
export const DECIDED_NODE_DOWN = 5;

/** What of a pod its waiting time is told apart by. */
export interface WaitingPod {
  readonly workload: WorkloadIndex;
  readonly shape: ShapeIndex;
  readonly cause: number;
}

/** Hears what happens in one cluster. */
export interface ClusterObserver {
  /** Adds to a counter of `COUNTERS`. */
  count(counter: number, workload: WorkloadIndex, amount: number): void;
  /** Pods waiting for `reason` changed by `delta`; reasons are names such as `insufficient-cpu`. */
  pendingChanged(reason: string, workload: WorkloadIndex, delta: number): void;
  /** Pods bound to nodes changed by `delta`. */
  boundChanged(workload: WorkloadIndex, delta: number): void;
  /**
   * A waiting episode ended.
   *
   * @param pod workload, shape and cause (index into `CAUSES` of `model/pods.ts`)
   * @param sinceUs instant it entered the queue
   * @param censored true if it still waits: the time is a lower bound
   */
  waited(pod: WaitingPod, sinceUs: number, censored: boolean): void;
  /** A pod runs `startupUs` after it was bound. */
  started(workload: WorkloadIndex, shape: ShapeIndex, startupUs: number): void;
  /** A pod held its requests on a working node from `fromUs` until now: resource-time for the bill. */
  held(workload: WorkloadIndex, node: NodeIndex, shape: ShapeIndex, fromUs: number): void;
  /** A node moved between states; called after the columns changed. */
  nodeMoved(node: NodeIndex, from: number, to: number): void;
  /** A decision for the trajectory: kind, pod (workload and serial) and node; -1 where there is none. */
  decided(kind: number, workload: number, serial: number, node: number): void;
}
