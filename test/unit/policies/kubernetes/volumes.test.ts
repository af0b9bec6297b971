/** The volume plug-ins against twins written from the specification's section 3.11. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import type { PersistentVolume, VolumeClaim } from '../../../../src/model/kube-volumes.ts';
import { KubeWorld, makePlugin, type PlainNode } from '../../../builders/kube-world.ts';
import {
  build,
  inZone,
  scenario,
  toBuild,
  uses,
  withStorage,
  ZONE,
  zoneOf,
} from './storage-world.ts';

const RUNS = { numRuns: 1000 };

describe('VolumeRestrictions', () => {
  it('refuses claims of one pod and disks that are taken', () => {
    fc.assert(
      fc.property(scenario, (all) => {
        const world = build(all);
        const nodes = withStorage(world, all.storage);
        const answer = world.filter(
          makePlugin('volume-restrictions', nodes),
          toBuild(all.pod),
          nodes,
        );
        const { disks, names } = all.pod;
        const used = names
          .map((name) => all.storage.claims.find((c) => c.name === name))
          .filter((c) => c?.accessModes.includes('ReadWriteOncePod'))
          .filter((c) => world.pods.some((p) => uses(p.kube.volumes, c!.name)));
        if (names.includes('missing')) {
          expect(answer.preFilter).toBe('persistentvolumeclaim "missing" not found');
        } else if (disks.length === 0 && used.length === 0) {
          expect(answer.preFilter).toBe('skip');
        } else {
          const isTaken = (n: PlainNode) =>
            world.podsOn(n).some((p) =>
              p.kube.volumes.some((b) =>
                disks.some((a) => {
                  if (b.kind !== 'disk' || a.type !== b.type || a.id !== b.id) return false;
                  return a.type === 'ebs' || !a.readOnly || !b.readOnly;
                }),
              ),
            );
          expect(answer.statuses).toEqual(
            world.listed.map((n) => (used.length > 0 || isTaken(n) ? 1 : 0)),
          );
        }
      }),
      RUNS,
    );
  });

  it('is lifted in a dry run by the going of the pod that has the claim', () => {
    const claims: VolumeClaim[] = [
      {
        namespace: 'default',
        name: 'c',
        accessModes: ['ReadWriteOncePod'],
        requestBytes: 1,
        storageClass: '',
        volume: 'v',
        isLost: false,
        isDeleting: false,
      },
    ];
    const world = new KubeWorld([{}, {}]);
    const asked = toBuild({ names: ['c'], disks: [] });
    const id = world.place(asked, 0);
    const nodes = withStorage(world, { claims, volumes: [], classes: [] });
    const point = makePlugin('volume-restrictions', nodes).filter!;
    const waiting = world.attempt(asked);
    const pre = point.preFilter!(waiting, nodes);
    if (pre.kind !== 'run') throw new Error(pre.kind);
    const state = point.cloneState!(pre.state);
    const there = { id, kube: waiting.kube, shape: waiting.shape, isTerminating: false };
    point.removePod!(state, waiting, there, { node: asNode(0), nodes });
    expect(point.test(waiting, asNode(0), nodes, state)).toBe(0);
    expect(point.test(waiting, asNode(1), nodes, pre.state)).toBe(1);
    point.addPod!(state, waiting, there, { node: asNode(0), nodes });
    expect(point.test(waiting, asNode(0), nodes, state)).toBe(1);
  });
});

describe('NodeVolumeLimits', () => {
  it('counts unique volumes by driver', () => {
    fc.assert(
      fc.property(scenario, (all) => {
        const world = build(all);
        const nodes = withStorage(world, all.storage);
        const answer = world.filter(
          makePlugin('node-volume-limits', nodes),
          toBuild(all.pod),
          nodes,
        );
        const { claims, classes, volumes } = all.storage;
        const csi = (names: readonly string[]) =>
          names.flatMap((name) => {
            const found = claims.find((c) => c.name === name);
            if (found === undefined) return [];
            const bound = volumes.find((v) => v.name === found.volume);
            const driver = bound ? bound.driver : classes[0]!.provisioner;
            return driver === 'csi' ? [bound?.name ?? name] : [];
          });
        if (all.pod.names.length === 0) {
          expect(answer.preFilter).toBe('skip');
          return;
        }
        expect(answer.statuses).toEqual(
          world.listed.map((n) => {
            const limit = n.volumeLimits.csi;
            const there = new Set(
              world
                .podsOn(n)
                .flatMap((p) =>
                  csi(p.kube.volumes.flatMap((v) => (v.kind === 'claim' ? [v.claim] : []))),
                ),
            );
            const fresh = new Set(csi(all.pod.names).filter((v) => !there.has(v)));
            if (limit === undefined || fresh.size === 0) return 0;
            return there.size + fresh.size > limit ? 1 : 0;
          }),
        );
      }),
      RUNS,
    );
  });
});

describe('VolumeZone', () => {
  it('holds pods to the zones on the labels of their volumes', () => {
    fc.assert(
      fc.property(scenario, (all) => {
        const world = build(all);
        const nodes = withStorage(world, all.storage);
        const answer = world.filter(makePlugin('volume-zone', nodes), toBuild(all.pod), nodes);
        const labels = all.pod.names.flatMap((name) => {
          const bound = all.storage.claims.find((c) => c.name === name)?.volume;
          const label = all.storage.volumes.find((v) => v.name === bound)?.labels[ZONE];
          return label === undefined ? [] : [label];
        });
        if (labels.length === 0) {
          expect(answer.preFilter).toBe('skip');
          return;
        }
        expect(answer.statuses).toEqual(
          world.listed.map((n) => {
            const own = zoneOf(n);
            return own === undefined || labels.every((l) => l.split('__').includes(own)) ? 0 : 2;
          }),
        );
      }),
      RUNS,
    );
  });
});

describe('VolumeBinding', () => {
  it('asks of each claim that it is bound, can be bound or can be provisioned on the node', () => {
    fc.assert(
      fc.property(scenario, (all) => {
        const world = build(all);
        const nodes = withStorage(world, all.storage);
        const answer = world.filter(makePlugin('volume-binding', nodes), toBuild(all.pod), nodes);
        const { claims, classes, volumes } = all.storage;
        const own = all.pod.names.map((name) => claims.find((c) => c.name === name));
        if (own.length === 0) {
          expect(answer.preFilter).toBe('skip');
          return;
        }
        if (own.includes(undefined)) {
          expect(answer.preFilter).toBe('persistentvolumeclaim "missing" not found');
          return;
        }
        const wanted = own.map((c) => c!);
        if (wanted.some((c) => c.volume === null && c.storageClass === 'early')) {
          expect(answer.preFilter).toBe('pod has unbound immediate PersistentVolumeClaims');
          return;
        }
        const admits = (v: PersistentVolume, n: PlainNode) =>
          v.nodeAffinity === null || v.nodeAffinity[0]!.expressions[0]!.values[0] === zoneOf(n);
        const { allowedTopologies, capacities, provisioner } = classes[0]!;
        expect(answer.statuses).toEqual(
          world.listed.map((n) => {
            const taken: string[] = [];
            const late = wanted.filter((c) => c.volume === null);
            late.sort((a, b) => a.requestBytes - b.requestBytes || (a.name < b.name ? -1 : 1));
            const isBoundRight = wanted
              .filter((c) => c.volume !== null)
              .every((c) => admits(volumes.find((v) => v.name === c.volume)!, n));
            const canBind = late.every((c) => {
              const fitting = volumes
                .filter((v) => v.claim === null && !taken.includes(v.name) && admits(v, n))
                .filter((v) => v.capacityBytes >= c.requestBytes)
                .sort((a, b) => a.capacityBytes - b.capacityBytes || (a.name < b.name ? -1 : 1));
              if (fitting[0] !== undefined) {
                taken.push(fitting[0].name);
                return true;
              }
              const allowed = allowedTopologies[0]?.[0]?.values[0];
              if (provisioner === null || (allowed !== undefined && allowed !== zoneOf(n)))
                return false;
              if (capacities === null) return true;
              const [room] = capacities;
              return room!.nodes[0]!.values[0] === zoneOf(n) && room!.freeBytes >= c.requestBytes;
            });
            return isBoundRight && canBind ? 0 : 2;
          }),
        );
      }),
      RUNS,
    );
  });

  it('names what is wrong with a claim or a node, in upstream words', () => {
    const base: VolumeClaim = {
      namespace: 'default',
      name: 'c',
      accessModes: [],
      requestBytes: 1,
      storageClass: '',
      volume: 'v',
      isLost: false,
      isDeleting: false,
    };
    const ask = (change: Partial<VolumeClaim>, volumes: readonly PersistentVolume[] = []) => {
      const world = new KubeWorld([{ labels: { [ZONE]: 'a' } }]);
      const nodes = withStorage(world, { claims: [{ ...base, ...change }], volumes, classes: [] });
      const asked = toBuild({ names: ['c'], disks: [] });
      const { preFilter, reasons } = world.filter(
        makePlugin('volume-binding', nodes),
        asked,
        nodes,
      );
      return preFilter === 'run' ? reasons[0] : preFilter;
    };
    expect(ask({ isLost: true })).toBe(
      'persistentvolumeclaim "c" bound to non-existent persistentvolume "v"',
    );
    expect(ask({ isDeleting: true })).toBe('persistentvolumeclaim "c" is being deleted');
    expect(ask({})).toEqual([
      'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)',
    ]);
    const volume: PersistentVolume = {
      name: 'v',
      labels: {},
      nodeAffinity: inZone('b'),
      driver: null,
      capacityBytes: 1,
      accessModes: [],
      storageClass: '',
      claim: 'default/c',
    };
    expect(ask({}, [volume])).toEqual(["node(s) didn't match PersistentVolume's node affinity"]);
  });
});
