import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BINS_PER_OCTAVE,
  binHigh,
  binLow,
  binMiddle,
  binOf,
  LAST_BIN,
  RELATIVE_ERROR,
} from '../../../src/base/bins.ts';

describe('bins', () => {
  it('start where the definition says', () => {
    // 2^-32 starts bin 1, 1 = 2^0 is 32 octaves on: 1 + 32 x 128 = 4097.
    expect([0, 2 ** -33, 2 ** -32, 1, 2].map(binOf)).toEqual([0, 0, 1, 4097, 4225]);
    // 10^6 / 2^19 = 1.9073, floor(0.9073 x 128) = 116: 1 + (19 + 32) x 128 + 116 = 6645.
    expect(binOf(1e6)).toBe(6645);
    expect([binLow(0), binMiddle(0), binHigh(0)]).toEqual([0, 0, 2 ** -32]);
    // [1, 1 + 1/128), middle 1 + 1/256
    expect([binLow(4097), binMiddle(4097), binHigh(4097)]).toEqual([1, 1 + 1 / 256, 1 + 1 / 128]);
    expect(binLow(4097 + BINS_PER_OCTAVE)).toBe(2);
  });

  it('end with the largest double', () => {
    expect(binOf(Number.MAX_VALUE)).toBe(LAST_BIN);
    expect(binHigh(LAST_BIN)).toBe(Number.POSITIVE_INFINITY);
    expect(binMiddle(LAST_BIN)).toBeLessThan(Number.MAX_VALUE);
  });

  it('hold their values, in order, with the middle within the declared error', () => {
    const value = fc.double({ min: 2 ** -32, max: Number.MAX_VALUE, noNaN: true });
    fc.assert(
      fc.property(value, value, (a, b) => {
        const bin = binOf(a);
        expect(binLow(bin) <= a && a < binHigh(bin)).toBe(true);
        expect(Math.abs(binMiddle(bin) - a)).toBeLessThanOrEqual(RELATIVE_ERROR * a);
        expect(binOf(Math.min(a, b))).toBeLessThanOrEqual(binOf(Math.max(a, b)));
      }),
      { numRuns: 1000, seed: 1 },
    );
    for (let bin = 0; bin < 20_000; bin++) {
      if (binOf(binLow(bin)) !== bin || binHigh(bin) !== binLow(bin + 1)) expect.fail(`${bin}`);
    }
  });

  it('take minus zero as zero', () => {
    expect(binOf(-0)).toBe(0);
  });
});
