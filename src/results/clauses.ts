/** What may follow the bound of a threshold: where it looks, how it is judged, what a miss means. */
import { nearest } from '../base/nearest.ts';
import type { MetricInfo } from './catalog.ts';
import type { Cursor } from './cursor.ts';
import { KEPT_METRICS, keptLabels } from './kept-over-time.ts';
import { readQuantity } from './quantity.ts';
import type { Selector } from './selector.ts';

/** The part of virtual time that a threshold looks at. */
export type Window =
  | { readonly kind: 'run' }
  /** `any` is the union of all outages. */
  | { readonly kind: 'outage'; readonly name: string }
  | { readonly kind: 'interval'; readonly fromSeconds: number; readonly untilSeconds: number }
  /** The busy hour. */
  | { readonly kind: 'peak' }
  /** What follows the transient of the start. */
  | { readonly kind: 'steady' };

/** Everything behind the bound. Times are simulated, in seconds. */
export interface Clauses {
  readonly by: readonly string[];
  readonly window: Window;
  /** Nothing before this instant counts; null for no such limit. */
  readonly afterSeconds: number | null;
  /** Length of a rolling window: the worst counts; null for none. */
  readonly overSeconds: number | null;
  /** Only a breach that lasts this long counts; null for any. */
  readonly forSeconds: number | null;
  /** Level of the interval over replications, in (0, 1). */
  readonly confidence: number;
  /** True where a miss ends the run at once. */
  readonly abort: boolean;
  readonly warn: boolean;
  readonly allowEmpty: boolean;
  readonly because: string | null;
}

/** Clauses, and the offset of the word that began each. */
export interface ReadClauses {
  readonly clauses: Clauses;
  readonly places: ReadonlyMap<string, number>;
}

const NAMES = [
  'by',
  'during',
  'after',
  'over',
  'for',
  'conf',
  'because',
  'warn',
  'abort',
  'allow-empty',
];
const NONE: Clauses = {
  by: [],
  window: { kind: 'run' },
  afterSeconds: null,
  overSeconds: null,
  forSeconds: null,
  confidence: 0.95,
  abort: false,
  warn: false,
  allowEmpty: false,
  because: null,
};

/** Reads clauses to the end of the text; null, with issues in the cursor, where one is wrong. */
export function readClauses(cursor: Cursor, metric: MetricInfo): ReadClauses | null {
  let clauses = NONE;
  const places = new Map<string, number>();
  for (;;) {
    const before = cursor.at;
    cursor.skip();
    if (cursor.isAtEnd) return { clauses, places };
    const word = /^[A-Za-z][A-Za-z-]*/.exec(cursor.rest)?.[0] ?? '';
    if (before === cursor.at || !NAMES.includes(word)) {
      const near = nearest(word, NAMES);
      return cursor.fail(`a clause: ${NAMES.join(', ')}`, near && `did you mean ${near}?`);
    }
    if (places.has(word)) return cursor.fail(`one clause "${word}"`);
    places.set(word, cursor.at);
    cursor.at += word.length;
    const read = readClause(word, cursor, metric);
    if (read === null) return null;
    clauses = { ...clauses, ...read };
  }
}

function readClause(word: string, cursor: Cursor, metric: MetricInfo): Partial<Clauses> | null {
  if (word === 'warn') return { warn: true };
  if (word === 'allow-empty') return { allowEmpty: true };
  if (word === 'abort') return { abort: true };
  cursor.skip();
  switch (word) {
    case 'because':
      return of('because', readQuoted(cursor));
    case 'by':
      return of('by', readLabels(cursor, metric));
    case 'conf':
      return of('confidence', readLevel(cursor));
    case 'after':
      return of('afterSeconds', readTime(cursor, 'an instant such as 6h or 1d10h'));
    case 'over':
      return of('overSeconds', readTime(cursor, 'a duration above 0 such as 24h'));
    case 'for':
      return of('forSeconds', readTime(cursor, 'a duration above 0 such as 15m'));
    default:
      return of('window', readWindow(cursor));
  }
}

function of<K extends keyof Clauses>(key: K, value: Clauses[K] | null): Partial<Clauses> | null {
  return value === null ? null : ({ [key]: value } as Partial<Clauses>);
}

function readQuoted(cursor: Cursor): string | null {
  const match = cursor.take(/^(?:"([^"]*)"|'([^']*)')/);
  return match ? (match[1] ?? match[2] ?? '') : cursor.fail('a quoted text');
}

function readLevel(cursor: Cursor): number | null {
  const start = cursor.at;
  const match = cursor.take(/^(\d+(?:\.\d+)?)\s*%/);
  const percent = Number(match?.[1]);
  if (!match || !(percent >= 50 && percent < 100)) {
    return cursor.fail('a confidence from 50% to below 100%', 'such as conf 99%', start);
  }
  return Number((percent / 100).toPrecision(12));
}

function readLabels(cursor: Cursor, metric: MetricInfo): string[] | null {
  const found: string[] = [];
  for (;;) {
    const label = /^[A-Za-z_][A-Za-z0-9_]*/.exec(cursor.rest)?.[0];
    if (label === undefined || !metric.labels.includes(label)) {
      const near = nearest(label ?? '', metric.labels);
      const expected = `a label of ${metric.name}: ${metric.labels.join(', ')}`;
      return cursor.fail(expected, near && `did you mean ${near}?`);
    }
    cursor.at += label.length;
    if (!found.includes(label)) found.push(label);
    if (!cursor.take(/^\s*,\s*/)) return found;
  }
}

function readTime(cursor: Cursor, expected: string): number | null {
  const start = cursor.at;
  const seconds = readSeconds(cursor);
  if (seconds === null || seconds === 0) return cursor.fail(expected, undefined, start);
  return seconds;
}

/** Reads `1d10h`; null where there is no duration. */
function readSeconds(cursor: Cursor): number | null {
  let seconds: number | null = null;
  for (;;) {
    const part = cursor.take(/^\d+(?:\.\d+)?(?:us|ms|s|m|h|d)(?![A-Za-z])/);
    if (part === null) return seconds;
    seconds = (seconds ?? 0) + readQuantity(part[0], 'seconds')!.value;
  }
}

function readWindow(cursor: Cursor): Window | null {
  const outage = cursor.take(/^outage\(\s*([^()\s]+)\s*\)/);
  if (outage) return { kind: 'outage', name: outage[1]! };
  const word = cursor.take(/^(peak|steady)(?![A-Za-z-])/)?.[1];
  if (word !== undefined) return { kind: word as 'peak' | 'steady' };
  if (!cursor.take(/^\[/)) {
    return cursor.fail('a window: outage(name), outage(any), [6h, 12h), peak or steady');
  }
  const fromSeconds = readInstant(cursor, ',');
  if (fromSeconds === null) return null;
  const untilAt = cursor.at;
  const untilSeconds = readInstant(cursor, ')');
  if (untilSeconds === null) return null;
  if (untilSeconds <= fromSeconds) {
    return cursor.fail('an end after the start of the window', undefined, untilAt);
  }
  return { kind: 'interval', fromSeconds, untilSeconds };
}

/** Reads an instant and the mark behind it. */
function readInstant(cursor: Cursor, mark: ',' | ')'): number | null {
  cursor.skip();
  const seconds = readSeconds(cursor) ?? (cursor.take(/^0(?=\s*,)/) ? 0 : null);
  if (seconds === null) return cursor.fail('an instant such as 1d10h');
  cursor.skip();
  if (!cursor.take(mark === ',' ? /^,/ : /^\)/)) return cursor.fail(`"${mark}"`);
  return seconds;
}

/** What clauses must go with. */
export interface ClauseFacts {
  readonly selector: Selector;
  readonly statistic: string;
  readonly comparison: string;
  readonly hasBaseline: boolean;
  readonly places: ReadonlyMap<string, number>;
}

/** Statistics that only grow in a run, so that a miss is final. */
const GROWING = ['count', 'sum', 'total', 'max'];

/** Checks clauses against each other and against what is kept of the metric; issues go to the cursor. */
export function checkClauses(cursor: Cursor, clauses: Clauses, facts: ClauseFacts): void {
  const { places, statistic, comparison } = facts;
  const fail = (word: string, expected: string, hint?: string): void => {
    cursor.fail(expected, hint, places.get(word) ?? cursor.at);
  };
  const timed = ['during', 'after', 'over', 'for'].find((word) => places.has(word));
  if (timed !== undefined) checkKept(timed, { ...facts, by: clauses.by }, fail);
  if (statistic === 'stddev' && timed !== undefined) {
    fail(timed, `no window with stddev: windows keep no sum of squares`);
  }
  if (places.has('over') && places.has('for')) {
    fail('for', 'either "over" or "for"', 'over is the worst rolling window, for a lasting breach');
  }
  const rolling = ['over', 'for'].find((word) => places.has(word));
  if (rolling !== undefined) {
    if (statistic === 'last' || statistic === 'value') {
      fail(rolling, `a statistic of a stretch of time, not ${statistic}, with "${rolling}"`);
    }
    if (comparison === '==' || comparison === '!=') {
      fail(rolling, `one of < <= > >= with "${rolling}"`, 'else no stretch is the worst');
    }
  }
  if (clauses.abort) checkAbort(timed, { ...facts, by: clauses.by }, fail);
  if (clauses.abort && clauses.warn) fail('abort', 'either "warn" or "abort"');
}

type Fail = (word: string, expected: string, hint?: string) => void;

function checkKept(
  word: string,
  { selector, by }: ClauseFacts & { readonly by: readonly string[] },
  fail: Fail,
): void {
  const kept = keptLabels(selector.metric);
  if (kept === null) {
    const expected = `a metric that is kept over time with "${word}": ${KEPT_METRICS.join(', ')}`;
    fail(word, expected, `of ${selector.metric.name} only the whole run is kept`);
    return;
  }
  const labels = [...selector.matchers.map((m) => m.label), ...by];
  const other = labels.find((label) => !kept.includes(label));
  if (other === undefined) return;
  const list = kept.length === 0 ? 'none' : kept.join(', ');
  fail(word, `only labels that are kept over time with "${word}": ${list}`, `not ${other}`);
}

function checkAbort(
  timed: string | undefined,
  facts: ClauseFacts & { readonly by: readonly string[] },
  fail: Fail,
): void {
  const { statistic, comparison, hasBaseline, selector } = facts;
  if (!GROWING.includes(statistic)) {
    fail(
      'abort',
      `count, sum, total or max with "abort", not ${statistic}`,
      'only those never fall again',
    );
  } else if (comparison !== '<' && comparison !== '<=' && comparison !== '==') {
    fail('abort', 'an upper limit (< <= ==) with "abort"', 'only that is lost for good');
  } else if (hasBaseline) {
    fail('abort', 'a fixed limit with "abort", not a baseline');
  } else if (timed !== undefined) {
    fail('abort', `no "${timed}" with "abort"`, 'it looks at the run so far');
  } else if (selector.metric.kind === 'gauge') checkKept('abort', facts, fail);
}
