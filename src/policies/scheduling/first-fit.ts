import { defineScheduling } from '../../contracts/policy.ts';

/** Takes the lowest-numbered node that fits; scores nothing. */
export const firstFit = defineScheduling({
  name: 'first-fit',
  summary: 'The lowest-numbered node that fits.',
  formula: 'no score; ties by node index',
  create: () => ({ kind: 'profile', ties: 'index' }),
});
