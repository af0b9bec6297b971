/** The large scenarios at a scale that a test can pay: thresholds hold, and the numbers are those of their text. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { runScenario } from '../../src/host/simulate.ts';
import type { Bundle } from '../../src/results/bundle.ts';
import { registryWith } from '../../src/run/registry.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { scaleScenario } from '../../src/scenario/scale.ts';
import { metric } from '../builders/scenario.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));
const SCALE = '1/1000';
const SLOW_MS = 240_000;

async function run(name: string, overrides: readonly string[]): Promise<Bundle> {
  const readText = (path: string) => readFileSync(path, 'utf8');
  const { scenario } = loadScenario({ path: `${FOLDER}${name}.yaml`, readText, overrides });
  const { bundle } = await runScenario({
    scenario: scaleScenario(scenario, SCALE),
    seed: 42,
    registry: registryWith([]),
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '0.0.0',
    },
  });
  return bundle;
}

function expectToHold({ manifest, result }: Bundle): void {
  expect(result.thresholds.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(result.thresholds.length).toBeGreaterThan(0);
  expect(result.conservation.ok).toBe(true);
  expect(manifest.complete).toBe(true);
}

function expectAbout(value: number | null, said: number, tolerance: number): void {
  expect(Math.abs(value! / said - 1)).toBeLessThan(tolerance);
}

describe('the first day of borg-week, a thousandth of it', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await run('borg-week', ['horizon=1d']);
  }, SLOW_MS);

  it('holds its thresholds', () => expectToHold(bundle));

  it('has 100 cells of 10 nodes', () => {
    expect(bundle.manifest.fleet).toMatchObject({ clusters: 100, nodes: 1000 });
  });

  it('is in equilibrium: 25 pods a node, 69 % of the cores', () => {
    // Two standard deviations: jobs of thousands of pods come and go.
    expectAbout(metric(bundle, 'pods_running').mean, 25_000, 0.2);
    expectAbout(metric(bundle, 'allocation_ratio', { resource: 'cpu' }).mean, 0.692, 0.1);
  });

  it('starts a thousandth of 2e9 / 7 pods', () => {
    // 285,714 and the 25,000 from the start; 8,700 jobs with a mean square of 76,000 pods: 26,000 is one standard deviation.
    expectAbout(bundle.result.conservation.pods.arrived, 310_714, 0.2);
  });

  it('places production within the five seconds that a message takes', () => {
    const { quantiles } = metric(bundle, 'pod_wait_seconds', { class: 'prod' });
    expect(quantiles?.['0.5']).toBeCloseTo(5, 1);
  });
});

describe('million-flat, a thousandth of it', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await run('million-flat', []);
  }, SLOW_MS);

  it('holds its thresholds', () => expectToHold(bundle));

  it('is answered by the index', () => {
    expect(bundle.manifest.fleet).toMatchObject({ clusters: 1, nodes: 1000 });
    expect(bundle.manifest.policies[0]!.tier).toBe('skyline');
  });

  it('allocates 71.9 % of its cores to 25 pods a node', () => {
    // 3.307 arrivals a second make a standard deviation of 158 pods, 0.6 %.
    expectAbout(metric(bundle, 'pods_running').mean, 25_000, 0.02);
    expectAbout(metric(bundle, 'allocation_ratio', { resource: 'cpu' }).mean, 0.719, 0.02);
  });

  it('holds with the best of eight as well', async () => {
    const sampled = await run('million-flat', [
      'policies.scheduling={use: power-of-d, params: {d: 8}}',
      'horizon=10m',
    ]);
    expectToHold(sampled);
    expect(sampled.manifest.policies[0]!.tier).toBe('sample');
  });
});
