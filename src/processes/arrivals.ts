/**
 * Sorted streams that enter the engines without passing through their queues: the placer's arrivals, pulled one ahead from
 * each workload's source, and everybody's inbox.
 */

import { InvariantError } from '../base/errors.ts';
import { asShape } from '../base/ids.ts';
import type { Arrival, ArrivalSource } from '../contracts/workload.ts';
import type { SortedLane } from '../engine/simulation.ts';
import type { ClusterRun } from './cluster-run.ts';
import { GRANT, type Inbox, type Message, PLACE, WITHDRAW } from './messages.ts';
import type { Placing } from './placing.ts';

/** The inbox of one cluster. */
export class ClusterLane implements SortedLane {
  readonly isStalled = false;
  private readonly run: ClusterRun;

  constructor(run: ClusterRun) {
    this.run = run;
  }

  nextAtUs(): number {
    return this.run.inbox.nextAtUs();
  }

  deliver(): void {
    const { run } = this;
    const message = run.inbox.shift();
    switch (message.kind) {
      case PLACE:
        run.podLife.enter(message);
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
  /** Position among the streams: decides between arrivals of one instant. */
  readonly order: number;
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
  /** Binary heap by the instants of the streams' next arrivals, while none is dry. */
  private readonly streams: Stream[];

  constructor(
    placing: Placing,
    inbox: Inbox,
    sources: readonly { readonly workload: number; readonly source: ArrivalSource }[],
  ) {
    this.placing = placing;
    this.inbox = inbox;
    this.streams = sources.map(({ workload, source }, order) => ({
      workload,
      source,
      order,
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
    this.isStalled = this.streams.length > 0;
  }

  /** Pulls from every source that was dry; clears the stall if all of them answered. */
  refill(): void {
    const { streams } = this;
    for (const stream of streams) if (stream.isDry) this.pull(stream);
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
    const { streams } = this;
    const { length } = streams;
    const stream = streams[i]!;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= length) break;
      if (child + 1 < length && precedes(streams[child + 1]!, streams[child]!)) child++;
      if (!precedes(streams[child]!, stream)) break;
      streams[i] = streams[child]!;
      i = child;
    }
    streams[i] = stream;
  }

  nextAtUs(): number {
    const arrivalUs = this.streams.length > 0 ? this.streams[0]!.atUs : Number.POSITIVE_INFINITY;
    const messageUs = this.inbox.nextAtUs();
    return Math.min(messageUs, arrivalUs);
  }

  deliver(): void {
    const first = this.streams[0];
    if (first === undefined || this.inbox.nextAtUs() <= first.atUs) {
      this.placing.received(this.inbox.shift());
      return;
    }
    this.placing.arrived(first.workload, first.next);
    this.pull(first);
    this.siftDown(0);
  }
}

function precedes(a: Stream, b: Stream): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

/** Copies a message row into another inbox. */
export function forward(from: Message, to: Inbox): void {
  Object.assign(to.push(), from);
}
