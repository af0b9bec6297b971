import type { EventHandle, PodHandle, PodIndex } from '../base/ids.ts';
import { asPod, NONE } from '../base/ids.ts';
import type { PodsView } from './view.ts';

/** States of a pod slot. */
export const FREE = 0;
/** Waits in the cluster's queue. */
export const PENDING = 1;
/** Waits out a retry's backoff. */
export const BACKOFF = 2;
/** Chosen by the scheduler, not bound yet: holds its resources. */
export const ASSUMED = 3;
/** Bound; its image is pulled and its containers start. */
export const STARTING = 4;
export const RUNNING = 5;
/** Bound to a node that is down: makes no progress, not evicted yet. */
export const INTERRUPTED = 6;
/** Bound, and told to stop: makes no progress, holds its resources until its grace period is over. */
export const TERMINATING = 7;

/** Why a pod entered the queue: label `cause` of `pod_wait_seconds`. */
export const CAUSES = ['arrival', 'eviction', 'preemption'] as const;
export const BY_ARRIVAL = 0;
export const BY_EVICTION = 1;
export const BY_PREEMPTION = 2;

/** Which optional columns a scenario needs. */
export interface PodColumns {
  readonly gpus: boolean;
  readonly gangs: boolean;
  /** The scheduler takes time, so that assumption and bind are two instants. */
  readonly timed: boolean;
}

/** 2^26: generations above it, slots below. */
const SLOT_SPAN = 0x4000000;

/**
 * The slab of a cluster's pods: columns with reused slots and generations.
 *
 * *Guarantees*: a handle of a freed slot never matches again (until 2^26 reuses). *Price*: 54 bytes a slot, 4 more with
 * GPUs, 4 more with gangs, 8 more with a scheduler that takes time; growth slack of at most one half.
 */
export class PodTable implements PodsView {
  state: Uint8Array;
  /** Causes of the present waiting episode, see `CAUSES`. */
  cause: Uint8Array;
  /** Evictions so far, at most 65535. */
  retries: Uint16Array;
  workload: Uint16Array;
  /** Ordinal among all pods of its workload: with the workload it names the pod. */
  serial: Uint32Array;
  shape: Int32Array;
  node: Int32Array;
  /** On a node: next and previous pod there. In the queue: next and previous of its bucket. */
  next: Int32Array;
  prev: Int32Array;
  /** Pending: instant of entering the queue. Bound: instant from which resource-time is still to be counted. */
  sinceUs: Float64Array;
  /** Run time still to be served when it (re)starts, microseconds; Infinity never ends. */
  durationUs: Float64Array;
  /** Pending: sequence of entering the queue. Assumed, starting, running: handle of its next event. */
  ticket: Float64Array;
  devices: Int32Array;
  /** Gang number or -1; empty without gangs. */
  gang: Int32Array;
  /** The user's bound on the run time; empty unless a batch scheduler asks for it. */
  estimateUs: Float64Array;
  /** Instant of the assumption; empty if the scheduler takes no time. */
  assumedUs: Float64Array;
  generation: Int32Array;
  private freeHead = NONE;
  private top = 0;
  private live = 0;
  private readonly hasGpus: boolean;
  private readonly hasGangs: boolean;
  private readonly isTimed: boolean;

  /**
   * @param capacity slots to reserve
   * @param options which optional columns the scenario needs
   */
  constructor(capacity: number, options: PodColumns) {
    this.hasGpus = options.gpus;
    this.hasGangs = options.gangs;
    this.isTimed = options.timed;
    const n = Math.max(16, capacity);
    this.state = new Uint8Array(n);
    this.cause = new Uint8Array(n);
    this.retries = new Uint16Array(n);
    this.workload = new Uint16Array(n);
    this.serial = new Uint32Array(n);
    this.shape = new Int32Array(n);
    this.node = new Int32Array(n);
    this.next = new Int32Array(n);
    this.prev = new Int32Array(n);
    this.sinceUs = new Float64Array(n);
    this.durationUs = new Float64Array(n);
    this.ticket = new Float64Array(n);
    this.devices = new Int32Array(options.gpus ? n : 0);
    this.gang = new Int32Array(options.gangs ? n : 0);
    this.estimateUs = new Float64Array(0);
    this.assumedUs = new Float64Array(options.timed ? n : 0);
    this.generation = new Int32Array(n);
  }

  /** Slots in use. */
  get count(): number {
    return this.live;
  }

  /** One past the highest slot ever used: the bound of loops over all slots. */
  get end(): number {
    return this.top;
  }

  /** Bytes of all columns. */
  get bytes(): number {
    let bytes = 0;
    for (const value of Object.values(this))
      if (ArrayBuffer.isView(value)) bytes += value.byteLength;
    return bytes;
  }

  /** Slots reserved. */
  get capacity(): number {
    return this.state.length;
  }

  /** Takes a free slot; the caller fills every column. */
  allocate(): PodIndex {
    let p: number;
    if (this.freeHead !== NONE) {
      p = this.freeHead;
      this.freeHead = this.next[p]!;
    } else {
      if (this.top === this.state.length) this.grow();
      p = this.top++;
    }
    this.live++;
    this.node[p] = NONE;
    this.next[p] = NONE;
    this.prev[p] = NONE;
    this.ticket[p] = NONE;
    if (this.hasGpus) this.devices[p] = 0;
    if (this.hasGangs) this.gang[p] = NONE;
    return asPod(p);
  }

  /** Keeps run time estimates from now on: a batch scheduler asks for them. Only before the first pod. */
  keepEstimates(): void {
    this.estimateUs = new Float64Array(this.state.length);
  }

  /** Gives a slot back; every handle of it is stale from now on. */
  release(p: PodIndex): void {
    this.state[p] = FREE;
    this.generation[p] = (this.generation[p]! + 1) & (SLOT_SPAN - 1);
    this.next[p] = this.freeHead;
    this.freeHead = p;
    this.live--;
  }

  handle(p: PodIndex): PodHandle {
    return (p + this.generation[p]! * SLOT_SPAN) as PodHandle;
  }

  /** The slot of a handle, or -1 if the pod is gone. */
  find(handle: PodHandle): PodIndex | -1 {
    const p = handle % SLOT_SPAN;
    return this.generation[p] === (handle - p) / SLOT_SPAN && this.state[p] !== FREE
      ? asPod(p)
      : -1;
  }

  /** The pod's next event, while it has one. */
  event(p: PodIndex): EventHandle {
    return this.ticket[p]! as EventHandle;
  }

  private grow(): void {
    const n = Math.ceil(this.state.length * 1.5);
    const larger = <T extends Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array>(
      make: new (length: number) => T,
      from: T,
    ): T => {
      const column = new make(from.length === 0 ? 0 : n);
      column.set(from);
      return column;
    };
    this.state = larger(Uint8Array, this.state);
    this.cause = larger(Uint8Array, this.cause);
    this.retries = larger(Uint16Array, this.retries);
    this.workload = larger(Uint16Array, this.workload);
    this.serial = larger(Uint32Array, this.serial);
    this.shape = larger(Int32Array, this.shape);
    this.node = larger(Int32Array, this.node);
    this.next = larger(Int32Array, this.next);
    this.prev = larger(Int32Array, this.prev);
    this.sinceUs = larger(Float64Array, this.sinceUs);
    this.durationUs = larger(Float64Array, this.durationUs);
    this.ticket = larger(Float64Array, this.ticket);
    this.devices = larger(Int32Array, this.devices);
    this.gang = larger(Int32Array, this.gang);
    this.estimateUs = larger(Float64Array, this.estimateUs);
    this.assumedUs = larger(Float64Array, this.assumedUs);
    this.generation = larger(Int32Array, this.generation);
  }

  /** True if the scheduler takes time, so that assumption and bind are two instants. */
  get timed(): boolean {
    return this.isTimed;
  }
}
