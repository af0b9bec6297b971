import { describe, expect, it } from 'vitest';
import { cosineTurn } from '../../../src/base/cosine.ts';

describe('cosineTurn', () => {
  it('is exact at quarter turns', () => {
    expect([0, 0.25, 0.5, 0.75, 1, -0.5, 12.25].map((x) => cosineTurn(x) + 0)).toEqual([
      1, 0, -1, 0, 1, -1, 0,
    ]);
  });

  it('agrees with Math.cos to 1e-15 over a turn and to the error of the argument beyond', () => {
    for (let i = -2000; i <= 2000; i++) {
      const x = i / 1999.5;
      expect(Math.abs(cosineTurn(x) - Math.cos(2 * Math.PI * x))).toBeLessThan(2e-15);
    }
  });

  it('is even and has period one', () => {
    for (let i = 0; i < 64; i++) {
      const x = i / 64;
      expect(cosineTurn(-x)).toBe(cosineTurn(x));
      expect(cosineTurn(x + 3)).toBe(cosineTurn(x));
    }
  });

  it('has fixed bits, whatever the version of Node', () => {
    // cos(pi/4) = sqrt(1/2) = 0.70710678..., cos(2 pi / 6) = 1/2, cos(2 pi / 12) = sqrt(3)/2 = 0.8660254...
    expect(cosineTurn(1 / 8)).toBeCloseTo(Math.SQRT1_2, 15);
    expect(cosineTurn(1 / 6)).toBeCloseTo(0.5, 15);
    expect(cosineTurn(1 / 12)).toBeCloseTo(0.8660254037844386, 15);
  });
});
