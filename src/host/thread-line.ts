/**
 * The line between a run and a thread that runs some of its clusters: a few shared numbers that wake either side, mail in
 * shared memory, and posts for whatever is larger or rare.
 *
 * The run asks, the thread answers, one order at a time. The thread sleeps in between and hears nothing else: its own events are
 * only those of its clusters.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { SentShapes } from '../run/crossing.ts';
import type { SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { SentError } from './run-task.ts';

/** What a thread is to build, as plain data. */
export interface ThreadTask {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replication: number;
  /** Files of policies. */
  readonly plugins: readonly string[];
  readonly check: boolean;
  readonly manifest: SimulationManifest;
  /** Its clusters, by index, ascending. */
  readonly members: readonly number[];
}

/** What a thread starts with. */
export interface ThreadData {
  readonly task: ThreadTask;
  readonly shared: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** What may be asked in a post; the mail of a window needs none. */
export type Call =
  | { readonly call: 'counts' | 'report' | 'save' }
  | { readonly call: 'look'; readonly nowUs: number }
  | { readonly call: 'end'; readonly endUs: number }
  | { readonly call: 'restore'; readonly state: Uint8Array };

/** Posts of either side, read in the order in which they were sent. */
export type Post =
  | { readonly post: 'mail'; readonly buffer: SharedArrayBuffer }
  | { readonly post: 'shapes'; readonly shapes: SentShapes }
  | { readonly post: 'call'; readonly call: Call }
  | { readonly post: 'answer'; readonly answer: unknown }
  | { readonly post: 'failure'; readonly cluster: number; readonly error: SentError };

/** The orders. */
export const BUILD = 1;
export const WINDOW = 2;
export const CALL = 3;
export const STOP = 4;

/** Slots of the shared whole numbers. */
const ASKED = 0;
const ANSWERED = 1;
const ORDER = 2;
const MAIL_ASKED = 3;
const MAIL_ANSWERED = 4;
const POSTS_ASKED = 5;
const POSTS_ANSWERED = 6;
/** Slots of the shared instants and counts. */
const LIMIT = 0;
const NEXT = 1;
const EVENTS = 2;
const HEAD_BYTES = 64;
const SHARED_BYTES = 128;

/** Makes the memory of a line. */
export function sharedLine(): SharedArrayBuffer {
  return new SharedArrayBuffer(SHARED_BYTES);
}

/** One side of a line. */
class LineEnd {
  protected readonly numbers: Int32Array;
  protected readonly instants: Float64Array;
  protected readonly port: MessagePort;
  protected posted = 0;

  constructor(shared: SharedArrayBuffer, port: MessagePort) {
    this.numbers = new Int32Array(shared, 0, HEAD_BYTES / 4);
    this.instants = new Float64Array(shared, HEAD_BYTES);
    this.port = port;
  }

  /** Sends something ahead of the next order or answer. */
  post(post: Post, moved: readonly ArrayBuffer[] = []): void {
    this.port.postMessage(post, [...moved]);
    this.posted++;
  }

  protected receive(count: number): Post[] {
    const posts: Post[] = [];
    for (let i = 0; i < count; i++) {
      posts.push(receiveMessageOnPort(this.port)!.message as Post);
    }
    return posts;
  }
}

/** What came with an order. */
export interface Order {
  readonly order: number;
  readonly limitUs: number;
  /** Numbers of the mail buffer that are messages. */
  readonly mail: number;
  readonly posts: readonly Post[];
}

/** The side of the run. */
export class AskingEnd extends LineEnd {
  private asked = 0;

  /** Gives an order. */
  ask(order: number, mail = 0, limitUs = 0): void {
    const { instants, numbers } = this;
    numbers[ORDER] = order;
    numbers[MAIL_ASKED] = mail;
    numbers[POSTS_ASKED] = this.posted;
    instants[LIMIT] = limitUs;
    this.posted = 0;
    this.asked++;
    Atomics.store(numbers, ASKED, this.asked);
    Atomics.notify(numbers, ASKED);
  }

  /** True if the latest order is answered; waits for it up to `waitMs`. */
  isAnswered(waitMs: number): boolean {
    const { asked, numbers } = this;
    while (Atomics.load(numbers, ANSWERED) !== asked) {
      // Woken without an answer: the notice of the one before came late.
      if (Atomics.wait(numbers, ANSWERED, asked - 1, waitMs) === 'timed-out') return false;
    }
    return true;
  }

  /** Reads what came with an answer, once. */
  answer(): {
    readonly nextAtUs: number;
    readonly events: number;
    readonly mail: number;
    readonly posts: readonly Post[];
  } {
    const { instants, numbers } = this;
    return {
      nextAtUs: instants[NEXT]!,
      events: instants[EVENTS]!,
      mail: numbers[MAIL_ANSWERED]!,
      posts: this.receive(numbers[POSTS_ANSWERED]!),
    };
  }
}

/** The side of the thread. */
export class AnsweringEnd extends LineEnd {
  private answered = 0;

  /** Sleeps until the next order. */
  next(): Order {
    const { instants, numbers } = this;
    while (Atomics.load(numbers, ASKED) === this.answered) {
      Atomics.wait(numbers, ASKED, this.answered);
    }
    return {
      order: numbers[ORDER]!,
      limitUs: instants[LIMIT]!,
      mail: numbers[MAIL_ASKED]!,
      posts: this.receive(numbers[POSTS_ASKED]!),
    };
  }

  /** Answers the order. */
  answer(nextAtUs: number, events: number, mail: number): void {
    const { instants, numbers } = this;
    instants[NEXT] = nextAtUs;
    instants[EVENTS] = events;
    numbers[MAIL_ANSWERED] = mail;
    numbers[POSTS_ANSWERED] = this.posted;
    this.posted = 0;
    this.answered++;
    Atomics.store(numbers, ANSWERED, this.answered);
    Atomics.notify(numbers, ANSWERED);
  }
}
