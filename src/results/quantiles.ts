/** The quantiles that the results of samples list. */
import { type MergedSamples, quantileOf } from './samples.ts';

const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];

/** Gives them by their number as text, and lists those that are only "at least". */
export function quantilesOf(samples: MergedSamples): {
  quantiles: Record<string, number | null>;
  quantilesAtLeast: string[];
} {
  const quantiles: Record<string, number | null> = {};
  const quantilesAtLeast: string[] = [];
  for (const q of QUANTILES) {
    const observed = quantileOf(samples, q);
    quantiles[String(q)] = observed.value;
    if (observed.isAtLeast) quantilesAtLeast.push(String(q));
  }
  return { quantiles, quantilesAtLeast };
}
