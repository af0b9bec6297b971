import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PodIndex } from '../../../../src/base/ids.ts';
import type { PodAffinityTerm, SpreadConstraint } from '../../../../src/base/kube.ts';
import type { FrameworkPod } from '../../../../src/contracts/framework.ts';
import { DOWN, OFF, UP } from '../../../../src/model/view.ts';
import { KubeWorld, type NodeSketch, type PodSketch } from './kube-world.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOSTNAME = 'kubernetes.io/hostname';
const SOFT = { key: 'soft', value: 'x', effect: 'PreferNoSchedule' } as const;
const HARD = { key: 'hard', value: 'x', effect: 'NoSchedule' } as const;
const IMAGE = 'r/app:1';

/** Kinds of nodes, few sizes, so that scores tie. */
const NODES: readonly NodeSketch[] = [
  { labels: { [ZONE]: 'a', disk: 'ssd' } },
  { labels: { [ZONE]: 'b' }, images: { [IMAGE]: 600 * 1024 * 1024 } },
  { labels: { [ZONE]: 'c', disk: 'hdd' }, taints: [SOFT] },
  { cpu: 8000, memoryMib: 32768, labels: { [ZONE]: 'a' } },
  { labels: { [ZONE]: 'b', disk: 'ssd' }, taints: [HARD] },
  { labels: {}, pods: 3 },
  { labels: { [ZONE]: 'c' }, unschedulable: true },
  { cpu: 1000, labels: { [ZONE]: 'a' }, taints: [SOFT, HARD] },
];

const web = { key: 'app', operator: 'In', values: ['web'] } as const;
const term = (topologyKey: string): PodAffinityTerm => ({
  selector: [web],
  topologyKey,
  namespaces: [],
  namespaceSelector: null,
});
const spread = (topologyKey: string, isHard: boolean): SpreadConstraint => ({
  maxSkew: 1,
  topologyKey,
  isHard,
  selector: [web],
  minDomains: null,
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
});
const labels = { app: 'web' };

/** Kinds of pods: each plug-in has some that concern it. */
const PODS: readonly PodSketch[] = [
  { cpu: 100, memoryMib: 128 },
  { cpu: 500, memoryMib: 1024, kube: { labels } },
  { cpu: 1500, memoryMib: 4096, priority: 10 },
  {},
  { cpu: 500, memoryMib: 512, tolerations: [{ ...HARD, operator: 'Equal' }] },
  { cpu: 500, memoryMib: 512, nodeSelector: { disk: 'ssd' } },
  { cpu: 200, memoryMib: 256, kube: { images: [IMAGE] } },
  { cpu: 200, kube: { hostPorts: [{ ip: '0.0.0.0', protocol: 'TCP', port: 80 }] } },
  { cpu: 200, kube: { labels, spread: [spread(ZONE, true)] } },
  { cpu: 200, kube: { labels, spread: [spread(ZONE, false), spread(HOSTNAME, false)] } },
  { cpu: 200, kube: { labels, defaultSpreadSelector: [web] } },
  { cpu: 300, kube: { labels, podAntiAffinity: { required: [term(HOSTNAME)], preferred: [] } } },
  { cpu: 300, kube: { labels, podAffinity: { required: [term(ZONE)], preferred: [] } } },
  {
    cpu: 300,
    kube: { podAffinity: { required: [], preferred: [{ weight: 50, term: term(ZONE) }] } },
  },
  {
    cpu: 300,
    kube: {
      nodeAffinity: {
        required: null,
        preferred: [
          {
            weight: 10,
            term: {
              expressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }],
              fields: [],
            },
          },
        ],
      },
    },
  },
  {
    cpu: 100,
    kube: {
      nodeAffinity: {
        required: [
          {
            expressions: [],
            fields: [{ key: 'metadata.name', operator: 'In', values: ['n3'] }],
          },
        ],
        preferred: [],
      },
    },
  },
  { cpu: 3000, memoryMib: 8192, priority: 100 },
];

type Step =
  | { readonly do: 'schedule'; readonly pod: number; readonly times: number }
  | { readonly do: 'remove'; readonly which: number }
  | { readonly do: 'nominate'; readonly pod: number; readonly node: number }
  | { readonly do: 'state'; readonly node: number; readonly state: number }
  | { readonly do: 'relabel'; readonly node: number; readonly like: number };

const steps = (many: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          do: fc.constant('schedule' as const),
          pod: fc.nat({ max: PODS.length - 1 }),
          times: fc.integer({ min: 1, max: 5 }),
        }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat() }) },
      fc.record({
        do: fc.constant('nominate' as const),
        pod: fc.nat({ max: PODS.length - 1 }),
        node: fc.nat(),
      }),
      fc.record({
        do: fc.constant('state' as const),
        node: fc.nat(),
        state: fc.constantFrom(UP, OFF, DOWN),
      }),
      fc.record({
        do: fc.constant('relabel' as const),
        node: fc.nat(),
        like: fc.nat({ max: NODES.length - 1 }),
      }),
    ),
    { minLength: 5, maxLength: many, size: 'max' },
  );

/** Lives a story in check mode; every cycle compares the fast way with the plain one. */
function live(kinds: readonly number[], story: readonly Step[]): number {
  const world = new KubeWorld(kinds.map((kind) => NODES[kind % NODES.length]!));
  const cycle = world.cycle();
  const placed: PodIndex[] = [];
  const waiting: FrameworkPod[] = [];
  let bound = 0;
  const schedule = (pod: FrameworkPod): void => {
    const result = cycle.schedule(pod);
    if (result.kind === 'node') {
      placed.push(world.bind(pod, result.node));
      world.nominator.clear(pod.id);
      bound++;
      return;
    }
    if (result.kind === 'refused') {
      result.failure!.message('');
      const victims = cycle.findVictims(pod);
      if (victims.kind === 'victims') {
        for (const p of victims.victims) world.nodes.terminate(p);
        world.nominator.nominate(pod, victims.node);
      }
    }
    waiting.push(pod);
  };
  for (const step of story) {
    switch (step.do) {
      case 'schedule':
        for (let i = 0; i < step.times; i++) schedule(world.pending(PODS[step.pod]!));
        break;
      case 'remove':
        if (placed.length > 0) world.remove(placed.splice(step.which % placed.length, 1)[0]!);
        for (const pod of waiting.splice(0, 3)) schedule(pod);
        break;
      case 'nominate': {
        const pod = world.pending(PODS[step.pod]!);
        world.nominator.nominate(pod, (step.node % kinds.length) as never);
        waiting.push(pod);
        break;
      }
      case 'state': {
        const n = step.node % kinds.length;
        if (step.state !== OFF || world.cluster.nodes.podCount[n] === 0) {
          world.setState(n, step.state);
        }
        break;
      }
      case 'relabel': {
        const { labels = {}, taints = [], unschedulable = false } = NODES[step.like]!;
        world.setClass(step.node % kinds.length, { labels, taints, unschedulable });
        break;
      }
    }
  }
  return bound;
}

describe('the default profile', () => {
  it('decides on boards what it decides by asking every node', () => {
    let bound = 0;
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: NODES.length - 1 }), { minLength: 1, maxLength: 14 }),
        steps(40),
        (kinds, story) => {
          bound += live(kinds, story);
        },
      ),
      { numRuns: 400 },
    );
    expect(bound).toBeGreaterThan(1000);
  });

  it('does so where the search stops early', () => {
    fc.assert(
      fc.property(fc.integer({ min: 110, max: 260 }), steps(30), (size, story) => {
        live(
          Array.from({ length: size }, (_, i) => i * 5),
          story,
        );
      }),
      { numRuns: 60 },
    );
  });
});
