import type { PodShape } from '../../model/shapes.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Pods of the pool that meet equal fates at every event: of one shape, refused by the same plug-ins, held back or not. */
export interface PoolGroup {
  readonly shape: PodShape;
  readonly profile: number;
  readonly rejectors: readonly string[];
  readonly gate: string | null;
  readonly pods: QueuedPod[];
}

/**
 * The pods that wait for an event, grouped by what decides whether an event concerns them.
 *
 * *Guarantees*: who is in a group has its shape, its rejectors and its gate; groups are visited in the order in which they
 * became non-empty. *Cost*: O(1) a pod in and out.
 */
export class Pool {
  private readonly groups = new Map<string, PoolGroup>();

  get isEmpty(): boolean {
    return this.groups.size === 0;
  }

  /** The group that a pod belongs to by its present fields, made if there is none. */
  add(pod: QueuedPod): void {
    const key = keyOf(pod);
    let group = this.groups.get(key);
    if (group === undefined) {
      const { shape, profile, rejectors, gate } = pod;
      group = { shape, profile, rejectors, gate, pods: [] };
      this.groups.set(key, group);
    }
    pod.group = group;
    pod.groupIndex = group.pods.length;
    group.pods.push(pod);
  }

  remove(pod: QueuedPod): void {
    const group = pod.group!;
    const last = group.pods.pop()!;
    if (last !== pod) {
      group.pods[pod.groupIndex] = last;
      last.groupIndex = pod.groupIndex;
    }
    pod.group = null;
    if (group.pods.length > 0) return;
    this.groups.delete(keyOf(group));
  }

  /** Adds many pods at once. */
  addAll(pods: readonly QueuedPod[]): void {
    let group: PoolGroup | null = null;
    for (const pod of pods) {
      const isSame =
        group !== null &&
        group.shape === pod.shape &&
        group.rejectors === pod.rejectors &&
        group.gate === pod.gate;
      if (isSame) {
        pod.group = group;
        pod.groupIndex = group!.pods.length;
        group!.pods.push(pod);
      } else {
        this.add(pod);
        group = pod.group;
      }
    }
  }

  /** Takes a whole group out. */
  take(group: PoolGroup): readonly QueuedPod[] {
    this.groups.delete(keyOf(group));
    for (const pod of group.pods) pod.group = null;
    return group.pods;
  }

  /** Visits the groups; pods of the one visited may leave. */
  forEachGroup(visit: (group: PoolGroup) => void): void {
    for (const group of [...this.groups.values()]) visit(group);
  }
}

function keyOf(of: Pick<PoolGroup, 'shape' | 'gate' | 'rejectors'>): string {
  return `${of.shape.index}|${of.gate ?? ''}|${of.rejectors.join()}`;
}
