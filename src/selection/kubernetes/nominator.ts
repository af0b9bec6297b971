import type { NodeIndex } from '../../base/ids.ts';
import { asNode, NONE } from '../../base/ids.ts';
import type { NominatedPod } from './scheduling-cycle.ts';

/**
 * Which pod is nominated to which node.
 *
 * *Guarantees*: a pod is nominated to at most one node; the pods of a node are in the order of their nomination. *Price*: a
 * search of the node's pods, of which there are few.
 */
export class Nominator {
  /** Grows with every nomination and every end of one. */
  version = 0;
  private readonly byNode = new Map<NodeIndex, NominatedPod[]>();
  private readonly nodes = new Map<number, NodeIndex>();

  /** Nominated pods. */
  get count(): number {
    return this.nodes.size;
  }

  /** Nominates a pod to a node, last in its order; an earlier nomination ends. */
  nominate(pod: NominatedPod, n: NodeIndex): void {
    this.clear(pod.id);
    this.nodes.set(pod.id, n);
    this.version++;
    const pods = this.byNode.get(n);
    const kept = { id: pod.id, shape: pod.shape };
    if (pods === undefined) this.byNode.set(n, [kept]);
    else pods.push(kept);
  }

  /** Ends a pod's nomination, if it has one. */
  clear(id: number): void {
    const n = this.nodes.get(id);
    if (n === undefined) return;
    this.nodes.delete(id);
    this.version++;
    const left = this.byNode.get(n)!.filter((pod) => pod.id !== id);
    if (left.length === 0) this.byNode.delete(n);
    else this.byNode.set(n, left);
  }

  /** The node that a pod is nominated to, or -1. */
  nodeOf(id: number): NodeIndex | -1 {
    return this.nodes.get(id) ?? asNode(NONE);
  }

  /** Pods nominated to a node, in the order of nomination. */
  on(n: NodeIndex): readonly NominatedPod[] {
    return this.byNode.get(n) ?? NOBODY;
  }

  /** Whether pods other than `id`, of `priority` or more, are nominated to a node: its filters then run twice. */
  concerns(n: NodeIndex, id: number, priority: number): boolean {
    for (const pod of this.on(n)) {
      if (pod.id !== id && pod.shape.priority >= priority) return true;
    }
    return false;
  }
}

const NOBODY: readonly NominatedPod[] = [];
