import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trajectory } from '../../../src/base/trajectory.ts';
import { ExactSums } from '../../../src/metrics/exact-sums.ts';
import { type GaugeSpan, Gauges } from '../../../src/metrics/integrals.ts';
import { AllocationMeter, type RatioSpan } from '../../../src/metrics/ratios.ts';

/** The double nearest to a whole number, whatever its size. */
const nearest = (n: bigint): number => Number(n);

describe('ExactSums', () => {
  const below = (bits: number) => fc.maxSafeNat().map((n) => n % 2 ** bits);
  const amounts = fc.oneof(
    fc.tuple(below(31), below(43)),
    fc.tuple(below(52), below(45)),
    fc.tuple(below(20), below(20)),
  );

  it('adds products exactly, beyond 2^53, in any order', () => {
    fc.assert(
      fc.property(fc.array(amounts, { maxLength: 60 }), fc.nat(), (products, turn) => {
        const sums = new ExactSums(2);
        let expected = 0n;
        for (const [value, span] of products) {
          sums.addProduct(0, value, span);
          expected += BigInt(value) * BigInt(span);
        }
        const k = products.length === 0 ? 0 : turn % products.length;
        for (const [value, span] of [...products.slice(k), ...products.slice(0, k)]) {
          sums.addProduct(1, value, span);
        }
        expect(sums.value(0)).toBe(nearest(expected));
        expect(sums.value(1)).toBe(sums.value(0));
      }),
      { numRuns: 300 },
    );
  });

  it('holds a million nodes for a week to the last millicore-microsecond', () => {
    const sums = new ExactSums(1);
    const week = 7 * 86_400 * 1_000_000;
    // 10^6 nodes of 128 cores: 1.28e8 millicores in one product, then one more unit: 7.7414400000001e19 + 1.
    sums.addProduct(0, 128_000_000, week);
    const before = sums.value(0);
    sums.addProduct(0, 1, 1);
    const other = new ExactSums(1);
    other.negate(0, sums, 0);
    other.addProduct(0, 128_000_000, week);
    expect(before).toBe(128_000_000 * week);
    // What is left of the difference is the one unit that a double could not hold.
    expect(other.value(0)).toBe(-1);
  });

  it('merges and clears one sum and leaves the others', () => {
    const a = new ExactSums(2);
    const b = new ExactSums(1);
    a.addProduct(0, 3, 2 ** 51);
    b.addProduct(0, 5, 2 ** 51);
    a.addFrom(b, 0, 0);
    expect(a.value(0)).toBe(8 * 2 ** 51);
    a.addProduct(1, 7, 1);
    a.clear(0);
    expect([a.value(0), a.value(1)]).toEqual([0, 7]);
    a.grow(3);
    expect([a.count, a.value(1), a.value(2)]).toEqual([3, 7, 0]);
  });
});

describe('Gauges', () => {
  const spans = (gauges: Gauges, startUs: number, nowUs: number): GaugeSpan[] => {
    const seen: GaugeSpan[] = [];
    gauges.closeBucket(startUs, nowUs, (i, span) => {
      seen[i] = span;
    });
    return seen;
  };

  it('weighs values by the time they were held', () => {
    const gauges = new Gauges();
    const g = gauges.open();
    gauges.set(g, 2, 0);
    gauges.set(g, 6, 10);
    gauges.add(g, -2, 30);
    // 2 for 10, 6 for 20, 4 for 10: 180 / 40.
    expect(spans(gauges, 0, 40)).toEqual([{ mean: 4.5, min: 2, max: 6 }]);
    expect(gauges.integral(g)).toBe(180);
    expect(gauges.extremes(g)).toEqual({ min: 2, max: 6, minAtUs: 0, maxAtUs: 10 });
    expect(gauges.value(g)).toBe(4);
  });

  it('does not see a value that was held for no time', () => {
    const gauges = new Gauges();
    const g = gauges.open();
    gauges.set(g, 3, 0);
    gauges.set(g, 1000, 20);
    gauges.set(g, -7, 20);
    gauges.set(g, 5, 20);
    expect(spans(gauges, 0, 40)).toEqual([{ mean: 4, min: 3, max: 5 }]);
  });

  it('keeps buckets apart and carries the value over', () => {
    const gauges = new Gauges();
    const g = gauges.open();
    gauges.set(g, 1, 0);
    expect(spans(gauges, 0, 10)).toEqual([{ mean: 1, min: 1, max: 1 }]);
    expect(spans(gauges, 10, 10)).toEqual([]);
    gauges.set(g, 9, 15);
    // 1 for 5, 9 for 15: 140 / 20.
    expect(spans(gauges, 10, 30)).toEqual([{ mean: 7, min: 1, max: 9 }]);
    expect(spans(gauges, 30, 40)).toEqual([{ mean: 9, min: 9, max: 9 }]);
    expect(gauges.integral(g)).toBe(10 + 140 + 90);
  });

  it('starts the statistics anew after a warm-up, in the middle of a bucket', () => {
    const gauges = new Gauges();
    const g = gauges.open();
    gauges.set(g, 8, 0);
    gauges.startRun(30);
    gauges.set(g, 2, 40);
    // The bucket still knows the 30 before: (8 x 40 + 2 x 20) / 60; the run counts 8 x 10 + 2 x 20.
    expect(spans(gauges, 0, 60)).toEqual([{ mean: 6, min: 2, max: 8 }]);
    expect(gauges.integral(g)).toBe(120);
    expect(gauges.extremes(g)).toEqual({ min: 2, max: 8, minAtUs: 40, maxAtUs: 30 });
  });

  it('has the present value for extremes when nothing was held', () => {
    const gauges = new Gauges();
    const g = gauges.open();
    gauges.set(g, 5, 0);
    expect(gauges.extremes(g)).toMatchObject({ min: 5, max: 5 });
  });

  it('takes one that is opened late for zero until then', () => {
    const gauges = new Gauges();
    spans(gauges, 0, 10);
    const atBorder = gauges.open();
    gauges.set(atBorder, 4, 10);
    const inside = gauges.open();
    gauges.set(inside, 4, 15);
    expect(spans(gauges, 10, 20)).toEqual([
      { mean: 4, min: 4, max: 4 },
      { mean: 2, min: 0, max: 4 },
    ]);
    expect(gauges.extremes(atBorder)).toEqual({ min: 0, max: 4, minAtUs: 0, maxAtUs: 10 });
    gauges.startRun(30);
    const warm = gauges.open();
    gauges.set(warm, 9, 30);
    spans(gauges, 20, 40);
    expect(gauges.extremes(warm)).toMatchObject({ min: 9, max: 9 });
  });

  it('opens as many as asked for', () => {
    const gauges = new Gauges();
    for (let i = 0; i < 100; i++) gauges.set(gauges.open(), i, 0);
    expect(spans(gauges, 0, 1).map((s) => s.mean)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    );
    expect(gauges.length).toBe(100);
  });
});

describe('AllocationMeter', () => {
  const spans = (meter: AllocationMeter, startUs: number, nowUs: number): RatioSpan[] => {
    const seen: RatioSpan[] = [];
    meter.closeBucket(startUs, nowUs, (r, span) => {
      seen[r] = span;
    });
    return seen;
  };

  it('integrates both sides and keeps the extremes of their ratio', () => {
    const meter = new AllocationMeter(1);
    meter.hold(0, 2, 10, 0);
    meter.hold(0, 4, 5, 10);
    meter.hold(0, 4, 40, 30);
    // Allocated 2 x 10 + 4 x 20 + 4 x 10 = 140; allocatable 10 x 10 + 5 x 20 + 40 x 10 = 600; over 40.
    expect(spans(meter, 0, 40)).toEqual([
      { allocatedMean: 3.5, allocatableMean: 15, min: 0.1, max: 0.8 },
    ]);
    expect(meter.integrals(0)).toEqual({ allocated: 140, allocatable: 600 });
    expect([meter.runMaxAtUs[0], meter.runMinAtUs[0], meter.ratio(0)]).toEqual([10, 30, 0.1]);
  });

  it('takes no ratio without capacity for an observation', () => {
    const meter = new AllocationMeter(2);
    meter.hold(0, 0, 0, 0);
    meter.hold(1, 1, 2, 0);
    const [none, half] = spans(meter, 0, 10);
    expect(none!.min).toBeGreaterThan(none!.max);
    expect([half!.min, half!.max, meter.ratio(0)]).toEqual([0.5, 0.5, null]);
  });

  it('forgets what was before the warm-up', () => {
    const meter = new AllocationMeter(1);
    meter.hold(0, 9, 10, 0);
    meter.startRun(50);
    meter.hold(0, 1, 10, 50);
    spans(meter, 0, 60);
    expect(meter.integrals(0)).toEqual({ allocated: 10, allocatable: 100 });
    expect([meter.runMin[0], meter.runMax[0]]).toEqual([0.1, 0.1]);
  });
});

describe('Trajectory', () => {
  const hash = (folds: readonly (readonly [number, number, number, number, number])[]): string => {
    const trajectory = new Trajectory();
    for (const fold of folds) trajectory.fold(...fold);
    return trajectory.hex();
  };
  const BASE = [1e12, 1, 2 ** 52 + 1, 7, 2 ** 51] as const;

  it('is equal for equal decisions and has sixteen digits', () => {
    expect(hash([BASE, BASE])).toBe(hash([BASE, BASE]));
    expect(hash([])).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([0, 1, 2, 3, 4])('changes with the smallest difference in word %i', (i) => {
    const changed = [...BASE] as [number, number, number, number, number];
    changed[i]! += 1;
    expect(hash([changed])).not.toBe(hash([BASE]));
  });

  it('changes with the order of decisions and of clusters', () => {
    const other = [1, 2, 3, 4, 5] as const;
    expect(hash([BASE, other])).not.toBe(hash([other, BASE]));
    const [a, b] = [new Trajectory(), new Trajectory()];
    a.fold(...BASE);
    b.fold(...other);
    const [ab, ba] = [new Trajectory(), new Trajectory()];
    ab.absorb(a);
    ab.absorb(b);
    ba.absorb(b);
    ba.absorb(a);
    expect(ab.hex()).not.toBe(ba.hex());
  });

  it('does not repeat itself over a million small steps', () => {
    const trajectory = new Trajectory();
    const seen = new Set<string>();
    for (let i = 0; i < 100_000; i++) {
      trajectory.fold(i, 1, 0, i, 0);
      if (i % 10 === 0) seen.add(trajectory.hex());
    }
    expect(seen.size).toBe(10_000);
  });
});
