/** Worked examples of the specification that are about the cycle as a whole. */
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import type { FrameworkPlugin } from '../../../../src/contracts/framework.ts';
import { OFF, UP } from '../../../../src/model/view.ts';
import { searchSize } from '../../../../src/selection/kubernetes/search-size.ts';
import { KubeWorld, type NodeSketch, schedulerOf } from './kube-world.ts';

const ZONE = 'topology.kubernetes.io/zone';

/** Refuses every fifth node, beginning with the first. */
const everyFifth: FrameworkPlugin = {
  name: 'EveryFifth',
  filter: {
    dependsOn: 'own-node',
    test: (_pod, n) => (n % 5 === 0 ? 1 : 0),
    reasons: () => ['every fifth'],
  },
  hints: [],
};
const flat: FrameworkPlugin = {
  name: 'Flat',
  score: { dependsOn: 'class', score: () => 7, normalise: 'none' },
  hints: [],
};

describe('the size of a search', () => {
  it('is the table of section 2.4', () => {
    const table = [
      [99, 99],
      [100, 100],
      [200, 100],
      [250, 120],
      [500, 230],
      [1000, 420],
      [2500, 750],
      [5000, 500],
      [5624, 337],
      [5625, 281],
      [6000, 300],
      [10000, 500],
      [15000, 750],
    ] as const;
    expect(table.map(([nodes]) => [nodes, searchSize(nodes, 0)])).toEqual(table);
  });

  it('is a share of the nodes if a percentage is given, but not below 100', () => {
    // 5000 * 7 div 100 = 350; 1000 * 7 div 100 = 70, so 100.
    expect(searchSize(5000, 7)).toBe(350);
    expect(searchSize(1000, 7)).toBe(100);
    expect(searchSize(5000, 100)).toBe(5000);
  });
});

describe('the start index', () => {
  it('moves as in example 12', () => {
    const world = new KubeWorld(Array.from({ length: 250 }, () => ({})));
    const cycle = world.cycle(
      schedulerOf({ filters: [everyFifth], scores: [{ plugin: flat, weight: 1 }] }),
    );
    const starts = [1, 2, 3, 4].map(() => {
      // K(250) = 250 * 48 div 100 = 120.
      expect(cycle.schedule(world.pending({})).feasible).toBe(120);
      return cycle.startIndex;
    });
    expect(starts).toEqual([151, 51, 201, 101]);
  });

  it('wraps, outlives nodes that go, and stands where it was after a full round', () => {
    const world = new KubeWorld(Array.from({ length: 10 }, () => ({})));
    const cycle = world.cycle(schedulerOf({ filters: [everyFifth] }));
    // Without scores the first feasible node is taken: K = 1. Node 0 fails, node 1 is kept, node 2 is left.
    expect(cycle.schedule(world.pending({})).node).toBe(1);
    expect(cycle.startIndex).toBe(2);
    for (const node of [2, 3, 4, 6, 7]) {
      expect(cycle.schedule(world.pending({})).node).toBe(node);
      if (node === 4) expect(cycle.startIndex).toBe(6);
    }
    expect(cycle.startIndex).toBe(8);
    // Eight nodes are left of ten: 8 mod 8 = 0.
    world.setState(8, OFF);
    world.setState(9, OFF);
    expect(cycle.schedule(world.pending({})).node).toBe(1);
    expect(cycle.startIndex).toBe(2);
  });

  it('does not move when PreFilter rejects, nor when the nominated node fits', () => {
    const world = new KubeWorld([{}, {}, {}]);
    const cycle = world.cycle();
    const conflicting = {
      kube: {
        nodeAffinity: {
          required: [
            {
              expressions: [],
              fields: [
                { key: 'metadata.name', operator: 'In' as const, values: ['n0'] },
                { key: 'metadata.name', operator: 'In' as const, values: ['n1'] },
              ],
            },
          ],
          preferred: [],
        },
      },
    };
    const refused = cycle.schedule(world.pending(conflicting));
    expect(refused.kind).toBe('refused');
    expect(refused.failure!.rejectors.map(({ name }) => name)).toEqual(['NodeAffinity']);
    expect(refused.failure!.statusOf(asNode(2))).toBe(2);
    const nominated = world.pending({ cpu: 100 });
    world.nominator.nominate(nominated, asNode(2));
    const result = cycle.schedule(nominated);
    expect([result.node, result.feasible, result.examined]).toEqual([2, 1, 1]);
    expect(cycle.startIndex).toBe(0);
  });

  it('counts a nominated node that fails once, whether the search meets it or not', () => {
    const world = new KubeWorld(Array.from({ length: 10 }, () => ({})));
    const cycle = world.cycle(schedulerOf({ filters: [everyFifth] }));
    const pod = world.pending({});
    // Node 5 fails, then node 0 fails, node 1 is kept: 0 + 1 kept + 2 failed = 3, though node 2 was not kept.
    world.nominator.nominate(pod, asNode(5));
    expect(cycle.schedule(pod).node).toBe(1);
    expect(cycle.startIndex).toBe(3);
  });
});

describe('the node list', () => {
  it('is that of section 2.1', () => {
    const zones = ['A', 'A', 'B', '', 'A', 'B'];
    const world = new KubeWorld(
      zones.map(
        (zone, i): NodeSketch => ({
          name: `n${i + 1}`,
          labels: zone === '' ? {} : { [ZONE]: zone },
        }),
      ),
    );
    expect(world.list().join(' ')).toBe('n1 n3 n4 n2 n6 n5');
    world.setState(3, OFF);
    world.setState(0, OFF);
    expect(world.list().join(' ')).toBe('n2 n3 n5 n6');
    world.setState(3, UP);
    world.setState(0, UP);
    expect(world.list().join(' ')).toBe('n2 n3 n4 n5 n6 n1');
  });

  it('keeps its order when a zone label changes, until a node comes or goes', () => {
    const world = new KubeWorld([
      { labels: { [ZONE]: 'A' } },
      { labels: { [ZONE]: 'A' } },
      { labels: { [ZONE]: 'B' } },
    ]);
    expect(world.list()).toEqual(['n0', 'n2', 'n1']);
    world.setClass(0, { labels: { [ZONE]: 'B' } });
    expect(world.list()).toEqual(['n0', 'n2', 'n1']);
    // A has n1, B has n2 and then n0; n1 leaves, so that zone A is gone.
    world.setState(1, OFF);
    expect(world.list()).toEqual(['n2', 'n0']);
  });

  it('does not notice a node that went and came back between two snapshots', () => {
    const world = new KubeWorld([{}, {}, {}]);
    world.setState(0, OFF);
    world.setState(0, UP);
    expect(world.list()).toEqual(['n0', 'n1', 'n2']);
    world.setState(1, OFF);
    expect(world.list()).toEqual(['n2', 'n0']);
  });
});

describe('nominated pods', () => {
  it('hold their room against pods of their priority or less, as in example 15', () => {
    // 4000m, 1000m used, V wants 2500m there.
    const world = new KubeWorld([{ cpu: 4000 }]);
    world.place({ cpu: 1000 }, 0);
    const victor = world.pending({ cpu: 2500, priority: 10 });
    world.nominator.nominate(victor, asNode(0));
    const cycle = world.cycle();
    // 1000 + 2500 + 1000 > 4000.
    const low = cycle.schedule(world.pending({ cpu: 1000, priority: 5 }));
    expect(low.failure!.statusOf(asNode(0))).toBe(1);
    expect(low.failure!.message('')).toBe('0/1 nodes are available: 1 Insufficient cpu.');
    expect(cycle.schedule(world.pending({ cpu: 1000, priority: 20 })).node).toBe(0);
    // 1000 + 2500 + 500 = 4000.
    expect(cycle.schedule(world.pending({ cpu: 500, priority: 10 })).node).toBe(0);
  });
});

describe('a refusal', () => {
  it('is told in upstream words, sorted and counted, with what preemption says', () => {
    const hard = { key: 'k', value: 'v', effect: 'NoSchedule' } as const;
    const world = new KubeWorld([
      { cpu: 500 },
      { cpu: 500 },
      { taints: [hard] },
      { unschedulable: true },
      { cpu: 4000, pods: 1 },
    ]);
    world.place({ cpu: 3500 }, 4);
    const cycle = world.cycle();
    const pod = world.pending({ cpu: 1000 });
    const { failure } = cycle.schedule(pod);
    expect(failure!.rejectors.map(({ name }) => name)).toEqual([
      'NodeUnschedulable',
      'TaintToleration',
      'NodeResourcesFit',
    ]);
    const preemption = cycle.findVictims(pod);
    expect(failure!.message('message' in preemption ? preemption.message : '')).toBe(
      '0/5 nodes are available: 1 Too many pods, 1 node(s) had untolerated taint {k: v}, 1 node(s) ' +
        'were unschedulable, 3 Insufficient cpu. preemption: 0/5 nodes are available: 1 No preemption ' +
        'victims found for incoming pod, 4 Preemption is not helpful for scheduling.',
    );
  });

  it('counts nodes outside of what PreFilter allows as not satisfying the plug-in', () => {
    const world = new KubeWorld([{ cpu: 500 }, {}, {}]);
    const fields = [{ key: 'metadata.name', operator: 'In' as const, values: ['n0'] }];
    const pod = world.pending({
      cpu: 1000,
      kube: { nodeAffinity: { required: [{ expressions: [], fields }], preferred: [] } },
    });
    const { failure } = world.cycle().schedule(pod);
    expect(failure!.statusOf(asNode(1))).toBe(2);
    expect(failure!.rejectors.map(({ name }) => name)).toEqual([
      'NodeResourcesFit',
      'NodeAffinity',
    ]);
    expect(failure!.message('')).toBe(
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    );
  });

  it('is none without nodes: that is an error of no plug-in', () => {
    const world = new KubeWorld([{}]);
    world.setState(0, OFF);
    const result = world.cycle().schedule(world.pending({}));
    expect([result.kind, result.node, result.failure]).toEqual(['empty', -1, null]);
  });
});

describe('an explanation', () => {
  it('tells statuses and scores node by node, and moves nothing', () => {
    // Example 1: totals 449 and 434, c lacks cpu.
    const world = new KubeWorld([
      { name: 'a' },
      { name: 'b', cpu: 8000, memoryMib: 32768 },
      { name: 'c' },
    ]);
    world.place({ cpu: 1000, memoryMib: 2048 }, 0);
    world.place({ cpu: 3000, memoryMib: 20480 }, 1);
    world.place({ cpu: 3500, memoryMib: 1024 }, 2);
    const cycle = world.cycle();
    const told = cycle.explain(world.pending({ cpu: 1000, memoryMib: 1024 }));
    expect(told.nodes.map(({ total }) => total)).toEqual([449, 434, null]);
    expect(told.nodes[2]!.reasons).toEqual(['Insufficient cpu']);
    expect(told.nodes[2]!.rejector).toBe('NodeResourcesFit');
    expect([told.chosen, cycle.startIndex]).toEqual([0, 0]);
  });
});
