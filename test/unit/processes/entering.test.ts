/** Runs of equal pods decided on at once, against the way through the queue, which a run with checks takes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import {
  bytesOf,
  cluster,
  job,
  machine,
  metric,
  podSpec,
  pool,
  prepare,
  runToEnd,
  SECOND,
  scenario,
  service,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

/** One cluster of `nodes` nodes with 4 cores. */
function small(nodes: number, more: Partial<Scenario>): Scenario {
  return scenario({
    machineTypes: [machine({ cpuMillicores: 4000 })],
    clusters: [cluster({ pools: [pool({ count: nodes })] })],
    ...more,
  });
}

/** A job of `pods` pods at one instant. */
const jobOf = (pods: number, more: Parameters<typeof job>[0] = {}) =>
  job({
    arrivals: { kind: 'regular', everyUs: 10 * SECOND },
    untilUs: 15 * SECOND,
    podsPerJob: { law: 'constant', value: pods },
    pod: podSpec({ cpuMillicores: 1000 }),
    ...more,
  });

/** Runs without checks and says how many units entered a queue. */
function entered(from: Scenario): number {
  const simulation = prepare(from, { check: false });
  let count = 0;
  for (const { run } of simulation.world.clusters) {
    const enter = run.queue.enter.bind(run.queue);
    run.queue.enter = (p, size) => {
      count++;
      enter(p, size);
    };
  }
  while (simulation.runFor(1000) !== 'done');
  return count;
}

describe('pods that meet an empty queue', () => {
  it('do not pass through it', () => {
    expect(entered(small(300, { workloads: [jobOf(1000)] }))).toBe(0);
  });

  it('enter it from the first on that is refused', () => {
    // 2 nodes of 4 cores take 8 of 11 pods of 1 core.
    const from = small(2, { workloads: [jobOf(11)] });
    expect(entered(from)).toBe(3);
    const { lines } = tell(from, ['bind'], { check: false });
    expect(new Set(lines.slice(0, 8).map((line) => line.split(' ')[0])).size).toBe(1);
    expect(lines.slice(0, 11)).toEqual(tell(from, ['bind'], { check: true }).lines.slice(0, 11));
  });

  it('count the decision that they stand for as an event', () => {
    const from = small(300, { workloads: [jobOf(7)] });
    const [direct, queued] = [false, true].map((check) => runToEnd(from, { check }));
    expect(metric(direct!, 'events_total').sum).toBe(metric(queued!, 'events_total').sum);
  });

  it('wait for what arrives at the same instant before it is decided', () => {
    // `urgent` arrives at the instant of `early`, behind it, and goes first.
    const from = small(1, {
      policies: {
        placement: { use: 'most-free', params: {} },
        scheduling: { use: 'first-fit', params: {} },
        queueing: { use: 'priority', params: {} },
      },
      workloads: [
        jobOf(4, { name: 'early' }),
        jobOf(4, { name: 'urgent', pod: podSpec({ cpuMillicores: 1000, priority: 9 }) }),
      ],
    });
    const { lines } = tell(from, ['bind'], { check: false });
    expect(lines.slice(0, 4).map((line) => line.split(' ')[2])).toEqual([
      'urgent/0',
      'urgent/1',
      'urgent/2',
      'urgent/3',
    ]);
  });
});

describe('decisions at once and decisions from the queue', () => {
  const workload = fc.record({
    pods: fc.integer({ min: 1, max: 30 }),
    everyUs: fc.integer({ min: 1, max: 4 }).map((seconds) => seconds * 5 * SECOND),
    cpuMillicores: fc.constantFrom(100, 1000, 3000, 5000),
    priority: fc.integer({ min: 0, max: 2 }),
    onRefusal: fc.constantFrom('wait' as const, 'lose' as const),
    kind: fc.constantFrom('job' as const, 'gang' as const, 'service' as const),
    startsAtOnce: fc.boolean(),
  });
  const world = fc.record({
    nodes: fc.integer({ min: 1, max: 12 }),
    workloads: fc.array(workload, { minLength: 1, maxLength: 4 }),
    use: fc.constantFrom('first-fit', 'least-allocated', 'most-allocated', 'round-robin', 'random'),
    queueing: fc.constantFrom('fifo', 'priority'),
    blocking: fc.boolean(),
    clusters: fc.constantFrom(1, 1, 3),
  });

  it('give the same bytes', () => {
    fc.assert(
      fc.property(world, (w) => {
        const from = scenario({
          machineTypes: [machine({ cpuMillicores: 4000 })],
          clusters: Array.from({ length: w.clusters }, (_, c) =>
            cluster({ name: `c${c}`, pools: [pool({ count: w.nodes })] }),
          ),
          horizonUs: 120 * SECOND,
          policies: {
            placement: { use: 'most-free', params: {} },
            scheduling: { use: w.use, params: {} },
            queueing: { use: w.queueing, params: { blocking: w.blocking } },
          },
          workloads: w.workloads.map((one, i) => {
            const { cpuMillicores, everyUs, kind, onRefusal, pods, priority } = one;
            const own = {
              name: `w${i}`,
              pod: podSpec({ cpuMillicores, priority }),
              startupUs: { law: 'constant' as const, value: one.startsAtOnce ? 0 : SECOND },
            };
            if (kind === 'service') {
              const steps = [
                { atUs: 0, count: pods },
                { atUs: 60 * SECOND, count: 1 },
              ];
              return service({ ...own, replicas: { kind: 'steps', steps } });
            }
            const gang = kind === 'gang' ? { kind } : {};
            const arrivals = { kind: 'regular' as const, everyUs };
            const podsPerJob = { law: 'exponential' as const, mean: pods };
            return { ...job({ ...own, onRefusal, arrivals, podsPerJob }), ...gang };
          }),
        });
        const [direct, queued] = [false, true].map((check) => bytesOf(runToEnd(from, { check })));
        if (direct !== queued) throw new Error('the bundles differ');
      }),
      { numRuns: 150 },
    );
  });
});
