import { describe, expect, it } from 'vitest';
import { asNode, type PodIndex } from '../../../src/base/ids.ts';
import type { SchedulingProfile, TieOrder } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { DOWN, DRAINING, UP } from '../../../src/model/view.ts';
import { gpuNodesForGpuPods, HeadroomFilter } from '../../../src/policies/scheduling/filters.ts';
import { leastAllocated } from '../../../src/policies/scheduling/terms.ts';
import { CPU_MEMORY } from '../../../src/policies/scheduling/weights.ts';
import { tightestDevices } from '../../../src/selection/devices.ts';
import { Feasibility } from '../../../src/selection/feasibility.ts';
import { ScanSelector, type SelectorParts } from '../../../src/selection/scan.ts';
import { isFirstFit, SegmentTreeSelector } from '../../../src/selection/segment-tree.ts';
import { selectFor } from '../../../src/selection/select.ts';
import { byIndex, byRank } from '../../../src/selection/ties.ts';
import {
  buildCluster,
  type NodeBuild,
  type PodBuild,
  type TestCluster,
  testStream,
} from '../../../src/testing/cluster.ts';
import { NaiveSelector } from './naive.ts';

const TAINT = { key: 'only', value: 'batch', effect: 'NoSchedule' } as const;

/** Groups that differ in every way that a filter looks at. */
const POOLS: readonly NodeBuild[] = [
  { cpuMillicores: 4000, memoryMib: 8192, pods: 6, extended: { fpga: 0 } },
  { cpuMillicores: 16000, memoryMib: 65536, gpus: 4 },
  { cpuMillicores: 8000, memoryMib: 4096, taints: [TAINT] },
  { cpuMillicores: 8000, memoryMib: 16384, labels: { disk: 'ssd' } },
  { cpuMillicores: 16000, memoryMib: 32768, gpus: 2, gpuModel: 'V100', labels: { disk: 'ssd' } },
  { cpuMillicores: 4000, memoryMib: 8192, extended: { fpga: 2 } },
  { cpuMillicores: 2000, memoryMib: 0 },
];

const PODS: readonly PodBuild[] = [
  { cpuMillicores: 500, memoryMib: 512 },
  { cpuMillicores: 250, memoryMib: 2048 },
  { cpuMillicores: 1750, memoryMib: 300 },
  { cpuMillicores: 2000, memoryMib: 6144 },
  { cpuMillicores: 1000, memoryMib: 4096, tolerations: [{ ...TAINT, operator: 'Equal' }] },
  { cpuMillicores: 1000, memoryMib: 512, nodeSelector: { disk: 'ssd' } },
  { cpuMillicores: 500, memoryMib: 0 },
  { cpuMillicores: 0, memoryMib: 256 },
  {},
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1 },
  { cpuMillicores: 4000, memoryMib: 8192, gpus: 2, gpuModels: ['V100'] },
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 300 },
  { cpuMillicores: 500, memoryMib: 1024, gpus: 1, gpuMilli: 550 },
  { cpuMillicores: 500, memoryMib: 256, extended: { fpga: 1 } },
  { cpuMillicores: 40000, memoryMib: 256 },
];

interface Story {
  readonly nodes: number;
  readonly decisions: number;
  readonly seed: number;
  readonly ties: TieOrder;
  /** Nodes of one group that follow each other, at most. */
  readonly run: number;
  /** Chance in percent that a placed pod ends, at each decision. */
  readonly churn: number;
}

/** Whole numbers below a bound. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

/** Pools of at most `run` nodes in turn, and every resource that a pod asks for. */
function fleetOf({ nodes, run }: Story, next: (below: number) => number): TestCluster {
  const builds: NodeBuild[] = [];
  for (let left = nodes; left > 0; ) {
    const count = Math.min(left, 1 + next(run));
    builds.push({ extended: { fpga: 0 }, ...POOLS[next(POOLS.length)]!, count });
    left -= count;
  }
  return buildCluster(builds);
}

function partsOf(cluster: Cluster, profile: SchedulingProfile): SelectorParts {
  return {
    cluster,
    profile,
    feasibility: new Feasibility(cluster, profile.filters ?? []),
    tieBreak: profile.ranks ? byRank(profile.ranks as never) : byIndex,
    drawTie: () => 0.5,
  };
}

/** Ranks with ties among them: those go by index. */
function profileOf({ nodes, ties }: Story, next: (below: number) => number): SchedulingProfile {
  const filters = next(3) === 0 ? [gpuNodesForGpuPods] : [];
  if (ties !== 'rank') return { kind: 'profile', ties, filters };
  return {
    kind: 'profile',
    ties,
    filters,
    ranks: Array.from({ length: nodes }, () => next(nodes)),
  };
}

/** Plays a story: placements, ends, failures, repairs; compares every decision with the full scan, and with its naive twin. */
function play(story: Story): void {
  const next = dice(story.seed);
  const test = fleetOf(story, next);
  const cluster = test.view as Cluster;
  const profile = profileOf(story, next);
  const parts = partsOf(cluster, profile);
  const tree = new SegmentTreeSelector(parts, cluster.changes);
  const scan = new ScanSelector(parts);
  const naive = new NaiveSelector(cluster, profile, testStream('segment-tree'));
  const placed: PodIndex[] = [];
  for (let i = 0; i < story.decisions; i++) {
    const build = PODS[next(PODS.length)]!;
    const pod = test.attempt(build, i + 1);
    const expected = scan.choose(pod);
    if (story.nodes <= 64) expect(naive.choose(pod)).toBe(expected);
    const chosen = tree.choose(pod);
    if (chosen !== expected) {
      expect({ decision: i, pod: build, chosen }).toEqual({
        decision: i,
        pod: build,
        chosen: expected,
      });
    }
    if (chosen >= 0) {
      const isPlain = pod.shape.gpuCount === 0;
      const devices = isPlain ? 0 : tightestDevices.choose(pod, asNode(chosen), cluster);
      placed.push(test.place(build, chosen, devices));
    }
    while (placed.length > 0 && next(100) < story.churn) {
      test.remove(placed.splice(next(placed.length), 1)[0]!);
    }
    if (next(50) === 0) {
      test.setState(next(story.nodes), [UP, UP, UP, DOWN, DRAINING][next(5)]!);
    }
  }
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
