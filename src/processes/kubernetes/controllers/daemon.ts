/**
 * One rolling update step of a DaemonSet: on which nodes a pod of the new revision is made, and which pods go.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/daemon/update.go. *Order*: where upstream walks a map, the order of `nodes`.
 */
import { type CountOrPercent, roundedUp } from './counts.ts';

/** A pod of a DaemonSet; `id` is whatever the caller knows it by. */
export interface DaemonPod {
  readonly id: number;
  readonly isTerminating: boolean;
  readonly isAvailable: boolean;
}

/** A node that should have a pod. */
export interface DaemonNode {
  readonly node: number;
  readonly old: DaemonPod | null;
  readonly fresh: DaemonPod | null;
}

/** What to do: pods to delete by `id`, nodes to make a pod of the new revision on. */
export interface DaemonStep {
  readonly remove: readonly number[];
  readonly create: readonly number[];
}

/** Resolves both bounds; both round up, and both 0 would never move. */
export function daemonFence(
  nodes: number,
  maxSurge: CountOrPercent,
  maxUnavailable: CountOrPercent,
): { readonly surge: number; readonly unavailable: number } {
  const surge = roundedUp(maxSurge, nodes);
  const unavailable = roundedUp(maxUnavailable, nodes);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Finds the next step of an update. */
export function updateDaemons(
  nodes: readonly DaemonNode[],
  fence: { readonly surge: number; readonly unavailable: number },
): DaemonStep {
  return fence.surge === 0 ? inPlace(nodes, fence.unavailable) : withSurge(nodes, fence.surge);
}

/** The new pod comes when the old one is gone: unavailable old pods go for free, available ones on the budget. */
function inPlace(nodes: readonly DaemonNode[], unavailable: number): DaemonStep {
  const remove: number[] = [];
  const candidates: number[] = [];
  let missing = 0;
  for (const { fresh, old } of nodes) {
    if (fresh !== null) {
      if (!fresh.isAvailable || fresh.isTerminating) missing++;
    } else if (old === null || old.isTerminating) missing++;
    else if (old.isAvailable) candidates.push(old.id);
    else {
      missing++;
      remove.push(old.id);
    }
  }
  const room = Math.max(0, unavailable - missing);
  return { remove: [...remove, ...candidates.slice(0, room)], create: [] };
}

/** The new pod comes beside the old one, which goes when the new one is available. */
function withSurge(nodes: readonly DaemonNode[], surge: number): DaemonStep {
  const remove: number[] = [];
  const create: number[] = [];
  const candidates: number[] = [];
  let surging = 0;
  for (const { fresh, node, old } of nodes) {
    if (old === null) continue;
    if (fresh !== null) {
      if (!fresh.isAvailable) surging++;
      else if (!old.isTerminating) remove.push(old.id);
    } else if (old.isTerminating || !old.isAvailable) create.push(node);
    else candidates.push(node);
  }
  const room = Math.max(0, surge - surging);
  return { remove, create: [...create, ...candidates.slice(0, room)] };
}
