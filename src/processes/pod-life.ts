/**
 * The life of a pod in a cluster.
 *
 *   enter --> PENDING --assume--> ASSUMED --bind--> STARTING --> RUNNING --> completed (slot freed)
 *                ^                   |                 |            |
 *                |   bind failed     |                 +-----+------+
 *                +-------------------+                       | node down
 *                ^                                           v
 *                +-- retry -- BACKOFF <-- evicted ---- INTERRUPTED -- node back --> STARTING
 *                                 +--> lost (retry limit), or returned to the placer
 *
 * With Kubernetes a bound pod may be told to stop: TERMINATING holds the node for a grace period. A gang enters, is evicted and
 * waits as one; its members run and end one by one.
 */
import {
  asPod,
  asShape,
  asWorkload,
  NONE,
  type NodeIndex,
  type PodIndex,
  type ShapeIndex,
} from '../base/ids.ts';
import {
  BOUND,
  COMPLETED,
  DECIDED_BIND,
  RETURNED as RETURNED_COUNT,
} from '../contracts/observer.ts';
import {
  ASSUMED,
  BACKOFF,
  INTERRUPTED,
  PENDING,
  RUNNING,
  STARTING,
  TERMINATING,
} from '../model/pods.ts';
import type { ClusterRun } from './cluster-run.ts';
import { POD_ENDED, POD_STARTED } from './kinds.ts';
import { RETURN, SHORT } from './messages.ts';
import { IN_BACKOFF, remainingAfter, spanOf } from './pod-work.ts';

/** Creates, starts, interrupts, evicts and ends the pods of one cluster. */
export class PodLife {
  private readonly run: ClusterRun;
  /** Slots of each service's pods in order of creation; stale entries are skipped when popped. */
  private readonly serviceStacks: number[][] = [];
  /** Refilled for each bind. */
  private readonly waiting = { workload: asWorkload(0), shape: asShape(0), cause: 0 };

  constructor(run: ClusterRun) {
    this.run = run;
  }

  /** Takes a slot for a pod that a controller makes; its shape, state, cause and instant are the caller's to set. */
  spawn(workload: number, serial: number): PodIndex {
    const { run } = this;
    const { pods } = run.cluster;
    const p = pods.allocate();
    const { duration } = run.workloads[workload]!;
    pods.setWorkload(p, workload);
    pods.setSerial(p, serial);
    pods.setRetries(p, 0);
    const u = run.draws.duration.uniform(run.keyOf(p), 0);
    pods.setDurationUs(
      p,
      duration === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.round(duration.at(u))),
    );
    if (pods.keepsEstimates) pods.setEstimateUs(p, pods.durationUs(p));
    return p;
  }

  /** Remembers a pod of a service: the newest go first at a scale-down. */
  serves(p: PodIndex, workload: number): void {
    this.stackOf(workload).push(p);
  }

  private stackOf(workload: number): number[] {
    while (this.serviceStacks.length <= workload) this.serviceStacks.push([]);
    return this.serviceStacks[workload]!;
  }

  /** Takes the pod's resources on the node; it is bound later, or at once if the scheduler takes no time. */
  assume(p: PodIndex, node: NodeIndex, devices: number): void {
    const { pods } = this.run.cluster;
    this.run.cluster.place(p, node, devices);
    pods.setState(p, ASSUMED);
    if (pods.timed) pods.setAssumedUs(p, this.run.nowUs);
    this.run.elastic?.occupied(node);
  }

  /** Undoes an assumption; the pod is nowhere until it is queued again. */
  unassume(p: PodIndex): void {
    const { cluster } = this.run;
    const node = cluster.pods.node(p) as NodeIndex;
    if (cluster.pods.timed) {
      this.hold(p, cluster.pods.assumedUs(p));
      this.run.engine.cancel(cluster.pods.event(p));
    }
    cluster.remove(p);
    cluster.pods.setTicket(p, NONE);
    this.run.elastic?.vacated(node);
  }

  /** Binds an assumed pod: its waiting episode ends, its containers start. */
  bind(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    const workload = run.workloadOf(p).index;
    this.waiting.workload = workload;
    this.waiting.shape = pods.shape(p) as ShapeIndex;
    this.waiting.cause = pods.cause(p);
    run.observer.waited(this.waiting, pods.sinceUs(p), false);
    run.observer.count(BOUND, workload, 1);
    run.observer.boundChanged(workload, 1);
    run.observer.decided(DECIDED_BIND, workload, pods.serial(p), pods.node(p));
    if (pods.timed) this.hold(p, pods.assumedUs(p));
    pods.setSinceUs(p, run.nowUs);
    // Kubernetes binds to a node that nobody has found dead yet: the pod waits there, as those that were on it before.
    if (run.cluster.nodes.isServing(pods.node(p) as NodeIndex)) this.start(p);
    else {
      pods.setState(p, INTERRUPTED);
      pods.setTicket(p, NONE);
      run.nodeLife.watch.podBound(pods.node(p) as NodeIndex);
    }
    run.deciding.hearing?.podBound(p);
  }

  /** Pulls the images and starts the containers of a bound pod: first start, or again after its node came back. */
  start(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    const { startup } = run.workloadOf(p);
    const pullUs = this.pullUs(p);
    if (startup === null && pullUs === 0) {
      run.observer.started(run.workloadOf(p).index, pods.shape(p) as ShapeIndex, 0);
      this.runFrom(p);
      return;
    }
    const drawn = startup?.at(run.draws.startup.uniform(run.keyOf(p), pods.retries(p))) ?? 0;
    const us = pullUs + Math.round(drawn);
    pods.setState(p, STARTING);
    run.observer.started(run.workloadOf(p).index, pods.shape(p) as ShapeIndex, us);
    pods.setTicket(p, run.engine.at(run.nowUs + us, POD_STARTED, p));
  }

  private pullUs(p: PodIndex): number {
    const { kube, nowUs } = this.run;
    if (kube?.pulls === undefined) return 0;
    const { images } = kube.nodes.kubeOf(this.run.shapeOf(p));
    return kube.pulls.pull(images, this.run.cluster.pods.node(p) as NodeIndex, nowUs);
  }

  /** Takes over a pod that was on its node before the run began: its containers run, or start if it is not ready. */
  takeOver(p: PodIndex, isReady: boolean): void {
    const { run } = this;
    run.observer.boundChanged(run.workloadOf(p).index, 1);
    run.cluster.pods.setSinceUs(p, run.nowUs);
    if (isReady) this.runFrom(p);
    else this.start(p);
  }

  /** The containers run; resource-time up to now is counted, so that `sinceUs` is the start of the run. */
  started(p: PodIndex): void {
    const node = this.run.cluster.pods.node(p) as NodeIndex;
    this.run.kube?.pulls?.arrived(node, this.run.nowUs);
    this.hold(p, this.run.cluster.pods.sinceUs(p));
    this.run.cluster.pods.setSinceUs(p, this.run.nowUs);
    this.runFrom(p);
  }

  private runFrom(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    pods.setState(p, RUNNING);
    const duration = pods.durationUs(p);
    pods.setTicket(
      p,
      Number.isFinite(duration)
        ? run.engine.at(run.nowUs + spanOf(duration, run.workloadOf(p).onEviction), POD_ENDED, p)
        : NONE,
    );
    run.kube?.controllers?.podReady(p);
  }

  /** A running pod finished its work. */
  ended(p: PodIndex): void {
    const { run } = this;
    const { cluster } = run;
    const node = cluster.pods.node(p) as NodeIndex;
    this.leaveNode(p);
    run.observer.count(COMPLETED, run.workloadOf(p).index, 1);
    run.deciding.hearing?.podGone(p, node);
    run.kube?.controllers?.podSucceeded(p);
    this.forget(p);
    run.deciding.capacityFreed(node);
  }

  /** Its node went down: an assumed pod is queued again, a bound one waits for the node or for eviction. */
  interrupt(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    if (pods.state(p) === ASSUMED) {
      const nodes = run.gangs.membersOf(p).map((m) => {
        const node = pods.node(m) as NodeIndex;
        this.unassume(m);
        return node;
      });
      this.queueAgain(p);
      for (const node of nodes) if (run.cluster.nodes.isUp(node)) run.deciding.capacityFreed(node);
      return;
    }
    // Nobody is left on the node to wait for the end of the grace period.
    if (pods.state(p) === TERMINATING) run.kube!.termination.cutShort(p);
    else this.halt(p);
  }

  /** A bound pod makes no progress from now on: what it served is accounted, what is left of its work computed. */
  halt(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    run.engine.cancel(pods.event(p));
    pods.setTicket(p, NONE);
    this.hold(p, pods.sinceUs(p));
    if (pods.state(p) === RUNNING) {
      const servedUs = run.nowUs - pods.sinceUs(p);
      pods.setDurationUs(
        p,
        remainingAfter(pods.durationUs(p), servedUs, run.workloadOf(p).onEviction),
      );
    }
    pods.setState(p, INTERRUPTED);
  }

  /** The node came back before eviction: an interrupted pod starts again in place; one on its way there is paid from now. */
  resume(p: PodIndex): void {
    const { pods } = this.run.cluster;
    if (pods.state(p) === INTERRUPTED) {
      pods.setSinceUs(p, this.run.nowUs);
      if (this.run.kube?.controllers?.endStuck(p) !== true) this.start(p);
    } else if (pods.state(p) === TERMINATING) pods.setSinceUs(p, this.run.nowUs);
    else if (pods.state(p) === ASSUMED && pods.timed) pods.setAssumedUs(p, this.run.nowUs);
  }

  /** Queues a pod that holds no node again, with its whole gang. */
  queueAgain(p: PodIndex): void {
    const { run } = this;
    const leader = run.gangs.leaderOf(p);
    const members = run.gangs.membersOf(leader);
    for (const m of members) run.cluster.pods.setState(m, PENDING);
    run.queue.enter(leader, members.length);
    run.deciding.request();
  }

  /** Sends a pod that holds no node (with its gang) back to the placer; it must not be in the queue any more. */
  sendBack(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    const members = run.gangs.membersOf(p);
    const first = members[0]!;
    const message = run.send(RETURN);
    message.workload = pods.workload(first);
    message.serial = pods.serial(first);
    message.count = members.length;
    message.shape = pods.shape(first);
    message.gang = members.length > 1;
    if (message.gang) {
      message.payload = Float64Array.from(
        members.flatMap((m) => [pods.serial(m), pods.durationUs(m)]),
      );
    }
    message.jobSerial = pods.serial(first);
    message.durationUs = pods.durationUs(first);
    message.estimateUs = pods.keepsEstimates ? pods.estimateUs(first) : Number.NaN;
    message.sinceUs = pods.sinceUs(first);
    message.cause = pods.cause(first);
    message.retries = pods.retries(first);
    run.observer.count(RETURNED_COUNT, asWorkload(message.workload), members.length);
    for (const m of members) this.forget(m);
  }

  /** Scale-down: gives up `count` pods of a service, the newest first. */
  withdraw(workload: number, count: number): void {
    const { run } = this;
    const { pods } = run.cluster;
    const stack = this.stackOf(workload);
    let left = count;
    while (left > 0 && stack.length > 0) {
      const p = asPod(stack.pop()!);
      if (pods.state(p) === 0 || pods.workload(p) !== workload) continue;
      this.finish(p);
      left--;
    }
    if (left > 0) {
      const message = run.send(SHORT);
      message.workload = workload;
      message.count = left;
    }
    run.deciding.request();
  }

  /** Ends a pod that is not wanted any more, wherever it is. */
  finish(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    const workload = run.workloadOf(p).index;
    const state = pods.state(p);
    if (state === PENDING) run.queue.remove(p);
    else if (state === BACKOFF) {
      run.engine.cancel(pods.event(p));
      run.observer.pendingChanged(IN_BACKOFF, workload, -1);
    } else {
      const node = pods.node(p) as NodeIndex;
      if (state === ASSUMED) this.unassume(p);
      else {
        run.engine.cancel(pods.event(p));
        this.leaveNode(p);
      }
      run.deciding.hearing?.podGone(p, node);
      if (run.cluster.nodes.isUp(node)) run.deciding.capacityFreed(node);
    }
    run.observer.count(COMPLETED, workload, 1);
    this.forget(p);
  }

  private leaveNode(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    const node = pods.node(p) as NodeIndex;
    if (pods.state(p) !== INTERRUPTED) this.hold(p, pods.sinceUs(p));
    run.observer.boundChanged(run.workloadOf(p).index, -1);
    run.cluster.remove(p);
    run.elastic?.vacated(node);
  }

  /** Counts resource-time up to now; a node that is down earns none. */
  private hold(p: PodIndex, fromUs: number): void {
    const { nodes, pods } = this.run.cluster;
    if (!nodes.isServing(pods.node(p) as NodeIndex)) return;
    this.run.observer.held(
      this.run.workloadOf(p).index,
      pods.node(p) as NodeIndex,
      pods.shape(p) as ShapeIndex,
      fromUs,
    );
  }

  /** Frees the slot of a pod that is nowhere any more. */
  forget(p: PodIndex): void {
    this.run.deciding.hearing?.podForgotten(p);
    this.run.gangs.ended(p);
    this.run.cluster.pods.release(p);
  }
}
