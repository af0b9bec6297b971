import { defineQueueing } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';

/**
 * First come, first served: every pod has rank 0, so the instant and then the sequence of entering decide.
 *
 * With `blocking` a head that does not fit holds all behind it; with scheduling `first-fit` that is the classical FCFS.
 */
export const fifo = defineQueueing<{ readonly blocking: boolean }>({
  name: 'fifo',
  summary: 'In the order of entering the queue.',
  formula: 'rank 0; then instant and sequence of entering',
  paramsHelp: { blocking: 'true: a head that does not fit holds all behind it; default false' },
  params: paramsOf((fields) => ({ blocking: fields.boolean('blocking', false) })),
  create: ({ blocking }) => ({ blocking, rank: () => 0 }),
});
