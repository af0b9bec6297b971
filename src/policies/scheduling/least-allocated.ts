import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { leastAllocated as leastAllocatedScore } from './terms.ts';
import { CPU_MEMORY, type ResourceWeights, readWeights } from './weights.ts';

/**
 * Spreads as Kubernetes does: `floor(sum(w * floor((allocatable - requested) * 100 / allocatable)) / sum(w))`, requested including the
 * pod, weights cpu 1, memory 1.
 *
 * *Order*: capacity (group, free cpu, free memory, index).
 */
export const leastAllocated = defineScheduling<{ readonly resources: ResourceWeights }>({
  name: 'least-allocated',
  summary: 'Kubernetes LeastAllocated: the node with the lowest requested share.',
  formula:
    'floor(sum(w * floor((allocatable - requested) * 100 / allocatable)) / sum(w)), w = cpu 1, memory 1; requested includes the pod',
  paramsHelp: { resources: 'weight by resource; default {cpu: 1, memory: 1}' },
  params: paramsOf((fields) => ({ resources: readWeights(fields, CPU_MEMORY) })),
  create: ({ resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: leastAllocatedScore(resources, cluster), weight: 1 }],
    ties: 'capacity',
  }),
});
