/** The shipped scenarios of Kubernetes' controllers hold their thresholds and the numbers that their texts name. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/scenario/load.ts';
import { metric, runToEnd } from '../builders/scenario.ts';

const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url));

function run(name: string) {
  const readText = (path: string) => readFileSync(path, 'utf8');
  const { scenario } = loadScenario({ path: `${FOLDER}${name}.yaml`, readText });
  const bundle = runToEnd(scenario, { check: false, seed: 42 });
  expect(bundle.result.thresholds.map(({ verdict }) => verdict)).not.toContain('fail');
  expect(bundle.result.thresholds.length).toBeGreaterThan(0);
  return bundle;
}

describe('rolling-update', () => {
  it('stays between 90 pods and 150, and drains 40 pods of a zone', () => {
    const bundle = run('rolling-update');
    const running = metric(bundle, 'pods_running');
    // 150, and up to 30 that are leaving.
    expect(running.max).toBeLessThanOrEqual(180);
    expect(metric(bundle, 'pods_evicted_total', { cause: 'drain' }).sum).toBe(40);
    expect(bundle.result.conservation.pods).toMatchObject({ running: 120, pending: 0, lost: 0 });
    // A pull of 6 s and 15 s of start.
    expect(metric(bundle, 'pod_startup_seconds').max).toBeLessThan(22);
  });
});

describe('zone-dark', () => {
  it('moves the pods of one zone, and none when all are dark', () => {
    const bundle = run('zone-dark');
    // 1,440 pods over three zones.
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(480);
    expect(metric(bundle, 'nodes', { state: 'down' }).max).toBe(300);
    expect(bundle.result.conservation.pods.running).toBe(1440);
  });
});
