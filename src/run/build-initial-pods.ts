/** From the pods of a snapshot to those that a cluster has before its first event. */
import { NONE, type NodeIndex, type PodIndex } from '../base/ids.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import { type InitialPodFacts, InitialPods } from '../processes/kubernetes/initial-pods.ts';
import type { InitialPod } from '../scenario/kubernetes/objects.ts';
import type { PodSpec, Scenario } from '../scenario/scenario.ts';
import type { BuiltControllers } from './build-controllers.ts';
import type { ClusterPlan } from './fleet-plan.ts';
import { ownerOf } from './make-controllers.ts';
import { shapeOf } from './quantities.ts';

/** What they are made from. */
export interface InitialPodParts {
  readonly scenario: Scenario;
  readonly plan: ClusterPlan;
  readonly shapes: ShapeTable;
  readonly resources: ResourceTable;
}

/**
 * Makes the initial pods of one cluster.
 *
 * @param controllers those of the cluster, which take up the pods that are theirs; null if there are none
 * @returns null if it has no such pods
 */
export function makeInitialPods(
  parts: InitialPodParts,
  run: ClusterRun,
  controllers: BuiltControllers | null,
): InitialPods | null {
  const { plan, scenario } = parts;
  const pods = (scenario.kubernetes?.initialPods ?? []).filter(
    ({ cluster }) => cluster === plan.cluster.name,
  );
  if (pods.length === 0) return null;
  const nodes = new Map(plan.names.map((name, n) => [name, n as NodeIndex]));
  const workloads = new Map(scenario.workloads.map(({ name }, w) => [name, w]));
  const serials = new Map<number, number>();
  const shapes = new Map<PodSpec, PodShape>();
  const facts = pods.map((pod): InitialPodFacts => {
    const workload = workloads.get(pod.workload)!;
    const serial = serials.get(workload) ?? 0;
    serials.set(workload, serial + 1);
    let shape = shapes.get(pod.pod);
    if (shape === undefined) {
      shape = parts.shapes.intern(shapeOf(pod.pod, parts.resources));
      shapes.set(pod.pod, shape);
    }
    return {
      workload,
      serial,
      shape,
      node: pod.node === null ? NONE : nodes.get(pod.node)!,
      startedAtUs: pod.startedAtUs ?? 0,
      isReady: pod.isReady,
      leavesAfterUs: pod.leavesAfterUs,
    };
  });
  for (const [workload, count] of serials) controllers?.host.reserveSerials(workload, count);
  return new InitialPods(run, facts, (p, i) => {
    if (controllers !== null) adopt(controllers, p, pods[i]!, facts[i]!.node);
  });
}

/** Takes a pod to the controller that looks after it, if one does. */
function adopt(
  { host, made }: BuiltControllers,
  p: PodIndex,
  pod: InitialPod,
  node: NodeIndex | -1,
): void {
  const controller = made.find(({ object }) => object.workload === pod.workload);
  const place = controller === undefined ? null : ownerOf(controller, pod, node);
  if (place === null) return;
  host.pods.add({ p, ...place, createdAtUs: pod.createdAtUs, isBroken: false });
}
