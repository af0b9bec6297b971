/** Worked examples of the specification that look at one node at a time: totals of the default profile, with arithmetic. */
import { describe, expect, it } from 'vitest';
import type { KubePod } from '../../../../src/base/kube.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin } from '../../../builders/kube-world.ts';
import {
  A8,
  filter,
  GIB,
  HOSTNAME,
  is,
  MIB,
  node,
  pod,
  scores,
  spread,
  term,
  totals,
  W,
} from './example-world.ts';

describe('worked examples 1 to 4', () => {
  const plain = () => {
    const world = new KubeWorld([node('a'), node('b', { allocatable: A8 }), node('c')]);
    world.place(pod(1000, 2048), 0);
    world.place(pod(3000, 20 * 1024), 1);
    world.place(pod(3500, 1024), 2);
    return world;
  };

  it('1: a plain pod', () => {
    // c: 3500 + 1000 > 4000. Fit a (50 + 81) div 2 = 65, b (50 + 34) div 2 = 42; Balanced a 84, b 92; taints 300 each.
    expect(filter(plain(), pod(1000, 1024))).toEqual([0, 0, 1]);
    expect(totals(plain(), pod(1000, 1024))).toEqual({ a: 300 + 65 + 84, b: 300 + 42 + 92 });
  });

  it('2: a pod without requests counts as 100m and 200Mi, and is in no balance', () => {
    expect(totals(plain(), {})).toEqual({ a: 379, b: 348, c: 351 });
  });

  it('3: taints', () => {
    const soft = (key: string, value = '') => ({ key, value, effect: 'PreferNoSchedule' as const });
    const world = new KubeWorld([
      node('a', { taints: [soft('d', 'x'), soft('e'), soft('f', '1')] }),
      node('b', { taints: [soft('e')] }),
      node('c', { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] }),
      node('d', {
        unschedulable: true,
        taints: [{ key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }],
      }),
      node('e'),
    ]);
    world.place(pod(3000, 12 * 1024), 4);
    const asked = pod(500, 1024, {
      tolerations: [
        { key: 'f', operator: 'Exists', value: '', effect: 'PreferNoSchedule' },
        { key: 'd', operator: 'Equal', value: 'y' },
        { key: 'e', operator: 'Equal', value: '', effect: 'NoSchedule' },
      ],
    });
    expect(filter(world, asked)).toEqual([0, 0, 2, 2, 0]);
    // Raw 2, 1, 0 is 0, 50, 100; Fit 90, 90, 15; Balanced 96 each: 186, 336, 411.
    expect(scores(world, 'taint-toleration', asked, [0, 1, 4])).toEqual({
      raw: [2, 1, 0],
      normalised: [0, 50, 100],
    });
    expect(totals(world, asked)).toEqual({ a: 186, b: 336, e: 411 });
  });

  it('4: node affinity', () => {
    const world = new KubeWorld([
      node('a', { labels: { disk: 'ssd', gen: '3' } }),
      node('b', { labels: { disk: 'ssd', gen: '5' } }),
      node('c', { labels: { disk: 'hdd', gen: 'x' } }),
      node('d', { labels: { gen: '4' } }),
    ]);
    const not = (value: string) => ({ key: 'disk', operator: 'NotIn' as const, values: [value] });
    const term = (...expressions: KubePod['spread'][number]['selector'] & object) => ({
      expressions,
      fields: [],
    });
    const asked = pod(100, 128, {
      nodeAffinity: {
        required: [term({ key: 'gen', operator: 'Exists', values: [] }, not('nvme'))],
        preferred: [
          { weight: 3, term: term(is('disk', 'ssd')) },
          { weight: 5, term: term({ key: 'gen', operator: 'Gt', values: ['4'] }) },
          { weight: 4, term: term(not('ssd')) },
        ],
      },
    });
    expect(scores(world, 'node-affinity', asked)).toEqual({
      raw: [3, 8, 4, 4],
      normalised: [37, 100, 50, 50],
    });
    // 300 + 2 * affinity + Fit 98 + Balanced 99.
    expect(totals(world, asked)).toEqual({ a: 571, b: 697, c: 597, d: 597 });
  });
});

describe('worked examples 8, 10, 11 and 16', () => {
  it('8: images', () => {
    const world = new KubeWorld([
      node('a', { images: { 'r/app:1': 600 * MIB, 'r/init:latest': 300 * MIB } }),
      node('b', { images: { 'r/app:1': 600 * MIB } }),
      node('c'),
      node('d'),
    ]);
    // 600 * 2/4 + 300 * 1/4 = 375: 100 * (375 - 23) div (2000 - 23) = 17; b 100 * 277 div 1977 = 14.
    const asked = pod(100, 1024, { images: ['r/init:latest', 'r/app:1'], containers: 2 });
    expect(scores(world, 'image-locality', asked)?.raw).toEqual([17, 14, 0, 0]);
    // Of 100m, 1Gi on empty nodes: taints 300 + Fit 95 + Balanced 98 = 493, and the image.
    expect(totals(world, asked)).toEqual({ a: 510, b: 507, c: 493, d: 493 });
  });

  it('10: strategies', () => {
    const gpu = 'example.com/gpu';
    const world = new KubeWorld([
      node('a', { allocatable: { cpu: 8000, memory: 32 * GIB, [gpu]: 4 } }),
      node('b', { allocatable: { cpu: 16_000, memory: 64 * GIB, [gpu]: 8 } }),
      node('c'),
    ]);
    const of = (cpu: number, gib: number, gpus: number): KubePodBuild => {
      const plain = pod(cpu, gib * 1024);
      return { ...plain, requests: { ...plain.requests, [gpu]: gpus } };
    };
    world.place(of(2000, 8, 2), 0);
    world.place(of(2000, 8, 3), 1);
    const asked = of(1000, 4, 1);
    expect(filter(world, asked)).toEqual([0, 0, 2]);
    const resources = [
      { name: 'cpu', weight: 1 },
      { name: 'memory', weight: 1 },
      { name: gpu, weight: 5 },
    ];
    const ask = (strategy: object) => {
      const args = { scoringStrategy: { resources, ...strategy } };
      return world.score(makePlugin('node-resources-fit', world.nodes, args), asked, [0, 1])?.raw;
    };
    // a: 3/8, 3/8 and 3/4 used: (62 + 62 + 5 * 25) div 7 = 35; b: 3/16, 3/16, 1/2: (81 + 81 + 5 * 50) div 7 = 58.
    expect(ask({ type: 'LeastAllocated' })).toEqual([35, 58]);
    // a (37 + 37 + 5 * 75) div 7 = 64; b (18 + 18 + 5 * 50) div 7 = 40.
    expect(ask({ type: 'MostAllocated' })).toEqual([64, 40]);
    const shape = [
      { utilization: 0, score: 0 },
      { utilization: 70, score: 10 },
      { utilization: 100, score: 2 },
    ];
    // a f(37) = 52, f(75) = 87: (52 + 52 + 435) / 7 = 77; b f(18) = 25, f(50) = 71: (50 + 355) / 7 = 57.86.
    expect(ask({ type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } })).toEqual([
      77, 58,
    ]);
    const balance = { resources: resources.map(({ name }) => ({ name, weight: 1 })) };
    const balanced = makePlugin('node-resources-balanced-allocation', world.nodes, balance);
    expect(world.score(balanced, asked, [0, 1])?.raw).toEqual([82, 85]);
  });

  it('11: what a node counts and what is scored differ for pod-level requests', () => {
    // A pod-level cpu of 500: 510m, 784Mi on the node; scored as 510m, 984Mi.
    const world = new KubeWorld([node('a')]);
    const asked: KubePodBuild = {
      requests: { cpu: 510, memory: 784 * MIB },
      nonZeroPlaced: { cpuMillicores: 510, memoryBytes: 784 * MIB },
      nonZeroScored: { cpuMillicores: 510, memoryBytes: 984 * MIB },
    };
    // Empty node: cpu 3490 / 4000 = 87, memory (16384 - 984) / 16384 = 93; (87 + 93) div 2 = 90.
    expect(scores(world, 'node-resources-fit', asked)?.raw).toEqual([90]);
    world.place(asked, 0);
    // cpu 2980 / 4000 = 74, memory (16384 - 784 - 984) / 16384 = 89.2: (74 + 89) div 2 = 81.
    expect(scores(world, 'node-resources-fit', asked)?.raw).toEqual([81]);
  });

  it('16: normalisation', () => {
    const world = new KubeWorld([node('a'), node('b'), node('c')]);
    for (const [n, weight] of [
      [0, 2],
      [1, 10],
    ] as const) {
      const podAffinity = { required: [], preferred: [{ weight, term: term(HOSTNAME, 'w') }] };
      world.place({ labels: { n: `${n}` }, podAffinity }, n);
    }
    expect(scores(world, 'inter-pod-affinity', W)).toEqual({
      raw: [2, 10, 0],
      normalised: [20, 100, 0],
    });
    const counts = new KubeWorld(['a', 'b', 'c', 'd'].map((name) => node(name)));
    for (const n of [0, 0, 1, 3, 3, 3]) counts.place(W, n);
    // Hostname, skew 2, 2 1 0 3 pods: ln 6: 4.58 is 5, 2.79 is 3, 1, 6.38 is 6: 100 * (6 + 1 - 5) div 6 = 33 and so on.
    expect(
      scores(counts, 'pod-topology-spread', { ...W, spread: [spread(HOSTNAME, 2)] })?.normalised,
    ).toEqual([33, 66, 100, 16]);
    // The division comes first: 100 * 0.29 is 28.999... in doubles.
    const range = new KubeWorld([node('a'), node('b'), node('c')]);
    for (const [n, weight] of [
      [0, 29],
      [1, 100],
    ] as const) {
      const podAffinity = { required: [], preferred: [{ weight, term: term(HOSTNAME, 'w') }] };
      range.place({ labels: { n: `${n}` }, podAffinity }, n);
    }
    expect(scores(range, 'inter-pod-affinity', W)?.normalised).toEqual([28, 100, 0]);
    const added = new KubeWorld([
      node('a', { labels: { k: '1' } }),
      node('b', { labels: { l: '1' } }),
      node('c', { labels: { k: '1', l: '1' } }),
    ]);
    const preference = (key: string, weight: number) => ({
      weight,
      preference: { matchExpressions: [{ key, operator: 'Exists' }] },
    });
    const args = {
      addedAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [preference('k', 2), preference('l', 3)],
      },
    };
    const affinity = makePlugin('node-affinity', added.nodes, args);
    expect(added.score(affinity, {})).toEqual({ raw: [2, 3, 5], normalised: [40, 60, 100] });
  });
});
