/** From the scenario's quantities to the run's grains: resources, machine kinds and pod shapes. */
import { ResourceTable } from '../model/resources.ts';
import type { PodShapeSpec } from '../model/shapes.ts';
import { NON_ZERO_CPU_MILLICORES, NON_ZERO_MEMORY_BYTES } from '../scenario/kubernetes/requests.ts';
import type { MachineType, PodSpec, Scenario } from '../scenario/scenario.ts';

/** Traces give cpu in millicores and memory in whole MiB. */
const TRACE_MEMORY_GRAIN = 1048576;

/**
 * Finds the resources of a run and the largest grain that divides every quantity of each.
 *
 * *Cost*: O(machine types + workloads).
 */
export function resourcesOf(scenario: Scenario): ResourceTable {
  const grains = new Map<string, number>([
    ['cpu', 0],
    ['memory', 0],
    ['pods', 1],
  ]);
  const largest = new Map<string, number>();
  const note: Note = (name, quantity) => {
    grains.set(name, gcd(grains.get(name) ?? 0, quantity));
    largest.set(name, Math.max(largest.get(name) ?? 0, quantity));
  };
  for (const type of usedTypes(scenario)) noteAll(type, note);
  for (const workload of scenario.workloads) {
    notePod(workload.pod, note);
    if (workload.kind !== 'service' && workload.arrivals.kind === 'trace') {
      note('cpu', 1);
      note('memory', TRACE_MEMORY_GRAIN);
    }
  }
  for (const { pod } of scenario.kubernetes?.initialPods ?? []) notePod(pod, note);
  for (const pod of laterTemplates(scenario)) notePod(pod, note);
  if (isKubernetes(scenario)) {
    note('cpu', NON_ZERO_CPU_MILLICORES);
    note('memory', NON_ZERO_MEMORY_BYTES);
  }
  for (const [name, grain] of grains) if (grain === 0) grains.set(name, 1);
  return new ResourceTable(grains, largest);
}

type Note = (name: string, quantity: number) => void;

function notePod(pod: PodSpec, note: Note): void {
  noteAll(pod, note);
  for (const { cpuMillicores, memoryBytes } of nonZeroOf(pod)) {
    note('cpu', cpuMillicores);
    note('memory', memoryBytes);
  }
}

function nonZeroOf({ kube }: PodSpec) {
  return kube ? [kube.nonZeroPlaced, kube.nonZeroScored] : [];
}

/** Templates that workloads do not have from the start: older revisions, and releases to come. */
function laterTemplates(scenario: Scenario): PodSpec[] {
  const { controllers = [], events = [] } = scenario.kubernetes ?? {};
  return [
    ...controllers.flatMap((controller) =>
      controller.kind === 'deployment' ? controller.revisions.map((r) => r.template) : [],
    ),
    ...controllers.map(({ template }) => template),
    ...events.flatMap((event) => (event.kind === 'rollout' ? [event.template] : [])),
  ];
}

/** True if some cluster may be scheduled as Kubernetes does, whose scores count what pods do not say. */
export function isKubernetes(scenario: Scenario): boolean {
  return [scenario.policies.scheduling, ...scenario.clusters.map((c) => c.scheduling)].some(
    (use) => use?.use.startsWith('kubernetes/') ?? false,
  );
}

/** The machine types that some pool has nodes of, in the order of the catalogue. */
export function usedTypes(scenario: Scenario): MachineType[] {
  const used = new Set<string>();
  for (const { pools } of scenario.clusters) {
    for (const pool of pools) {
      if (pool.nodes === null) used.add(pool.machineType);
      else for (const node of pool.nodes) used.add(node.machineType);
    }
  }
  return scenario.machineTypes.filter((type) => used.has(type.name));
}

function noteAll(from: MachineType | PodSpec, note: Note): void {
  note('cpu', from.cpuMillicores);
  note('memory', from.memoryBytes);
  for (const name of Object.keys(from.extended).sort()) note(name, from.extended[name]!);
}

function gcd(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}

/** Allocatable of a machine type by resource index, in grains. */
export function allocatableOf(type: MachineType, resources: ResourceTable): number[] {
  return resources.all.map((resource) => {
    const quantity =
      resource.name === 'cpu'
        ? type.cpuMillicores
        : resource.name === 'memory'
          ? type.memoryBytes
          : resource.name === 'pods'
            ? type.pods
            : (type.extended[resource.name] ?? 0);
    return quantity / resource.grain;
  });
}

/** A pod's shape, in grains. */
export function shapeOf(pod: PodSpec, resources: ResourceTable): PodShapeSpec {
  return {
    requests: resources.all.map((resource) => {
      if (resource.name === 'cpu') return pod.cpuMillicores / resource.grain;
      if (resource.name === 'memory') return pod.memoryBytes / resource.grain;
      if (resource.name === 'pods') return 1;
      return (pod.extended[resource.name] ?? 0) / resource.grain;
    }),
    gpuCount: pod.gpus?.count ?? 0,
    gpuMilliPerDevice: pod.gpus?.milliPerDevice ?? 0,
    gpuModels: [...(pod.gpus?.models ?? [])].sort(),
    nodeSelector: Object.keys(pod.nodeSelector)
      .sort()
      .map((key) => [key, pod.nodeSelector[key]!] as const),
    tolerations: pod.tolerations,
    priority: pod.priority,
    priorityClass: pod.priorityClass,
    ...(pod.kube === undefined ? {} : { kube: pod.kube }),
  };
}
