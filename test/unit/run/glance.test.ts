/** What a watcher of a run sees, on a story small enough to work out by hand. */
import { describe, expect, it } from 'vitest';
import { registryWith } from '../../../src/run/registry.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import { parseScenario } from '../../../src/scenario/load.ts';

/** Three private clusters of two nodes with 4 cores at $1/h, 15 pods of one core; cluster b is dark from 1 h to 2 h. */
function story(clusters: string): Simulation {
  const scenario = parseScenario({
    name: 'story',
    horizon: '4h',
    fleet: {
      machineTypes: [{ name: 'm', cpu: 4, memory: '8Gi', prices: { owned: '$1/h' } }],
      clusters: [{ name: clusters, pools: [{ machineType: 'm', count: 2 }] }],
    },
    workloads: [{ name: 'web', kind: 'service', replicas: 15, pod: { cpu: 1 } }],
    policies: { placement: 'most-free' },
    placement: { failoverAfter: '5m' },
    failures: [
      {
        outage: clusters === 'one' ? 'cluster/one' : 'cluster/b',
        at: '1h',
        for: '1h',
        name: 'dark',
      },
    ],
    series: { every: '30m' },
  });
  return createSimulation(scenario, {
    seed: 1,
    registry: registryWith([]),
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '',
    },
  });
}

/** Runs until an instant is reached: a slice ends at the first event at or after it. */
function runTo(simulation: Simulation, hours: number): void {
  while (simulation.progress().nowUs < hours * 3600e6) {
    if (simulation.runFor(1) === 'done') return;
  }
}

describe('a glance at a run', () => {
  it('counts nodes, cpu and money before anything happens', () => {
    const simulation = story('{a,b,c}');
    runTo(simulation, 0.5);
    const glance = simulation.glance();
    // 15 of 3 * 2 * 4 = 24 cores; 6 nodes at $1/h
    expect(glance).toMatchObject({ cpuAllocationRatio: 15 / 24, dollarsPerHour: 6, lost: 0 });
    expect(glance.nodes).toEqual({ off: 0, booting: 0, up: 6, draining: 0, down: 0 });
    expect(glance.notices).toEqual([]);
    // Five pods each: all three are equally tight, the first one is named.
    expect(glance.worst).toEqual({ cluster: 'a', cpuAllocationRatio: 5 / 8, pending: 0 });
    // All waits began at the start and are as long as the placement latency of a second.
    expect(glance.waitP99Us).toBeCloseTo(1e6, -5);
  });

  it('tells of an outage, the failover behind it and the way back', () => {
    const simulation = story('{a,b,c}');
    runTo(simulation, 1.5);
    const dark = simulation.glance();
    expect(dark.nodes).toMatchObject({ up: 4, down: 2 });
    // 15 pods on the 16 cores that are left; dark nodes are paid all the same.
    expect(dark).toMatchObject({ cpuAllocationRatio: 15 / 16, dollarsPerHour: 6, evicted: 5 });
    expect(dark.notices.map(({ kind, name, nodes }) => [kind, name, nodes])).toEqual([
      ['outage-began', 'dark', 2],
      ['cluster-lost', 'b', null],
    ]);
    expect(dark.notices[0]!.atUs).toBe(3600e6);
    // Given up after 5 min; the placer hears of it a second later.
    expect(dark.notices[1]!.atUs).toBe(3600e6 + 300e6 + 1e6);
    runTo(simulation, 3);
    const after = simulation.glance();
    expect(after.notices.map(({ kind }) => kind)).toEqual([
      'outage-began',
      'cluster-lost',
      'outage-ended',
      'cluster-back',
    ]);
    // Nothing began to wait in the last hour.
    expect(after.waitP99Us).toBeNull();
  });

  it('names no worst cluster of one, and no share where no node works', () => {
    const simulation = story('one');
    runTo(simulation, 1.5);
    expect(simulation.glance()).toMatchObject({ worst: null, cpuAllocationRatio: null });
  });

  it('changes nothing', () => {
    const [watched, alone] = [story('{a,b,c}'), story('{a,b,c}')];
    while (watched.runFor(1) !== 'done') watched.glance();
    while (alone.runFor(1000) !== 'done');
    expect(watched.finish(null)).toEqual(alone.finish(null));
  });
});
