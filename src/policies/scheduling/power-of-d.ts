import { defineScheduling } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';
import { leastAllocated } from './terms.ts';
import { CPU_MEMORY, type ResourceWeights, readWeights } from './weights.ts';

interface PowerOfDParams {
  readonly d: number;
  readonly tries: number;
  readonly resources: ResourceWeights;
}

/**
 * Takes the least allocated of `d` nodes drawn uniformly, with replacement: the score of `least-allocated` (cpu 1, memory 1).
 *
 * A try without a feasible node draws again, `tries` times; then every node is looked at, so a pod that fits is never
 * refused. *Order*: lowest node index among the drawn. *Draws*: `d` a try, keyed by the pod.
 */
export const powerOfD = defineScheduling<PowerOfDParams>({
  name: 'power-of-d',
  summary: 'The least allocated of d nodes drawn at random.',
  formula:
    'best of d drawn nodes by floor(sum(w * floor((allocatable - requested) * 100 / allocatable)) / sum(w)), w = cpu 1, memory 1',
  paramsHelp: {
    d: 'nodes drawn a try, 1 to 64; default 2',
    tries: 'tries before every node is looked at, 1 to 32; default 8',
    resources: 'weight by resource; default {cpu: 1, memory: 1}',
  },
  // 64 * 32 candidates stay below the draws that the engine keeps for one attempt.
  params: paramsOf((fields) => ({
    d: fields.integer('d', 2, 1, 64),
    tries: fields.integer('tries', 8, 1, 32),
    resources: readWeights(fields, CPU_MEMORY),
  })),
  create: ({ d, tries, resources }, { cluster }) => ({
    kind: 'profile',
    scores: [{ score: leastAllocated(resources, cluster), weight: 1 }],
    ties: 'index',
    sample: { size: d, tries },
  }),
});
