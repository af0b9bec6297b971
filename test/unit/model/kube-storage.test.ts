import { describe, expect, it } from 'vitest';
import { KubeStorage } from '../../../src/model/kube-storage.ts';
import type { PersistentVolume } from '../../../src/model/kube-volumes.ts';
import { buildKubeCluster } from '../../../src/testing/kube.ts';

const volume = (name: string, capacityBytes: number, claim: string | null): PersistentVolume => ({
  name,
  labels: {},
  nodeAffinity: null,
  driver: null,
  capacityBytes,
  accessModes: ['ReadWriteOnce'],
  storageClass: 'local',
  claim,
});

describe('KubeStorage', () => {
  it('lists free volumes smallest first, none that a claim has from either side', () => {
    const { nodes } = buildKubeCluster([{}]);
    const claim = {
      namespace: 'default',
      name: 'data',
      accessModes: [],
      requestBytes: 1,
      storageClass: 'local',
      volume: 'of-a-claim',
      isLost: false,
      isDeleting: false,
    };
    const storage = new KubeStorage(
      {
        claims: [claim],
        classes: [],
        volumes: [
          volume('large', 9, null),
          volume('b', 5, null),
          volume('a', 5, null),
          volume('reserved', 1, 'default/other'),
          volume('of-a-claim', 1, null),
        ],
      },
      nodes,
    );
    expect(storage.free('local').map(({ name }) => name)).toEqual(['a', 'b', 'large']);
    expect(storage.free('other')).toEqual([]);
    expect(storage.claim('default', 'data')).toBe(claim);
    expect(storage.claim('other', 'data')).toBeUndefined();
  });

  it('follows the pods that use a claim, by namespace', () => {
    const cluster = buildKubeCluster([{}]);
    const storage = new KubeStorage({ claims: [], classes: [], volumes: [] }, cluster.nodes);
    expect(storage.isInUse('default', 'data')).toBe(false);
    const id = cluster.place({ volumes: [{ kind: 'claim', claim: 'data' }] }, 0);
    expect(storage.isInUse('default', 'data')).toBe(true);
    expect(storage.isInUse('other', 'data')).toBe(false);
    cluster.remove(id);
    expect(storage.isInUse('default', 'data')).toBe(false);
  });
});
