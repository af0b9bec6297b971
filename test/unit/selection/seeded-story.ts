/** Stories of a fleet by seed: placements, ends, failures and repairs; a selector is compared with the full scan at every decision. */
import { expect } from 'vitest';
import { asNode, type PodIndex } from '../../../src/base/ids.ts';
import type { SchedulingProfile } from '../../../src/contracts/scheduling.ts';
import type { ChangeLog } from '../../../src/model/change-log.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { type ClusterView, DOWN, DRAINING, UP } from '../../../src/model/view.ts';
import { tightestDevices } from '../../../src/selection/devices.ts';
import { Feasibility } from '../../../src/selection/feasibility.ts';
import { ScanSelector, type SelectorParts } from '../../../src/selection/scan.ts';
import type { NodeSelector } from '../../../src/selection/selector.ts';
import { byCapacity, byIndex, byRank, type TieBreak } from '../../../src/selection/ties.ts';
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
export const POOLS: readonly NodeBuild[] = [
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

/** What happens to a fleet. */
export interface Story {
  readonly nodes: number;
  readonly decisions: number;
  readonly seed: number;
  /** Nodes of one group that follow each other, at most. */
  readonly run: number;
  /** Chance in percent that a placed pod ends, at each decision. */
  readonly churn: number;
}

/** Whole numbers below a bound. */
export function dice(seed: number): (below: number) => number {
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

/** Parts of a selector of a profile; the tie of ties `uniform` falls to the middle. */
export function partsOf(cluster: Cluster, profile: SchedulingProfile): SelectorParts {
  return {
    cluster,
    profile,
    feasibility: new Feasibility(cluster, profile.filters ?? []),
    tieBreak: tieBreakOf(cluster, profile),
    drawTie: () => 0.5,
  };
}

function tieBreakOf(cluster: Cluster, profile: SchedulingProfile): TieBreak {
  if (profile.ties === 'capacity') return byCapacity(cluster);
  return profile.ranks ? byRank(profile.ranks as never) : byIndex;
}

/**
 * Plays a story and compares every decision with the full scan; on few nodes also with the naive twin, but for ties
 * `uniform`, of which each has its own draw.
 */
export function play(
  story: Story,
  makeProfile: (cluster: ClusterView, next: (below: number) => number) => SchedulingProfile,
  makeSelector: (parts: SelectorParts, changes: ChangeLog) => NodeSelector,
): void {
  const next = dice(story.seed);
  const test = fleetOf(story, next);
  const cluster = test.view as Cluster;
  const profile = makeProfile(cluster, next);
  const parts = partsOf(cluster, profile);
  const selector = makeSelector(parts, cluster.changes);
  const scan = new ScanSelector(parts);
  const naive = new NaiveSelector(cluster, profile, testStream('seeded-story'));
  const placed: PodIndex[] = [];
  for (let i = 0; i < story.decisions; i++) {
    const build = PODS[next(PODS.length)]!;
    const pod = test.attempt(build, i + 1);
    const expected = scan.choose(pod);
    if (story.nodes <= 64 && profile.ties !== 'uniform') expect(naive.choose(pod)).toBe(expected);
    const chosen = selector.choose(pod);
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
