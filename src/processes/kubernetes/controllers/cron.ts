/**
 * When a CronJob runs. The clock of a run starts at `epochUs`, microseconds since 1970 in UTC, so that days of the week
 * have a meaning without a clock of the machine.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/cronjob; fields as in cron(8).
 */

/** Sorted values of each field. */
export interface CronFields {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** True if both days are restricted: then either is enough. */
  readonly isEitherDay: boolean;
}

const MINUTE_US = 60_000_000;
const HOUR_US = 60 * MINUTE_US;
const DAY_US = 24 * HOUR_US;
/** Days after which a schedule such as 30 February is known to have no time: two leap cycles. */
const DAYS_MOST = 366 * 9;

/** The first time of a schedule strictly after an instant (both since 1970); Infinity if there is none. */
export function nextTime(cron: CronFields, afterUs: number): number {
  const startUs = (Math.floor(afterUs / MINUTE_US) + 1) * MINUTE_US;
  let day = Math.floor(startUs / DAY_US);
  let minuteOfDay = (startUs - day * DAY_US) / MINUTE_US;
  for (let i = 0; i < DAYS_MOST; i++, day++, minuteOfDay = 0) {
    if (!isDay(cron, day)) continue;
    for (const hour of cron.hours) {
      if (hour * 60 + 59 < minuteOfDay) continue;
      for (const minute of cron.minutes) {
        if (hour * 60 + minute >= minuteOfDay) {
          return day * DAY_US + hour * HOUR_US + minute * MINUTE_US;
        }
      }
    }
  }
  return Number.POSITIVE_INFINITY;
}

function isDay(cron: CronFields, day: number): boolean {
  const { dayOfMonth, month } = civil(day);
  if (!cron.months.includes(month)) return false;
  // 1970 began on a Thursday.
  const inMonth = cron.daysOfMonth.includes(dayOfMonth);
  const inWeek = cron.daysOfWeek.includes((((day + 4) % 7) + 7) % 7);
  return cron.isEitherDay ? inMonth || inWeek : inMonth && inWeek;
}

/** Month (1 to 12) and day of a day number since 1970, in the Gregorian calendar: eras of 400 years from 1 March. */
function civil(day: number): { readonly month: number; readonly dayOfMonth: number } {
  const z = day + 719_468;
  const dayOfEra = z - Math.floor(z / 146_097) * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  return {
    month: shifted < 10 ? shifted + 3 : shifted - 9,
    dayOfMonth: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

/** What a CronJob finds when it looks. */
export type CronTurn =
  | { readonly kind: 'wait'; readonly untilUs: number }
  /** Runs a time; `missed` counts all that passed, this one among them. */
  | { readonly kind: 'run'; readonly timeUs: number; readonly missed: number };

/** What a turn depends on, instants since 1970. */
export interface CronState {
  /** Last time that was run, else the creation. */
  readonly sinceUs: number;
  /** Null: however late. */
  readonly deadlineUs: number | null;
}

/** Finds the most recent time that was missed, or how long to wait. The interval is taken from the first two times. */
export function cronTurn(cron: CronFields, state: CronState, nowUs: number): CronTurn {
  const { deadlineUs, sinceUs } = state;
  const fromUs = deadlineUs === null ? sinceUs : Math.max(sinceUs, nowUs - deadlineUs);
  const first = nextTime(cron, fromUs);
  if (nowUs < first) return { kind: 'wait', untilUs: first };
  const second = nextTime(cron, first);
  if (nowUs < second) return { kind: 'run', timeUs: first, missed: 1 };
  const missed = Math.floor((nowUs - first) / (second - first)) + 1;
  let timeUs = second;
  for (let t = second; t <= nowUs; t = nextTime(cron, t)) timeUs = t;
  return { kind: 'run', timeUs, missed };
}
