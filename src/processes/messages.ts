/** Messages between the placer and the clusters, delivered in order of time after the scenario's placement latency. */

/** Placer to cluster: pods of one workload and shape, serials `serial .. serial + count - 1`. */
export const PLACE = 0;
/** Placer to cluster: give up `count` pods of `workload`. */
export const WITHDRAW = 1;
/** Placer to cluster: `count` nodes of the pool with index `workload` may be booted. */
export const GRANT = 2;
/** Cluster to placer: pods come back; fields as in `PLACE`. */
export const RETURN = 3;
/** Cluster to placer: a summary, its numbers in `payload`. */
export const SUMMARY = 4;
/** Cluster to placer: the cluster is considered lost, or answers again (`count` 0 or 1). */
export const LIVENESS = 5;
/** Cluster to placer: asks for `count` nodes of the pool with index `workload` under the provider's quota. */
export const ASK_NODES = 6;
/** Cluster to placer: `count` nodes were given back to the provider. */
export const GIVE_NODES = 7;

/** Cluster to placer: `count` pods that it should have given up were not there any more: they are on their way back. */
export const SHORT = 8;

/** Cluster to placer: `count` pods of a service were lost; the service wants as many new ones. */
export const GONE = 9;

/** One message; rows are reused, so a reader copies what it keeps. */
export interface Message {
  kind: number;
  /** Instant of delivery, microseconds. */
  atUs: number;
  /** Cluster that sent it, or that it goes to. */
  cluster: number;
  /** Workload, or pool for node messages. */
  workload: number;
  /** First serial; of a `GRANT`: how many nodes were asked for. */
  serial: number;
  count: number;
  shape: number;
  /** True: the pods start together or none does. */
  gang: boolean;
  /** Serial of the first pod of the job: keys of draws that the job shares. */
  jobSerial: number;
  /** Run time, NaN is drawn by the cluster. */
  durationUs: number;
  /** Walltime, NaN if there is none. */
  estimateUs: number;
  /** Start of the waiting episode. */
  sinceUs: number;
  /** Index into `CAUSES`. */
  cause: number;
  retries: number;
  /** A summary; of a gang that was sent back: serial and run time of each member, two numbers each. */
  payload: Float64Array | null;
}

/** An empty message to fill. */
export function blankMessage(): Message {
  return {
    kind: PLACE,
    atUs: 0,
    cluster: 0,
    workload: 0,
    serial: 0,
    count: 0,
    shape: 0,
    gang: false,
    jobSerial: 0,
    durationUs: Number.NaN,
    estimateUs: Number.NaN,
    sinceUs: 0,
    cause: 0,
    retries: 0,
    payload: null,
  };
}

/** Copies every field of a message. @returns `to` */
export function copyMessage(from: Message, to: Message): Message {
  to.kind = from.kind;
  to.atUs = from.atUs;
  to.cluster = from.cluster;
  to.workload = from.workload;
  to.serial = from.serial;
  to.count = from.count;
  to.shape = from.shape;
  to.gang = from.gang;
  to.jobSerial = from.jobSerial;
  to.durationUs = from.durationUs;
  to.estimateUs = from.estimateUs;
  to.sinceUs = from.sinceUs;
  to.cause = from.cause;
  to.retries = from.retries;
  to.payload = from.payload;
  return to;
}

/**
 * A queue of messages whose instants never decrease, on reused rows.
 *
 * *Price*: amortised O(1); rows grow by doubling and are never given back.
 */
export class Inbox {
  /** Their number is a power of two. */
  private rows: Message[] = [];
  private head = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** The row to fill for a message behind all others. */
  push(): Message {
    if (this.count === this.rows.length) this.grow();
    const row = this.rows[(this.head + this.count) & (this.rows.length - 1)]!;
    this.count++;
    row.payload = null;
    return row;
  }

  /** Instant of the first message, Infinity if there is none. */
  nextAtUs(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : this.rows[this.head]!.atUs;
  }

  /** Takes the first message; the row stays valid until the next push. */
  shift(): Message {
    const row = this.rows[this.head]!;
    this.head = (this.head + 1) & (this.rows.length - 1);
    this.count--;
    return row;
  }

  /** Visits every message, first to last. */
  forEach(visit: (message: Message) => void): void {
    for (let i = 0; i < this.count; i++)
      visit(this.rows[(this.head + i) & (this.rows.length - 1)]!);
  }

  private grow(): void {
    const ordered: Message[] = [];
    for (let i = 0; i < this.count; i++) {
      ordered.push(this.rows[(this.head + i) & (this.rows.length - 1)]!);
    }
    const size = Math.max(16, this.count * 2);
    while (ordered.length < size) ordered.push(blankMessage());
    this.rows = ordered;
    this.head = 0;
  }
}
