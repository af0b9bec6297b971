/** The shape of laws of random values: one set of laws for durations and one for counts. */
import * as z from 'zod';
import {
  duration,
  durationOrForever,
  oneOf,
  positiveDuration,
  ratio,
  real,
  shape,
  whole,
} from './schema-values.ts';

interface LawLeaves {
  /** Completes nouns: `of durations`. */
  readonly of: string;
  /** A constant as written. */
  readonly example: string;
  readonly constant: z.ZodType<string | number>;
  /** Any value of the law, zero included. */
  readonly value: z.ZodType<string | number>;
  /** Means and scales, which must be above zero. */
  readonly positive: z.ZodType<string | number>;
}

/** Says that exactly one of two fields is given. */
const either =
  (a: string, b: string) =>
  (raw: object): boolean =>
    a in raw !== b in raw;

function lawOf({ of, example, constant, value, positive }: LawLeaves) {
  const sigma = real(0, 20).describe('Standard deviation of the logarithm.');
  const laws = oneOf(`a law ${of}`, {
    exponential: shape(`the exponential law ${of}`, { mean: positive }).optional(),
    lognormal: shape(`the lognormal law ${of}`, {
      median: positive.optional(),
      mean: positive.optional(),
      sigma,
    })
      .refine(either('median', 'mean'), { error: 'a lognormal law with either median or mean' })
      .optional(),
    weibull: shape(`the Weibull law ${of}`, {
      shape: real(0.01, 100).describe('1 is exponential; below it, many short and few long.'),
      scale: positive.optional(),
      mean: positive.optional(),
    })
      .refine(either('scale', 'mean'), { error: 'a Weibull law with either scale or mean' })
      .optional(),
    truncatedPareto: shape(`the truncated Pareto law ${of}`, {
      alpha: real(0, 100, true).describe('Exponent of the tail.'),
      min: positive,
      max: positive,
    }).optional(),
    hyperexponential: shape(`the hyperexponential law ${of}`, {
      means: z.array(positive, { error: 'a list of means' }).min(1, { error: 'at least one mean' }),
      weights: z.array(ratio, { error: 'a list of weights' }),
    }).optional(),
    empirical: z
      .array(z.tuple([ratio, value], { error: 'a pair [quantile, value]' }), {
        error: 'a list of pairs [quantile, value]',
      })
      .min(2, { error: 'at least two pairs [quantile, value], for quantiles 0 and 1' })
      .optional()
      .describe('Points of the cumulative distribution, quantiles from 0 to 1; linear between.'),
  });
  return z.union([constant, laws], { error: `a constant such as ${example}, or a law ${of}` });
}

/** A duration or a law of durations. */
export const durationLaw = lawOf({
  of: 'of durations',
  example: '"5m"',
  constant: duration,
  value: duration,
  positive: positiveDuration,
}).meta({
  id: 'DurationLaw',
  description: 'A duration, or a law of durations.',
  examples: ['5m', { exponential: { mean: '5m' } }, { lognormal: { median: '12m', sigma: 1.6 } }],
});

/** A run time, a law of run times, or forever. */
export const runTimeLaw = lawOf({
  of: 'of run times',
  example: '"5m"',
  constant: durationOrForever,
  value: duration,
  positive: positiveDuration,
}).meta({
  id: 'RunTimeLaw',
  description: 'A duration, a law of durations, or forever.',
  examples: ['5m', 'forever', { weibull: { shape: 0.7, mean: '1h' } }],
});

/** A count or a law of counts. */
export const countLaw = lawOf({
  of: 'of counts',
  example: '8',
  constant: whole(1, 1_000_000),
  value: real(0, 1_000_000),
  positive: real(0, 1_000_000, true),
}).meta({
  id: 'CountLaw',
  description: 'A count, or a law of counts: draws are rounded, and at least 1.',
  examples: [4, { lognormal: { median: 4, sigma: 1 } }],
});
