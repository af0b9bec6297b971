/** Rolling windows over series buckets: the worst of them, and what was sustained for a while. */

/** Which way a threshold can be missed: above an upper limit, or below a lower one. */
export type Side = 'upper' | 'lower';

/** The window that decides: its value, and its first bucket. */
export interface Worst {
  readonly value: number;
  readonly bucket: number;
}

/** A run of whole buckets, without its end. */
export interface BucketRun {
  readonly first: number;
  readonly end: number;
}

/**
 * Finds the extreme of every window of `length` consecutive values.
 *
 * @param values of a run of buckets; NaN counts as absent
 * @param isLargest true for the largest, false for the smallest
 * @returns one number per window; NaN where all are absent
 *
 * *Cost*: O(values).
 */
export function rollingExtremes(
  values: readonly number[],
  length: number,
  isLargest: boolean,
): number[] {
  const extremes: number[] = [];
  // Indices whose values can still become the extreme: from better to worse.
  const waiting: number[] = [];
  let head = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isNaN(value)) {
      while (waiting.length > head && !isBefore(values[waiting.at(-1)!]!, value, isLargest)) {
        waiting.pop();
      }
      waiting.push(i);
    }
    while (head < waiting.length && waiting[head]! <= i - length) head++;
    if (i + 1 < length) continue;
    extremes.push(head < waiting.length ? values[waiting[head]!]! : Number.NaN);
  }
  return extremes;
}

function isBefore(a: number, b: number, isLargest: boolean): boolean {
  return isLargest ? a > b : a < b;
}

/** Adds up every window of `length` consecutive values. *Order*: sums from a prefix, so rounding does not depend on the length. */
export function rollingSums(values: readonly number[], length: number): number[] {
  const prefix = [0];
  for (const value of values) prefix.push(prefix.at(-1)! + value);
  const sums: number[] = [];
  for (let i = length; i <= values.length; i++) sums.push(prefix[i]! - prefix[i - length]!);
  return sums;
}

/**
 * Picks the window that is hardest on a threshold: the largest value for an upper limit, the smallest for a lower one.
 *
 * @param first bucket of the first window
 * @returns null where no window has a value. *Order*: the earliest of equals.
 */
export function worstWindow(values: readonly number[], side: Side, first: number): Worst | null {
  let worst: Worst | null = null;
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return;
    const isWorse = !worst || (side === 'upper' ? value > worst.value : value < worst.value);
    if (isWorse) worst = { value, bucket: first + i };
  });
  return worst;
}

/** Picks the worse of two windows; the earlier of equals. */
export function worseOf(a: Worst | null, b: Worst | null, side: Side): Worst | null {
  if (a === null || b === null) return a ?? b;
  return (side === 'upper' ? b.value > a.value : b.value < a.value) ? b : a;
}

/**
 * Finds the level that was sustained: for an upper limit the largest value that all buckets of some window reach, so that it
 * misses the limit exactly where a breach lasted that long. A bucket without a value ends a breach.
 *
 * @returns null where no window is observed throughout
 */
export function sustained(
  values: readonly number[],
  length: number,
  side: Side,
  first: number,
): Worst | null {
  // A gap becomes the mildest value, so no window with a gap can be the worst.
  const mildest = side === 'upper' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const whole = values.map((value) => (Number.isNaN(value) ? mildest : value));
  const levels = rollingExtremes(whole, length, side === 'lower').map((level) =>
    level === mildest ? Number.NaN : level,
  );
  return worstWindow(levels, side, first);
}
