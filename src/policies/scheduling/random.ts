import { defineScheduling } from '../../contracts/policy.ts';

/** Takes a feasible node uniformly. *Draws*: one per attempt, keyed by the pod. */
export const random = defineScheduling({
  name: 'random',
  summary: 'A node drawn uniformly among those that fit.',
  formula: 'no score; ties uniform',
  create: () => ({ kind: 'profile', ties: 'uniform' }),
});
