import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyedDraws } from '../../../src/random/draw.ts';
import { normalQuantile } from '../../../src/results/laws.ts';
import {
  bcaBootstrap,
  holmAdjusted,
  meanInterval,
  momentsOf,
  pairedInterval,
  sharedLuck,
  sortedQuantile,
  welchInterval,
} from '../../../src/results/statistics.ts';

const meanOf = (values: readonly number[]): number => momentsOf(values).mean!;
/** Normal draws: value i of experiment e. */
function normals(purpose: string, e: number, n: number): number[] {
  const draws = new KeyedDraws(20240607, 0, purpose);
  return Array.from({ length: n }, (_, i) => normalQuantile(draws.uniform(e, i)));
}

describe('moments', () => {
  it('are those of the textbook, also far from zero', () => {
    // mean 5, squares (9 + 1 + 1 + 1 + 0 + 0 + 4 + 16) = 32, over 7
    expect(momentsOf([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ n: 8, mean: 5, variance: 32 / 7 });
    expect(momentsOf([1e9 + 1, 1e9 + 2, 1e9 + 3]).variance).toBe(1);
    expect(momentsOf([])).toEqual({ n: 0, mean: null, variance: null });
    expect(momentsOf([3])).toEqual({ n: 1, mean: 3, variance: null });
  });

  it('equal the two-pass formula', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2 });
    fc.assert(
      fc.property(values, (xs) => {
        const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
        const squares = xs.reduce((a, x) => a + (x - mean) * (x - mean), 0);
        const { variance } = momentsOf(xs);
        expect(Math.abs(variance! - squares / (xs.length - 1))).toBeLessThan(1e-3);
      }),
    );
  });
});

describe('intervals', () => {
  it('of a mean is m -+ t s / sqrt(n)', () => {
    // Law (5th ed.), example 4.26: mean 13.43 / 10 = 1.34, s^2 = 0.17, t(0.95; 9) = 1.833: 1.34 -+ 0.24
    const xs = [1.2, 1.5, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.5, 1.09];
    const estimate = meanInterval(xs, 0.9)!;
    expect(estimate.mean).toBeCloseTo(1.343, 10);
    expect(estimate.mean - estimate.interval[0]).toBeCloseTo(0.24, 2);
    expect(estimate.interval[1] - estimate.mean).toBeCloseTo(0.24, 2);
    expect(estimate.degrees).toBe(9);
  });

  it('does not exist below two values', () => {
    expect(meanInterval([1], 0.95)).toBeNull();
    expect(meanInterval([], 0.95)).toBeNull();
    expect(pairedInterval([1], [2], 0.95)).toBeNull();
    expect(welchInterval([1], [2, 3], 0.95)).toBeNull();
    expect(() => meanInterval([1, 2], 1)).toThrow(/level/);
  });

  it('of pairs is that of their differences', () => {
    // d = 1, 2, 1, 2: mean 1.5, variance 1/3, error sqrt(1/12) = 0.288675; t(0.975; 3) = 3.182446: half 0.918693
    const estimate = pairedInterval([1, 2, 3, 4], [2, 4, 4, 6], 0.95)!;
    expect(estimate.mean).toBe(1.5);
    expect(estimate.interval[0]).toBeCloseTo(1.5 - 0.918693, 5);
    expect(estimate.interval[1]).toBeCloseTo(1.5 + 0.918693, 5);
    // t = 1.5 / 0.288675 = 5.19615; P(|T| > 5.19615; 3) = 0.01385
    expect(estimate.pValue).toBeCloseTo(0.01385, 4);
    expect(() => pairedInterval([1, 2], [1], 0.95)).toThrow(/pairs/);
  });

  it('of Welch has the degrees of Satterthwaite', () => {
    // v = 1/3 and 4/3, error sqrt(5/3); degrees (25/9) / ((1/9)/2 + (16/9)/2) = (25/9) / (17/18) = 50/17
    const estimate = welchInterval([1, 2, 3], [2, 4, 6], 0.95)!;
    expect(estimate.mean).toBe(2);
    expect(estimate.standardError).toBeCloseTo(Math.sqrt(5 / 3), 14);
    expect(estimate.degrees).toBeCloseTo(50 / 17, 13);
    // Groups may differ in size: v = 2/4 and 8/2, means 2.5 and 7
    const uneven = welchInterval([1, 2, 3, 4], [5, 9], 0.95)!;
    expect(uneven.mean).toBe(4.5);
    // (5/3)/4 = 5/12 and 8/2 = 4
    expect(uneven.standardError).toBeCloseTo(Math.sqrt(5 / 12 + 4), 14);
    expect(uneven.n).toBe(2);
  });

  it('is a point where nothing varies', () => {
    expect(pairedInterval([1, 2], [2, 3], 0.95)).toMatchObject({ interval: [1, 1], pValue: 0 });
    expect(pairedInterval([1, 2], [1, 2], 0.95)).toMatchObject({ interval: [0, 0], pValue: 1 });
    const same = welchInterval([4, 4], [5, 5], 0.95);
    expect(same).toMatchObject({ mean: 1, interval: [1, 1], pValue: 0, degrees: 2 });
  });

  it('covers the truth as often as it says', () => {
    // 2,000 experiments of 10: 95 % -+ 3 sqrt(0.95 * 0.05 / 2000) = 95 % -+ 1.46 %
    let mean = 0;
    let paired = 0;
    let welch = 0;
    for (let e = 0; e < 2000; e++) {
      const base = normals('base', e, 10);
      const noise = normals('head', e, 10);
      // Differences with a shared part: true mean 3. Welch: other group, three times the spread.
      const head = base.map((b, i) => b + 3 + 0.1 * noise[i]!);
      const holds = ([low, high]: readonly [number, number], truth: number) =>
        low <= truth && truth <= high ? 1 : 0;
      mean += holds(meanInterval(base, 0.95)!.interval, 0);
      paired += holds(pairedInterval(base, head, 0.95)!.interval, 3);
      const wide = noise.slice(0, 7).map((x) => 3 * x);
      welch += holds(welchInterval(base, wide, 0.95)!.interval, 0);
    }
    for (const covered of [mean, paired, welch]) {
      expect(covered / 2000).toBeGreaterThan(0.9354);
      expect(covered / 2000).toBeLessThan(0.9646);
    }
  });
});

describe("Holm's adjustment", () => {
  it('multiplies in steps and never falls', () => {
    // Ascending 0.005 x 4 = 0.02, 0.01 x 3 = 0.03, 0.03 x 2 = 0.06, 0.04 x 1 = 0.04 -> 0.06
    const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((p, i) => {
      expect(adjusted[i]).toBeCloseTo(p, 15);
    });
    expect(holmAdjusted([0.6, 0.7])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });

  it('claims exactly what the step-down procedure rejects', () => {
    const ps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(ps, (p) => {
        const adjusted = holmAdjusted(p);
        const order = p.map((_, i) => i).sort((a, b) => p[a]! - p[b]! || a - b);
        let isOpen = true;
        order.forEach((i, rank) => {
          isOpen &&= (p.length - rank) * p[i]! <= 0.05;
          expect(adjusted[i]! <= 0.05).toBe(isOpen);
        });
      }),
    );
  });

  it('raises a false alarm in at most 5 % of families of ten', () => {
    let alarms = 0;
    let single = 0;
    for (let e = 0; e < 1500; e++) {
      const pValues = Array.from({ length: 10 }, (_, m) => {
        const base = normals(`family/${m}/base`, e, 8);
        return welchInterval(base, normals(`family/${m}/head`, e, 8), 0.95)!.pValue;
      });
      if (holmAdjusted(pValues).some((p) => p <= 0.05)) alarms++;
      if (pValues[0]! <= 0.05) single++;
    }
    // 5 % + 2 sqrt(0.05 * 0.95 / 1500) = 6.1 %; a single test 5 % -+ 3 deviations of 0.56 %
    expect(alarms / 1500).toBeLessThan(0.061);
    expect(single / 1500).toBeGreaterThan(0.033);
    expect(single / 1500).toBeLessThan(0.067);
  });
});

describe('shared luck', () => {
  it('is the correlation and what it saves', () => {
    // Differences 1, 2, 3: variance 1 of 1 + 4
    const luck = sharedLuck([1, 2, 3], [2, 4, 6])!;
    expect(luck.correlation).toBeCloseTo(1, 14);
    expect(luck.varianceRatio).toBeCloseTo(0.2, 14);
    // Opposite luck: differences 2, 0, -2: variance 4 of 1 + 1
    expect(sharedLuck([1, 2, 3], [3, 2, 1])).toEqual({ correlation: -1, varianceRatio: 2 });
    expect(sharedLuck([1, 1], [1, 2])).toBeNull();
    // Rounding in the sixteenth digit is no luck.
    expect(sharedLuck([2592, 2592.000000000001], [2592.000000000001, 2592])).toBeNull();
    expect(sharedLuck([1], [2])).toBeNull();
  });
});

describe('the bootstrap', () => {
  const draws = new KeyedDraws(7, 0, 'bootstrap');
  const uniform = (resample: number, position: number) => draws.uniform(resample, position);

  it('finds the interval that Efron and Tibshirani print for the law schools', () => {
    // Fifteen schools, LSAT and GPA; correlation 0.776, BCa 90 % interval (0.43, 0.92) (their section 14.3).
    const lsat = [576, 635, 558, 578, 666, 580, 555, 661, 651, 605, 653, 575, 545, 572, 594];
    const gpa = [
      3.39, 3.3, 2.81, 3.03, 3.44, 3.07, 3.0, 3.43, 3.36, 3.13, 3.12, 2.74, 2.76, 2.88, 2.96,
    ];
    const statistic = (schools: readonly number[]): number => {
      const luck = sharedLuck(
        schools.map((s) => lsat[s]!),
        schools.map((s) => gpa[s]!),
      );
      return luck?.correlation ?? 1;
    };
    const schools = lsat.map((_, i) => i);
    expect(statistic(schools)).toBeCloseTo(0.776, 3);
    const [low, high] = bcaBootstrap(schools, { statistic, level: 0.9, resamples: 4000, uniform })!;
    expect(Math.abs(low - 0.43)).toBeLessThan(0.03);
    expect(Math.abs(high - 0.92)).toBeLessThan(0.02);
  });

  it('covers the mean of a skewed law about as often as it says', () => {
    let covered = 0;
    for (let e = 0; e < 300; e++) {
      const data = new KeyedDraws(11, e, 'exponential');
      // Exponential, mean 1, 40 values each.
      const values = Array.from({ length: 40 }, (_, i) => -Math.log(data.uniform(0, i)));
      const keyed = new KeyedDraws(12, e, 'resample');
      const options = {
        statistic: meanOf,
        level: 0.9,
        resamples: 300,
        uniform: (r: number, i: number) => keyed.uniform(r, i),
      };
      const [low, high] = bcaBootstrap(values, options)!;
      if (low <= 1 && 1 <= high) covered++;
    }
    // 90 % less what 40 values cost (about 2 %), -+ 3 sqrt(0.9 * 0.1 / 300) = 5.2 %
    expect(covered / 300).toBeGreaterThan(0.83);
    expect(covered / 300).toBeLessThan(0.95);
  });

  it('depends on its draws only, is a point for equal values and null for one', () => {
    const options = { statistic: meanOf, level: 0.95, resamples: 200, uniform };
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    expect(bcaBootstrap(values, options)).toEqual(bcaBootstrap(values, options));
    expect(bcaBootstrap([2, 2, 2], options)).toEqual([2, 2]);
    expect(bcaBootstrap([2], options)).toBeNull();
    expect(() => bcaBootstrap(values, { ...options, resamples: 99 })).toThrow(/100/);
  });

  it('takes quantiles by linear interpolation', () => {
    // (4 - 1) * 0.5 = 1.5: between 2 and 3; (4 - 1) * 0.9 = 2.7: 3 + 0.7 * (10 - 3)
    expect(sortedQuantile([1, 2, 3, 10], 0.5)).toBe(2.5);
    expect(sortedQuantile([1, 2, 3, 10], 0.9)).toBeCloseTo(7.9, 14);
    expect(sortedQuantile([1, 2, 3, 10], 1)).toBe(10);
  });
});
