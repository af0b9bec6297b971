import { type EventHandle, NONE } from '../base/ids.ts';
import type { EventQueue } from '../collections/event-queue.ts';

/** Reacts to one kind of event; `subject` is what the event was pushed with. */
export type EventHandler = (subject: number) => void;

/**
 * A sorted stream beside the queue, such as an inbox or a file of arrivals: its head takes part in the order of events
 * without ever entering the heap. On a tie of (time, phase) the lane goes first.
 */
export interface SortedLane {
  /** Instant of its head, microseconds; Infinity if it is empty. */
  nextAtUs(): number;
  /** True while the head is not known yet: the loop stops until somebody refills the stream. */
  readonly isStalled: boolean;
  /** Consumes the head; called when the clock stands at its instant. */
  deliver(): void;
}

/**
 * One event loop: pop the earliest event, advance the clock, dispatch by kind.
 *
 * *Order*: (time, phase, sequence); the phase of a kind is fixed in one table. *Cost*: that of the queue.
 */
export class Engine {
  /** The virtual clock, microseconds. */
  nowUs = 0;
  /** Events dispatched so far, deliveries of the lane and skipped ones included. */
  dispatched = 0;
  /** Called after each event, for checks; null costs nothing. */
  afterEach: (() => void) | null = null;
  private readonly queue: EventQueue;
  private readonly handlers: readonly EventHandler[];
  private readonly phases: readonly number[];
  private readonly lane: SortedLane;
  private readonly lanePhase: number;
  /** An event of the present instant that is in no queue yet: its kind, or none, and its subject. */
  private soonKind = NONE;
  private soonSubject = 0;

  /**
   * @param queue empty
   * @param handlers by event kind
   * @param phases by event kind, 0 to 15
   * @param lane the sorted stream and the phase of its deliveries
   */
  constructor(
    queue: EventQueue,
    handlers: readonly EventHandler[],
    phases: readonly number[],
    lane: { readonly stream: SortedLane; readonly phase: number },
  ) {
    this.queue = queue;
    this.handlers = handlers;
    this.phases = phases;
    this.lane = lane.stream;
    this.lanePhase = lane.phase;
  }

  /** How a scenario names its queue. */
  get queueName(): string {
    return this.queue.name;
  }

  /** Bytes of its queue. */
  get queueBytes(): number {
    return this.queue.bytes;
  }

  /** Events pending in the queue. */
  get pending(): number {
    return this.queue.size + (this.soonKind === NONE ? 0 : 1);
  }

  /** Schedules an event at an instant that is not before the clock. */
  at(atUs: number, kind: number, subject: number): EventHandle {
    if (this.soonKind !== NONE && atUs === this.nowUs) this.queueSoon();
    return this.queue.push(atUs, this.phases[kind]!, kind, subject);
  }

  /**
   * Schedules an event at the present instant that nobody will cancel: if nothing else happens at this instant it never
   * enters the queue. *Order*: as `at`.
   */
  soon(kind: number, subject: number): void {
    if (this.soonKind !== NONE) this.queueSoon();
    this.soonKind = kind;
    this.soonSubject = subject;
  }

  /** Puts what was to come soon into the queue, before anything that is pushed later. */
  private queueSoon(): void {
    const kind = this.soonKind;
    this.soonKind = NONE;
    this.queue.push(this.nowUs, this.phases[kind]!, kind, this.soonSubject);
  }

  /** Cancels an event; false if it fired before. */
  cancel(handle: EventHandle): boolean {
    return this.queue.cancel(handle);
  }

  /** True if nothing else happens at the present instant. */
  isAlone(): boolean {
    const { nowUs } = this;
    if (this.soonKind !== NONE) return false;
    return this.queue.nextAtUs() > nowUs && this.lane.nextAtUs() > nowUs;
  }

  /** Counts an event whose work was done without it. */
  skipEvent(): void {
    this.dispatched++;
  }

  /** Instant of the next event, Infinity if nothing will happen. */
  nextAtUs(): number {
    if (this.soonKind !== NONE) return this.nowUs;
    const queued = this.queue.nextAtUs();
    const streamed = this.lane.nextAtUs();
    return Math.min(streamed, queued);
  }

  /**
   * Dispatches every event strictly before `limitUs`, or until the lane stalls or `most` events were dispatched.
   *
   * @returns how many
   */
  runBefore(limitUs: number, most = Number.POSITIVE_INFINITY): number {
    const { queue, lane, handlers } = this;
    let count = 0;
    while (!lane.isStalled && count < most) {
      const queuedAtUs = queue.nextAtUs();
      const streamedAtUs = lane.nextAtUs();
      if (this.soonKind !== NONE) {
        if (this.nowUs >= limitUs) break;
        if (queuedAtUs <= this.nowUs || streamedAtUs <= this.nowUs) {
          this.queueSoon();
          continue;
        }
        const kind = this.soonKind;
        this.soonKind = NONE;
        handlers[kind]!(this.soonSubject);
      } else if (
        streamedAtUs < queuedAtUs ||
        (streamedAtUs === queuedAtUs &&
          streamedAtUs < Number.POSITIVE_INFINITY &&
          this.lanePhase <= queue.nextPhase())
      ) {
        if (streamedAtUs >= limitUs) break;
        this.nowUs = streamedAtUs;
        lane.deliver();
      } else {
        if (queuedAtUs >= limitUs) break;
        queue.pop();
        this.nowUs = queuedAtUs;
        handlers[queue.kind]!(queue.subject);
      }
      count++;
      if (this.afterEach !== null) this.afterEach();
    }
    this.dispatched += count;
    return count;
  }
}
