/**
 * Sorted streams that enter the engines without passing through their queues: the placer's arrivals, pulled one ahead from
 * each workload's source, and everybody's inbox.
 */

import { InvariantError } from '../base/errors.ts';
import { asShape } from '../base/ids.ts';
import type { Arrival, ArrivalSource } from '../contracts/workload.ts';
import type { SortedLane } from '../engine/simulation.ts';
import type { ClusterRun } from './cluster-run.ts';
import { Entering } from './entering.ts';
import { copyMessage, GRANT, type Inbox, type Message, PLACE, WITHDRAW } from './messages.ts';
import type { Placing } from './placing.ts';

/** The inbox of one cluster. */
export class ClusterLane implements SortedLane {
  readonly isStalled = false;
  private readonly run: ClusterRun;
  private readonly entering: Entering;

  constructor(run: ClusterRun) {
    this.run = run;
    this.entering = new Entering(run);
  }

  nextAtUs(): number {
    return this.run.inbox.nextAtUs();
  }

  deliver(): void {
    const { run } = this;
    const message = run.inbox.shift();
    switch (message.kind) {
      case PLACE:
        this.entering.enter(message);
        break;
      case WITHDRAW:
        run.podLife.withdraw(message.workload, message.count);
        break;
      case GRANT:
        run.elastic!.granted(message.workload, message.serial, message.count);
        break;
      default:
        throw new InvariantError(`cluster ${run.index} got a message of kind ${message.kind}`);
    }
  }
}

interface Stream {
  readonly workload: number;
  readonly source: ArrivalSource;
  readonly next: Arrival;
  /** Instant of `next`; Infinity once the source ended. */
  atUs: number;
  isDry: boolean;
}

/**
 * The placer's lane: messages of clusters and arrivals of workloads. *Order*: time; messages first; then workload, its initial
 * pods first. *Cost*: O(log workloads) an arrival.
 */
export class PlacerLane implements SortedLane {
  isStalled = false;
  readonly inbox: Inbox;
  private readonly placing: Placing;
  private readonly streams: readonly Stream[];
  /** Binary heap of streams by the instant of the next arrival, then by number; right while none is dry. */
  private readonly heap: Int32Array;
  private readonly instants: Float64Array;

  constructor(
    placing: Placing,
    inbox: Inbox,
    sources: readonly { readonly workload: number; readonly source: ArrivalSource }[],
  ) {
    this.placing = placing;
    this.inbox = inbox;
    this.streams = sources.map(({ workload, source }) => ({
      workload,
      source,
      next: {
        atUs: 0,
        pods: 1,
        gang: false,
        shape: asShape(0),
        durationUs: Number.NaN,
        estimateUs: Number.NaN,
      },
      atUs: Number.POSITIVE_INFINITY,
      isDry: true,
    }));
    this.heap = Int32Array.from(this.streams, (_, i) => i);
    this.instants = new Float64Array(this.streams.length).fill(Number.POSITIVE_INFINITY);
    this.isStalled = this.streams.length > 0;
  }

  /** Pulls from every source that was dry; clears the stall if all of them answered. */
  refill(): void {
    const { streams } = this;
    for (const stream of streams) if (stream.isDry) this.pull(stream);
    this.heap.forEach((stream, i) => {
      this.instants[i] = streams[stream]!.atUs;
    });
    for (let i = (streams.length >> 1) - 1; i >= 0; i--) this.siftDown(i);
    this.isStalled = streams.some((stream) => stream.isDry);
  }

  private pull(stream: Stream): void {
    const before = stream.atUs;
    const result = stream.source.pull(stream.next);
    stream.isDry = result === 'dry';
    if (stream.isDry) this.isStalled = true;
    stream.atUs = result === 'row' ? stream.next.atUs : Number.POSITIVE_INFINITY;
    if (result === 'row' && Number.isFinite(before) && stream.atUs < before) {
      throw new InvariantError(`workload ${stream.workload} went back in time`);
    }
  }

  private siftDown(i: number): void {
    const { heap, instants } = this;
    const { length } = heap;
    const stream = heap[i]!;
    const atUs = instants[i]!;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      let childAtUs = instants[child]!;
      if (child + 1 < length) {
        const otherAtUs = instants[child + 1]!;
        if (otherAtUs < childAtUs || (otherAtUs === childAtUs && heap[child + 1]! < heap[child]!)) {
          child++;
          childAtUs = otherAtUs;
        }
      }
      if (atUs < childAtUs || (atUs === childAtUs && stream < heap[child]!)) break;
      heap[i] = heap[child]!;
      instants[i] = childAtUs;
      i = child;
    }
    heap[i] = stream;
    instants[i] = atUs;
  }

  nextAtUs(): number {
    const arrivalUs = this.instants.length > 0 ? this.instants[0]! : Number.POSITIVE_INFINITY;
    const messageUs = this.inbox.nextAtUs();
    return Math.min(messageUs, arrivalUs);
  }

  deliver(): void {
    if (this.heap.length === 0 || this.inbox.nextAtUs() <= this.instants[0]!) {
      this.placing.received(this.inbox.shift());
      return;
    }
    const first = this.streams[this.heap[0]!]!;
    this.placing.arrived(first.workload, first.next);
    this.pull(first);
    this.instants[0] = first.atUs;
    this.siftDown(0);
  }
}

/** Copies a message row into another inbox. */
export function forward(from: Message, to: Inbox): void {
  copyMessage(from, to.push());
}
