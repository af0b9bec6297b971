import { randomExponential, randomNormal, randomPareto, randomWeibull } from 'd3-random';
import fc from 'fast-check';
import { jStat } from 'jstat';
import { describe, expect, it } from 'vitest';
import type { Distribution } from '../../../src/base/distribution.ts';
import { InvariantError, ScenarioError } from '../../../src/base/errors.ts';
import { compileDistribution } from '../../../src/random/distributions.ts';
import { KeyedDraws } from '../../../src/random/draw.ts';
import { normalQuantile, oneMinusExp, relativeLog } from '../../../src/random/special.ts';

/** The extreme draws: 2^-53 and 1 - 2^-53. */
const FIRST = 2 ** -53;
const LAST = 1 - 2 ** -53;

const LAWS: [string, Distribution][] = [
  ['constant', { law: 'constant', value: 5 }],
  ['exponential', { law: 'exponential', mean: 3e6 }],
  ['lognormal', { law: 'lognormal', median: 7.2e8, sigma: 1.6 }],
  ['lognormal without spread', { law: 'lognormal', median: 7.2e8, sigma: 0 }],
  ['weibull, early failures', { law: 'weibull', shape: 0.75, scale: 100 }],
  ['weibull, ageing', { law: 'weibull', shape: 3, scale: 100 }],
  ['truncated-pareto, alpha 2.5', { law: 'truncated-pareto', alpha: 2.5, min: 1, max: 1000 }],
  ['truncated-pareto, alpha 1', { law: 'truncated-pareto', alpha: 1, min: 2, max: 5000 }],
  ['truncated-pareto, alpha 0.5', { law: 'truncated-pareto', alpha: 0.5, min: 1, max: 1e6 }],
  ['truncated-pareto, alpha 1e-6', { law: 'truncated-pareto', alpha: 1e-6, min: 1, max: 100 }],
  ['truncated-pareto, one point', { law: 'truncated-pareto', alpha: 2, min: 7, max: 7 }],
  ['truncated-pareto, short', { law: 'truncated-pareto', alpha: 2, min: 1, max: 1.0001 }],
  ['hyperexponential', { law: 'hyperexponential', means: [1, 50, 9], weights: [0.7, 0.3, 0] }],
  [
    'empirical',
    {
      law: 'empirical',
      points: [
        [0, 1],
        [0.5, 2],
        [0.5, 4],
        [0.9, 4],
        [1, 40],
      ],
    },
  ],
];

/** Integral of the quantile function by the midpoint rule after u = 1 - (1 - v)^8, which tames the upper tail. */
function integrate(at: (u: number) => number, cells = 400_000): number {
  let sum = 0;
  for (let i = 0; i < cells; i++) {
    const w = 1 - (i + 0.5) / cells;
    const u = 1 - w ** 8;
    if (u > 0 && u < 1) sum += at(u) * 8 * w ** 7;
  }
  return sum / cells;
}

describe.each(LAWS)('the law %s', (name, law) => {
  const sampler = compileDistribution(law);

  it('has the mean that its quantile function integrates to', () => {
    expect(Math.abs(integrate((u) => sampler.at(u)) / sampler.mean - 1)).toBeLessThan(2e-4);
  });

  it('has the mean of its draws, within five standard errors', () => {
    const draws = new KeyedDraws(42, 0, name);
    let n = 0;
    let mean = 0;
    let squares = 0;
    for (; n < 200_000; n++) {
      const deviation = sampler.at(draws.uniform(n, 0)) - mean;
      mean += deviation / (n + 1);
      squares += (deviation * deviation * n) / (n + 1);
    }
    const error = Math.sqrt(squares) / n;
    expect(Math.abs(mean - sampler.mean)).toBeLessThanOrEqual(5 * error + 1e-12 * mean);
  });

  it('gives finite values of at least 0 at the extreme draws', () => {
    for (const u of [FIRST, 1e-300, 0.25, 0.5, 0.75, LAST]) {
      const x = sampler.at(u);
      expect(x >= 0 && x < Infinity, `${u}: ${x}`).toBe(true);
    }
  });

  // The hyperexponential law starts again in each branch: its own test is below.
  const monotone = law.law === 'hyperexponential' ? [] : ['rounding'];
  it.each(monotone)('never decreases in u, up to %s', () => {
    const draw = fc.integer({ min: 1, max: 2 ** 53 - 1 }).map((k) => k / 2 ** 53);
    fc.assert(
      fc.property(draw, draw, (a, b) => {
        const low = sampler.at(Math.min(a, b));
        expect(low).toBeLessThanOrEqual(sampler.at(Math.max(a, b)) * (1 + 1e-14));
      }),
      { numRuns: 2000, seed: 1 },
    );
    let previous = 0;
    for (let i = 1; i < 10_000; i++) {
      const x = sampler.at(i / 10_000);
      expect(x).toBeGreaterThanOrEqual(previous);
      previous = x;
    }
  });
});

describe('oracles', () => {
  // On the grid of our draws, multiples of 2^-53, where 1 - u is exact.
  const GRID = [FIRST, 1e-9, 1e-3, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999, 1 - 1e-9, LAST].map(
    (u) => Math.round(u * 2 ** 53) / 2 ** 53,
  );
  const near = (x: number, y: number, relative: number) =>
    expect(Math.abs(x - y), `${x} and ${y}`).toBeLessThanOrEqual(relative * Math.abs(y));

  it('gives the exponential and Weibull values of d3-random for the same uniform', () => {
    const exponential = compileDistribution({ law: 'exponential', mean: 4 });
    const weibull = compileDistribution({ law: 'weibull', shape: 0.75, scale: 9 });
    for (const u of GRID) {
      near(exponential.at(u), randomExponential.source(() => u)(1 / 4)(), 1e-14);
      near(weibull.at(u), randomWeibull.source(() => u)(0.75, 0, 9)(), 1e-13);
    }
  });

  it('gives the Pareto values of d3-random where the cut is far away', () => {
    const pareto = compileDistribution({ law: 'truncated-pareto', alpha: 3, min: 1, max: 1e30 });
    for (const u of GRID) near(pareto.at(u), randomPareto.source(() => u)(3)(), 1e-13);
  });

  it('gives the quantiles of jstat for exponential, lognormal and Weibull laws', () => {
    for (const u of GRID.slice(2, -2)) {
      near(
        compileDistribution({ law: 'exponential', mean: 4 }).at(u),
        jStat.exponential.inv(u, 1 / 4),
        1e-12,
      );
      near(
        compileDistribution({ law: 'weibull', shape: 2, scale: 9 }).at(u),
        jStat.weibull.inv(u, 9, 2),
        1e-12,
      );
      const lognormal = compileDistribution({ law: 'lognormal', median: 20, sigma: 1.5 });
      near(lognormal.at(u), jStat.lognormal.inv(u, Math.log(20), 1.5), 1e-8);
    }
  });

  it('gives the means of jstat, whose gamma function has ten digits', () => {
    near(
      compileDistribution({ law: 'weibull', shape: 0.75, scale: 9 }).mean,
      jStat.weibull.mean(9, 0.75),
      1e-9,
    );
    near(
      compileDistribution({ law: 'lognormal', median: 20, sigma: 1.5 }).mean,
      jStat.lognormal.mean(Math.log(20), 1.5),
      1e-12,
    );
  });

  it('spreads normal quantiles as d3-random spreads its normal draws', () => {
    const draws = new KeyedDraws(1, 0, 'normal');
    let k = 0;
    const theirs = randomNormal.source(() => draws.uniform(0, k++))(0, 1);
    const a: number[] = [];
    const b: number[] = [];
    for (let i = 0; i < 50_000; i++) {
      a.push(normalQuantile(draws.uniform(1, i)));
      b.push(theirs());
    }
    a.sort((x, y) => x - y);
    b.sort((x, y) => x - y);
    // Standard error of the difference of two 5 % quantiles: sqrt(2 x 0.05 x 0.95 / 50000) / 0.103 = 0.0134.
    for (const q of [0.05, 0.25, 0.5, 0.75, 0.95]) {
      const i = q * 50_000;
      expect(Math.abs(a[i] - b[i])).toBeLessThan(4 * 0.0134);
    }
  });
});

describe('normalQuantile', () => {
  it('gives the values of an independent implementation in all three regions', () => {
    // Source: Python 3, statistics.NormalDist().inv_cdf, to all digits.
    const table = [
      [1e-300, -37.0470962993612],
      [1e-20, -9.262340089798405],
      [2 ** -53, -8.209536151601386],
      [1e-9, -5.9978070150076865],
      [0.001, -3.090232306167813],
      [0.025, -1.9599639845400538],
      [0.074, -1.4466320671589785],
      [0.075, -1.4395314709384557],
      [0.3, -0.5244005127080407],
      [0.5, 0],
      [0.975, 1.9599639845400536],
      [LAST, 8.209536151601386],
    ];
    for (const [u, z] of table) expect(Math.abs(normalQuantile(u) - z)).toBeLessThan(1e-14);
  });

  it('is odd around one half', () => {
    for (const u of [1e-3, 0.0625, 0.25, 0.4375])
      expect(normalQuantile(1 - u)).toBeCloseTo(-normalQuantile(u), 13);
  });

  it('refuses what is not a draw', () => {
    for (const bad of [0, 1, -0.1, Number.NaN]) {
      expect(() => normalQuantile(bad)).toThrow(InvariantError);
    }
  });
});

describe('oneMinusExp and relativeLog', () => {
  it('agree with expm1 and log1p over the whole range', () => {
    for (const x of [1e-300, 1e-17, 1e-9, 1e-3, 0.3, 0.999, 1.001, 5, 40, 800]) {
      for (const y of [x, -x]) {
        const exact = -Math.expm1(-y);
        if (Number.isFinite(exact)) {
          expect(Math.abs(oneMinusExp(y) - exact)).toBeLessThanOrEqual(1e-15 * Math.abs(exact));
        }
        if (y > -1) {
          const log = Math.log1p(y);
          expect(Math.abs(relativeLog(y) - log)).toBeLessThanOrEqual(1e-15 * Math.abs(log));
        }
      }
    }
  });
});

describe('compileDistribution', () => {
  it('follows the points of an empirical law', () => {
    const { at, mean } = compileDistribution(LAWS[13][1]);
    // 0.25 is half way from (0, 1) to (0.5, 2); at 0.5 the upper value of the jump; an atom at 4; 0.95 half way to 40.
    expect([at(0.25), at(0.5), at(0.7)]).toEqual([1.5, 4, 4]);
    expect(at(0.95)).toBeCloseTo(22, 12);
    // 0.5 x (1 + 2) / 2 + 0 + 0.4 x 4 + 0.1 x (4 + 40) / 2 = 0.75 + 1.6 + 2.2
    expect(mean).toBeCloseTo(4.55, 12);
  });

  it('chooses the branch of a hyperexponential law by u and starts again in each branch', () => {
    const law = compileDistribution({
      law: 'hyperexponential',
      means: [1, 100],
      weights: [0.75, 0.25],
    });
    // u = 0.375 is the middle of the first branch, u = 0.875 of the second: medians log 2 and 100 log 2.
    expect(law.at(0.375)).toBeCloseTo(Math.LN2, 12);
    expect(law.at(0.875)).toBeCloseTo(100 * Math.LN2, 10);
    expect(law.at(0.75)).toBe(0);
    expect(law.mean).toBeCloseTo(25.75, 12);
  });

  it('keeps a truncated Pareto law inside its ends and on the log-uniform law where alpha vanishes', () => {
    const law = compileDistribution({ law: 'truncated-pareto', alpha: 1.1, min: 3, max: 1e6 });
    expect(law.at(FIRST)).toBeCloseTo(3, 12);
    expect(law.at(LAST)).toBeGreaterThan(9.9e5);
    expect(law.at(LAST)).toBeLessThanOrEqual(1e6);
    const flat = compileDistribution({ law: 'truncated-pareto', alpha: 1e-9, min: 1, max: 100 });
    expect(flat.at(0.5)).toBeCloseTo(10, 6);
  });

  it('names every wrong parameter at once', () => {
    const bad: [Distribution, string[]][] = [
      [{ law: 'constant', value: -1 }, ['constant.value']],
      [{ law: 'exponential', mean: 0 }, ['exponential.mean']],
      [{ law: 'lognormal', median: 0, sigma: -1 }, ['lognormal.median', 'lognormal.sigma']],
      [{ law: 'weibull', shape: 0, scale: Infinity }, ['weibull.shape', 'weibull.scale']],
      [{ law: 'truncated-pareto', alpha: 1, min: 2, max: 1 }, ['truncated-pareto.max']],
      [
        { law: 'hyperexponential', means: [1], weights: [0.5, 0.6] },
        ['hyperexponential.weights', 'hyperexponential.weights'],
      ],
      [{ law: 'hyperexponential', means: [], weights: [] }, ['hyperexponential.weights']],
      [{ law: 'empirical', points: [[0, 1]] }, ['empirical.points']],
      [
        {
          law: 'empirical',
          points: [
            [0, 2],
            [1, 1],
          ],
        },
        ['empirical.points'],
      ],
      [
        {
          law: 'empirical',
          points: [
            [0, Number.NaN],
            [1, 1],
          ],
        },
        ['empirical.points', 'empirical.points'],
      ],
    ];
    for (const [law, paths] of bad) {
      let thrown: unknown;
      try {
        compileDistribution(law);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(ScenarioError);
      expect((thrown as ScenarioError).issues.map((issue) => issue.path)).toEqual(paths);
    }
    const unknown = { law: 'cauchy' } as unknown as Distribution;
    expect(() => compileDistribution(unknown)).toThrow('got cauchy, expected a known law');
  });
});

describe('the vectors guard', () => {
  it('finds log, exp and sqrt bit-identical to the Node that froze these values', () => {
    const draws = new KeyedDraws(42, 0, 'vectors');
    const got: Record<string, number[]> = {};
    for (const [name, law] of LAWS) {
      const sampler = compileDistribution(law);
      got[name] = [0, 1, 2].map((i) => sampler.at(draws.uniform(i, 0)));
    }
    expect(got).toEqual(VECTORS);
    // A sum over many more values in a fixed order.
    let fold = 0;
    for (let i = 0; i < 20_000; i++) {
      const u = draws.uniform(i, 1);
      fold += Math.log(u) + Math.exp(u * 20 - 10) + Math.sqrt(u) + normalQuantile(u);
    }
    expect(fold).toBe(FOLD);
  });
});

/** Frozen on Node 20. */
const VECTORS: Record<string, number[]> = {
  constant: [5, 5, 5],
  exponential: [1552261.3963812755, 3763494.90508976, 9481345.360017376],
  lognormal: [487947718.2049759, 1784872272.9769058, 11347080803.66356],
  'lognormal without spread': [720000000, 720000000, 720000000],
  'weibull, early failures': [41.539200781933836, 135.29864180458148, 463.800930085908],
  'weibull, ageing': [80.28132544964237, 107.85079710478942, 146.75161988352824],
  'truncated-pareto, alpha 2.5': [1.2299434314208182, 1.6516904671320445, 3.5401853895508753],
  'truncated-pareto, alpha 1': [3.354479460383809, 7.005135709115841, 46.740158266132],
  'truncated-pareto, alpha 0.5': [2.810847392910709, 12.23120796507082, 531.7837544439824],
  'truncated-pareto, alpha 1e-6': [6.425200187188693, 26.888170216960074, 82.25955849566884],
  'truncated-pareto, one point': [7, 7, 7],
  'truncated-pareto, short': [1.000040390777247, 1.0000714750513895, 1.00009575871892],
  hyperexponential: [0.8605313246003821, 2.5262748685325467, 97.82378245065946],
  empirical: [1.8078877721411717, 4, 24.733581022929947],
};
const FOLD = 21953621.58741042;
