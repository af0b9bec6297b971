/** Worked examples 5, 6, 7 and 9: spread, and affinity between pods. */
import { describe, expect, it } from 'vitest';
import type { SpreadConstraint } from '../../../../src/base/kube.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin } from '../../../builders/kube-world.ts';
import {
  filter,
  HOSTNAME,
  is,
  node,
  pod,
  scores,
  spread,
  term,
  totals,
  W,
  ZONE,
} from './example-world.ts';

describe('worked examples 5 and 6: spread', () => {
  it('5: hard', () => {
    const zone = (z: string, pool = 'main') => ({ labels: { [ZONE]: z, pool } });
    const world = new KubeWorld([
      node('a1', zone('A')),
      node('a2', zone('A')),
      node('b1', zone('B')),
      node('c1', zone('C', 'other')),
      node('x', { labels: { pool: 'main' } }),
    ]);
    for (const n of [0, 0, 1, 2]) world.place(W, n);
    const ask = (more: Partial<SpreadConstraint>, maxSkew = 1, rest: KubePodBuild = {}) => {
      const constraint = spread(ZONE, maxSkew, { isHard: true, ...more });
      return filter(world, { ...W, spread: [constraint], ...rest });
    };
    // T = A 3, B 1, C 0, least 0: 3 + 1 > 1, 1 + 1 > 1, 0 + 1 passes; x lacks the key.
    expect(ask({})).toEqual([1, 1, 1, 0, 2]);
    expect(ask({}, 2)).toEqual([1, 1, 0, 0, 2]);
    expect(ask({ minDomains: 4 })).toEqual([1, 1, 1, 0, 2]);
    const elsewhere: KubePodBuild = {
      nodeAffinity: {
        required: [
          { expressions: [{ key: 'pool', operator: 'NotIn', values: ['other'] }], fields: [] },
        ],
        preferred: [],
      },
    };
    // Honor: C is out of T, least 1: a 3 + 1 - 1 > 1, b 1 + 1 - 1 passes; c1 fails NodeAffinity.
    expect(ask({}, 1, elsewhere)).toEqual([1, 1, 0, 2, 2]);
    expect(ask({ nodeAffinityPolicy: 'Ignore' }, 1, elsewhere)).toEqual([1, 1, 1, 2, 2]);
    const plugin = makePlugin('pod-topology-spread', world.nodes);
    const { reasons } = world.filter(plugin, { ...W, spread: [spread(ZONE, 1, { isHard: true })] });
    expect(reasons[0]).toEqual(["node(s) didn't match pod topology spread constraints"]);
    expect(reasons[4]).toEqual([
      "node(s) didn't match pod topology spread constraints (missing required label)",
    ]);
  });

  it('6: soft, then by the system defaults', () => {
    const zone = (z: string) => ({ labels: { [ZONE]: z } });
    const world = new KubeWorld([
      node('a1', zone('A')),
      node('a2', zone('A')),
      node('b1', zone('B')),
      node('b2', zone('B')),
      node('x'),
    ]);
    for (const n of [0, 0, 1, 2]) world.place(pod(100, 1024, W), n);
    const asked = pod(100, 1024, { ...W, spread: [spread(ZONE, 1), spread(HOSTNAME, 2)] });
    // ln 4 and ln 6: a1 3 * 1.38629 + 2 * 1.79176 + 1 = 8.74 is 9, a2 6.95 is 7, b1 4.18 is 4, b2 2.39 is 2.
    expect(scores(world, 'pod-topology-spread', asked)).toEqual({
      raw: [9, 7, 4, 2, 0],
      normalised: [22, 44, 77, 100, 0],
    });
    expect(totals(world, asked)).toEqual({ a1: 524, a2: 575, b1: 641, b2: 693, x: 493 });
    // Of a Service: ln 7 for five hostnames, ln 5 for A, B and the missing zone; x misses that term only.
    const served = pod(100, 1024, { ...W, defaultSpreadSelector: [is('app', 'w')] });
    expect(scores(world, 'pod-topology-spread', served)).toEqual({
      raw: [15, 13, 10, 8, 2],
      normalised: [13, 26, 46, 60, 100],
    });
    expect(totals(world, served)).toEqual({ a1: 506, a2: 539, b1: 579, b2: 613, x: 693 });
  });
});

describe('worked examples 7 and 9: affinity between pods', () => {
  it('7: preferred, and what existing pods want', () => {
    const zone = (z: string) => ({ labels: { [ZONE]: z } });
    const world = new KubeWorld([
      node('a1', zone('A')),
      node('a2', zone('A')),
      node('b1', zone('B')),
      node('c1', zone('C')),
    ]);
    const labelled = (app: string) => pod(100, 1024, { labels: { app } });
    world.place(labelled('db'), 0);
    world.place(
      pod(100, 1024, {
        ...W,
        podAffinity: { required: [term(HOSTNAME, 'w')], preferred: [] },
        podAntiAffinity: { required: [], preferred: [{ weight: 7, term: term(ZONE, 'w') }] },
      }),
      1,
    );
    for (const app of ['db', 'db', 'noisy']) world.place(labelled(app), 2);
    const asked = pod(100, 1024, {
      ...W,
      podAffinity: { required: [], preferred: [{ weight: 30, term: term(ZONE, 'db') }] },
      podAntiAffinity: { required: [], preferred: [{ weight: 31, term: term(HOSTNAME, 'noisy') }] },
    });
    // a1 30 - 7, a2 30 - 7 + 1, b1 2 * 30 - 31, c1 0; 100 * 23 / 29 = 79, 24 / 29 = 82.
    expect(scores(world, 'inter-pod-affinity', asked)).toEqual({
      raw: [23, 24, 29, 0],
      normalised: [79, 82, 100, 0],
    });
    expect(totals(world, asked)).toEqual({ a1: 645, a2: 651, b1: 674, c1: 493 });
  });

  it('9: required, on both sides, and the first of a group', () => {
    const zone = (z: string) => ({ labels: { [ZONE]: z } });
    const world = new KubeWorld([
      node('a1', zone('A')),
      node('a2', zone('A')),
      node('b1', zone('B')),
      node('x'),
    ]);
    const q: KubePodBuild = {
      labels: { app: 'q' },
      podAffinity: { required: [term(ZONE, 'q')], preferred: [] },
      podAntiAffinity: { required: [term(HOSTNAME, 'q')], preferred: [] },
    };
    expect(filter(world, q)).toEqual([0, 0, 0, 2]);
    world.place(q, 0);
    expect(filter(world, q)).toEqual([1, 0, 2, 2]);
    expect(filter(world, { labels: { app: 'q' } })).toEqual([1, 0, 0, 0]);
    const plugin = makePlugin('inter-pod-affinity', world.nodes);
    const { reasons } = world.filter(plugin, q);
    expect(reasons[0]).toEqual(["node(s) didn't match pod anti-affinity rules"]);
    expect(reasons[2]).toEqual(["node(s) didn't match pod affinity rules"]);
    expect(world.filter(plugin, { labels: { app: 'q' } }).reasons[0]).toEqual([
      "node(s) didn't satisfy existing pods anti-affinity rules",
    ]);
  });
});

describe('defaults of PodTopologySpread as a list', () => {
  const constraints = [
    { maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule' },
    { maxSkew: 2, topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway' },
  ];
  const world = () => {
    const zone = (z: string) => ({ labels: { [ZONE]: z } });
    const made = new KubeWorld([node('a', zone('A')), node('b', zone('B')), node('x')]);
    made.place(W, 0);
    return made;
  };
  const make = (at: KubeWorld, args: unknown) => makePlugin('pod-topology-spread', at.nodes, args);

  it('hold for pods of a Service without constraints of their own, and ask for all keys', () => {
    const at = world();
    const plugin = make(at, { defaultingType: 'List', defaultConstraints: constraints });
    const served = { ...W, defaultSpreadSelector: [is('app', 'w')] };
    // T = A 1, B 0: 1 + 1 - 0 > 1 on a, 0 + 1 on b; x lacks the zone.
    expect(at.filter(plugin, served).statuses).toEqual([1, 0, 2]);
    // Hostname, three nodes with it: ln 5; a 1.61 + 1 = 2.61 is 3, b and x 1: 100 * (3 + 1 - 3) div 3 = 33, 100, 100.
    expect(at.score(plugin, served)).toEqual({ raw: [3, 1, 1], normalised: [33, 100, 100] });
    expect(at.filter(plugin, W).preFilter).toBe('skip');
    expect(at.filter(plugin, { ...served, spread: [spread(ZONE, 1)] }).preFilter).toBe('skip');
  });

  it('are refused with the type System, without a key, a skew or what to do', () => {
    const at = world();
    const refuse = (args: unknown) => expect(() => make(at, args)).toThrow();
    refuse({ defaultConstraints: constraints });
    refuse({ defaultingType: 'List', defaultConstraints: [{ maxSkew: 1, topologyKey: ZONE }] });
    refuse({ defaultingType: 'List', defaultConstraints: [{ ...constraints[0], maxSkew: 0 }] });
    refuse({
      defaultingType: 'List',
      defaultConstraints: [{ ...constraints[0], topologyKey: '' }],
    });
    refuse({ defaultingType: 'All' });
  });
});
