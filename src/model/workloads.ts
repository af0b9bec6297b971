import type { WorkloadIndex } from '../base/ids.ts';

/** Samples a law with one uniform draw; `mean` in the unit of the law. */
export interface LawSampler {
  readonly mean: number;
  at(u: number): number;
}

/** What is lost when a pod is evicted. */
export type EvictionRule =
  | { readonly kind: 'restart' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'checkpoint'; readonly everyUs: number; readonly costUs: number };

/** What the processes need to know of a workload; made once by `run/build`. */
export interface WorkloadFacts {
  readonly index: WorkloadIndex;
  readonly name: string;
  readonly team: string;
  readonly priorityClass: string;
  /** Stable key of the workload; with a pod's serial it makes the pod's key. */
  readonly key: number;
  readonly isService: boolean;
  readonly onEviction: EvictionRule;
  /** Evictions after which a pod is lost; Infinity retries for ever. */
  readonly retryLimit: number;
  readonly backoffBaseUs: number;
  readonly backoffCapUs: number;
  /** From bind to running; null if always zero. */
  readonly startup: LawSampler | null;
  /** Run time of pods whose arrival does not bring its own; null never ends. */
  readonly duration: LawSampler | null;
  /** True: all pods of a job draw the same run time. */
  readonly durationPerJob: boolean;
  readonly estimateFactor: number;
  /** True: a pod that finds no room when it is tried is lost instead of waiting. */
  readonly losesRefused: boolean;
  /** Index of the only cluster that takes its pods; absent for one that the placer places. */
  readonly pinnedTo?: number;
}
