import { describe, expect, it } from 'vitest';
import { gammaFunction } from '../../../src/base/numeric.ts';

describe('the gamma function', () => {
  it('is the factorial of n - 1 at whole numbers', () => {
    // 4! = 24, 9! = 362880
    expect(gammaFunction(5)).toBeCloseTo(24, 10);
    expect(gammaFunction(10) / 362_880).toBeCloseTo(1, 12);
    expect(gammaFunction(1)).toBeCloseTo(1, 13);
  });

  it('is the square root of pi at one half, and the known factor of a Weibull mean', () => {
    expect(gammaFunction(0.5)).toBeCloseTo(Math.sqrt(Math.PI), 12);
    // Weibull with shape 0.75: mean = scale * gamma(1 + 1 / 0.75) = scale * 1.1906
    expect(gammaFunction(1 + 1 / 0.75)).toBeCloseTo(1.1906, 4);
  });
});
