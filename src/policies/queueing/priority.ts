import { defineQueueing } from '../../contracts/policy.ts';
import { paramsOf } from '../params.ts';

/**
 * Higher priority first; among equals the instant and then the sequence of entering decide. Nothing is preempted.
 *
 * *Source*: Kubernetes, PrioritySort.
 */
export const priority = defineQueueing<{ readonly blocking: boolean }>({
  name: 'priority',
  summary: 'Higher priority first, then in the order of entering.',
  formula: 'rank = -priority; then instant and sequence of entering',
  paramsHelp: { blocking: 'true: a head that does not fit holds all behind it; default false' },
  params: paramsOf((fields) => ({ blocking: fields.boolean('blocking', false) })),
  create: ({ blocking }) => ({ blocking, rank: (pod) => 0 - pod.shape.priority }),
});
