/** Quantities in thresholds and reports: a number and a unit, read into base units and printed for people. */

import {
  formatCount,
  formatDollars,
  formatDuration,
  formatMemory,
  formatRatio,
} from '../base/units.ts';

/** A unit as written, what it measures, and how many base units it is. */
interface Unit {
  readonly dimension: Dimension;
  readonly scale: number;
}

/** What a quantity measures; `count` also covers pods, nodes and the like. */
export type Dimension = 'seconds' | 'bytes' | 'cores' | 'ratio' | 'dollars' | 'count' | 'gpus';

const KIB = 1024;
const UNITS: ReadonlyMap<string, Unit> = new Map([
  ['us', { dimension: 'seconds', scale: 1e-6 }],
  ['ms', { dimension: 'seconds', scale: 1e-3 }],
  ['s', { dimension: 'seconds', scale: 1 }],
  ['m', { dimension: 'seconds', scale: 60 }],
  ['h', { dimension: 'seconds', scale: 3600 }],
  ['d', { dimension: 'seconds', scale: 86400 }],
  ['B', { dimension: 'bytes', scale: 1 }],
  ['Ki', { dimension: 'bytes', scale: KIB }],
  ['KiB', { dimension: 'bytes', scale: KIB }],
  ['Mi', { dimension: 'bytes', scale: KIB * KIB }],
  ['MiB', { dimension: 'bytes', scale: KIB * KIB }],
  ['Gi', { dimension: 'bytes', scale: KIB * KIB * KIB }],
  ['GiB', { dimension: 'bytes', scale: KIB * KIB * KIB }],
  ['Ti', { dimension: 'bytes', scale: KIB * KIB * KIB * KIB }],
  ['TiB', { dimension: 'bytes', scale: KIB * KIB * KIB * KIB }],
  ['cores', { dimension: 'cores', scale: 1 }],
  ['%', { dimension: 'ratio', scale: 0.01 }],
  ['USD', { dimension: 'dollars', scale: 1 }],
]);

/** How a bound on each dimension is written, for messages. */
const EXAMPLES: Readonly<Record<Dimension, string>> = {
  seconds: 'a duration such as 30s, 15m or 2h',
  bytes: 'an amount of memory such as 64GiB',
  cores: 'a number of cores such as 5000cores',
  ratio: 'a share such as 5% or 0.05',
  dollars: 'an amount such as $44e6 or 44e6 USD',
  count: 'a plain number such as 5',
  gpus: 'a plain number such as 5',
};

/** Tells what a metric's unit measures: `pods` and `nodes` are counts. */
export function dimensionOf(unit: string): Dimension {
  switch (unit) {
    case 'seconds':
    case 'bytes':
    case 'cores':
    case 'ratio':
    case 'dollars':
    case 'gpus':
      return unit;
    default:
      return 'count';
  }
}

/** Describes a bound that fits a unit, a noun phrase for `Issue.expected`. */
export function quantityExample(unit: string, isRate = false): string {
  const example = EXAMPLES[dimensionOf(unit)];
  return isRate ? `${example} with /s or /h, such as 0.5/h` : example;
}

const QUANTITY =
  /^(\$?)(\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?)([ \t]+(?:[A-Za-z]+|%)(?![A-Za-z-])|[A-Za-z%]*)(\/[smhd]\b)?/;

/** A quantity that was read: its value in base units (per second for rates) and how long it was. */
export interface Quantity {
  readonly value: number;
  readonly length: number;
}

/**
 * Reads a quantity at the start of a text and checks it against the unit of a metric.
 *
 * @param text such as `30s`, `5%`, `$44e6`, `44e6 USD`, `64GiB`, `0.5/h`
 * @param unit unit of the metric, from the catalogue
 * @param isRate true where a value per time is wanted (`/s` where none is written)
 * @returns the quantity in base units, or null where text or unit does not fit
 */
export function readQuantity(text: string, unit: string, isRate = false): Quantity | null {
  const match = QUANTITY.exec(text);
  if (!match) return null;
  const [, dollar, digitsText, suffix, per] = match as unknown as [
    string,
    string,
    string,
    string,
    string?,
  ];
  const number = Number(digitsText);
  if (!Number.isFinite(number) || (per !== undefined && !isRate)) return null;
  const word = suffix.trim();
  const found = UNITS.get(word);
  // A word behind a space that is no unit belongs to the next clause: `5 by cluster`.
  const isBare = word === '' || (suffix !== word && !found);
  const length =
    dollar.length + digitsText.length + (isBare ? 0 : suffix.length) + (per ?? '').length;
  const value = number / (per === undefined ? 1 : UNITS.get(per.slice(1))!.scale);
  const dimension = dimensionOf(unit);
  if (dollar) {
    const isDollars = dimension === 'dollars' && (isBare || word === 'USD');
    return isDollars ? { value, length } : null;
  }
  if (isBare) {
    // A bare number is unambiguous only where the base unit is the everyday one.
    return dimension === 'seconds' || dimension === 'bytes' ? null : { value, length };
  }
  if (found?.dimension !== dimension) return null;
  // Percent by division: 7 * 0.01 is 0.07000000000000001.
  return { value: word === '%' ? value / 100 : value * found.scale, length };
}

/**
 * Prints a value with its unit for people: `8.41 s`, `3.1 %`, `$43.9 M`, `1,204 pods`, `64Gi`.
 *
 * @param value in the unit, null prints as a dash
 * @param unit of the catalogue; `/s` at the end marks a rate
 */
export function formatQuantity(value: number | null, unit: string): string {
  if (value === null) return '–';
  if (unit.endsWith('/s')) return `${formatQuantity(value, unit.slice(0, -2))}/s`;
  switch (dimensionOf(unit)) {
    case 'seconds':
      // The lower end of an interval may be below zero.
      return value < 0 ? `-${formatDuration(-value * 1e6)}` : formatDuration(value * 1e6);
    case 'ratio':
      return formatRatio(value);
    case 'dollars':
      return formatDollars(value);
    case 'bytes':
      return formatMemory(value);
    default:
      return unit === 'count' ? formatCount(value) : `${formatCount(value)} ${unit}`;
  }
}

/** Prints an instant in seconds since the start as day and time of day: `day 2 14:05:00`; days count from 1. */
export function formatInstant(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (n: number): string => String(n).padStart(2, '0');
  const ofDay = whole % 86400;
  const clock = `${pad(Math.floor(ofDay / 3600))}:${pad(Math.floor((ofDay % 3600) / 60))}`;
  const rest = ofDay % 60;
  return `day ${Math.floor(whole / 86400) + 1} ${clock}${rest === 0 ? '' : `:${pad(rest)}`}`;
}
