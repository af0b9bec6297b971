/**
 * Quantities as people write them, read into the integers of the simulator and printed back.
 *
 * A parser never throws and never guesses: it returns the value or what it expected, so that a loader can gather all
 * issues. Decimals are read exactly (`1.1s` is 1,100,000 us); what is not a whole number of the smallest unit, negative,
 * not finite or above 2^53 is refused.
 */

/** A value in the unit of its parser, or what would have been accepted (a noun phrase) and what to do. */
export type Parsed =
  | { readonly value: number }
  | { readonly expected: string; readonly hint?: string };

const DURATION_UNITS: readonly (readonly [unit: string, us: number])[] = [
  ['w', 604_800_000_000],
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
  ['s', 1_000_000],
  ['ms', 1_000],
  ['us', 1],
];
const MEMORY_UNITS: ReadonlyMap<string, number> = new Map([
  ...['K', 'M', 'G', 'T', 'P'].flatMap((letter, i): [string, number][] => {
    let binary = 1;
    let decimal = 1;
    for (let k = 0; k <= i; k++) {
      binary *= 1024;
      decimal *= 1000;
    }
    return [
      [`${letter}i`, binary],
      [`${letter}iB`, binary],
      [letter, decimal],
      [`${letter}B`, decimal],
    ];
  }),
  ['k', 1000],
  ['kB', 1000],
  ['B', 1],
]);
const PER_SECONDS: ReadonlyMap<string, number> = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3600],
  ['d', 86_400],
]);
/** Hours of a price's period; a month is 730 h and a year 8,760 h, as price lists count. */
const PRICE_HOURS: ReadonlyMap<string, number> = new Map([
  ['h', 1],
  ['hour', 1],
  ['day', 24],
  ['month', 730],
  ['year', 8760],
]);

const NUMBER = '[0-9]+(?:[.][0-9]+)?';
const DURATION_PART = new RegExp(`^(${NUMBER}) ?(us|ms|[wdhms])(?![a-z]) ?`);
const CPU = new RegExp(`^(${NUMBER})(m?)$`);
const MEMORY = new RegExp(`^(${NUMBER}) ?([A-Za-z]*)$`);
const RATE = new RegExp(`^(${NUMBER})/([smhd])$`);
const MONEY = new RegExp(`^[$](${NUMBER})/(h|hour|day|month|year)$`);
const RATIO = new RegExp(`^(${NUMBER}) ?(%?)$`);

/**
 * Reads a duration: `"90s"`, `"1d10h"`, `"1.5h"`, `"250ms"`; units w, d, h, m, s, ms, us, largest first. A bare 0 is 0.
 *
 * @returns whole microseconds, 0 to 2^53
 */
export function parseDuration(raw: unknown): Parsed {
  const expected = 'a duration such as "90s", "5m" or "1d10h"';
  if (raw === 0) return { value: 0 };
  const bare = bareNumber(raw);
  if (bare !== null) return wrongNumber(bare, expected, `write "${bare}s" for seconds`);
  if (typeof raw !== 'string') return { expected };
  let rest = raw;
  let last = -1;
  let total = 0n;
  while (rest !== '') {
    const match = DURATION_PART.exec(rest);
    if (!match) return textIssue(raw, expected, 'units are w, d, h, m, s, ms and us');
    const place = DURATION_UNITS.findIndex(([unit]) => unit === match[2]);
    if (place <= last) return { expected, hint: 'the largest unit first and each only once' };
    const part = scaleExactly(match[1]!, DURATION_UNITS[place]![1]);
    if (part === null) return { expected: 'a whole number of microseconds' };
    last = place;
    total += part;
    rest = rest.slice(match[0].length);
  }
  return last < 0 ? { expected } : bounded(total, 'a duration below 285 years');
}

/**
 * Reads an amount of cpu in Kubernetes' notation: `"500m"`, `2`, `"2.5"` cores.
 *
 * @returns whole millicores, 0 to 2^31 - 1
 */
export function parseCpu(raw: unknown): Parsed {
  const expected = 'an amount of cpu such as "500m" or 2 (cores)';
  const match = CPU.exec(numeral(raw));
  if (!match) return textIssue(raw, expected);
  const value = scaleExactly(match[1]!, match[2] ? 1 : 1000);
  if (value === null) return { expected: 'a whole number of millicores' };
  return bounded(value, 'at most 2147483 cores', 2_147_483_647);
}

/**
 * Reads an amount of memory in Kubernetes' notation: `"64Gi"`, `"512Mi"`, `"1G"` (decimal); `"64GiB"` is accepted.
 * A bare number other than 0 is refused: nobody can tell whether it means bytes or GiB.
 *
 * @returns whole bytes, 0 to 2^53
 */
export function parseMemory(raw: unknown): Parsed {
  const expected = 'an amount of memory such as "64Gi" or "512Mi"';
  if (raw === 0 || raw === '0') return { value: 0 };
  const match = MEMORY.exec(numeral(raw));
  if (!match) return textIssue(raw, expected);
  const [, digits, suffix] = match as unknown as [string, string, string];
  if (suffix === '') return { expected, hint: `write "${digits}Gi", or "${digits}B" for bytes` };
  const unit = MEMORY_UNITS.get(suffix);
  if (unit === undefined) {
    const similar = [...MEMORY_UNITS.keys()].find(
      (known) => known.toLowerCase() === suffix.toLowerCase(),
    );
    const hint = similar ? `did you mean "${digits}${similar}"?` : 'units are Ki, Mi, Gi, Ti, Pi';
    return { expected, hint };
  }
  const value = scaleExactly(digits, unit);
  return value === null
    ? { expected: 'a whole number of bytes' }
    : bounded(value, 'at most 8 PiB of memory');
}

/**
 * Reads a request for GPUs: `8` whole devices, or a share of one such as `"250m"`.
 *
 * @returns thousandths of a device: a multiple of 1000, or less than 1000
 */
export function parseGpus(raw: unknown): Parsed {
  const expected = 'a whole number of GPUs, or a share of one such as "250m"';
  const match = CPU.exec(numeral(raw));
  const value = match ? scaleExactly(match[1]!, match[2] ? 1 : 1000) : null;
  if (value === null || (value > 1000n && value % 1000n !== 0n)) return textIssue(raw, expected);
  return bounded(value, `at most ${GPU_COUNT_MAX} GPUs`, GPU_COUNT_MAX * 1000);
}

/** Devices of one node at most: choosers answer with a bit mask. */
export const GPU_COUNT_MAX = 31;

/** Reads a rate: `"40/s"`, `"3/m"`, `"100/h"`, `"5/d"`. @returns per second */
export function parseRate(raw: unknown): Parsed {
  const expected = 'a rate such as "40/s" or "100/h"';
  const bare = bareNumber(raw);
  if (bare !== null) return wrongNumber(bare, expected, `write "${bare}/s", "/m", "/h" or "/d"`);
  const match = typeof raw === 'string' ? RATE.exec(raw) : null;
  if (!match) return textIssue(raw, expected);
  return finite(Number(match[1]) / PER_SECONDS.get(match[2]!)!, expected);
}

/**
 * Reads a price per time: `"$1.20/h"`, `"$73/month"` (730 h), `"$1000/year"` (8,760 h). A bare 0 is free.
 *
 * @returns dollars (of the scenario's currency) per hour
 */
export function parsePrice(raw: unknown): Parsed {
  const expected = 'a price such as "$1.20/h" or "$73/month"';
  if (raw === 0) return { value: 0 };
  const bare = bareNumber(raw);
  if (bare !== null) return wrongNumber(bare, expected, `write "$${bare}/h"`);
  const match = typeof raw === 'string' ? MONEY.exec(raw) : null;
  if (!match) return textIssue(raw, expected);
  return finite(Number(match[1]) / PRICE_HOURS.get(match[2]!)!, expected);
}

/**
 * Reads a share: `0.8` or `"80%"`.
 *
 * @param max largest value accepted, 1 unless a share of more than all makes sense
 */
export function parseRatio(raw: unknown, max = 1): Parsed {
  const expected =
    max === 1 ? 'a share from 0 to 1, such as 0.8 or "80%"' : 'a share such as 1.3 or "130%"';
  const match = RATIO.exec(numeral(raw));
  if (!match) return textIssue(raw, expected);
  // Percent by division: 7 * 0.01 is 0.07000000000000001.
  const value = match[2] ? Number(match[1]) / 100 : Number(match[1]);
  if (value <= max) return { value };
  return { expected, hint: match[2] || value > 100 ? undefined : `write "${match[1]}%"` };
}

/**
 * Prints a duration for people: below a minute three figures of one unit (`350 ms`, `8.41 s`), above it whole units
 * (`5m 30s`, `1d 10h`), the two largest. {@link parseDuration} reads it back.
 *
 * @param us microseconds, at least 0
 */
export function formatDuration(us: number): string {
  if (us === 0) return '0 s';
  if (us < 60_000_000) {
    const [unit, size] = us >= 1e6 ? ['s', 1e6] : us >= 1e3 ? ['ms', 1e3] : ['us', 1];
    const text = figures(us / size);
    // 59.996 s rounds up to a minute and is printed as one.
    return unit === 's' && text === '60' ? '1m' : `${text} ${unit}`;
  }
  const seconds = Math.round(us / 1e6);
  const parts: string[] = [];
  let rest = seconds;
  for (const [unit, unitUs] of DURATION_UNITS.slice(1, 5)) {
    const count = Math.floor(rest / (unitUs / 1e6));
    rest -= count * (unitUs / 1e6);
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(' ');
}

/** Prints cpu as Kubernetes does: `500m`, `2`, `2500m`. @param millicores whole millicores */
export function formatCpu(millicores: number): string {
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}

/** Prints memory in the largest binary unit that leaves at least one: `64Gi`, `1.5Gi`, `512Mi`. @param bytes at least 0 */
export function formatMemory(bytes: number): string {
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi'];
  let size = bytes;
  let i = 0;
  while (size >= 1024 && i < units.length - 1) {
    size /= 1024;
    i++;
  }
  return i === 0 ? `${bytes}B` : `${figures(size)}${units[i]}`;
}

/** Prints a count: in full with separators below 100,000, else three figures: `1,204`, `129 k`, `1.29 M`, `2.1 G`. */
export function formatCount(count: number): string {
  const size = Math.abs(count);
  // The limits are where three figures would round up to 1,000 of the smaller unit.
  if (size >= 999_500_000) return `${figures(count / 1e9)} G`;
  if (size >= 999_500) return `${figures(count / 1e6)} M`;
  if (size >= 100_000) return `${figures(count / 1e3)} k`;
  return Number.isInteger(count) ? separated(String(count)) : figures(count);
}

/** Prints money: `$0.192`, `$42,486`, `$43.9 M`. */
export function formatDollars(dollars: number): string {
  const sign = dollars < 0 ? '-' : '';
  const size = Math.abs(dollars);
  if (size >= 999_500) return `${sign}$${formatCount(size)}`;
  if (size >= 1000) return `${sign}$${separated(String(Math.round(size)))}`;
  return `${sign}$${size === 0 ? '0' : size < 1 ? figures(size) : size.toFixed(2)}`;
}

/** Prints a share as percent with at most three figures: 0.8 is `80 %`, 0.0312 is `3.12 %`. */
export function formatRatio(ratio: number): string {
  return `${figures(ratio * 100)} %`;
}

/** At most three significant figures, no trailing zeros, never an exponent for what people meet. */
function figures(value: number): string {
  if (Math.abs(value) >= 1000) return separated(String(Math.round(value)));
  const text = value.toPrecision(3);
  if (text.includes('e')) return Math.abs(value) >= 999.5 ? '1,000' : text;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

function separated(integer: string): string {
  return integer.replace(/(\d)(?=(\d{3})+$)/g, '$1,');
}

/** `digits * unit` as a whole number, or null where something is left below one. */
function scaleExactly(digits: string, unit: number): bigint | null {
  const [whole, fraction = ''] = digits.split('.') as [string, string?];
  const scaled = BigInt(whole + fraction) * BigInt(unit);
  const divisor = BigInt(`1${'0'.repeat(fraction.length)}`);
  return scaled % divisor === 0n ? scaled / divisor : null;
}

function bounded(value: bigint, expected: string, max = Number.MAX_SAFE_INTEGER): Parsed {
  return value > BigInt(max) ? { expected } : { value: Number(value) };
}

function finite(value: number, expected: string): Parsed {
  return value <= Number.MAX_SAFE_INTEGER ? { value } : { expected };
}

/** The decimal text of a number or string; what is neither gives a text that no pattern matches. */
function numeral(raw: unknown): string {
  if (typeof raw === 'string') return raw.slice(0, NUMERAL_LENGTH_MAX);
  return typeof raw === 'number' ? String(raw) : '';
}

/** Longer texts are no quantity; the bound keeps exact arithmetic small. */
const NUMERAL_LENGTH_MAX = 64;

/** The number where one was written without a unit, as number or as text. */
function bareNumber(raw: unknown): number | null {
  if (typeof raw === 'number') return raw;
  return typeof raw === 'string' && /^-?\d+(\.\d+)?$/.test(raw) ? Number(raw) : null;
}

function wrongNumber(bare: number, expected: string, hint: string): Parsed {
  if (!Number.isFinite(bare)) return { expected, hint: 'the number must be finite' };
  return bare < 0 ? { expected, hint: 'negative values have no meaning here' } : { expected, hint };
}

/** What to say of a text or number that does not read: names the sign where that is the fault. */
function textIssue(raw: unknown, expected: string, hint?: string): Parsed {
  const isNegative = typeof raw === 'number' ? raw < 0 : typeof raw === 'string' && /^-/.test(raw);
  if (typeof raw === 'number' && !Number.isFinite(raw)) {
    return { expected, hint: 'the number must be finite' };
  }
  return isNegative
    ? { expected, hint: 'negative values have no meaning here' }
    : { expected, hint };
}
