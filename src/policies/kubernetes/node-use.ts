/** What a node offers and what its pods and the incoming one use of it, as the resource scores of Kubernetes see it. */
import type { NodeIndex, ResourceIndex } from '../../base/ids.ts';
import { CPU, MEMORY } from '../../base/ids.ts';
import type { FrameworkNodes, FrameworkPod } from '../../contracts/framework.ts';
import type { PodShape } from '../../model/shapes.ts';

/** The extended resource that whole devices of a pod count as. */
export const GPU_RESOURCE = 'nvidia.com/gpu';

/** A resource of a score, found in the cluster. */
export interface ScoredResource {
  readonly weight: number;
  /** Null: no node has it, but for devices. */
  readonly index: ResourceIndex | null;
  /** False for cpu, memory and ephemeral storage: others count only if the pod asks for them. */
  readonly isScalar: boolean;
  readonly isGpu: boolean;
}

/** Looks the resources of a score up; `pods` is no resource of a score. */
export function findResources(
  list: readonly { readonly name: string; readonly weight: number }[],
  nodes: FrameworkNodes,
): readonly ScoredResource[] {
  return list.map(({ name, weight }) => ({
    weight,
    index: name === 'pods' ? null : (nodes.resources.find(name) ?? null),
    isScalar: !['cpu', 'memory', 'ephemeral-storage'].includes(name),
    isGpu: name === GPU_RESOURCE,
  }));
}

/** What a pod requests of a resource (not its non-zero request), in grains; whole devices count as GPUs. */
export function requestOf(shape: PodShape, { index, isGpu }: ScoredResource): number {
  const devices = isGpu && shape.gpuMilliPerDevice === 1000 ? shape.gpuCount : 0;
  return devices + (index === null ? 0 : (shape.requests[index] ?? 0));
}

/** What a node offers of a resource to this pod, in grains. */
export function capacityOf(
  shape: PodShape,
  resource: ScoredResource,
  nodes: FrameworkNodes,
  n: NodeIndex,
): number {
  const { index, isGpu } = resource;
  const devices = isGpu && shape.gpuMilliPerDevice === 1000 ? nodes.devices(n, shape) : 0;
  return devices + (index === null ? 0 : nodes.allocatable[index]![n]!);
}

/** What the pods of a node request together with this one, in grains. */
export function requestedWith(
  shape: PodShape,
  resource: ScoredResource,
  nodes: FrameworkNodes,
  n: NodeIndex,
): number {
  const { index, isGpu } = resource;
  let used = requestOf(shape, resource);
  if (index !== null) used += nodes.allocatable[index]![n]! - nodes.free(n, index);
  if (isGpu && shape.gpuMilliPerDevice === 1000) {
    used += nodes.devices(n, shape) - nodes.freeDevices(n, shape);
  }
  return used;
}

/** As `requestedWith`, with the non-zero requests of cpu and memory. */
export function nonZeroWith(
  pod: FrameworkPod,
  resource: ScoredResource,
  nodes: FrameworkNodes,
  n: NodeIndex,
): number {
  const { cpuMillicores, memoryBytes } = pod.kube.nonZeroScored;
  if (resource.index === CPU) {
    return nodes.nonZeroCpu(n) + cpuMillicores / nodes.resources.all[CPU]!.grain;
  }
  if (resource.index === MEMORY) {
    return nodes.nonZeroMemory(n) + memoryBytes / nodes.resources.all[MEMORY]!.grain;
  }
  return requestedWith(pod.shape, resource, nodes, n);
}
