/** Queueing: which pending pod (or gang) of a cluster is tried next. */
import type { PodShape } from '../model/shapes.ts';

/** A pod or gang that enters the queue. */
export interface QueuedPod {
  readonly shape: PodShape;
  /** Name of its workload. */
  readonly workload: string;
  /** Instant it entered the queue in this episode, microseconds. */
  readonly enteredAtUs: number;
  /** Pods in the gang; 1 for a single pod. */
  readonly size: number;
}

/** Orders a cluster's queue; one instance per cluster. */
export interface Queueing {
  /**
   * True: a head that does not fit blocks all behind it (first come, first served to the letter).
   * False: the others are tried, as Kubernetes does.
   */
  readonly blocking: boolean;
  /**
   * The rank of a pod when it enters; lower goes first. *Order*: rank, then sequence of entering. `pod` is refilled for
   * each call: do not keep it.
   *
   * It must follow from `pod` alone: it is asked again when a pod leaves the queue unplaced, and not asked about pods that
   * meet an empty queue and are decided on at once.
   */
  rank(pod: QueuedPod): number;
}

/** What a queueing policy is created with. */
export interface QueueingSetup {
  /** Name of the cluster whose queue this is. */
  readonly cluster: string;
}
