import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneThreadReason, planThreads, threadCount } from '../../../src/run/thread-plan.ts';
import { parseScenario } from '../../../src/scenario/load.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';

/** Clusters `c0`, `c1` and so on of so many nodes. */
function fleet(nodes: readonly number[]): Scenario {
  return parseScenario({
    name: 'fleet',
    horizon: '1h',
    fleet: {
      machineTypes: [{ name: 'm', cpu: 4, memory: '8Gi' }],
      clusters: nodes.map((count, i) => ({ name: `c${i}`, pools: [{ machineType: 'm', count }] })),
    },
    workloads: [{ name: 'web', kind: 'service', replicas: 1, pod: { cpu: 1 } }],
  });
}

describe('a plan of threads', () => {
  it('gives the largest cluster first, each to the thread with the fewest nodes', () => {
    // By size c1 10, c3 8, c0 5, c4 5, c2 1: c1 to 0 (10), c3 to 1 (8), c0 to 1 (13), c4 to 0 (15), c2 to 1 (14).
    expect(planThreads(fleet([5, 10, 1, 8, 5]), 2)).toEqual([
      [1, 4],
      [0, 2, 3],
    ]);
  });

  it('takes equal clusters by index, and equal threads too', () => {
    expect(planThreads(fleet([4, 4, 4, 4, 4]), 3)).toEqual([[0, 3], [1, 4], [2]]);
  });

  it('has each cluster once, and no thread without a cluster', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 20 }), (nodes, threads) => {
        const plan = planThreads(fleet(nodes), threads);
        expect(plan).toHaveLength(Math.min(threads, nodes.length));
        for (const members of plan) expect(members.length).toBeGreaterThan(0);
        expect(plan.flat().sort((a, b) => a - b)).toEqual(nodes.map((_, c) => c));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('is of one thread for one cluster, and of no more threads than clusters', () => {
    expect(threadCount(fleet([9]), 4)).toBe(1);
    expect(oneThreadReason(fleet([9]))).toMatch(/one cluster/);
    expect(threadCount(fleet([9, 9, 9]), 4)).toBe(3);
    expect(threadCount(fleet([9, 9, 9]), 2)).toBe(2);
    expect(oneThreadReason(fleet([9, 9]))).toBeNull();
  });
});
