import { describe, expect, it } from 'vitest';
import { asShape } from '../../../src/base/ids.ts';
import type { Arrival } from '../../../src/contracts/workload.ts';
import { initialSource } from '../../../src/workloads/initial.ts';
import {
  cluster,
  job,
  machine,
  pool,
  runToEnd,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';

const BASE = { shape: asShape(3), workload: 'w', seed: 1, replication: 0 };

function rowsOf(source: ReturnType<typeof initialSource>): Arrival[] {
  const rows: Arrival[] = [];
  for (;;) {
    const row = { atUs: 0, pods: 0, gang: true, shape: asShape(0), durationUs: 0, estimateUs: 0 };
    if (source.pull(row) === 'end') return rows;
    rows.push(row);
  }
}

describe('initial pods', () => {
  it('arrive one by one, evenly over the first second', () => {
    const rows = rowsOf(initialSource({ ...BASE, pods: 4, residualOf: null }));
    expect(rows.map((row) => row.atUs)).toEqual([0, 250_000, 500_000, 750_000]);
    expect(rows[0]).toMatchObject({ pods: 1, gang: false, shape: 3, durationUs: Number.NaN });
  });

  it('arrive over the time that is given', () => {
    const rows = rowsOf(initialSource({ ...BASE, pods: 4, overUs: 60e6, residualOf: null }));
    expect(rows.map((row) => row.atUs)).toEqual([0, 15e6, 30e6, 45e6]);
  });

  it('have a part of a run left, at least a microsecond', () => {
    const law = { law: 'constant', value: 1000 } as const;
    const rows = rowsOf(initialSource({ ...BASE, pods: 500, residualOf: law }));
    const left = rows.map((row) => row.durationUs);
    expect(Math.min(...left)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...left)).toBeLessThanOrEqual(1000);
    // Uniform on 0 to 1000: the mean of 500 is within 4 standard errors, 4 * 289 / sqrt(500) = 52, of 500.
    expect(Math.abs(left.reduce((sum, us) => sum + us, 0) / 500 - 500)).toBeLessThan(52);
  });

  it('keep a fleet in equilibrium from the start', () => {
    // 10 pods a second of 100 s: 1000 run in equilibrium, at any instant; standard deviation sqrt(1000) = 32.
    const from = scenario({
      horizonUs: 300 * SECOND,
      machineTypes: [machine({ cpuMillicores: 64_000, pods: 500 })],
      clusters: [cluster({ pools: [pool({ count: 100 })] })],
      workloads: [
        job({
          arrivals: { kind: 'poisson', perSecond: 10 },
          durationUs: { law: 'lognormal', median: 40 * SECOND, sigma: 1.3537 },
          initial: { pods: 1000, residual: 'equilibrium' },
        }),
      ],
      series: { everyUs: 20 * SECOND },
    });
    const { result } = runToEnd(from);
    const running = result.metrics.find(
      (metric) => metric.name === 'pods_running' && Object.keys(metric.labels).length === 0,
    )!;
    expect(Math.abs(running.mean! - 1000)).toBeLessThan(100);
  });
});
