/**
 * What follows from a scheduler's decision to preempt.
 *
 *   refused --victims found--> nominated; held back --all victims but one deleted--> let through --last one deleted-->
 *                                                                                     each one that is gone wakes it
 *
 * Victims are deleted with their own grace period and hold their node until it is over. *Source*: Kubernetes v1.34,
 * `pkg/scheduler/framework/preemption`, asynchronous.
 */
import type { NodeIndex, PodHandle, PodIndex } from '../../base/ids.ts';
import { DELETE } from '../../contracts/framework.ts';
import type { ClusterRun } from '../cluster-run.ts';
import type { ControlPlane } from '../control-plane.ts';
import { POD_DELETE } from '../kinds.ts';
import type { KubeState } from './kube-state.ts';
import type { KubeQueue } from './queue.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Index of the end of preempted pods in the list of `Termination`. */
export const END_PREEMPTED = 0;

/** A decision whose victims are being deleted. */
interface Job {
  readonly pod: QueuedPod;
  readonly victims: readonly PodHandle[];
  /** Victims whose deletion was asked for. */
  deleted: number;
}

/** Carries out preemptions in one cluster. */
export class Preemption {
  private readonly run: ClusterRun;
  private readonly parts: {
    readonly kube: KubeState;
    readonly queue: KubeQueue;
    /** Deletions of a client that takes time need its tokens. */
    readonly controlPlane: ControlPlane;
  };
  private readonly jobs = new Map<number, Job>();
  private nextJob = 0;

  constructor(run: ClusterRun, parts: Preemption['parts']) {
    this.run = run;
    this.parts = parts;
  }

  /**
   * Makes room on the node that a pod was nominated to; the pod is back in the queue.
   *
   * @param victims as the attempt saw them, in order of deletion; some may be gone meanwhile
   */
  begin(pod: QueuedPod, n: NodeIndex, victims: readonly PodHandle[]): void {
    const { kube, queue } = this.parts;
    const { pods } = this.run.cluster;
    const there = victims.filter((handle) => {
      const p = pods.find(handle);
      return p !== -1 && pods.node(p) === n;
    });
    if (there.length === 0) {
      queue.force(pod);
      return;
    }
    const left = there.filter((handle) => !kube.nodes.isTerminating(pods.find(handle) as PodIndex));
    if (left.length === 0) return;
    queue.preempting.add(pod.p);
    this.clearLower(pod, n);
    const number = this.nextJob++;
    this.jobs.set(number, { pod, victims: left, deleted: 0 });
    for (let i = 1; i < left.length; i++) this.ask(number);
    if (left.length === 1) this.letThrough(number);
  }

  /** Pods of lower priority lose their nomination to the node: it will be taken. */
  private clearLower(pod: QueuedPod, n: NodeIndex): void {
    const { kube, queue } = this.parts;
    for (const other of [...kube.nominator.on(n)]) {
      if (other.shape.priority >= pod.shape.priority) continue;
      kube.nominator.clear(other.id);
      const { id, shape } = other;
      const gone = { id, shape, kube: kube.nodes.kubeOf(shape), isTerminating: false };
      queue.happened({ resource: 'Pod', action: DELETE, pod: gone, node: n }, shape.priority);
    }
  }

  private ask(number: number): void {
    const { controlPlane } = this.parts;
    const { run } = this;
    if (!controlPlane.isTimed) this.delete(number);
    else run.engine.at(controlPlane.bindAtUs(run.nowUs), POD_DELETE, number);
  }

  /** The deletion of the next victim reaches the API server. */
  delete(number: number): void {
    const { kube } = this.parts;
    const { run } = this;
    const job = this.jobs.get(number)!;
    const p = run.cluster.pods.find(job.victims[job.deleted++]!);
    if (p !== -1 && run.cluster.pods.node(p) >= 0) {
      for (const m of run.gangs.membersOf(p)) kube.facts.preempt(m);
      const { terminationGraceUs } = kube.nodes.kubeOf(run.shapeOf(p));
      kube.termination.delete(p, terminationGraceUs, END_PREEMPTED);
    }
    if (job.deleted === job.victims.length - 1) this.letThrough(number);
    else if (job.deleted === job.victims.length) this.jobs.delete(number);
  }

  /** All but the last are deleted: whatever happens next to the last one wakes the pod. */
  private letThrough(number: number): void {
    this.parts.queue.preempting.delete(this.jobs.get(number)!.pod.p);
    this.ask(number);
  }
}
