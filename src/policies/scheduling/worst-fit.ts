import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { worstFit as worstFitScore } from './terms.ts';
import { CPU_MEMORY_GPU, type ResourceWeights, readWeights } from './weights.ts';

/**
 * Spreads: takes the node with the most left after placing, `sum(w * (free - request) / allocatable) / sum(w)` with weights cpu 1,
 * memory 1, gpu 1 (thousandths of all devices; only for pods that ask for them).
 *
 * *Order*: capacity (group, free cpu, free memory, index).
 */
export const worstFit = defineScheduling<{ readonly resources: ResourceWeights }>({
  name: 'worst-fit',
  summary: 'The node that would have the most left, over cpu, memory and asked-for GPUs.',
  formula:
    '100 * sum(w * (free - request) / allocatable) / sum(w), w = cpu 1, memory 1, gpu 1 if asked',
  paramsHelp: {
    resources:
      'weight by resource; default {cpu: 1, memory: 1, gpu: 1}, gpu only for pods that ask for devices',
  },
  params: paramsOf((fields) => ({ resources: readWeights(fields, CPU_MEMORY_GPU) })),
  create: ({ resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: worstFitScore(resources, cluster), weight: 1 }],
    ties: 'capacity',
  }),
});
