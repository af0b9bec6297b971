/**
 * The life of a node.
 *
 *   off --ask--> booting --booted--> up --fails or its domain goes dark--> down --repaired--> up
 *                                     |                                     |
 *                                     +-- idle (elastic) --> off            +-- detection + toleration --> pods evicted
 *
 * A node is down while at least one cause holds: its own failure, or an outage of a domain that it belongs to. Pods on a
 * node that comes back before their eviction start again in place. While the whole cluster is dark its control plane is
 * dark too: nobody evicts; after the failover time the placer starts its pods elsewhere.
 */
import { asNode, type EventHandle, NONE, type NodeIndex, type PodIndex } from '../base/ids.ts';
import {
  DECIDED_NODE_DOWN,
  DECIDED_NODE_UP,
  EVICTED_BY_NODE_FAILURE,
  EVICTED_BY_OUTAGE,
} from '../contracts/observer.ts';
import { BOOTING, DOWN, OFF, UP } from '../model/view.ts';
import type { ClusterRun } from './cluster-run.ts';
import { FAILOVER, NODE_FAILED, OUTAGE_BEGIN, OUTAGE_END } from './kinds.ts';
import { LIVENESS } from './messages.ts';
import type { NodeWatch } from './node-watch.ts';
import { type NodeFailures, Repairs } from './repairs.ts';

/** An outage as one cluster feels it. */
export interface ClusterOutage {
  readonly name: string;
  readonly atUs: number;
  readonly untilUs: number;
  /** The nodes that go down. */
  readonly nodes: readonly NodeIndex[];
  /** True if it takes the cluster's control plane along. */
  readonly coversCluster: boolean;
}

/** Times of the node lifecycle, microseconds. */
export interface NodeLifeParts {
  readonly failures: readonly NodeFailures[];
  readonly outages: readonly ClusterOutage[];
  /** Who notices that a node is dead, and evicts its pods. */
  watch(life: NodeLife): NodeWatch;
  /** Darkness after which the placer takes over; null never. */
  readonly failoverAfterUs: number | null;
  readonly horizonUs: number;
}

/** Fails, repairs and darkens the nodes of one cluster. */
export class NodeLife {
  private readonly run: ClusterRun;
  private readonly parts: NodeLifeParts;
  /** Pending failure per node, if it falls within the run. */
  private readonly nextFailures = new Map<number, EventHandle>();
  /** Nodes down by an outage: tells the cause of an eviction. */
  private readonly darkNodes = new Map<number, number>();
  private readonly repairs: Repairs;
  readonly watch: NodeWatch;
  private darkness = 0;
  private failover: EventHandle = NONE as EventHandle;

  constructor(run: ClusterRun, parts: NodeLifeParts) {
    this.run = run;
    this.parts = parts;
    this.repairs = new Repairs(run, parts.failures);
    this.watch = parts.watch(this);
  }

  /** Schedules outages and the first failure of every node that is up. */
  begin(): void {
    const { run, parts } = this;
    parts.outages.forEach((outage, i) => {
      if (outage.atUs < parts.horizonUs) run.engine.at(outage.atUs, OUTAGE_BEGIN, i);
    });
    for (let n = asNode(0); n < run.cluster.nodes.count; n++) {
      if (run.cluster.nodes.state[n] === UP) this.awaitFailure(n);
    }
  }

  /** Schedules the next failure of a node that just came up, if it falls within the run. */
  awaitFailure(n: NodeIndex): void {
    const atUs = this.run.nowUs + this.repairs.upUs(n);
    if (atUs < this.parts.horizonUs) {
      this.nextFailures.set(n, this.run.engine.at(atUs, NODE_FAILED, n));
    }
  }

  /** The node is given back: what would have broken it no longer matters. */
  forgetFailure(n: NodeIndex): void {
    const handle = this.nextFailures.get(n);
    if (handle === undefined) return;
    this.run.engine.cancel(handle);
    this.nextFailures.delete(n);
  }

  /** A node breaks by itself; it is repaired when a repairer had its time. */
  failed(n: NodeIndex): void {
    this.nextFailures.delete(n);
    this.addCause(n);
    this.repairs.failed(n);
  }

  /** The repair is done; the next failure is drawn from now. */
  repaired(n: NodeIndex): void {
    this.repairs.repaired(n);
    this.dropCause(n);
    this.awaitFailure(n);
  }

  /** A domain goes dark. */
  outageBegan(i: number): void {
    const { run, parts } = this;
    const outage = parts.outages[i]!;
    if (outage.coversCluster) {
      this.darkness++;
      run.isDark = true;
      if (parts.failoverAfterUs !== null && this.darkness === 1) {
        this.failover = run.engine.at(run.nowUs + parts.failoverAfterUs, FAILOVER, 0);
      }
    }
    for (const n of outage.nodes) {
      this.darkNodes.set(n, (this.darkNodes.get(n) ?? 0) + 1);
      this.addCause(n);
    }
    run.engine.at(outage.untilUs, OUTAGE_END, i);
  }

  /** Power is back: nodes come up, interrupted pods start in place, the cluster answers again. */
  outageEnded(i: number): void {
    const { run, parts } = this;
    const outage = parts.outages[i]!;
    if (outage.coversCluster) {
      this.darkness--;
      if (this.darkness === 0) {
        run.engine.cancel(this.failover);
        run.isDark = false;
        if (run.isLost) {
          run.isLost = false;
          run.send(LIVENESS).count = 1;
        }
      }
    }
    for (const n of outage.nodes) {
      const left = this.darkNodes.get(n)! - 1;
      if (left === 0) this.darkNodes.delete(n);
      else this.darkNodes.set(n, left);
      this.dropCause(n);
    }
    if (outage.coversCluster && !run.isDark) {
      this.watch.lit();
      run.kube?.controllers?.lit();
    }
    run.deciding.request();
  }

  /** The placer gives the dark cluster up: its pods go elsewhere. */
  failedOver(): void {
    const { run } = this;
    run.isLost = true;
    run.send(LIVENESS).count = 0;
    run.evictions.surrender(EVICTED_BY_OUTAGE);
  }

  /** Evicts every pod of a node that is given up. */
  evictAll(n: NodeIndex): void {
    const { nodes } = this.run.cluster;
    while (nodes.podCount[n]! > 0) this.evictOne(nodes.firstPod[n]! as PodIndex, n);
  }

  /** Evicts one pod of a node that is given up. */
  evictOne(p: PodIndex, n: NodeIndex): void {
    const counter = this.darkNodes.has(n) ? EVICTED_BY_OUTAGE : EVICTED_BY_NODE_FAILURE;
    this.run.evictions.evict(p, counter);
  }

  /** A booting node came up while its domain is dark: it is down from the start. */
  isDarkened(n: NodeIndex): boolean {
    return this.run.cluster.nodes.downCauses[n]! > 0;
  }

  private addCause(n: NodeIndex): void {
    const { run } = this;
    const { nodes } = run.cluster;
    nodes.downCauses[n]!++;
    const before = nodes.state[n]!;
    if (before === DOWN || before === OFF || before === BOOTING) return;
    const pods: PodIndex[] = [];
    run.cluster.forEachPod(n, (p) => pods.push(p));
    for (const p of pods) {
      // A gang's earlier member may have taken this one along.
      if (run.cluster.pods.node(p) === n) run.podLife.interrupt(p);
    }
    run.cluster.setNodeState(n, DOWN);
    run.observer.nodeMoved(n, before, DOWN);
    run.observer.decided(DECIDED_NODE_DOWN, -1, -1, n);
    run.elastic?.wentDown(n);
    this.watch.died(n);
  }

  private dropCause(n: NodeIndex): void {
    const { run } = this;
    const { nodes } = run.cluster;
    nodes.downCauses[n]!--;
    if (nodes.downCauses[n]! > 0 || nodes.state[n] !== DOWN) return;
    this.watch.returned(n);
    run.cluster.setNodeState(n, UP);
    run.observer.nodeMoved(n, DOWN, UP);
    run.observer.decided(DECIDED_NODE_UP, -1, -1, n);
    run.cluster.forEachPod(n, (p) => {
      run.podLife.resume(p);
    });
    run.elastic?.cameUp(n);
    run.deciding.capacityFreed(n);
  }
}
