/** Instants as Kubernetes writes them, without the clock of the machine. */

const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const DAY_SECONDS = 86_400;

/**
 * Reads an RFC 3339 timestamp such as `2026-07-20T08:15:00Z`.
 *
 * @returns microseconds since 1970, or null for what is none
 */
export function parseTimestamp(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
  if (!isReal || hour > 23 || minute > 59 || second > 60) return null;
  const zone = (match[8] === '-' ? -1 : 1) * (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0));
  const seconds =
    daysSince1970(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second - zone * 60;
  const micros = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  return seconds * 1e6 + micros;
}

/** Days of a month. */
export function daysOf(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysSince1970(year: number, month: number, day: number): number {
  const before = year - 1;
  const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  let days = before * 365 + leaps - 719_162;
  for (let m = 1; m < month; m++) days += daysOf(year, m);
  return days + day - 1;
}
