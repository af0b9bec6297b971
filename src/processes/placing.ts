/**
 * The placer: gives every pod a cluster, on summaries that may be stale.
 *
 *   arrival, scale-up, returned pods --> divide --> PLACE messages --(latency)--> clusters
 *                                          |
 *                                          +--> no cluster takes them: they wait at the fleet, asked again at each summary
 *
 * It is a ledger: what it sent since a cluster's last summary is subtracted from that summary.
 */

import { asCluster, asShape, asWorkload, type ClusterIndex } from '../base/ids.ts';
import type { ClusterFacts, FleetView, PlacementRequest, Placer } from '../contracts/placement.ts';
import type { Arrival } from '../contracts/workload.ts';
import type { Engine } from '../engine/simulation.ts';
import type { FleetTable } from '../model/fleet.ts';
import { BY_ARRIVAL } from '../model/pods.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import type { WorkloadFacts } from '../model/workloads.ts';
import { Division } from './division.ts';
import {
  ASK_NODES,
  blankMessage,
  copyMessage,
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
import { PodLedger } from './pod-ledger.ts';
import { PENDING_PODS, PUBLISHED_AT, QUANTITIES } from './publishing.ts';
import { UnplacedPods } from './unplaced-pods.ts';
import { withdrawFromLargest } from './withdrawal.ts';

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

/**
 * The fleet's placer.
 *
 * *Price*: beside that of the policy, O(clusters) a decision to hold the division to the contract (under a nanosecond a
 * cluster), O(1) a part of a job that is sent, and a summary O(resources + what was sent in its latency); no object a decision
 * but the request, which a policy may keep.
 */
export class Placing {
  readonly view: FleetView;
  private readonly parts: PlacingParts;
  private readonly engine: () => Engine;
  private readonly ledger: PodLedger;
  private readonly unplacedPods = new UnplacedPods();
  private readonly nextSerial: Float64Array;
  private readonly division: Division;
  /** Returns since the last summary, by first pod of the parcel. */
  private readonly bounces = new Map<number, number>();
  private decisions = 0;
  /** What arrives, and what a cluster gave back: valid during the decision about it. */
  private readonly parcel = blankMessage();
  private readonly returned = blankMessage();

  constructor(parts: PlacingParts, engine: () => Engine) {
    this.parts = parts;
    this.engine = engine;
    const { fleet } = parts;
    this.ledger = new PodLedger(parts.workloads.length, fleet.count);
    this.nextSerial = new Float64Array(parts.workloads.length);
    this.division = new Division(parts.policy, fleet.count);
    this.view = {
      clusters: parts.facts,
      free: fleet.free,
      allocatable: fleet.allocatable,
      elastic: fleet.elastic,
      gpuFreeMilli: fleet.gpuFreeMilli,
      gpuAllocatableMilli: fleet.gpuAllocatableMilli,
      pending: fleet.pending,
      isUp: fleet.isUp,
      changes: fleet.changes,
      room: (shape, cluster, withElastic) => fleet.room(shape, cluster, withElastic),
      canHost: (shape, cluster) => fleet.canHost(shape, cluster),
    };
  }

  /** Pods that wait at the fleet. */
  get unplaced(): number {
    return this.unplacedPods.countPods();
  }

  /** Visits what waits at the fleet at the end of a run. */
  forEachUnplaced(visit: (parcel: Message) => void): void {
    this.unplacedPods.forEach(visit);
  }

  /** A job arrives. */
  arrived(workload: number, arrival: Arrival): void {
    const { parcel } = this;
    parcel.gang = arrival.gang;
    parcel.durationUs = arrival.durationUs;
    parcel.estimateUs = arrival.estimateUs;
    parcel.shape = arrival.shape;
    this.introduce(workload, arrival.pods);
  }

  /** A service wants `count` pods more. */
  grow(workload: number, count: number): void {
    const { parcel } = this;
    parcel.gang = false;
    parcel.durationUs = Number.POSITIVE_INFINITY;
    parcel.estimateUs = Number.NaN;
    parcel.shape = this.parts.serviceShapes[workload]!.index;
    this.introduce(workload, count);
  }

  /** Gives the parcel its workload and pods, and places it. */
  private introduce(workload: number, count: number): void {
    const { parcel } = this;
    parcel.workload = workload;
    parcel.count = count;
    parcel.serial = this.nextSerial[workload]!;
    parcel.jobSerial = parcel.serial;
    parcel.sinceUs = this.engine().nowUs;
    parcel.cause = BY_ARRIVAL;
    this.nextSerial[workload]! += count;
    this.parts.observer.arrived(workload, count);
    this.place(parcel, -1);
    if (parcel.count > 0) this.hold(parcel, this.isRefusalLasting);
  }

  /** A service wants `count` pods less: those that wait at the fleet go first. */
  shrink(workload: number, count: number): void {
    const shape = this.parts.serviceShapes[workload]!;
    const { observer, placer } = this.parts;
    const { division } = this;
    const left = count - this.dropUnplaced(workload, count);
    observer.withdrawn(workload, count - left);
    if (left <= 0) return;
    const request = this.requestFor(workload, shape, { count: left, gang: false, returnedBy: -1 });
    if (placer.withdraw) placer.withdraw(request, this.view, division.counts);
    else withdrawFromLargest(request.assigned, left, division.counts);
    division.closeWithdrawal(request, this.engine().nowUs);
    for (let i = 0; i < division.size; i++) {
      const c = division.cluster(i);
      const take = division.take(c);
      this.note(workload, c, -take);
      const message = this.send(c, WITHDRAW);
      message.workload = workload;
      message.count = take;
    }
  }

  private dropUnplaced(workload: number, count: number): number {
    const dropped = this.unplacedPods.drop(workload, count);
    if (dropped > 0) this.parts.observer.unplacedChanged(workload, -dropped);
    return dropped;
  }

  /** A message of a cluster is delivered. */
  received(message: Message): void {
    const cluster = asCluster(message.cluster);
    switch (message.kind) {
      case SUMMARY:
        this.learn(cluster, message.payload!);
        if (this.bounces.size > 0) this.bounces.clear();
        this.retryUnplaced();
        break;
      case RETURN: {
        this.note(message.workload, cluster, -message.count);
        if (this.isBouncing(message)) this.hold(message, false);
        else {
          const parcel = copyMessage(message, this.returned);
          this.place(parcel, cluster);
          // Without a cluster that gave it back the answer may be another one.
          if (parcel.count > 0) this.hold(parcel, false);
        }
        break;
      }
      case LIVENESS:
        this.parts.fleet.answers(cluster, message.count === 1);
        if (message.count === 1) this.hope(cluster);
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
        this.note(message.workload, cluster, message.count);
        this.shrink(message.workload, message.count);
        break;
      case GONE:
        this.note(message.workload, cluster, -message.count);
        this.grow(message.workload, message.count);
        break;
      case GIVE_NODES:
        this.parts.quotaOf(cluster, message.workload)!.left += message.count;
        break;
    }
  }

  /** Changes what a cluster has of a workload, apart from what is sent to it. */
  private note(workload: number, cluster: ClusterIndex, pods: number): void {
    this.ledger.add(workload, cluster, pods);
    this.parts.fleet.changes.add(cluster);
  }

  private learn(cluster: ClusterIndex, payload: Float64Array): void {
    const { fleet } = this.parts;
    const hasGained = fleet.publishAll(cluster, payload, QUANTITIES);
    fleet.settle(cluster, payload[PUBLISHED_AT]!, payload[PENDING_PODS]!);
    if (hasGained) this.hope(cluster);
  }

  private hope(cluster: ClusterIndex): void {
    if (this.unplacedPods.length === 0) return;
    const { fleet, shapes } = this.parts;
    this.unplacedPods.hope(cluster, (shape, c) => fleet.canHost(shapes.at(asShape(shape)), c));
  }

  private retryUnplaced(): void {
    const { unplacedPods } = this;
    if (unplacedPods.length === 0) return;
    if (unplacedPods.isHopeless) {
      // Who is not asked about uses up the number of its decision all the same: later draws and turns stay what they are.
      this.decisions += unplacedPods.length;
      return;
    }
    const { observer } = this.parts;
    unplacedPods.retry((parcel, mayBeTaken) => {
      if (!mayBeTaken) {
        this.decisions++;
        return true;
      }
      observer.unplacedChanged(parcel.workload, -parcel.count);
      this.place(parcel, -1);
      if (parcel.count > 0) observer.unplacedChanged(parcel.workload, parcel.count);
      return this.isRefusalLasting;
    });
  }

  /** True if the policy says no again to what it refused, while nothing gives hope. */
  private get isRefusalLasting(): boolean {
    return this.parts.placer.refusesUntilCapacityGrows === true;
  }

  /** Divides a parcel and sends the parts; it keeps what no cluster takes. */
  private place(parcel: Message, returnedBy: number): void {
    const { fleet, placer } = this.parts;
    const { pinnedTo } = this.parts.workloads[parcel.workload]!;
    if (fleet.count === 1 || pinnedTo !== undefined) {
      this.sendPods(parcel, asCluster(pinnedTo ?? 0), parcel.count);
      return;
    }
    const { division } = this;
    const shape = this.parts.shapes.at(asShape(parcel.shape));
    const { count, gang } = parcel;
    const request = this.requestFor(parcel.workload, shape, { count, gang, returnedBy });
    const { nowUs } = this.engine();
    if (placer.choose !== undefined && (gang || count === 1)) {
      division.closeWhole(placer.choose(request, this.view), request, nowUs);
    } else {
      const placed = placer.divide(request, this.view, division.counts);
      division.close(request, placed, nowUs);
    }
    for (let i = 0; i < division.size; i++) {
      const c = division.cluster(i);
      this.sendPods(parcel, c, division.take(c));
    }
  }

  /** Keeps a parcel at the fleet until the next summary, or if it would be refused again until there is hope. */
  private hold(parcel: Message, isRefused: boolean): void {
    this.unplacedPods.add(parcel, isRefused);
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
      assigned: this.ledger.heldOf(workload),
      returnedBy: what.returnedBy,
      decision: this.decisions++,
    };
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
    this.ledger.add(parcel.workload, cluster, count);
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
