/** Luck is keyed: what is added to a scenario changes nobody else's arrivals, run times and failures. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { scenarios } from '../builders/random-scenarios.ts';
import { cluster, job, metric, pool, prepare, runToEnd, SECOND } from '../builders/scenario.ts';

const RUNS = { numRuns: 25 };

/** Run time and job of every pod when it first enters a queue, and the first failure of every node. */
function luckOf(from: Scenario): ReadonlyMap<string, number> {
  // With checks every pod passes through the queue.
  const simulation = prepare(from, { check: true });
  const luck = new Map<string, number>();
  for (const { run } of simulation.world.clusters) {
    const { cluster: columns, queue } = run;
    const enter = queue.enter.bind(queue);
    queue.enter = (p, size) => {
      for (const m of run.gangs.membersOf(p)) {
        const name = `${columns.workloadName(m)}/${columns.pods.serial(m)}`;
        if (!luck.has(name)) luck.set(name, columns.pods.durationUs(m));
      }
      enter(p, size);
    };
    const failed = run.nodeLife.failed.bind(run.nodeLife);
    run.nodeLife.failed = (...args) => {
      const name = `${columns.name}/${columns.nodeName(args[0])}`;
      if (!luck.has(name)) luck.set(name, run.nowUs);
      failed(...args);
    };
  }
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  return luck;
}

/** Everything that both worlds know has the same luck in both; there must be something. */
function sameLuck(a: Scenario, b: Scenario, must: (name: string) => boolean = () => true): void {
  const [before, after] = [luckOf(a), luckOf(b)];
  for (const [name, value] of before) {
    if (!must(name) || !after.has(name)) continue;
    if (after.get(name) !== value) throw new Error(`${name}: ${value}, then ${after.get(name)}`);
  }
}

/** Nodes of pools that never change: their failures depend on the clock alone. */
const isFixedNode = (from: Scenario) => (name: string) => {
  const [clusterName, poolName] = name.split('/');
  const found = from.clusters
    .find((c) => c.name === clusterName)
    ?.pools.find((p) => p.name === poolName);
  return found === undefined || found.count === found.max;
};

describe('luck', () => {
  it('does not change when a cluster is added that takes no pods: neither do decisions', () => {
    const idle = cluster({
      name: 'zz',
      pools: [pool({ count: 3, taints: [{ key: 'never', value: '', effect: 'NoSchedule' }] })],
    });
    fc.assert(
      fc.property(scenarios, (from) => {
        fc.pre(from.clusters.length > 1 && from.policies.placement.use !== 'round-robin');
        const more = { ...from, clusters: [...from.clusters, { ...idle, zone: 'far' }] };
        const [before, after] = [from, more].map((one) => runToEnd(one, { check: false }));
        // A parcel may come back as often as there are clusters: one more is seen by those that go round.
        fc.pre(metric(before!, 'pods_returned_total').sum === 0);
        const { trajectories } = after!.manifest;
        expect(trajectories.slice(0, -1)).toEqual(before!.manifest.trajectories);
      }),
      RUNS,
    );
  });

  it('does not change when a workload is added', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const added = job({ name: 'added', arrivals: { kind: 'poisson', perSecond: 0.5 } });
        const more = { ...from, workloads: [added, ...from.workloads] };
        sameLuck(from, more, isFixedNode(from));
      }),
      RUNS,
    );
  });

  it('does not change with the policies: they meet the same arrivals, run times and failures', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        fc.pre(from.policies.scheduling.use !== 'easy-backfill');
        const scheduling = { use: 'random', params: {} };
        const other = { ...from, policies: { ...from.policies, scheduling } };
        sameLuck(from, other, isFixedNode(from));
      }),
      RUNS,
    );
  });

  it('does not change when pools are written in another order', () => {
    fc.assert(
      fc.property(scenarios, (from) => {
        const clusters = from.clusters.map((c) => ({ ...c, pools: [...c.pools].reverse() }));
        sameLuck(from, { ...from, clusters }, isFixedNode(from));
      }),
      RUNS,
    );
  });

  it('is there: pods have run times and nodes fail', () => {
    const [from] = fc.sample(
      scenarios.filter((s) => s.failures.some((f) => f.kind === 'nodes')),
      { numRuns: 1, seed: 7 },
    );
    const luck = luckOf({ ...from!, workloads: [job({ untilUs: 100 * SECOND })] });
    expect(luck.get('w/0')).toBe(100 * SECOND);
    expect([...luck.keys()].some((name) => name.startsWith('c0/'))).toBe(true);
  });
});
