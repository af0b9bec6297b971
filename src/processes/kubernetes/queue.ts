/**
 * The queue of Kubernetes' scheduler.
 *
 *   enter --> ACTIVE --pop--> IN FLIGHT --> assumed --> bound
 *     |          ^                |
 *     | gate     | timer, or      +--refused--> an event came meanwhile? --yes--> BACKOFF or ACTIVE
 *     v          | nobody else    |                      |
 *   POOL --event-+-- BACKOFF      +--error--> ERROR      +--no--> POOL (30 s: older than 5 min are let go)
 *
 * *Guarantees*: order of trying is (priority, timestamp, creation); every pod is in exactly one place; groups of equal pods
 * of the pool are asked once an event, with the outcome of asking each. *Source*: Kubernetes v1.34,
 * `pkg/scheduler/backend/queue`.
 */
import { NONE, type NodeIndex, type PodIndex, type WorkloadIndex } from '../../base/ids.ts';
import {
  type ClusterEvent,
  DELETE,
  type FrameworkNodes,
  type FrameworkPod,
  type FrameworkScheduler,
} from '../../contracts/framework.ts';
import { REFUSED } from '../../contracts/observer.ts';
import { PENDING } from '../../model/pods.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { ClusterRun, WaitingPods } from '../cluster-run.ts';
import { DEFAULT_PREEMPTION } from './hints.ts';
import { Places } from './places.ts';
import { PodRecords } from './pod-records.ts';
import { expirySecondOf, type QueuedPod } from './queued-pod.ts';
import type { KnownRefusal } from './refusal-memo.ts';
import { Waking } from './waking.ts';

/** Reason of pods that were not refused yet, and of those that may not be tried. */
export const NOT_TRIED = 'queued';
export const GATED = 'scheduling-gates';

/** Rejectors of a pod that nobody refused. */
const NOBODY: readonly string[] = [];

/** What the queue is made of. */
export interface KubeQueueParts {
  readonly scheduler: FrameworkScheduler;
  readonly nodes: FrameworkNodes;
  /** Index of the profile of a shape. */
  readonly profileOf: (shape: PodShape) => number;
  /** True if the pod waits for the victims on its node. */
  readonly isNominated: (p: PodIndex) => boolean;
  /** Asks for timers: the earliest instant at which the queue has something to let go changed. */
  readonly timersChanged: () => void;
}

/** Pods that wait for Kubernetes' scheduler. */
export class KubeQueue implements WaitingPods {
  pods = 0;
  entered = 0;
  readonly requests: Float64Array;
  /** The pod that is being tried, or null. */
  inFlight: QueuedPod | null = null;
  /** Pods whose victims are being deleted: held back. */
  readonly preempting = new Set<PodIndex>();
  private readonly run: ClusterRun;
  private readonly parts: KubeQueueParts;
  private readonly waking: Waking;
  private readonly records = new PodRecords();
  private readonly places: Places;
  /** Events since the pod in flight was popped. */
  private readonly missed: ClusterEvent[] = [];

  constructor(run: ClusterRun, parts: KubeQueueParts) {
    this.run = run;
    this.parts = parts;
    this.waking = new Waking(run, parts.scheduler, parts.nodes);
    this.requests = new Float64Array(run.cluster.resources.count + 1);
    this.places = new Places({
      nowUs: () => run.nowUs,
      poolTimeoutUs: parts.scheduler.poolTimeoutUs,
      isHeldBack: (pod) => this.isHeldBack(pod),
      isSelective: () => this.preempting.size > 0,
      changed: parts.timersChanged,
    });
  }

  // ------------------------------------------------------------------ entering and leaving

  enter(p: PodIndex, size: number): void {
    const { run } = this;
    const { pods } = run.cluster;
    pods.setState(p, PENDING);
    const before = this.records.find(p);
    if (before !== null) {
      this.bindFailed(before);
      return;
    }
    const shape = run.shapeOf(p);
    const pod: QueuedPod = {
      p,
      shape,
      size,
      profile: this.parts.profileOf(shape),
      sequence: this.entered++,
      place: 'active',
      timestampUs: run.nowUs,
      attempts: 0,
      unschedulableCount: 0,
      consecutiveErrors: 0,
      rejectors: NOBODY,
      gate: null,
      expirySecond: -1,
      group: null,
      groupIndex: -1,
      assumedOn: NONE as NodeIndex,
      before: null,
      after: null,
      heapIndex: -1,
      reason: NOT_TRIED,
    };
    pods.setTicket(p, pod.sequence);
    this.records.add(pod);
    this.account(pod, 1);
    run.observer.pendingChanged(pod.reason, run.workloadOf(p).index, size);
    this.places.activate(pod);
  }

  remove(p: PodIndex): void {
    const pod = this.records.find(p)!;
    if (pod.place === 'in-flight') this.endFlight();
    this.places.leave(pod);
    this.forget(pod);
    this.run.cluster.pods.setTicket(p, -1);
  }

  /** The pod in flight got a node: it waits no more, unless its bind fails. */
  assumed(pod: QueuedPod, n: NodeIndex): void {
    this.endFlight();
    pod.place = 'assumed';
    pod.assumedOn = n;
    this.account(pod, -1);
    this.run.observer.pendingChanged(pod.reason, this.run.workloadOf(pod.p).index, -pod.size);
  }

  /** An assumed pod was bound, or went another way: the queue forgets it. */
  settled(p: PodIndex): void {
    if (this.records.find(p)?.place === 'assumed') this.records.delete(p);
  }

  /** What the queue knows of a pod that waits or is assumed. */
  find(p: PodIndex): QueuedPod | null {
    return this.records.find(p);
  }

  private forget(pod: QueuedPod): void {
    this.records.delete(pod.p);
    this.preempting.delete(pod.p);
    if (pod.place === 'assumed') return;
    this.account(pod, -1);
    this.run.observer.pendingChanged(pod.reason, this.run.workloadOf(pod.p).index, -pod.size);
  }

  private bindFailed(pod: QueuedPod): void {
    this.account(pod, 1);
    this.run.cluster.pods.setTicket(pod.p, pod.sequence);
    const { observer } = this.run;
    observer.pendingChanged(pod.reason, this.run.workloadOf(pod.p).index, pod.size);
    const { shape } = pod;
    this.happened({
      resource: 'Pod',
      action: DELETE,
      pod: { shape, kube: this.parts.nodes.kubeOf(shape), id: pod.p, isTerminating: false },
      node: pod.assumedOn,
    });
    this.takeBack(pod, [], []);
  }

  private account(pod: QueuedPod, sign: 1 | -1): void {
    const { requests, gpuCount, gpuMilliPerDevice } = pod.shape;
    for (let r = 0; r < requests.length; r++) this.requests[r]! += sign * pod.size * requests[r]!;
    this.requests[requests.length]! += sign * pod.size * gpuCount * gpuMilliPerDevice;
    this.pods += sign * pod.size;
  }

  // ------------------------------------------------------------------ attempts

  /** True if somebody may be tried now. */
  get hasNext(): boolean {
    return this.places.hasNext;
  }

  /** Takes the next pod to be tried: the first active one, else the first that backs off, over or not; null if there is none. */
  pop(): QueuedPod | null {
    const pod = this.places.take();
    if (pod === null) return null;
    pod.place = 'in-flight';
    pod.attempts++;
    pod.rejectors = NOBODY;
    pod.gate = null;
    this.inFlight = pod;
    return pod;
  }

  /**
   * The attempt of the pod in flight failed: it comes back.
   *
   * @param rejectors names of the plug-ins that refused it; none says that it ended in an error
   * @param reason label of what it waits for now
   */
  failed(pod: QueuedPod, rejectors: readonly string[], reason: string): void {
    this.relabel(pod, reason);
    const missed = this.missed.splice(0);
    this.inFlight = null;
    this.takeBack(pod, rejectors, missed);
  }

  /**
   * Refuses at once the pods that would be popped before the first one whose refusal is not known, as if each had been
   * tried: nothing happens between them.
   *
   * @param find the known refusal of a pod, or null
   * @returns nodes that their attempts looked at
   */
  refuseKnown(find: (pod: QueuedPod) => KnownRefusal | null): number {
    const { nowUs, observer } = this.run;
    const pods = this.places.takeKnown((pod) => find(pod) !== null);
    const refused = new Map<WorkloadIndex, number>();
    let examined = 0;
    for (const pod of pods) {
      const known = find(pod)!;
      this.relabel(pod, known.reason);
      pod.attempts++;
      pod.rejectors = known.rejectors;
      pod.gate = null;
      pod.timestampUs = nowUs;
      pod.unschedulableCount++;
      pod.consecutiveErrors = 0;
      pod.expirySecond = expirySecondOf(pod.unschedulableCount, nowUs, this.parts.scheduler);
      examined += known.examined;
      const { index } = this.run.workloadOf(pod.p);
      refused.set(index, (refused.get(index) ?? 0) + pod.size);
    }
    for (const [workload, count] of refused) observer.count(REFUSED, workload, count);
    this.places.keepAll(pods);
    return examined;
  }

  private takeBack(
    pod: QueuedPod,
    rejectors: readonly string[],
    missed: readonly ClusterEvent[],
  ): void {
    pod.rejectors = rejectors;
    pod.timestampUs = this.run.nowUs;
    if (rejectors.length === 0) pod.consecutiveErrors++;
    else {
      pod.unschedulableCount++;
      pod.consecutiveErrors = 0;
    }
    const count = pod.consecutiveErrors > 0 ? pod.consecutiveErrors : pod.unschedulableCount;
    pod.expirySecond = expirySecondOf(count, pod.timestampUs, this.parts.scheduler);
    const isWanted =
      rejectors.length === 0 || missed.some((event) => this.waking.isWoken(pod, event));
    if (isWanted) this.places.letGo(pod);
    else this.places.keep(pod);
  }

  private endFlight(): void {
    this.inFlight = null;
    this.missed.length = 0;
  }

  // ------------------------------------------------------------------ moving between places

  /** PreEnqueue: a pod that some plug-in holds back goes to the pool. */
  private isHeldBack(pod: QueuedPod): boolean {
    const gate = this.gateOf(pod);
    pod.gate = gate;
    if (gate === null) {
      if (pod.reason === GATED) this.relabel(pod, NOT_TRIED);
      return false;
    }
    if (!pod.rejectors.includes(gate)) pod.rejectors = [...pod.rejectors, gate];
    if (pod.attempts === 0) this.relabel(pod, GATED);
    return true;
  }

  private gateOf(pod: QueuedPod): string | null {
    for (const plugin of this.parts.scheduler.profiles[pod.profile]!.preEnqueue) {
      if (plugin.preEnqueue!(this.asFramework(pod)) !== null) return plugin.name;
    }
    return this.preempting.has(pod.p) ? DEFAULT_PREEMPTION : null;
  }

  /** Straight to the active queue, without hints and backoff: what preemption does if nobody was left to go. */
  force(pod: QueuedPod): void {
    if (pod.place !== 'pool' && pod.place !== 'backoff' && pod.place !== 'error') return;
    this.places.leave(pod);
    this.places.activate(pod);
  }

  private relabel(pod: QueuedPod, reason: string): void {
    if (pod.reason === reason) return;
    const workload = this.run.workloadOf(pod.p).index;
    this.run.observer.pendingChanged(pod.reason, workload, -pod.size);
    pod.reason = reason;
    this.run.observer.pendingChanged(reason, workload, pod.size);
  }

  // ------------------------------------------------------------------ events

  /** False while an event would concern nobody: it need not be told. */
  get isListening(): boolean {
    return this.inFlight !== null || !this.places.isPoolEmpty;
  }

  /**
   * Something happened: pods of the pool that it may help are let go, and it is kept for the pod in flight.
   *
   * @param mostPriority only pods of at most this priority hear of it
   */
  happened(event: ClusterEvent, mostPriority = Number.POSITIVE_INFINITY): void {
    if (!this.isListening || !this.waking.isRegistered(event)) return;
    // An event of a pending pod may concern that very pod: then equal pods are not equal.
    const isOwn = event.pod !== undefined && event.node === -1;
    this.places.forEachGroup((group) => {
      if (group.shape.priority > mostPriority || !this.waking.mayHear(group, event)) return;
      if (isOwn) {
        const woken = group.pods.filter((pod) => this.waking.isWoken(pod, event));
        for (const pod of woken) this.places.moveOut(pod);
      } else if (this.waking.isWoken(group.pods[0]!, event)) this.places.moveOutAll(group);
    });
    if (this.inFlight !== null) this.missed.push(copyOf(event));
  }

  /** The pod as plug-ins see it; refilled by each call. */
  asFramework(pod: QueuedPod): FrameworkPod {
    return this.waking.aim(pod.p, pod);
  }

  /** A member of the gang that the pod stands for, as plug-ins see it; refilled by each call. */
  aim(p: PodIndex, pod: QueuedPod): FrameworkPod {
    return this.waking.aim(p, pod);
  }

  /** The earliest instant at which a timer has something to do; Infinity if none has. */
  get nextTimerUs(): number {
    return this.places.nextTimerUs;
  }

  /** The timers: who backs off no more becomes active; who waited too long for an event is let go. */
  flush(): void {
    this.places.flush();
  }

  // ------------------------------------------------------------------ what others want to know

  forEachUnit(visit: (p: PodIndex) => void): void {
    for (const pod of this.records.list()) if (pod.place !== 'assumed') visit(pod.p);
  }

  forEachOverdue(beforeTicket: number, visit: (p: PodIndex) => void): void {
    for (const pod of this.records.list()) {
      if (isRefused(pod) && pod.sequence < beforeTicket) visit(pod.p);
    }
  }

  forEachDemand(visit: (shape: PodShape, pods: number) => void): void {
    const demand = new Map<PodShape, number>();
    this.forEachRefused((pod) => {
      // Victims make room for a nominated pod: no node is wanted for it.
      if (this.parts.isNominated(pod.p)) return;
      demand.set(pod.shape, (demand.get(pod.shape) ?? 0) + pod.size);
    });
    for (const [shape, pods] of demand) visit(shape, pods);
  }

  /** Visits pods whose last attempt was refused. *Order*: of entering. */
  forEachRefused(visit: (pod: QueuedPod) => void): void {
    for (const pod of this.records.list()) if (isRefused(pod)) visit(pod);
  }
}

function isRefused(pod: QueuedPod): boolean {
  return pod.attempts > 0 && pod.place !== 'assumed' && pod.place !== 'in-flight';
}

/** Events are kept longer than the objects in them. */
function copyOf(event: ClusterEvent): ClusterEvent {
  return event.pod === undefined ? { ...event } : { ...event, pod: { ...event.pod } };
}
