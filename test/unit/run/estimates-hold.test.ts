/** What is estimated before a run against what the run has: shipped scenarios, at sizes that a test can pay. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { estimate } from '../../../src/run/estimate.ts';
import type { Simulation } from '../../../src/run/run.ts';
import { loadScenario } from '../../../src/scenario/load.ts';
import { scaleScenario } from '../../../src/scenario/scale.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { prepare } from '../../builders/scenario.ts';

const FOLDER = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
const SLOW_MS = 120_000;

function load(name: string, scale: string, overrides: readonly string[]): Scenario {
  const readText = (path: string) => readFileSync(path, 'utf8');
  const { scenario } = loadScenario({ path: `${FOLDER}${name}.yaml`, readText, overrides });
  return scaleScenario(scenario, scale);
}

function run(scenario: Scenario): Simulation {
  const simulation = prepare(scenario, { check: false });
  while (simulation.runFor(100_000) !== 'done');
  return simulation;
}

/** Jobs of up to 10,000 pods would be luck: a few of them are a tenth of two hours' events. */
const SMALLER_JOBS = ['batch-small', 'batch-large', 'free'].map(
  (name) => `workloads.${name}.podsPerJob.truncatedPareto.max=300`,
);

describe('the estimate of events', () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ['mmc', '1', ['horizon=20m', 'warmup=0s', 'workloads.customers.until=19m']],
    ['policies', '1', ['horizon=3h']],
    ['outage', '1/20', []],
    ['million-flat', '1/1000', ['horizon=20m']],
    ['borg-week', '1/1000', ['horizon=2h', ...SMALLER_JOBS]],
  ];
  it.each(cases)(
    'is within a tenth on %s, %s of it',
    (name, scale, overrides) => {
      const scenario = load(name, scale, overrides);
      const { events } = run(scenario).progress();
      expect(Math.abs(estimate(scenario).events / events - 1)).toBeLessThan(0.1);
    },
    SLOW_MS,
  );
});

describe('slabs', () => {
  const cases: readonly [string, string, readonly string[]][] = [
    ['borg-week', '1/500', ['horizon=6m', 'warmup=0s']],
    ['million-flat', '1/1000', ['horizon=2m']],
  ];
  it.each(cases)(
    'are sized from %s, and not copied',
    (name, scale, overrides) => {
      const scenario = load(name, scale, overrides);
      const simulation = prepare(scenario, { check: false });
      const slotsOf = () =>
        simulation.world.clusters.map(({ run: { cluster } }) => cluster.pods.capacity);
      const reserved = slotsOf();
      while (simulation.runFor(100_000) !== 'done');
      expect(slotsOf()).toEqual(reserved);
      const slots = reserved.reduce((sum, count) => sum + count, 0);
      // A tenth more than the peak, and 64 for each cluster.
      expect(slots).toBeLessThan(simulation.progress().running * 1.25 + 64 * reserved.length);
    },
    SLOW_MS,
  );

  it('leave a small cluster small', () => {
    const [cell] = prepare(load('borg-week', '1/1000', [])).world.clusters;
    // 10 nodes of 25 pods in the mean, 31 at the peak, and a tenth, and 64: 409 slots of 64 bytes.
    expect(cell!.run.cluster.pods.bytes).toBeLessThan(410 * 64 + 1);
    expect(cell!.run.cluster.nodes.bytes).toBeLessThan(10 * 200);
  });
});
