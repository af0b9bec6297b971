/**
 * Which pods of a ReplicaSet or Job go first when there are too many.
 *
 * *Source*: Kubernetes v1.34, pkg/controller: ActivePodsWithRanks.
 */

/** What the order reads of a pod. */
export interface VictimPod {
  readonly isAssigned: boolean;
  readonly phase: 'Pending' | 'Unknown' | 'Running';
  readonly isReady: boolean;
  /** `pod-deletion-cost`; 0 by default. */
  readonly deletionCost: number;
  /** Active pods on its node of any ReplicaSet of the same owner. */
  readonly rank: number;
  /** Instant since which it is ready, microseconds. */
  readonly readySinceUs: number;
  readonly restarts: number;
  readonly createdAtUs: number;
  /** Unique, in place of the UID. */
  readonly uid: number;
}

const PHASES = { Pending: 0, Unknown: 1, Running: 2 } as const;

/**
 * Compares two pods: negative if `a` goes first. A total order.
 *
 * Ages of readiness and of creation count by powers of two in nanoseconds, so that the choice among pods of similar age is
 * that of their unique number.
 */
export function victimOrder(nowUs: number): (a: VictimPod, b: VictimPod) => number {
  return (a, b) =>
    Number(a.isAssigned) - Number(b.isAssigned) ||
    PHASES[a.phase] - PHASES[b.phase] ||
    Number(a.isReady) - Number(b.isReady) ||
    a.deletionCost - b.deletionCost ||
    b.rank - a.rank ||
    readyOrder(a, b, nowUs) ||
    b.restarts - a.restarts ||
    ageBucket(nowUs - a.createdAtUs) - ageBucket(nowUs - b.createdAtUs) ||
    a.uid - b.uid;
}

/** Shorter ready first; in one bucket the unique number decides at once, so that nothing after it is asked. */
function readyOrder(a: VictimPod, b: VictimPod, nowUs: number): number {
  if (!a.isReady || !b.isReady || a.readySinceUs === b.readySinceUs) return 0;
  return ageBucket(nowUs - a.readySinceUs) - ageBucket(nowUs - b.readySinceUs) || a.uid - b.uid;
}

/** Floor of the binary logarithm of an age in nanoseconds; -1 for none. */
export function ageBucket(ageUs: number): number {
  let bucket = -1;
  for (let ns = Math.floor(ageUs * 1000); ns >= 1; ns = Math.floor(ns / 2)) bucket++;
  return bucket;
}
