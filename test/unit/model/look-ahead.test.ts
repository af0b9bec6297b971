import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/model/cluster.ts';
import { checkCluster } from '../../../src/model/invariants.ts';
import { LookAhead } from '../../../src/model/look-ahead.ts';
import { buildCluster } from '../../../src/testing/cluster.ts';

describe('LookAhead', () => {
  it('finds the nodes of pods and changes nothing', () => {
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 4096, count: 3 }]);
    const cluster = test.view as Cluster;
    const pods = [2, 0, 2, 2].map((node) => test.place({ cpuMillicores: 500 }, node));
    test.remove(pods[2]!);
    const before = JSON.stringify([cluster.nodes, cluster.pods, cluster.totals]);
    const ahead = new LookAhead(cluster, 8);
    ahead.touch(Int32Array.from(pods), 4);
    expect([...ahead.nodes.subarray(0, 4)]).toEqual([2, 0, -1, 2]);
    expect(JSON.stringify([cluster.nodes, cluster.pods, cluster.totals])).toBe(before);
    checkCluster(cluster);
  });
});
