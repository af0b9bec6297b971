/**
 * The scheduler of one cluster that decides pod by pod.
 *
 *   pods enter --> DECIDE --> head of queue: choose a node --> assume --(attempt time, bind token)--> bind
 *                    ^              |
 *                    |              +--> refused: its bucket waits --> capacity freed that may fit --+
 *                    +-------------------------------------------------------------------------------+
 *
 * One decision event handles every pod of its instant if attempts take no time, else one pod; the state is read and
 * assumed at the start of an attempt and bound at its end. Pods that meet an empty queue are decided on as they enter, without the
 * event: see `entering.ts`.
 */

import { PolicyError } from '../base/errors.ts';
import { asNode, type NodeIndex, type PodIndex } from '../base/ids.ts';
import { REFUSED } from '../contracts/observer.ts';
import type { DeviceChooser, PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import { PENDING } from '../model/pods.ts';
import type { PodShape } from '../model/shapes.ts';
import { tightestDevices } from '../selection/devices.ts';
import type { Refusal } from '../selection/feasibility.ts';
import type { Selection } from '../selection/select.ts';
import { watchOf } from './attempt-watch.ts';
import type { ClusterRun, Deciding, DirectDeciding } from './cluster-run.ts';
import type { ControlPlane } from './control-plane.ts';
import { DECIDE, POD_BIND } from './kinds.ts';
import type { Bucket, PendingQueue } from './pending-queue.ts';
import { tellProfile } from './tell-profile.ts';

/** What the scheduler is made of. */
export interface SchedulingParts {
  readonly policy: string;
  readonly profile: SchedulingProfile;
  readonly selection: Selection;
  readonly devices?: DeviceChooser;
  readonly queue: PendingQueue;
  readonly controlPlane: ControlPlane;
  /** True: a pod that no node of this cluster could ever take goes back to the placer at once. */
  readonly returnsHopeless: boolean;
  /** True: pods that meet an empty queue are decided on without passing through it. */
  readonly isDirect: boolean;
}

/** Age at which the reason of a waiting bucket is found out again: it costs a scan, and changes slowly. */
const EXPLAIN_EVERY_US = 10_000_000;

/** Decides with a profile of filters and scores. */
export class PodScheduling implements Deciding, DirectDeciding {
  examined = 0;
  readonly direct = this;
  private readonly run: ClusterRun;
  private readonly parts: SchedulingParts;
  private readonly attempt: { -readonly [K in keyof PodAttempt]: PodAttempt[K] };
  private isRequested = false;
  /** With a blocking queue: the head was refused and nothing changed since. */
  private isBlocked = false;
  /** The place in the queue of that head: slots are reused, tickets are not. */
  private blockedTicket = -1;
  private freeAtUs = 0;

  constructor(run: ClusterRun, parts: SchedulingParts) {
    this.run = run;
    this.parts = parts;
    this.attempt = { shape: undefined as unknown as PodShape, key: 0, attempt: 0 };
  }

  request(): void {
    const { run } = this;
    if (this.isRequested || run.isDark || this.parts.queue.top() === null) return;
    this.isRequested = true;
    if (this.freeAtUs <= run.nowUs) run.engine.soon(DECIDE, 0);
    else run.engine.at(this.freeAtUs, DECIDE, 0);
  }

  capacityFreed(node: number): void {
    const { queue, selection } = this.parts;
    if (queue.isBlocking) {
      this.isBlocked = false;
      this.request();
      return;
    }
    if (queue.refused.length === 0) return;
    const n = asNode(node);
    if (queue.wake((bucket) => selection.feasibility.fits(bucket.shape, n))) this.request();
  }

  /** The decision event. */
  decide(): void {
    this.isRequested = false;
    if (!this.run.isDark) this.decideQueue(false);
  }

  mayDecideNow(): boolean {
    const { parts, run } = this;
    return parts.isDirect && parts.queue.pods === 0 && !run.isDark && run.engine.isAlone();
  }

  decideNow(p: PodIndex): boolean {
    const { podLife } = this.run;
    const node = this.choose(p);
    if (node < 0) return false;
    const devices = this.devicesFor(asNode(node));
    this.parts.queue.pass(p);
    podLife.assume(p, asNode(node), devices);
    podLife.bind(p);
    return true;
  }

  decidedNow(isRefused: boolean): void {
    this.run.engine.skipEvent();
    if (isRefused) this.decideQueue(true);
  }

  /** Tries the heads of the queue. @param isRefused true if the first was tried just now, in vain */
  private decideQueue(isRefused: boolean): void {
    const { queue } = this.parts;
    let isTried = isRefused;
    for (let bucket = queue.top(); bucket !== null; bucket = queue.top()) {
      if (queue.isBlocking && this.isBlocked && !this.headIsNew(bucket)) break;
      const refusal = isTried ? this.explain(bucket) : this.tryHead(bucket);
      isTried = false;
      if (refusal !== null) {
        const waits = this.refused(bucket, refusal);
        if (waits && queue.isBlocking) break;
      }
      if (this.parts.controlPlane.isTimed) {
        this.request();
        break;
      }
    }
    this.run.elastic?.considerGrowth();
  }

  private headIsNew(bucket: Bucket): boolean {
    return this.run.cluster.pods.ticket(bucket.head as PodIndex) !== this.blockedTicket;
  }

  /** @returns false if the head left the queue: it is lost, or goes back to the placer */
  private refused(bucket: Bucket, refusal: Refusal): boolean {
    const { queue } = this.parts;
    this.run.observer.count(REFUSED, bucket.workload, bucket.size);
    if (this.run.workloads[bucket.workload]!.losesRefused) {
      const p = bucket.head as PodIndex;
      queue.takeTop();
      this.run.evictions.lose(p);
      return false;
    }
    const isReturned = refusal.verdict === 'never' && this.parts.returnsHopeless;
    if (isReturned && !this.run.isPinned(bucket.head as PodIndex)) {
      const p = bucket.head as PodIndex;
      queue.takeTop();
      this.run.podLife.sendBack(p);
      return false;
    }
    if (queue.isBlocking) {
      queue.relabelTop(refusal.reason);
      this.isBlocked = true;
      this.blockedTicket = this.run.cluster.pods.ticket(bucket.head as PodIndex);
    } else queue.refuseTop(refusal);
    return true;
  }

  private tryHead(bucket: Bucket): Refusal | null {
    return bucket.size === 1 ? this.tryPod(bucket) : this.tryGang(bucket);
  }

  private tryPod(bucket: Bucket): Refusal | null {
    const p = bucket.head as PodIndex;
    const node = this.choose(p);
    this.tell(p, node);
    const doneUs = this.charge();
    if (node < 0) return this.explain(bucket);
    const devices = this.devicesFor(asNode(node));
    this.parts.queue.takeTop();
    this.run.podLife.assume(p, asNode(node), devices);
    this.bindAt(p, doneUs);
    return null;
  }

  /** Tells the attempt at which the cluster's watch looks. */
  private tell(p: PodIndex, chosen: NodeIndex | -1): void {
    const watch = watchOf(this.run, p);
    if (watch === null) return;
    const { profile, selection } = this.parts;
    const { feasibility } = selection;
    watch.attempted(tellProfile(this.run, { pod: this.attempt, profile, feasibility, chosen }));
  }

  /** Places the members one after the other; the leader, which stands in the queue, last. */
  private tryGang(bucket: Bucket): Refusal | null {
    const { run } = this;
    const leader = bucket.head as PodIndex;
    const members = run.gangs.membersOf(leader);
    if (!this.hasRoomFor(bucket)) return this.explain(bucket);
    let doneUs = run.nowUs;
    for (let i = members.length - 1; i >= 0; i--) {
      const p = members[i]!;
      const node = this.choose(p);
      this.tell(p, node);
      doneUs = this.charge();
      if (node < 0) {
        for (let k = i + 1; k < members.length; k++) {
          run.podLife.unassume(members[k]!);
          run.cluster.pods.setState(members[k]!, PENDING);
        }
        return this.explain(bucket);
      }
      const devices = this.devicesFor(asNode(node));
      if (i === 0) this.parts.queue.takeTop();
      run.podLife.assume(p, asNode(node), devices);
    }
    this.bindAt(leader, doneUs);
    return null;
  }

  /** A necessary condition on sums, so that a large gang costs nothing while it cannot fit. */
  private hasRoomFor(bucket: Bucket): boolean {
    const { totals } = this.run.cluster;
    const { requests, gpuCount, gpuMilliPerDevice } = bucket.shape;
    for (let r = 0; r < requests.length; r++) {
      if (totals.allocatable[r]! - totals.allocated[r]! < requests[r]! * bucket.size) return false;
    }
    const gpuFree = totals.gpuAllocatableMilli - totals.gpuAllocatedMilli;
    return gpuFree >= gpuCount * gpuMilliPerDevice * bucket.size;
  }

  /** Why the head of a bucket was refused; asked of all nodes anew only when the last answer is old. */
  private explain(bucket: Bucket): Refusal {
    const { nowUs } = this.run;
    if (nowUs - bucket.explainedUs < EXPLAIN_EVERY_US) return bucket.explained;
    bucket.explainedUs = nowUs;
    this.aim(bucket.head as PodIndex);
    bucket.explained = this.findRefusal(bucket.size);
    return bucket.explained;
  }

  private findRefusal(size: number): Refusal {
    const { feasibility } = this.parts.selection;
    const refusal = feasibility.explain(this.attempt);
    if (size === 1 || refusal.verdict === 'never') return refusal;
    const most = feasibility.capacityFor(this.attempt.shape);
    const reason = refusal.reason === 'no-node' ? 'gang-incomplete' : refusal.reason;
    return { reason, verdict: most < size ? 'never' : 'not-now' };
  }

  private aim(p: PodIndex): void {
    const { run, attempt } = this;
    attempt.shape = run.shapeOf(p);
    attempt.key = run.keyOf(p);
    attempt.attempt = run.cluster.pods.retries(p);
  }

  private choose(p: PodIndex): NodeIndex | -1 {
    this.aim(p);
    const { selector } = this.parts.selection;
    const node = selector.choose(this.attempt);
    this.examined += selector.examined;
    return node;
  }

  /** The scheduler is busy for the attempt's time; returns when the attempt is done. */
  private charge(): number {
    const { controlPlane, selection } = this.parts;
    if (!controlPlane.isTimed) return this.run.nowUs;
    const startUs = Math.max(this.run.nowUs, this.freeAtUs);
    this.freeAtUs = startUs + controlPlane.attemptUs(selection.selector.examined);
    return this.freeAtUs;
  }

  /** Binds a pod, or its whole gang, when the attempt is done and every bind has its token. */
  private bindAt(leader: PodIndex, doneUs: number): void {
    const { run } = this;
    const { controlPlane } = this.parts;
    if (!controlPlane.isTimed) {
      this.bind(leader);
      return;
    }
    let atUs = doneUs;
    for (let i = run.gangs.sizeOf(leader); i > 0; i--) atUs = controlPlane.bindAtUs(doneUs);
    run.cluster.pods.setTicket(leader, run.engine.at(atUs, POD_BIND, leader));
  }

  /** The bind event of a pod, or of a gang by its leader. */
  bind(leader: PodIndex): void {
    const { gangs, podLife } = this.run;
    if (!gangs.has(leader)) podLife.bind(leader);
    else for (const m of gangs.membersOf(leader)) podLife.bind(m);
  }

  private devicesFor(node: NodeIndex): number {
    const { shape } = this.attempt;
    if (shape.gpuCount === 0) return 0;
    const chooser = this.parts.devices ?? tightestDevices;
    const mask = chooser.choose(this.attempt, node, this.run.cluster);
    const { nodes } = this.run.cluster;
    let count = 0;
    for (let i = 0; i < nodes.gpuCount[node]!; i++) {
      if ((mask & (1 << i)) === 0) continue;
      if (nodes.deviceFreeMilli[nodes.gpuOffset[node]! + i]! < shape.gpuMilliPerDevice) count = -99;
      count++;
    }
    if (count !== shape.gpuCount || mask >>> nodes.gpuCount[node]! !== 0) {
      throw new PolicyError(
        this.parts.policy,
        `chose devices ${mask.toString(2)} of ${this.run.cluster.nodeName(node)} for a pod that asks ` +
          `for ${shape.gpuCount} with ${shape.gpuMilliPerDevice} thousandths each`,
        this.run.nowUs,
      );
    }
    return mask;
  }
}
