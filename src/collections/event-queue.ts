import type { EventHandle } from '../base/ids.ts';

/**
 * A queue of future events, ordered by (time, phase, sequence of pushing). Any two implementations that keep this order
 * give the same run.
 */
export interface EventQueue {
  /** How a scenario names it. */
  readonly name: string;
  /** Events that are pending, cancelled ones not counted. */
  readonly size: number;
  /** Instant, kind and subject of the event that `pop` returned last. */
  readonly atUs: number;
  readonly kind: number;
  readonly subject: number;
  /** Bytes of its columns, or an estimate for queues of objects. */
  readonly bytes: number;
  /**
   * Adds an event.
   *
   * @param atUs instant, microseconds; finite
   * @param phase 0 to 15, orders events of one instant
   * @param kind small integer, 0 to 254
   * @param subject any 32-bit integer: a node, a pod, an index
   */
  push(atUs: number, phase: number, kind: number, subject: number): EventHandle;
  /** Removes a pending event. @returns false if it fired or was cancelled before */
  cancel(handle: EventHandle): boolean;
  /** Instant of the earliest event, Infinity if there is none. */
  nextAtUs(): number;
  /** Phase of the earliest event; only if there is one. */
  nextPhase(): number;
  /** Takes the earliest event into `atUs`, `kind`, `subject`. @returns false if there is none */
  pop(): boolean;
}

/** 2^48: phases above it, sequences below. */
const PHASE_SHIFT = 0x1000000000000;
/** 2^26: generations above it, slots below. */
const SLOT_SPAN = 0x4000000;
/** Kind of a cancelled event that still sits in the heap. */
const CANCELLED = 255;

/**
 * Four-ary heap on typed columns.
 *
 * *Guarantees*: (time, phase, sequence) order; cancel by handle in O(1), safe after the event fired; no allocation per
 * event. *Price*: O(log n) push and pop, 27 bytes an event plus growth slack of at most one half; a cancelled event keeps
 * its place until it surfaces, or until half of the heap is cancelled. `bench/event-queue.ts` holds the measurement that
 * chose it over `fastpriorityqueue`.
 */
export class HeapQueue implements EventQueue {
  readonly name = 'heap';
  atUs = 0;
  kind = 0;
  subject = 0;
  private times: Float64Array;
  private orders: Float64Array;
  private slots: Int32Array;
  private kinds: Uint8Array;
  private subjects: Int32Array;
  private generations: Uint16Array;
  private freeSlots: Int32Array;
  private freeCount = 0;
  private slotTop = 0;
  private count = 0;
  private cancelled = 0;
  private sequence = 0;

  /** @param capacity events to reserve room for; it grows by one half when full */
  constructor(capacity = 1024) {
    this.times = new Float64Array(capacity);
    this.orders = new Float64Array(capacity);
    this.slots = new Int32Array(capacity);
    this.kinds = new Uint8Array(capacity);
    this.subjects = new Int32Array(capacity);
    this.generations = new Uint16Array(capacity);
    this.freeSlots = new Int32Array(16);
  }

  get size(): number {
    return this.count - this.cancelled;
  }

  get bytes(): number {
    return this.times.length * 27 + this.freeSlots.byteLength;
  }

  push(atUs: number, phase: number, kind: number, subject: number): EventHandle {
    let slot: number;
    if (this.freeCount > 0) slot = this.freeSlots[--this.freeCount]!;
    else {
      if (this.slotTop === this.kinds.length) this.grow();
      slot = this.slotTop++;
    }
    this.kinds[slot] = kind;
    this.subjects[slot] = subject;
    this.siftUp(this.count++, atUs, phase * PHASE_SHIFT + this.sequence++, slot);
    return (slot + this.generations[slot]! * SLOT_SPAN) as EventHandle;
  }

  cancel(handle: EventHandle): boolean {
    if (handle < 0) return false;
    const slot = handle % SLOT_SPAN;
    const generation = (handle - slot) / SLOT_SPAN;
    if (this.generations[slot] !== generation || this.kinds[slot] === CANCELLED) return false;
    this.kinds[slot] = CANCELLED;
    this.cancelled++;
    if (this.cancelled > 1024 && this.cancelled > this.count >>> 1) this.compact();
    return true;
  }

  nextAtUs(): number {
    if (this.cancelled > 0) this.dropCancelledTop();
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.times[0]!;
  }

  nextPhase(): number {
    return Math.floor(this.orders[0]! / PHASE_SHIFT);
  }

  pop(): boolean {
    if (this.cancelled > 0) this.dropCancelledTop();
    if (this.count === 0) return false;
    this.atUs = this.times[0]!;
    const slot = this.slots[0]!;
    this.kind = this.kinds[slot]!;
    this.subject = this.subjects[slot]!;
    this.removeTop();
    this.freeSlot(slot);
    return true;
  }

  private dropCancelledTop(): void {
    while (this.count > 0 && this.kinds[this.slots[0]!] === CANCELLED) {
      const slot = this.slots[0]!;
      this.removeTop();
      this.cancelled--;
      this.freeSlot(slot);
    }
  }

  private freeSlot(slot: number): void {
    this.generations[slot] = this.generations[slot]! + 1;
    this.kinds[slot] = 0;
    if (this.freeCount === this.freeSlots.length) {
      const larger = new Int32Array(this.freeCount + (this.freeCount >>> 1));
      larger.set(this.freeSlots);
      this.freeSlots = larger;
    }
    this.freeSlots[this.freeCount++] = slot;
  }

  private removeTop(): void {
    const last = --this.count;
    if (last > 0) this.siftDown(0, this.times[last]!, this.orders[last]!, this.slots[last]!);
  }

  private siftUp(i: number, atUs: number, order: number, slot: number): void {
    const { times, orders, slots } = this;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      const t = times[parent]!;
      if (t < atUs || (t === atUs && orders[parent]! < order)) break;
      times[i] = t;
      orders[i] = orders[parent]!;
      slots[i] = slots[parent]!;
      i = parent;
    }
    times[i] = atUs;
    orders[i] = order;
    slots[i] = slot;
  }

  private siftDown(i: number, atUs: number, order: number, slot: number): void {
    const { times, orders, slots, count } = this;
    for (;;) {
      const first = (i << 2) + 1;
      if (first >= count) break;
      const end = Math.min(first + 4, count);
      let best = first;
      let bestAtUs = times[first]!;
      for (let c = first + 1; c < end; c++) {
        const t = times[c]!;
        if (t < bestAtUs || (t === bestAtUs && orders[c]! < orders[best]!)) {
          best = c;
          bestAtUs = t;
        }
      }
      if (atUs < bestAtUs || (atUs === bestAtUs && order < orders[best]!)) break;
      times[i] = bestAtUs;
      orders[i] = orders[best]!;
      slots[i] = slots[best]!;
      i = best;
    }
    times[i] = atUs;
    orders[i] = order;
    slots[i] = slot;
  }

  private compact(): void {
    let kept = 0;
    const old = this.count;
    for (let i = 0; i < old; i++) {
      const slot = this.slots[i]!;
      if (this.kinds[slot] === CANCELLED) {
        this.freeSlot(slot);
        continue;
      }
      this.times[kept] = this.times[i]!;
      this.orders[kept] = this.orders[i]!;
      this.slots[kept] = slot;
      kept++;
    }
    this.cancelled = 0;
    this.count = kept;
    for (let i = (kept - 2) >> 2; i >= 0; i--) {
      this.siftDown(i, this.times[i]!, this.orders[i]!, this.slots[i]!);
    }
  }

  private grow(): void {
    const capacity = Math.ceil(this.kinds.length * 1.5) + 16;
    this.times = copyInto(new Float64Array(capacity), this.times);
    this.orders = copyInto(new Float64Array(capacity), this.orders);
    this.slots = copyInto(new Int32Array(capacity), this.slots);
    this.kinds = copyInto(new Uint8Array(capacity), this.kinds);
    this.subjects = copyInto(new Int32Array(capacity), this.subjects);
    this.generations = copyInto(new Uint16Array(capacity), this.generations);
  }
}

function copyInto<T extends Float64Array | Int32Array | Uint8Array | Uint16Array>(
  larger: T,
  from: T,
): T {
  larger.set(from);
  return larger;
}
