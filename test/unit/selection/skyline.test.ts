import { describe, expect, it } from 'vitest';
import { asNode, CPU, MEMORY, type PodIndex } from '../../../src/base/ids.ts';
import type { PodAttempt, SchedulingProfile, TieOrder } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { type ClusterView, DOWN, DRAINING, UP } from '../../../src/model/view.ts';
import { gpuNodesForGpuPods } from '../../../src/policies/scheduling/filters.ts';
import { leastAllocated, mostAllocated, worstFit } from '../../../src/policies/scheduling/terms.ts';
import { CPU_MEMORY, CPU_MEMORY_GPU } from '../../../src/policies/scheduling/weights.ts';
import {
  DeclaredSampleSelector,
  isDeclaredSample,
} from '../../../src/selection/declared-sample.ts';
import { tightestDevices } from '../../../src/selection/devices.ts';
import { Feasibility } from '../../../src/selection/feasibility.ts';
import { SampleSelector } from '../../../src/selection/sample.ts';
import { ScanSelector, type SelectorParts } from '../../../src/selection/scan.ts';
import { selectFor } from '../../../src/selection/select.ts';
import { TournamentSelector } from '../../../src/selection/shape-tournament.ts';
import { isSkylined, SkylineSelector } from '../../../src/selection/skyline.ts';
import { byCapacity, byIndex, type TieBreak } from '../../../src/selection/ties.ts';
import {
  buildCluster,
  type NodeBuild,
  type PodBuild,
  type TestCluster,
  testStream,
} from '../../../src/testing/cluster.ts';
import { NaiveSelector } from './naive.ts';

const TAINT = { key: 'only', value: 'batch', effect: 'NoSchedule' } as const;

/** Eight groups that differ in every way that a filter looks at; two are equal in size, so that scores tie across groups. */
const POOLS: readonly NodeBuild[] = [
  { cpuMillicores: 4000, memoryMib: 8192, pods: 6 },
  { cpuMillicores: 16000, memoryMib: 65536, gpus: 4 },
  { cpuMillicores: 8000, memoryMib: 16384 },
  { cpuMillicores: 8000, memoryMib: 16384, labels: { disk: 'ssd' } },
  { cpuMillicores: 8000, memoryMib: 4096, taints: [TAINT] },
  { cpuMillicores: 16000, memoryMib: 32768, gpus: 2, gpuModel: 'V100', labels: { disk: 'ssd' } },
  { cpuMillicores: 32000, memoryMib: 131072, labels: { zone: 'b' } },
  { cpuMillicores: 2000, memoryMib: 0 },
];

const PODS: readonly PodBuild[] = [
  { cpuMillicores: 500, memoryMib: 512 },
  { cpuMillicores: 250, memoryMib: 1024 },
  { cpuMillicores: 1750, memoryMib: 768 },
  { cpuMillicores: 2000, memoryMib: 6144 },
  { cpuMillicores: 1000, memoryMib: 4096, tolerations: [{ ...TAINT, operator: 'Equal' }] },
  { cpuMillicores: 1000, memoryMib: 512, nodeSelector: { disk: 'ssd' } },
  { cpuMillicores: 500, memoryMib: 0 },
  { cpuMillicores: 0, memoryMib: 256 },
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1 },
  { cpuMillicores: 4000, memoryMib: 8192, gpus: 2, gpuModels: ['V100'] },
  { cpuMillicores: 40000, memoryMib: 256 },
];
/** Shares of devices make many states of one node. */
const SHARES: readonly PodBuild[] = [
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 300 },
  { cpuMillicores: 500, memoryMib: 1024, gpus: 1, gpuMilli: 550 },
];

type MakeProfile = (cluster: ClusterView) => SchedulingProfile;

const PROFILES: Readonly<Record<string, MakeProfile>> = {
  'least-allocated': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [{ score: leastAllocated(CPU_MEMORY, cluster), weight: 1 }],
  }),
  'worst-fit with devices': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [{ score: worstFit(CPU_MEMORY_GPU, cluster), weight: 1 }],
  }),
  'no score at all': () => ({ kind: 'profile', ties: 'capacity' }),
  'cpu only, behind a filter per group': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    filters: [gpuNodesForGpuPods],
    scores: [{ score: leastAllocated({ cpu: 1 }, cluster), weight: 1 }],
  }),
  'one whole score of uneven weights, and an odd weight itself': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [{ score: leastAllocated({ cpu: 3, memory: 1, gpu: 2 }, cluster), weight: 2.7 }],
  }),
  'memory only': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [{ score: leastAllocated({ memory: 1 }, cluster), weight: 1 }],
  }),
  'a mix of whole scores': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [
      { score: leastAllocated({ cpu: 3, memory: 1, gpu: 2 }, cluster), weight: 2 },
      { score: leastAllocated({ memory: 1 }, cluster), weight: 1 },
    ],
  }),
  'a mix of whole and real scores': (cluster) => ({
    kind: 'profile',
    ties: 'capacity',
    scores: [
      { score: leastAllocated(CPU_MEMORY, cluster), weight: 0.5 },
      { score: worstFit({ cpu: 1, memory: 2 }, cluster), weight: 2 },
    ],
  }),
};

interface Story {
  readonly nodes: number;
  readonly decisions: number;
  readonly seed: number;
  readonly pods: readonly PodBuild[];
  /** Chance that a placed pod ends, at each decision, once the fleet is as full as it gets. */
  readonly churn: number;
  /** Multiplies all memory: beyond 2^30 MiB amounts are doubles, beyond 2^42 the closed form of whole scores is not used. */
  readonly memoryUnit?: number;
}

/** Whole numbers below a bound. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

function fleetOf(nodes: number, next: (below: number) => number, memoryUnit = 1): TestCluster {
  const kinds = 1 + next(Math.min(POOLS.length, nodes));
  const first = next(POOLS.length);
  const builds = Array.from({ length: kinds }, (_, i) => ({
    ...withMemory(POOLS[(first + i) % POOLS.length]!, memoryUnit),
    count: Math.floor(nodes / kinds) + (i < nodes % kinds ? 1 : 0),
  }));
  return buildCluster(builds);
}

function withMemory<T extends { readonly memoryMib?: number }>(of: T, unit: number): T {
  return { ...of, memoryMib: (of.memoryMib ?? 0) * unit };
}

function partsOf(cluster: Cluster, profile: SchedulingProfile): SelectorParts {
  return {
    cluster,
    profile,
    feasibility: new Feasibility(cluster, profile.filters ?? []),
    tieBreak: byCapacity(cluster),
    drawTie: () => 0.5,
  };
}

const neverAsked = () => {
  throw new Error('the fallback was asked for');
};

/** Plays a story: placements decided by `expect`ed twins, ends, failures, repairs. */
function play(story: Story, makeProfile: MakeProfile, makeFallback = neverAsked): SkylineSelector {
  const next = dice(story.seed);
  const { memoryUnit = 1 } = story;
  const test = fleetOf(story.nodes, next, memoryUnit);
  const cluster = test.view as Cluster;
  const profile = makeProfile(cluster);
  expect(isSkylined(profile, cluster)).toBe(true);
  const parts = partsOf(cluster, profile);
  const skyline = new SkylineSelector(parts, cluster.changes, makeFallback as never);
  const scan = new ScanSelector(parts);
  const naive = new NaiveSelector(cluster, profile, testStream('skyline'));
  const placed: PodIndex[] = [];
  for (let i = 0; i < story.decisions; i++) {
    const build = withMemory(story.pods[next(story.pods.length)]!, memoryUnit);
    const pod: PodAttempt = test.attempt(build, i + 1);
    const expected = scan.choose(pod);
    if (story.nodes <= 64) expect(naive.choose(pod)).toBe(expected);
    const chosen = skyline.choose(pod);
    if (chosen !== expected) {
      expect({ decision: i, pod: build, node: describeNode(cluster, chosen) }).toEqual({
        decision: i,
        pod: build,
        node: describeNode(cluster, expected),
      });
    }
    if (chosen >= 0) {
      const { shape } = pod;
      const devices =
        shape.gpuCount === 0 ? 0 : tightestDevices.choose(pod, asNode(chosen), cluster);
      placed.push(test.place(build, chosen, devices));
    }
    while (placed.length > 0 && next(100) < story.churn) {
      test.remove(placed.splice(next(placed.length), 1)[0]!);
    }
    if (next(50) === 0) {
      test.setState(next(story.nodes), [UP, UP, UP, DOWN, DRAINING][next(5)]!);
    }
  }
  return skyline;
}

function describeNode(cluster: ClusterView, n: number): unknown {
  if (n < 0) return n;
  const { free, group } = cluster.nodes;
  const i = asNode(n);
  return { n, group: group[i], cpu: free[CPU]![i], memory: free[MEMORY]![i] };
}

const SIZES: readonly (readonly [nodes: number, decisions: number, seeds: number])[] = [
  [1, 60, 20],
  [2, 100, 20],
  [3, 100, 20],
  [7, 300, 20],
  [64, 600, 3],
  [1000, 3000, 1],
  [10_000, 300, 1],
];
/** Longer stories and larger fleets, minutes of them: `SKYLINE_LARGE=1`. */
const LARGE = process.env.SKYLINE_LARGE === '1';

describe.each(Object.entries(PROFILES))('the skyline under %s', (_, makeProfile) => {
  it.each(SIZES)('finds the node of the full scan on %i nodes', (nodes, decisions, seeds) => {
    for (let seed = 1; seed <= seeds; seed++) {
      play({ nodes, decisions, seed: seed * 7919, pods: PODS, churn: 45 }, makeProfile);
    }
  });

  it('finds it where devices are shared', () => {
    for (let seed = 1; seed <= 4; seed++) {
      play({ nodes: 40, decisions: 600, seed, pods: [...PODS, ...SHARES], churn: 45 }, makeProfile);
    }
  });

  it.each([
    ['doubles', 1_000_003],
    ['more than the closed form of whole scores takes', 1_000_000_007],
  ])('finds it where amounts of memory are %s', (_, memoryUnit) => {
    const pods = [...PODS, ...SHARES];
    for (let seed = 1; seed <= 4; seed++) {
      play({ nodes: 30, decisions: 300, seed, pods, churn: 45, memoryUnit }, makeProfile);
    }
  });

  it('finds it while equal nodes fill from empty', () => {
    const pods = [PODS[0]!, PODS[2]!];
    play({ nodes: 500, decisions: 4000, seed: 3, pods, churn: 0 }, makeProfile);
  });

  it.runIf(LARGE).each([
    [1000, 30_000],
    [10_000, 30_000],
    [100_000, 3000],
  ])('finds it on %i nodes over %i decisions', { timeout: 600_000 }, (nodes, decisions) => {
    play({ nodes, decisions, seed: 11, pods: PODS, churn: 45 }, makeProfile);
  });
});

describe('the skyline', () => {
  it('scores few nodes, however many there are', () => {
    const test = buildCluster([{ cpuMillicores: 32000, memoryMib: 131072, count: 5000 }]);
    const cluster = test.view as Cluster;
    const profile = PROFILES['least-allocated']!(cluster);
    const skyline = new SkylineSelector(
      partsOf(cluster, profile),
      cluster.changes,
      neverAsked as never,
    );
    let scored = 0;
    for (let i = 0; i < 20_000; i++) {
      const build = PODS[i % 4]!;
      const chosen = skyline.choose(test.attempt(build, i + 1));
      test.place(build, chosen);
      scored += skyline.examined;
    }
    // One group: its skyline holds a handful of points, of which most are below the bound.
    expect(scored / 20_000).toBeLessThan(6);
  });

  it('makes its levels finer when a request asks for it', () => {
    const odd = [{ cpuMillicores: 333, memoryMib: 100 }, ...PODS];
    play(
      { nodes: 30, decisions: 300, seed: 5, pods: odd, churn: 40 },
      PROFILES['worst-fit with devices']!,
    );
  });

  it('hands over to the fallback when levels outnumber nodes by far', () => {
    const test = buildCluster([{ cpuMillicores: 500_000, memoryMib: 131072, count: 4 }]);
    const cluster = test.view as Cluster;
    const profile = PROFILES['least-allocated']!(cluster);
    const parts = partsOf(cluster, profile);
    const skyline = new SkylineSelector(
      parts,
      cluster.changes,
      () => new TournamentSelector(parts, cluster.changes),
    );
    expect(skyline.tier).toBe('skyline');
    expect(skyline.choose(test.attempt({ cpuMillicores: 500 }))).toBe(0);
    expect(skyline.tier).toBe('skyline');
    // A request of one millicore makes 500,001 levels for four nodes.
    expect(skyline.choose(test.attempt({ cpuMillicores: 1 }))).toBe(0);
    expect(skyline.tier).toBe('index');
  });

  it('is not for scores that fall with free resources, undeclared ones, other ties or filters', () => {
    const test = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, count: 3 }]);
    const cluster = test.view as Cluster;
    const base = PROFILES['least-allocated']!(cluster);
    const own = { name: 'own', dependsOn: 'own-node', risesWithFree: true, add: () => {} } as const;
    const filter = {
      name: 'odd',
      reason: 'odd',
      dependsOn: 'own-node',
      wakes: [],
      keep: (_pod: unknown, _nodes: unknown, count: number) => count,
    } as const;
    expect(isSkylined(base, cluster)).toBe(true);
    for (const profile of [
      { ...base, scores: [{ score: mostAllocated(CPU_MEMORY, cluster), weight: 1 }] },
      { ...base, scores: [{ score: own, weight: 1 }] },
      { ...base, scores: [{ ...base.scores![0]!, weight: -1 }] },
      { ...base, scores: [{ score: leastAllocated({ pods: 1 }, cluster), weight: 1 }] },
      { ...base, ties: 'index' as const },
      { ...base, filters: [filter] },
    ]) {
      expect(isSkylined(profile, cluster)).toBe(false);
    }
    const extended = buildCluster([
      { cpuMillicores: 4000, memoryMib: 8192, extended: { fpga: 1 } },
    ]);
    expect(isSkylined(base, extended.view)).toBe(false);
    expect(
      selectFor({ policy: 'test', cluster, profile: base, stream: testStream('x'), check: null })
        .selector.tier,
    ).toBe('index');
  });
});

describe('drawn nodes in one pass', () => {
  const DRAWN: readonly TieOrder[] = ['index', 'capacity'];

  it.each(DRAWN)('are those of the plain sample, ties by %s', (ties) => {
    for (let seed = 1; seed <= 6; seed++) {
      const next = dice(seed * 31);
      const test = fleetOf(60, next);
      const cluster = test.view as Cluster;
      const profile = {
        ...PROFILES['a mix of whole and real scores']!(cluster),
        ties,
        sample: { size: 3, tries: 2 },
      };
      expect(isDeclaredSample(profile, cluster)).toBe(true);
      const stream = testStream('drawn');
      const parts = { ...partsOf(cluster, profile), tieBreak: tieOf(ties, cluster) };
      const scan = () => new ScanSelector({ ...parts, profile: { ...profile, sample: undefined } });
      const plain = new SampleSelector(parts, profile.sample, scan, (pod, draw) =>
        stream.uniform(pod.key, pod.attempt * 4096 + 1 + draw),
      );
      const fused = new DeclaredSampleSelector(parts, profile.sample, scan, {
        stream,
        perAttempt: 4096,
      });
      for (let i = 0; i < 600; i++) {
        const build = [...PODS, ...SHARES][next(PODS.length + SHARES.length)]!;
        const pod = { ...test.attempt(build, i + 1), attempt: next(3) };
        const expected = plain.choose(pod);
        expect([fused.choose(pod), fused.examined]).toEqual([expected, plain.examined]);
        if (expected < 0) continue;
        const { gpuCount } = pod.shape;
        const devices = gpuCount === 0 ? 0 : tightestDevices.choose(pod, asNode(expected), cluster);
        test.place(build, expected, devices);
        if (next(40) === 0) test.setState(next(60), [UP, DOWN][next(2)]!);
      }
    }
  });
});

function tieOf(ties: TieOrder, cluster: ClusterView): TieBreak {
  return ties === 'capacity' ? byCapacity(cluster) : byIndex;
}
