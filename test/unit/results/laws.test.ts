import fc from 'fast-check';
import { jStat } from 'jstat';
import { describe, expect, it } from 'vitest';
import { logGamma } from '../../../src/base/numeric.ts';
import {
  betaRatio,
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
  studentTwoSided,
} from '../../../src/results/laws.ts';

const DEGREES = [1, 1.7, 2, 3, 5, 9, 10, 29.5, 99, 100, 101, 1000];

describe("Student's t", () => {
  // Printed tables, four decimals (Abramowitz and Stegun, table 26.10).
  it.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.975, 5, 2.5706],
    [0.975, 9, 2.2622],
    [0.975, 30, 2.0423],
    [0.975, 120, 1.9799],
    [0.995, 10, 3.1693],
    [0.9, 4, 1.5332],
    [0.9995, 3, 12.924],
  ])('has the quantiles of printed tables: t(%d; %d) = %d', (p, degrees, expected) => {
    expect(Math.abs(studentQuantile(p, degrees) - expected)).toBeLessThan(0.00051);
  });

  it('has closed forms at one and two degrees of freedom', () => {
    for (const p of [1e-8, 0.001, 0.2, 0.4999, 0.6, 0.99, 0.999999]) {
      // One degree is Cauchy's law: -1 / tan(pi p). Two: (2p - 1) / sqrt(2 p (1 - p)).
      const cauchy = p < 0.5 ? -1 / Math.tan(Math.PI * p) : 1 / Math.tan(Math.PI * (1 - p));
      expect(studentQuantile(p, 1) / cauchy).toBeCloseTo(1, 10);
      const two = (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
      expect(studentQuantile(p, 2) / two).toBeCloseTo(1, 10);
    }
  });

  it('agrees with jstat for whole and broken degrees of freedom', () => {
    for (const degrees of DEGREES) {
      for (const p of [0.001, 0.025, 0.1, 0.6, 0.95, 0.975, 0.9999]) {
        const expected = jStat.studentt.inv(p, degrees);
        expect(studentQuantile(p, degrees) / expected, `${p} ${degrees}`).toBeCloseTo(1, 6);
      }
      for (const t of [-7, -1.5, -0.01, 0, 0.3, 2, 12]) {
        expect(studentCdf(t, degrees)).toBeCloseTo(jStat.studentt.cdf(t, degrees), 7);
      }
    }
  });

  it('gives the probability back that the quantile was asked for', () => {
    const probability = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    const degrees = fc.double({ min: 0.6, max: 2e6, noNaN: true });
    fc.assert(
      fc.property(probability, degrees, (p, v) => {
        expect(Math.abs(studentCdf(studentQuantile(p, v), v) - p)).toBeLessThan(1e-11);
      }),
      { numRuns: 200 },
    );
  });

  it('becomes the normal law without a step', () => {
    const before = studentQuantile(0.975, 999_999);
    const after = studentQuantile(0.975, 1_000_000);
    expect(before).toBeGreaterThan(after);
    expect(before - after).toBeLessThan(1e-10);
    expect(studentQuantile(0.975, 1e15)).toBeCloseTo(1.959963984540054, 12);
  });

  it('keeps digits in the tail and at zero', () => {
    // Two degrees: P(|T| > t) = 1 - t / sqrt(2 + t^2) is 1 / t^2 for large t.
    expect(studentTwoSided(1e6, 2) / 1e-12).toBeCloseTo(1, 6);
    expect(studentTwoSided(0, 9)).toBe(1);
    expect(studentCdf(Number.POSITIVE_INFINITY, 3)).toBe(1);
    expect(studentQuantile(0.5, 4)).toBe(0);
  });

  it('refuses what is no probability', () => {
    expect(() => studentQuantile(1, 3)).toThrow(/probability/);
    expect(() => studentQuantile(0.9, 0)).toThrow(/degrees/);
    expect(() => studentQuantile(0.9, Number.NaN)).toThrow(/degrees/);
  });
});

describe('the normal law', () => {
  it('has the values of printed tables', () => {
    expect(normalCdf(1.96)).toBeCloseTo(0.9750021048517795, 13);
    expect(normalCdf(-3)).toBeCloseTo(0.0013498980316301, 14);
    expect(normalCdf(0)).toBe(0.5);
    // Phi(-10) = 7.619853024160527e-24
    expect(normalCdf(-10) / 7.619853024160527e-24).toBeCloseTo(1, 11);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  });

  it('agrees with jstat, and with its own quantile', () => {
    for (let z = -5; z <= 5; z += 0.25) {
      expect(normalCdf(z)).toBeCloseTo(jStat.normal.cdf(z, 0, 1), 9);
      expect(normalQuantile(normalCdf(z))).toBeCloseTo(z, 9);
    }
  });
});

describe('the functions below them', () => {
  // The incomplete beta ratio of jstat has seven to eight digits: at (1/2; 1/2, 1/2) it is off by 1.8e-8.
  it('agree with jstat', () => {
    for (const x of [0.01, 0.5, 1, 2, 3.7, 50, 171, 5000]) {
      const expected = jStat.gammaln(x);
      const scale = Math.max(1, Math.abs(expected));
      expect(Math.abs(logGamma(x) - expected) / scale).toBeLessThan(1e-12);
    }
    for (const [a, b] of [
      [0.5, 0.5],
      [2, 3],
      [40, 0.5],
      [0.5, 60],
      [10, 200],
    ] as const) {
      for (const x of [0, 0.01, 0.2, 0.5, 0.9, 1]) {
        expect(betaRatio(x, a, b)).toBeCloseTo(jStat.beta.cdf(x, a, b), 7);
      }
    }
  });

  it('know factorials', () => {
    // gamma(11) = 10! = 3628800
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 12);
    expect(betaRatio(0.5, 0.5, 0.5)).toBeCloseTo(0.5, 14);
    // gamma(1/2) = sqrt(pi)
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13);
  });
});
