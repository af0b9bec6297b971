/** Random clusters and what may happen to them, for tests that compare selectors. */
import fc from 'fast-check';
import { asNode, type PodIndex } from '../../../src/base/ids.ts';
import type { PodAttempt } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { DOWN, DRAINING, UP } from '../../../src/model/view.ts';
import { tightestDevices } from '../../../src/selection/devices.ts';
import {
  buildCluster,
  type NodeBuild,
  type PodBuild,
  type TestCluster,
} from '../../../src/testing/cluster.ts';

const TAINT = { key: 'only', value: 'batch', effect: 'NoSchedule' } as const;

/** Pools that differ in every way that a filter looks at; few sizes, so that scores tie. */
const POOLS: readonly NodeBuild[] = [
  { cpuMillicores: 4000, memoryMib: 8192, pods: 6 },
  { cpuMillicores: 4000, memoryMib: 8192, labels: { disk: 'ssd' } },
  { cpuMillicores: 8000, memoryMib: 4096, taints: [TAINT] },
  { cpuMillicores: 16000, memoryMib: 32768, gpus: 2, gpuModel: 'T4' },
  { cpuMillicores: 16000, memoryMib: 32768, gpus: 4, gpuModel: 'V100', labels: { disk: 'ssd' } },
  { cpuMillicores: 4000, memoryMib: 8192, extended: { fpga: 2 } },
];

const PODS: readonly PodBuild[] = [
  { cpuMillicores: 500, memoryMib: 512 },
  { cpuMillicores: 2000, memoryMib: 1024 },
  { cpuMillicores: 1000, memoryMib: 4096, tolerations: [{ ...TAINT, operator: 'Equal' }] },
  { cpuMillicores: 1000, memoryMib: 512, nodeSelector: { disk: 'ssd' } },
  { cpuMillicores: 1000, memoryMib: 1024, gpus: 1, gpuMilli: 300 },
  { cpuMillicores: 2000, memoryMib: 1024, gpus: 1, gpuMilli: 600, gpuModels: ['V100'] },
  { cpuMillicores: 2000, memoryMib: 1024, gpus: 2 },
  { cpuMillicores: 500, memoryMib: 256, extended: { fpga: 1 } },
  { cpuMillicores: 20000, memoryMib: 256 },
];

/** One thing that happens; numbers pick modulo what there is. */
export type Happening =
  | { readonly do: 'place'; readonly pod: number; readonly times: number }
  | { readonly do: 'release'; readonly which: number }
  | { readonly do: 'state'; readonly node: number; readonly state: number };

/** Kinds of pools, and what happens. */
export interface WorldStory {
  readonly pools: readonly number[];
  readonly happenings: readonly Happening[];
}

/** Random stories of up to `most` happenings. */
export function stories(most: number): fc.Arbitrary<WorldStory> {
  const place = fc.record({
    do: fc.constant('place' as const),
    pod: fc.nat({ max: PODS.length - 1 }),
    times: fc.integer({ min: 1, max: 4 }),
  });
  const release = fc.record({ do: fc.constant('release' as const), which: fc.nat() });
  const state = fc.record({
    do: fc.constant('state' as const),
    node: fc.nat(),
    state: fc.constantFrom(UP, UP, DOWN, DRAINING),
  });
  return fc.record({
    pools: fc.array(fc.nat({ max: POOLS.length - 1 }), { minLength: 1, maxLength: 5 }),
    happenings: fc.array(
      fc.oneof({ weight: 6, arbitrary: place }, { weight: 3, arbitrary: release }, state),
      { minLength: 5, maxLength: most, size: 'max' },
    ),
  });
}

/** A cluster of exactly `size` nodes, spread over the pools. */
export function clusterOf(size: number, pools: readonly number[]): TestCluster {
  const kinds = pools.slice(0, size);
  const builds = kinds.map((kind, i) => ({
    ...POOLS[kind]!,
    count: Math.floor(size / kinds.length) + (i < size % kinds.length ? 1 : 0),
  }));
  // Every resource and model exists in every world, so that every pod can be asked for.
  return buildCluster(builds.map((build) => ({ extended: { fpga: 0 }, ...build })));
}

/** The pods of these worlds, as shapes of a cluster. */
export function knownPods(): readonly PodBuild[] {
  return PODS;
}

/**
 * Lets a story happen to a cluster; `choose` decides every placement and is compared by the caller.
 *
 * @param choose the node for an attempt, or -1
 */
export function live(
  test: TestCluster,
  story: WorldStory,
  choose: (pod: PodAttempt) => number,
): void {
  const cluster = test.view as Cluster;
  const placed: PodIndex[] = [];
  let key = 1;
  for (const happening of story.happenings) {
    switch (happening.do) {
      case 'place':
        for (let i = 0; i < happening.times; i++) {
          const pod = PODS[happening.pod]!;
          const attempt = { ...test.attempt(pod, key++), attempt: i };
          const node = choose(attempt);
          if (node < 0) continue;
          const devices =
            attempt.shape.gpuCount === 0
              ? 0
              : tightestDevices.choose(attempt, asNode(node), cluster);
          placed.push(test.place(pod, node, devices));
        }
        break;
      case 'release': {
        if (placed.length === 0) break;
        const [pod] = placed.splice(happening.which % placed.length, 1);
        test.remove(pod!);
        break;
      }
      case 'state':
        test.setState(happening.node % cluster.nodes.count, happening.state);
        break;
    }
  }
}
