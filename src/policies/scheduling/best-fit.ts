import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { bestFit as bestFitScore } from './terms.ts';
import { CPU_MEMORY_GPU, type ResourceWeights, readWeights } from './weights.ts';

/**
 * Packs: takes the node with the least left after placing, `sum(w * (free - request) / allocatable) / sum(w)` with weights cpu 1,
 * memory 1, gpu 1 (thousandths of all devices; only for pods that ask for them). Higher score = less left.
 *
 * *Order*: lowest node index.
 */
export const bestFit = defineScheduling<{ readonly resources: ResourceWeights }>({
  name: 'best-fit',
  summary: 'The node that would have the least left, over cpu, memory and asked-for GPUs.',
  formula:
    '100 - 100 * sum(w * (free - request) / allocatable) / sum(w), w = cpu 1, memory 1, gpu 1 if asked',
  paramsHelp: {
    resources:
      'weight by resource; default {cpu: 1, memory: 1, gpu: 1}, gpu only for pods that ask for devices',
  },
  params: paramsOf((fields) => ({ resources: readWeights(fields, CPU_MEMORY_GPU) })),
  create: ({ resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: bestFitScore(resources, cluster), weight: 1 }],
    ties: 'index',
  }),
});
