/** Failures: what breaks, when, for how long. */
import type { PolicyStream } from './policy.ts';

/** Renewal process of single nodes: up for a drawn time, down for a drawn time, again. */
export interface FailureModel {
  /**
   * Time from coming up (or from the start of the run) to the next failure of a node.
   *
   * @param nodeKey stable key of the node
   * @param cycle how often it failed before, from 0
   * @returns whole microseconds, at least 1; Infinity for never
   */
  upUs(nodeKey: number, cycle: number): number;
  /** Time from a failure to the repair, whole microseconds, at least 1. */
  downUs(nodeKey: number, cycle: number): number;
}

/** What a failure model is created with. */
export interface FailureSetup {
  readonly stream: PolicyStream;
}
