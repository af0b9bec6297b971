/** Random small scenarios over everything that a scenario can say: what the swarm and the properties run. */
import fc from 'fast-check';
import type { Distribution } from '../../src/base/distribution.ts';
import type {
  Failure,
  PodSpec,
  PolicyUse,
  Scenario,
  Workload,
} from '../../src/scenario/scenario.ts';
import { clusters, controlPlanes, MACHINES, providers, TAINT } from './random-fleets.ts';
import {
  GIB,
  job,
  lifecycle,
  MIB,
  outage,
  podSpec,
  SECOND,
  scenario,
  service,
} from './scenario.ts';

const PODS: readonly Partial<PodSpec>[] = [
  {},
  { cpuMillicores: 250, memoryBytes: 64 * MIB },
  { cpuMillicores: 3500, memoryBytes: 8 * GIB },
  { cpuMillicores: 500, tolerations: [{ ...TAINT, operator: 'Equal' }] },
  { cpuMillicores: 500, nodeSelector: { disk: 'ssd' } },
  { gpus: { count: 1, milliPerDevice: 300, models: [] } },
  { gpus: { count: 2, milliPerDevice: 1000, models: ['T4'] } },
  { cpuMillicores: 100, extended: { 'acme.com/fpga': 1 } },
  { cpuMillicores: 2000, priority: 10, priorityClass: 'high' },
  { cpuMillicores: 64_000 },
];

const DURATIONS: readonly Distribution[] = [
  { law: 'constant', value: 20 * SECOND },
  { law: 'exponential', mean: 30 * SECOND },
  { law: 'lognormal', median: 5 * SECOND, sigma: 1.5 },
  { law: 'truncated-pareto', alpha: 1.2, min: SECOND, max: 200 * SECOND },
];

const common = fc.record({
  pod: fc.constantFrom(...PODS).map((pod) => podSpec(pod)),
  startupUs: fc.constantFrom<Distribution>(
    { law: 'constant', value: 0 },
    { law: 'exponential', mean: 2 * SECOND },
  ),
  onEviction: fc.constantFrom(
    { kind: 'restart' } as const,
    { kind: 'resume' } as const,
    { kind: 'checkpoint', everyUs: 3 * SECOND, costUs: SECOND / 2 } as const,
  ),
  retryLimit: fc.constantFrom(null, 0, 2),
  retryBackoffUs: fc.constantFrom({ base: 0, cap: 0 }, { base: SECOND, cap: 10 * SECOND }),
});

const jobs = fc
  .record({
    common,
    kind: fc.constantFrom('job' as const, 'gang' as const),
    arrivals: fc.constantFrom(
      { kind: 'regular', everyUs: 7 * SECOND } as const,
      { kind: 'poisson', perSecond: 0.3 } as const,
      {
        kind: 'diurnal',
        perSecond: 0.3,
        peakToMean: 2,
        peakAtUs: 0,
        periodUs: 100 * SECOND,
      } as const,
      { kind: 'renewal', gapUs: { law: 'weibull', shape: 0.7, scale: 5 * SECOND } } as const,
    ),
    podsPerJob: fc.constantFrom<Distribution>(
      { law: 'constant', value: 1 },
      { law: 'constant', value: 3 },
      { law: 'exponential', mean: 4 },
    ),
    durationUs: fc.constantFrom(...DURATIONS),
    durationPerJob: fc.boolean(),
    onRefusal: fc.constantFrom('wait' as const, 'wait' as const, 'lose' as const),
    fromUs: fc.constantFrom(0, 40 * SECOND),
  })
  .map(({ common: shared, ...own }) => job({ ...shared, ...own }));

const services = fc
  .record({
    common,
    replicas: fc.oneof(
      fc.record({ kind: fc.constant('constant' as const), count: fc.integer({ min: 0, max: 8 }) }),
      fc.record({
        kind: fc.constant('steps' as const),
        steps: fc
          .array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 6 })
          .map((counts) => counts.map((count, i) => ({ atUs: (3 + 37 * i) * SECOND, count }))),
      }),
      fc.constant({
        kind: 'diurnal' as const,
        mean: 5,
        peakToMean: 1.8,
        peakAtUs: 50 * SECOND,
        periodUs: 100 * SECOND,
        everyUs: 10 * SECOND,
      }),
    ),
  })
  .map(({ common: shared, replicas }) => service({ ...shared, replicas }));

/** One to four workloads, named `w0` to `w3`. */
export const workloads: fc.Arbitrary<readonly Workload[]> = fc
  .array(fc.oneof({ weight: 3, arbitrary: jobs }, services), { minLength: 1, maxLength: 4 })
  .map((all) => all.map((workload, i) => ({ ...workload, name: `w${i}` })));

const plain = (...names: readonly string[]): readonly PolicyUse[] =>
  names.map((use) => ({ use, params: {} }));

/** Every built-in scheduling policy, with parameters where it must have some. */
export const SCHEDULING: readonly PolicyUse[] = [
  ...plain('first-fit', 'best-fit', 'worst-fit', 'least-allocated', 'most-allocated', 'random'),
  ...plain('round-robin', 'power-of-d', 'dot-product', 'easy-backfill', 'kubernetes/default'),
  ...plain('fgd/fgd', 'fgd/random', 'fgd/best-fit', 'fgd/dot-product', 'fgd/gpu-packing'),
  ...plain('fgd/gpu-clustering'),
  {
    use: 'profile',
    params: {
      scores: { 'least-allocated': 1 },
      filters: ['gpu-nodes-for-gpu-pods', { use: 'headroom', ratio: 0.2 }],
      ties: 'uniform',
    },
  },
];

const policies = fc.record({
  placement: fc.constantFrom(...plain('most-free', 'round-robin', 'static-weight', 'spill-over')),
  scheduling: fc.constantFrom(...SCHEDULING),
  queueing: fc.constantFrom(
    ...plain('fifo', 'priority'),
    { use: 'fifo', params: { blocking: true } },
    { use: 'priority', params: { blocking: true } },
  ),
});

const failures: fc.Arbitrary<readonly Failure[]> = fc
  .record({
    nodes: fc.option(
      fc.record({
        mtbf: fc.constantFrom(60 * SECOND, 300 * SECOND),
        repairers: fc.constantFrom(null, 1),
      }),
    ),
    outages: fc.array(
      fc.record({
        target: fc.constantFrom(
          ...['cluster/c0', 'cluster/c1', 'zone/z1', 'region/r1', 'site/s-r2', 'provider/cloud'],
          ...['pool/c0/p0', 'rack/c0/p0/0', 'node/c0/p0/0', 'domain/feed-1'],
        ),
        at: fc.integer({ min: 1, max: 200 }),
        for: fc.integer({ min: 1, max: 90 }),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ nodes, outages }) => [
    ...(nodes === null
      ? []
      : [
          {
            kind: 'nodes' as const,
            model: {
              use: 'exponential',
              params: { mtbf: nodes.mtbf, repair: { law: 'exponential', mean: 20 * SECOND } },
            },
            clusters: null,
            repairers: nodes.repairers,
          },
        ]),
    ...outages.map((o, i) => ({
      ...outage(o.target, o.at * SECOND, o.for * SECOND),
      name: `o${i}`,
    })),
  ]);

/** Scenarios of five minutes that use anything. */
export const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    providers,
    clusters,
    workloads,
    policies,
    failures,
    controlPlane: controlPlanes,
    placement: fc.record({
      latencyUs: fc.constantFrom(1, SECOND, 7 * SECOND),
      summaryEveryUs: fc.constantFrom(5 * SECOND, 30 * SECOND),
      returnAfterUs: fc.constantFrom(null, 20 * SECOND),
      failoverAfterUs: fc.constantFrom(null, 15 * SECOND),
    }),
    nodeLifecycle: fc.constantFrom(
      lifecycle(5 * SECOND, 10 * SECOND),
      lifecycle(0, 0),
      lifecycle(50 * SECOND, 300 * SECOND),
      { ...lifecycle(5 * SECOND, 10 * SECOND), controller: 'kubernetes' as const },
    ),
    warmupUs: fc.constantFrom(0, 45 * SECOND),
  })
  .map((drawn) =>
    scenario({
      ...drawn,
      // A scheduler that sees the whole queue refuses nobody.
      workloads: drawn.workloads.map((workload) =>
        workload.kind === 'service' || drawn.policies.scheduling.use !== 'easy-backfill'
          ? workload
          : { ...workload, onRefusal: 'wait' as const },
      ),
      horizonUs: 300 * SECOND,
      machineTypes: MACHINES,
      series: { everyUs: 30 * SECOND },
    }),
  );
