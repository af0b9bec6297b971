import { describe, expect, it } from 'vitest';
import type { SchedulingProfile, TieOrder } from '../../../src/contracts/scheduling.ts';
import type { ClusterView } from '../../../src/model/view.ts';
import { HeadroomFilter } from '../../../src/policies/scheduling/filters.ts';
import {
  bestFit,
  dotProduct,
  leastAllocated,
  mostAllocated,
} from '../../../src/policies/scheduling/terms.ts';
import { CPU_MEMORY, CPU_MEMORY_GPU } from '../../../src/policies/scheduling/weights.ts';
import { isCacheable, TournamentSelector } from '../../../src/selection/shape-tournament.ts';
import { play } from './seeded-story.ts';

type MakeProfile = (cluster: ClusterView) => Omit<SchedulingProfile, 'ties'>;

const PROFILES: Readonly<Record<string, MakeProfile>> = {
  'no score at all': () => ({ kind: 'profile' }),
  'most-allocated behind a filter': (cluster) => ({
    kind: 'profile',
    filters: [new HeadroomFilter(0.1, cluster)],
    scores: [{ score: mostAllocated(CPU_MEMORY, cluster), weight: 1 }],
  }),
  'least-allocated': (cluster) => ({
    kind: 'profile',
    scores: [{ score: leastAllocated(CPU_MEMORY, cluster), weight: 1 }],
  }),
  'best-fit': (cluster) => ({
    kind: 'profile',
    scores: [{ score: bestFit(CPU_MEMORY_GPU, cluster), weight: 1 }],
  }),
  'a mix': (cluster) => ({
    kind: 'profile',
    scores: [
      { score: mostAllocated({ cpu: 1 }, cluster), weight: 2 },
      { score: dotProduct(CPU_MEMORY_GPU, cluster), weight: 0.5 },
    ],
  }),
};
const TIES: readonly TieOrder[] = ['index', 'rank', 'uniform', 'capacity', 'rotate'];

describe.each(Object.entries(PROFILES))('the tournament under %s', (_, makeProfile) => {
  it.each(TIES)('finds the node of the full scan, ties by %s', (ties) => {
    const make = (cluster: ClusterView, next: (below: number) => number): SchedulingProfile => {
      const profile: SchedulingProfile = { ...makeProfile(cluster), ties };
      expect(isCacheable(profile)).toBe(true);
      if (ties !== 'rank') return profile;
      // Equal ranks go by index.
      const { count } = cluster.nodes;
      return { ...profile, ranks: Array.from({ length: count }, () => next(count)) };
    };
    // Blocks have 32 nodes at least: one, two with a rest, ten.
    for (const [nodes, decisions] of [
      [20, 500],
      [70, 1500],
      [320, 2500],
    ] as const) {
      for (const churn of [0, 45]) {
        play({ nodes, decisions, seed: nodes + churn, run: 25, churn }, make, (parts, changes) => {
          // Room for all shapes, then for so few that boards are built again and again.
          return new TournamentSelector(parts, changes, churn === 0 ? 1 : undefined);
        });
      }
    }
  });
});

describe('the stamps of the tournament', () => {
  it('start again before they pass 32 bits', () => {
    const make = (cluster: ClusterView): SchedulingProfile => ({
      kind: 'profile',
      ties: 'uniform',
      scores: [{ score: mostAllocated({ cpu: 1 }, cluster), weight: 1 }],
    });
    play({ nodes: 40, decisions: 600, seed: 7, run: 25, churn: 45 }, make, (parts, changes) =>
      // After 50 of the 600 decisions.
      Object.assign(new TournamentSelector(parts, changes), { stamp: 2 ** 31 - 51 }),
    );
  });
});
