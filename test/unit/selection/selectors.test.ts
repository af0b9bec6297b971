import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SchedulingPolicy } from '../../../src/contracts/policy.ts';
import type { SchedulingProfile, TieOrder } from '../../../src/contracts/scheduling.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { BUILT_INS } from '../../../src/policies/builtin.ts';
import { Feasibility } from '../../../src/selection/feasibility.ts';
import { ScanSelector } from '../../../src/selection/scan.ts';
import { selectFor } from '../../../src/selection/select.ts';
import { TournamentSelector } from '../../../src/selection/shape-tournament.ts';
import { byIndex } from '../../../src/selection/ties.ts';
import { buildCluster, type TestCluster, testStream } from '../../../src/testing/cluster.ts';
import { isFeasible, NaiveSelector, scoreOf } from './naive.ts';
import { clusterOf, knownPods, live, stories } from './worlds.ts';

const SIZES = [1, 2, 3, 7, 64, 1000] as const;
const TIES: readonly TieOrder[] = ['index', 'rank', 'uniform', 'capacity', 'rotate'];
const STREAM = testStream('selectors');

/** A filter that changes nothing and asks for the full scan. */
const SCAN_ALL = {
  name: 'scan-all',
  reason: 'none',
  dependsOn: 'cluster',
  wakes: [],
  keep: (_pod: unknown, _nodes: unknown, count: number) => count,
} as const;

/** Parameters where the defaults are not enough. */
const PARAMS: Readonly<Record<string, unknown>> = {
  profile: {
    scores: { 'most-allocated': 2, 'dot-product': 1 },
    filters: ['gpu-nodes-for-gpu-pods', { use: 'headroom', ratio: 0.1 }],
  },
};

/** What a built-in makes for a cluster, without sampling; null for batch policies and Kubernetes' framework. */
function profileOf(policy: SchedulingPolicy, test: TestCluster): SchedulingProfile | null {
  // Its cycle has tests of its own, in kubernetes/.
  if (policy.name === 'kubernetes/default') return null;
  const checked = policy.params?.(PARAMS[policy.name] ?? {});
  const params = checked !== undefined && 'value' in checked ? checked.value : undefined;
  const made = policy.create(params, test.setup(knownPods()));
  if (made.kind !== 'profile') return null;
  const { sample: _, ...profile } = made;
  return profile;
}

const PROFILES = BUILT_INS.filter((p): p is SchedulingPolicy => p.contract === 'scheduling').filter(
  (policy) => profileOf(policy, buildCluster([{ cpuMillicores: 1000, memoryMib: 1024 }])) !== null,
);

/** Plays stories on clusters of a size and compares index, scan and naive twin at every decision. */
function compare(
  size: number,
  runs: { readonly numRuns: number; readonly most: number },
  profileFor: (test: TestCluster) => SchedulingProfile,
): void {
  fc.assert(
    fc.property(stories(runs.most), (story) => {
      const test = clusterOf(size, story.pools);
      const cluster = test.view as Cluster;
      const profile = profileFor(test);
      const parts = { policy: 'test', cluster, stream: STREAM, check: null };
      const index = selectFor({ ...parts, profile }).selector;
      const filters = [...(profile.filters ?? []), SCAN_ALL];
      const scan = selectFor({ ...parts, profile: { ...profile, filters } }).selector;
      expect(scan.tier).toBe('scan');
      const naive = new NaiveSelector(cluster, profile, STREAM);
      live(test, story, (pod) => {
        const expected = naive.choose(pod);
        expect([index.choose(pod), scan.choose(pod)]).toEqual([expected, expected]);
        return expected;
      });
    }),
    { numRuns: runs.numRuns },
  );
}

const runsFor = (size: number) =>
  size > 100 ? { numRuns: 2, most: 25 } : { numRuns: size > 10 ? 5 : 12, most: 60 };

describe.each(SIZES)('on %i nodes', (size) => {
  it.each(PROFILES.map((policy) => policy.name))(
    '%s finds by index and by scan the node of its naive twin',
    (name) => {
      const policy = PROFILES.find((p) => p.name === name)!;
      compare(size, runsFor(size), (test) => profileOf(policy, test)!);
    },
  );

  it.each(TIES)('least-allocated breaks ties by %s as its naive twin does', (ties) => {
    const policy = PROFILES.find((p) => p.name === 'least-allocated')!;
    compare(size, runsFor(size), (test) => ({ ...profileOf(policy, test)!, ties }));
  });

  it.each(TIES)('equal scores everywhere: %s decides alone', (ties) => {
    compare(size, runsFor(size), () => ({ kind: 'profile', ties }));
  });
});

describe('selectFor', () => {
  it('reports index for pure profiles, scan for others, sample where nodes are drawn', () => {
    const cluster = clusterOf(3, [0]).view as Cluster;
    const tierOf = (profile: SchedulingProfile) =>
      selectFor({ policy: 'test', cluster, profile, stream: STREAM, check: null }).selector.tier;
    expect(tierOf({ kind: 'profile', ties: 'index' })).toBe('index');
    expect(tierOf({ kind: 'profile', ties: 'index', filters: [SCAN_ALL] })).toBe('scan');
    expect(tierOf({ kind: 'profile', ties: 'index', sample: { size: 2, tries: 1 } })).toBe(
      'sample',
    );
  });

  it('refuses ranks that are not one a node', () => {
    const cluster = clusterOf(3, [0]).view as Cluster;
    const profile = { kind: 'profile', ties: 'rank', ranks: [0, 1] } as const;
    expect(() =>
      selectFor({ policy: 'acme/rank', cluster, profile, stream: STREAM, check: null }),
    ).toThrow('policy acme/rank: gives 2 ranks for the 3 nodes of test');
  });

  it('stops the run in check mode when a score that calls itself pure is not', () => {
    const test = clusterOf(4, [0]);
    let mood = 0;
    const moody = {
      name: 'moody',
      dependsOn: 'own-node',
      add: (
        _pod: unknown,
        nodes: { [i: number]: number },
        count: number,
        _c: unknown,
        scores: Float64Array,
      ) => {
        for (let i = 0; i < count; i++) scores[i]! += (nodes[i]! + mood) % 4;
      },
    } as const;
    const { selector } = selectFor({
      policy: 'acme/moody',
      cluster: test.view as Cluster,
      profile: { kind: 'profile', ties: 'index', scores: [{ score: moody, weight: 1 }] },
      stream: STREAM,
      check: { recreate: () => {} },
    });
    const pod = test.attempt({ cpuMillicores: 100 });
    expect(selector.choose(pod)).toBe(3);
    mood = 1;
    expect(() => selector.choose(pod)).toThrow('gives node 3, the full scan 2');
  });
});

describe('TournamentSelector', () => {
  it('keeps few shapes at a time and still finds the node of the scan', () => {
    fc.assert(
      fc.property(stories(120), (story) => {
        const test = clusterOf(7, story.pools);
        const cluster = test.view as Cluster;
        const policy = PROFILES.find((p) => p.name === 'least-allocated')!;
        const profile: SchedulingProfile = { ...profileOf(policy, test)!, ties: 'index' };
        const feasibility = new Feasibility(cluster, []);
        const parts = { cluster, profile, feasibility, tieBreak: byIndex, drawTie: () => 0.5 };
        // One entry allows no board; four are kept in any case, fewer than the nine shapes.
        const few = new TournamentSelector(parts, cluster.changes, 1);
        const scan = new ScanSelector(parts);
        live(test, story, (pod) => {
          const expected = scan.choose(pod);
          expect(few.choose(pod)).toBe(expected);
          return expected;
        });
      }),
      { numRuns: 30 },
    );
  });

  it('looks again only at nodes that changed since the shape was asked for', () => {
    const test = clusterOf(64, [0]);
    const cluster = test.view as Cluster;
    const profile: SchedulingProfile = { kind: 'profile', ties: 'index' };
    const feasibility = new Feasibility(cluster, []);
    const parts = { cluster, profile, feasibility, tieBreak: byIndex, drawTie: () => 0.5 };
    const selector = new TournamentSelector(parts, cluster.changes);
    const pod = test.attempt({ cpuMillicores: 500, memoryMib: 512 });
    selector.choose(pod);
    expect(selector.examined).toBe(64);
    test.place({ cpuMillicores: 500, memoryMib: 512 }, 3);
    test.place({ cpuMillicores: 500, memoryMib: 512 }, 3);
    test.setState(9, 4);
    selector.choose(pod);
    // Node 3 changed twice, node 9 once.
    expect(selector.examined).toBe(2);
    selector.choose(pod);
    expect(selector.examined).toBe(0);
  });
});

describe('SampleSelector', () => {
  it.each(SIZES)(
    'on %i nodes takes the best of the drawn, and refuses no pod that fits',
    (size) => {
      fc.assert(
        fc.property(stories(size > 100 ? 15 : 50), (story) => {
          const test = clusterOf(size, story.pools);
          const cluster = test.view as Cluster;
          const policy = PROFILES.find((p) => p.name === 'power-of-d')!;
          const profile: SchedulingProfile = {
            ...profileOf(policy, test)!,
            sample: { size: 2, tries: 3 },
          };
          const parts = { policy: 'test', cluster, stream: STREAM, check: null };
          const { selector } = selectFor({ ...parts, profile });
          live(test, story, (pod) => {
            const chosen = selector.choose(pod);
            const drawn = (i: number) =>
              Math.floor(STREAM.uniform(pod.key, pod.attempt * 4096 + 1 + i) * size);
            let expected = -1;
            for (let t = 0; t < 3 && expected < 0; t++) {
              const ok = [drawn(2 * t), drawn(2 * t + 1)]
                .filter((i) => isFeasible(pod, i, profile, cluster))
                .sort((a, b) => a - b);
              if (ok.length === 0) continue;
              const score = (i: number) => scoreOf(pod, i, profile, cluster);
              expected = ok.reduce((best, i) => (score(i) > score(best) ? i : best));
            }
            if (expected < 0) expected = new NaiveSelector(cluster, profile, STREAM).choose(pod);
            expect(chosen).toBe(expected);
            return chosen;
          });
        }),
        { numRuns: size > 100 ? 3 : 12 },
      );
    },
  );
});
