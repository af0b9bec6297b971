import { asNode, asPod, NONE } from '../base/ids.ts';
import type { Cluster } from './cluster.ts';

/**
 * Reads what the ends of pods will read, some events ahead of them: the records of the pods and of their neighbours on
 * the node, and the columns of the node. It changes nothing. In a cluster of millions of pods each of those reads misses the
 * cache; done for many pods in one short loop the misses overlap, done one event at a time they wait for each other.
 *
 * *Price*: some twenty reads a pod; the time of an event at 10^6 nodes falls by a third.
 */
export class LookAhead {
  /** Node of each pod of the last call, or -1. */
  readonly nodes: Int32Array;
  private readonly cluster: Cluster;
  /** Keeps the reads alive: what nobody uses may be left out. */
  private touched = 0;

  /** @param most pods of one call at most */
  constructor(cluster: Cluster, most: number) {
    this.cluster = cluster;
    this.nodes = new Int32Array(most);
  }

  /** Touches what belongs to pods `slots[0..count)`; slots of pods that are gone do no harm. */
  touch(slots: Int32Array, count: number): void {
    const { nodes, pods } = this.cluster;
    const nodeOf = this.nodes;
    let sum = this.touched;
    for (let i = 0; i < count; i++) {
      const p = asPod(slots[i]!);
      nodeOf[i] = pods.node(p);
      // The other end of the record: it may lie on the next line.
      sum += pods.ticket(p);
    }
    const { firstPod, free, podCount } = nodes;
    const [cpu, memory, room] = free;
    for (let i = 0; i < count; i++) {
      const n = nodeOf[i]!;
      if (n === NONE) continue;
      sum += cpu![n]! + memory![n]! + room![n]! + firstPod[asNode(n)]! + podCount[n]!;
      const p = slots[i]!;
      const prev = pods.prev(p);
      const next = pods.next(p);
      if (prev !== NONE) sum += pods.next(prev);
      if (next !== NONE) sum += pods.prev(next);
    }
    this.touched = sum % 2;
  }
}
