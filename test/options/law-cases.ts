/** Cases of the laws of random values. */
import type { Case, Row } from './case.ts';

type Base = Case['base'];
const W = 'workloads.w';

/** Each law with one of its numbers changed; `T` stands for the unit of times. */
const LAWS: readonly (readonly [field: string, law: string, changed: string])[] = [
  ['exponential.mean', '{exponential: {mean: 2T}}', '{exponential: {mean: 3T}}'],
  [
    'lognormal.median',
    '{lognormal: {median: 2T, sigma: 1}}',
    '{lognormal: {median: 3T, sigma: 1}}',
  ],
  ['lognormal.mean', '{lognormal: {mean: 2T, sigma: 1}}', '{lognormal: {mean: 3T, sigma: 1}}'],
  ['lognormal.sigma', '{lognormal: {mean: 2T, sigma: 1}}', '{lognormal: {mean: 2T, sigma: 2}}'],
  ['weibull.shape', '{weibull: {shape: 1, mean: 3T}}', '{weibull: {shape: 4, mean: 3T}}'],
  ['weibull.scale', '{weibull: {shape: 1, scale: 2T}}', '{weibull: {shape: 1, scale: 3T}}'],
  ['weibull.mean', '{weibull: {shape: 1, mean: 2T}}', '{weibull: {shape: 1, mean: 3T}}'],
  [
    'truncatedPareto.alpha',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 3, min: 1T, max: 9T}}',
  ],
  [
    'truncatedPareto.min',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 1, min: 3T, max: 9T}}',
  ],
  [
    'truncatedPareto.max',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 3T}}',
  ],
  [
    'hyperexponential.means[]',
    '{hyperexponential: {means: [1T, 9T], weights: [50%, 50%]}}',
    '{hyperexponential: {means: [2T, 5T], weights: [50%, 50%]}}',
  ],
  [
    'hyperexponential.weights[]',
    '{hyperexponential: {means: [1T, 9T], weights: [50%, 50%]}}',
    '{hyperexponential: {means: [1T, 9T], weights: [10%, 90%]}}',
  ],
  [
    'empirical[][]',
    '{empirical: [[0, 1T], [1, 9T]]}',
    '{empirical: [[0, 1T], [50%, 2T], [1, 9T]]}',
  ],
];

const lawRows = (name: string, base: Base, field: string, unit: string): readonly Row[] =>
  LAWS.map(([leaf, law, changed]): Row => {
    const written = (text: string) => `${field}=${text.replaceAll(/(\d)T/g, `$1${unit}`)}`;
    return [`${name}.${leaf}`, 'trajectory', base, written(changed), written(law)];
  });

/** The laws of durations, run times and counts. */
export const LAW_ROWS: readonly Row[] = [
  ['DurationLaw', 'trajectory', 'one', `${W}.startup=20s`, `${W}.startup=10s`],
  ...lawRows('DurationLaw', 'one', `${W}.startup`, 's'),
  ['RunTimeLaw', 'trajectory', 'one', `${W}.duration=forever`],
  ...lawRows('RunTimeLaw', 'one', `${W}.duration`, 'm'),
  ['CountLaw', 'trajectory', 'batch', `${W}.podsPerJob=2`],
  ...lawRows('CountLaw', 'batch', `${W}.podsPerJob`, ''),
];
