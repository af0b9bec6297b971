/**
 * Graceful termination: a pod that is deleted holds its node until its containers are gone.
 *
 *   STARTING, RUNNING --delete--> TERMINATING --grace period over--> off its node; then as its end says
 *   ASSUMED ----------delete------------------------------------->   (nothing runs yet: at once)
 *
 * Progress stops when the pod is told to stop. *Source*: Kubernetes v1.34; a pod is taken to use all of its grace period.
 */
import type { PodIndex } from '../../base/ids.ts';
import { ASSUMED, INTERRUPTED, RUNNING, STARTING, TERMINATING } from '../../model/pods.ts';
import type { ClusterRun } from '../cluster-run.ts';
import { POD_TERMINATED } from '../kinds.ts';

/** What becomes of a pod once it is gone: called with the pod, or with the first member of its gang, still on its node. */
export type End = (p: PodIndex) => void;

/** The pods of one cluster that are being stopped. */
export class Termination {
  private readonly run: ClusterRun;
  private readonly ends: readonly End[];
  /** Which end, by the pod or the first member of its gang. */
  private readonly pending = new Map<PodIndex, number>();

  /** @param ends by number; they are data, so that a pod's end is */
  constructor(run: ClusterRun, ends: readonly End[]) {
    this.run = run;
    this.ends = ends;
  }

  /**
   * Deletes a pod that has a node, and with it its gang; one that is being deleted already goes on as it was.
   *
   * @param graceUs grace period, microseconds; a pod that does not run yet has none
   * @param end index into the ends
   */
  delete(p: PodIndex, graceUs: number, end: number): void {
    const { run } = this;
    const { pods } = run.cluster;
    const members = run.gangs.membersOf(p);
    const first = members[0]!;
    if (this.pending.has(first)) return;
    this.pending.set(first, end);
    if (pods.state(first) === ASSUMED || graceUs <= 0) {
      this.gone(first);
      return;
    }
    for (const m of members) this.stop(m);
    pods.setTicket(first, run.engine.at(run.nowUs + graceUs, POD_TERMINATED, first));
  }

  private stop(p: PodIndex): void {
    const { run } = this;
    const { pods } = run.cluster;
    if (pods.state(p) === RUNNING || pods.state(p) === STARTING) run.podLife.halt(p);
    if (pods.state(p) !== INTERRUPTED) return;
    pods.setState(p, TERMINATING);
    pods.setSinceUs(p, run.nowUs);
    run.kube!.nodes.terminate(p);
  }

  /** True while the pod, or its gang, is being deleted. */
  isPending(p: PodIndex): boolean {
    return this.pending.has(this.run.gangs.membersOf(p)[0]!);
  }

  /** The event at the end of the grace period. */
  gone(first: PodIndex): void {
    const end = this.pending.get(first)!;
    this.pending.delete(first);
    this.ends[end]!(first);
  }

  /** The node died under a pod that was stopping: nobody is left to wait for it. */
  cutShort(p: PodIndex): void {
    const { run } = this;
    const first = run.gangs.membersOf(p)[0]!;
    run.engine.cancel(run.cluster.pods.event(first));
    this.gone(first);
  }

  /** The slot of a pod is about to be freed: it went another way. */
  forget(p: PodIndex): void {
    this.pending.delete(p);
  }
}
