import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode, asPod, CPU, type PodIndex } from '../../../src/base/ids.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { checkCluster, checkTotals } from '../../../src/model/invariants.ts';
import { RUNNING } from '../../../src/model/pods.ts';
import { BOOTING, DOWN, DRAINING, OFF, UP } from '../../../src/model/view.ts';
import { buildCluster, type TestCluster } from '../../../src/testing/cluster.ts';
import { NaiveSelector } from '../selection/naive.ts';
import { clusterOf, live, stories } from '../selection/worlds.ts';

const SMALL = { cpuMillicores: 1000, memoryMib: 1024 };
const GPU = { ...SMALL, gpus: 1, gpuMilli: 400 };

function build(): { readonly test: TestCluster; readonly cluster: Cluster } {
  const test = buildCluster([
    { count: 2, cpuMillicores: 4000, memoryMib: 8192 },
    { cpuMillicores: 8000, memoryMib: 16384, gpus: 2, extended: { fpga: 1 } },
  ]);
  return { test, cluster: test.view as Cluster };
}

describe('Cluster', () => {
  it('takes a pod’s requests from its node and its totals, and gives them back', () => {
    const { test, cluster } = build();
    const pod = test.place(SMALL, 1);
    expect([cluster.nodes.free[CPU]![asNode(1)], cluster.totals.allocated[CPU]]).toEqual([
      3000, 1000,
    ]);
    // Two of 4 cores and one of 8.
    expect(cluster.totals.allocatable[CPU]).toBe(16_000);
    expect([cluster.nodes.podCount[1], cluster.pods.node(pod)]).toEqual([1, 1]);
    test.remove(pod);
    expect([cluster.nodes.free[CPU]![asNode(1)], cluster.totals.allocated[CPU]]).toEqual([4000, 0]);
    expect([cluster.nodes.podCount[1], cluster.nodes.firstPod[1]]).toEqual([0, -1]);
    checkCluster(cluster);
  });

  it('lists a node’s pods, latest first, and lets the one visited go', () => {
    const { test, cluster } = build();
    const pods = [0, 1, 2].map(() => test.place(SMALL, 0));
    const seen: PodIndex[] = [];
    cluster.forEachPod(asNode(0), (p) => {
      seen.push(p);
      if (p === pods[1]) test.remove(p);
    });
    expect(seen).toEqual([...pods].reverse());
    checkCluster(cluster);
    expect(cluster.nodes.podCount[0]).toBe(2);
  });

  it('shares devices by thousandths and counts the whole ones', () => {
    const { test, cluster } = build();
    const n = asNode(2);
    const first = test.place(GPU, 2);
    test.place(GPU, 2);
    // Both on device 0: 1000 - 800.
    expect([...cluster.nodes.deviceFreeMilli]).toEqual([200, 1000]);
    expect([cluster.nodes.gpuFreeMilli[n], cluster.nodes.gpuWholeFree[n]]).toEqual([1200, 1]);
    expect(cluster.totals.gpuAllocatedMilli).toBe(800);
    test.place({ ...SMALL, gpus: 1 }, 2, 0b10);
    test.remove(first);
    expect([...cluster.nodes.deviceFreeMilli]).toEqual([600, 0]);
    checkCluster(cluster);
  });

  it('refuses what does not fit: choosers are checked before', () => {
    const { test } = build();
    expect(() => test.place({ cpuMillicores: 4001 }, 0)).toThrow('pod does not fit on node-0');
    expect(() => build().test.place({ ...SMALL, gpus: 2 }, 2, 0b01)).toThrow(
      'asks for 2 devices, got 1',
    );
    test.place({ ...SMALL, gpus: 1 }, 2, 0b01);
    expect(() => test.place(GPU, 2, 0b01)).toThrow('device 0 of node-2 is too full');
  });

  it('counts only nodes that work, with their pods', () => {
    const { test, cluster } = build();
    test.place(SMALL, 0);
    test.setState(0, DOWN);
    expect([cluster.totals.allocated[CPU], cluster.totals.allocatable[CPU]]).toEqual([0, 12_000]);
    test.setState(0, UP);
    test.setState(0, DRAINING);
    expect([cluster.totals.allocated[CPU], cluster.totals.allocatable[CPU]]).toEqual([
      1000, 16_000,
    ]);
    expect([...cluster.totals.nodes]).toEqual([0, 0, 2, 1, 0]);
  });

  it('takes a pod off a node that is down without touching the totals', () => {
    const { test, cluster } = build();
    const pod = test.place(GPU, 2);
    test.setState(2, DOWN);
    test.remove(pod);
    expect([cluster.totals.allocated[CPU], cluster.totals.gpuAllocatedMilli]).toEqual([0, 0]);
    checkCluster(cluster);
    test.setState(2, UP);
    checkCluster(cluster);
  });

  it('tells its listener and its change log of every change', () => {
    const { test, cluster } = build();
    let told = 0;
    cluster.listener = { totalsChanged: () => told++ };
    const pod = test.place(SMALL, 1);
    test.setState(2, DOWN);
    test.remove(pod);
    expect(told).toBe(3);
    expect([0, 1, 2].map((i) => cluster.changes.at(i))).toEqual([1, 2, 1]);
  });

  it('gives equal nodes of a pool one group', () => {
    const { cluster } = build();
    expect([...cluster.nodes.group]).toEqual([0, 0, 1]);
  });

  it('obeys its laws whatever happens', () => {
    fc.assert(
      fc.property(stories(80), fc.integer({ min: 1, max: 12 }), (story, size) => {
        const test = clusterOf(size, story.pools);
        const cluster = test.view as Cluster;
        const profile = { kind: 'profile', ties: 'index' } as const;
        const naive = new NaiveSelector(cluster, profile, { uniform: () => 0.5 });
        live(test, story, (pod) => {
          checkCluster(cluster);
          return naive.choose(pod);
        });
        checkCluster(cluster);
        const states = Array.from({ length: cluster.pods.end }, (_, p) => cluster.pods.state(p));
        expect(states.filter((state) => state === RUNNING)).toHaveLength(cluster.pods.count);
      }),
      { numRuns: 60 },
    );
  });
});

describe('checkCluster', () => {
  const broken = (spoil: (cluster: Cluster, pod: PodIndex) => void): (() => void) => {
    const { test, cluster } = build();
    test.place(SMALL, 2);
    const pod = test.place(GPU, 2);
    test.place(SMALL, 2);
    checkCluster(cluster);
    spoil(cluster, pod);
    return () => checkCluster(cluster);
  };

  it.each<[string, (cluster: Cluster, pod: PodIndex) => void]>([
    ['free + requested != allocatable for resource 0', (c) => c.nodes.free[0]![2]!--],
    ['free + requested != allocatable for resource 1', (c) => c.nodes.allocatable[1]![2]!++],
    [
      'broken list',
      (c, p) => {
        c.pods.setPrev(p, -1);
      },
    ],
    [
      'broken list',
      (c, p) => {
        c.pods.setNode(p, 1);
      },
    ],
    [
      'lists a pod in state 1',
      (c, p) => {
        c.pods.setState(p, 1);
      },
    ],
    ['counts 3 pods', (c) => c.nodes.podCount[2]!++],
    [
      'is off and holds pods',
      (c) => {
        c.nodes.state[2] = OFF;
      },
    ],
    ['device 1 holds 1001', (c) => c.nodes.deviceFreeMilli[1]!++],
    ['GPU shares drifted', (c) => c.nodes.gpuFreeMilli[2]!++],
    ['GPU shares drifted', (c) => c.nodes.gpuWholeFree[2]!++],
    ['total of resource 0 drifted', (c) => c.totals.allocated[0]!++],
    ['capacity 1 drifted', (c) => c.totals.allocatable[1]!--],
    ['GPU total drifted', (c) => c.totals.gpuAllocatedMilli++],
    ['nodes in up drifted', (c) => c.totals.nodes[UP]!--],
  ])('throws: %s', (message, spoil) => {
    expect(broken(spoil)).toThrow(message);
  });

  it('has a cheaper form that sees drifting totals', () => {
    const { cluster } = build();
    checkTotals(cluster);
    cluster.totals.nodes[BOOTING]!++;
    expect(() => checkTotals(cluster)).toThrow('nodes in booting drifted');
  });
});

describe('TestCluster', () => {
  it('is the real model: slots come from its pods', () => {
    const { test, cluster } = build();
    expect(test.place(SMALL, 0)).toBe(asPod(0));
    expect(cluster.pods.count).toBe(1);
  });
});
