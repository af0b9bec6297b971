/** Random storage and nodes, and what the volume plug-ins see of them. */
import fc from 'fast-check';
import type { NodeSelectorTerm, PodVolume } from '../../../../src/base/kube.ts';
import type { FrameworkNodes } from '../../../../src/contracts/framework.ts';
import type {
  AccessMode,
  PersistentVolume,
  StorageClass,
  VolumeClaim,
  VolumesView,
} from '../../../../src/model/kube-volumes.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, type PlainNode } from '../../../builders/kube-world.ts';

export const ZONE = 'topology.kubernetes.io/zone';

/** Storage as lists. */
export interface Storage {
  readonly claims: readonly VolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly classes: readonly StorageClass[];
}

/** The world's nodes with storage beside them. */
export function withStorage(
  world: KubeWorld,
  { claims, classes, volumes }: Storage,
): FrameworkNodes {
  const view: VolumesView = {
    claim: (namespace, name) => claims.find((c) => c.namespace === namespace && c.name === name),
    volume: (name) => volumes.find((v) => v.name === name),
    storageClass: (name) => classes.find((c) => c.name === name),
    free: (name) =>
      volumes
        .filter((v) => v.claim === null && v.storageClass === name)
        .sort((a, b) => a.capacityBytes - b.capacityBytes || (a.name < b.name ? -1 : 1)),
    isInUse: (namespace, claim) =>
      world.pods.some((p) => p.kube.namespace === namespace && uses(p.kube.volumes, claim)),
    forEachAttached: () => {},
  };
  return Object.create(world.nodes, { volumes: { value: view } }) as FrameworkNodes;
}

/** A record of one entry, or of none for null. */
const one = <T>(key: string, value: T | null): Record<string, T> =>
  value === null ? {} : { [key]: value };

export const uses = (volumes: readonly PodVolume[], claim: string) =>
  volumes.some((v) => v.kind === 'claim' && v.claim === claim);

export const inZone = (zone: string): readonly NodeSelectorTerm[] => [
  { expressions: [{ key: ZONE, operator: 'In', values: [zone] }], fields: [] },
];

const zone = fc.constantFrom('a', 'b');
const node = fc.record({ zone: fc.option(zone, { freq: 4 }), limit: fc.option(fc.nat(2)) });
const mode: fc.Arbitrary<AccessMode> = fc.constantFrom('ReadWriteOnce', 'ReadWriteOncePod');
const size = fc.integer({ min: 1, max: 3 });

const volume = fc.record({
  zoneOfNodes: fc.option(zone),
  zoneLabel: fc.option(fc.constantFrom('a', 'b', 'a__b'), { freq: 2 }),
  driver: fc.constantFrom('csi', null),
  size,
  isBound: fc.boolean(),
});
const claim = fc.record({
  size,
  mode,
  isLate: fc.boolean(),
});
export const pod = fc.record({
  names: fc.subarray(['c0', 'c1', 'c2', 'missing'], { maxLength: 2 }),
  disks: fc.array(
    fc.record({
      type: fc.constantFrom('gce', 'ebs'),
      id: fc.constant('d'),
      readOnly: fc.boolean(),
    }),
    { maxLength: 1 },
  ),
});

/** Volume i is bound to claim i where it says so; unbound claims wait for a consumer if `isLate`. */
export const storage = fc
  .record({
    volumes: fc.array(volume, { minLength: 3, maxLength: 4 }),
    claims: fc.array(claim, { minLength: 3, maxLength: 3 }),
    provisioner: fc.constantFrom('csi', null),
    allowed: fc.option(zone),
    room: fc.option(fc.record({ zone, free: size })),
  })
  .map(({ allowed, claims, provisioner, room, volumes }): Storage => {
    const isBound = (i: number) => volumes[i]?.isBound === true && i < 3;
    const topology = (z: string) => [{ key: ZONE, operator: 'In' as const, values: [z] }];
    return {
      volumes: volumes.map((v, i) => ({
        name: `v${i}`,
        labels: one(ZONE, v.zoneLabel),
        nodeAffinity: v.zoneOfNodes === null ? null : inZone(v.zoneOfNodes),
        driver: v.driver,
        capacityBytes: v.size,
        accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'],
        storageClass: 'late',
        claim: isBound(i) ? `default/c${i}` : null,
      })),
      claims: claims.map((c, i) => ({
        namespace: 'default',
        name: `c${i}`,
        accessModes: [c.mode],
        requestBytes: c.size,
        storageClass: c.isLate ? 'late' : 'early',
        volume: isBound(i) ? `v${i}` : null,
        isLost: false,
        isDeleting: false,
      })),
      classes: ['late', 'early'].map((name) => ({
        name,
        waitsForConsumer: name === 'late',
        provisioner,
        allowedTopologies: allowed === null ? [] : [topology(allowed)],
        capacities: room === null ? null : [{ nodes: topology(room.zone), freeBytes: room.free }],
      })),
    };
  });

export const toBuild = ({
  disks,
  names,
}: {
  names: readonly string[];
  disks: readonly object[];
}): KubePodBuild => ({
  volumes: [
    ...names.map((name) => ({ kind: 'claim' as const, claim: name })),
    ...disks.map((disk) => ({ kind: 'disk' as const, ...disk }) as PodVolume),
  ],
});

export const scenario = fc.record({
  nodes: fc.array(node, { minLength: 1, maxLength: 3 }),
  storage,
  placed: fc.array(fc.record({ pod, node: fc.nat(9) }), { maxLength: 4 }),
  pod,
});

export function build({
  nodes,
  placed,
}: {
  nodes: readonly { zone: string | null; limit: number | null }[];
  placed: readonly { pod: Parameters<typeof toBuild>[0]; node: number }[];
}) {
  const world = new KubeWorld(
    nodes.map((n) => ({
      labels: one(ZONE, n.zone),
      volumeLimits: one('csi', n.limit),
    })),
  );
  for (const p of placed) world.place(toBuild(p.pod), p.node % nodes.length);
  return world;
}

export const zoneOf = (n: PlainNode) => n.labels[ZONE];
