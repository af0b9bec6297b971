import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../../src/base/errors.ts';
import type { PlacementRequest } from '../../../../src/contracts/placement.ts';
import type { PlacementPolicy } from '../../../../src/contracts/policy.ts';
import { mostFree } from '../../../../src/policies/placement/most-free.ts';
import { roundRobin } from '../../../../src/policies/placement/round-robin.ts';
import { spillOver } from '../../../../src/policies/placement/spill-over.ts';
import { staticWeight } from '../../../../src/policies/placement/static-weight.ts';
import {
  buildFleet,
  type ClusterBuild,
  type TestFleet,
  testStream,
} from '../../../../src/testing.ts';

function placerOf(policy: PlacementPolicy, fleet: TestFleet, params?: unknown) {
  const checked = policy.params?.(params) ?? { value: undefined };
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  const setup = { clusters: fleet.view.clusters, stream: testStream('test') };
  return policy.create(checked.value, setup);
}

function divide(
  policy: PlacementPolicy,
  clusters: readonly ClusterBuild[],
  more: { count: number; params?: unknown } & Partial<PlacementRequest>,
): number[] {
  const fleet = buildFleet(clusters);
  const { count, params, ...request } = more;
  const counts = new Int32Array(clusters.length);
  const placer = placerOf(policy, fleet, params);
  placer.divide(fleet.request(count, request), fleet.view, counts);
  return [...counts];
}

function withdraw(
  policy: PlacementPolicy,
  clusters: readonly ClusterBuild[],
  assigned: readonly number[],
  count: number,
): number[] {
  const fleet = buildFleet(clusters);
  const counts = new Int32Array(clusters.length);
  const request = fleet.request(count, { assigned: Int32Array.from(assigned) });
  placerOf(policy, fleet).withdraw!(request, fleet.view, counts);
  return [...counts];
}

// A node has 4000m and 16384 MiB; the pods ask for 1000m and 1024 MiB: cpu is tightest, four pods a node.

describe('round-robin placement', () => {
  it('deals around the clusters from the decision number on', () => {
    const clusters = [{ nodes: 9 }, { nodes: 9 }, { nodes: 9 }];
    expect(divide(roundRobin, clusters, { count: 7, decision: 0 })).toEqual([3, 2, 2]);
    expect(divide(roundRobin, clusters, { count: 7, decision: 4 })).toEqual([2, 3, 2]);
    expect(divide(roundRobin, clusters, { count: 1, decision: 5 })).toEqual([0, 0, 1]);
  });

  // Rooms 4, 40, 40; 30 pods: round of 10: 4, 10, 10, left 6, round of 3: 4, 13, 13.
  it('lets who is full drop out', () => {
    const clusters = [{ nodes: 1 }, { nodes: 10 }, { nodes: 10 }];
    expect(divide(roundRobin, clusters, { count: 30 })).toEqual([4, 13, 13]);
  });

  it('sends a gang to the next with room for it', () => {
    const clusters = [{ nodes: 1 }, { nodes: 10 }, { nodes: 10 }];
    expect(divide(roundRobin, clusters, { count: 8, gang: true, decision: 0 })).toEqual([0, 8, 0]);
    expect(divide(roundRobin, clusters, { count: 8, gang: true, decision: 2 })).toEqual([0, 0, 8]);
  });
});

describe('static-weight', () => {
  const clusters = [
    { nodes: 9, weight: 3 },
    { nodes: 9, weight: 2 },
    { nodes: 9, weight: 2 },
  ];

  it('divides by weight, pods there before counting as seats', () => {
    expect(divide(staticWeight, clusters, { count: 10 })).toEqual([4, 3, 3]);
    // After 4, 3, 3 three more: quotients 3/9 = .333, 2/7 = .286, .286: one each.
    const assigned = Int32Array.of(4, 3, 3);
    expect(divide(staticWeight, clusters, { count: 3, assigned })).toEqual([1, 1, 1]);
    expect(divide(staticWeight, clusters, { count: 1, assigned })).toEqual([1, 0, 0]);
  });

  it('gives nothing to weight 0, and the seats of the full to the others', () => {
    const some = [
      { nodes: 1, weight: 5 },
      { nodes: 9, weight: 1 },
      { nodes: 9, weight: 0 },
    ];
    // Room 4 in the first: 4; the other 6 go to the second.
    expect(divide(staticWeight, some, { count: 10 })).toEqual([4, 6, 0]);
  });

  it('lets pods wait by weight when all are full', () => {
    const full = [
      { nodes: 2, weight: 3, used: 1 },
      { nodes: 2, weight: 1, used: 1 },
    ];
    expect(divide(staticWeight, full, { count: 4 })).toEqual([3, 1]);
  });

  it('sends a gang whole to the winner of the next seat that has room', () => {
    const assigned = Int32Array.of(6, 0, 0);
    // Quotients 3/13, 2, 2: the second by name.
    expect(divide(staticWeight, clusters, { count: 5, gang: true, assigned })).toEqual([0, 5, 0]);
    expect(divide(staticWeight, clusters, { count: 50, gang: true })).toEqual([0, 0, 0]);
  });

  it('takes back what it would have given last', () => {
    // From 4, 3, 3 back to 7 = 3, 2, 2.
    expect(withdraw(staticWeight, clusters, [4, 3, 3], 3)).toEqual([1, 1, 1]);
  });
});

describe('most-free', () => {
  // Ten nodes: 40 cores; free 40 and 20. One at a time to the freest after placing: until both have 20 free all go to the first.
  it('levels the free ratio of the tightest resource', () => {
    const clusters = [{ nodes: 10 }, { nodes: 10, used: 0.5 }];
    expect(divide(mostFree, clusters, { count: 20 })).toEqual([20, 0]);
    expect(divide(mostFree, clusters, { count: 26 })).toEqual([23, 3]);
  });

  it('breaks ties by name', () => {
    const clusters = [{ nodes: 5 }, { nodes: 5 }, { nodes: 5 }];
    expect(divide(mostFree, clusters, { count: 1 })).toEqual([1, 0, 0]);
    expect(divide(mostFree, clusters, { count: 4 })).toEqual([2, 1, 1]);
  });

  // Rooms 4 and 8: twelve fit, the rest waits where the ratio falls least: the larger cluster loses 1/8 a pod, the smaller 1/4.
  it('sends what fits nowhere to wait where it is freest', () => {
    expect(divide(mostFree, [{ nodes: 1 }, { nodes: 2 }], { count: 15 })).toEqual([5, 10]);
  });

  it('leaves a gang at the fleet that no cluster could ever hold, and lets one wait that one could', () => {
    const clusters = [{ nodes: 1 }, { nodes: 2, used: 1 }];
    expect(divide(mostFree, clusters, { count: 9, gang: true })).toEqual([0, 0]);
    expect(divide(mostFree, clusters, { count: 8, gang: true })).toEqual([0, 8]);
  });

  it('treats a single pod and a gang of one alike', () => {
    for (const policy of [mostFree, spillOver, staticWeight, roundRobin]) {
      const property = fc.property(
        fleets,
        fc.nat(5),
        fc.integer({ min: -1, max: 5 }),
        (f, d, r) => {
          const more = { count: 1, decision: d, returnedBy: r };
          const single = divide(policy, f, more);
          expect(divide(policy, f, { ...more, gang: true })).toEqual(single);
        },
      );
      fc.assert(property, { numRuns: 50 });
    }
  });

  it('gives two million replicas over a thousand clusters at once', () => {
    const clusters = Array.from({ length: 1000 }, (_, i) => ({ nodes: 400 + i }));
    const counts = divide(mostFree, clusters, { count: 2_000_000 });
    // Room is 4 x sum(400..1399) = 3,598,000: none waits, and all stay equally free: 1 - 2,000,000 / 3,598,000 = 0.444.
    expect(counts.reduce((a, b) => a + b, 0)).toBe(2_000_000);
    expect(Math.abs(counts[0]! / 1600 - 0.5559)).toBeLessThan(0.001);
    expect(Math.abs(counts[999]! / 5596 - 0.5559)).toBeLessThan(0.001);
  });
});

const fleets = fc.array(
  fc.record({
    nodes: fc.integer({ min: 1, max: 4 }),
    used: fc.constantFrom(0, 0.3, 0.97, 1),
    elasticNodes: fc.nat(2),
    isPublic: fc.boolean(),
    isUp: fc.boolean(),
    weight: fc.nat(3),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('spill-over', () => {
  const hybrid = [{ nodes: 10, isPublic: true }, { nodes: 5 }, { nodes: 5 }];

  // Private: 20 pods of room each, filled to 0.95 x 20 = 19: 38; the public one takes the rest.
  it('fills the private clusters to the mark, then the public one', () => {
    expect(divide(spillOver, hybrid, { count: 38 })).toEqual([0, 19, 19]);
    expect(divide(spillOver, hybrid, { count: 45 })).toEqual([7, 19, 19]);
  });

  // 38 below the mark + 40 public; two more use the margin of the private ones, the next one waits.
  it('uses the margin when the public clusters are full, then lets pods wait', () => {
    expect(divide(spillOver, hybrid, { count: 80 })).toEqual([40, 20, 20]);
    const waiting = divide(spillOver, hybrid, { count: 81 });
    expect(waiting).toEqual([41, 20, 20]);
  });

  it('counts what elastic pools could still add', () => {
    const elastic = [{ nodes: 0, elasticNodes: 3, isPublic: true }, { nodes: 1 }];
    // Private: 0.95 x 4 = 3 pods; public: 12 to be had.
    expect(divide(spillOver, elastic, { count: 15 })).toEqual([12, 3]);
  });

  it('fills a fleet without public clusters to the brim', () => {
    expect(divide(spillOver, [{ nodes: 5 }], { count: 20 })).toEqual([20]);
  });

  it('takes its tiers from a list of names, labels, regions and providers', () => {
    const clusters = [
      { nodes: 5, region: 'tokyo' },
      { nodes: 5, labels: { tier: 'first' } },
      { nodes: 5, name: 'home' },
      { nodes: 5, provider: 'other' },
    ];
    const params = { order: ['home', 'tier=first', 'region=tokyo'], fillTo: 0.5 };
    // Ten pods to each tier but the last, which takes up to 20; the fourth cluster is in no tier.
    expect(divide(spillOver, clusters, { count: 5, params })).toEqual([0, 0, 5, 0]);
    expect(divide(spillOver, clusters, { count: 35, params })).toEqual([15, 10, 10, 0]);
  });

  it('refuses a tier that names no cluster, and wrong parameters', () => {
    const run = () => divide(spillOver, hybrid, { count: 1, params: { order: ['nowhere'] } });
    expect(run).toThrow(ScenarioError);
    expect(run).toThrow(/order\[0\]/);
    const checked = spillOver.params!({ order: [], fillTo: 2, fill: 1 });
    expect('issues' in checked && checked.issues.map((i) => i.path)).toEqual([
      'order',
      'fillTo',
      'fill',
    ]);
  });

  it('gives back from the last tier first, there from the cluster with most pods', () => {
    expect(withdraw(spillOver, hybrid, [3, 5, 4], 2)).toEqual([2, 0, 0]);
    // 3 public, then 5, 4 -> 4, 4 -> of equals the last gives: 4, 3 -> 3, 3: 2 + 1.
    expect(withdraw(spillOver, hybrid, [3, 5, 4], 6)).toEqual([3, 2, 1]);
  });

  it('sends a gang whole to the first tier with a cluster for it', () => {
    expect(divide(spillOver, hybrid, { count: 19, gang: true })).toEqual([0, 19, 0]);
    expect(divide(spillOver, hybrid, { count: 20, gang: true })).toEqual([20, 0, 0]);
  });
});
