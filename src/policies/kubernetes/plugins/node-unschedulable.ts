import type { Taint } from '../../../base/constraints.ts';
import type { NodeIndex } from '../../../base/ids.ts';
import {
  ADD,
  PASS,
  UNRESOLVABLE,
  UPDATE_NODE_TAINT,
  UPDATE_POD_TOLERATION,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { PodShape } from '../../../model/shapes.ts';
import { isTolerated } from '../tolerations.ts';

const CORDONED: Taint = {
  key: 'node.kubernetes.io/unschedulable',
  value: '',
  effect: 'NoSchedule',
};

const bearsIt = (shape: PodShape): boolean => isTolerated(CORDONED, shape.tolerations);

/** Keeps pods off cordoned nodes. */
export const nodeUnschedulable = defineFramework({
  name: 'kubernetes/node-unschedulable',
  summary: 'Kubernetes NodeUnschedulable: cordoned nodes take only pods that tolerate it.',
  create: () => ({
    name: 'NodeUnschedulable',
    filter: {
      dependsOn: 'class',
      test: ({ shape }, n, nodes) =>
        nodes.classOf(n).unschedulable && !bearsIt(shape) ? UNRESOLVABLE : PASS,
      reasons: () => ['node(s) were unschedulable'],
    },
    hints: [
      {
        resource: 'Node',
        actions: ADD | UPDATE_NODE_TAINT,
        queue: (_pod, { classBefore, node }, nodes) => {
          if (node < 0 || nodes.classOf(node as NodeIndex).unschedulable) return false;
          return classBefore === undefined || classBefore.unschedulable;
        },
      },
      {
        resource: 'Pod',
        actions: UPDATE_POD_TOLERATION,
        queue: (pod, event) => event.pod?.id === pod.id && bearsIt(event.pod.shape),
      },
    ],
  }),
});
