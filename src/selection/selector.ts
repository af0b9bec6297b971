import type { NodeIndex } from '../base/ids.ts';
import type { PodAttempt } from '../contracts/scheduling.ts';

/** How a decision is found; reported per cluster in the manifest. */
export type Tier =
  /** An index answers, without asking every node. */
  | 'index'
  /** An index over free cpu and memory answers, from the few nodes that no other node surpasses in both. */
  | 'skyline'
  /** An index over the nodes in the order of visits answers, from the largest free amounts of whole stretches of them. */
  | 'segment-tree'
  /** Only drawn nodes are looked at. */
  | 'sample'
  /** Every node is asked. */
  | 'scan'
  /** A batch scheduler decides for the whole queue. */
  | 'batch'
  /** Kubernetes' framework decides pod by pod, with its own queue. */
  | 'framework';

/**
 * Finds the node for a pod. All implementations of one profile give the same node: the plain scan is the oracle of the
 * others.
 */
export interface NodeSelector {
  readonly tier: Tier;
  /** Nodes filtered or scored by the last call, the cost that a timed scheduler charges. */
  readonly examined: number;
  /** Reads what changes of nodes `nodes[0..count)` (-1: none) will read, so that it is at hand: changes nothing. */
  lookAhead?(nodes: Int32Array, count: number): void;
  /** The best feasible node by score, then by the profile's tie order, or -1. */
  choose(pod: PodAttempt): NodeIndex | -1;
}
