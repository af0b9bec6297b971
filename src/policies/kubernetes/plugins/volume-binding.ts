import type { NodeIndex } from '../../../base/ids.ts';
import type { KubePod } from '../../../base/kube.ts';
import {
  ADD,
  type FilterPoint,
  type FrameworkNodes,
  PASS,
  UNRESOLVABLE,
  UPDATE_NODE_LABEL,
  UPDATE_OTHER,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { StorageClass, VolumeClaim } from '../../../model/kube-volumes.ts';
import { argsOf } from '../args.ts';
import { matchesAnyTerm, matchesRequirement } from '../selectors.ts';
import { claimHint, claimNames, claimsOf, hasClaims, volumeOf } from '../volumes.ts';

const UPDATED = ADD | UPDATE_OTHER;

/** Holds pods to nodes that their volumes can be on. */
export const volumeBinding = defineFramework<{ readonly bindTimeoutSeconds: number }>({
  name: 'kubernetes/volume-binding',
  summary: 'Kubernetes VolumeBinding: claims are bound, or can be bound on the node.',
  paramsHelp: { bindTimeoutSeconds: 'only 600, the default: binding takes no time here' },
  params: argsOf('VolumeBindingArgs', (fields) => ({
    bindTimeoutSeconds: fields.integer('bindTimeoutSeconds', 600, 600, 600),
  })),
  create: () => ({
    name: 'VolumeBinding',
    filter,
    hints: [
      { resource: 'Node', actions: ADD | UPDATE_NODE_LABEL },
      { resource: 'PersistentVolume', actions: UPDATED },
      claimHint(UPDATED),
      { resource: 'StorageClass', actions: UPDATED },
      { resource: 'CSINode', actions: UPDATED },
      { resource: 'CSIDriver', actions: UPDATE_OTHER },
      { resource: 'CSIStorageCapacity', actions: UPDATED },
    ],
  }),
});

const filter: FilterPoint = {
  dependsOn: ({ kube }) => (hasClaims(kube) ? 'cluster' : 'class'),
  preFilter: ({ kube }, nodes) => {
    if (!hasClaims(kube)) return { kind: 'skip' };
    const reason = refusalOf(kube, nodes);
    if (reason !== null) return { kind: 'reject', status: UNRESOLVABLE, reason };
    return { kind: 'run', state: undefined };
  },
  test: ({ kube }, n, nodes) => (reasonsOn(kube, nodes, n).length === 0 ? PASS : UNRESOLVABLE),
  reasons: ({ kube }, n, nodes) => reasonsOn(kube, nodes, n),
};

/** Why no node can take the pod, or null. */
function refusalOf(kube: KubePod, nodes: FrameworkNodes): string | null {
  let hasUnbound = false;
  for (const name of claimNames(kube)) {
    const claim = nodes.volumes?.claim(kube.namespace, name);
    const told = `persistentvolumeclaim "${name}"`;
    if (claim === undefined) return `${told} not found`;
    if (claim.isLost)
      return `${told} bound to non-existent persistentvolume "${claim.volume ?? ''}"`;
    if (claim.isDeleting) return `${told} is being deleted`;
    const waits = nodes.volumes?.storageClass(claim.storageClass)?.waitsForConsumer === true;
    hasUnbound ||= claim.volume === null && !waits;
  }
  return hasUnbound ? 'pod has unbound immediate PersistentVolumeClaims' : null;
}

/** Why this node cannot, in order of upstream's checks. */
function reasonsOn(kube: KubePod, nodes: FrameworkNodes, n: NodeIndex): readonly string[] {
  const reasons: string[] = [];
  const note = (isWrong: boolean, reason: string): void => {
    if (isWrong && !reasons.includes(reason)) reasons.push(reason);
  };
  const taken = new Set<string>();
  const claims = claimsOf(kube, nodes);
  for (const claim of claims.filter(({ volume }) => volume !== null)) {
    const volume = volumeOf(claim, nodes);
    const affinity = volume?.nodeAffinity ?? null;
    note(
      volume === undefined,
      'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    );
    note(
      affinity !== null && !matchesAnyTerm(affinity, nodes, n),
      "node(s) didn't match PersistentVolume's node affinity",
    );
  }
  const waiting = claims.filter(({ volume }) => volume === null);
  waiting.sort((a, b) => a.requestBytes - b.requestBytes || (a.name < b.name ? -1 : 1));
  for (const claim of waiting) {
    const found = findVolume(claim, nodes, n, taken);
    if (found !== null) {
      taken.add(found);
      continue;
    }
    const storage = nodes.volumes?.storageClass(claim.storageClass);
    const canProvision = storage !== undefined && provisionsOn(storage, nodes, n);
    note(!canProvision, "node(s) didn't find available persistent volumes to bind");
    note(
      canProvision && !hasRoom(storage, claim, nodes, n),
      'node(s) did not have enough free storage',
    );
  }
  return reasons;
}

/** The smallest free volume of the claim's class that is large enough, has its access modes and may be on the node. */
function findVolume(
  claim: VolumeClaim,
  nodes: FrameworkNodes,
  n: NodeIndex,
  taken: ReadonlySet<string>,
): string | null {
  for (const volume of nodes.volumes!.free(claim.storageClass)) {
    if (taken.has(volume.name) || volume.capacityBytes < claim.requestBytes) continue;
    if (!claim.accessModes.every((mode) => volume.accessModes.includes(mode))) continue;
    if (volume.nodeAffinity === null || matchesAnyTerm(volume.nodeAffinity, nodes, n)) {
      return volume.name;
    }
  }
  return null;
}

function provisionsOn(storage: StorageClass, nodes: FrameworkNodes, n: NodeIndex): boolean {
  if (storage.provisioner === null) return false;
  const { allowedTopologies } = storage;
  return (
    allowedTopologies.length === 0 ||
    allowedTopologies.some((term) =>
      term.every((r) => matchesRequirement(r, nodes.label(n, r.key))),
    )
  );
}

function hasRoom(
  { capacities }: StorageClass,
  { requestBytes }: VolumeClaim,
  nodes: FrameworkNodes,
  n: NodeIndex,
): boolean {
  if (capacities === null) return true;
  return capacities.some(
    (capacity) =>
      capacity.freeBytes >= requestBytes &&
      capacity.nodes.every((r) => matchesRequirement(r, nodes.label(n, r.key))),
  );
}
