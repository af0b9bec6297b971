import type { NodeIndex, PodIndex, ShapeIndex } from '../base/ids.ts';
import type { ClusterEvent } from '../contracts/framework.ts';
import type { ClusterObserver } from '../contracts/observer.ts';
import type { PolicyStream } from '../contracts/policy.ts';
import type { Engine } from '../engine/simulation.ts';
import type { Cluster } from '../model/cluster.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import type { WorkloadFacts } from '../model/workloads.ts';
import { combineKeys } from '../random/draw.ts';
import type { AttemptWatch } from './attempt-watch.ts';
import type { ElasticPools } from './elastic-pools.ts';
import type { Evictions } from './evictions.ts';
import type { GangTable } from './gangs.ts';
import type { KubeState } from './kubernetes/kube-state.ts';
import { Inbox, type Message } from './messages.ts';
import type { NodeLife } from './node-life.ts';
import type { PodLife } from './pod-life.ts';

/** Decides about the pods that wait in the cluster's queue. */
export interface Deciding {
  /** Nodes filtered or scored so far, all attempts together; absent where nobody counts them. */
  readonly examined?: number;
  /** Asks for a decision at the present instant, once. */
  request(): void;
  /** Room appeared on a node: pods that may fit are tried again. */
  capacityFreed(node: number): void;
  /** Absent unless pods may be decided on without passing through the queue. */
  readonly direct?: DirectDeciding;
  /** Absent unless the scheduler follows single events, as Kubernetes' does. */
  readonly hearing?: Hearing;
}

/** Decides on pods that are in no queue, at the instant at which they come. */
export interface DirectDeciding {
  /** True if pods that entered the queue now would be tried next, at this instant, before anything else happens. */
  mayDecideNow(): boolean;
  /** Tries a pod. @returns false if it was refused: then it must enter the queue, as all that follow */
  decideNow(p: PodIndex): boolean;
  /** Ends what began with `mayDecideNow`. @param isRefused true if the head of the queue was refused just now */
  decidedNow(isRefused: boolean): void;
}

/** What a scheduler hears that follows single events; always called after the columns changed. */
export interface Hearing {
  /** A pod (or one member of a gang) was bound. */
  podBound(p: PodIndex): void;
  /** A pod left its node, for whatever reason; its slot is still its own. */
  podGone(p: PodIndex, n: NodeIndex): void;
  /** The slot of a pod is about to be freed. */
  podForgotten(p: PodIndex): void;
  /** A node joined the list: it booted or came back. */
  nodeAdded(n: NodeIndex): void;
  /** A node left the list. */
  nodeRemoved(n: NodeIndex): void;
  /** Anything else that queueing hints name: a node's taints, a pod's labels, a claim. */
  happened(event: ClusterEvent): void;
}

/** The pods that wait in a cluster's queue, whoever decides about them. A unit is a pod, or a gang by its leader. */
export interface WaitingPods {
  /** Pods that wait, gang members counted one by one. */
  readonly pods: number;
  /** Requests of all pods that wait, by resource, in grains; the last entry is GPU thousandths. */
  readonly requests: Float64Array;
  /** Appends a unit; `sinceUs`, `cause` and `shape` of its pods are set. */
  enter(p: PodIndex, size: number): void;
  /** Takes a unit out from anywhere: it is withdrawn or sent back. */
  remove(p: PodIndex): void;
  /** Visits every unit; the one visited may be removed. */
  forEachUnit(visit: (p: PodIndex) => void): void;
  /** Units that ever entered: the ticket of the next one. */
  readonly entered: number;
  /** Visits refused units with a ticket below a bound; the one visited may be removed. */
  forEachOverdue(beforeTicket: number, visit: (p: PodIndex) => void): void;
  /** Visits the refused demand: how many pods of a shape wait for room. */
  forEachDemand(visit: (shape: PodShape, pods: number) => void): void;
}

/** Draws by purpose; each is keyed by a pod's or node's key. */
export interface ClusterDraws {
  readonly duration: PolicyStream;
  readonly startup: PolicyStream;
  readonly boot: PolicyStream;
}

/**
 * What the processes of one cluster share: its columns, its clock, its observer and each other. Made by `run/build`, which
 * fills in the stories; no story keeps state that belongs to another.
 */
export class ClusterRun {
  readonly index: number;
  readonly cluster: Cluster;
  readonly shapes: ShapeTable;
  readonly observer: ClusterObserver;
  readonly workloads: readonly WorkloadFacts[];
  readonly draws: ClusterDraws;
  /** Messages from the placer. */
  readonly inbox = new Inbox();
  /** Messages to the placer, in order of sending. */
  readonly outbox = new Inbox();
  readonly latencyUs: number;
  /** True while the whole cluster, its control plane included, is dark. */
  isDark = false;
  /** True while the placer considers it lost: pods that still arrive are sent back. */
  isLost = false;
  engine!: Engine;
  queue!: WaitingPods;
  gangs!: GangTable;
  podLife!: PodLife;
  evictions!: Evictions;
  nodeLife!: NodeLife;
  elastic: ElasticPools | null = null;
  deciding!: Deciding;
  /** Looks at the attempts of one pod; null in a run that nobody explains. */
  watch: AttemptWatch | null = null;
  /** What only a cluster that Kubernetes schedules has; null for all others. */
  kube: KubeState | null = null;

  constructor(parts: {
    readonly index: number;
    readonly cluster: Cluster;
    readonly shapes: ShapeTable;
    readonly observer: ClusterObserver;
    readonly workloads: readonly WorkloadFacts[];
    readonly draws: ClusterDraws;
    readonly latencyUs: number;
  }) {
    this.index = parts.index;
    this.cluster = parts.cluster;
    this.shapes = parts.shapes;
    this.observer = parts.observer;
    this.workloads = parts.workloads;
    this.draws = parts.draws;
    this.latencyUs = parts.latencyUs;
  }

  get nowUs(): number {
    return this.engine.nowUs;
  }

  workloadOf(p: PodIndex): WorkloadFacts {
    return this.workloads[this.cluster.pods.workload(p)]!;
  }

  /** True if the pod belongs here and nowhere else: the placer never gets it back. */
  isPinned(p: PodIndex): boolean {
    return this.workloadOf(p).pinnedTo !== undefined;
  }

  shapeOf(p: PodIndex): PodShape {
    return this.shapes.at(this.cluster.pods.shape(p) as ShapeIndex);
  }

  /** Stable key of a pod: the same in every cluster, policy and replication. */
  keyOf(p: PodIndex): number {
    const { pods } = this.cluster;
    return combineKeys(this.workloads[pods.workload(p)]!.key, pods.serial(p));
  }

  /** Stable key of the job that a message's pods belong to. */
  jobKey(message: Message): number {
    return combineKeys(this.workloads[message.workload]!.key, message.jobSerial);
  }

  /** A message to the placer, delivered after the placement latency; the caller fills the rest. */
  send(kind: number): Message {
    const message = this.outbox.push();
    message.kind = kind;
    message.cluster = this.index;
    message.atUs = this.nowUs + this.latencyUs;
    return message;
  }
}
