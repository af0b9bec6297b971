import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Taint } from '../../../../src/base/constraints.ts';
import { asNode } from '../../../../src/base/ids.ts';
import type { FrameworkScheduler } from '../../../../src/contracts/framework.ts';
import type { SchedulingSetup } from '../../../../src/contracts/scheduling.ts';
import { builtinRegistry } from '../../../../src/policies/builtin.ts';
import { kubernetesDefault } from '../../../../src/policies/kubernetes/default.ts';
import { KeyedDraws } from '../../../../src/random/draw.ts';
import { KubeCycle } from '../../../../src/selection/kubernetes/cycle.ts';
import { Nominator } from '../../../../src/selection/kubernetes/nominator.ts';
import type { KubeNodeBuild, KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld } from '../../../builders/kube-world.ts';
import {
  affinePod,
  nodeLabels,
  spreadPod,
  taints,
  tolerations,
} from '../../policies/kubernetes/arbitrary.ts';
import { NaiveCycle, type NaivePod } from './naive-cycle.ts';

const MIB = 1024 * 1024;
const IMAGE = 'r/app:1';

const node: fc.Arbitrary<KubeNodeBuild> = fc.record({
  allocatable: fc.record({
    cpu: fc.constantFrom(2000, 4000),
    memory: fc.constantFrom(8192 * MIB, 16384 * MIB),
    pods: fc.constantFrom(3, 110),
  }),
  labels: nodeLabels,
  taints: fc.oneof({ weight: 3, arbitrary: fc.constant([] as Taint[]) }, taints),
  unschedulable: fc.oneof({ weight: 8, arbitrary: fc.constant(false) }, fc.constant(true)),
  images: fc.constantFrom<Record<string, number>>({}, {}, { [IMAGE]: 600 * MIB }),
});

/** Requests as they are written: a pod that names nothing counts as 100m and 200Mi. */
const sizes = fc
  .record({ cpu: fc.constantFrom(0, 100, 500, 1500), memory: fc.constantFrom(0, 256, 2048) })
  .map(({ cpu, memory }) => {
    const nonZero = {
      cpuMillicores: cpu || 100,
      memoryBytes: (memory || 200) * MIB,
    };
    return {
      requests: { cpu, memory: memory * MIB },
      nonZeroPlaced: nonZero,
      nonZeroScored: nonZero,
    };
  });

const simplePod: fc.Arbitrary<KubePodBuild> = fc.record({
  tolerations,
  hostPorts: fc.constantFrom([], [], [{ ip: '0.0.0.0', protocol: 'TCP', port: 80 }]),
  images: fc.constantFrom([], [IMAGE]),
});

const pod: fc.Arbitrary<KubePodBuild> = fc
  .tuple(
    sizes,
    fc.oneof(simplePod, spreadPod as fc.Arbitrary<KubePodBuild>, affinePod),
    fc.constantFrom(0, 10),
  )
  .map(([size, more, priority]) => ({ ...more, ...size, priority }));

type Step =
  | { readonly do: 'schedule' | 'nominate'; readonly pod: number; readonly node: number }
  | { readonly do: 'remove' | 'terminate'; readonly which: number }
  | { readonly do: 'labels'; readonly node: number; readonly labels: Record<string, string> }
  | { readonly do: 'taints'; readonly node: number; readonly taints: readonly Taint[] }
  | { readonly do: 'list'; readonly node: number };

const nat = fc.nat({ max: 999 });
const as = <T extends string>(what: T) => fc.constant(what);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: as('schedule'), pod: nat, node: nat }) },
  { weight: 2, arbitrary: fc.record({ do: as('nominate'), pod: nat, node: nat }) },
  { weight: 2, arbitrary: fc.record({ do: as('remove'), which: nat }) },
  { weight: 1, arbitrary: fc.record({ do: as('terminate'), which: nat }) },
  { weight: 1, arbitrary: fc.record({ do: as('labels'), node: nat, labels: nodeLabels }) },
  { weight: 1, arbitrary: fc.record({ do: as('taints'), node: nat, taints }) },
  { weight: 1, arbitrary: fc.record({ do: as('list'), node: nat }) },
) as fc.Arbitrary<Step>;

/** The default scheduler on a world's nodes. */
function makeScheduler(world: KubeWorld): FrameworkScheduler {
  const registry = builtinRegistry();
  const config = kubernetesDefault.params!({}) as { value: never };
  return kubernetesDefault.create(config.value, {
    framework: (name: string, args: unknown) => {
      const policy = registry.find('framework', name)!;
      const params = (policy.params?.(args) ?? { value: undefined }) as { value: never };
      return policy.create(params.value, { nodes: world.nodes } as never);
    },
  } as unknown as SchedulingSetup as never) as FrameworkScheduler;
}

/** Both cycles over one world; every decision is compared. */
class Pair {
  readonly world: KubeWorld;
  readonly naive: NaiveCycle;
  private readonly cycle: KubeCycle;
  private readonly nominator = new Nominator();
  private readonly stream = new KeyedDraws(1, 0, 'test');
  private ids = 1000;
  decisions = 0;

  constructor(nodes: readonly KubeNodeBuild[]) {
    this.world = new KubeWorld(nodes);
    this.naive = new NaiveCycle(this.world);
    this.cycle = new KubeCycle({
      policy: 'kubernetes/default',
      scheduler: makeScheduler(this.world),
      nodes: this.world.cluster.nodes,
      nominator: this.nominator,
      facts: {
        budgets: [],
        startSeconds: () => 0,
        isPreempted: () => false,
      },
      stream: this.stream,
      check: false,
    });
  }

  newPod(build: KubePodBuild): NaivePod {
    return { id: this.ids++, build, nominated: null };
  }

  nominate(waits: NaivePod, n: number): void {
    waits.nominated = n;
    this.naive.waiting.push(waits);
    this.nominator.nominate(this.world.cluster.attempt(waits.build, waits.id), asNode(n));
  }

  schedule(waits: NaivePod): void {
    this.decisions++;
    const { cluster, plainNodes } = this.world;
    const attempt = cluster.attempt(waits.build, waits.id);
    const result = this.cycle.schedule(attempt);
    const expected = this.naive.decide(waits, this.stream.uniform(attempt.key, 0));
    expect({ node: result.node, feasible: result.feasible, i0: this.cycle.startIndex }).toEqual({
      node: expected.node,
      feasible: expected.feasible,
      i0: this.naive.i0,
    });
    if (result.failure !== null) {
      const refusals = this.naive.list.map((n) => [
        result.failure!.rejectorOf(asNode(n))?.name ?? 'NodeAffinity',
        result.failure!.statusOf(asNode(n)),
      ]);
      const outside = ['NodeAffinity', 2];
      expect(refusals).toEqual(this.naive.list.map((n) => expected.refusals.get(n) ?? outside));
    }
    if (result.node === -1 || plainNodes[result.node] === undefined) return;
    this.world.place(waits.build, result.node);
    this.nominator.clear(waits.id);
    const at = this.naive.waiting.indexOf(waits);
    if (at >= 0) this.naive.waiting.splice(at, 1);
  }

  live(pods: readonly KubePodBuild[], steps: readonly Step[]): void {
    const { naive, world } = this;
    for (const step of steps) {
      const n = 'node' in step ? step.node % world.plainNodes.length : 0;
      switch (step.do) {
        case 'schedule': {
          const again = naive.waiting[step.node];
          this.schedule(again ?? this.newPod(pods[step.pod % pods.length]!));
          break;
        }
        case 'nominate':
          this.nominate(this.newPod(pods[step.pod % pods.length]!), n);
          break;
        case 'remove':
        case 'terminate': {
          const gone = world.pods[step.which % Math.max(1, world.pods.length)];
          if (gone !== undefined) world[step.do](gone.id);
          break;
        }
        case 'labels': {
          const before = naive.zone(n);
          world.change(n, { labels: step.labels });
          naive.relabelled(n, before);
          break;
        }
        case 'taints':
          world.change(n, { taints: step.taints });
          break;
        case 'list': {
          const { isListed } = world.plainNodes[n]!;
          if (isListed && world.podsOn(world.plainNodes[n]!).length > 0) break;
          world.list(n, !isListed);
          naive.relist(n, !isListed);
          break;
        }
      }
      world.cluster.nodes.refresh();
      const list: number[] = [];
      world.nodes.forEachNode((listed) => list.push(listed));
      expect(list).toEqual(naive.list);
    }
  }
}

describe('the scheduling cycle', () => {
  it('gives node, start index and refusals of the naive cycle on random clusters', () => {
    let decisions = 0;
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 1, maxLength: 8 }),
        fc.array(pod, { minLength: 1, maxLength: 5 }),
        fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
        (nodes, pods, steps) => {
          const pair = new Pair(nodes);
          pair.live(pods, steps);
          decisions += pair.decisions;
        },
      ),
      { numRuns: 1000 },
    );
    expect(decisions).toBeGreaterThan(5000);
  });

  it('does so where the search stops early', () => {
    fc.assert(
      fc.property(
        fc.array(node, { minLength: 3, maxLength: 3 }),
        fc.integer({ min: 105, max: 260 }),
        fc.array(pod, { minLength: 1, maxLength: 3 }),
        fc.array(step, { minLength: 5, maxLength: 12, size: 'max' }),
        (kinds, size, pods, steps) => {
          const nodes = Array.from({ length: size }, (_, i) => kinds[i % 3]!);
          new Pair(nodes).live(pods, steps);
        },
      ),
      { numRuns: 40 },
    );
  });
});
