import FastPriorityQueue from 'fastpriorityqueue';
import type { EventHandle } from '../base/ids.ts';
import type { EventQueue } from './event-queue.ts';

interface QueuedEvent {
  readonly atUs: number;
  readonly phase: number;
  readonly sequence: number;
  readonly kind: number;
  readonly subject: number;
  cancelled: boolean;
}

/**
 * The same queue on `fastpriorityqueue`: objects and a comparator.
 *
 * It is the oracle of the differential tests and the baseline of the benchmark, and selectable with
 * `eventQueue: fastpriorityqueue`. *Price*: an object an event; several times slower than the typed heap.
 */
export class ReferenceQueue implements EventQueue {
  readonly name = 'fastpriorityqueue';
  atUs = 0;
  kind = 0;
  subject = 0;
  private readonly queue = new FastPriorityQueue<QueuedEvent>(precedes);
  private readonly byHandle = new Map<number, QueuedEvent>();
  private sequence = 0;

  get size(): number {
    return this.byHandle.size;
  }

  get bytes(): number {
    return this.queue.size * BYTES_PER_EVENT;
  }

  push(atUs: number, phase: number, kind: number, subject: number): EventHandle {
    const event = { atUs, phase, sequence: this.sequence++, kind, subject, cancelled: false };
    this.queue.add(event);
    this.byHandle.set(event.sequence, event);
    return event.sequence as EventHandle;
  }

  cancel(handle: EventHandle): boolean {
    const event = this.byHandle.get(handle);
    if (event === undefined) return false;
    event.cancelled = true;
    this.byHandle.delete(handle);
    return true;
  }

  nextAtUs(): number {
    return this.top()?.atUs ?? Number.POSITIVE_INFINITY;
  }

  nextPhase(): number {
    return this.top()?.phase ?? 0;
  }

  pop(): boolean {
    const event = this.top();
    if (event === undefined) return false;
    this.queue.poll();
    this.byHandle.delete(event.sequence);
    this.atUs = event.atUs;
    this.kind = event.kind;
    this.subject = event.subject;
    return true;
  }

  private top(): QueuedEvent | undefined {
    let event = this.queue.peek();
    while (event?.cancelled) {
      this.queue.poll();
      event = this.queue.peek();
    }
    return event;
  }
}

/** Measured for objects of this size in an object heap: 87 to 110 bytes (docs/decisions/0007-event-queue.md). */
const BYTES_PER_EVENT = 100;

function precedes(a: QueuedEvent, b: QueuedEvent): boolean {
  if (a.atUs !== b.atUs) return a.atUs < b.atUs;
  if (a.phase !== b.phase) return a.phase < b.phase;
  return a.sequence < b.sequence;
}
