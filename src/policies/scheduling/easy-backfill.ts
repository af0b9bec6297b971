import type { NodeIndex } from '../../base/ids.ts';
import { asNode } from '../../base/ids.ts';
import { defineScheduling } from '../../contracts/policy.ts';
import type { BatchScheduler, BatchSession } from '../../contracts/scheduling.ts';
import type { PodShape } from '../../model/shapes.ts';
import { type ClusterView, UP } from '../../model/view.ts';
import { paramsOf } from '../params.ts';
import { NodeFit } from './node-fit.ts';

type Estimate = 'requested' | 'actual';

/** More slots than any node has. */
const ALL_SLOTS = 0x40000000;

/**
 * What both forms share: heads start while they fit; the first that does not gets the only reservation; then one pass over
 * the rest in queue order starts what does not delay it.
 */
abstract class Easy implements BatchScheduler {
  readonly kind = 'batch';
  protected readonly fit: NodeFit;
  private readonly estimate: Estimate;

  constructor(cluster: ClusterView, estimate: Estimate) {
    this.fit = new NodeFit(cluster);
    this.estimate = estimate;
  }

  decide(session: BatchSession): void {
    const { queue } = session;
    this.begin();
    let head = 0;
    let hasStarted = false;
    for (; head < queue.count; head++) {
      if (session.isStarted(head)) continue;
      if (!this.startHead(session, head)) break;
      hasStarted = true;
    }
    // With the same head, no start and nothing freed, what was refused before is refused again: only new jobs are tried.
    const tryAll = session.capacityFreed || hasStarted || (head < queue.count && queue.isNew(head));
    let isReserved = false;
    for (let j = head + 1; j < queue.count; j++) {
      if (session.isStarted(j) || (!tryAll && !queue.isNew(j))) continue;
      if (!isReserved) {
        this.reserve(session, head);
        isReserved = true;
      }
      this.backfill(session, j);
    }
  }

  /** Run time that the queue is planned with, microseconds. */
  protected runUs(session: BatchSession, j: number): number {
    return this.estimate === 'actual' ? session.queue.actualUs(j) : session.queue.estimateUs(j);
  }

  /** Planned end of a running job; in the past for one that overran. */
  protected endUs(session: BatchSession, r: number): number {
    const { running } = session;
    const run = this.estimate === 'actual' ? running.actualUs(r) : running.estimateUs(r);
    return running.startedAtUs(r) + run;
  }

  /** Forgets what the last session saw. */
  protected abstract begin(): void;
  protected abstract startHead(session: BatchSession, head: number): boolean;
  protected abstract reserve(session: BatchSession, head: number): void;
  protected abstract backfill(session: BatchSession, j: number): void;
}

/** Reserves hosts: the exact nodes of the head are protected. */
class HostEasy extends Easy {
  /** Nodes that are free for a shape, ascending; they only become fewer within a session. */
  private readonly free = new Map<number, NodeIndex[]>();
  private readonly endsAtUs: Float64Array;
  private readonly reserved: Uint8Array;
  private shadowUs = 0;

  constructor(cluster: ClusterView, estimate: Estimate) {
    super(cluster, estimate);
    this.endsAtUs = new Float64Array(cluster.nodes.count);
    this.reserved = new Uint8Array(cluster.nodes.count);
  }

  protected begin(): void {
    this.free.clear();
  }

  protected startHead(session: BatchSession, head: number): boolean {
    return this.startOn(session, head, false);
  }

  protected backfill(session: BatchSession, j: number): void {
    const isLong = session.nowUs + this.runUs(session, j) > this.shadowUs;
    this.startOn(session, j, isLong);
  }

  /** Starts a job on its lowest-numbered free nodes, or on those outside of the reservation. */
  private startOn(session: BatchSession, j: number, outside: boolean): boolean {
    const size = session.queue.size(j);
    const free = this.freeFor(session, session.queue.shape(j));
    if (free.length < size) return false;
    const chosen: NodeIndex[] = [];
    for (let i = 0; i < free.length && chosen.length < size; i++) {
      if (!outside || this.reserved[free[i]!] === 0) chosen.push(free[i]!);
    }
    if (chosen.length < size || !session.start(j, chosen)) return false;
    this.free.clear();
    return true;
  }

  private freeFor(session: BatchSession, shape: PodShape): NodeIndex[] {
    let free = this.free.get(shape.index);
    if (free === undefined) {
      free = [];
      const { count } = session.cluster.nodes;
      for (let n = asNode(0); n < count; n++) {
        if (this.fit.slots(shape, n, 1) >= 1) free.push(n);
      }
      this.free.set(shape.index, free);
    }
    return free;
  }

  protected reserve(session: BatchSession, head: number): void {
    const { endsAtUs, reserved } = this;
    const size = session.queue.size(head);
    this.planEnds(session, session.queue.shape(head));
    const ends = endsAtUs.slice().sort();
    this.shadowUs = size <= ends.length ? ends[size - 1]! : Number.POSITIVE_INFINITY;
    reserved.fill(0);
    // A head that no planned end helps waits for nodes to come back: nothing to protect meanwhile.
    if (this.shadowUs === Number.POSITIVE_INFINITY) return;
    let left = size;
    for (let n = 0; n < reserved.length && left > 0; n++) {
      if (endsAtUs[n]! > this.shadowUs) continue;
      reserved[n] = 1;
      left--;
    }
  }

  /** Fills `endsAtUs`: when each node can take the head: 0 now, Infinity never by plan. */
  private planEnds(session: BatchSession, shape: PodShape): void {
    const { endsAtUs } = this;
    const { running, cluster } = session;
    endsAtUs.fill(Number.NEGATIVE_INFINITY);
    for (let r = 0; r < running.count; r++) {
      const end = this.endUs(session, r);
      for (let i = 0; i < running.size(r); i++) {
        const n = running.node(r, i);
        if (end > endsAtUs[n]!) endsAtUs[n] = end;
      }
    }
    for (let n = asNode(0); n < endsAtUs.length; n++) {
      const isUsable = cluster.nodes.state[n] === UP && this.fit.couldFit(shape, n);
      if (!isUsable || endsAtUs[n] === Number.NEGATIVE_INFINITY) {
        endsAtUs[n] = Number.POSITIVE_INFINITY;
      }
    }
    for (const n of this.freeFor(session, shape)) endsAtUs[n] = 0;
  }
}

/** Counts slots: the head is protected by number, whatever nodes they are. */
class CountEasy extends Easy {
  /** Free slots by shape; kept current through the starts of a session. */
  private readonly free = new Map<number, number>();
  private shadowUs = 0;
  private extra = 0;

  protected begin(): void {
    this.free.clear();
  }

  protected startHead(session: BatchSession, head: number): boolean {
    return this.start(session, head);
  }

  protected backfill(session: BatchSession, j: number): void {
    if (session.nowUs + this.runUs(session, j) <= this.shadowUs) {
      this.start(session, j);
      return;
    }
    const size = session.queue.size(j);
    if (size <= this.extra && this.start(session, j)) this.extra -= size;
  }

  private start(session: BatchSession, j: number): boolean {
    const size = session.queue.size(j);
    const shape = session.queue.shape(j);
    const free = this.freeFor(session, shape);
    if (size > free || !session.start(j)) return false;
    // Equal shapes share slots one for one; of others the count must be taken again.
    this.free.clear();
    this.free.set(shape.index, free - size);
    return true;
  }

  private freeFor(session: BatchSession, shape: PodShape): number {
    let free = this.free.get(shape.index);
    if (free === undefined) {
      free = 0;
      const { count } = session.cluster.nodes;
      for (let n = asNode(0); n < count; n++) free += this.fit.slots(shape, n, ALL_SLOTS);
      this.free.set(shape.index, free);
    }
    return free;
  }

  protected reserve(session: BatchSession, head: number): void {
    const { running } = session;
    const ends = Float64Array.from({ length: running.count }, (_, r) => this.endUs(session, r));
    const order = Int32Array.from(ends, (_, r) => r).sort((a, b) => ends[a]! - ends[b]! || a - b);
    const size = session.queue.size(head);
    let free = this.freeFor(session, session.queue.shape(head));
    this.shadowUs = Number.POSITIVE_INFINITY;
    this.extra = 0;
    for (const r of order) {
      const end = ends[r]!;
      if (end === Number.POSITIVE_INFINITY || end > this.shadowUs) break;
      free += running.size(r);
      if (free >= size) this.shadowUs = end;
    }
    if (this.shadowUs < Number.POSITIVE_INFINITY) this.extra = free - size;
  }
}

interface EasyParams {
  readonly reserve: 'hosts' | 'count';
  readonly estimate: Estimate;
}

/**
 * EASY backfilling: first come, first served, but later jobs may overtake if they do not delay the head of the queue.
 *
 * `reserve: hosts`: the head reserves the lowest-numbered nodes that are free at the earliest planned time at which enough are;
 * a job that ends by then may use any free node, a longer one only nodes outside of the reservation; lowest-numbered first,
 * one pod a node; a node is free where the pod fits on it, so give whole-host jobs requests of a whole host.
 * `reserve: count`: shadow time = earliest planned end at which enough slots are free, extra = slots free then beyond the
 * head's; a job that ends by the shadow time starts, a longer one if it is no larger than `extra`, which it uses up. A slot is
 * room for one pod of a job's own shape; running jobs give back one slot a pod, whatever their shape.
 *
 * *Order*: the queue's. *Cost*: O(nodes + running log running + queue) a decision.
 * *Source*: batsched easy_bf (hosts), the classical formulation with extra nodes (count).
 */
export const easyBackfill = defineScheduling<EasyParams>({
  name: 'easy-backfill',
  summary: 'EASY: jobs overtake as long as the head of the queue is not delayed.',
  formula:
    'head starts when it fits; another starts if it ends by the head’s reservation or leaves it alone',
  paramsHelp: {
    reserve: 'hosts (default): exact nodes; count: numbers of slots',
    estimate: 'requested (default): the user’s bound on the run time; actual: the true run time',
  },
  params: paramsOf((fields) => ({
    reserve: fields.choice('reserve', ['hosts', 'count'], 'hosts'),
    estimate: fields.choice('estimate', ['requested', 'actual'], 'requested'),
  })),
  create: ({ reserve, estimate }, { cluster }) =>
    reserve === 'hosts' ? new HostEasy(cluster, estimate) : new CountEasy(cluster, estimate),
});
