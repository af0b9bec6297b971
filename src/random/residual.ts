/**
 * What is left of a run that is found going on: the residual life in equilibrium. A pod that is met at a random instant is met
 * in proportion to its length, at a uniform point of it: the length-biased law times a uniform draw.
 *
 * *Source*: D. Cox, Renewal Theory (1962), chapter 5.
 */
import type { Distribution } from '../base/distribution.ts';
import { compileDistribution } from './distributions.ts';

/** Quantiles of a law that has no length-biased form of its own. */
const QUANTILES = 4096;

/** Draws a residual life from two uniform values in (0, 1): which run, and where in it. Not rounded. */
export type ResidualSampler = (u: number, v: number) => number;

/**
 * Compiles the equilibrium residual life of a law: exact for constant, exponential, hyperexponential and lognormal laws, from
 * 4,096 quantiles of the law for the others.
 *
 * @throws ScenarioError for wrong parameters of the law
 */
export function equilibriumResidual(law: Distribution): ResidualSampler {
  switch (law.law) {
    case 'constant':
      return (_, v) => law.value * v;
    case 'exponential': {
      // Without memory: what is left is as long as the whole.
      const whole = compileDistribution(law);
      return (u) => whole.at(u);
    }
    case 'hyperexponential': {
      const held = law.weights.map((weight, i) => weight * law.means[i]!);
      const total = held.reduce((sum, share) => sum + share, 0);
      const biased = compileDistribution({ ...law, weights: held.map((share) => share / total) });
      return (u) => biased.at(u);
    }
    case 'lognormal': {
      // x times its density is lognormal again, its median exp(sigma^2) times as large.
      const median = law.median * Math.exp(law.sigma * law.sigma);
      const biased = compileDistribution({ ...law, median });
      return (u, v) => biased.at(u) * v;
    }
    default:
      return fromQuantiles(law);
  }
}

function fromQuantiles(law: Distribution): ResidualSampler {
  const whole = compileDistribution(law);
  const lengths = Float64Array.from({ length: QUANTILES }, (_, i) =>
    whole.at((i + 0.5) / QUANTILES),
  );
  const sums = new Float64Array(QUANTILES);
  let sum = 0;
  lengths.forEach((length, i) => {
    sum += length;
    sums[i] = sum;
  });
  return (u, v) => {
    const wanted = u * sum;
    let low = 0;
    let high = QUANTILES - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return lengths[low]! * v;
  };
}
