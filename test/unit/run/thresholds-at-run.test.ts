import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/results/bundle.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { bytesOf, runToEnd } from '../../builders/scenario.ts';
import { load } from '../../builders/scenario-text.ts';

/** Two clusters of one node of 4 cores; jobs of one core, one a minute, an hour each: full after 8 minutes. */
const TEXT = `orrery: 1
name: base
horizon: 4h
series: {every: 5m}
fleet:
  machineTypes:
    - {name: small, cpu: 4, memory: 16Gi, prices: {owned: "$6/h"}}
  clusters:
    - {name: a, pools: [{machineType: small, count: 1}]}
    - {name: b, pools: [{machineType: small, count: 1}]}
workloads:
  - {name: batch, kind: job, arrivals: {regular: {every: 1m}}, duration: 1h, pod: {cpu: 1, memory: 1Gi}}
`;

function world(threshold: string, overrides: readonly string[] = []): Scenario {
  const text = `${TEXT}thresholds:\n  ${threshold}\n`;
  return load({ 'main.yaml': text }, { overrides }).scenario;
}

function run(threshold: string, overrides: readonly string[] = []): Bundle {
  return runToEnd(world(threshold, overrides), { check: false });
}

const ONE = ['fleet.clusters=[{name: a, pools: [{machineType: small, count: 2}]}]'];

describe('a threshold with abort', () => {
  it('ends the run at the end of the bucket in which it is lost', () => {
    // Two nodes at $6 an hour: $3 after 15 minutes exactly, $4 after 20.
    const { result, manifest } = run('cost_dollars: ["total <= $3 abort"]');
    expect(result).toMatchObject({ complete: false, reachedSeconds: 1200 });
    expect(manifest.stopped).toBe('threshold cost_dollars total <= $3 abort');
    expect(result.thresholds[0]).toMatchObject({ verdict: 'fail', bound: 3 });
  });

  it('lets a run that keeps it go on to its horizon', () => {
    const { result } = run('cost_dollars: ["total <= $1000 abort"]');
    expect(result).toMatchObject({ complete: true, reachedSeconds: 14400 });
    expect(result.thresholds[0]!.verdict).toBe('pass');
  });

  it.each([
    ['a gauge of the fleet', 'pods_pending: ["max <= 20 abort"]', []],
    ['a gauge by cluster', 'pods_running: ["max <= 2 by cluster abort"]', []],
    ['a ratio by resource', 'allocation_ratio{resource="cpu"}: ["max <= 80% abort"]', []],
    ['a ratio by cluster', 'allocation_ratio{resource="cpu"}: ["max <= 80% by cluster abort"]', []],
    ['nodes of any state', 'nodes: ["max <= 1 abort"]', []],
    ['a gauge of a single cluster', 'pods_running: ["max <= 7 abort"]', ONE],
    ['a counter', 'pods_arrived_total: ["count <= 40 abort"]', []],
    ['a counter of a single cluster', 'placements_total: ["count == 40 abort"]', ONE],
    ['the longest wait', 'pod_wait_seconds: ["max <= 30m abort"]', []],
    ['the longest wait by cluster', 'pod_wait_seconds: ["max <= 30m by cluster abort"]', []],
    ['how many waits', 'pod_wait_seconds: ["count <= 12 abort"]', []],
    ['how many starts', 'pod_startup_seconds: ["count <= 3 by class abort"]', []],
  ])('watches %s', (_, threshold, overrides) => {
    const { result } = run(threshold, overrides);
    expect(result.thresholds[0]!.verdict).toBe('fail');
    expect(result.complete).toBe(false);
    expect(result.reachedSeconds % 300).toBe(0);
    expect(result.reachedSeconds).toBeLessThan(14400);
  });

  it('does not look at the warm-up', () => {
    const { result } = run('pods_arrived_total: ["count <= 40 abort"]', ['warmup=1h']);
    // 40 more after the first hour: lost at 1 h 45 min.
    expect(result.reachedSeconds).toBe(6300);
  });

  it.each([[[]], [ONE]])('ends at the same state however the run is sliced', (overrides) => {
    const scenario = world('pods_arrived_total: ["count <= 40 abort"]', overrides);
    const whole = runToEnd(scenario, { check: false });
    const sliced = runToEnd(scenario, { check: false }, 1);
    expect(bytesOf(sliced)).toBe(bytesOf(whole));
    // One a minute from the first minute on: 41 are more than 40 within 45 minutes.
    expect(whole.result.reachedSeconds).toBe(2700);
  });

  it('changes nothing of a run that it does not end', () => {
    for (const overrides of [[], ONE]) {
      const plain = run('pods_arrived_total: ["count <= 9999"]', overrides);
      const watched = run('pods_arrived_total: ["count <= 9999 abort"]', overrides);
      expect(watched.result.trajectory).toBe(plain.result.trajectory);
      expect(watched.result.metrics).toEqual(plain.result.metrics);
    }
  });
});
