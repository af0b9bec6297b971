/**
 * What every controller of a cluster works with: a queue of keys, calls that wait for their tokens, and the pods.
 *
 *   something changed --watch delay--> sync of the key --calls, as its client's bucket grants them--> pods made, deleted
 *
 * While calls of a key are on their way it neither makes nor deletes (upstream's expectations). *Source*: Kubernetes v1.34,
 * pkg/controller; one worker per key is modelled by the queue, several keys never wait for each other but through buckets.
 */
import { NONE, type PodHandle, type PodIndex } from '../../../base/ids.ts';
import { COMPLETED, CREATED } from '../../../contracts/observer.ts';
import { BACKOFF, BY_ARRIVAL, PENDING, RUNNING } from '../../../model/pods.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { ClusterRun } from '../../cluster-run.ts';
import { CONTROLLER_CALL, CONTROLLER_SYNC } from '../../kinds.ts';
import { IN_REPLACEMENT } from '../../pod-work.ts';
import { ApiBucket } from '../api-bucket.ts';
import { type OwnedPod, OwnedPods } from './pods.ts';
import { slowStart } from './slow-start.ts';

/** How the deletion of a pod with a grace period ends: see `termination.ts`. */
export interface ControllerEnds {
  /** Its controller wanted it gone: it has ended. */
  readonly deleted: number;
  /** It lost its node: it is the same pod that comes back. */
  readonly evicted: number;
}

/** A key of the queue: something that is synced. */
export interface Syncable {
  /** Looks at the world and asks for calls. */
  sync(): void;
  /** Events of its pods are seen together so long after the first, microseconds; absent is at once. */
  readonly batchUs?: number;
  /** True: a pod of a dead node is replaced only once it is really gone. */
  readonly waitsUntilGone?: boolean;
  /** A pod of it is gone. */
  podLeft?(pod: OwnedPod, how: 'succeeded' | 'deleted' | 'evicted'): void;
}

/** Kinds of controllers: each has its own client and bucket. */
export const CLIENTS = [
  'deployment',
  'replicaset',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
] as const;
/** One of them. */
export type Client = (typeof CLIENTS)[number];

/** How the API behaves. */
export interface ApiLimits {
  /** Null is ideal. */
  readonly tokens: { readonly perSecond: number; readonly burst: number } | null;
  /** From a call's token to its end. */
  readonly callUs: number;
  /** From a change to the controller's seeing it. */
  readonly watchUs: number;
}

/** A pod to make. */
export interface NewPod {
  readonly shape: PodShape;
  readonly template: number;
  readonly ordinal: number;
  /** True: its containers never become ready. */
  readonly isBroken: boolean;
}

type Call =
  | { readonly kind: 'create'; readonly key: number; readonly pod: NewPod }
  | { readonly kind: 'delete'; readonly key: number; readonly handle: PodHandle };

/** The machinery of one cluster's controllers. */
export class ControllerHost {
  readonly run: ClusterRun;
  readonly pods = new OwnedPods();
  private readonly api: ApiLimits;
  private readonly buckets = new Map<Client, ApiBucket>();
  private readonly keys: { readonly entry: Syncable; readonly client: Client; workload: number }[] =
    [];
  private readonly queued = new Map<number, { readonly atUs: number; readonly event: number }>();
  private readonly inFlight: number[] = [];
  private readonly calls: (Call | undefined)[] = [];
  private readonly freeCalls: number[] = [];
  /** Evicted pods by workload that their controllers have not replaced yet, oldest first. */
  private readonly owed: PodIndex[][] = [];
  private readonly serials: number[] = [];
  private readonly ends: ControllerEnds;

  constructor(run: ClusterRun, api: ApiLimits, ends: ControllerEnds) {
    this.run = run;
    this.api = api;
    this.ends = ends;
    for (const client of CLIENTS) this.buckets.set(client, new ApiBucket(api.tokens));
  }

  get nowUs(): number {
    return this.run.nowUs;
  }

  /** Adds a key. @returns its number */
  add(entry: Syncable, client: Client, workload: number): number {
    this.inFlight.push(0);
    return this.keys.push({ entry, client, workload }) - 1;
  }

  /** Asks for a sync once the change is seen, or at a later instant if nothing comes before. */
  request(key: number, atUs = this.nowUs + this.api.watchUs): void {
    if (!Number.isFinite(atUs)) return;
    const { engine, nowUs } = this.run;
    const waiting = this.queued.get(key);
    if (waiting !== undefined) {
      if (waiting.atUs <= atUs) return;
      engine.cancel(waiting.event as never);
    }
    const dueUs = Math.max(nowUs, atUs);
    this.queued.set(key, { atUs: dueUs, event: engine.at(dueUs, CONTROLLER_SYNC, key) });
  }

  /** The event of a sync. */
  sync(key: number): void {
    this.queued.delete(key);
    // The control plane is dark with its cluster: the key is asked for again when it is lit.
    if (!this.run.isDark) this.keys[key]!.entry.sync();
  }

  /** The control plane answers again: every controller looks at everything. */
  lit(): void {
    for (let key = 0; key < this.keys.length; key++) this.request(key);
  }

  /** True while calls are on their way that the key has not seen the end of. */
  isBusy(key: number): boolean {
    return this.inFlight[key]! > 0;
  }

  /** Takes tokens for writes that change no pod. @returns the instant at which they are done */
  write(key: number, tokens: number): number {
    return this.buckets.get(this.keys[key]!.client)!.takeAtUs(this.nowUs, tokens);
  }

  /** Makes pods in batches that double. */
  create(key: number, pods: readonly NewPod[]): void {
    const bucket = this.buckets.get(this.keys[key]!.client)!;
    const atUs = slowStart(bucket, this.nowUs, pods.length, this.api.callUs);
    pods.forEach((pod, i) => {
      this.call({ kind: 'create', key, pod }, atUs[i]!);
    });
  }

  /** Deletes pods, all at once as far as the bucket goes. */
  remove(key: number, pods: readonly OwnedPod[]): void {
    const bucket = this.buckets.get(this.keys[key]!.client)!;
    for (const { p } of pods) {
      const handle = this.run.cluster.pods.handle(p);
      const atUs = bucket.takeAtUs(this.nowUs, 1) + this.api.callUs;
      this.call({ kind: 'delete', key, handle }, atUs);
    }
  }

  private call(call: Call, atUs: number): void {
    this.inFlight[call.key]!++;
    const id = this.freeCalls.pop() ?? this.calls.length;
    this.calls[id] = call;
    this.run.engine.at(atUs, CONTROLLER_CALL, id);
  }

  /** The event of a call that is done. */
  called(id: number): void {
    const call = this.calls[id]!;
    this.calls[id] = undefined;
    this.freeCalls.push(id);
    this.inFlight[call.key]!--;
    if (call.kind === 'create') this.make(call.key, call.pod);
    else {
      const p = this.run.cluster.pods.find(call.handle);
      if (p !== -1) this.delete(p);
    }
    if (this.inFlight[call.key] === 0) this.request(call.key);
  }

  /** Makes a pod: an evicted one that is owed comes back first, as the same pod. */
  private make(key: number, pod: NewPod): void {
    const { run } = this;
    const { workload } = this.keys[key]!;
    const { pods } = run.cluster;
    const p = this.owedOf(workload).shift() ?? this.allocate(workload);
    const isOwed = pods.state(p) === BACKOFF;
    if (isOwed) run.observer.pendingChanged(IN_REPLACEMENT, run.workloadOf(p).index, -1);
    pods.setShape(p, pod.shape.index);
    this.pods.add({
      p,
      owner: key,
      template: pod.template,
      ordinal: pod.ordinal,
      isBroken: pod.isBroken,
      createdAtUs: this.nowUs,
    });
    run.podLife.queueAgain(p);
  }

  private allocate(workload: number): PodIndex {
    const { run } = this;
    const serial = this.serials[workload] ?? 0;
    this.serials[workload] = serial + 1;
    run.observer.count(CREATED, run.workloads[workload]!.index, 1);
    const p = run.podLife.spawn(workload, serial);
    run.cluster.pods.setSinceUs(p, this.nowUs);
    run.cluster.pods.setCause(p, BY_ARRIVAL);
    run.cluster.pods.setState(p, PENDING);
    return p;
  }

  /** Takes up a pod that was there before its controller. */
  adopt(pod: Parameters<OwnedPods['add']>[0]): void {
    this.pods.add(pod);
  }

  /** Serials of pods that were there at the start are taken. */
  reserveSerials(workload: number, count: number): void {
    this.serials[workload] = Math.max(this.serials[workload] ?? 0, count);
  }

  private owedOf(workload: number): PodIndex[] {
    while (this.owed.length <= workload) this.owed.push([]);
    return this.owed[workload]!;
  }

  /** Evicted pods of a workload that nobody has replaced yet. */
  owedCount(workload: number): number {
    return this.owedOf(workload).length;
  }

  /** Fewer pods are wanted than are owed: the rest of them has ended. */
  settle(workload: number, keep: number): void {
    const { run } = this;
    const owed = this.owedOf(workload);
    while (owed.length > keep) {
      const p = owed.pop()!;
      run.observer.pendingChanged(IN_REPLACEMENT, run.workloadOf(p).index, -1);
      run.observer.count(COMPLETED, run.workloadOf(p).index, 1);
      run.podLife.forget(p);
    }
  }

  /** Deletes a pod through the API: at once if it has no node, else with its own grace period. */
  delete(p: PodIndex): void {
    const { run } = this;
    const owned = this.pods.find(p);
    if (owned === undefined || owned.isTerminating) return;
    owned.isTerminating = true;
    owned.readySinceUs = -1;
    this.changed(owned);
    const kube = run.kube!;
    if (run.cluster.pods.node(p) === NONE) {
      this.ended(p);
      return;
    }
    const graceUs = kube.nodes.kubeOf(run.shapeOf(p)).terminationGraceUs;
    kube.termination.delete(p, graceUs, this.ends.deleted);
  }

  /**
   * A pod of a dead node is given up. Who only counts pods replaces it at once; who needs it gone waits for the node.
   *
   * @returns false if the pod is not a controller's
   */
  giveUp(p: PodIndex): boolean {
    const owned = this.pods.find(p);
    if (owned === undefined || owned.isTerminating) return owned !== undefined;
    if (this.keys[owned.owner]!.entry.waitsUntilGone !== true) return false;
    owned.isTerminating = true;
    owned.isStuck = true;
    owned.readySinceUs = -1;
    this.run.kube!.nodes.terminate(p);
    this.changed(owned);
    return true;
  }

  /** The node is back: its agent finds the pod deleted and ends it. @returns false if the pod may go on */
  endStuck(p: PodIndex): boolean {
    const owned = this.pods.find(p);
    if (owned?.isStuck !== true) return false;
    owned.isStuck = false;
    const kube = this.run.kube!;
    const graceUs = kube.nodes.kubeOf(this.run.shapeOf(p)).terminationGraceUs;
    kube.termination.delete(p, graceUs, this.ends.evicted);
    return true;
  }

  /** A pod that its budget let go is deleted by `remove`; its controller counts it as gone at once. */
  evict(p: PodIndex, remove: () => void): void {
    const owned = this.pods.find(p);
    if (owned !== undefined) {
      if (owned.isTerminating) return;
      owned.isTerminating = true;
      owned.readySinceUs = -1;
      this.changed(owned);
    }
    remove();
  }

  /** A pod that was deleted is gone from its node (or had none): its object goes. */
  ended(p: PodIndex): void {
    const { run } = this;
    const owned = this.pods.find(p)!;
    run.podLife.finish(p);
    this.left(owned, 'deleted');
  }

  /** A pod became ready. */
  podReady(p: PodIndex): void {
    const owned = this.pods.find(p);
    if (owned === undefined || owned.isTerminating || owned.readySinceUs >= 0) return;
    if (owned.isBroken) return;
    owned.readySinceUs = this.nowUs;
    this.changed(owned);
  }

  /** The node's pods are not ready any more, or those that run are again. */
  nodeReadyChanged(n: number, isReady: boolean): void {
    const { cluster } = this.run;
    cluster.forEachPod(n as never, (p) => {
      const owned = this.pods.find(p);
      if (owned === undefined || owned.isTerminating) return;
      if (isReady && cluster.pods.state(p) === RUNNING) this.podReady(p);
      else if (!isReady && owned.readySinceUs >= 0) {
        owned.readySinceUs = -1;
        this.changed(owned);
      }
    });
  }

  /** A pod has done its work; its slot is about to be freed. */
  podSucceeded(p: PodIndex): void {
    const owned = this.pods.find(p);
    if (owned !== undefined) this.left(owned, 'succeeded');
  }

  /** True if a controller replaces the pod, so that nobody else retries it. */
  owns(p: PodIndex): boolean {
    return this.pods.find(p) !== undefined;
  }

  /** The pod was taken off its node: its slot waits until its controller makes another pod. */
  podEvicted(p: PodIndex): void {
    const { run } = this;
    const owned = this.pods.find(p)!;
    const { pods } = run.cluster;
    pods.setState(p, BACKOFF);
    pods.setTicket(p, NONE);
    const { index } = run.workloadOf(p);
    run.observer.pendingChanged(IN_REPLACEMENT, index, 1);
    this.owedOf(index).push(p);
    this.left(owned, 'evicted');
  }

  private left(owned: OwnedPod, how: 'succeeded' | 'deleted' | 'evicted'): void {
    this.pods.remove(owned.p);
    this.keys[owned.owner]!.entry.podLeft?.(owned, how);
    this.changed(owned);
  }

  private changed(owned: OwnedPod): void {
    const { batchUs } = this.keys[owned.owner]!.entry;
    if (batchUs === undefined) this.request(owned.owner);
    else this.request(owned.owner, this.nowUs + batchUs);
  }
}
