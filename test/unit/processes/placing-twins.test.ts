/**
 * Whole runs with the built-in placers against runs with their twins, which pass over all clusters at every decision, say
 * nothing of lasting refusals and are asked through `divide` alone: the same decisions to the last pod.
 */
import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { ClusterFacts, Placer } from '../../../src/contracts/placement.ts';
import { definePlacement } from '../../../src/contracts/policy.ts';
import { spillOver } from '../../../src/policies/placement/spill-over.ts';
import { staticWeight } from '../../../src/policies/placement/static-weight.ts';
import type { Bundle } from '../../../src/results/bundle.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import { RunState } from '../../../src/run/snapshot.ts';
import type { Snapshot } from '../../../src/run/snapshot-forms.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  metric,
  once,
  outage,
  podSpec,
  pool,
  provider,
  SECOND,
  scenario,
  service,
  testRegistry,
} from '../../builders/scenario.ts';
import * as fullPass from '../policies/placement/full-pass.ts';

const FILL_TO = 0.7;

/** A twin that divides by itself and gives back as the built-in does. */
function withdrawingAs(placer: Placer, twin: Placer): Placer {
  const withdraw = placer.withdraw?.bind(placer);
  const divide = twin.divide.bind(twin);
  return withdraw === undefined ? { divide } : { divide, withdraw };
}

const isBurst = ({ isPublic }: ClusterFacts) => (isPublic ? 1 : 0);
const summary = 'A full pass at every decision.';
const TWINS = [
  definePlacement({
    name: 'twin/most-free',
    summary,
    create: () => withdrawingAs(new fullPass.MostFree(), new fullPass.MostFree()),
  }),
  definePlacement({
    name: 'twin/round-robin',
    summary,
    create: () => withdrawingAs(new fullPass.RoundRobin(), new fullPass.RoundRobin()),
  }),
  definePlacement({
    name: 'twin/static-weight',
    summary,
    create: (_, setup) =>
      withdrawingAs(staticWeight.create(undefined, setup), new fullPass.StaticWeight()),
  }),
  definePlacement({
    name: 'twin/spill-over',
    summary,
    params: (raw) => ({ value: raw }),
    create: (_, setup) =>
      withdrawingAs(
        spillOver.create({ order: 'private-first', fillTo: FILL_TO }, setup),
        new fullPass.SpillOver(FILL_TO, Int32Array.from(setup.clusters, isBurst)),
      ),
  }),
];

const second = SECOND;
const sizes = (min: number, max: number) =>
  ({ law: 'truncated-pareto', alpha: 0.5, min, max }) as const;

/** Seven clusters that are too small for what comes, break, go dark, send pods back and refuse gangs. */
function world(placement: string, summaryEveryUs: number): Scenario {
  const use = (name: string) =>
    name.endsWith('spill-over')
      ? { use: name, params: { fillTo: FILL_TO } }
      : { use: name, params: {} };
  return scenario({
    horizonUs: 1500 * second,
    providers: [provider(), provider({ name: 'cloud', kind: 'public' })],
    clusters: Array.from({ length: 7 }, (_, c) =>
      cluster({
        name: `c${c}`,
        site: `s${c}`,
        weight: c % 4,
        provider: c > 4 ? 'cloud' : 'own',
        pools: [pool({ count: 1 + (c % 3), max: c > 4 ? 4 : 1 + (c % 3) })],
      }),
    ),
    workloads: [
      job({ name: 'single', arrivals: { kind: 'poisson', perSecond: 0.3 } }),
      job({
        name: 'batch',
        arrivals: { kind: 'poisson', perSecond: 0.02 },
        podsPerJob: sizes(1, 30),
        pod: podSpec({ cpuMillicores: 700 }),
      }),
      job({
        name: 'gang',
        kind: 'gang',
        arrivals: { kind: 'poisson', perSecond: 0.02 },
        podsPerJob: sizes(1, 16),
      }),
      job({ name: 'never', ...once(3 * second), pod: podSpec({ cpuMillicores: 5000 }) }),
      service({
        replicas: {
          kind: 'diurnal',
          mean: 12,
          peakToMean: 1.8,
          peakAtUs: 150 * second,
          periodUs: 300 * second,
          everyUs: 20 * second,
        },
      }),
    ],
    policies: { ...scenario().policies, placement: use(placement) },
    placement: {
      latencyUs: second,
      summaryEveryUs,
      returnAfterUs: 40 * second,
      failoverAfterUs: 60 * second,
    },
    failures: [
      outage('cluster/c2', 200 * second, 300 * second),
      outage('provider/own', 700 * second, 120 * second),
      outage('cluster/c6', 650 * second, 400 * second),
      {
        kind: 'nodes',
        model: { use: 'exponential', params: { mtbf: '400s', repair: '60s' } },
        clusters: null,
        repairers: null,
      },
    ],
  });
}

function prepareRun(from: Scenario, check: boolean): Simulation {
  const registry = testRegistry();
  for (const twin of TWINS) registry.register(twin);
  return createSimulation(from, {
    seed: 3,
    registry,
    check,
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '0.0.0',
    },
  });
}

function run(from: Scenario): Bundle {
  const simulation = prepareRun(from, true);
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  return simulation.finish(null);
}

describe('a run with a placer that keeps standings', () => {
  const names = ['most-free', 'round-robin', 'static-weight', 'spill-over'];
  it.each(names.flatMap((name) => [10, 130].map((seconds) => [name, seconds] as const)))(
    'is the run with full passes: %s, a summary every %s s',
    (name, seconds) => {
      const kept = run(world(name, seconds * second));
      const twin = run(world(`twin/${name}`, seconds * second));
      expect(kept.result.trajectory).toBe(twin.result.trajectory);
      expect(kept.result.metrics).toEqual(twin.result.metrics);
      expect(kept.series).toEqual(twin.series);
      // The history is worth something: pods came back, were withdrawn, and waited at the fleet.
      expect(metric(kept, 'pods_returned_total').sum).toBeGreaterThan(0);
      expect(kept.result.conservation.pods.completed).toBeGreaterThan(100);
    },
  );

  it.each(names)('goes on from any checkpoint: %s', (name) => {
    const from = world(name, 130 * second);
    const whole = run(from);
    let simulation = prepareRun(from, false);
    let state = new RunState(simulation.stateParts());
    // While boards are filled, in the dark, and late.
    for (const events of [40, 500, 900, 1500]) {
      expect(simulation.runFor(events)).not.toBe('done');
      const saved = deserialize(serialize(state.save())) as Snapshot;
      simulation = prepareRun(from, false);
      state = new RunState(simulation.stateParts());
      state.restore(saved);
    }
    while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
    const { result, series } = simulation.finish(null);
    expect(result.trajectory).toBe(whole.result.trajectory);
    expect(result.metrics).toEqual(whole.result.metrics);
    expect(series).toEqual(whole.series);
  });

  it('knows what a service gave back since the last summary', () => {
    const counts = [23, 21, 24, 20, 22, 19, 25, 24, 21, 23];
    const from = (placement: string): Scenario => ({
      ...world(placement, 1000 * second),
      // Many clusters of unlike weights: a change concerns few of them.
      clusters: Array.from({ length: 20 }, (_, c) =>
        cluster({ name: `c${c + 10}`, weight: 1 + (c % 5), pools: [pool({ count: 2 })] }),
      ),
      workloads: [
        service({
          replicas: {
            kind: 'steps',
            steps: counts.map((count, i) => ({ atUs: i * 20 * second, count })),
          },
        }),
      ],
      failures: [],
    });
    const kept = run(from('static-weight'));
    expect(kept.result.trajectory).toBe(run(from('twin/static-weight')).result.trajectory);
  });
});
