/** Preemption in random clusters against its twin: priorities, starts, budgets, ports, nominated and terminating pods. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode, asPod } from '../../../../src/base/ids.ts';
import type { LabelSelector } from '../../../../src/base/kube.ts';
import { KubeWorld, type PodSketch } from './kube-world.ts';
import {
  naivePreemption,
  type TwinAttempt,
  type TwinBudget,
  type TwinNode,
  type TwinPod,
} from './naive-preemption.ts';

const PRIORITIES = [-5, 0, 10, 100] as const;
const SELECTORS: Readonly<Record<TwinBudget['selector'], LabelSelector>> = {
  null: null,
  empty: [],
  x: [{ key: 'app', operator: 'In', values: ['x'] }],
  'not-x': [{ key: 'app', operator: 'NotIn', values: ['x'] }],
  any: [{ key: 'app', operator: 'Exists', values: [] }],
};

const namespace = fc.constantFrom('default', 'default', 'default', 'other');
const somePod = fc.record({
  cpu: fc.integer({ min: 0, max: 8 }).map((quarters) => 250 * quarters),
  priority: fc.constantFrom(...PRIORITIES),
  start: fc.option(fc.nat(5)),
  namespace,
  app: fc.constantFrom('x', 'x', 'y', null),
  port: fc.constantFrom(0, 0, 80, 81),
  isTerminating: fc.nat(5).map((k) => k === 0),
  isPreempted: fc.boolean(),
  /** Gone again before the attempt. */
  isGone: fc.nat(4).map((k) => k === 0),
});
type SomePod = typeof somePod extends fc.Arbitrary<infer T> ? T : never;

const someNode = fc.record({
  cpu: fc.constantFrom(2000, 3000, 4000),
  pods: fc.integer({ min: 2, max: 6 }),
  unschedulable: fc.nat(9).map((k) => k === 0),
  placed: fc.array(somePod, { minLength: 3, maxLength: 7 }),
  nominated: fc.array(somePod, { maxLength: 1 }),
});
const someBudget = fc.record({
  namespace,
  selector: fc.constantFrom<TwinBudget['selector'][]>('null', 'empty', 'x', 'not-x', 'any', 'any'),
  allowed: fc.constantFrom(0, 0, 1, 2),
  /** Every so many-th pod counts as disrupted already; 0 for none. */
  disruptsEvery: fc.nat(4),
});
const someAttempt = fc.record({
  nodes: fc.array(someNode, { minLength: 1, maxLength: 5 }),
  budgets: fc.array(someBudget, { minLength: 1, maxLength: 3 }),
  /** Mostly one that finds no room, and somebody below it. */
  pod: fc
    .record({ some: somePod, cpu: fc.integer({ min: 3, max: 10 }), isHigh: fc.nat(3) })
    .map(({ cpu, isHigh, some }): SomePod => {
      return isHigh === 0 ? some : { ...some, cpu: 250 * cpu, priority: 100 };
    }),
  never: fc.nat(19).map((k) => k === 0),
  nominatedTo: fc.integer({ min: -4, max: 5 }),
  percentage: fc.constantFrom(10, 50),
  absolute: fc.constantFrom(1, 2, 100),
});

const sketchOf = (pod: SomePod): PodSketch => ({
  cpu: pod.cpu,
  priority: pod.priority,
  kube: {
    namespace: pod.namespace,
    labels: pod.app === null ? {} : { app: pod.app },
    hostPorts: pod.port === 0 ? [] : [{ ip: '0.0.0.0', protocol: 'TCP', port: pod.port }],
  },
});

/** Puts what fits on a node, and takes some away again: the last of the list fills the gap. */
function fill(world: KubeWorld, n: number, node: TwinNode, placed: readonly SomePod[]): void {
  const { list } = node;
  const gone: number[] = [];
  for (const one of placed) {
    const used = list.reduce((sum, { cpu }) => sum + cpu, 0);
    const isTaken = one.port !== 0 && list.some(({ port }) => port === one.port);
    if (used + one.cpu > node.cpu || list.length === node.pods || isTaken) continue;
    const [p] = world.place(sketchOf(one), n);
    list.push({ ...one, id: p! });
    if (one.isGone) gone.push(p!);
  }
  for (const id of gone) {
    world.remove(asPod(id));
    const i = list.findIndex((pod) => pod.id === id);
    const last = list.pop()!;
    if (i < list.length) list[i] = last;
  }
  for (const { id, isPreempted, isTerminating, start } of list) {
    if (start !== null) world.facts.starts.set(id, start);
    if (isTerminating) world.nodes.terminate(asPod(id));
    if (isPreempted) world.facts.preempted.add(id);
  }
}

/** The same attempt in a cluster and for the twin. */
function build(given: typeof someAttempt extends fc.Arbitrary<infer T> ? T : never) {
  const world = new KubeWorld(given.nodes);
  const nodes: TwinNode[] = given.nodes.map((node) => ({ ...node, list: [], nominated: [] }));
  given.nodes.forEach(({ nominated, placed }, n) => {
    fill(world, n, nodes[n]!, placed);
    for (const one of nominated) {
      const plain: SomePod = { ...one, port: 0 };
      const waits = world.pending(sketchOf(plain));
      world.nominator.nominate(waits, asNode(n));
      nodes[n]!.nominated.push({ ...plain, id: waits.id });
    }
  });
  const everybody = nodes.flatMap(({ list }) => list);
  const budgets = given.budgets.map(({ disruptsEvery, ...budget }): TwinBudget => {
    const isHit = (i: number): boolean => disruptsEvery > 0 && i % disruptsEvery === 0;
    return { ...budget, disrupted: everybody.filter((_, i) => isHit(i)).map(({ id }) => id) };
  });
  world.facts.budgets = budgets.map(({ allowed, disrupted, namespace, selector }) => ({
    namespace,
    selector: SELECTORS[selector],
    disruptionsAllowed: allowed,
    isDisrupted: (p) => disrupted.includes(p),
  }));
  const sketch = sketchOf(given.pod);
  const policy = given.never ? 'Never' : 'PreemptLowerPriority';
  const pod = world.pending({ ...sketch, kube: { ...sketch.kube, preemptionPolicy: policy } });
  const nominatedTo = given.nominatedTo < nodes.length ? given.nominatedTo : -1;
  if (nominatedTo >= 0) world.nominator.nominate(pod, asNode(nominatedTo));
  const twin: TwinPod = { ...given.pod, id: pod.id };
  const offset = world.stream.uniform(pod.key, 1);
  return { world, pod, attempt: { ...given, pod: twin, nodes, budgets, nominatedTo, offset } };
}

/** What the cycle and the plug-in say. */
function decide({ attempt, pod, world }: ReturnType<typeof build>): unknown {
  const { absolute, percentage }: TwinAttempt = attempt;
  const scheduler = world.scheduler();
  const preemption = {
    minCandidateNodesAbsolute: absolute,
    minCandidateNodesPercentage: percentage,
  };
  const cycle = world.cycle({
    ...scheduler,
    profiles: scheduler.profiles.map((profile) => ({ ...profile, preemption })),
  });
  if (cycle.schedule(pod).kind === 'node') return 'fits';
  const result = cycle.findVictims(pod);
  if (result.kind !== 'victims') return result.kind;
  return { node: result.node, victims: [...result.victims], violations: result.violations };
}

describe('preemption in random clusters', () => {
  it('is what the specification says, step by step', { timeout: 120_000 }, () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(someAttempt, (given) => {
        const built = build(given);
        const expected = naivePreemption(built.attempt);
        expect(decide(built)).toEqual(expected);
        const what = typeof expected === 'string' ? expected : 'victims';
        outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
        if (typeof expected !== 'string' && expected.violations > 0) {
          outcomes.set('violations', (outcomes.get('violations') ?? 0) + 1);
        }
      }),
      { numRuns: 2000 },
    );
    // A comparison of cases that all fit would say nothing.
    expect(outcomes.get('victims')).toBeGreaterThan(500);
    expect(outcomes.get('violations')).toBeGreaterThan(10);
    expect(outcomes.get('not-eligible')).toBeGreaterThan(20);
    expect(outcomes.get('none')).toBeGreaterThan(100);
  });
});
