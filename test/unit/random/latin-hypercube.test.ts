import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latinHypercube } from '../../../src/random/latin-hypercube.ts';

const NAMES = ['a', 'b', 'c', 'd'];

describe('a Latin hypercube sample', () => {
  it('has exactly one point in every stratum of every axis', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(),
        (axes, points, seed) => {
          const sample = latinHypercube(NAMES.slice(0, axes), points, seed);
          expect(sample).toHaveLength(points);
          for (let a = 0; a < axes; a++) {
            const strata = sample
              .map((point) => Math.floor(point[a]! * points))
              .sort((x, y) => x - y);
            expect(strata).toEqual(Array.from({ length: points }, (_, i) => i));
          }
        },
      ),
    );
  });

  it('leaves an axis as it is when another joins or the order changes', () => {
    const two = latinHypercube(['a', 'b'], 9, 5);
    const three = latinHypercube(['b', 'c', 'a'], 9, 5);
    expect(three.map(([b, , a]) => [a, b])).toEqual(two);
  });

  it('orders the strata of two axes without correlation', () => {
    // Spearman's rank correlation of independent orders has variance 1 / (n - 1): 4 standard deviations of 0.0707 for n = 201.
    const n = 201;
    const sample = latinHypercube(['a', 'b'], n, 1);
    const rank = (x: number) => Math.floor(x * n) - (n - 1) / 2;
    const products = sample.reduce((sum, [a, b]) => sum + rank(a!) * rank(b!), 0);
    const correlation = products / ((n * (n * n - 1)) / 12);
    expect(Math.abs(correlation)).toBeLessThan(4 * 0.0707);
  });

  it('differs between seeds', () => {
    expect(latinHypercube(['a'], 8, 1)).not.toEqual(latinHypercube(['a'], 8, 2));
  });
});
