import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../src/base/errors.ts';
import { parseScale } from '../../../src/base/scale.ts';
import { scaleScenario } from '../../../src/scenario/scale.ts';
import type { Arrivals, JobWorkload, Scenario } from '../../../src/scenario/scenario.ts';
import { cluster, job, machine, pool, scenario, service } from '../../builders/scenario.ts';

const world = (parts: Partial<Scenario> = {}): Scenario =>
  scenario({
    machineTypes: [machine({ name: 'm' })],
    clusters: [cluster({ name: 'a', pools: [pool({ machineType: 'm', count: 1000 })] })],
    workloads: [],
    ...parts,
  });

const nodes = ({ clusters }: Scenario): number[] =>
  clusters.map(({ pools }) => pools.reduce((sum, one) => sum + one.count, 0));

const arrivalsAt = (arrivals: Arrivals, scale: string): Arrivals =>
  (scaleScenario(world({ workloads: [job({ arrivals })] }), scale).workloads[0] as JobWorkload)
    .arrivals;

const issuesOf = (of: Scenario, scale: string): readonly string[] => {
  try {
    scaleScenario(of, scale);
  } catch (error) {
    if (error instanceof ScenarioError) return error.issues.map(({ path }) => path);
    throw error;
  }
  return [];
};

describe('a scale', () => {
  it('is a fraction or a decimal, above 0 and at most 1', () => {
    expect(parseScale('1/1000')).toEqual({ value: 0.001 });
    expect(parseScale('.5')).toEqual({ value: 0.5 });
    expect(parseScale('1')).toEqual({ value: 1 });
    for (const text of ['0', '2', '1/0', '-1', '1/2/3', 'a', '', '3/2']) {
      expect(parseScale(text)).toHaveProperty('expected');
      expect(issuesOf(world(), text)).toEqual(['--scale']);
    }
  });

  it('of 1 leaves everything as it is', () => {
    const whole = world();
    expect(scaleScenario(whole, '1/1')).toBe(whole);
  });
});

describe('a scaled fleet', () => {
  it('keeps its clusters, and the number of nodes of each kind within one half', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 50, max: 5000 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 25 }),
        (counts, divisor) => {
          const whole = world({
            clusters: counts.map((count, i) =>
              cluster({ name: `c-${i}`, pools: [pool({ machineType: 'm', count })] }),
            ),
          });
          const after = nodes(scaleScenario(whole, `1/${divisor}`));
          const wanted = counts.reduce((sum, count) => sum + count, 0) / divisor;
          expect(after).toHaveLength(counts.length);
          expect(Math.abs(after.reduce((sum, n) => sum + n, 0) - wanted)).toBeLessThanOrEqual(
            0.5 + 1e-9,
          );
          after.forEach((n, i) => {
            expect(Math.abs(n - counts[i]! / divisor)).toBeLessThanOrEqual(1 + 1e-9);
          });
        },
      ),
    );
  });

  it('has a rare kind in some of its clusters', () => {
    const pools = [
      pool({ name: 'p', machineType: 'm', count: 100 }),
      pool({ name: 'g', machineType: 'gpu', count: 3 }),
    ];
    const whole = world({
      machineTypes: [machine({ name: 'm' }), machine({ name: 'gpu' })],
      clusters: ['a', 'b', 'c', 'd'].map((name) => cluster({ name, pools })),
    });
    // 0.3, 0.6, 0.9, 1.2 nodes are wanted so far: one in the second cluster.
    const given = scaleScenario(whole, '1/10').clusters.map((one) => one.pools[1]!.count);
    expect(given).toEqual([0, 1, 0, 0]);
  });

  it('scales what pools may grow to, quotas and boots', () => {
    const whole = world({
      clusters: [cluster({ name: 'a', pools: [pool({ machineType: 'm', count: 100, max: 500 })] })],
      providers: [{ ...world().providers[0]!, quotaNodes: 1200, bootsPerSecond: 10 }],
    });
    const { clusters, providers } = scaleScenario(whole, '1/10');
    expect(clusters[0]!.pools[0]).toMatchObject({ count: 10, max: 50 });
    expect(providers[0]).toMatchObject({ quotaNodes: 120, bootsPerSecond: 1 });
  });

  it('slows schedulers down, so that a tenth of a backlog takes as long as the whole', () => {
    const controlPlane = { attemptUs: 1000, perNodeUs: 0, bindsPerSecond: 50, bindBurst: 100 };
    // 100 pods at 1 ms and 10 pods at 10 ms are 0.1 s; 100 binds at 50/s and 10 at 5/s are 2 s.
    expect(scaleScenario(world({ controlPlane }), '1/10').controlPlane).toEqual({
      attemptUs: 10_000,
      perNodeUs: 0,
      bindsPerSecond: 5,
      bindBurst: 10,
    });
  });
});

describe('a scaled load', () => {
  it('has fewer jobs of the same law', () => {
    expect(arrivalsAt({ kind: 'poisson', perSecond: 40 }, '1/10')).toEqual({
      kind: 'poisson',
      perSecond: 4,
    });
    expect(arrivalsAt({ kind: 'regular', everyUs: 500 }, '1/10')).toEqual({
      kind: 'regular',
      everyUs: 5000,
    });
    const gapUs = { law: 'weibull', shape: 0.5, scale: 30 } as const;
    expect(arrivalsAt({ kind: 'renewal', gapUs }, '1/10')).toEqual({
      kind: 'renewal',
      gapUs: { law: 'weibull', shape: 0.5, scale: 300 },
    });
  });

  it('has fewer replicas and initial pods', () => {
    const whole = world({
      workloads: [
        service({ name: 's', replicas: { kind: 'constant', count: 250 } }),
        job({ name: 'j', initial: { pods: 44, residual: 'equilibrium' } }),
        job({ name: 'few', initial: { pods: 4, residual: 'equilibrium' } }),
      ],
    });
    const [web, jobs, few] = scaleScenario(whole, '1/10').workloads;
    expect(web).toMatchObject({ replicas: { kind: 'constant', count: 25 } });
    expect(jobs).toMatchObject({ initial: { pods: 4 } });
    expect(few).not.toHaveProperty('initial');
  });
});

describe('what cannot be scaled', () => {
  it('is refused, all of it at once', () => {
    const target = { kind: 'rack', name: 'a/p/0' } as const;
    const trace = {
      format: 'swf',
      path: 'log.swf',
      limit: null,
      speedup: 1,
      inflateTo: null,
    } as const;
    const whole = world({
      controlPlane: { attemptUs: 0, perNodeUs: 5, bindsPerSecond: null, bindBurst: 1 },
      clusters: [cluster({ name: 'a', pools: [pool({ machineType: 'm', count: 4 })] })],
      workloads: [
        service({ name: 's', replicas: { kind: 'constant', count: 4 } }),
        job({ name: 'j', arrivals: { kind: 'trace', trace } }),
      ],
      failures: [
        { kind: 'outage', name: 'o', target, atUs: 0, forUs: 1 },
        { kind: 'nodes', model: { use: 'exponential', params: {} }, clusters: null, repairers: 3 },
      ],
    });
    expect(issuesOf(whole, '1/10').toSorted()).toEqual([
      'controlPlane.perNode',
      'failures[0]',
      'failures[1].repairers',
      'fleet.clusters.a',
      'workloads.j.arrivals',
      'workloads.s.replicas',
    ]);
  });

  it('includes lists of nodes', () => {
    const listed = pool({ machineType: 'm', count: 1, nodes: [{ name: 'n', machineType: 'm' }] });
    const whole = world({ clusters: [cluster({ name: 'a', pools: [listed] })] });
    expect(issuesOf(whole, '1/2')).toContain('fleet.clusters.a.pools');
  });
});
