/** A pod in the scheduler's queue, and the arithmetic of its backoff. */
import type { NodeIndex, PodIndex } from '../../base/ids.ts';
import type { FrameworkScheduler } from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { Heaped } from './pod-heap.ts';
import type { PoolGroup } from './pool.ts';

/** Where a pod of the queue is: exactly one of these. */
export type Place =
  /** May be tried. */
  | 'active'
  /** Refused by plug-ins: may be tried when its backoff is over, or when nobody else is there. */
  | 'backoff'
  /** An attempt of it ended in an error: tried when its backoff is over. */
  | 'error'
  /** Waits for an event, or is held back before it may be tried at all. */
  | 'pool'
  /** Is being tried. */
  | 'in-flight'
  /** Has a node and is not bound yet: it comes back if that fails. */
  | 'assumed';

/** A pod, or the leader of a gang, that waits. */
export interface QueuedPod extends Heaped {
  readonly p: PodIndex;
  readonly shape: PodShape;
  /** Pods that it stands for. */
  readonly size: number;
  /** Index of its profile. */
  readonly profile: number;
  /** Order of creation: breaks ties of time. */
  readonly sequence: number;
  place: Place;
  /** When it entered, or when its last attempt failed, microseconds. */
  timestampUs: number;
  attempts: number;
  /** Attempts that plug-ins refused in this stay, and errors in a row. */
  unschedulableCount: number;
  consecutiveErrors: number;
  /** Names of the plug-ins that refused the last attempt, in the profile's order. */
  rejectors: readonly string[];
  /** Plug-in that holds it back before any attempt, or null. */
  gate: string | null;
  /** Whole second until which it backs off, inclusive; -1 does not back off. */
  expirySecond: number;
  /** Group of the pool that holds it, and its place there. */
  group: PoolGroup | null;
  groupIndex: number;
  /** Neighbours in the order of entering. */
  before: QueuedPod | null;
  after: QueuedPod | null;
  /** Assumed: the node. */
  assumedOn: NodeIndex;
  /** Label of what it waits for. */
  reason: string;
}

/** The order of the active queue: higher priority, earlier timestamp, earlier creation. */
export function isBefore(a: QueuedPod, b: QueuedPod): boolean {
  if (a.shape.priority !== b.shape.priority) return a.shape.priority > b.shape.priority;
  if (a.timestampUs !== b.timestampUs) return a.timestampUs < b.timestampUs;
  return a.sequence < b.sequence;
}

/** The order of a backoff queue: earlier expiry, then as the active queue. */
export function expiresBefore(a: QueuedPod, b: QueuedPod): boolean {
  if (a.expirySecond !== b.expirySecond) return a.expirySecond < b.expirySecond;
  return isBefore(a, b);
}

const US_PER_SECOND = 1e6;

/**
 * The whole second until which a pod backs off: the end of its backoff, rounded down, or -1 if it has none.
 *
 * @param count failed attempts that count
 * @param sinceUs when the last one failed
 */
export function expirySecondOf(
  count: number,
  sinceUs: number,
  limits: Pick<FrameworkScheduler, 'podInitialBackoffUs' | 'podMaxBackoffUs'>,
): number {
  if (count === 0 || limits.podMaxBackoffUs === 0) return -1;
  let us = Math.min(limits.podInitialBackoffUs, limits.podMaxBackoffUs);
  for (let i = 1; i < count && us < limits.podMaxBackoffUs; i++) {
    us = Math.min(us * 2, limits.podMaxBackoffUs);
  }
  return Math.floor((sinceUs + us) / US_PER_SECOND);
}

/** True while a pod backs off: its last second counts, so that a timer lets it go one second later. */
export function isBackingOff(pod: QueuedPod, nowUs: number): boolean {
  return pod.expirySecond >= Math.floor(nowUs / US_PER_SECOND);
}

/** The whole second at which a timer lets the pod go, microseconds. */
export function releaseUs(pod: QueuedPod): number {
  return (pod.expirySecond + 1) * US_PER_SECOND;
}
