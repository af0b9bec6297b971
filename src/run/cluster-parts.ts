/** What a cluster is built from, and its columns. */
import type { ShapeIndex } from '../base/ids.ts';
import type { FleetRecorder } from '../metrics/fleet-recorder.ts';
import { Cluster } from '../model/cluster.ts';
import { PodTable } from '../model/pods.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { ShapeTable } from '../model/shapes.ts';
import type { NodeFailures } from '../processes/repairs.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { BuildOptions } from './build.ts';
import { type ClusterPlan, gpuModelsOf } from './fleet-plan.ts';
import type { ResolvedPolicy } from './policies.ts';
import type { WorkloadPlan } from './workloads.ts';

/** What a cluster is built from. */
export interface ClusterParts {
  readonly index: number;
  readonly plan: ClusterPlan;
  readonly scenario: Scenario;
  readonly resources: ResourceTable;
  readonly shapes: ShapeTable;
  readonly workloads: WorkloadPlan;
  readonly failures: readonly NodeFailures[];
  readonly scheduling: ResolvedPolicy;
  readonly queueing: ResolvedPolicy;
  readonly fleetRecorder: FleetRecorder;
  /** Slots to reserve for pods, and for their events. */
  readonly podSlots: number;
  /** Pods by shape of all traces that are read whole, as far as they are known. */
  readonly tracePods: () => ReadonlyMap<ShapeIndex, number>;
  readonly options: BuildOptions;
}

/** Makes the columns of a cluster. */
export function makeColumns(parts: ClusterParts, timed: boolean): Cluster {
  const { plan, resources, scenario, shapes, workloads } = parts;
  return new Cluster({
    name: plan.cluster.name,
    resources,
    shapes,
    pools: plan.pools,
    nodes: plan.specs,
    gpuModels: gpuModelsOf(scenario),
    workloadNames: workloads.facts.map((w) => w.name),
    pods: new PodTable(parts.podSlots, { timed }),
    nodeName: (n) => plan.names[n]!,
  });
}
