/** A share of a world, as people write it: `1/1000`, or a decimal. */

/**
 * Reads a scale.
 *
 * @returns above 0, at most 1; or what would have been accepted
 */
export function parseScale(text: string): { value: number } | { expected: string } {
  const fraction = /^(\d{1,12})\/(\d{1,12})$/.exec(text);
  const isDecimal = /^\d*\.?\d+$/.test(text);
  let value = Number.NaN;
  if (fraction !== null) value = Number(fraction[1]) / Number(fraction[2]);
  else if (isDecimal) value = Number(text);
  if (value > 0 && value <= 1) return { value };
  return { expected: 'a scale above 0, at most 1, such as 1/1000 or 0.01' };
}

/** Takes what cannot be scaled, by its path, and what could be. */
export type Refuse = (path: string, expected: string) => void;

/** Says from which scale on a count is not rounded away. */
export function leastScale(count: number): string {
  return `a scale of 1/${2 * count} or more`;
}
