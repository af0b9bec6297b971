/** Laws as written become laws as data: means turn into medians and scales, quantities into numbers. */
import type * as z from 'zod';
import type { Distribution } from '../base/distribution.ts';
import { gammaFunction } from '../base/numeric.ts';
import type { Parsed } from '../base/units.ts';
import { parseRatio } from '../base/units.ts';
import type { Path } from './located.ts';
import type { Problems } from './problems.ts';
import type { countLaw, durationLaw, runTimeLaw } from './schema-laws.ts';

/** A law of durations, run times or counts as written. */
export type RawLaw =
  | z.infer<typeof durationLaw>
  | z.infer<typeof runTimeLaw>
  | z.infer<typeof countLaw>;

/** Reads a quantity that the schema has checked; NaN where it found it wrong, so that no rule speaks of it again. */
export function read(parse: (raw: unknown) => Parsed, raw: unknown): number {
  const parsed = parse(raw);
  return 'value' in parsed ? parsed.value : Number.NaN;
}

/** Reads a plain number. */
export function parseNumber(raw: unknown): Parsed {
  return typeof raw === 'number' ? { value: raw } : { expected: 'a number' };
}

/** Where a law stands and how its values read. */
export interface LawPlace {
  readonly problems: Problems;
  readonly path: Path;
  /** Reads the values of the law; constants too, unless `parseConstant` is given. */
  readonly parse: (raw: unknown) => Parsed;
  readonly parseConstant?: (raw: unknown) => Parsed;
}

/**
 * Resolves a law and checks what spans its fields.
 *
 * @returns the law in the unit of `parse`; NaN stands for values that the schema found wrong
 */
export function resolveLaw(raw: RawLaw, place: LawPlace): Distribution {
  const value = (quantity: unknown): number => read(place.parse, quantity);
  if (typeof raw !== 'object') {
    return { law: 'constant', value: read(place.parseConstant ?? place.parse, raw) };
  }
  if (raw.exponential) return { law: 'exponential', mean: value(raw.exponential.mean) };
  if (raw.lognormal) {
    const { median, mean, sigma } = raw.lognormal;
    // The mean of a lognormal law is median * exp(sigma^2 / 2).
    const found =
      median === undefined ? value(mean) * Math.exp((-sigma * sigma) / 2) : value(median);
    return { law: 'lognormal', median: found, sigma };
  }
  if (raw.weibull) {
    const { shape, scale, mean } = raw.weibull;
    // The mean of a Weibull law is scale * gamma(1 + 1 / shape).
    const found = scale === undefined ? value(mean) / gammaFunction(1 + 1 / shape) : value(scale);
    return { law: 'weibull', shape, scale: found };
  }
  if (raw.truncatedPareto) {
    const { alpha } = raw.truncatedPareto;
    const min = value(raw.truncatedPareto.min);
    const max = value(raw.truncatedPareto.max);
    if (max < min) {
      place.problems.at([...place.path, 'truncatedPareto', 'max'], 'a value of at least min');
    }
    return { law: 'truncated-pareto', alpha, min, max };
  }
  if (raw.hyperexponential) return hyperexponential(raw.hyperexponential, place);
  return empirical(raw.empirical ?? [], place);
}

function hyperexponential(
  raw: { means: readonly unknown[]; weights: readonly unknown[] },
  { problems, path, parse }: LawPlace,
): Distribution {
  const means = raw.means.map((mean) => read(parse, mean));
  const weights = raw.weights.map((weight) => read((ratio) => parseRatio(ratio), weight));
  const at = [...path, 'hyperexponential', 'weights'];
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (weights.length !== means.length) {
    problems.at(at, `${means.length} weights, one for each mean`);
  } else if (Math.abs(sum - 1) > 1e-9) {
    problems.at(at, 'weights that sum to 1', { hint: `they sum to ${sum}` });
  }
  return { law: 'hyperexponential', means, weights };
}

function empirical(
  raw: readonly (readonly [unknown, unknown])[],
  { problems, path, parse }: LawPlace,
): Distribution {
  const points = raw.map(
    ([quantile, value]) =>
      [read((ratio) => parseRatio(ratio), quantile), read(parse, value)] as const,
  );
  const at = [...path, 'empirical'];
  for (const [i, [quantile, value]] of points.entries()) {
    const before = points[i - 1];
    if (before && (quantile <= before[0] || value < before[1])) {
      problems.at([...at, i], 'quantiles that rise and values that do not fall');
    }
  }
  const first = points[0]?.[0] ?? Number.NaN;
  const last = points.at(-1)?.[0] ?? Number.NaN;
  if (first > 0 || last < 1) problems.at(at, 'points from quantile 0 to quantile 1');
  return { law: 'empirical', points };
}
