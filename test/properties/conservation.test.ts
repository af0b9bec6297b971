/** What is conserved in every run: pods, node time, money, time in the system. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/results/bundle.ts';
import { scenarios } from '../builders/random-scenarios.ts';
import { IDEAL, metric, runToEnd, SECOND } from '../builders/scenario.ts';

const RUNS = { numRuns: 30 };

/** Sum of a metric's total over the values of one label. */
function sumBy(bundle: Bundle, name: string, label: string): number {
  let sum = 0;
  for (const row of bundle.result.metrics) {
    const names = Object.keys(row.labels);
    if (row.name === name && names.length === 1 && names[0] === label) sum += row.sum!;
  }
  return sum;
}

describe('conservation', () => {
  it('holds for pods: arrived = completed + running + pending + lost', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const { pods } = runToEnd(from).result.conservation;
        expect(pods.completed + pods.running + pods.pending + pods.lost).toBe(pods.arrived);
      }),
      RUNS,
    );
  });

  it('holds for node time: every node slot is in one state at every instant', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const { result, manifest } = runToEnd(from, { check: false });
        const { byState, total } = result.conservation.nodeSeconds;
        const sum = Object.values(byState).reduce((a, b) => a + b, 0);
        expect(sum).toBeCloseTo(total, 6);
        expect(total).toBeCloseTo((manifest.fleet.nodes * from.horizonUs) / SECOND, 6);
      }),
      RUNS,
    );
  });

  it('holds for money: total = workload + idle + overhead', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const { cost } = runToEnd(from, { check: false }).result.conservation;
        expect(cost.workload + cost.idle + cost.overhead).toBeCloseTo(cost.total, 9);
        for (const part of [cost.workload, cost.idle, cost.overhead]) {
          expect(part).toBeGreaterThanOrEqual(0);
        }
      }),
      RUNS,
    );
  });

  it('holds between labels: the fleet is the sum of its clusters and of its workloads', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const bundle = runToEnd(from, { check: false });
        for (const name of ['pods_completed_total', 'pods_evicted_total', 'pods_lost_total']) {
          const all = metric(bundle, name).sum;
          expect([name, sumBy(bundle, name, 'cluster')]).toEqual([name, all]);
          expect([name, sumBy(bundle, name, 'workload')]).toEqual([name, all]);
        }
        const waits = bundle.distributions.entries.filter(
          (e) => e.metric === 'pod_wait_seconds' && e.scope === 'run',
        );
        const n = (label: string | null) =>
          waits
            .filter((e) => Object.keys(e.labels).join() === (label ?? ''))
            .reduce((sum, e) => sum + e.n, 0);
        expect([n('class'), n('cause'), n('workload')]).toEqual([n(null), n(null), n(null)]);
      }),
      RUNS,
    );
  });

  it('holds between time and people: L = lambda W where nothing breaks', () => {
    fc.assert(
      fc.property(scenarios, (drawn) => {
        const from = {
          ...drawn,
          failures: [],
          warmupUs: 0,
          controlPlane: IDEAL,
          // A replica that is withdrawn while it waits has no waiting time.
          workloads: drawn.workloads.filter((workload) => workload.kind !== 'service'),
          clusters: drawn.clusters.map((c) => ({ ...c, controlPlane: null })),
          placement: { ...drawn.placement, latencyUs: 1, returnAfterUs: null },
        };
        const bundle = runToEnd(from, { check: false });
        const law = bundle.result.conservation.littlesLaw;
        const arrived = metric(bundle, 'pods_arrived_total').sum!;
        // Pods that no cluster takes wait at the fleet, which the left side does not see.
        const isPlaced = metric(bundle, 'placements_total').sum === arrived;
        // Nor does a pod that is lost because it finds no room have a waiting time.
        fc.pre(law !== null && isPlaced && metric(bundle, 'pods_lost_total').sum === 0);
        // Each pod's wait has 1 us of placement latency that the gauges do not see.
        expect(Math.abs(law!.l - law!.lambdaW)).toBeLessThan((arrived + 1) * 1e-6);
      }),
      RUNS,
    );
  });
});
