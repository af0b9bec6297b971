/** What the pods that wait would be told if they were tried now. */
import type { SchedulingCycle } from '../../selection/kubernetes/scheduling-cycle.ts';
import type { ClusterRun } from '../cluster-run.ts';
import type { KubeQueue } from './queue.ts';
import type { QueuedPod } from './queued-pod.ts';
import { messageOf } from './tell.ts';

/** Pods of one workload that wait for the same reason. */
export interface PendingGroup {
  /** In upstream's words: `0/5 nodes are available: 5 Insufficient cpu. ...`. */
  readonly message: string;
  readonly pods: number;
  readonly workload: string;
}

/**
 * Groups refused pods by workload and message. *Order*: most pods first, then by workload and message.
 *
 * *Cost*: one cycle for each shape; the start of the next search may move, so this is for the end of a run.
 */
export function pendingGroups(
  run: ClusterRun,
  queue: KubeQueue,
  cycle: SchedulingCycle,
): PendingGroup[] {
  const messages = new Map<number, string | null>();
  const groups = new Map<string, { message: string; pods: number; workload: string }>();
  queue.forEachRefused((pod) => {
    const { index } = pod.shape;
    if (!messages.has(index)) messages.set(index, messageNow(pod, queue, cycle));
    const message = messages.get(index)!;
    // It fits, and waits for its turn or its backoff.
    if (message === null) return;
    const workload = run.workloadOf(pod.p).name;
    const key = `${workload}\u0000${message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { message, pods: pod.size, workload });
    else group.pods += pod.size;
  });
  return [...groups.values()].sort(
    (a, b) => b.pods - a.pods || compare(a.workload, b.workload) || compare(a.message, b.message),
  );
}

function messageNow(pod: QueuedPod, queue: KubeQueue, cycle: SchedulingCycle): string | null {
  const asked = queue.asFramework(pod);
  const { failure } = cycle.schedule(asked);
  if (failure === null) return null;
  return messageOf(failure, cycle.findVictims(asked));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
