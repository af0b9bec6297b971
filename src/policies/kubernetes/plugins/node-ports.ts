import type { NodeIndex } from '../../../base/ids.ts';
import type { HostPort } from '../../../base/kube.ts';
import {
  ADD,
  DELETE,
  type FrameworkNodes,
  PASS,
  UNSCHEDULABLE,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';

const ANY_IP = '0.0.0.0';

/** Keeps pods off nodes where a port of the host that they want is taken. */
export const nodePorts = defineFramework({
  name: 'kubernetes/node-ports',
  summary: 'Kubernetes NodePorts: a port of the host serves one pod.',
  create: () => ({
    name: 'NodePorts',
    filter: {
      dependsOn: 'own-node',
      preFilter: ({ kube }) =>
        kube.hostPorts.length === 0 ? { kind: 'skip' } : { kind: 'run', state: undefined },
      test: ({ kube }, n, nodes) => (isTaken(kube.hostPorts, nodes, n) ? UNSCHEDULABLE : PASS),
      reasons: () => ["node(s) didn't have free ports for the requested pod ports"],
    },
    hints: [
      { resource: 'Node', actions: ADD },
      {
        resource: 'Pod',
        actions: DELETE,
        queue: ({ kube }, { node, pod }) =>
          node >= 0 && pod !== undefined && anyConflict(kube.hostPorts, pod.kube.hostPorts),
      },
    ],
  }),
});

function isTaken(wanted: readonly HostPort[], nodes: FrameworkNodes, n: NodeIndex): boolean {
  let taken = false;
  nodes.forEachPod(n, ({ kube }) => {
    taken ||= kube.hostPorts.length > 0 && anyConflict(wanted, kube.hostPorts);
  });
  return taken;
}

function anyConflict(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  return wanted.some((want) => used.some((use) => conflicts(want, use)));
}

/** The address 0.0.0.0 meets every other; a port number of 0 is no host port. */
function conflicts(want: HostPort, use: HostPort): boolean {
  if (want.port <= 0 || want.port !== use.port || want.protocol !== use.protocol) return false;
  return want.ip === use.ip || want.ip === ANY_IP || use.ip === ANY_IP;
}
