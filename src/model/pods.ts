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
  /** The scheduler takes time, so that assumption and bind are two instants. */
  readonly timed: boolean;
}

/** 2^26: generations above it, slots below. */
const SLOT_SPAN = 0x4000000;

/** Words of a slot's record, and where each attribute stands in it. */
const WORDS = 16;
const NODE = 0;
const NEXT = 1;
const PREV = 2;
const SHAPE = 3;
const WORKLOAD = 4;
const SERIAL = 5;
/** State in bits 0 to 7, cause in 8 to 15, retries above. */
const STATUS = 6;
const GENERATION = 7;
const GANG = 8;
const DEVICES = 9;
/** Doubles of a record: half as many as words. */
const REALS = 8;
const SINCE = 5;
const DURATION = 6;
const TICKET = 7;

const RETRIES_MAX = 0xffff;

/**
 * The slab of a cluster's pods: one record of 64 bytes, a line of the cache, for each slot; slots are reused and have
 * generations. An event of a pod touches most of its attributes, and in a cluster of millions of pods each array of its own
 * would be a miss of its own.
 *
 * *Guarantees*: a handle of a freed slot never matches again (until 2^26 reuses). *Price*: 64 bytes a slot, 8 more with a
 * scheduler that takes time, 8 more with run time estimates; growth slack of at most one half.
 */
export class PodTable implements PodsView {
  private words: Int32Array;
  /** The same bytes as doubles. */
  private reals: Float64Array;
  /** The user's bound on the run time; empty unless a batch scheduler asks for it. */
  private estimates: Float64Array;
  /** Instant of the assumption; empty if the scheduler takes no time. */
  private assumed: Float64Array;
  private freeHead = NONE;
  private top = 0;
  private live = 0;
  private readonly isTimed: boolean;

  /**
   * @param capacity slots to reserve
   * @param options which optional columns the scenario needs
   */
  constructor(capacity: number, options: PodColumns) {
    this.isTimed = options.timed;
    const n = Math.max(16, capacity);
    this.words = new Int32Array(n * WORDS);
    this.reals = new Float64Array(this.words.buffer);
    this.estimates = new Float64Array(0);
    this.assumed = new Float64Array(options.timed ? n : 0);
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
    return this.words.byteLength + this.estimates.byteLength + this.assumed.byteLength;
  }

  /** Slots reserved. */
  get capacity(): number {
    return this.words.length / WORDS;
  }

  /** True if the scheduler takes time, so that assumption and bind are two instants. */
  get timed(): boolean {
    return this.isTimed;
  }

  /** True if a batch scheduler asked for run time estimates. */
  get keepsEstimates(): boolean {
    return this.estimates.length > 0;
  }

  /** One of the states above. */
  state(p: number): number {
    return this.words[p * WORDS + STATUS]! & 0xff;
  }

  setState(p: number, state: number): void {
    const at = p * WORDS + STATUS;
    this.words[at] = (this.words[at]! & ~0xff) | state;
  }

  /** Sets state, cause and retries at once. */
  setStatus(p: number, state: number, cause: number, retries: number): void {
    this.words[p * WORDS + STATUS] = state | (cause << 8) | (Math.min(retries, RETRIES_MAX) << 16);
  }

  /** Cause of the present waiting episode, see `CAUSES`. */
  cause(p: number): number {
    return (this.words[p * WORDS + STATUS]! >>> 8) & 0xff;
  }

  setCause(p: number, cause: number): void {
    const at = p * WORDS + STATUS;
    this.words[at] = (this.words[at]! & ~0xff00) | (cause << 8);
  }

  /** Evictions so far, at most 65535. */
  retries(p: number): number {
    return this.words[p * WORDS + STATUS]! >>> 16;
  }

  setRetries(p: number, retries: number): void {
    const at = p * WORDS + STATUS;
    this.words[at] = (this.words[at]! & 0xffff) | (Math.min(retries, RETRIES_MAX) << 16);
  }

  workload(p: number): number {
    return this.words[p * WORDS + WORKLOAD]!;
  }

  setWorkload(p: number, workload: number): void {
    this.words[p * WORDS + WORKLOAD] = workload;
  }

  /** Ordinal among all pods of its workload, below 2^32: with the workload it names the pod. */
  serial(p: number): number {
    return this.words[p * WORDS + SERIAL]! >>> 0;
  }

  setSerial(p: number, serial: number): void {
    this.words[p * WORDS + SERIAL] = serial;
  }

  shape(p: number): number {
    return this.words[p * WORDS + SHAPE]!;
  }

  setShape(p: number, shape: number): void {
    this.words[p * WORDS + SHAPE] = shape;
  }

  /** Node of the pod, or -1. */
  node(p: number): number {
    return this.words[p * WORDS + NODE]!;
  }

  setNode(p: number, node: number): void {
    this.words[p * WORDS + NODE] = node;
  }

  /** On a node: next pod there. In the queue: next of its bucket. -1 if there is none. */
  next(p: number): number {
    return this.words[p * WORDS + NEXT]!;
  }

  setNext(p: number, next: number): void {
    this.words[p * WORDS + NEXT] = next;
  }

  /** As `next`, the other way. */
  prev(p: number): number {
    return this.words[p * WORDS + PREV]!;
  }

  setPrev(p: number, prev: number): void {
    this.words[p * WORDS + PREV] = prev;
  }

  /** Pending: instant of entering the queue. Bound: instant from which resource-time is still to be counted. */
  sinceUs(p: number): number {
    return this.reals[p * REALS + SINCE]!;
  }

  setSinceUs(p: number, sinceUs: number): void {
    this.reals[p * REALS + SINCE] = sinceUs;
  }

  /** Run time still to be served when it (re)starts, microseconds; Infinity never ends. */
  durationUs(p: number): number {
    return this.reals[p * REALS + DURATION]!;
  }

  setDurationUs(p: number, durationUs: number): void {
    this.reals[p * REALS + DURATION] = durationUs;
  }

  /** Pending: sequence of entering the queue. Assumed, starting, running: handle of its next event. */
  ticket(p: number): number {
    return this.reals[p * REALS + TICKET]!;
  }

  setTicket(p: number, ticket: number): void {
    this.reals[p * REALS + TICKET] = ticket;
  }

  /** The pod's next event, while it has one. */
  event(p: number): EventHandle {
    return this.ticket(p) as EventHandle;
  }

  /** Bit mask of its devices on the node; 0 without GPUs. */
  devices(p: number): number {
    return this.words[p * WORDS + DEVICES]!;
  }

  setDevices(p: number, devices: number): void {
    this.words[p * WORDS + DEVICES] = devices;
  }

  /** Gang number or -1. */
  gang(p: number): number {
    return this.words[p * WORDS + GANG]!;
  }

  setGang(p: number, gang: number): void {
    this.words[p * WORDS + GANG] = gang;
  }

  /** The user's bound on the run time; only if the table keeps estimates. */
  estimateUs(p: number): number {
    return this.estimates[p]!;
  }

  setEstimateUs(p: number, estimateUs: number): void {
    this.estimates[p] = estimateUs;
  }

  /** Instant of the assumption; only if the scheduler takes time. */
  assumedUs(p: number): number {
    return this.assumed[p]!;
  }

  setAssumedUs(p: number, assumedUs: number): void {
    this.assumed[p] = assumedUs;
  }

  /** Takes a free slot; the caller fills the rest of its record. */
  allocate(): PodIndex {
    let p: number;
    if (this.freeHead !== NONE) {
      p = this.freeHead;
      this.freeHead = this.next(p);
    } else {
      if (this.top === this.capacity) this.grow();
      p = this.top++;
    }
    this.live++;
    const { words } = this;
    const w = p * WORDS;
    words[w + NODE] = NONE;
    words[w + NEXT] = NONE;
    words[w + PREV] = NONE;
    words[w + DEVICES] = 0;
    words[w + GANG] = NONE;
    this.setTicket(p, NONE);
    return asPod(p);
  }

  /** Keeps run time estimates from now on: a batch scheduler asks for them. Only before the first pod. */
  keepEstimates(): void {
    this.estimates = new Float64Array(this.capacity);
  }

  /** Gives a slot back; every handle of it is stale from now on. */
  release(p: PodIndex): void {
    const { words } = this;
    const w = p * WORDS;
    this.setState(p, FREE);
    words[w + GENERATION] = (words[w + GENERATION]! + 1) & (SLOT_SPAN - 1);
    words[w + NEXT] = this.freeHead;
    this.freeHead = p;
    this.live--;
  }

  /** How often the slot was given back, modulo 2^26. */
  generation(p: number): number {
    return this.words[p * WORDS + GENERATION]!;
  }

  handle(p: PodIndex): PodHandle {
    return (p + this.generation(p) * SLOT_SPAN) as PodHandle;
  }

  /** The slot of a handle, or -1 if the pod is gone. */
  find(handle: PodHandle): PodIndex | -1 {
    const p = handle % SLOT_SPAN;
    const isSame = this.generation(p) === (handle - p) / SLOT_SPAN;
    return isSame && this.state(p) !== FREE ? asPod(p) : -1;
  }

  private grow(): void {
    const n = Math.ceil(this.capacity * 1.5);
    const words = new Int32Array(n * WORDS);
    words.set(this.words);
    this.words = words;
    this.reals = new Float64Array(words.buffer);
    this.estimates = longer(this.estimates, n);
    this.assumed = longer(this.assumed, n);
  }
}

/** A copy with room for `n`; a column that is not kept stays empty. */
function longer(column: Float64Array, n: number): Float64Array {
  if (column.length === 0) return column;
  const copy = new Float64Array(n);
  copy.set(column);
  return copy;
}
