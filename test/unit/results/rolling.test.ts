import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../src/collections/histogram.ts';
import { rollingExtremes, rollingSums, sustained } from '../../../src/results/rolling.ts';
import { type MergedSamples, mergeSamples } from '../../../src/results/samples.ts';
import { SlidingSamples } from '../../../src/results/sliding-samples.ts';
import { distribution } from '../../builders/waits.ts';

const values = fc.array(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.NaN)), {
  maxLength: 30,
});
const windowsOf = (list: readonly number[], length: number): number[][] =>
  list.slice(length - 1).map((_, i) => list.slice(i, i + length));
const known = (window: readonly number[]): number[] => window.filter((v) => !Number.isNaN(v));

describe('rolling windows', () => {
  it('have the extremes of each window', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 8 }), (list, length) => {
        const pick = (of: (...v: number[]) => number): number[] =>
          windowsOf(list, length).map((w) =>
            known(w).length === 0 ? Number.NaN : of(...known(w)),
          );
        expect(rollingExtremes(list, length, true)).toEqual(pick(Math.max));
        expect(rollingExtremes(list, length, false)).toEqual(pick(Math.min));
      }),
    );
  });

  it('have the sums of each window', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(99)), fc.integer({ min: 1, max: 8 }), (list, length) => {
        const sums = windowsOf(list, length).map((w) => w.reduce((a, b) => a + b, 0));
        expect(rollingSums(list, length)).toEqual(sums);
      }),
    );
  });

  it('sustain a level that misses a limit exactly where every bucket of a window does', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 5 }), fc.nat(9), (list, length, limit) => {
        const lasting = windowsOf(list, length).some((w) => w.every((v) => v > limit));
        const found = sustained(list, length, 'upper', 0);
        expect(found !== null && found.value > limit).toBe(lasting);
        const low = windowsOf(list, length).some((w) => w.every((v) => v < limit));
        const down = sustained(list, length, 'lower', 0);
        expect(down !== null && down.value < limit).toBe(low);
      }),
    );
  });

  it('merge the samples of the buckets in them', () => {
    const bucket = (full: number[], open: number[]): MergedSamples => {
      const histograms = [full, open].map((list) => {
        const histogram = new Histogram();
        for (const v of list) histogram.record(v);
        return histogram;
      });
      return mergeSamples([distribution({}, histograms[0]!, histograms[1]!, 'x')]);
    };
    const samples = fc.array(fc.nat(1000), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(fc.tuple(samples, samples), { maxLength: 8 }), (list) => {
        const buckets = list.map(([full, open]) => bucket(full, open));
        const sliding = new SlidingSamples();
        buckets.forEach((one, b) => {
          sliding.push(one);
          if (sliding.length > 3) sliding.shift();
          const from = Math.max(0, b - 2);
          const both = list.slice(from, b + 1);
          const naive = bucket(
            both.flatMap(([full]) => full),
            both.flatMap(([, open]) => open),
          );
          const { sum, ...counts } = sliding.merged();
          expect(counts).toMatchObject({
            n: naive.n,
            bins: naive.bins,
            min: naive.min,
            max: naive.max,
          });
          expect(sum).toBeCloseTo(naive.sum, 9);
        });
      }),
    );
  });
});
