/** Plug-ins of every dependence at every place in a profile: check mode throws where kept answers are wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodIndex } from '../../../../src/base/ids.ts';
import {
  type Dependence,
  type FeasibleNodes,
  type FrameworkNodes,
  type FrameworkPlugin,
  type Normalisation,
  PASS,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../../../src/contracts/framework.ts';
import { DOWN, UP } from '../../../../src/model/view.ts';
import { KubeWorld, schedulerOf } from './kube-world.ts';

const DEPENDENCES: readonly Dependence[] = ['class', 'own-node', 'cluster-class', 'cluster'];
const NORMALISATIONS: readonly Normalisation<unknown>[] = [
  'none',
  'default',
  'reversed',
  // Best is whoever is nearest to the mean of the feasible.
  (scores: Float64Array, { count }: FeasibleNodes) => {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += scores[i]!;
    const mean = Math.trunc(sum / count);
    for (let i = 0; i < count; i++) scores[i] = 100 - Math.min(100, Math.abs(scores[i]! - mean));
  },
  // From the least to the most: how many have a score does not matter.
  (scores: Float64Array, { count }: FeasibleNodes) => {
    const raw = scores.slice(0, count);
    const [min, max] = [Math.min(...raw), Math.max(...raw)];
    for (let i = 0; i < count; i++)
      scores[i] = max === min ? 0 : Math.trunc((100 * (raw[i]! - min)) / (max - min));
  },
];

/** All pods of the cluster. */
function podsOf(nodes: FrameworkNodes): number {
  let pods = 0;
  nodes.forEachShape((_, many) => {
    pods += many;
  });
  return pods;
}

/** A number of a node that depends on exactly what is said. */
function numberOf(dependence: Dependence, salt: number, n: number, nodes: FrameworkNodes): number {
  const byClass = Number(nodes.classOf(n as never).labels.kind ?? 3);
  if (dependence === 'class') return byClass * 7 + salt;
  if (dependence === 'own-node') return nodes.podCount(n as never) * 3 + n + salt;
  if (dependence === 'cluster-class') return byClass * podsOf(nodes) + salt;
  return n * podsOf(nodes) + salt;
}

interface PluginSketch {
  readonly filter: number;
  readonly score: number;
  readonly normalise: number;
  readonly salt: number;
  readonly prepares: boolean;
  readonly declares: 'constant' | 'by pod' | 'by state';
}

function makePlugin(sketch: PluginSketch, i: number): FrameworkPlugin {
  const { prepares, salt } = sketch;
  const declare = (dependence: Dependence) => {
    if (sketch.declares === 'constant') return dependence;
    if (sketch.declares === 'by pod') return () => dependence;
    return (_pod: unknown, state: unknown) => {
      if (prepares && state !== salt) throw new Error('asked without its state');
      return dependence;
    };
  };
  const filtered = DEPENDENCES[sketch.filter]!;
  const scored = DEPENDENCES[sketch.score]!;
  /** Skips for some pods, where the pod alone may decide that. */
  const skips = (shape: { readonly priority: number }, dependence: Dependence, pods: number) =>
    (shape.priority + salt + (dependence.startsWith('cluster') ? pods : 0)) % 3 === 0;
  return {
    name: `P${i}`,
    filter: {
      dependsOn: declare(filtered),
      ...(prepares
        ? {
            preFilter: ({ shape }, nodes) =>
              skips(shape, filtered, podsOf(nodes))
                ? { kind: 'skip' }
                : { kind: 'run', state: salt },
          }
        : {}),
      test: (_pod, n, nodes, state) => {
        if (prepares && state !== salt) throw new Error('asked without its state');
        const number = numberOf(filtered, salt, n, nodes) % 11;
        if (number === 0) return UNRESOLVABLE;
        return number < 3 ? UNSCHEDULABLE : PASS;
      },
      reasons: () => [`P${i} says no`],
    },
    score: {
      dependsOn: declare(scored),
      ...(prepares
        ? {
            preScore: ({ shape }, _feasible, nodes) =>
              skips(shape, scored, podsOf(nodes)) ? null : { state: salt },
          }
        : {}),
      score: (_pod, n, nodes, state) => {
        if (prepares && state !== salt) throw new Error('asked without its state');
        return numberOf(scored, salt, n, nodes) % 101;
      },
      normalise: NORMALISATIONS[sketch.normalise]!,
      normalisesBySet: sketch.normalise === 4,
    },
    hints: [],
  };
}

const sketch: fc.Arbitrary<PluginSketch> = fc.record({
  filter: fc.nat(3),
  score: fc.nat(3),
  normalise: fc.nat(4),
  salt: fc.nat(20),
  prepares: fc.boolean(),
  declares: fc.constantFrom('constant', 'by pod', 'by state'),
});

const steps = fc.array(
  fc.record({
    do: fc.constantFrom('schedule', 'schedule', 'schedule', 'remove', 'relabel', 'state'),
    i: fc.nat(99),
    k: fc.nat(3),
  }),
  { minLength: 5, maxLength: 40, size: 'max' },
);

describe('the fast cycle', () => {
  it('gives what the plain one gives with plug-ins of every dependence', () => {
    let bound = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(sketch, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(2), { minLength: 1, maxLength: 9 }),
        steps,
        (sketches, kinds, story) => {
          const world = new KubeWorld(kinds.map((kind) => ({ labels: { kind: String(kind) } })));
          const plugins = sketches.map(makePlugin);
          const cycle = world.cycle(
            schedulerOf({
              preFilters: plugins.filter(({ filter }) => filter!.preFilter !== undefined),
              filters: plugins,
              scores: plugins.map((plugin, i) => ({ plugin, weight: 1 + i })),
            }),
          );
          const placed: PodIndex[] = [];
          for (const step of story) {
            const n = step.i % kinds.length;
            if (step.do === 'schedule') {
              const pod = world.pending({ cpu: 1, priority: step.k });
              const result = cycle.schedule(pod);
              if (result.kind === 'node') {
                placed.push(world.bind(pod, result.node));
                bound++;
              } else refused++;
            } else if (step.do === 'remove' && placed.length > 0) {
              world.remove(placed.splice(step.i % placed.length, 1)[0]!);
            } else if (step.do === 'relabel') {
              world.setClass(n, { labels: { kind: String(step.k) } });
            } else world.setState(n, step.k === 0 ? DOWN : UP);
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(Math.min(bound, refused)).toBeGreaterThan(1000);
  });

  it('is caught where a plug-in reads more than it declares', () => {
    const world = new KubeWorld([{}, {}, {}]);
    const liar: FrameworkPlugin = {
      name: 'Liar',
      score: {
        dependsOn: 'own-node',
        score: (_pod, n, nodes) => (n === 2 && podsOf(nodes) > 0 ? 100 : 0),
        normalise: 'none',
      },
      hints: [],
    };
    const cycle = world.cycle(schedulerOf({ scores: [{ plugin: liar, weight: 1 }] }));
    const first = world.pending({});
    world.bind(first, cycle.schedule(first).node === 2 ? 0 : 1);
    expect(() => {
      for (let i = 0; i < 8; i++) cycle.schedule(world.pending({}));
    }).toThrow('answers by more than it declares to depend on');
  });

  it('refuses a score that is not of 0 to 100, and a pod that no profile schedules', () => {
    const world = new KubeWorld([{}, {}]);
    const high: FrameworkPlugin = {
      name: 'High',
      score: { dependsOn: 'class', score: () => 101, normalise: 'none' },
      hints: [],
    };
    const scheduler = schedulerOf({ scores: [{ plugin: high, weight: 1 }] });
    expect(() => world.cycle(scheduler, false).schedule(world.pending({}))).toThrow(
      'plug-in High gives a node the score 101',
    );
    const other = world.pending({ kube: { schedulerName: 'other' } });
    expect(() => world.cycle().schedule(other)).toThrow('no profile is called other');
  });
});
