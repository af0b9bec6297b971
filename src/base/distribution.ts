/** Laws of positive random values, as plain data; `random/distributions.ts` samples them. */

/** Quantities are in the unit of the field that holds the law (microseconds for durations, a count for pods per job). */
export type Distribution =
  | { readonly law: 'constant'; readonly value: number }
  | { readonly law: 'exponential'; readonly mean: number }
  | { readonly law: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly law: 'weibull'; readonly shape: number; readonly scale: number }
  /** Pareto tail with exponent `alpha`, cut to [min, max]. */
  | {
      readonly law: 'truncated-pareto';
      readonly alpha: number;
      readonly min: number;
      readonly max: number;
    }
  /** Mixture of exponentials: mean `means[i]` with probability `weights[i]`, which sum to 1. */
  | {
      readonly law: 'hyperexponential';
      readonly means: readonly number[];
      readonly weights: readonly number[];
    }
  /** Piecewise linear inverse of a cumulative distribution through (quantile, value), quantiles from 0 to 1. */
  | {
      readonly law: 'empirical';
      readonly points: readonly (readonly [quantile: number, value: number])[];
    };
