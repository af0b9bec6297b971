/** PodTopologySpread and InterPodAffinity against a recount, while pods and nodes come, go and change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import type { FrameworkPlugin } from '../../../../src/contracts/framework.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin } from '../../../builders/kube-world.ts';
import { affinePod, NAMESPACES, nodeBuild, type Step, spreadPod, step } from './arbitrary.ts';
import {
  affinityFilter,
  affinityScore,
  type DryChange,
  spreadFilter,
  spreadScore,
} from './twins.ts';

/** Does a step; true if it asks. */
function take(world: KubeWorld, pods: readonly KubePodBuild[], what: Step): boolean {
  const node = 'node' in what ? what.node % world.plainNodes.length : 0;
  const placed = 'pod' in what ? world.pods[what.pod % Math.max(1, world.pods.length)] : undefined;
  switch (what.kind) {
    case 'place':
      world.place(pods[what.pod % pods.length]!, node);
      return false;
    case 'remove':
      if (placed !== undefined) world.remove(placed.id);
      return false;
    case 'terminate':
      if (placed !== undefined) world.terminate(placed.id);
      return false;
    case 'labels':
      world.change(node, { labels: what.labels });
      return false;
    case 'taints':
      world.change(node, { taints: what.taints });
      return false;
    case 'list':
      world.list(node, what.isListed);
      return false;
    case 'ask':
      return true;
  }
}

const story = (pod: fc.Arbitrary<KubePodBuild>) =>
  fc.record({
    nodes: fc.array(nodeBuild, { minLength: 1, maxLength: 5 }),
    pods: fc.array(pod, { minLength: 1, maxLength: 4 }),
    steps: fc.array(step, { minLength: 1, maxLength: 30 }),
    seed: fc.nat(1000),
  });

/** Every other listed node: a feasible list that is no prefix. */
function feasibleOf(world: KubeWorld, seed: number): readonly number[] {
  const list = world.listed.map(({ index }) => index).filter((i) => (seed >> i) % 2 === 0);
  return seed % 3 === 0 ? list.reverse() : list;
}

/** Tries on one node: removes its pods one by one, adds two, as preemption would. */
function dryRun(
  world: KubeWorld,
  plugin: FrameworkPlugin,
  pods: { readonly asked: KubePodBuild; readonly others: readonly KubePodBuild[] },
  twin: (dry: readonly DryChange[]) => readonly number[] | null,
): void {
  const point = plugin.filter!;
  const pod = world.attempt(pods.asked);
  const pre = point.preFilter!(pod, world.nodes);
  if (pre.kind !== 'run') return;
  for (const node of world.listed) {
    const state = point.cloneState!(pre.state);
    const at = { node: asNode(node.index), nodes: world.nodes };
    const dry: DryChange[] = [];
    const check = () => {
      const statuses = world.listed.map(({ index }) =>
        point.test(pod, asNode(index), world.nodes, state),
      );
      expect(statuses).toEqual(twin(dry));
    };
    for (const { id, build, kube, isTerminating } of world.podsOn(node)) {
      // A terminating pod does not count, and yet its removal subtracts: the twin does the same.
      point.removePod!(
        state,
        pod,
        { id, kube, isTerminating, shape: world.attempt(build).shape },
        at,
      );
      dry.push({ node: node.index, kube, by: -1 });
      check();
    }
    for (const other of pods.others.slice(0, 2)) {
      const { kube, shape } = world.attempt(other);
      point.addPod!(state, pod, { id: 7, kube, shape, isTerminating: false }, at);
      dry.push({ node: node.index, kube, by: 1 });
      check();
    }
    // The cycle's own state is untouched.
    const again = world.listed.map(({ index }) =>
      point.test(pod, asNode(index), world.nodes, pre.state),
    );
    expect(again).toEqual(twin([]));
  }
}

describe('PodTopologySpread that counts incrementally', () => {
  it('answers as a recount does, whatever happens in between', () => {
    fc.assert(
      fc.property(story(spreadPod), ({ nodes, pods, seed, steps }) => {
        const world = new KubeWorld(nodes, { namespaces: NAMESPACES });
        const plugin = makePlugin('pod-topology-spread', world.nodes);
        for (const what of steps) {
          if (!take(world, pods, what) || what.kind !== 'ask') continue;
          const asked = pods[what.pod % pods.length]!;
          const { preFilter, statuses } = world.filter(plugin, asked);
          expect(preFilter === 'skip' ? null : statuses).toEqual(spreadFilter(world, asked));
          const feasible = feasibleOf(world, seed);
          expect(world.score(plugin, asked, feasible)).toEqual(spreadScore(world, asked, feasible));
          dryRun(world, plugin, { asked, others: pods }, (dry) => spreadFilter(world, asked, dry));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('InterPodAffinity that counts incrementally', () => {
  it('answers as a recount does, whatever happens in between', () => {
    fc.assert(
      fc.property(story(affinePod), ({ nodes, pods, seed, steps }) => {
        const world = new KubeWorld(nodes, { namespaces: NAMESPACES });
        const hardWeight = seed % 3;
        const args = { hardPodAffinityWeight: hardWeight };
        const plugin = makePlugin('inter-pod-affinity', world.nodes, args);
        for (const what of steps) {
          if (!take(world, pods, what) || what.kind !== 'ask') continue;
          const asked = pods[what.pod % pods.length]!;
          const { preFilter, statuses } = world.filter(plugin, asked);
          expect(preFilter === 'skip' ? null : statuses).toEqual(affinityFilter(world, asked));
          const feasible = feasibleOf(world, seed);
          const expected = affinityScore(world, asked, { feasible, hardWeight });
          expect(world.score(plugin, asked, feasible)).toEqual(expected);
          dryRun(world, plugin, { asked, others: pods }, (dry) =>
            affinityFilter(world, asked, dry),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });
});
