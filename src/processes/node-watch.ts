/**
 * Who notices that a node is dead, and when its pods are evicted. The plain watch waits a fixed time; Kubernetes' own is
 * `kubernetes/node-lifecycle.ts`.
 */
import { assert } from '../base/assert.ts';
import { asNode, type EventHandle, type NodeIndex } from '../base/ids.ts';
import { DOWN } from '../model/view.ts';
import type { ClusterRun } from './cluster-run.ts';
import { NODE_EVICT } from './kinds.ts';

/** Watches the nodes of one cluster on behalf of its control plane. */
export interface NodeWatch {
  /** A node stopped working; its pods make no progress. */
  died(n: NodeIndex): void;
  /** It works again; pods that are still on it go on. */
  returned(n: NodeIndex): void;
  /** A pod was bound to a node that does not work. */
  podBound(n: NodeIndex): void;
  /** The control plane answers again after the whole cluster was dark. */
  lit(): void;
  /** The event that the watch asked for on a node's behalf. */
  due(n: NodeIndex): void;
  /** The events of a pass, of a zone's token and of a deletion's tokens: only of a watch that asks for them. */
  monitor(phase: number): void;
  taintNext(): void;
  tokenCame(): void;
}

/** Evicts the pods of a dead node a fixed time after its death. */
export class PlainWatch implements NodeWatch {
  private readonly run: ClusterRun;
  private readonly evictAfterUs: number;
  private readonly evictAll: (n: NodeIndex) => void;
  /** Pending eviction per node; sparse, because few nodes are down at a time. */
  private readonly evictions = new Map<number, EventHandle>();

  /** @param parts time from death to eviction (detection plus toleration), and what evicts all pods of a node */
  constructor(
    run: ClusterRun,
    parts: { readonly evictAfterUs: number; readonly evictAll: (n: NodeIndex) => void },
  ) {
    this.run = run;
    this.evictAfterUs = parts.evictAfterUs;
    this.evictAll = parts.evictAll;
  }

  died(n: NodeIndex): void {
    if (this.run.isDark) return;
    const atUs = this.run.nowUs + this.evictAfterUs;
    this.evictions.set(n, this.run.engine.at(atUs, NODE_EVICT, n));
  }

  returned(n: NodeIndex): void {
    const eviction = this.evictions.get(n);
    if (eviction === undefined) return;
    this.run.engine.cancel(eviction);
    this.evictions.delete(n);
  }

  /** It goes with all others when the node's time is up. */
  podBound(): void {}

  /** A node that failed by itself in the dark has had nobody to evict its pods until now. */
  lit(): void {
    const { nodes } = this.run.cluster;
    for (let n = asNode(0); n < nodes.count; n++) {
      if (nodes.state[n] === DOWN && nodes.podCount[n]! > 0 && !this.evictions.has(n)) this.died(n);
    }
  }

  due(n: NodeIndex): void {
    this.evictions.delete(n);
    if (!this.run.isDark) this.evictAll(n);
  }

  monitor(): void {
    assert(false, 'the plain watch makes no passes');
  }

  taintNext(): void {
    assert(false, 'the plain watch taints nothing');
  }

  tokenCame(): void {
    assert(false, 'the plain watch waits for no tokens');
  }
}
