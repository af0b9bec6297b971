/** The three scoring strategies of NodeResourcesFit. */
import { CPU, MEMORY, type NodeIndex } from '../../base/ids.ts';
import { percentOf } from '../../base/numeric.ts';
import type { FrameworkNodes, FrameworkPod, ResourceTerm } from '../../contracts/framework.ts';
import { capacityOf, nonZeroWith, requestOf, type ScoredResource } from './node-use.ts';

/** A point of a shape: utilisation of [0, 100] in percent, and the score there. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

/** How a node is scored by the shares of its resources. */
export type FitStrategy =
  | { readonly type: 'LeastAllocated' | 'MostAllocated' }
  /** Scores of the shape are 0 to 100. */
  | { readonly type: 'RequestedToCapacityRatio'; readonly shape: readonly ShapePoint[] };

/** Scores a node for a pod. */
export type NodeScorer = (pod: FrameworkPod, n: NodeIndex, nodes: FrameworkNodes) => number;

function isOfCpuAndMemory(resources: readonly ScoredResource[]): boolean {
  return resources.length === 2 && resources[0]!.index === CPU && resources[1]!.index === MEMORY;
}

/** What the scorer of a strategy computes, where that is a declared term. */
export function fitTerm(
  strategy: FitStrategy,
  resources: readonly ScoredResource[],
  { kube }: FrameworkPod,
  nodes: FrameworkNodes,
): ResourceTerm | null {
  if (!isOfCpuAndMemory(resources) || strategy.type === 'RequestedToCapacityRatio') return null;
  const { cpuMillicores, memoryBytes } = kube.nonZeroScored;
  return {
    kind: 'share',
    isLeast: strategy.type === 'LeastAllocated',
    cpu: cpuMillicores / nodes.resources.all[CPU]!.grain,
    memory: memoryBytes / nodes.resources.all[MEMORY]!.grain,
    cpuWeight: resources[0]!.weight,
    memoryWeight: resources[1]!.weight,
  };
}

/** Makes the scorer of a strategy: `fitScore`, or for shares of cpu and memory the same without looking anything up. */
export function makeFitScorer(
  strategy: FitStrategy,
  resources: readonly ScoredResource[],
): NodeScorer {
  const [first, second] = resources;
  if (!isOfCpuAndMemory(resources) || strategy.type === 'RequestedToCapacityRatio') {
    return (pod, n, nodes) => fitScore(strategy, resources, { pod, nodes, n });
  }
  const isLeast = strategy.type === 'LeastAllocated';
  const cpuWeight = first!.weight;
  const memoryWeight = second!.weight;
  // What the last pod asked for, in grains: a pod is scored on many nodes in a row.
  let last: FrameworkPod['kube'] | null = null;
  let cpuAsked = 0;
  let memoryAsked = 0;
  return (pod, n, nodes) => {
    if (pod.kube !== last) {
      last = pod.kube;
      cpuAsked = last.nonZeroScored.cpuMillicores / nodes.resources.all[CPU]!.grain;
      memoryAsked = last.nonZeroScored.memoryBytes / nodes.resources.all[MEMORY]!.grain;
    }
    const cpu = nodes.allocatable[CPU]![n]!;
    const memory = nodes.allocatable[MEMORY]![n]!;
    let sum = 0;
    let weights = 0;
    if (cpu !== 0) {
      sum += cpuWeight * shareScore(isLeast, nodes.nonZeroCpu(n) + cpuAsked, cpu);
      weights += cpuWeight;
    }
    if (memory !== 0) {
      sum += memoryWeight * shareScore(isLeast, nodes.nonZeroMemory(n) + memoryAsked, memory);
      weights += memoryWeight;
    }
    // Equal weights of 1 are the default: a shift for the division.
    if (weights === 2) return sum >> 1;
    return weights === 0 ? 0 : Math.floor(sum / weights);
  };
}

function shareScore(isLeast: boolean, requested: number, capacity: number): number {
  if (isLeast) return requested > capacity ? 0 : percentOf(capacity - requested, capacity);
  return percentOf(Math.min(requested, capacity), capacity);
}

/** Scores a node 0 to 100. Resources that the node lacks are left out; so are extended ones that the pod does not ask for. */
export function fitScore(
  strategy: FitStrategy,
  resources: readonly ScoredResource[],
  at: { readonly pod: FrameworkPod; readonly nodes: FrameworkNodes; readonly n: NodeIndex },
): number {
  const { pod, nodes, n } = at;
  const isRatio = strategy.type === 'RequestedToCapacityRatio';
  let sum = 0;
  let weights = 0;
  for (const resource of resources) {
    const capacity = capacityOf(pod.shape, resource, nodes, n);
    if (capacity === 0) continue;
    if (resource.isScalar && requestOf(pod.shape, resource) === 0) continue;
    const requested = nonZeroWith(pod, resource, nodes, n);
    const score = resourceScore(strategy, requested, capacity);
    if (isRatio && score <= 0) continue;
    sum += resource.weight * score;
    weights += resource.weight;
  }
  if (weights === 0) return 0;
  return isRatio ? roundHalfAway(sum / weights) : Math.floor(sum / weights);
}

function resourceScore(strategy: FitStrategy, requested: number, capacity: number): number {
  switch (strategy.type) {
    case 'LeastAllocated':
    case 'MostAllocated':
      return shareScore(strategy.type === 'LeastAllocated', requested, capacity);
    case 'RequestedToCapacityRatio':
      return brokenLine(
        strategy.shape,
        requested > capacity ? 100 : percentOf(requested, capacity),
      );
  }
}

/** The broken line through points of rising utilisation, in integers that truncate toward zero. */
export function brokenLine(points: readonly ShapePoint[], utilization: number): number {
  for (let i = 0; i < points.length; i++) {
    const { utilization: x, score: y } = points[i]!;
    if (utilization > x) continue;
    if (i === 0) return y;
    const { utilization: x0, score: y0 } = points[i - 1]!;
    return y0 + Math.trunc(((y - y0) * (utilization - x0)) / (x - x0));
  }
  return points[points.length - 1]!.score;
}

/** Rounds to the nearest integer, halves away from zero. */
export function roundHalfAway(x: number): number {
  const floor = Math.floor(Math.abs(x));
  const rounded = Math.abs(x) - floor >= 0.5 ? floor + 1 : floor;
  return x < 0 ? -rounded : rounded;
}
