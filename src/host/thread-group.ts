/** Clusters that run in another thread, as the run sees them. */
import type { World } from '../run/build.ts';
import type { ClusterGroup, GroupCounts, GroupFailure } from '../run/cluster-group.ts';
import { BooksCopy, type SentBooks } from '../run/crossing.ts';
import { type GroupLook, NO_LOOK } from '../run/glance.ts';
import { PackedMail, unpackMail } from '../run/packed-mail.ts';
import { errorOf } from './run-task.ts';
import { type AskingEnd, BUILD, CALL, type Call, type Post, STOP, WINDOW } from './thread-line.ts';

/** Numbers of a mail buffer at first: a thousand messages. */
const MAIL_NUMBERS = 16_384;
/** How long the process may hear nothing else. */
const WAIT_MS = 50;
/** A look or a count takes less than a millisecond: a thread that says nothing for so long is gone. */
const CALL_MS_MAX = 60_000;

/** One thread's clusters. Its owner tells it when the thread died. */
export class ThreadGroup implements ClusterGroup {
  failure: GroupFailure | null = null;
  windowEvents = 0;
  private readonly line: AskingEnd;
  private readonly members: readonly number[];
  private world!: World;
  private copy!: BooksCopy;
  private sent!: PackedMail;
  private received: Float64Array = new Float64Array(0);
  private nextUs = Number.POSITIVE_INFINITY;
  /** What is under way; null if nothing is. */
  private errand: 'build' | 'window' | 'report' | 'end' | 'call' | null = null;
  private answered: unknown = null;
  private latestCounts: GroupCounts = { events: 0, running: 0, live: 0, created: 0 };
  private latestLook = NO_LOOK;

  constructor(line: AskingEnd, members: readonly number[]) {
    this.line = line;
    this.members = members;
  }

  /** Lets the thread build its clusters. */
  startBuilding(): void {
    this.errand = 'build';
    this.line.ask(BUILD);
  }

  /** Ties the group to its run, before the first event. */
  join(world: World): void {
    this.world = world;
    this.copy = new BooksCopy(world, this.members);
    this.sent = new PackedMail((numbers) => {
      const buffer = new SharedArrayBuffer(8 * numbers);
      this.line.post({ post: 'mail', buffer });
      return new Float64Array(buffer);
    }, MAIL_NUMBERS);
  }

  /** Tells that the thread is gone. */
  died(error: unknown): void {
    // What it answered before counts.
    if (this.errand !== null && this.line.isAnswered(0)) this.take();
    this.failure ??= { cluster: -1, error };
    this.errand = null;
  }

  nextAtUs(): number {
    let earliestUs = this.nextUs;
    for (const { inbox } of this.copy.books) {
      const nextUs = inbox.nextAtUs();
      if (nextUs < earliestUs) earliestUs = nextUs;
    }
    return earliestUs;
  }

  startWindow(limitUs: number): void {
    this.windowEvents = 0;
    if (this.failure !== null || this.nextAtUs() >= limitUs) return;
    this.errand = 'window';
    this.sendMail();
    this.line.ask(WINDOW, this.takeMail(), limitUs);
  }

  startReport(): void {
    this.startCall('report', { call: 'report' });
  }

  startEnd(endUs: number): void {
    this.sendMail();
    this.startCall('end', { call: 'end', endUs });
  }

  /** Asks for the state of the clusters, or puts it back; {@link takeAnswer} once it is done. */
  startSaving(call: Call): void {
    this.sendMail();
    this.startCall('call', call);
  }

  private startCall(errand: 'report' | 'end' | 'call', call: Call): void {
    if (this.failure !== null) return;
    this.errand = errand;
    this.line.post({ post: 'call', call });
    this.line.ask(CALL, this.takeMail());
  }

  private sendMail(): void {
    const shapes = this.copy.newShapes();
    if (shapes !== null) this.line.post({ post: 'shapes', shapes });
    for (const { inbox } of this.copy.books) this.sent.take(inbox);
  }

  /** Numbers of mail that the next order brings. */
  private takeMail(): number {
    const { length } = this.sent;
    this.sent.length = 0;
    return length;
  }

  isDone(waitMs = WAIT_MS): boolean {
    if (this.errand === null) return true;
    if (!this.line.isAnswered(waitMs)) return false;
    this.take();
    return true;
  }

  private take(): void {
    const { errand } = this;
    const { events, mail, nextAtUs, posts } = this.line.answer();
    this.errand = null;
    this.nextUs = nextAtUs;
    for (const post of posts) this.read(post);
    if (errand === 'window') this.windowEvents = events;
    if (this.failure !== null) return;
    if (errand === 'report' || errand === 'end') this.copy.take(this.answered as SentBooks);
    const isBack = errand === 'end';
    unpackMail(this.received, mail, (cluster) => {
      const { inbox, outbox } = this.world.books[cluster]!;
      return isBack ? inbox : outbox;
    });
    if (isBack) this.copy.close();
  }

  private read(post: Post): void {
    if (post.post === 'mail') this.received = new Float64Array(post.buffer);
    else if (post.post === 'answer') this.answered = post.answer;
    else if (post.post === 'failure') {
      this.failure = { cluster: post.cluster, error: errorOf(post.error) };
    }
  }

  /** The answer to the latest call, once it is done. */
  takeAnswer(): unknown {
    const { answered } = this;
    this.answered = null;
    return answered;
  }

  /** Says how many shapes the thread knows, after its state was put back. */
  knowsShapes(count: number): void {
    this.copy.knowsShapes(count);
  }

  counts(): GroupCounts {
    if (this.errand === null && this.failure === null) {
      this.latestCounts = this.callNow({ call: 'counts' }) as GroupCounts;
    }
    return this.latestCounts;
  }

  look(nowUs: number): GroupLook {
    if (this.errand === null && this.failure === null) {
      this.latestLook = this.callNow({ call: 'look', nowUs }) as GroupLook;
    }
    return this.latestLook;
  }

  private callNow(call: Call): unknown {
    this.startCall('call', call);
    for (let waitedMs = 0; !this.isDone(); waitedMs += WAIT_MS) {
      if (waitedMs > CALL_MS_MAX) throw new Error('a thread of the run does not answer');
    }
    if (this.failure !== null) throw this.failure.error;
    return this.takeAnswer();
  }

  /** Lets the thread end. */
  stop(): void {
    if (this.errand === null) this.line.ask(STOP);
  }
}
