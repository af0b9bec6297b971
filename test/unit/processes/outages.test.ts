/** Outages of failure domains, dark clusters and failover. Eviction is due 350 s after a node died. */
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  metric,
  nodeFails,
  once,
  outage,
  podSpec,
  pool,
  provider,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

/** Cluster a: pool p of two racks of one node in zone z1, pool q in zone z2; cluster b: one node elsewhere. */
const FLEET = {
  workloads: [],
  providers: [provider(), provider({ name: 'other' })],
  clusters: [
    cluster({
      region: 'r1',
      site: 's1',
      pools: [
        pool({ name: 'p', count: 2, rackSize: 1, zone: 'z1', domains: ['feed'] }),
        pool({ name: 'q', zone: 'z2' }),
      ],
    }),
    cluster({
      name: 'b',
      region: 'r2',
      site: 's2',
      provider: 'other',
      pools: [pool({ zone: 'z3' })],
    }),
  ],
};

describe('an outage', () => {
  const A_P = ['a:p/0', 'a:p/1'];
  const A = [...A_P, 'a:q/0'];
  it.each([
    ['node/a/p/1', ['a:p/1']],
    ['rack/a/p/0', ['a:p/0']],
    ['pool/a/p', A_P],
    ['zone/z1', A_P],
    ['zone/z2', ['a:q/0']],
    ['domain/feed', A_P],
    ['cluster/a', A],
    ['site/s1', A],
    ['region/r1', A],
    ['region/r2', ['b:p/0']],
    ['provider/own', A],
    ['provider/other', ['b:p/0']],
  ])('of %s takes down exactly its nodes, and gives them back', (target, nodes) => {
    const { lines, bundle } = tell(
      scenario({ ...FLEET, failures: [outage(target, 10 * SECOND, 90 * SECOND)] }),
      ['up', 'down'],
    );
    expect(lines).toEqual([
      ...nodes.map((node) => `10 down ${node}`),
      ...nodes.map((node) => `100 up ${node}`),
    ]);
    // Down for 90 of 3600 s each.
    expect(metric(bundle, 'nodes', { state: 'down' }).mean).toBeCloseTo(nodes.length / 40, 9);
  });

  it('that overlaps another ends for a node when both ended', () => {
    const { lines } = tell(
      scenario({
        ...FLEET,
        failures: [
          outage('pool/a/p', 10 * SECOND, 90 * SECOND),
          outage('rack/a/p/0', 50 * SECOND, 100 * SECOND),
        ],
      }),
      ['up', 'down'],
    );
    expect(lines).toEqual(['10 down a:p/0', '10 down a:p/1', '100 up a:p/1', '150 up a:p/0']);
  });

  it('counts its evictions as its own', () => {
    const { lines, bundle } = tell(
      scenario({
        clusters: [cluster({ pools: [pool({ count: 2 })] })],
        workloads: [job({ ...once(SECOND) })],
        failures: [outage('node/a/p/0', 11 * SECOND, 1000 * SECOND)],
      }),
      ['evict'],
    );
    expect(lines).toEqual(['361 evict w/0 a:p/0']);
    expect(metric(bundle, 'pods_evicted_total', { cause: 'outage' }).sum).toBe(1);
    expect(metric(bundle, 'pods_evicted_total', { cause: 'node-failure' }).sum).toBe(0);
  });
});

describe('a dark cluster', () => {
  it('evicts nobody: its pods start again in place when the power is back', () => {
    const { lines } = tell(
      scenario({
        workloads: [job({ ...once(SECOND) })],
        failures: [outage('cluster/a', 11 * SECOND, 1000 * SECOND)],
      }),
      ['bind', 'evict', 'complete'],
    );
    // Back at 1011, 100 s again.
    expect(lines).toEqual(['1 bind w/0 a:p/0', '1111 complete w x1 a']);
  });

  it('does not evict in the dark what failed before, but some time after the power is back', () => {
    const { lines } = tell(
      scenario({
        clusters: [cluster({ pools: [pool({ count: 2 })] })],
        workloads: [
          job({ ...once(SECOND), durationUs: { law: 'constant', value: 10_000 * SECOND } }),
        ],
        failures: [
          nodeFails('a/p/0', 11 * SECOND, 3000 * SECOND),
          outage('cluster/a', 100 * SECOND, 1000 * SECOND),
        ],
      }),
      ['bind', 'evict'],
    );
    // The eviction due at 361 falls into the dark; at 1100 the clock of detection starts anew: 1100 + 350, + 10 backoff.
    expect(lines).toEqual(['1 bind w/0 a:p/0', '1450 evict w/0 a:p/0', '1460 bind w/0 a:p/1']);
  });

  it('binds nothing until the power is back', () => {
    const { lines } = tell(
      scenario({
        workloads: [job({ ...once(50 * SECOND) })],
        failures: [outage('cluster/a', 11 * SECOND, 1000 * SECOND)],
      }),
      ['bind'],
    );
    expect(lines).toEqual(['1011 bind w/0 a:p/0']);
  });
});

describe('failover', () => {
  const twoClusters = (over: Partial<Scenario>) =>
    scenario({
      clusters: [
        cluster({ pools: [pool({ zone: 'za' })] }),
        cluster({ name: 'b', pools: [pool({ zone: 'zb' })] }),
      ],
      placement: {
        latencyUs: 1,
        summaryEveryUs: 10 * SECOND,
        returnAfterUs: null,
        failoverAfterUs: 60 * SECOND,
      },
      failures: [outage('cluster/a', 11 * SECOND, 1000 * SECOND)],
      ...over,
    });

  it('moves all pods of a cluster that stays dark', () => {
    const { lines, bundle } = tell(
      twoClusters({
        workloads: [
          job({
            ...once(SECOND),
            podsPerJob: { law: 'constant', value: 2 },
            pod: podSpec({ cpuMillicores: 3000 }),
            durationUs: { law: 'constant', value: 50 * SECOND },
          }),
        ],
      }),
    );
    // One pod on each. a dark at 11, given up at 71; its pod is with the placer 1 us later and with b after another.
    expect(lines).toEqual([
      '1 bind w/0 a:p/0',
      '1 bind w/1 b:p/0',
      '11 down a:p/0',
      '51 complete w x1 b',
      '71 evict w/0 a:p/0',
      '71 return w x1 a',
      '71.000002 bind w/0 b:p/0',
      '121.000002 complete w x1 b',
      '1011 up a:p/0',
    ]);
    // The episode starts with the eviction: 2 us.
    expect(metric(bundle, 'pod_wait_seconds', { cause: 'eviction' }).max).toBeCloseTo(2e-6, 9);
  });

  it('waits for a cluster that comes back in time', () => {
    const { lines } = tell(
      twoClusters({
        workloads: [job({ ...once(SECOND) })],
        failures: [outage('cluster/a', 11 * SECOND, 59 * SECOND)],
      }),
      ['bind', 'evict', 'complete'],
    );
    expect(lines).toEqual(['1 bind w/0 a:p/0', '170 complete w x1 a']);
  });

  it('sends nothing to a lost cluster until it answers again', () => {
    const { lines } = tell(
      twoClusters({
        workloads: [
          job({ name: 'x', ...once(500 * SECOND) }),
          job({ name: 'y', ...once(1500 * SECOND) }),
        ],
      }),
      ['bind'],
    );
    expect(lines).toEqual(['500 bind x/0 b:p/0', '1500 bind y/0 a:p/0']);
  });

  it('sends back what was on its way when the cluster was lost', () => {
    const { lines } = tell(twoClusters({ workloads: [job({ ...once(71 * SECOND + 1) })] }), [
      'return',
      'bind',
    ]);
    // Placed at 71, the instant at which a is given up; bounced at 71.000001, placed again and bound 2 us later.
    expect(lines).toEqual(['71.000001 return w x1 a', '71.000003 bind w/0 b:p/0']);
  });

  it('sends a gang back whole that was on its way when the cluster was lost', () => {
    const gang = {
      kind: 'gang',
      podsPerJob: { law: 'constant', value: 2 },
      pod: podSpec({ cpuMillicores: 2000 }),
      ...once(71 * SECOND + 1),
    } as const;
    const { lines } = tell(twoClusters({ workloads: [job(gang)] }), ['return', 'bind']);
    expect(lines).toEqual([
      '71.000001 return w x2 a',
      '71.000003 bind w/0 b:p/0',
      '71.000003 bind w/1 b:p/0',
    ]);
  });
});
