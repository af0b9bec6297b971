/**
 * Evictions: pods that lose their node are retried after a backoff, lost, or handed back to the placer.
 *
 *   INTERRUPTED (or running, with its gang) --evict--> BACKOFF --retry--> queue
 *                                                |
 *                                                +--> lost, past the retry limit; a service gets a new pod instead
 */
import { asPod, type NodeIndex, type PodIndex } from '../base/ids.ts';
import { DECIDED_EVICT, EVICTED_BY_PREEMPTION, LOST } from '../contracts/observer.ts';
import { ASSUMED, BACKOFF, BY_EVICTION, BY_PREEMPTION, FREE, INTERRUPTED } from '../model/pods.ts';
import type { ClusterRun } from './cluster-run.ts';
import { POD_RETRY } from './kinds.ts';
import { GONE } from './messages.ts';
import { IN_BACKOFF } from './pod-work.ts';

/** Evicts the pods of one cluster. */
export class Evictions {
  private readonly run: ClusterRun;

  constructor(run: ClusterRun) {
    this.run = run;
  }

  /** Removes a bound pod (with its whole gang) from its node for `counter`'s cause; it will be retried or is lost. */
  evict(p: PodIndex, counter: number): void {
    const { run } = this;
    const members = run.gangs.membersOf(p);
    for (const m of members) this.evictOne(m, counter);
    const leader = members[0]!;
    if (run.kube?.controllers?.owns(leader) === true) {
      run.kube.controllers.podEvicted(leader);
      return;
    }
    const workload = run.workloadOf(leader);
    const retries = run.cluster.pods.retries(leader);
    if (retries > workload.retryLimit) {
      this.lose(leader);
      return;
    }
    const wait = Math.min(
      workload.backoffBaseUs * doublings(Math.min(retries, 40) - 1),
      workload.backoffCapUs,
    );
    for (const m of members) run.cluster.pods.setState(m, BACKOFF);
    run.observer.pendingChanged(IN_BACKOFF, workload.index, members.length);
    run.cluster.pods.setTicket(leader, run.engine.at(run.nowUs + wait, POD_RETRY, leader));
  }

  private evictOne(p: PodIndex, counter: number): void {
    const { run } = this;
    const { pods } = run.cluster;
    const workload = run.workloadOf(p).index;
    const node = pods.node(p) as NodeIndex;
    // A pod that was not bound yet still waits: its episode goes on.
    const isBound = pods.state(p) !== ASSUMED;
    if (isBound && pods.state(p) !== INTERRUPTED) run.podLife.halt(p);
    run.observer.count(counter, workload, 1);
    run.observer.decided(DECIDED_EVICT, workload, pods.serial(p), node);
    if (isBound) {
      run.observer.boundChanged(workload, -1);
      run.cluster.remove(p);
      run.elastic?.vacated(node);
      pods.setCause(p, counter === EVICTED_BY_PREEMPTION ? BY_PREEMPTION : BY_EVICTION);
      pods.setSinceUs(p, run.nowUs);
    } else run.podLife.unassume(p);
    run.deciding.hearing?.podGone(p, node);
    if (run.cluster.nodes.isUp(node)) run.deciding.capacityFreed(node);
    pods.setRetries(p, pods.retries(p) + 1);
  }

  /** A pod that holds no node and is in no queue is lost, with its whole gang. */
  lose(leader: PodIndex): void {
    for (const m of [...this.run.gangs.membersOf(leader)]) this.loseOne(m);
  }

  private loseOne(p: PodIndex): void {
    const { run } = this;
    const { index, isService } = run.workloadOf(p);
    run.observer.count(LOST, index, 1);
    if (isService) {
      const message = run.send(GONE);
      message.workload = index;
      message.count = 1;
    }
    run.podLife.forget(p);
  }

  /** The backoff is over: the pod, or its gang, enters the queue again. */
  retry(leader: PodIndex): void {
    const size = this.run.gangs.sizeOf(leader);
    this.run.observer.pendingChanged(IN_BACKOFF, this.run.workloadOf(leader).index, -size);
    this.run.podLife.queueAgain(leader);
  }

  /** Everything the cluster holds goes back to the placer, evicted: it is lost. */
  surrender(counter: number): void {
    const { run } = this;
    const { pods } = run.cluster;
    run.queue.forEachUnit((p) => {
      if (run.isPinned(p)) return;
      run.queue.remove(p);
      run.podLife.sendBack(p);
    });
    for (let i = 0; i < pods.end; i++) {
      const p = asPod(i);
      if (pods.state(p) === FREE || run.isPinned(p)) continue;
      if (pods.state(p) === BACKOFF && run.engine.cancel(pods.event(p))) this.leaveBackoff(p);
      else if (pods.state(p) === INTERRUPTED) {
        const members = run.gangs.membersOf(p);
        for (const m of members) this.evictOne(m, counter);
        run.podLife.sendBack(p);
      }
    }
  }

  private leaveBackoff(leader: PodIndex): void {
    const size = this.run.gangs.sizeOf(leader);
    this.run.observer.pendingChanged(IN_BACKOFF, this.run.workloadOf(leader).index, -size);
    this.run.podLife.sendBack(leader);
  }
}

function doublings(n: number): number {
  let factor = 1;
  for (let i = 0; i < n; i++) factor *= 2;
  return factor;
}
