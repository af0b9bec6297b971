/**
 * For authors of policies: builders of small clusters and fleets, and one suite of cases per contract.
 *
 * ```ts
 * for (const c of checkScheduling(myPolicy)) (c.skip ? it.skip : it)(c.name, c.run);
 * ```
 */
export type { BatchJob, BatchOutcome } from './testing/batch.ts';
export { runBatch } from './testing/batch.ts';
export type { ContractCase, ContractOptions } from './testing/case.ts';
export type { NodeBuild, PodBuild, TestCluster } from './testing/cluster.ts';
export { buildCluster, testStream } from './testing/cluster.ts';
export { checkFailures } from './testing/failures.ts';
export type { ClusterBuild, TestFleet } from './testing/fleet.ts';
export { buildFleet } from './testing/fleet.ts';
export { checkFramework } from './testing/framework.ts';
export type {
  KubeCluster,
  KubeClusterOptions,
  KubeNodeBuild,
  KubePodBuild,
} from './testing/kube.ts';
export { buildKubeCluster } from './testing/kube.ts';
export { checkPlacement } from './testing/placement.ts';
export { checkQueueing } from './testing/queueing.ts';
export { checkScaling } from './testing/scaling.ts';
export { checkScheduling } from './testing/scheduling.ts';
