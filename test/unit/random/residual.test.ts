import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../../src/base/distribution.ts';
import { equilibriumResidual } from '../../../src/random/residual.ts';

const STEPS = 1000;

/** The mean over a grid of both draws. */
function meanOf(law: Distribution): number {
  const residual = equilibriumResidual(law);
  let sum = 0;
  for (let i = 0; i < STEPS; i++) {
    for (let k = 0; k < 20; k++) sum += residual((i + 0.5) / STEPS, (k + 0.5) / 20);
  }
  return sum / (STEPS * 20);
}

describe('the equilibrium residual', () => {
  // The mean residual life is E[X^2] / (2 E[X]).
  it.each<[string, Distribution, number]>([
    // 10^2 / (2 * 10) = 5.
    ['constant', { law: 'constant', value: 10 }, 5],
    // 2 * 10^2 / (2 * 10) = 10.
    ['exponential', { law: 'exponential', mean: 10 }, 10],
    // Moments: E[X] = 0.5 * 2 + 0.5 * 10 = 6, E[X^2] = 0.5 * 2 * 4 + 0.5 * 2 * 100 = 104: 104 / 12 = 8.667.
    [
      'hyperexponential',
      { law: 'hyperexponential', means: [2, 10], weights: [0.5, 0.5] },
      104 / 12,
    ],
    // E[X^2] / (2 E[X]) = median e^(2 s^2) / (2 e^(s^2 / 2)) = 10 * e^(0.375) / 2 with s = 0.5.
    ['lognormal', { law: 'lognormal', median: 10, sigma: 0.5 }, 5 * Math.exp(0.375)],
    // Rayleigh, scale 10: E[X] = 10 sqrt(pi) / 2, E[X^2] = 100.
    ['weibull', { law: 'weibull', shape: 2, scale: 10 }, 100 / (10 * Math.sqrt(Math.PI))],
    // Uniform on [0, 12]: E[X^2] / (2 E[X]) = 48 / 12 = 4.
    [
      'empirical',
      {
        law: 'empirical',
        points: [
          [0, 0],
          [1, 12],
        ],
      },
      4,
    ],
  ])('of a %s law has the mean that theory says', (_, law, expected) => {
    // A grid of 1,000 misses a little of the tail.
    expect(Math.abs(meanOf(law) / expected - 1)).toBeLessThan(0.01);
  });
});
