/** What the volume plug-ins have in common: a pod's claims and the disks behind them. */
import type { KubePod, PodVolume } from '../../base/kube.ts';
import type { FrameworkNodes, FrameworkPod, QueueingHint } from '../../contracts/framework.ts';
import type { PersistentVolume, VolumeClaim } from '../../model/kube-volumes.ts';

/** Names of the claims of a pod, each once, in order of first use. */
export function claimNames({ volumes }: KubePod): readonly string[] {
  if (volumes.length === 0) return NONE;
  const names = volumes.flatMap((volume) => (volume.kind === 'claim' ? [volume.claim] : []));
  return [...new Set(names)];
}

/** Claims of a pod that exist. */
export function claimsOf(kube: KubePod, nodes: FrameworkNodes): readonly VolumeClaim[] {
  if (kube.volumes.length === 0) return NONE;
  return claimNames(kube).flatMap((name) => {
    const claim = nodes.volumes?.claim(kube.namespace, name);
    return claim === undefined ? [] : [claim];
  });
}

/** The volume that a claim is bound to, if it exists. */
export function volumeOf(
  { volume }: VolumeClaim,
  nodes: FrameworkNodes,
): PersistentVolume | undefined {
  return volume === null ? undefined : nodes.volumes?.volume(volume);
}

/** True if a pod has any claim. */
export function hasClaims({ volumes }: KubePod): boolean {
  return volumes.some(({ kind }) => kind === 'claim');
}

/** Inline disks of a pod. */
export function disksOf({ volumes }: KubePod): readonly Extract<PodVolume, { kind: 'disk' }>[] {
  if (volumes.length === 0) return NONE;
  return volumes.flatMap((volume) => (volume.kind === 'disk' ? [volume] : []));
}

/** One empty list for all pods without volumes. */
const NONE: readonly never[] = [];

/** A hint that only claims of the pod itself give. */
export function claimHint(actions: number): QueueingHint {
  return {
    resource: 'PersistentVolumeClaim',
    actions,
    queue: ({ kube }: FrameworkPod, { object }) =>
      claimNames(kube).some((name) => `${kube.namespace}/${name}` === object),
  };
}
