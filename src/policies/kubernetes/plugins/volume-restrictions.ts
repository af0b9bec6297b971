import type { KubePod } from '../../../base/kube.ts';
import {
  ADD,
  DELETE,
  type FilterPoint,
  type FrameworkNodes,
  PASS,
  type PlacedPod,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import { claimHint, claimNames, disksOf, hasClaims } from '../volumes.ts';

/** Cycle state: uses of the pod's single-pod claims by other pods; a dry run changes it. */
interface State {
  readonly singleUse: ReadonlySet<string>;
  conflicts: number;
}

/** Keeps pods off nodes whose pods have the same disk, and everywhere off claims of one pod that are in use. */
export const volumeRestrictions = defineFramework({
  name: 'kubernetes/volume-restrictions',
  summary: 'Kubernetes VolumeRestrictions: disks and ReadWriteOncePod claims are not shared.',
  create: () => ({
    name: 'VolumeRestrictions',
    filter: filter as FilterPoint,
    hints: [
      { resource: 'Node', actions: ADD },
      {
        resource: 'Pod',
        actions: DELETE,
        queue: ({ kube }, { pod }) => {
          if (pod === undefined || pod.kube.namespace !== kube.namespace) return false;
          const claims = claimNames(kube);
          return disksMeet(kube, pod.kube) || claimNames(pod.kube).some((c) => claims.includes(c));
        },
      },
      claimHint(ADD),
    ],
  }),
});

const filter: FilterPoint<State> = {
  dependsOn: ({ kube }) => (hasClaims(kube) ? 'cluster' : 'own-node'),
  preFilter: ({ kube }, nodes) => {
    const singleUse = new Set<string>();
    for (const name of claimNames(kube)) {
      const claim = nodes.volumes?.claim(kube.namespace, name);
      if (claim === undefined) {
        const reason = `persistentvolumeclaim "${name}" not found`;
        return { kind: 'reject', status: UNRESOLVABLE, reason };
      }
      if (claim.accessModes.includes('ReadWriteOncePod')) singleUse.add(name);
    }
    const inUse = [...singleUse].filter((name) => nodes.volumes!.isInUse(kube.namespace, name));
    if (disksOf(kube).length === 0 && inUse.length === 0) return { kind: 'skip' };
    return { kind: 'run', state: { singleUse, conflicts: inUse.length } };
  },
  test: ({ kube }, n, nodes, state) => {
    if (diskIsTaken(kube, nodes, n)) return UNSCHEDULABLE;
    return state.conflicts > 0 ? UNSCHEDULABLE : PASS;
  },
  reasons: ({ kube }, n, nodes) =>
    diskIsTaken(kube, nodes, n)
      ? ['node(s) had no available disk']
      : [
          'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
        ],
  cloneState: ({ singleUse, conflicts }) => ({ singleUse, conflicts }),
  addPod: (state, pod, added) => {
    state.conflicts += usesOf(state, pod.kube.namespace, added);
  },
  removePod: (state, pod, removed) => {
    state.conflicts -= usesOf(state, pod.kube.namespace, removed);
  },
};

function usesOf({ singleUse }: State, namespace: string, { kube }: PlacedPod): number {
  if (kube.namespace !== namespace) return 0;
  return claimNames(kube).filter((name) => singleUse.has(name)).length;
}

function diskIsTaken(kube: KubePod, nodes: FrameworkNodes, n: Parameters<typeof nodes.name>[0]) {
  let taken = false;
  if (disksOf(kube).length === 0) return taken;
  nodes.forEachPod(n, (other) => {
    taken ||= disksMeet(kube, other.kube);
  });
  return taken;
}

/** Two pods want one disk, and not both to read only; an EBS volume is never shared. */
function disksMeet(kube: KubePod, other: KubePod): boolean {
  return disksOf(kube).some((a) =>
    disksOf(other).some((b) => {
      if (a.type !== b.type || a.id !== b.id) return false;
      return a.type === 'ebs' || !(a.readOnly && b.readOnly);
    }),
  );
}
