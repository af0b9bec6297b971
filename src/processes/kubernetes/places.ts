/** Where the pods of a queue are: three heaps and a pool, and the timers that move pods between them. */
import { PodHeap } from './pod-heap.ts';
import { Pool, type PoolGroup } from './pool.ts';
import { expiresBefore, isBackingOff, isBefore, type QueuedPod, releaseUs } from './queued-pod.ts';

/** The queue's pool is looked through on this grid. */
const POOL_EVERY_US = 30_000_000;

/** What the places ask of their queue. */
export interface PlacesParts {
  nowUs(): number;
  readonly poolTimeoutUs: number;
  /** PreEnqueue: notes what holds a pod back; false lets it through. */
  isHeldBack(pod: QueuedPod): boolean;
  /** True if equal pods may be held back unequally now. */
  isSelective(): boolean;
  /** Somebody may be tried, or the earliest timer changed. */
  changed(): void;
}

/** Moves pods between the active queue, the backoff queues and the pool. */
export class Places {
  private readonly parts: PlacesParts;
  private readonly active = new PodHeap<QueuedPod>(isBefore);
  private readonly backoff = new PodHeap<QueuedPod>(expiresBefore);
  private readonly errors = new PodHeap<QueuedPod>(expiresBefore);
  private readonly pool = new Pool();
  /** Instant of the next look through the pool; Infinity while nobody in it waits for one. */
  private poolUs = Number.POSITIVE_INFINITY;

  constructor(parts: PlacesParts) {
    this.parts = parts;
  }

  /** True if somebody may be tried now. */
  get hasNext(): boolean {
    return this.active.size > 0 || this.backoff.size > 0;
  }

  /** True if nobody waits for an event. */
  get isPoolEmpty(): boolean {
    return this.pool.isEmpty;
  }

  /** Takes the next pod to be tried: the first active one, else the first that backs off, over or not. */
  take(): QueuedPod | null {
    const heap = this.active.size > 0 ? this.active : this.backoff;
    const pod = heap.head;
    if (pod !== null) heap.remove(pod);
    return pod;
  }

  /** To the active queue, unless the pod still backs off or is held back. */
  letGo(pod: QueuedPod): void {
    if (!isBackingOff(pod, this.parts.nowUs())) {
      this.activate(pod);
      return;
    }
    if (this.parts.isHeldBack(pod)) {
      this.keep(pod);
      return;
    }
    const isError = pod.rejectors.length === 0;
    pod.place = isError ? 'error' : 'backoff';
    (isError ? this.errors : this.backoff).push(pod);
    this.parts.changed();
  }

  /** To the active queue, unless the pod is held back. */
  activate(pod: QueuedPod): void {
    if (this.parts.isHeldBack(pod)) {
      this.keep(pod);
      return;
    }
    pod.place = 'active';
    this.active.push(pod);
    this.parts.changed();
  }

  /** To the pool. */
  keep(pod: QueuedPod): void {
    pod.place = 'pool';
    this.pool.add(pod);
    this.awaitPool(pod);
  }

  /** To the pool: many pods that were refused at one instant. */
  keepAll(pods: readonly QueuedPod[]): void {
    for (const pod of pods) pod.place = 'pool';
    this.pool.addAll(pods);
    if (pods.length > 0) this.awaitPool(pods[0]!);
  }

  private awaitPool(pod: QueuedPod): void {
    const dueUs = this.dueOf(pod);
    if (dueUs >= this.poolUs) return;
    this.poolUs = dueUs;
    this.parts.changed();
  }

  /** Takes a pod out from where it is; one that is in flight or assumed is nowhere here. */
  leave(pod: QueuedPod): void {
    if (pod.place === 'active') this.active.remove(pod);
    else if (pod.place === 'backoff') this.backoff.remove(pod);
    else if (pod.place === 'error') this.errors.remove(pod);
    else if (pod.place === 'pool') this.pool.remove(pod);
  }

  /** Lets a pod of the pool go. */
  moveOut(pod: QueuedPod): void {
    this.pool.remove(pod);
    this.letGo(pod);
  }

  /** Lets a whole group go, as `moveOut` would one by one. */
  moveOutAll(group: PoolGroup): void {
    if (group.pods.length < MANY || group.gate !== null || this.parts.isSelective()) {
      for (const pod of [...group.pods]) this.moveOut(pod);
      return;
    }
    const pods = this.pool.take(group);
    const held = pods.filter((pod) => this.parts.isHeldBack(pod));
    const free = held.length === 0 ? pods : pods.filter((pod) => pod.gate === null);
    const nowUs = this.parts.nowUs();
    const late: QueuedPod[] = [];
    const ready: QueuedPod[] = [];
    for (const pod of free) {
      const waits = isBackingOff(pod, nowUs);
      pod.place = waits ? 'backoff' : 'active';
      (waits ? late : ready).push(pod);
    }
    this.active.pushAll(ready);
    this.backoff.pushAll(late);
    for (const pod of held) this.keep(pod);
    this.parts.changed();
  }

  /** Visits the groups of the pool; pods of the one visited may leave. */
  forEachGroup(visit: (group: PoolGroup) => void): void {
    this.pool.forEachGroup(visit);
  }

  /**
   * Takes out, in no order, the pods that would be popped before the first one that is not `isKnown`.
   *
   * *Cost*: O(pods that may be tried).
   */
  takeKnown(isKnown: (pod: QueuedPod) => boolean): QueuedPod[] {
    const first = firstUnknown(this.active, isKnown, isBefore);
    if (first !== null) return this.active.takeAll((pod) => isBefore(pod, first));
    const taken = this.active.takeAll(() => true);
    const late = firstUnknown(this.backoff, isKnown, expiresBefore);
    return taken.concat(this.backoff.takeAll((pod) => late === null || expiresBefore(pod, late)));
  }

  // ------------------------------------------------------------------ timers

  /** The earliest instant at which a timer has something to do; Infinity if none has. */
  get nextTimerUs(): number {
    const { backoff, errors, poolUs } = this;
    if (backoff.size === 0 && errors.size === 0) return poolUs;
    return Math.min(poolUs, firstReleaseUs(backoff), firstReleaseUs(errors));
  }

  /** The timers: who backs off no more becomes active; who waited too long for an event is let go. */
  flush(): void {
    const nowUs = this.parts.nowUs();
    if (this.backoff.size > 0) this.release(this.backoff, nowUs);
    if (this.errors.size > 0) this.release(this.errors, nowUs);
    if (nowUs >= this.poolUs) this.flushPool(nowUs);
  }

  private release(heap: PodHeap<QueuedPod>, nowUs: number): void {
    for (let pod = heap.head; pod !== null && !isBackingOff(pod, nowUs); pod = heap.head) {
      heap.remove(pod);
      pod.place = 'active';
      this.active.push(pod);
    }
  }

  private flushPool(nowUs: number): void {
    const overdue: QueuedPod[] = [];
    this.poolUs = Number.POSITIVE_INFINITY;
    this.pool.forEachGroup((group) => {
      if (group.gate !== null) return;
      for (const pod of group.pods) {
        if (this.dueOf(pod) <= nowUs) overdue.push(pod);
        else this.poolUs = Math.min(this.poolUs, this.dueOf(pod));
      }
    });
    for (const pod of overdue) this.moveOut(pod);
  }

  /** First instant of the grid at which the pod has been in the pool for too long; a pod that is held back never has. */
  private dueOf(pod: QueuedPod): number {
    if (pod.gate !== null) return Number.POSITIVE_INFINITY;
    const overUs = pod.timestampUs + this.parts.poolTimeoutUs;
    return (Math.floor(overUs / POOL_EVERY_US) + 1) * POOL_EVERY_US;
  }
}

/** When the first of a backoff queue is let go; Infinity for none. */
function firstReleaseUs({ head }: PodHeap<QueuedPod>): number {
  return head === null ? Number.POSITIVE_INFINITY : releaseUs(head);
}

/** From this size on a group is moved as one. */
const MANY = 4;

function firstUnknown(
  heap: PodHeap<QueuedPod>,
  isKnown: (pod: QueuedPod) => boolean,
  precedes: (a: QueuedPod, b: QueuedPod) => boolean,
): QueuedPod | null {
  let first: QueuedPod | null = null;
  heap.forEach((pod) => {
    if (!isKnown(pod) && (first === null || precedes(pod, first))) first = pod;
  });
  return first;
}
