/** The pods that controllers look after. */
import type { PodIndex } from '../../../base/ids.ts';

/** A pod with an owner. */
export interface OwnedPod {
  readonly p: PodIndex;
  /** Which controller: its key. */
  readonly owner: number;
  readonly template: number;
  /** StatefulSet: ordinal. Job: completion index or -1. DaemonSet: node. */
  readonly ordinal: number;
  readonly createdAtUs: number;
  /** True: its containers never become ready. */
  readonly isBroken: boolean;
  /** Unique in the cluster, ascending: in place of a UID. */
  readonly uid: number;
  /** Since when it is ready, or -1. */
  readySinceUs: number;
  isTerminating: boolean;
  /** Its node died while it was being deleted: it stays until the node is back. */
  isStuck: boolean;
}

/** By pod and by owner. *Order*: creation. */
export class OwnedPods {
  private readonly byPod = new Map<PodIndex, OwnedPod>();
  private readonly byOwner = new Map<number, Map<PodIndex, OwnedPod>>();
  private made = 0;

  /** Takes a pod up. */
  add(pod: Omit<OwnedPod, 'uid' | 'readySinceUs' | 'isTerminating' | 'isStuck'>): OwnedPod {
    const owned = {
      ...pod,
      uid: this.made++,
      readySinceUs: -1,
      isTerminating: false,
      isStuck: false,
    };
    this.byPod.set(pod.p, owned);
    let list = this.byOwner.get(pod.owner);
    if (list === undefined) {
      list = new Map();
      this.byOwner.set(pod.owner, list);
    }
    list.set(pod.p, owned);
    return owned;
  }

  find(p: PodIndex): OwnedPod | undefined {
    return this.byPod.get(p);
  }

  /** The pod's object is gone. */
  remove(p: PodIndex): void {
    const owned = this.byPod.get(p);
    if (owned === undefined) return;
    this.byPod.delete(p);
    this.byOwner.get(owned.owner)!.delete(p);
  }

  /** All pods of an owner, terminating ones included. */
  of(owner: number): Iterable<OwnedPod> {
    return this.byOwner.get(owner)?.values() ?? [];
  }

  /** Pods of an owner that are not being deleted. */
  active(owner: number): OwnedPod[] {
    const active: OwnedPod[] = [];
    for (const pod of this.of(owner)) if (!pod.isTerminating) active.push(pod);
    return active;
  }
}

/** True if the pod has been ready for at least `minReadyUs`. */
export function isAvailable(pod: OwnedPod, minReadyUs: number, nowUs: number): boolean {
  return pod.readySinceUs >= 0 && nowUs - pod.readySinceUs >= minReadyUs;
}
