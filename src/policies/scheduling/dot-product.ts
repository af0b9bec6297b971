import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { dotProduct as dotProductScore } from './terms.ts';
import { CPU_MEMORY_GPU, type ResourceWeights, readWeights } from './weights.ts';

/**
 * Aligns: takes the largest `sum(w * (request / allocatable) * (free / allocatable)) / sum(w)`, free before placing, weights cpu 1,
 * memory 1, gpu 1 (only for pods that ask for devices). `fgd/dot-product`, which takes the smallest and has its own constants, is
 * another policy.
 *
 * *Order*: lowest node index.
 */
export const dotProduct = defineScheduling<{ readonly resources: ResourceWeights }>({
  name: 'dot-product',
  summary: 'The node whose free resources are best aligned with the demand (Tetris).',
  formula:
    '100 * sum(w * (request / allocatable) * (free / allocatable)) / sum(w), free before placing, w = cpu 1, memory 1, gpu 1 if asked',
  paramsHelp: {
    resources:
      'weight by resource; default {cpu: 1, memory: 1, gpu: 1}, gpu only for pods that ask for devices',
  },
  params: paramsOf((fields) => ({ resources: readWeights(fields, CPU_MEMORY_GPU) })),
  create: ({ resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: dotProductScore(resources, cluster), weight: 1 }],
    ties: 'index',
  }),
});
