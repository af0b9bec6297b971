import type { NodeIndex } from '../../../base/ids.ts';
import {
  ADD,
  PASS,
  UNRESOLVABLE,
  UPDATE_NODE_TAINT,
  UPDATE_POD_TOLERATION,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import { countUntoleratedPreferred, firstUntolerated } from '../tolerations.ts';

/** Keeps pods off nodes whose hard taints they do not tolerate, and away from soft ones. */
export const taintToleration = defineFramework({
  name: 'kubernetes/taint-toleration',
  summary: 'Kubernetes TaintToleration: hard taints filter, soft taints score.',
  formula:
    '100 - floor(100 * c / max c), c = PreferNoSchedule taints that the pod does not tolerate',
  create: () => ({
    name: 'TaintToleration',
    filter: {
      dependsOn: 'class',
      test: ({ shape }, n, nodes) =>
        firstUntolerated(nodes.classOf(n).taints, shape.tolerations, false) === null
          ? PASS
          : UNRESOLVABLE,
      reasons: ({ shape }, n, nodes) => {
        const taint = firstUntolerated(nodes.classOf(n).taints, shape.tolerations, false);
        return taint === null
          ? []
          : [`node(s) had untolerated taint {${taint.key}: ${taint.value}}`];
      },
    },
    score: {
      dependsOn: 'class',
      score: ({ shape }, n, nodes) =>
        countUntoleratedPreferred(nodes.classOf(n).taints, shape.tolerations),
      normalise: 'reversed',
    },
    hints: [
      {
        resource: 'Node',
        actions: ADD | UPDATE_NODE_TAINT,
        queue: ({ shape: { tolerations } }, { classBefore, node }, nodes) => {
          const { taints } = nodes.classOf(node as NodeIndex);
          if (firstUntolerated(taints, tolerations, false) !== null) return false;
          if (classBefore === undefined) return true;
          return firstUntolerated(classBefore.taints, tolerations, false) !== null;
        },
      },
      {
        resource: 'Pod',
        actions: UPDATE_POD_TOLERATION,
        queue: (pod, event) => event.pod?.id === pod.id,
      },
    ],
  }),
});
