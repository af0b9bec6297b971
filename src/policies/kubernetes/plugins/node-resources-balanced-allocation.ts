import { CPU, MEMORY, type NodeIndex } from '../../../base/ids.ts';
import type { FrameworkNodes } from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { PodShape } from '../../../model/shapes.ts';
import { argsOf, CPU_AND_MEMORY, type ResourceWeight, readResourceWeights } from '../args.ts';
import {
  capacityOf,
  findResources,
  requestedWith,
  requestOf,
  type ScoredResource,
} from '../node-use.ts';

/** Draws pods to nodes whose resources they would leave in balance. */
export const nodeResourcesBalancedAllocation = defineFramework<{
  readonly resources: readonly ResourceWeight[];
}>({
  name: 'kubernetes/node-resources-balanced-allocation',
  summary: 'Kubernetes NodeResourcesBalancedAllocation: shares of the resources should be equal.',
  formula: 'floor(100 * (1 - sd)), sd = standard deviation of requested / allocatable, at most 1',
  paramsHelp: { resources: '[{name, weight: 1}]; default cpu, memory' },
  params: argsOf('NodeResourcesBalancedAllocationArgs', (fields) => ({
    resources: readResourceWeights(fields, CPU_AND_MEMORY, 1),
  })),
  create: ({ resources }, { nodes: cluster }) => {
    const found = findResources(resources, cluster);
    const isPlain =
      found.length === 2 && found.every(({ index }) => index === CPU || index === MEMORY);
    return {
      name: 'NodeResourcesBalancedAllocation',
      score: {
        dependsOn: 'own-node',
        preScore: ({ shape }) =>
          found.every((resource) => requestOf(shape, resource) === 0) ? null : { state: undefined },
        score: ({ shape }, n, nodes) =>
          isPlain ? balanceOfTwo(shape, nodes, n) : balance(found, shape, nodes, n),
        termFor: ({ shape }) =>
          isPlain
            ? { kind: 'balance', cpu: shape.requests[CPU]!, memory: shape.requests[MEMORY]! }
            : null,
        normalise: 'none',
      },
      hints: [],
    };
  },
});

function balance(
  resources: readonly ScoredResource[],
  shape: PodShape,
  nodes: FrameworkNodes,
  n: NodeIndex,
): number {
  const fractions: number[] = [];
  for (const resource of resources) {
    const capacity = capacityOf(shape, resource, nodes, n);
    if (capacity === 0) continue;
    if (resource.isScalar && requestOf(shape, resource) === 0) continue;
    fractions.push(Math.min(1, requestedWith(shape, resource, nodes, n) / capacity));
  }
  return Math.trunc((1 - deviation(fractions)) * 100);
}

/** `balance` of cpu and memory, whatever their order. */
function balanceOfTwo(shape: PodShape, nodes: FrameworkNodes, n: NodeIndex): number {
  const cpu = nodes.allocatable[CPU]![n]!;
  const memory = nodes.allocatable[MEMORY]![n]!;
  if (cpu === 0 || memory === 0) return 100;
  const ofCpu = Math.min(1, (cpu - nodes.free(n, CPU) + shape.requests[CPU]!) / cpu);
  const ofMemory = Math.min(1, (memory - nodes.free(n, MEMORY) + shape.requests[MEMORY]!) / memory);
  return Math.trunc((1 - Math.abs((ofCpu - ofMemory) / 2)) * 100);
}

/** Half the distance of two fractions, the population's standard deviation of more, 0 of fewer. */
function deviation(fractions: readonly number[]): number {
  if (fractions.length < 2) return 0;
  if (fractions.length === 2) return Math.abs((fractions[0]! - fractions[1]!) / 2);
  let total = 0;
  for (const fraction of fractions) total += fraction;
  const mean = total / fractions.length;
  let squares = 0;
  for (const fraction of fractions) squares += (fraction - mean) * (fraction - mean);
  return Math.sqrt(squares / fractions.length);
}
