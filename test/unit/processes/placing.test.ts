/** The placer: latency, the ledger of what it sent, pods that come back, warm-up of what it counts. */
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  metric,
  once,
  podSpec,
  pool,
  runToEnd,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const two = (count: number) => [
  cluster({ pools: [pool({ count })] }),
  cluster({ name: 'b', pools: [pool({ count })] }),
];
const placement = (over: Partial<Scenario['placement']>) => ({
  placement: {
    latencyUs: 1,
    summaryEveryUs: 1000 * SECOND,
    returnAfterUs: null,
    failoverAfterUs: null,
    ...over,
  },
});

describe('placing', () => {
  it('takes its latency, which pods wait for', () => {
    const { lines, bundle } = tell(
      scenario({ ...placement({ latencyUs: 5 * SECOND }), workloads: [job({ ...once(SECOND) })] }),
      ['bind'],
    );
    // It arrives at 0.999999.
    expect(lines).toEqual(['5.999999 bind w/0 a:p/0']);
    expect(metric(bundle, 'pod_wait_seconds').max).toBe(5);
  });

  it('remembers what it sent since a stale summary: pods do not herd into one cluster', () => {
    const { bundle } = tell(
      scenario({
        ...placement({}),
        clusters: two(4),
        // Eight pods in eight seconds, long before the second summary.
        workloads: [job({ untilUs: 9 * SECOND })],
      }),
    );
    expect(metric(bundle, 'placements_total', { cluster: 'a' }).sum).toBe(4);
    expect(metric(bundle, 'placements_total', { cluster: 'b' }).sum).toBe(4);
  });

  it('divides one large job', () => {
    const { bundle } = tell(
      scenario({
        ...placement({}),
        clusters: two(4),
        workloads: [job({ ...once(SECOND), podsPerJob: { law: 'constant', value: 16 } })],
      }),
    );
    expect(metric(bundle, 'placements_total', { cluster: 'a' }).sum).toBe(8);
  });

  it('keeps a gang in one cluster', () => {
    const { lines } = tell(
      scenario({
        ...placement({}),
        clusters: two(1),
        workloads: [
          job({ kind: 'gang', ...once(SECOND), podsPerJob: { law: 'constant', value: 4 } }),
        ],
      }),
      ['bind'],
    );
    expect(lines.every((line) => line.endsWith('a:p/0'))).toBe(true);
    expect(lines).toHaveLength(4);
  });

  it('gets pods back that waited too long, and places them where there is room by then', () => {
    const whole = podSpec({ cpuMillicores: 4000 });
    const on = (name: string, seconds: number) =>
      job({
        name: `on${name}`,
        ...once(SECOND),
        pod: podSpec({ cpuMillicores: 4000, nodeSelector: { c: name } }),
        durationUs: { law: 'constant', value: seconds * SECOND },
      });
    const { lines, bundle } = tell(
      scenario({
        ...placement({ summaryEveryUs: 10 * SECOND, returnAfterUs: 30 * SECOND }),
        clusters: ['a', 'b'].map((name) =>
          cluster({ name, pools: [pool({ labels: { c: name } })] }),
        ),
        workloads: [on('a', 1000), on('b', 24), job({ ...once(2 * SECOND), pod: whole })],
      }),
      ['bind', 'return'],
    );
    // Both are full when `w` comes, and a is first by name; b is free at 25. At 40 a's summary is due, and what entered its
    // queue before the summary of 10 has waited 30 s: back at 40, placed 1 us later, with b after another.
    expect(lines).toEqual([
      '1 bind ona/0 a:p/0',
      '1 bind onb/0 b:p/0',
      '40 return w x1 a',
      '40.000002 bind w/0 b:p/0',
    ]);
    // One episode from its arrival on: 40.000002 - 1.999999.
    expect(metric(bundle, 'pod_wait_seconds', { workload: 'w' }).max).toBeCloseTo(38.000003, 6);
    expect(metric(bundle, 'pods_returned_total').sum).toBe(1);
  });

  it('holds pods at the fleet that no cluster could ever take', () => {
    const bundle = runToEnd(
      scenario({
        ...placement({}),
        clusters: two(1),
        workloads: [job({ ...once(SECOND), pod: podSpec({ cpuMillicores: 5000 }) })],
      }),
    );
    expect(metric(bundle, 'placements_total').sum).toBe(0);
    expect(metric(bundle, 'pod_wait_seconds').censored).toBe(1);
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 1, pending: 1 });
  });
});

describe('the warm-up', () => {
  /** A pod every 10 s from 10 to 90, each running 5 s. */
  const warm = (over: Partial<Scenario>) =>
    runToEnd(
      scenario({
        horizonUs: 100 * SECOND,
        warmupUs: 50 * SECOND,
        series: { everyUs: 20 * SECOND },
        workloads: [
          job({
            arrivals: { kind: 'regular', everyUs: 10 * SECOND },
            durationUs: { law: 'constant', value: 5 * SECOND },
          }),
        ],
        ...over,
      }),
    );

  it.each([
    ['one cluster', {}],
    ['two clusters', { clusters: two(1) }],
    [
      'two clusters and a latency that spans its end',
      { clusters: two(1), ...placement({ latencyUs: 3 * SECOND }) },
    ],
  ])('leaves what was before it out of the statistics: %s', (_, over) => {
    const bundle = warm(over);
    // Arrivals at 50, 60, 70, 80, 90; completions of the same five (at 55 ... 98).
    expect(metric(bundle, 'pods_arrived_total').sum).toBe(5);
    expect(metric(bundle, 'pods_completed_total').sum).toBe(5);
    expect(metric(bundle, 'pod_wait_seconds').n).toBe(5);
    // 25 pod-seconds in 50 s, although the run counts nine pods.
    expect(metric(bundle, 'pods_running').mean).toBeCloseTo(0.5, 6);
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 9, completed: 9 });
    // Costs run from the start: a dollar an hour for each node.
    const nodes = bundle.manifest.fleet.nodes;
    expect(bundle.result.conservation.cost.total).toBeCloseTo((nodes * 100) / 3600, 9);
  });
});
