import { asPod, NONE, type PodIndex, type WorkloadIndex } from '../base/ids.ts';
import type { QueuedPod, Queueing } from '../contracts/queueing.ts';
import { PENDING } from '../model/pods.ts';
import type { PodShape } from '../model/shapes.ts';
import type { Refusal } from '../selection/feasibility.ts';
import type { ClusterRun, WaitingPods } from './cluster-run.ts';

/** Reason of pods that were not refused yet. */
const NOT_TRIED = 'queued';

/** Waiting pods (or gangs of one size) of one workload, shape and rank, in order of entering. */
export interface Bucket {
  readonly workload: WorkloadIndex;
  readonly shape: PodShape;
  /** Pods per unit: the size of the gangs, 1 for single pods. */
  readonly size: number;
  readonly rank: number;
  /** First and last unit: the pod, or the leader of the gang. */
  head: PodIndex | -1;
  tail: PodIndex | -1;
  /** Units that wait. */
  units: number;
  /** True while its head is to be tried; false while all of it waits for an event. */
  isActive: boolean;
  reason: string;
  verdict: Refusal['verdict'];
  /** What the last scan for reasons found, and when, microseconds. */
  explained: Refusal;
  explainedUs: number;
}

/**
 * The queue of a cluster: pods wait in buckets by (workload, shape, gang size, rank), because equal pods meet equal
 * fates. Only the head of a bucket is tried; if it is placed the next one is, if it is refused the whole bucket waits until an event may
 * have made room.
 *
 * *Guarantees*: the order of trying is (rank, sequence of entering), exactly as if every pod were tried at every event. *Price*: O(log buckets) a pod; a wake-up costs O(waiting buckets).
 */
export class PendingQueue implements WaitingPods {
  pods = 0;
  entered = 0;
  readonly requests: Float64Array;
  readonly isBlocking: boolean;
  private readonly run: ClusterRun;
  private readonly queueing: Queueing;
  private readonly byShape: Bucket[][] = [];
  private readonly waiting: Bucket[] = [];
  /** Binary heap of active buckets by the order of their heads. */
  private readonly active: Bucket[] = [];
  /** Refilled for each call of the policy. */
  private readonly request: { -readonly [K in keyof QueuedPod]: QueuedPod[K] } = {
    shape: undefined as unknown as PodShape,
    workload: '',
    enteredAtUs: 0,
    size: 1,
  };

  constructor(run: ClusterRun, queueing: Queueing) {
    this.run = run;
    this.queueing = queueing;
    this.isBlocking = queueing.blocking;
    this.requests = new Float64Array(run.cluster.resources.count + 1);
  }

  enter(p: PodIndex, size: number): void {
    const { pods } = this.run.cluster;
    const bucket = this.bucketOf(p, size);
    pods.setState(p, PENDING);
    pods.setTicket(p, this.entered++);
    pods.setNext(p, NONE);
    pods.setPrev(p, bucket.tail);
    if (bucket.tail === NONE) bucket.head = p;
    else pods.setNext(bucket.tail, p);
    bucket.tail = p;
    bucket.units++;
    this.account(bucket, 1);
    if (bucket.units === 1) {
      bucket.reason = NOT_TRIED;
      this.activate(bucket);
    }
    this.run.observer.pendingChanged(bucket.reason, bucket.workload, size);
  }

  /** Notes that a pod passes the empty queue by: it would have entered and left it at one instant. */
  pass(p: PodIndex): void {
    if (this.entered === 0) {
      this.run.observer.pendingChanged(NOT_TRIED, this.run.workloadOf(p).index, 0);
    }
    this.entered++;
  }

  /** The bucket whose head is to be tried next, or null. */
  top(): Bucket | null {
    return this.active[0] ?? null;
  }

  /** Takes the head of the top bucket out of the queue: it was placed. */
  takeTop(): void {
    const bucket = this.active[0]!;
    this.unlink(bucket, bucket.head as PodIndex);
    if (bucket.units === 0) this.deactivateTop();
    else this.siftDown(0);
  }

  /** The head of the top bucket was refused: all of the bucket waits. */
  refuseTop(refusal: Refusal): void {
    const bucket = this.active[0]!;
    this.deactivateTop();
    this.waiting.push(bucket);
    bucket.verdict = refusal.verdict;
    this.relabel(bucket, refusal.reason);
  }

  /** With a blocking queue: the head was refused and stays on top; its pods wait for `reason`. */
  relabelTop(reason: string): void {
    this.relabel(this.active[0]!, reason);
  }

  /** Buckets that wait for an event. *Order*: of their refusal. */
  get refused(): readonly Bucket[] {
    return this.waiting;
  }

  /** Tries waiting buckets again for which `mayFit` holds. @returns true if any became active */
  wake(mayFit: (bucket: Bucket) => boolean): boolean {
    let kept = 0;
    const before = this.waiting.length;
    for (let i = 0; i < before; i++) {
      const bucket = this.waiting[i]!;
      if (mayFit(bucket)) this.activate(bucket);
      else this.waiting[kept++] = bucket;
    }
    this.waiting.length = kept;
    return kept < before;
  }

  remove(p: PodIndex): void {
    const bucket = this.bucketOf(p, this.run.gangs.sizeOf(p));
    const wasHead = bucket.head === p;
    this.unlink(bucket, p);
    if (bucket.units === 0 && !bucket.isActive) {
      this.waiting.splice(this.waiting.indexOf(bucket), 1);
    } else if (bucket.isActive && (wasHead || bucket.units === 0)) this.rebuild();
  }

  forEachUnit(visit: (p: PodIndex) => void): void {
    const { pods } = this.run.cluster;
    for (const bucket of [...this.active, ...this.waiting]) {
      for (let p: number = bucket.head; p !== NONE; ) {
        const after = pods.next(p);
        visit(asPod(p));
        p = after;
      }
    }
  }

  forEachOverdue(beforeTicket: number, visit: (p: PodIndex) => void): void {
    const { pods } = this.run.cluster;
    for (const bucket of [...this.waiting]) {
      for (let p: number = bucket.head; p !== NONE && pods.ticket(p) < beforeTicket; ) {
        const after = pods.next(p);
        visit(asPod(p));
        p = after;
      }
    }
  }

  forEachDemand(visit: (shape: PodShape, pods: number) => void): void {
    for (const bucket of this.waiting) visit(bucket.shape, bucket.units * bucket.size);
  }

  private bucketOf(p: PodIndex, size: number): Bucket {
    const { request } = this;
    const workload = this.run.workloadOf(p);
    request.shape = this.run.shapeOf(p);
    request.workload = workload.name;
    request.enteredAtUs = this.run.cluster.pods.sinceUs(p);
    request.size = size;
    const rank = this.queueing.rank(request);
    while (this.byShape.length <= request.shape.index) this.byShape.push([]);
    const buckets = this.byShape[request.shape.index]!;
    for (const bucket of buckets) {
      if (bucket.workload === workload.index && bucket.size === size && bucket.rank === rank) {
        return bucket;
      }
    }
    const bucket = newBucket(workload.index, request.shape, size, rank);
    buckets.push(bucket);
    return bucket;
  }

  private unlink(bucket: Bucket, p: PodIndex): void {
    const { pods } = this.run.cluster;
    const next = pods.next(p) as PodIndex | -1;
    const prev = pods.prev(p) as PodIndex | -1;
    if (prev === NONE) bucket.head = next;
    else pods.setNext(prev, next);
    if (next === NONE) bucket.tail = prev;
    else pods.setPrev(next, prev);
    pods.setNext(p, NONE);
    pods.setPrev(p, NONE);
    pods.setTicket(p, NONE);
    bucket.units--;
    this.account(bucket, -1);
    this.run.observer.pendingChanged(bucket.reason, bucket.workload, -bucket.size);
  }

  private account(bucket: Bucket, sign: 1 | -1): void {
    const { requests } = bucket.shape;
    for (let r = 0; r < requests.length; r++) {
      this.requests[r]! += sign * bucket.size * requests[r]!;
    }
    this.requests[requests.length]! +=
      sign * bucket.size * bucket.shape.gpuCount * bucket.shape.gpuMilliPerDevice;
    this.pods += sign * bucket.size;
  }

  /** Moves the count of a bucket to another reason. */
  private relabel(bucket: Bucket, reason: string): void {
    if (bucket.reason === reason) return;
    const pods = bucket.units * bucket.size;
    this.run.observer.pendingChanged(bucket.reason, bucket.workload, -pods);
    bucket.reason = reason;
    this.run.observer.pendingChanged(reason, bucket.workload, pods);
  }

  private activate(bucket: Bucket): void {
    bucket.isActive = true;
    this.active.push(bucket);
    this.siftUp(this.active.length - 1);
  }

  private deactivateTop(): void {
    const bucket = this.active[0]!;
    bucket.isActive = false;
    const last = this.active.pop()!;
    if (last !== bucket) {
      this.active[0] = last;
      this.siftDown(0);
    }
  }

  private rebuild(): void {
    const kept = this.active.filter((bucket) => bucket.units > 0);
    for (const bucket of this.active) if (bucket.units === 0) bucket.isActive = false;
    this.active.length = 0;
    for (const bucket of kept) this.activate(bucket);
  }

  private precedes(a: Bucket, b: Bucket): boolean {
    const { pods } = this.run.cluster;
    if (a.rank !== b.rank) return a.rank < b.rank;
    return pods.ticket(a.head) < pods.ticket(b.head);
  }

  private siftUp(i: number): void {
    const { active } = this;
    const bucket = active[i]!;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.precedes(bucket, active[parent]!)) break;
      active[i] = active[parent]!;
      i = parent;
    }
    active[i] = bucket;
  }

  private siftDown(i: number): void {
    const { active } = this;
    const bucket = active[i]!;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= active.length) break;
      if (child + 1 < active.length && this.precedes(active[child + 1]!, active[child]!)) child++;
      if (!this.precedes(active[child]!, bucket)) break;
      active[i] = active[child]!;
      i = child;
    }
    active[i] = bucket;
  }
}

function newBucket(workload: WorkloadIndex, shape: PodShape, size: number, rank: number): Bucket {
  return {
    workload,
    shape,
    size,
    rank,
    head: NONE,
    tail: NONE,
    units: 0,
    isActive: false,
    reason: NOT_TRIED,
    verdict: 'not-now',
    explained: { reason: NOT_TRIED, verdict: 'not-now' },
    explainedUs: Number.NEGATIVE_INFINITY,
  };
}
