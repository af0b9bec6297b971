import { defineScheduling } from '../../contracts/policy.ts';

/** Takes the next feasible node after the last one chosen, wrapping around: next-fit. */
export const roundRobin = defineScheduling({
  name: 'round-robin',
  summary: 'The next node that fits after the last one chosen, wrapping around.',
  formula: 'no score; ties rotate',
  create: () => ({ kind: 'profile', ties: 'rotate' }),
});
