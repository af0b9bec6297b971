import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { mostAllocated as mostAllocatedScore } from './terms.ts';
import { CPU_MEMORY, type ResourceWeights, readWeights } from './weights.ts';

/**
 * Packs as Kubernetes does: `floor(sum(w * floor(min(requested, allocatable) * 100 / allocatable)) / sum(w))`, requested including the
 * pod, weights cpu 1, memory 1.
 *
 * *Order*: capacity (group, free cpu, free memory, index).
 */
export const mostAllocated = defineScheduling<{ readonly resources: ResourceWeights }>({
  name: 'most-allocated',
  summary: 'Kubernetes MostAllocated: the node with the highest requested share.',
  formula:
    'floor(sum(w * floor(min(requested, allocatable) * 100 / allocatable)) / sum(w)), w = cpu 1, memory 1; requested includes the pod',
  paramsHelp: { resources: 'weight by resource; default {cpu: 1, memory: 1}' },
  params: paramsOf((fields) => ({ resources: readWeights(fields, CPU_MEMORY) })),
  create: ({ resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: mostAllocatedScore(resources, cluster), weight: 1 }],
    ties: 'capacity',
  }),
});
