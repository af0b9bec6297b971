/**
 * Pods of each workload that were sent to each cluster and not given back.
 *
 * A cluster may give back pods that had been withdrawn from it: its entry is below zero until it says so. What policies see
 * is never below zero. *Price*: 4 bytes a workload and cluster, 8 once the workload had such an entry.
 */
export class PodLedger {
  private readonly assigned: readonly Int32Array[];
  /** What policies see: the same columns, but for the workloads that had an entry below zero. */
  private readonly held: Int32Array[];

  constructor(workloads: number, clusters: number) {
    this.assigned = Array.from({ length: workloads }, () => new Int32Array(clusters));
    this.held = [...this.assigned];
  }

  /** Pods of a workload by cluster, as a policy may count on them: at least 0. */
  heldOf(workload: number): Int32Array {
    return this.held[workload]!;
  }

  /** Adds pods to what a cluster has of a workload; `pods` is below zero for what it gave back. */
  add(workload: number, cluster: number, pods: number): void {
    const assigned = this.assigned[workload]!;
    const sum = assigned[cluster]! + pods;
    assigned[cluster] = sum;
    if (sum < 0 && this.held[workload] === assigned) this.held[workload] = assigned.slice();
    this.held[workload]![cluster] = Math.max(0, sum);
  }
}
