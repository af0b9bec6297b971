import type { EventHandle } from '../base/ids.ts';
import type { EventQueue } from './event-queue.ts';
import { LateHeap, PHASE_SHIFT, SortedRun } from './event-runs.ts';
import { PageIndex } from './page-index.ts';

/** Somebody who prepares for events of one kind, such as by reading what they will read. */
export interface EventPreview {
  readonly kind: number;
  /** Filled with subjects of events to come; at least 64 long. */
  readonly subjects: Int32Array;
  /** Called when `subjects[0..count)` are about to come up. Whatever it does must not change a result. */
  show(count: number): void;
}

/** 2^26: part of the sequence above it, slots below, in a handle. */
const SLOT_SPAN = 0x4000000;
const TWO_32 = 4294967296;
/** Kind of a cancelled event that still sits in its bucket, and of a place without event. */
const CANCELLED = 255;

/** A place is six 32-bit words, the first two of which are its instant as a double. */
const WORDS = 6;
/** Low 32 bits of the sequence. */
const SEQUENCE = 2;
/** Next place of the same bucket, or of the free list. */
const NEXT = 3;
const SUBJECT = 4;
/** Kind in bits 0 to 7, phase in 8 to 11, the rest of the sequence above. */
const HEAD = 5;

/** A bucket with more events than this is filed again in narrower ones, unless it is one microsecond wide. */
const SORTED_MAX = 32;
/** So many late events before the open bucket is filed again. */
const LATE_MAX = 64;

/**
 * A calendar of six pages of 1,024 buckets: microseconds, milliseconds, seconds, quarters of an hour, weeks, decades. An
 * event goes to the page on which its instant first differs from the instant that the calendar stands at; a bucket that
 * comes up is sorted if it is short, else filed again on finer pages. Nothing is measured or resized.
 *
 * *Guarantees*: the order of `HeapQueue`, (time, phase, sequence), whatever the distribution of instants; cancel by handle
 * in O(1), safe after the event fired; no allocation per event. *Price*: an event is filed once, and again for each page it
 * descends, two or three times in all; 24 bytes an event plus growth slack of at most one half, 220 KB of pages. What is
 * pushed into the bucket that is open goes to a heap: O(log n) until the bucket is filed again. Made for millions of
 * pending events; `bench/event-queue.ts` compares it with the heap on four loads.
 *
 * *Source*: R. Brown, "Calendar queues", 1988; pages as in hierarchical timing wheels (Varghese and Lauck, 1987) and
 * sorting on opening as in ladder queues (Tang, Goh, Thng, 2005).
 */
export class CalendarQueue implements EventQueue {
  readonly name = 'calendar';
  atUs = 0;
  kind = 0;
  subject = 0;
  private words: Int32Array;
  private times: Float64Array;
  private freeHead = -1;
  private slotTop = 0;
  private live = 0;
  private cancelled = 0;
  private sequence = 0;
  private readonly pages = new PageIndex();
  /** The open bucket. */
  private readonly due = new SortedRun();
  /** Events before the end of the open bucket that were pushed after it was opened. */
  private readonly late = new LateHeap();
  /** End of the open bucket, microseconds: what is earlier is due or late. */
  private dueEndUs = 0;
  /** Who wants to see events before they are due, or null. */
  ahead: EventPreview | null = null;
  /** Events that were shown and are still to come. */
  private aheadLeft = 0;

  /** @param capacity events to reserve room for; it grows by one half when full */
  constructor(capacity = 1024) {
    const buffer = new ArrayBuffer(Math.max(16, capacity) * WORDS * 4);
    this.words = new Int32Array(buffer);
    this.times = new Float64Array(buffer);
  }

  get size(): number {
    return this.live;
  }

  get bytes(): number {
    return this.words.byteLength + this.pages.bytes + this.due.bytes + this.late.bytes;
  }

  push(atUs: number, phase: number, kind: number, subject: number): EventHandle {
    let slot = this.freeHead;
    if (slot >= 0) this.freeHead = this.words[slot * WORDS + NEXT]!;
    else {
      if ((this.slotTop + 1) * WORDS > this.words.length) this.grow();
      slot = this.slotTop++;
    }
    const sequence = this.sequence++;
    const { words } = this;
    const w = slot * WORDS;
    this.times[slot * 3] = atUs;
    words[w + SEQUENCE] = sequence;
    words[w + SUBJECT] = subject;
    words[w + HEAD] = kind | (phase << 8) | (Math.floor(sequence / TWO_32) << 12);
    this.live++;
    if (atUs < this.dueEndUs) {
      this.late.push(atUs, phase * PHASE_SHIFT + sequence, slot);
      if (this.late.count > LATE_MAX) this.considerReopening();
    } else {
      words[w + NEXT] = this.pages.add(atUs, slot);
    }
    return (slot + (sequence % SLOT_SPAN) * SLOT_SPAN) as EventHandle;
  }

  cancel(handle: EventHandle): boolean {
    if (handle < 0) return false;
    const slot = handle % SLOT_SPAN;
    const tag = (handle - slot) / SLOT_SPAN;
    if (slot >= this.slotTop) return false;
    const { words } = this;
    const w = slot * WORDS;
    if ((words[w + SEQUENCE]! & (SLOT_SPAN - 1)) !== tag) return false;
    if ((words[w + HEAD]! & 255) === CANCELLED) return false;
    words[w + HEAD] = words[w + HEAD]! | CANCELLED;
    const atUs = this.times[slot * 3]!;
    if (atUs >= this.dueEndUs) this.pages.lose(atUs);
    this.live--;
    this.cancelled++;
    if (this.cancelled > 1024 && this.cancelled > this.live) this.compact();
    return true;
  }

  nextAtUs(): number {
    for (;;) {
      if (this.due.head < this.due.count || this.late.count > 0) {
        if (this.cancelled > 0) this.dropCancelledFront();
        if (this.due.head === this.due.count && this.late.count === 0) continue;
        return this.frontIsLate() ? this.late.times[0]! : this.due.times[this.due.head]!;
      }
      const bucket = this.pages.first();
      if (bucket < 0) return Number.POSITIVE_INFINITY;
      const atUs = this.pages.earliest[bucket]!;
      // Not known exactly: the earliest of the bucket was cancelled.
      if (atUs < 0) this.sweep(bucket);
      else return atUs;
    }
  }

  nextPhase(): number {
    if (!this.reachFront()) return 0;
    const { due, late } = this;
    const order = this.frontIsLate() ? late.orders[0]! : due.orders[due.head]!;
    return Math.floor(order / PHASE_SHIFT);
  }

  pop(): boolean {
    if (!this.reachFront()) return false;
    const { due, late, words } = this;
    let slot: number;
    if (this.frontIsLate()) {
      slot = late.slots[0]!;
      this.atUs = late.times[0]!;
      late.removeTop();
    } else {
      slot = due.slots[due.head]!;
      this.atUs = due.times[due.head]!;
      due.head++;
    }
    const w = slot * WORDS;
    this.kind = words[w + HEAD]! & 255;
    this.subject = words[w + SUBJECT]!;
    this.live--;
    this.free(slot);
    return true;
  }

  /** True if the earliest event is in the heap of late ones; there is one. */
  private frontIsLate(): boolean {
    const { due, late } = this;
    if (late.count === 0) return false;
    const { head } = due;
    if (head === due.count) return true;
    const t = late.times[0]!;
    const d = due.times[head]!;
    return t < d || (t === d && late.orders[0]! < due.orders[head]!);
  }

  /** Opens buckets until an event that was not cancelled stands in front. @returns false if there is none */
  private reachFront(): boolean {
    for (;;) {
      if (this.cancelled > 0) this.dropCancelledFront();
      if (this.due.head < this.due.count || this.late.count > 0) return true;
      const bucket = this.pages.first();
      if (bucket < 0) return false;
      this.open(bucket);
    }
  }

  private dropCancelledFront(): void {
    const { due, late, words } = this;
    while (due.head < due.count || late.count > 0) {
      const isLate = this.frontIsLate();
      const slot = isLate ? late.slots[0]! : due.slots[due.head]!;
      if ((words[slot * WORDS + HEAD]! & 255) !== CANCELLED) return;
      if (isLate) late.removeTop();
      else due.head++;
      this.cancelled--;
      this.free(slot);
    }
  }

  /** Gives a place back: its handle is stale from now on. */
  private free(slot: number): void {
    const w = slot * WORDS;
    this.words[w + HEAD] = CANCELLED;
    this.words[w + NEXT] = this.freeHead;
    this.freeHead = slot;
  }

  /** Phase and sequence of a place as one number. */
  private orderOf(slot: number): number {
    const w = slot * WORDS;
    const head = this.words[w + HEAD]!;
    return (
      ((head >>> 8) & 15) * PHASE_SHIFT + (head >>> 12) * TWO_32 + (this.words[w + SEQUENCE]! >>> 0)
    );
  }

  /** Sorts a short bucket, files a long one again on finer pages. */
  private open(bucket: number): void {
    const { due, pages } = this;
    const count = pages.counts[bucket]!;
    const isNarrow = count <= SORTED_MAX || bucket < PageIndex.BUCKETS;
    pages.standAt(bucket);
    this.dueEndUs = isNarrow ? pages.endUs(bucket) : pages.baseUs;
    pages.take(bucket);
    if (!isNarrow) {
      this.file();
      return;
    }
    const { times, words } = this;
    due.clear();
    for (let chain = 0; chain < pages.taken.length; chain++) {
      for (let slot = pages.taken[chain]!; slot >= 0; ) {
        const next = words[slot * WORDS + NEXT]!;
        if ((words[slot * WORDS + HEAD]! & 255) === CANCELLED) {
          this.cancelled--;
          this.free(slot);
        } else due.append(times[slot * 3]!, this.orderOf(slot), slot);
        slot = next;
      }
    }
    due.sort();
    this.aheadLeft -= due.count;
    if (this.ahead !== null && this.aheadLeft <= 0) this.lookAhead(bucket, this.ahead);
  }

  /** Shows what is due, and what the next buckets of the page hold, to whoever wants to prepare for it. */
  private lookAhead(bucket: number, ahead: EventPreview): void {
    const { due, pages, words } = this;
    const { kind, subjects } = ahead;
    let count = 0;
    for (let i = 0; i < due.count && count < subjects.length; i++) {
      const w = due.slots[i]! * WORDS;
      if ((words[w + HEAD]! & 255) === kind) subjects[count++] = words[w + SUBJECT]!;
    }
    this.aheadLeft = 0;
    const most = subjects.length - SORTED_MAX;
    for (let b = pages.nextOnPage(bucket); b >= 0 && count < most; b = pages.nextOnPage(b)) {
      const held = pages.counts[b]!;
      if (held > SORTED_MAX) break;
      for (let chain = 0; chain < pages.taken.length; chain++) {
        for (let slot = pages.headOf(b, chain); slot >= 0; slot = words[slot * WORDS + NEXT]!) {
          const w = slot * WORDS;
          if ((words[w + HEAD]! & 255) === kind) subjects[count++] = words[w + SUBJECT]!;
        }
      }
      this.aheadLeft += held;
    }
    ahead.show(count);
  }

  /** Files the chains that were taken again; cancelled places are dropped. */
  private file(): void {
    const { pages, times, words } = this;
    const { taken } = pages;
    for (let left = true; left; ) {
      left = false;
      for (let chain = 0; chain < taken.length; chain++) {
        const slot = taken[chain]!;
        if (slot < 0) continue;
        left = true;
        const w = slot * WORDS;
        taken[chain] = words[w + NEXT]!;
        if ((words[w + HEAD]! & 255) === CANCELLED) {
          this.cancelled--;
          this.free(slot);
        } else words[w + NEXT] = pages.add(times[slot * 3]!, slot);
      }
    }
  }

  /** Drops the cancelled events of a bucket that has not come up yet. */
  private sweep(bucket: number): void {
    this.pages.take(bucket);
    this.file();
  }

  /**
   * Files due and late events again if many are late: the open bucket turned out to be long. The calendar stays where it is
   * if that would not help, because all fall on one microsecond or before what it stands at.
   */
  private considerReopening(): void {
    const { due, late, pages } = this;
    if (late.count < due.count - due.head) return;
    const first = Math.floor(
      Math.min(late.times[0]!, due.head < due.count ? due.times[due.head]! : Infinity),
    );
    if (first < pages.baseUs || this.dueEndUs - first <= 1) return;
    const chain = this.chainOfOpen();
    pages.moveTo(first);
    this.dueEndUs = first;
    pages.taken.fill(-1);
    pages.taken[0] = chain;
    this.file();
  }

  /** Links due and late events into one chain and leaves both empty. */
  private chainOfOpen(): number {
    const { due, late, words } = this;
    let chain = -1;
    for (let i = due.head; i < due.count; i++) {
      words[due.slots[i]! * WORDS + NEXT] = chain;
      chain = due.slots[i]!;
    }
    for (let i = 0; i < late.count; i++) {
      words[late.slots[i]! * WORDS + NEXT] = chain;
      chain = late.slots[i]!;
    }
    due.clear();
    late.count = 0;
    return chain;
  }

  /** Drops every cancelled event. */
  private compact(): void {
    const { late, pages, times, words } = this;
    for (let bucket = pages.next(-1); bucket >= 0; bucket = pages.next(bucket)) this.sweep(bucket);
    const chain = this.chainOfOpen();
    for (let slot = chain; slot >= 0; ) {
      const next = words[slot * WORDS + NEXT]!;
      if ((words[slot * WORDS + HEAD]! & 255) === CANCELLED) {
        this.cancelled--;
        this.free(slot);
      } else late.push(times[slot * 3]!, this.orderOf(slot), slot);
      slot = next;
    }
  }

  private grow(): void {
    const places = Math.ceil((this.words.length / WORDS) * 1.5) + 16;
    const words = new Int32Array(places * WORDS);
    words.set(this.words);
    this.words = words;
    this.times = new Float64Array(words.buffer);
  }
}
