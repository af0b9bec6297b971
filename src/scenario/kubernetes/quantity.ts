/**
 * Quantities in the full notation of Kubernetes' API, exact: amounts of one pod are summed as written and rounded up once.
 *
 * *Source*: `apimachinery/pkg/api/resource`, v1.34.
 */
import type { Parsed } from '../../base/units.ts';

/** An exact amount in billionths of the unit: what the API itself keeps at least. */
export type Nano = bigint;

/** Billionths in one. */
export const NANO_PER_ONE = 1_000_000_000n;
/** Billionths in one thousandth. */
export const NANO_PER_MILLI = 1_000_000n;

const QUANTITY = /^([+-]?)(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2}|[KMGTPE]i|[numkMGTPE]|)$/;
const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const EXPECTED = 'a quantity such as "500m", 2, "64Gi" or "1e3"';
const TEXT_LENGTH_MAX = 64;
/** 2^63 - 1, the API's largest integer. */
const LARGEST = 9_223_372_036_854_775_807n * NANO_PER_ONE;

/** An exact amount, or what was expected. */
export type ParsedNano = { readonly nano: Nano } | { readonly expected: string };

/**
 * Reads a quantity: a number, then `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei` or an exponent. Anything finer than a billionth is
 * rounded up, as the API does.
 */
export function parseQuantity(raw: unknown): ParsedNano {
  const text = typeof raw === 'number' ? decimalText(raw) : raw;
  if (typeof text !== 'string' || text.length > TEXT_LENGTH_MAX) return { expected: EXPECTED };
  const match = QUANTITY.exec(text);
  if (!match) return { expected: EXPECTED };
  const [, sign, digits, suffix] = match as unknown as [string, string, string, string];
  if (sign === '-') return { expected: `${EXPECTED}, not below zero` };
  const scaled = scale(digits, suffix);
  if (scaled === null) return { expected: EXPECTED };
  return scaled > LARGEST ? { expected: `${EXPECTED}, at most 2^63 - 1` } : { nano: scaled };
}

/** Reads a quantity of which only whole amounts matter, for schemas. @returns the amount rounded up */
export function parseWholeQuantity(raw: unknown): Parsed {
  const parsed = parseQuantity(raw);
  if (!('nano' in parsed)) return parsed;
  const whole = ceilTo(parsed.nano, NANO_PER_ONE);
  return Number.isSafeInteger(whole) ? { value: whole } : { expected: `${EXPECTED}, below 2^53` };
}

function scale(digits: string, suffix: string): Nano | null {
  const [whole, fraction = ''] = digits.split('.') as [string, string?];
  const mantissa = BigInt(`${whole}${fraction}` || '0');
  const binary = BINARY.indexOf(suffix);
  if (binary >= 0) {
    return divideUp(mantissa * (1n << BigInt(10 * (binary + 1))) * NANO_PER_ONE, fraction.length);
  }
  const power =
    /^[eE]/.test(suffix) && suffix.length > 1 ? Number(suffix.slice(1)) : DECIMAL[suffix];
  if (power === undefined) return null;
  const exponent = power + 9;
  return exponent >= 0
    ? divideUp(mantissa * tenTo(exponent), fraction.length)
    : divideUp(mantissa, fraction.length - exponent);
}

function tenTo(power: number): bigint {
  return BigInt(`1${'0'.repeat(power)}`);
}

/** `value / 10^digits`, rounded up. */
function divideUp(value: bigint, digits: number): bigint {
  const divisor = tenTo(digits);
  return (value + divisor - 1n) / divisor;
}

/** A JavaScript number in digits, without exponent where it is whole. */
function decimalText(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : String(value).replace('e+', 'e');
}

/** Rounds up to whole units of `unit` billionths. */
export function ceilTo(nano: Nano, unit: bigint): number {
  return Number((nano + unit - 1n) / unit);
}
