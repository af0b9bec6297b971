/** Values of an axis as text: `a,b,c`, `range(0,0.4,0.1)`, and the one way in which a value is printed. */
import { plain } from './located.ts';
import { readYaml } from './read-yaml.ts';

/** A range of numbers with one unit, both ends included. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** Distance of neighbours; null for a range that only a Latin hypercube can sample. */
  readonly step: number | null;
  /** What stands behind every number, `/s` or `m`; empty for bare numbers. */
  readonly unit: string;
  /** Digits behind the point that the numbers of the range need. */
  readonly decimals: number;
}

/** What is wrong with a text, as in an issue. */
export interface Unreadable {
  readonly expected: string;
  readonly hint?: string;
}

/** Values of one axis at most: far above what anybody runs, far below harm. */
export const VALUES_MAX = 10_000;

const NUMBER = /^(-?\d+(?:\.(\d+))?)([^\d\s.,][^\s,]*)?$/;
const RANGE_EXPECTED = 'range(from,to,step) with numbers of one unit';

/** True if a text means a range, be it well written or not. */
export function isRange(text: string): boolean {
  return /^\s*range\s*\(/.test(text);
}

/**
 * Reads `range(from,to,step)` or `range(from,to)`: numbers with at most one unit, such as `range(80/s,120/s,10/s)`.
 *
 * @returns the range, or what is wrong with it: ends in the wrong order, a step that is not above 0, too many values
 */
export function parseRange(text: string): Range | Unreadable {
  const inner = /^\s*range\s*\((.*)\)\s*$/s.exec(text)?.[1];
  const parts = inner?.split(',').map((part) => NUMBER.exec(part.trim()));
  if (parts === undefined || parts.length < 2 || parts.length > 3 || parts.includes(null)) {
    return { expected: RANGE_EXPECTED, hint: 'such as range(0,0.4,0.1) or range(80/s,120/s,10/s)' };
  }
  const read = parts as RegExpExecArray[];
  const units = new Set(read.flatMap(([, , , unit]) => (unit === undefined ? [] : [unit])));
  const isMixed = units.size > 1 || (units.size === 1 && read.some((p) => !p[3] && +p[1]! !== 0));
  if (isMixed) {
    return { expected: RANGE_EXPECTED, hint: 'write the same unit behind each number' };
  }
  const [from, to, step] = read.map((part) => Number(part[1])) as [number, number, number?];
  const decimals = Math.max(...read.map((part) => part[2]?.length ?? 0));
  if (!(from < to)) return { expected: 'a range whose first number is below the second' };
  if (step !== undefined && !(step > 0)) return { expected: 'a range with a step above 0' };
  if (step !== undefined && (to - from) / step >= VALUES_MAX) {
    return { expected: `a range of at most ${VALUES_MAX} values` };
  }
  return { from, to, step: step ?? null, unit: [...units][0] ?? '', decimals };
}

/** Counts the values of a range with a step: the last one is the end where the steps meet it, else below it. */
export function rangeCount({ from, to, step }: Range): number {
  if (step === null) return 0;
  // A billionth of a step: what decimal fractions lose in binary, and far below any step.
  return Math.floor((to - from) / step + 1e-9) + 1;
}

/** Prints value `i` of a range with a step; decimals are exact, `0.30000000000000004` never shows. */
export function rangeValue(range: Range, i: number): string {
  return printed(range.from + i * (range.step ?? 0), range.decimals, range.unit);
}

/** Digits that tell apart the values which are sampled from a range without a step: a millionth of its width. */
const SAMPLED_PARTS = 1e6;

/**
 * Prints the value at a share of a range: with a step the nearest one below, each equally likely; without, rounded to a
 * millionth of the width.
 *
 * @param share in [0, 1)
 */
export function sampledValue(range: Range, share: number): string {
  if (range.step !== null) {
    return rangeValue(
      range,
      Math.min(Math.floor(share * rangeCount(range)), rangeCount(range) - 1),
    );
  }
  const width = range.to - range.from;
  let decimals = 0;
  for (let parts = width; parts < SAMPLED_PARTS && decimals < 15; parts *= 10) decimals++;
  return printed(range.from + share * width, Math.max(decimals, range.decimals), range.unit);
}

function printed(value: number, decimals: number, unit: string): string {
  return `${Number(value.toFixed(decimals))}${unit}`;
}

/**
 * Cuts a text at commas that are outside of brackets, braces, parentheses and quotes.
 *
 * @returns the parts without spaces around them, at least one
 */
export function splitValues(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === quote) quote = '';
    } else if (c === '"' || c === "'") quote = c;
    else if ('{[('.includes(c)) depth++;
    else if ('}])'.includes(c)) depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  return [...parts, text.slice(start).trim()];
}

/** Words that YAML reads back as the same text and that no list of values could be meant by. */
const PLAIN_WORD = /^[A-Za-z0-9$/][A-Za-z0-9_./$+%-]*(:[A-Za-z0-9_./$+%-]+)*$/;

/**
 * Prints a plain value for an override in the one way that stands for it, whoever wrote it how: `0.10` is `0.1`, `'a'` is `a`,
 * maps and lists are JSON in their own order.
 */
export function canonicalValue(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  if (!PLAIN_WORD.test(value) || isRange(value)) return JSON.stringify(value);
  const { node } = readYaml(value);
  const isText = node?.kind === 'scalar' && node.value === value;
  return isText ? value : JSON.stringify(value);
}

/** Prints a value that was written as YAML as {@link canonicalValue} does; a text that is no YAML is left to whoever reads it. */
export function canonicalText(text: string): string {
  const { node, issues } = readYaml(text);
  return node === null || issues.length > 0 ? text : canonicalValue(plain(node));
}
