import { describe, expect, it } from 'vitest';
import { asShape } from '../../../src/base/ids.ts';
import { type SyntheticOptions, syntheticSource } from '../../../src/workloads/synthetic.ts';
import { drain } from './build-context.ts';

const HOUR_US = 3600e6;

function source(change: Partial<SyntheticOptions>) {
  return syntheticSource({
    arrivals: { kind: 'poisson', perSecond: 10 },
    podsPerJob: { law: 'constant', value: 1 },
    fromUs: 0,
    untilUs: HOUR_US,
    gang: false,
    shape: asShape(3),
    workload: 'web',
    seed: 42,
    replication: 0,
    stream: 'keyed',
    ...change,
  });
}

describe('syntheticSource', () => {
  it('fills every field; durations and estimates are left to the engine', () => {
    const [first] = drain(source({ gang: true }), 1);
    expect(first).toMatchObject({ pods: 1, gang: true, shape: 3 });
    expect(first!.durationUs).toBeNaN();
    expect(first!.estimateUs).toBeNaN();
  });

  it('draws Poisson arrivals at whole microseconds with mean and variance of counts equal', () => {
    const rows = drain(source({}));
    // 10/s x 3600 s = 36000 expected, standard deviation sqrt(36000) = 190; 4 of them are 759
    expect(Math.abs(rows.length - 36_000)).toBeLessThan(759);
    expect(rows.every((row) => Number.isInteger(row.atUs))).toBe(true);
    expect(rows.every((row, i) => i === 0 || row.atUs >= rows[i - 1]!.atUs)).toBe(true);
    // Index of dispersion over 3600 buckets is 1 with standard error sqrt(2/3600) = 0.0236
    const buckets = new Float64Array(3600);
    for (const row of rows) buckets[Math.floor(row.atUs / 1e6)]!++;
    const mean = rows.length / 3600;
    const variance = buckets.reduce((sum, n) => sum + (n - mean) * (n - mean), 0) / 3599;
    expect(Math.abs(variance / mean - 1)).toBeLessThan(0.1);
  });

  it('draws a raised cosine: its mean over a period, its peak at the peak', () => {
    const arrivals = {
      kind: 'diurnal',
      perSecond: 1,
      peakToMean: 1.5,
      peakAtUs: 6 * HOUR_US,
      periodUs: 24 * HOUR_US,
    } as const;
    const rows = drain(source({ arrivals, untilUs: 24 * HOUR_US }));
    // 86400 expected, sd 294
    expect(Math.abs(rows.length - 86_400)).toBeLessThan(1176);
    const between = (from: number, to: number) =>
      rows.filter((row) => row.atUs >= from * HOUR_US && row.atUs < to * HOUR_US).length;
    // 5h..7h: 7200 s x (1 + 0.5 x sinc) with sinc = sin(2pi/24)/(2pi/24) = 0.98862 gives 10759, sd 104
    expect(Math.abs(between(5, 7) - 10_759)).toBeLessThan(416);
    // 17h..19h, the trough: 7200 x (1 - 0.49431) = 3641, sd 60
    expect(Math.abs(between(17, 19) - 3641)).toBeLessThan(241);
  });

  it('spaces regular arrivals exactly, the first after one gap from the start', () => {
    const regular = { kind: 'regular', everyUs: 10e6 } as const;
    const rows = drain(source({ arrivals: regular, fromUs: 5e6, untilUs: 45e6 }));
    // 15 25 35; 45 is the end, which is outside
    expect(rows.map((row) => row.atUs / 1e6)).toEqual([15, 25, 35]);
  });

  it('draws renewal gaps from their law', () => {
    const gapUs = { law: 'weibull', shape: 2, scale: 1e6 } as const;
    const rows = drain(source({ arrivals: { kind: 'renewal', gapUs } }));
    // Mean gap = Gamma(1.5) = 0.886227 s: 3600 / 0.886227 = 4062 arrivals, sd about sqrt(4062) x cv 0.5227 = 33
    expect(Math.abs(rows.length - 4062)).toBeLessThan(134);
  });

  it('rounds pods per job to whole numbers, at least one', () => {
    const rows = drain(source({ podsPerJob: { law: 'exponential', mean: 2 } }), 5000);
    const pods = rows.map((row) => row.pods);
    expect(pods.every((n) => Number.isInteger(n) && n >= 1)).toBe(true);
    // P(pods = 1) = P(x < 1.5) = 1 - e^-0.75 = 0.5276, sd over 5000 = 0.0071
    const ones = pods.filter((n) => n === 1).length / 5000;
    expect(Math.abs(ones - 0.5276)).toBeLessThan(0.0283);
  });

  it('keys its draws by seed, replication and workload, and not by each other', () => {
    const times = (change: Partial<SyntheticOptions>) =>
      drain(source(change), 20).map((row) => row.atUs);
    expect(times({})).toEqual(times({}));
    // Pods per job come from another purpose: the instants stay.
    expect(times({ podsPerJob: { law: 'exponential', mean: 9 } })).toEqual(times({}));
    expect(times({ seed: 43 })).not.toEqual(times({}));
    expect(times({ replication: 1 })).not.toEqual(times({}));
    expect(times({ workload: 'api' })).not.toEqual(times({}));
  });

  it('refuses processes that cannot move on', () => {
    expect(() => source({ arrivals: { kind: 'poisson', perSecond: 0 } })).toThrow(/positive/);
    const still = { kind: 'renewal', gapUs: { law: 'constant', value: 0 } } as const;
    expect(() => source({ arrivals: still })).toThrow(/1 us/);
  });
});
