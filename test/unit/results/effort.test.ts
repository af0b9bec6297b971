import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedDraws } from '../../../src/random/draw.ts';
import { batchMeans, mser5, precisionOf, replicationsFor } from '../../../src/results/effort.ts';
import { normalQuantile, studentQuantile } from '../../../src/results/laws.ts';

/** An autoregressive series x(t) = phi x(t - 1) + e, in equilibrium from the start. */
function autoregressive(phi: number, n: number, seed: number): number[] {
  const draws = new KeyedDraws(seed, 0, 'ar');
  const values: number[] = [];
  let x = normalQuantile(draws.uniform(0, 0)) / Math.sqrt(1 - phi * phi);
  for (let i = 0; i < n; i++) {
    values.push(x);
    x = phi * x + normalQuantile(draws.uniform(1, i));
  }
  return values;
}

describe('MSER-5', () => {
  it('cuts a start that is unlike the rest', () => {
    // 60 values at 10 are 12 batches; then 40 batches of 0 and 1 in turn: each mean 0.4 or 0.6.
    const steady = Array.from({ length: 200 }, (_, i) => i % 2);
    const values = [...new Array<number>(60).fill(10), ...steady];
    expect(mser5(values)).toEqual({ truncated: 60, isTooShort: false });
    expect(mser5(steady)).toEqual({ truncated: 0, isTooShort: false });
    expect(mser5(new Array<number>(100).fill(3)).truncated).toBe(0);
  });

  it('says where the run is too short to tell', () => {
    // A ramp never settles: the minimum lies behind the middle.
    expect(mser5(Array.from({ length: 500 }, (_, i) => i)).isTooShort).toBe(true);
    expect(mser5([1, 2, 3]).isTooShort).toBe(true);
    expect(mser5([])).toEqual({ truncated: 0, isTooShort: true });
  });

  it('equals the formula, cut by cut', () => {
    const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 25, maxLength: 150 });
    fc.assert(
      fc.property(values, (xs) => {
        const k = Math.floor(xs.length / 5);
        const z = Array.from({ length: k }, (_, j) => {
          return xs.slice(5 * j, 5 * j + 5).reduce((a, b) => a + b, 0) / 5;
        });
        const errorOf = (d: number): number => {
          const rest = z.slice(d);
          const mean = rest.reduce((a, b) => a + b, 0) / rest.length;
          return (
            rest.reduce((a, v) => a + (v - mean) * (v - mean), 0) / (rest.length * rest.length)
          );
        };
        const cuts = Array.from({ length: k - 4 }, (_, d) => errorOf(d));
        const found = mser5(xs).truncated / 5;
        expect(cuts[found]! - Math.min(...cuts)).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('batch means', () => {
  it('are an interval over the means of equal batches', () => {
    // 43 values: the first 3 left out, 20 batches (0, 2), (1, 3), (0, 2), ...: means 1 and 2 in turn, 1.5 overall.
    const pairs = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? [0, 2] : [1, 3]));
    const estimate = batchMeans([99, 99, 99, ...pairs.flat()], 0.95)!;
    expect(estimate).toMatchObject({ mean: 1.5, batches: 20, batchSize: 2, degrees: 19 });
    // 19 neighbours of -0.25 over 20 squares of 0.25
    expect(estimate.lagOne).toBeCloseTo(-0.95, 14);
    expect(estimate.isIndependent).toBe(true);
    // variance 20 * 0.25 / 19, error sqrt(that / 20)
    const half = studentQuantile(0.975, 19) * Math.sqrt(0.25 / 19);
    expect(estimate.interval[1] - 1.5).toBeCloseTo(half, 13);
  });

  it('warn of batches that are too short', () => {
    // phi = 0.99 has a memory of about 100 steps: batches of 50 correlate, batches of 5,000 do not.
    expect(batchMeans(autoregressive(0.99, 1000, 3), 0.95)!.isIndependent).toBe(false);
    expect(batchMeans(autoregressive(0.99, 100_000, 3), 0.95)!.isIndependent).toBe(true);
  });

  it('alarm at their stated rate where batches are independent', () => {
    let alarms = 0;
    for (let seed = 0; seed < 1000; seed++) {
      if (!batchMeans(autoregressive(0, 80, seed), 0.95)!.isIndependent) alarms++;
    }
    // One-sided 5 % -+ 3 sqrt(0.05 * 0.95 / 1000) = 5 % -+ 2.1 %
    expect(alarms / 1000).toBeGreaterThan(0.029);
    expect(alarms / 1000).toBeLessThan(0.071);
  });

  it('need twenty batches of two', () => {
    expect(batchMeans([1, 2, 3], 0.95)).toBeNull();
    expect(() => batchMeans([1, 2, 3], 0.95, 10)).toThrow(/20/);
    expect(batchMeans(new Array<number>(40).fill(5), 0.95)).toMatchObject({
      mean: 5,
      interval: [5, 5],
      lagOne: 0,
      isIndependent: true,
    });
  });
});

describe('the stopping rule', () => {
  const options = { gamma: 0.05, level: 0.95 };

  it('goes on until the half-width is gamma / (1 + gamma) of the mean', () => {
    // Ten values 90 and 110: s^2 = 1000 / 9, error sqrt(1000 / 90) = 3.3333; t(0.975; 9) = 2.26216: half 7.5405
    const values = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 90 : 110));
    const precision = precisionOf(values, options);
    expect(precision.mean).toBe(100);
    expect(precision.halfWidth).toBeCloseTo(7.5405, 4);
    expect(precision.relative).toBeCloseTo(0.075405, 6);
    expect(precision.isReached).toBe(false);
    // Goal 100 * 0.05 / 1.05 = 4.7619; the first n with t(0.975; n - 1) * 10.5409 / sqrt(n) below it
    let n = 2;
    while (studentQuantile(0.975, n - 1) * (10.540925533894598 / Math.sqrt(n)) > 100 / 21) n++;
    expect(precision.replicationsNeeded).toBe(n);
    // 0.0754 <= 0.1 / 1.1 = 0.0909
    expect(precisionOf(values, { ...options, gamma: 0.1 }).isReached).toBe(true);
  });

  it('never stops inside the pilot, nor where a relative width has no meaning', () => {
    expect(precisionOf([5, 5, 5], options)).toMatchObject({ relative: 0, isReached: false });
    expect(precisionOf([5, 5, 5], { ...options, pilot: 3 }).isReached).toBe(true);
    expect(precisionOf([-1, 1], { ...options, pilot: 2 })).toMatchObject({
      mean: 0,
      relative: null,
      isReached: false,
      replicationsNeeded: null,
    });
    expect(precisionOf([4], options)).toMatchObject({ n: 1, mean: 4, halfWidth: null });
    expect(() => precisionOf([], { ...options, gamma: 0 })).toThrow(/precision/);
  });

  it('counts the first number of replications that is enough', () => {
    const deviations = fc.double({ min: 0.01, max: 5, noNaN: true });
    const widths = fc.double({ min: 0.2, max: 5, noNaN: true });
    fc.assert(
      fc.property(deviations, widths, (s, h) => {
        let n = 2;
        while (studentQuantile(0.975, n - 1) * (s / Math.sqrt(n)) > h) n++;
        expect(replicationsFor(s, h, 0.95)).toBe(n);
      }),
      { numRuns: 30 },
    );
    expect(replicationsFor(0, 0, 0.95)).toBe(2);
    expect(replicationsFor(1e9, 1, 0.95)).toBeNull();
  });
});
