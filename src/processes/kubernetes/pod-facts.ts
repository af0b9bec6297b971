import type { PodIndex } from '../../base/ids.ts';
import type { Budget, VictimFacts } from '../../selection/kubernetes/scheduling-cycle.ts';

/** 2^0 s in microseconds: API times have whole seconds. */
const US_PER_SECOND = 1e6;

/**
 * What preemption reads of pods on nodes: when they started, and which of them its own decisions are ending.
 *
 * *Price*: 8 bytes a slot of the cluster's pods.
 */
export class PodFacts implements VictimFacts {
  /** The cluster's budgets; whoever keeps them replaces the list. */
  budgets: readonly Budget[] = [];
  private starts = new Float64Array(1024).fill(Number.POSITIVE_INFINITY);
  private readonly preempted = new Set<PodIndex>();

  startSeconds(p: PodIndex): number {
    return this.starts[p] ?? Number.POSITIVE_INFINITY;
  }

  isPreempted(p: PodIndex): boolean {
    return this.preempted.has(p);
  }

  /** The node's agent took the pod over. */
  started(p: PodIndex, nowUs: number): void {
    if (p >= this.starts.length) {
      const larger = new Float64Array(Math.ceil((p + 1) * 1.5)).fill(Number.POSITIVE_INFINITY);
      larger.set(this.starts);
      this.starts = larger;
    }
    this.starts[p] = Math.floor(nowUs / US_PER_SECOND);
  }

  /** The scheduler ends the pod for a more important one: its condition `DisruptionTarget` says so. */
  preempt(p: PodIndex): void {
    this.preempted.add(p);
  }

  /** The pod left its node. */
  left(p: PodIndex): void {
    if (p < this.starts.length) this.starts[p] = Number.POSITIVE_INFINITY;
    this.preempted.delete(p);
  }
}
