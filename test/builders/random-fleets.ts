/** Random fleets: machine types, providers and clusters for random scenarios. Everything shrinks towards one plain node. */
import fc from 'fast-check';
import type { Cluster, ControlPlane, Provider } from '../../src/scenario/scenario.ts';
import { cluster, GIB, IDEAL, machine, pool, provider, SECOND } from './scenario.ts';

/** The taint that some pools have and some pods tolerate. */
export const TAINT = { key: 'only', value: 'batch', effect: 'NoSchedule' } as const;

/** Three kinds of nodes: plain, with two GPUs, with two FPGAs. */
export const MACHINES = [
  machine({ name: 'm' }),
  machine({
    name: 'g',
    cpuMillicores: 8000,
    memoryBytes: 32 * GIB,
    gpus: { model: 'T4', count: 2 },
  }),
  machine({ name: 'x', cpuMillicores: 16_000, pods: 12, extended: { 'acme.com/fpga': 2 } }),
];

/** A provider of owned nodes, and a cloud with every limit drawn. */
export const providers: fc.Arbitrary<readonly Provider[]> = fc
  .record({
    bootUs: fc.constantFrom(
      { law: 'constant', value: 0 } as const,
      { law: 'constant', value: 20 * SECOND } as const,
      { law: 'exponential', mean: 10 * SECOND } as const,
    ),
    quotaNodes: fc.constantFrom(null, 2, 6),
    bootsPerSecond: fc.constantFrom(null, 0.2),
    bootFailureRatio: fc.constantFrom(0, 0.3),
  })
  .map((cloud) => [
    provider(),
    provider({ name: 'cloud', kind: 'public', clusterFeeDollarsPerHour: 0.1, ...cloud }),
  ]);

/** Control planes: ideal, slow, slow by nodes looked at, bound by tokens. */
export const controlPlanes: fc.Arbitrary<ControlPlane> = fc.constantFrom(
  IDEAL,
  { ...IDEAL, attemptUs: SECOND / 10 },
  { ...IDEAL, attemptUs: 1000, perNodeUs: SECOND / 100 },
  { ...IDEAL, bindsPerSecond: 2, bindBurst: 3 },
);

const pools = fc.record({
  machineType: fc.constantFrom('m', 'g', 'x'),
  count: fc.integer({ min: 0, max: 4 }),
  extra: fc.integer({ min: 0, max: 3 }),
  zone: fc.constantFrom('z1', 'z2'),
  isTainted: fc.boolean(),
  hasDisk: fc.boolean(),
  rackSize: fc.integer({ min: 1, max: 3 }),
  idleAfterUs: fc.constantFrom(10 * SECOND, 60 * SECOND),
});

/** One to three clusters, named in order, of one or two pools each, with at least one node slot. */
export const clusters: fc.Arbitrary<readonly Cluster[]> = fc
  .array(
    fc.record({
      provider: fc.constantFrom('own', 'cloud'),
      region: fc.constantFrom('r1', 'r2'),
      weight: fc.integer({ min: 1, max: 3 }),
      pools: fc.array(pools, { minLength: 1, maxLength: 2 }),
      controlPlane: fc.option(controlPlanes, { freq: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) =>
    all.map(({ pools: drawn, region, ...rest }, c) =>
      cluster({
        ...rest,
        name: `c${c}`,
        region,
        site: `s-${region}`,
        pools: drawn.map(({ extra, isTainted, hasDisk, count, ...one }, p) =>
          pool({
            ...one,
            name: `p${p}`,
            count: count + (p === 0 && count + extra === 0 ? 1 : 0),
            max: count + extra + (p === 0 && count + extra === 0 ? 1 : 0),
            taints: isTainted ? [TAINT] : [],
            labels: hasDisk ? { disk: 'ssd' } : {},
            domains: [`feed-${c}`],
          }),
        ),
      }),
    ),
  );
