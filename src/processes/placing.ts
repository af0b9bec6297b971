/**
 * The placer: gives every pod a cluster, on summaries that may be stale.
 *
 *   arrival, scale-up, returned pods --> divide --> PLACE messages --(latency)--> clusters
 *                                          |
 *                                          +--> no cluster takes them: they wait at the fleet, asked again at each summary
 *
 * It is a ledger: what it sent since a cluster's last summary is subtracted from that summary.
 */

import { PolicyError } from '../base/errors.ts';
import { asCluster, asShape, asWorkload, type ClusterIndex } from '../base/ids.ts';
import type { ClusterFacts, FleetView, PlacementRequest, Placer } from '../contracts/placement.ts';
import type { Arrival } from '../contracts/workload.ts';
import type { Engine } from '../engine/simulation.ts';
import type { FleetTable } from '../model/fleet.ts';
import { BY_ARRIVAL } from '../model/pods.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import type { WorkloadFacts } from '../model/workloads.ts';
import {
  ASK_NODES,
  blankMessage,
  GIVE_NODES,
  GONE,
  GRANT,
  type Inbox,
  LIVENESS,
  type Message,
  PLACE,
  RETURN,
  SHORT,
  SUMMARY,
  WITHDRAW,
} from './messages.ts';
import { PENDING_PODS, PUBLISHED_AT, QUANTITIES } from './publishing.ts';

/** Counts what happens at the fleet's edge, by workload. */
export interface FleetObserver {
  arrived(workload: number, pods: number): void;
  /** Pods that wait at the fleet because no cluster takes them changed by `delta`. */
  unplacedChanged(workload: number, delta: number): void;
  placed(workload: number, pods: number): void;
  /** Pods that never were placed and wait at the end, or were withdrawn while they waited. */
  withdrawn(workload: number, pods: number): void;
}

/** Nodes that a provider still gives. */
export interface Quota {
  left: number;
}

/** What the placer is made of. */
export interface PlacingParts {
  readonly policy: string;
  readonly placer: Placer;
  readonly facts: readonly ClusterFacts[];
  readonly fleet: FleetTable;
  readonly shapes: ShapeTable;
  readonly workloads: readonly WorkloadFacts[];
  /** The clusters' inboxes. */
  readonly inboxes: readonly Inbox[];
  readonly latencyUs: number;
  readonly observer: FleetObserver;
  /** Shape of a service's pods, by workload. */
  readonly serviceShapes: readonly (PodShape | null)[];
  /** By cluster and pool; null without a quota. */
  readonly quotaOf: (cluster: number, pool: number) => Quota | null;
}

/** 2^32: workloads above it, serials below. */
const SERIALS = 0x100000000;

/** The fleet's placer. */
export class Placing {
  readonly view: FleetView;
  private readonly parts: PlacingParts;
  private readonly engine: () => Engine;
  /** Pods of each workload sent to each cluster and not given back. */
  private readonly assigned: Int32Array[];
  private readonly nextSerial: Float64Array;
  private readonly counts: Int32Array;
  private waiting: Message[] = [];
  /** True once a cluster gave back pods that had been withdrawn from it: its entry is below zero until it says so. */
  private hasDebt = false;
  /** Returns since the last summary, by first pod of the parcel. */
  private readonly bounces = new Map<number, number>();
  private decisions = 0;
  private readonly parcel = blankMessage();

  constructor(parts: PlacingParts, engine: () => Engine) {
    this.parts = parts;
    this.engine = engine;
    const { fleet } = parts;
    this.assigned = parts.workloads.map(() => new Int32Array(fleet.count));
    this.nextSerial = new Float64Array(parts.workloads.length);
    this.counts = new Int32Array(fleet.count);
    this.view = {
      clusters: parts.facts,
      free: fleet.free,
      allocatable: fleet.allocatable,
      elastic: fleet.elastic,
      gpuFreeMilli: fleet.gpuFreeMilli,
      gpuAllocatableMilli: fleet.gpuAllocatableMilli,
      pending: fleet.pending,
      isUp: fleet.isUp,
      room: (shape, cluster, withElastic) => fleet.room(shape, cluster, withElastic),
      canHost: (shape, cluster) => fleet.canHost(shape, cluster),
    };
  }

  /** Pods that wait at the fleet. */
  get unplaced(): number {
    let pods = 0;
    for (const parcel of this.waiting) pods += parcel.count;
    return pods;
  }

  /** Visits what waits at the fleet at the end of a run. */
  forEachUnplaced(visit: (parcel: Message) => void): void {
    this.waiting.forEach(visit);
  }

  /** A job arrives. */
  arrived(workload: number, arrival: Arrival): void {
    // A single cluster takes it at once; the parcel of a fleet may be kept.
    const parcel = this.parts.fleet.count === 1 ? this.parcel : blankMessage();
    parcel.gang = arrival.gang;
    parcel.durationUs = arrival.durationUs;
    parcel.estimateUs = arrival.estimateUs;
    parcel.shape = arrival.shape;
    this.introduce(parcel, workload, arrival.pods);
  }

  /** A service wants `count` pods more. */
  grow(workload: number, count: number): void {
    const parcel = blankMessage();
    parcel.durationUs = Number.POSITIVE_INFINITY;
    parcel.shape = this.parts.serviceShapes[workload]!.index;
    this.introduce(parcel, workload, count);
  }

  private introduce(parcel: Message, workload: number, count: number): void {
    parcel.workload = workload;
    parcel.count = count;
    parcel.serial = this.nextSerial[workload]!;
    parcel.jobSerial = parcel.serial;
    parcel.sinceUs = this.engine().nowUs;
    parcel.cause = BY_ARRIVAL;
    this.nextSerial[workload]! += count;
    this.parts.observer.arrived(workload, count);
    this.place(parcel, -1);
  }

  /** A service wants `count` pods less: those that wait at the fleet go first. */
  shrink(workload: number, count: number): void {
    const shape = this.parts.serviceShapes[workload]!;
    const { fleet, observer, placer } = this.parts;
    let left = count - this.dropUnplaced(workload, count);
    observer.withdrawn(workload, count - left);
    if (left <= 0) return;
    const assigned = this.assigned[workload]!;
    const held = this.heldOf(workload);
    this.counts.fill(0);
    const request = this.requestFor(workload, shape, { count: left, gang: false, returnedBy: -1 });
    if (placer.withdraw) placer.withdraw(request, this.view, this.counts);
    else this.withdrawFromLargest(held, left);
    for (const c of fleet.indices()) {
      const take = this.counts[c]!;
      if (take < 0 || take > held[c]!) {
        throw new PolicyError(this.parts.policy, `withdraws ${take} of ${held[c]} pods`);
      }
      if (take === 0) continue;
      assigned[c]! -= take;
      left -= take;
      const message = this.send(c, WITHDRAW);
      message.workload = workload;
      message.count = take;
    }
    if (left !== 0) throw new PolicyError(this.parts.policy, `left ${left} pods to withdraw`);
  }

  private withdrawFromLargest(assigned: Int32Array, count: number): void {
    const left = Int32Array.from(assigned);
    for (let i = 0; i < count; i++) {
      let largest = 0;
      for (let c = 1; c < left.length; c++) if (left[c]! >= left[largest]!) largest = c;
      left[largest]!--;
      this.counts[largest]!++;
    }
  }

  private dropUnplaced(workload: number, count: number): number {
    let dropped = 0;
    for (let i = this.waiting.length - 1; i >= 0 && dropped < count; i--) {
      const parcel = this.waiting[i]!;
      if (parcel.workload !== workload) continue;
      const take = Math.min(parcel.count, count - dropped);
      parcel.count -= take;
      dropped += take;
      if (parcel.count === 0) this.waiting.splice(i, 1);
    }
    if (dropped > 0) this.parts.observer.unplacedChanged(workload, -dropped);
    return dropped;
  }

  /** A message of a cluster is delivered. */
  received(message: Message): void {
    const cluster = asCluster(message.cluster);
    switch (message.kind) {
      case SUMMARY:
        this.learn(cluster, message.payload!);
        this.bounces.clear();
        this.retryWaiting();
        break;
      case RETURN: {
        this.giveBack(message);
        if (this.isBouncing(message)) this.hold({ ...message });
        else this.place({ ...message }, cluster);
        break;
      }
      case LIVENESS:
        this.parts.fleet.isUp[cluster] = message.count;
        break;
      case ASK_NODES: {
        const quota = this.parts.quotaOf(cluster, message.workload)!;
        const granted = Math.min(quota.left, message.count);
        quota.left -= granted;
        const asked = message.count;
        const grant = this.send(cluster, GRANT);
        grant.workload = message.workload;
        grant.serial = asked;
        grant.count = granted;
        break;
      }
      case SHORT:
        this.assigned[message.workload]![cluster]! += message.count;
        this.shrink(message.workload, message.count);
        break;
      case GONE:
        this.giveBack(message);
        this.grow(message.workload, message.count);
        break;
      case GIVE_NODES:
        this.parts.quotaOf(cluster, message.workload)!.left += message.count;
        break;
    }
  }

  private giveBack({ workload, cluster, count }: Message): void {
    const assigned = this.assigned[workload]!;
    assigned[cluster]! -= count;
    if (assigned[cluster]! < 0) this.hasDebt = true;
  }

  /** Pods of a workload by cluster, as a policy may count on them. */
  private heldOf(workload: number): Int32Array {
    const assigned = this.assigned[workload]!;
    return this.hasDebt ? assigned.map((pods) => Math.max(0, pods)) : assigned;
  }

  private learn(cluster: ClusterIndex, payload: Float64Array): void {
    const { fleet } = this.parts;
    const resources = (payload.length - QUANTITIES) / 3;
    for (let r = 0; r < resources; r++) {
      const i = QUANTITIES + 3 * r;
      fleet.publish(cluster, r, {
        free: payload[i]!,
        allocatable: payload[i + 1]!,
        elastic: payload[i + 2]!,
      });
    }
    fleet.settle(cluster, payload[PUBLISHED_AT]!, payload[PENDING_PODS]!);
  }

  private retryWaiting(): void {
    if (this.waiting.length === 0) return;
    const parcels = this.waiting;
    this.waiting = [];
    for (const parcel of parcels) {
      this.parts.observer.unplacedChanged(parcel.workload, -parcel.count);
      this.place(parcel, -1);
    }
  }

  private place(parcel: Message, returnedBy: number): void {
    const { fleet, inboxes, placer } = this.parts;
    const shape = this.parts.shapes.at(asShape(parcel.shape));
    const { pinnedTo } = this.parts.workloads[parcel.workload]!;
    if (fleet.count === 1 || pinnedTo !== undefined) {
      this.sendPods(parcel, asCluster(pinnedTo ?? 0), parcel.count);
      return;
    }
    this.counts.fill(0);
    const request = this.requestFor(parcel.workload, shape, {
      count: parcel.count,
      gang: parcel.gang,
      returnedBy,
    });
    const placed = placer.divide(request, this.view, this.counts);
    this.checkDivision(request, placed);
    for (let c = asCluster(0); c < inboxes.length; c++) {
      const count = this.counts[c]!;
      if (count > 0) this.sendPods(parcel, c, count);
    }
    if (parcel.count > 0) this.hold(parcel);
  }

  /** Keeps a parcel at the fleet until the next summary. */
  private hold(parcel: Message): void {
    this.waiting.push(parcel);
    this.parts.observer.unplacedChanged(parcel.workload, parcel.count);
  }

  /**
   * True if a parcel came back more often than there are clusters since the last summary: each of them would say again
   * what it said, and pods would go round at the speed of messages.
   */
  private isBouncing(parcel: Message): boolean {
    const key = parcel.workload * SERIALS + parcel.serial;
    const times = (this.bounces.get(key) ?? 0) + 1;
    this.bounces.set(key, times);
    return times > this.parts.fleet.count;
  }

  private requestFor(
    workload: number,
    shape: PodShape,
    what: { readonly count: number; readonly gang: boolean; readonly returnedBy: number },
  ): PlacementRequest {
    return {
      workload: asWorkload(workload),
      workloadName: this.parts.workloads[workload]!.name,
      shape,
      count: what.count,
      gang: what.gang,
      assigned: this.heldOf(workload),
      returnedBy: what.returnedBy,
      decision: this.decisions++,
    };
  }

  private checkDivision(request: PlacementRequest, placed: number): void {
    let sum = 0;
    let clusters = 0;
    for (const count of this.counts) {
      if (count < 0) throw new PolicyError(this.parts.policy, `places ${count} pods`);
      sum += count;
      if (count > 0) clusters++;
    }
    const isWrong = sum !== placed || sum > request.count;
    if (isWrong || (request.gang && sum > 0 && (clusters > 1 || sum < request.count))) {
      throw new PolicyError(
        this.parts.policy,
        `divides ${request.count} ${request.gang ? 'pods of a gang' : 'pods'} into ${sum} on ` +
          `${clusters} clusters and says ${placed}`,
        this.engine().nowUs,
      );
    }
  }

  /** Sends the first `count` pods of a parcel; the parcel keeps the rest. */
  private sendPods(parcel: Message, cluster: ClusterIndex, count: number): void {
    const { fleet, observer, shapes } = this.parts;
    const message = this.send(cluster, PLACE);
    message.workload = parcel.workload;
    message.serial = parcel.serial;
    message.count = count;
    message.shape = parcel.shape;
    message.gang = parcel.gang;
    message.jobSerial = parcel.jobSerial;
    message.durationUs = parcel.durationUs;
    message.estimateUs = parcel.estimateUs;
    message.sinceUs = parcel.sinceUs;
    message.cause = parcel.cause;
    message.retries = parcel.retries;
    message.payload = parcel.payload;
    parcel.serial += count;
    parcel.count -= count;
    this.assigned[parcel.workload]![cluster]! += count;
    observer.placed(parcel.workload, count);
    if (fleet.count > 1) {
      fleet.assign(cluster, shapes.at(asShape(parcel.shape)), count, this.engine().nowUs);
    }
  }

  private send(cluster: ClusterIndex, kind: number): Message {
    const message = this.parts.inboxes[cluster]!.push();
    message.kind = kind;
    message.cluster = cluster;
    message.atUs = this.engine().nowUs + this.parts.latencyUs;
    return message;
  }
}
