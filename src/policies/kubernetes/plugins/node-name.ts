import {
  ADD,
  type FrameworkNodes,
  type FrameworkPod,
  PASS,
  UNRESOLVABLE,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';

/** Holds a pod that names its node to that node. */
export const nodeName = defineFramework({
  name: 'kubernetes/node-name',
  summary: 'Kubernetes NodeName: a pod that names its node goes there.',
  create: () => ({
    name: 'NodeName',
    filter: {
      dependsOn: ({ kube }: FrameworkPod) => (kube.nodeName === null ? 'class' : 'own-node'),
      test: ({ kube }, n, nodes: FrameworkNodes) =>
        kube.nodeName === null || kube.nodeName === nodes.name(n) ? PASS : UNRESOLVABLE,
      reasons: () => ["node(s) didn't match the requested node name"],
    },
    hints: [{ resource: 'Node', actions: ADD }],
  }),
});
