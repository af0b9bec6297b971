/** Schedules of CronJobs. */
import type { CronSchedule } from './objects.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const NAMED: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/**
 * Reads a cron schedule: five fields of numbers, ranges, steps, lists and names, or `@daily` and its like.
 *
 * @returns null for what is none
 *
 * *Source*: robfig/cron v3, the standard parser, which Kubernetes uses.
 */
export function parseCron(text: string): CronSchedule | null {
  const fields = (NAMED[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) return null;
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string];
  const minutes = setOf(minute, 0, 59, []);
  const hours = setOf(hour, 0, 23, []);
  const daysOfMonth = setOf(day, 1, 31, []);
  const months = setOf(month, 1, 12, MONTHS);
  const daysOfWeek = setOf(weekday, 0, 6, DAYS);
  if (!minutes || !hours || !daysOfMonth || !months || !daysOfWeek) return null;
  const isEitherDay = !isStar(day) && !isStar(weekday);
  return { text, minutes, hours, daysOfMonth, months, daysOfWeek, isEitherDay };
}

function isStar(field: string): boolean {
  return field.split(',').some((part) => /^[*?](\/1)?$/.test(part));
}

function setOf(field: string, min: number, max: number, names: readonly string[]): number[] | null {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const match = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part);
    if (!match) return null;
    const [, first, last, stepText] = match as unknown as [string, string, string?, string?];
    const isAll = first === '*' || first === '?';
    if (isAll && last !== undefined) return null;
    const step = stepText === undefined ? 1 : Number(stepText);
    const from = isAll ? min : numberOf(first, min, names);
    // A step after one number runs to the end, as in "5/15".
    const open = isAll || stepText !== undefined ? max : from;
    const to = last === undefined ? open : numberOf(last, min, names);
    if (!(from >= min && to <= max && from <= to && step >= 1)) return null;
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function numberOf(text: string, min: number, names: readonly string[]): number {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? Number.NaN : index + min;
}
