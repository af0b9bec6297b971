/** The words of a threshold's verdict, the same in the terminal, JUnit, annotations and comments: nothing here is escaped. */
import type { ThresholdResult } from '../results/bundle.ts';
import { formatQuantity } from '../results/quantity.ts';
import type { Interval } from '../results/statistics.ts';
import { observedText } from './text.ts';

/** Prints an interval: `[8.02 s, 8.8 s]`; the empty string where there is none. */
export function intervalText(interval: Interval | null, unit: string): string {
  if (interval === null) return '';
  return `[${formatQuantity(interval[0], unit)}, ${formatQuantity(interval[1], unit)}]`;
}

/** Prints what was observed with its interval: `8.41 s [8.02 s, 8.8 s]`. */
export function observedWithInterval(threshold: ThresholdResult): string {
  const interval = intervalText(threshold.ci, threshold.unit);
  return interval === '' ? observedText(threshold) : `${observedText(threshold)} ${interval}`;
}

/** Prints the limit where it had to be worked out from a baseline: `limit 102 s`; the empty string for a fixed one. */
export function limitText(threshold: ThresholdResult): string {
  if (!/\bbaseline\b/.test(threshold.expr) || threshold.bound === null) return '';
  return `limit ${formatQuantity(threshold.bound, threshold.unit)}`;
}

/**
 * Explains a verdict: where, why, what is undecided, what it is for. The empty string for a plain pass.
 */
export function explanation(threshold: ThresholdResult): string {
  const { verdict, where, why, because, replicationsNeeded, observedIsAtLeast } = threshold;
  if (verdict === 'pass') return '';
  const needed =
    replicationsNeeded === null
      ? ''
      : `inconclusive, about ${replicationsNeeded} replications needed`;
  const parts = [
    observedIsAtLeast ? 'a lower bound, since pods still wait' : '',
    limitText(threshold),
    needed,
    where ?? '',
    why ?? '',
    because === null ? '' : `(${because})`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** The word for a verdict. */
export function verdictWord({
  verdict,
  warn,
}: ThresholdResult): 'pass' | 'fail' | 'warning' | 'inconclusive' {
  return verdict === 'fail' && warn ? 'warning' : verdict;
}
