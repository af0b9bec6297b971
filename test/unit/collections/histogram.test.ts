import { DDSketch } from '@datadog/sketches-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RELATIVE_ERROR } from '../../../src/base/bins.ts';
import { InvariantError, ScenarioError } from '../../../src/base/errors.ts';
import { Histogram } from '../../../src/collections/histogram.ts';
import { KeyedDraws } from '../../../src/random/draw.ts';

const of = (values: readonly number[]): Histogram => {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
};

/** Whole microseconds over many octaves, with zeros and repetitions. */
const microseconds = fc.oneof(
  fc.constantFrom(0, 1, 2, 1_000_000),
  fc.integer({ min: 0, max: 1000 }),
  fc.double({ min: 0, max: 41, noNaN: true }).map((octave) => Math.floor(2 ** octave)),
);
const samples = fc.array(microseconds, { minLength: 1, maxLength: 300 });

/** Naive twin: the sample at rank ceil(k n / 1000), in whole numbers. */
const exactQuantile = (values: readonly number[], permille: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((permille * values.length) / 1000)) - 1];
};

describe('Histogram', () => {
  it('is empty at first', () => {
    const { n, sum, min, max, mean, variance } = new Histogram();
    expect({ n, sum, min, max, mean, variance }).toEqual({
      n: 0,
      sum: 0,
      min: null,
      max: null,
      mean: null,
      variance: null,
    });
    expect(new Histogram().quantile(0.5)).toBeNull();
    expect(new Histogram().countAbove(0)).toBe(0);
    expect(new Histogram().toBins()).toEqual({ bins: [], counts: [] });
  });

  it('gives nearest-rank quantiles within the declared error of sorting', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 1000 }), (values, permille) => {
        const exact = exactQuantile(values, permille);
        const estimate = of(values).quantile(permille / 1000)!;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(RELATIVE_ERROR * exact);
      }),
      { seed: 1 },
    );
  });

  it('takes decimal quantiles as they are meant: 0.07 of 100 samples is the seventh', () => {
    // 0.07 x 100 is 7.000000000000001 in doubles. From 2^20 on bins are 2^20 / 128 = 2^13 wide.
    const values = Array.from({ length: 100 }, (_, i) => 2 ** 20 + (i + 1) * 2 ** 13);
    const histogram = of(values);
    // One bin per value; the middle of the bin is 2^12 above its start.
    expect(histogram.quantile(0.07)).toBe(2 ** 20 + 7 * 2 ** 13 + 2 ** 12);
    expect(histogram.quantile(0.07001)).toBe(2 ** 20 + 8 * 2 ** 13 + 2 ** 12);
    expect(histogram.quantile(0)).toBe(2 ** 20 + 2 ** 13);
    expect(histogram.quantile(1)).toBe(2 ** 20 + 100 * 2 ** 13);
  });

  it('agrees with DDSketch within the sum of both errors on lognormal samples', () => {
    const draws = new KeyedDraws(1, 0, 'histogram');
    const sketch = new DDSketch({ relativeAccuracy: 0.004 });
    const histogram = new Histogram();
    for (let i = 0; i < 20_000; i++) {
      const value = Math.round(1e6 * Math.exp(8 * draws.uniform(i, 0) ** 2));
      sketch.accept(value);
      histogram.record(value);
    }
    expect(histogram.n).toBe(sketch.count);
    expect(histogram.sum).toBe(sketch.sum);
    for (const q of [0.01, 0.25, 0.5, 0.9, 0.99, 0.999]) {
      const theirs = sketch.getValueAtQuantile(q);
      // 0.4 % and 0.39 %, and one rank of 20,000 because they round q (n - 1) instead.
      expect(Math.abs(histogram.quantile(q)! / theirs - 1)).toBeLessThan(0.01);
    }
  });

  it('keeps n, sum, min, max and variance as a list would', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const histogram = of(values);
        const sum = values.reduce((a, b) => a + b, 0);
        const mean = sum / values.length;
        const variance = values.reduce((a, b) => a + (b - mean) * (b - mean), 0) / values.length;
        expect(histogram.n).toBe(values.length);
        expect(histogram.sum).toBe(sum);
        expect(histogram.min).toBe(Math.min(...values));
        expect(histogram.max).toBe(Math.max(...values));
        expect(histogram.mean).toBe(mean);
        expect(Math.abs(histogram.variance! - variance)).toBeLessThanOrEqual(
          1e-9 * variance + 1e-12 * mean * mean,
        );
      }),
      { seed: 1 },
    );
  });

  it('keeps the variance of values that differ in their last digits only', () => {
    // Deviations -1, 0, 1 around 10^15: variance 2 / 3. Plain sums of squares (10^30) would lose it.
    expect(of([1e15 - 1, 1e15, 1e15 + 1]).variance).toBeCloseTo(2 / 3, 12);
    expect(of([7e14, 7e14, 7e14]).variance).toBe(0);
  });

  it('sums whole numbers exactly beyond 2^53, in any order', () => {
    const big = 2 ** 51 + 1;
    const up = new Histogram();
    const down = new Histogram();
    for (let i = 0; i < 1000; i++) up.record(i % 2 === 0 ? big : 3);
    for (let i = 999; i >= 0; i--) down.record(i % 2 === 0 ? big : 3);
    // 500 (2^51 + 1) + 500 x 3 = 500 x 2^51 + 2000
    expect(up.sum).toBe(500 * 2 ** 51 + 2000);
    expect(down.sum).toBe(up.sum);
  });

  it('is the same after merging parts as after recording all, in any order', () => {
    fc.assert(
      fc.property(samples, samples, samples, (a, b, c) => {
        const all = of([...a, ...b, ...c]);
        for (const parts of [
          [a, b, c],
          [c, a, b],
        ]) {
          const merged = new Histogram();
          for (const part of parts) merged.merge(of(part));
          merged.merge(new Histogram());
          expect(merged.toBins()).toEqual(all.toBins());
          expect([merged.n, merged.sum, merged.min, merged.max]).toEqual([
            all.n,
            all.sum,
            all.min,
            all.max,
          ]);
          expect(merged.quantile(0.9)).toBe(all.quantile(0.9));
          expect(Math.abs(merged.variance! - all.variance!)).toBeLessThanOrEqual(
            1e-9 * all.variance! + 1e-12 * all.mean! * all.mean!,
          );
        }
      }),
      { seed: 1 },
    );
  });

  it('gives one variance for whole numbers in any order and any division into parts', () => {
    fc.assert(
      fc.property(samples, samples, fc.boolean(), (some, more, isTurned) => {
        const whole = of([...some, ...more]);
        const parts = isTurned ? [of(more), of(some)] : [of(some), of(more)];
        const merged = new Histogram();
        for (const part of parts) merged.merge(part);
        expect(merged.variance).toBe(whole.variance);
        expect(of([...more, ...some].reverse()).variance).toBe(whole.variance);
      }),
      { seed: 1 },
    );
    // Two weeks in microseconds, 1,209,600,000,000, and half of it: squares of 1.5e24 that no double holds.
    // Deviations of 302,400,000,000 each: variance 302,400,000,000^2 = 9.144576e22.
    expect(of([604_800_000_000, 1_209_600_000_000]).variance).toBe(9.144576e22);
  });

  it('leaves the other histogram alone when merging, and doubles when merged with itself', () => {
    const part = of([0, 5, 1e9]);
    const whole = of([3]);
    whole.merge(part);
    expect(part.toBins().counts).toEqual([1, 1, 1]);
    whole.merge(whole);
    expect(whole.n).toBe(8);
    expect(whole.toBins().counts).toEqual([2, 2, 2, 2]);
    // 2 x (0 + 5 + 10^9 + 3)
    expect(whole.sum).toBe(2_000_000_016);
  });

  it('records a count as that many single values', () => {
    const many = new Histogram();
    many.record(7, 3);
    many.record(1e6, 2);
    many.record(0, 4);
    const single = of([7, 7, 7, 1e6, 1e6, 0, 0, 0, 0]);
    expect(many.toBins()).toEqual(single.toBins());
    expect(many.sum).toBe(single.sum);
    expect(many.variance).toBeCloseTo(single.variance!, 3);
    expect(many.quantile(0.5)).toBe(single.quantile(0.5));
  });

  it('counts samples above a value, short at most of those in the bin of the value', () => {
    fc.assert(
      fc.property(samples, microseconds, (values, limit) => {
        const above = of(values).countAbove(limit);
        const atMost = values.filter((value) => value > limit).length;
        const atLeast = values.filter((value) => value > limit * (1 + 2 * RELATIVE_ERROR)).length;
        expect(above).toBeLessThanOrEqual(atMost);
        expect(above).toBeGreaterThanOrEqual(atLeast);
      }),
      { seed: 1 },
    );
  });

  it('comes back from its bins', () => {
    fc.assert(
      fc.property(samples, (values) => {
        const before = of(values);
        const { sum, min, max } = before;
        const variance = before.variance!;
        const after = Histogram.fromBins({ ...before.toBins(), sum, min, max, variance });
        expect(after.toBins()).toEqual(before.toBins());
        expect([after.n, after.sum, after.min, after.max]).toEqual([before.n, sum, min, max]);
        expect(Math.abs(after.variance! - variance)).toBeLessThanOrEqual(1e-12 * variance);
        for (const q of [0, 0.5, 0.99, 1]) expect(after.quantile(q)).toBe(before.quantile(q));
        // Goes on: it merges as the original does.
        after.merge(of([12]));
        before.merge(of([12]));
        expect(after.toBins()).toEqual(before.toBins());
      }),
      { seed: 1 },
    );
    const empty = { bins: [], counts: [], sum: 0, min: null, max: null };
    expect(Histogram.fromBins(empty).n).toBe(0);
  });

  it('estimates the variance from the bins where it was not kept', () => {
    const before = of([100, 200, 300, 400]);
    const { sum, min, max } = before;
    const after = Histogram.fromBins({ ...before.toBins(), sum, min, max });
    // Variance of 100, 200, 300, 400: (150^2 + 50^2 + 50^2 + 150^2) / 4 = 12500; bins are within 0.4 %.
    expect(Math.abs(after.variance! / 12_500 - 1)).toBeLessThan(0.02);
  });

  it('refuses data that no histogram wrote', () => {
    const good = { bins: [4097], counts: [2], sum: 2, min: 1, max: 1 };
    expect(Histogram.fromBins(good).n).toBe(2);
    for (const bad of [
      { counts: [] },
      { bins: [4097, 4097], counts: [1, 1] },
      { bins: [4097.5] },
      { bins: [-1] },
      { counts: [0] },
      { counts: [1.5] },
      { sum: Number.NaN },
      { min: null },
      { max: 900 },
      { variance: -1 },
      { bins: [], counts: [] },
    ]) {
      expect(() => Histogram.fromBins({ ...good, ...bad }), JSON.stringify(bad)).toThrow(
        ScenarioError,
      );
    }
  });

  it('refuses values and counts that it cannot hold, and quantiles outside [0, 1]', () => {
    const histogram = of([1]);
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => histogram.record(value)).toThrow(InvariantError);
    }
    for (const count of [0, -1, 1.5, Number.NaN]) {
      expect(() => histogram.record(1, count)).toThrow(InvariantError);
    }
    for (const q of [-0.1, 1.1, Number.NaN]) {
      expect(() => histogram.quantile(q)).toThrow(InvariantError);
    }
    expect(histogram.n).toBe(1);
  });

  it('takes any finite double of at least 0, in falling and rising order', () => {
    const values = [5e-324, 2 ** -32, 1e-3, 1, 1e18, Number.MAX_VALUE / 2, 0, -0];
    for (const order of [values, values.toReversed()]) {
      const histogram = of(order);
      // 0, -0 and 5e-324 share bin 0.
      expect(histogram.toBins().counts).toEqual([3, 1, 1, 1, 1, 1]);
      expect(histogram.quantile(0.5)).toBe(2 ** -32 * (1 + 1 / 256));
    }
  });
});
