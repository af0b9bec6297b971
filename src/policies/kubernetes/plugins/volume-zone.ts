import type { NodeIndex } from '../../../base/ids.ts';
import type { KubePod } from '../../../base/kube.ts';
import {
  ADD,
  type FrameworkNodes,
  PASS,
  UNRESOLVABLE,
  UPDATE_NODE_LABEL,
  UPDATE_OTHER,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import { labelValue } from '../selectors.ts';
import { claimHint, claimsOf, hasClaims, volumeOf } from '../volumes.ts';

/** Beta keys of zone and region, and what they are called now. */
const TOPOLOGY_KEYS: readonly (readonly [key: string, alternative: string | null])[] = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', null],
  ['topology.kubernetes.io/region', null],
];

/** Holds pods to the zones of their volumes. */
export const volumeZone = defineFramework({
  name: 'kubernetes/volume-zone',
  summary: 'Kubernetes VolumeZone: a pod goes to the zone and region of its volumes.',
  create: () => ({
    name: 'VolumeZone',
    filter: {
      dependsOn: ({ kube }) => (hasClaims(kube) ? 'cluster' : 'class'),
      preFilter: ({ kube }, nodes) => {
        const zones = zonesOf(kube, nodes);
        return zones.length === 0 ? { kind: 'skip' } : { kind: 'run', state: zones };
      },
      test: (_pod, n, nodes, state) =>
        isInZones(state as readonly Zone[], nodes, n) ? PASS : UNRESOLVABLE,
      reasons: () => ['node(s) had no available volume zone'],
    },
    hints: [
      { resource: 'Node', actions: ADD | UPDATE_NODE_LABEL },
      claimHint(ADD | UPDATE_OTHER),
      { resource: 'PersistentVolume', actions: ADD | UPDATE_OTHER },
      {
        resource: 'StorageClass',
        actions: ADD,
        queue: (_pod, { object }, nodes) =>
          nodes.volumes?.storageClass(object ?? '')?.waitsForConsumer === true,
      },
    ],
  }),
});

/** A label of a volume: the node's value must be one of these. */
interface Zone {
  readonly key: string;
  readonly alternative: string | null;
  readonly values: readonly string[];
}

function zonesOf(kube: KubePod, nodes: FrameworkNodes): readonly Zone[] {
  return claimsOf(kube, nodes).flatMap((claim) => {
    const volume = volumeOf(claim, nodes);
    if (volume === undefined) return [];
    return TOPOLOGY_KEYS.flatMap(([key, alternative]) => {
      const text = labelValue(volume.labels, key);
      return text === undefined ? [] : [{ key, alternative, values: text.split('__') }];
    });
  });
}

function isInZones(zones: readonly Zone[], nodes: FrameworkNodes, n: NodeIndex): boolean {
  if (TOPOLOGY_KEYS.every(([key]) => nodes.label(n, key) === undefined)) return true;
  return zones.every(({ alternative, key, values }) => {
    const value =
      nodes.label(n, key) ?? (alternative === null ? undefined : nodes.label(n, alternative));
    return value !== undefined && values.includes(value);
  });
}
