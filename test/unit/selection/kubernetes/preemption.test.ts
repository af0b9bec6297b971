/** Whom preemption picks: the example of section 5.6, upstream's check, eligibility and offsets. */
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import type { LabelSelector } from '../../../../src/base/kube.ts';
import { KubeWorld, type NodeSketch } from './kube-world.ts';

const web = { labels: { app: 'web' } };
const selector: LabelSelector = [{ key: 'app', operator: 'In', values: ['web'] }];

/** Pods by name, with start seconds, on a node: [name, cpu, priority, start]. */
type Sketch = readonly [string, number, number, number];

/** Builds nodes of 4000m and their pods; the pods of `webNodes` carry the label. */
function build(nodes: readonly (readonly Sketch[])[], webNodes: readonly number[] = []) {
  const world = new KubeWorld(nodes.map((): NodeSketch => ({ cpu: 4000 })));
  const names = new Map<number, string>();
  nodes.forEach((pods, n) => {
    for (const [name, cpu, priority, start] of pods) {
      const [p] = world.place({ cpu, priority, kube: webNodes.includes(n) ? web : {} }, n);
      names.set(p!, name);
      world.facts.starts.set(p!, start);
    }
  });
  world.facts.budgets = [
    { namespace: 'default', selector, disruptionsAllowed: 1, isDisrupted: () => false },
  ];
  return { world, names };
}

const N1: Sketch[] = [
  ['a', 2000, 100, 10],
  ['b', 1000, 0, 20],
  ['c', 1000, 0, 30],
];
const N2: Sketch[] = [
  ['d', 1500, 100, 5],
  ['e', 1500, 100, 40],
  ['f', 1000, 0, 50],
];
const N3: Sketch[] = [
  ['g', 1000, 50, 60],
  ['h', 1000, 50, 15],
  ['i', 2000, 2000, 1],
];
const N4: Sketch[] = [
  ['j', 3000, 2000, 1],
  ['k', 1000, 0, 2],
];
const N5: Sketch[] = [
  ['l', 1500, 50, 70],
  ['m', 1500, 50, 80],
  ['n', 1000, 10, 3],
];

function preempt(
  { world, names }: ReturnType<typeof build>,
  pod = { cpu: 2000, priority: 1000 },
): unknown {
  const cycle = world.cycle();
  const waits = world.pending(pod);
  expect(cycle.schedule(waits).kind).toBe('refused');
  const result = cycle.findVictims(waits);
  if (result.kind !== 'victims') return result;
  return [result.node, result.victims.map((p) => names.get(p)).join(' '), result.violations];
}

describe('preemption', () => {
  it('picks N1 with b and c in the example of section 5.6', () => {
    // No violation: N1, N3, N5; the lowest top priority is 0 of N1.
    expect(preempt(build([N1, N2, N3, N4, N5], [1]))).toEqual([0, 'b c', 0]);
  });

  it('picks N5 without N1: 50 + 10 is less than 50 + 50', () => {
    expect(preempt(build([N2, N3, N4, N5], [0]))).toEqual([3, 'm n', 0]);
  });

  it('breaks a budget only where nothing else is left', () => {
    // N2: d uses the budget, e and f violate it; e fits back (3500), f does not, nor does d: one violation.
    expect(preempt(build([N2, N4], [0]))).toEqual([0, 'd f', 1]);
  });

  it('spares whom it can, as upstream does', () => {
    // 500m: mid 100, low 100, mid 200, high 100; a high pod of 300m: low 100 and mid 200 go, mid 100 stays.
    const world = new KubeWorld([{ cpu: 500 }]);
    const names = new Map<number, string>();
    for (const [name, cpu, priority] of [
      ['mid-100', 100, 100],
      ['low-100', 100, 0],
      ['mid-200', 200, 100],
      ['high-100', 100, 1000],
    ] as const) {
      const [p] = world.place({ cpu, priority }, 0);
      names.set(p!, name);
      world.facts.starts.set(p!, 0);
    }
    expect(preempt({ world, names }, { cpu: 300, priority: 1000 })).toEqual([
      0,
      'mid-200 low-100',
      0,
    ]);
  });

  it('prefers the node whose most important victims started last', () => {
    const one = (start: number): Sketch[] => [['x', 3000, 0, start]];
    const built = build([one(10), one(30), one(20)]);
    expect(preempt(built)).toEqual([1, 'x', 0]);
  });

  it('does not preempt with preemptionPolicy Never, nor while its victims terminate', () => {
    const { names, world } = build([N1]);
    const cycle = world.cycle();
    const never = world.pending({ cpu: 2000, priority: 1000, kube: { preemptionPolicy: 'Never' } });
    cycle.schedule(never);
    expect(cycle.findVictims(never)).toEqual({
      kind: 'not-eligible',
      message: 'preemption: not eligible due to preemptionPolicy=Never.',
    });
    const pod = world.pending({ cpu: 2000, priority: 1000 });
    world.nominator.nominate(pod, asNode(0));
    const b = [...names].find(([, name]) => name === 'b')![0];
    world.nodes.terminate(b as never);
    // Terminating for another reason does not hold it back.
    cycle.schedule(pod);
    expect(cycle.findVictims(pod).kind).toBe('victims');
    world.facts.preempted.add(b);
    cycle.schedule(pod);
    expect(cycle.findVictims(pod).kind).toBe('not-eligible');
  });

  it('leaves nodes alone that no victim can help', () => {
    const hard = { key: 'k', value: 'v', effect: 'NoSchedule' } as const;
    const world = new KubeWorld([{ taints: [hard] }, { cpu: 1000 }]);
    world.place({ cpu: 500 }, 1);
    // The taint is not to be tolerated, and 2000m are more than the other node has at all.
    expect(preempt({ world, names: new Map() })).toEqual({
      kind: 'none',
      message: 'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    });
  });

  it('tries a tenth of the nodes but at least a hundred, from a drawn offset on', () => {
    // 150 potential nodes, all alike but for the start: a hundred are tried, so the latest start may be missed.
    const { names, world } = build(
      Array.from({ length: 150 }, (_, n): Sketch[] => [[`x${n}`, 3000, 0, n]]),
    );
    const cycle = world.cycle();
    const pod = world.pending({ cpu: 2000, priority: 1000 });
    cycle.schedule(pod);
    const offset = Math.floor(world.stream.uniform(pod.key, 1) * 150);
    const tried = Array.from({ length: 100 }, (_, j) => (offset + j) % 150);
    const result = cycle.findVictims(pod);
    expect(result).toMatchObject({ kind: 'victims', node: Math.max(...tried) });
    expect(names.size).toBe(150);
  });

  it('changes nothing by looking', () => {
    const built = build([N1, N2, N3, N4, N5], [1]);
    const { nodes } = built.world;
    const before = [0, 1, 2, 3, 4].map((n) => [
      nodes.free(asNode(n), 0 as never),
      nodes.nonZeroCpu(asNode(n)),
      nodes.podCount(asNode(n)),
    ]);
    preempt(built);
    const after = [0, 1, 2, 3, 4].map((n) => [
      nodes.free(asNode(n), 0 as never),
      nodes.nonZeroCpu(asNode(n)),
      nodes.podCount(asNode(n)),
    ]);
    expect(after).toEqual(before);
  });
});
