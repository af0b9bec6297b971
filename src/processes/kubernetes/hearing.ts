/** What happens in a cluster, as the events that queueing hints are asked about. */
import type { NodeIndex, PodIndex } from '../../base/ids.ts';
import { ADD, type ClusterEvent, DELETE, type PlacedPod } from '../../contracts/framework.ts';
import { INTERRUPTED } from '../../model/pods.ts';
import type { ClusterRun, Hearing } from '../cluster-run.ts';
import type { KubeState } from './kube-state.ts';
import type { KubeQueue } from './queue.ts';

/** Tells the queue of what happened, in upstream's terms; asks for a decision afterwards. */
export class KubeHearing implements Hearing {
  private readonly run: ClusterRun;
  private readonly kube: KubeState;
  private readonly queue: KubeQueue;
  /** Assumed pods that were nominated, with their node: its end is an event when they are bound. */
  private readonly nominated = new Map<PodIndex, NodeIndex>();

  constructor(run: ClusterRun, kube: KubeState, queue: KubeQueue) {
    this.run = run;
    this.kube = kube;
    this.queue = queue;
  }

  /** A pod was assumed: its nomination ends, which others hear when it is bound. */
  podAssumed(p: PodIndex): void {
    const n = this.kube.nominator.nodeOf(p);
    if (n === -1) return;
    this.nominated.set(p, n);
    this.kube.nominator.clear(p);
  }

  podBound(p: PodIndex): void {
    const { pods } = this.run.cluster;
    this.queue.settled(p);
    if (pods.state(p) !== INTERRUPTED) this.kube.facts.started(p, this.run.nowUs);
    this.podHappened(ADD, p, pods.node(p) as NodeIndex);
    if (this.nominated.size === 0) return;
    const n = this.nominated.get(p);
    if (n === undefined) return;
    this.nominated.delete(p);
    this.nominationEnded(p, n);
  }

  podGone(p: PodIndex, n: NodeIndex): void {
    this.queue.settled(p);
    this.kube.facts.left(p);
    this.podHappened(DELETE, p, n);
  }

  podForgotten(p: PodIndex): void {
    this.queue.settled(p);
    this.nominated.delete(p);
    this.kube.termination.forget(p);
    this.clearNomination(p);
  }

  /** Ends a pod's nomination, if it has one. */
  clearNomination(p: PodIndex): void {
    const n = this.kube.nominator.nodeOf(p);
    if (n === -1) return;
    this.kube.nominator.clear(p);
    this.nominationEnded(p, n);
  }

  /** Nominates a pod; if it was nominated elsewhere others hear that this ended. */
  nominate(p: PodIndex, n: NodeIndex): void {
    const before = this.kube.nominator.nodeOf(p);
    this.kube.nominator.nominate({ id: p, shape: this.run.shapeOf(p) }, n);
    if (before !== -1 && before !== n) this.nominationEnded(p, before);
  }

  /** A nominated pod no longer claims its node: those of at most its priority may. */
  private nominationEnded(p: PodIndex, n: NodeIndex): void {
    const pod = this.asPlaced(p);
    this.queue.happened({ resource: 'Pod', action: DELETE, pod, node: n }, pod.shape.priority);
  }

  nodeAdded(n: NodeIndex): void {
    this.happened({ resource: 'Node', action: ADD, node: n });
  }

  nodeRemoved(n: NodeIndex): void {
    this.happened({ resource: 'Node', action: DELETE, node: n });
  }

  happened(event: ClusterEvent): void {
    this.queue.happened(event);
  }

  private podHappened(action: number, p: PodIndex, node: NodeIndex): void {
    if (this.queue.isListening)
      this.happened({ resource: 'Pod', action, pod: this.asPlaced(p), node });
  }

  private asPlaced(p: PodIndex): PlacedPod {
    const shape = this.run.shapeOf(p);
    return { shape, kube: this.kube.nodes.kubeOf(shape), id: p, isTerminating: false };
  }
}
