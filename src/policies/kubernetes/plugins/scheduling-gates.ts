import { UPDATE_POD_GATES_ELIMINATED } from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';

/** Keeps pods with scheduling gates out of the active queue. */
export const schedulingGates = defineFramework({
  name: 'kubernetes/scheduling-gates',
  summary: 'Kubernetes SchedulingGates: a pod waits until its gates are gone.',
  create: () => ({
    name: 'SchedulingGates',
    preEnqueue: ({ kube }) =>
      kube.schedulingGates.length === 0
        ? null
        : `waiting for scheduling gates: [${kube.schedulingGates.join(' ')}]`,
    hints: [
      {
        resource: 'Pod',
        actions: UPDATE_POD_GATES_ELIMINATED,
        queue: (pod, event) => event.pod?.id === pod.id,
      },
    ],
  }),
});
