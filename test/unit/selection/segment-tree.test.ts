import { describe, expect, it } from 'vitest';
import type { SchedulingProfile, TieOrder } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { type ClusterView, DOWN } from '../../../src/model/view.ts';
import { gpuNodesForGpuPods, HeadroomFilter } from '../../../src/policies/scheduling/filters.ts';
import { leastAllocated } from '../../../src/policies/scheduling/terms.ts';
import { CPU_MEMORY } from '../../../src/policies/scheduling/weights.ts';
import { isFirstFit, SegmentTreeSelector } from '../../../src/selection/segment-tree.ts';
import { selectFor } from '../../../src/selection/select.ts';
import {
  buildCluster,
  type NodeBuild,
  type TestCluster,
  testStream,
} from '../../../src/testing/cluster.ts';
import { POOLS, partsOf, play as playStory, type Story } from './seeded-story.ts';

/** Ranks with ties among them: those go by index. */
function makeProfile(ties: TieOrder) {
  return ({ nodes }: ClusterView, next: (below: number) => number): SchedulingProfile => {
    const filters = next(3) === 0 ? [gpuNodesForGpuPods] : [];
    if (ties !== 'rank') return { kind: 'profile', ties, filters };
    const ranks = Array.from({ length: nodes.count }, () => next(nodes.count));
    return { kind: 'profile', ties, filters, ranks };
  };
}

function play({ ties, ...story }: Story & { readonly ties: TieOrder }): void {
  playStory(story, makeProfile(ties), (parts, changes) => new SegmentTreeSelector(parts, changes));
}

const SIZES: readonly (readonly [nodes: number, decisions: number, seeds: number])[] = [
  [1, 60, 10],
  [2, 100, 10],
  [3, 100, 10],
  [7, 300, 10],
  [64, 1000, 4],
  [1000, 6000, 1],
  [10_000, 400, 1],
];
/** Longer stories and larger fleets, minutes of them: `SKYLINE_LARGE=1`. */
const LARGE = process.env.SKYLINE_LARGE === '1';
const TIES = ['index', 'rank', 'rotate'] as const;

describe.each(TIES)('the segment tree, ties by %s,', (ties) => {
  it.each(SIZES)('finds the node of the full scan on %i nodes', (nodes, decisions, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) {
      // Long runs of equal nodes, then groups that change from node to node.
      for (const run of [nodes, 2]) {
        play({ nodes, decisions, seed: seed * 7919, ties, run, churn: 45 });
      }
    }
  });

  it('finds it while the fleet fills and no pod ends', () => {
    play({ nodes: 300, decisions: 4000, seed: 3, ties, run: 40, churn: 0 });
  });

  it.runIf(LARGE).each([
    [1000, 30_000],
    [10_000, 30_000],
    [100_000, 3000],
  ])('finds it on %i nodes over %i decisions', { timeout: 600_000 }, (nodes, decisions) => {
    for (const run of [nodes / 4, 2]) play({ nodes, decisions, seed: 11, ties, run, churn: 45 });
  });
});

describe('the segment tree', () => {
  const treeOf = (test: TestCluster) => {
    const cluster = test.view as Cluster;
    return new SegmentTreeSelector(
      partsOf(cluster, { kind: 'profile', ties: 'index' }),
      cluster.changes,
    );
  };

  it('skips a stretch of nodes that are full of one resource and empty of the other', () => {
    // 4000 nodes of 4 cores and 8 GiB; in turn one without free cpu and one without free memory, but for the last.
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, count: 4000 }]);
    for (let n = 0; n < 3999; n++) {
      test.place(n % 2 === 0 ? { cpuMillicores: 4000 } : { memoryMib: 8192 }, n);
    }
    const tree = treeOf(test);
    expect(tree.choose(test.attempt({ cpuMillicores: 500, memoryMib: 1024 }))).toBe(3999);
    // 1024 leaves: from the root ten steps down, two entries each but for the root; then up to four nodes.
    expect(tree.examined).toBeLessThanOrEqual(2 * 10 + 1 + 4);
  });

  it('looks at every node once at worst, where each has room for all but a little', () => {
    // Twice as much cpu as memory is between two slopes: half the nodes lack a little cpu, half a little memory.
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 4000, count: 4096 }]);
    for (let n = 0; n < 4096; n++) {
      test.place(n % 2 === 0 ? { cpuMillicores: 2801 } : { memoryMib: 3001 }, n);
    }
    const tree = treeOf(test);
    expect(tree.choose(test.attempt({ cpuMillicores: 1200, memoryMib: 1000 }))).toBe(-1);
    // All nodes, all 1024 leaves and the 1023 subtrees above them.
    expect(tree.examined).toBeGreaterThan(4096);
    expect(tree.examined).toBeLessThanOrEqual(4096 + 1024 + 1023);
  });

  it('never stops at nodes whose group does not admit the pod', () => {
    const builds = Array.from({ length: 2000 }, (_, i) =>
      i % 2 === 0 || i === 1501 ? POOLS[3]! : POOLS[2]!,
    );
    const test = buildCluster(builds);
    const tree = treeOf(test);
    const tolerant = { cpuMillicores: 1, nodeSelector: { disk: 'ssd' } };
    for (let n = 0; n < 1500; n += 2) test.setState(n, DOWN);
    expect(tree.choose(test.attempt(tolerant))).toBe(1500);
    // 1001 nodes in 256 leaves: eight steps down.
    expect(tree.examined).toBeLessThanOrEqual(2 * 8 + 1 + 4);
  });

  it('fells trees that are not asked for when there are too many, and finds the nodes still', () => {
    // 40 shapes, each for its own label and all but one of 40 pools: 40 families of 39 nodes, room for 16 times 40.
    const pools = Array.from({ length: 40 }, (_, i): NodeBuild => {
      const labels = Object.fromEntries(
        Array.from({ length: 40 }, (_, k) => [`l${k}`, k === i ? 'no' : 'yes']),
      );
      return { cpuMillicores: 4000, memoryMib: 4096, labels };
    });
    const test = buildCluster(pools);
    const tree = treeOf(test);
    for (let round = 0; round < 3; round++) {
      for (let k = 0; k < 40; k++) {
        const pod = { cpuMillicores: 3000, nodeSelector: { [`l${k}`]: 'yes' } };
        const chosen = tree.choose(test.attempt(pod));
        // Nodes 0 to round - 1 are taken, and node k refuses.
        expect(chosen).toBe(k === round ? round + 1 : round);
      }
      test.place({ cpuMillicores: 3000 }, round);
    }
  });

  it.each([2, 4, 5, 8, 1000])(
    'looks at one entry where %s times the largest node is asked for',
    (times) => {
      const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, count: 4000 }]);
      const tree = treeOf(test);
      for (const pod of [
        { cpuMillicores: 4000 * times },
        { memoryMib: 8192 * times },
        { cpuMillicores: 4000 * times, memoryMib: 8192 * times },
      ]) {
        expect(tree.choose(test.attempt(pod))).toBe(-1);
        expect(tree.examined).toBe(1);
      }
    },
  );

  it('counts on 53 bits of memory', () => {
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 2 ** 40, count: 40 }]);
    const tree = treeOf(test);
    for (let n = 0; n < 39; n++) test.place({ memoryMib: 2 ** 40 - (n % 2) }, n);
    expect(tree.choose(test.attempt({ memoryMib: 1 }))).toBe(1);
    expect(tree.choose(test.attempt({ memoryMib: 2 }))).toBe(39);
  });

  it('answers large clusters where nothing is scored, unless nodes looked at are charged', () => {
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, count: 300 }]);
    const cluster = test.view as Cluster;
    const base = { kind: 'profile', ties: 'index' } as const;
    const tierOf = (profile: SchedulingProfile, isCharged = false) =>
      selectFor({ policy: 't', cluster, profile, stream: testStream('t'), check: null, isCharged })
        .selector.tier;
    expect(tierOf(base)).toBe('segment-tree');
    expect(tierOf({ ...base, ties: 'rotate' })).toBe('segment-tree');
    expect(tierOf({ ...base, ties: 'rank' })).toBe('segment-tree');
    expect(tierOf(base, true)).toBe('index');
    for (const profile of [
      { ...base, scores: [{ score: leastAllocated(CPU_MEMORY, cluster), weight: 1 }] },
      { ...base, ties: 'uniform' as const },
      { ...base, filters: [new HeadroomFilter(0.1, cluster)] },
    ]) {
      expect(isFirstFit(profile)).toBe(false);
      expect(tierOf(profile)).toBe('index');
    }
    const small = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, count: 31 }]);
    const options = { policy: 't', cluster: small.view as Cluster, profile: base, check: null };
    expect(selectFor({ ...options, stream: testStream('t') }).selector.tier).toBe('index');
  });
});
