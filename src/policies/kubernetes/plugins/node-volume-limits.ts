import type { NodeIndex } from '../../../base/ids.ts';
import type { KubePod } from '../../../base/kube.ts';
import {
  ADD,
  DELETE,
  type FrameworkNodes,
  PASS,
  UNSCHEDULABLE,
  UPDATE_OTHER,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import { claimHint, claimsOf, hasClaims, volumeOf } from '../volumes.ts';

/** Keeps pods off nodes that can attach no more volumes of a driver. */
export const nodeVolumeLimits = defineFramework({
  name: 'kubernetes/node-volume-limits',
  summary: 'Kubernetes NodeVolumeLimits: a node attaches so many volumes of a driver.',
  create: () => ({
    name: 'NodeVolumeLimits',
    filter: {
      dependsOn: ({ kube }) => (hasClaims(kube) ? 'cluster' : 'class'),
      preFilter: ({ kube }) =>
        hasClaims(kube) ? { kind: 'run', state: undefined } : { kind: 'skip' },
      test: ({ kube }, n, nodes) => (exceeds(kube, nodes, n) ? UNSCHEDULABLE : PASS),
      reasons: () => ['node(s) exceed max volume count'],
    },
    hints: [
      { resource: 'CSINode', actions: ADD | UPDATE_OTHER },
      {
        resource: 'Pod',
        actions: DELETE,
        queue: (_pod, { node, pod }) => node >= 0 && pod !== undefined && hasClaims(pod.kube),
      },
      claimHint(ADD),
      {
        resource: 'VolumeAttachment',
        actions: DELETE,
        queue: ({ kube }) => hasClaims(kube),
      },
    ],
  }),
});

/** Adds the unique volumes of a pod to their drivers' sets: by volume, or by claim while it has none. */
function collect(kube: KubePod, nodes: FrameworkNodes, byDriver: Map<string, Set<string>>): void {
  for (const claim of claimsOf(kube, nodes)) {
    const volume = volumeOf(claim, nodes);
    const driver =
      claim.volume === null
        ? nodes.volumes!.storageClass(claim.storageClass)?.provisioner
        : volume?.driver;
    if (driver === undefined || driver === null) continue;
    add(byDriver, driver, volume?.name ?? `${claim.namespace}/${claim.name}`);
  }
}

function add(byDriver: Map<string, Set<string>>, driver: string, volume: string): void {
  const set = byDriver.get(driver);
  if (set === undefined) byDriver.set(driver, new Set([volume]));
  else set.add(volume);
}

function exceeds(kube: KubePod, nodes: FrameworkNodes, n: NodeIndex): boolean {
  const limits = nodes.classOf(n).volumeLimits;
  const wanted = new Map<string, Set<string>>();
  collect(kube, nodes, wanted);
  const attached = new Map<string, Set<string>>();
  nodes.forEachPod(n, (other) => {
    if (hasClaims(other.kube)) collect(other.kube, nodes, attached);
  });
  nodes.volumes?.forEachAttached(n, (volume, driver) => add(attached, driver, volume));
  for (const [driver, volumes] of wanted) {
    if (!Object.hasOwn(limits, driver)) continue;
    const there = attached.get(driver) ?? new Set();
    const fresh = [...volumes].filter((volume) => !there.has(volume)).length;
    if (fresh > 0 && there.size + fresh > limits[driver]!) return true;
  }
  return false;
}
