/**
 * The grammar of thresholds; `clauses.ts` reads what comes behind the bound.
 *
 *     threshold := stat cmp bound clause*
 *     stat      := count | sum | total | rate | avg | twavg | min | max | med | last | value | stddev | p(N) | frac(cmp quantity)
 *     cmp       := < | <= | > | >= | == | != | ===
 *     bound     := quantity | baseline | baseline + N% | baseline - N% | baseline + quantity | baseline - quantity | baseline * N
 *     quantity  := number unit?        30s, 5%, $44e6, 44e6 USD, 64GiB, 0.5/h, 5; behind baseline also 2pp
 *     clause    := during window | after time | over time | for time | by label,label | conf N% | abort | warn | allow-empty
 *                | because "text"
 *     window    := outage(name) | outage(any) | [time, time) | peak | steady
 *
 * Which statistic goes with which kind: samples have count, sum, avg, stddev, min, max, med, p(N), frac; gauges twavg, min,
 * max, last, value; counters count, sum, total, rate, last, value. `avg` of a gauge is refused: it would be the mean of unevenly
 * spaced readings, the commonest mistake with utilisation. `==` and `!=` need whole numbers.
 */
import { nearest } from '../base/nearest.ts';
import type { MetricKind } from './bundle.ts';
import { type MetricInfo, unitOf } from './catalog.ts';
import { type Clauses, checkClauses, readClauses } from './clauses.ts';
import { Cursor } from './cursor.ts';
import { quantityExample, readQuantity } from './quantity.ts';
import { isSelector, parseSelector, type Selector, type SyntaxIssue } from './selector.ts';

/** How an observed value is compared with a bound. */
export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A statistic; `q` is the quantile of `p`, 0 to 1; `below` and the limit belong to `frac`. */
export type Statistic =
  | { readonly name: PlainStatistic }
  | { readonly name: 'p'; readonly q: number }
  | { readonly name: 'frac'; readonly cmp: Comparison; readonly limit: number };

type PlainStatistic =
  | 'count'
  | 'sum'
  | 'total'
  | 'rate'
  | 'avg'
  | 'twavg'
  | 'min'
  | 'max'
  | 'last'
  | 'value'
  | 'stddev';

/** A bound that depends on a baseline's value b: factor b + share |b| + offset. */
export interface BaselineBound {
  readonly factor: number;
  readonly share: number;
  /** In the unit of the threshold. */
  readonly offset: number;
}

/** One threshold, parsed and checked against the catalogue. */
export interface Threshold extends Clauses {
  readonly selector: Selector;
  /** As written. */
  readonly expr: string;
  readonly stat: Statistic;
  readonly cmp: Comparison;
  /** In the metric's unit; per second for rates; a share for `frac`; null where it depends on a baseline. */
  readonly bound: number | null;
  /** Null for a fixed bound. */
  readonly baseline: BaselineBound | null;
  /** Unit of bound and observed value. */
  readonly unit: string;
}

const STATISTICS: Readonly<Record<MetricKind, readonly string[]>> = {
  sample: ['count', 'sum', 'avg', 'stddev', 'min', 'max', 'med', 'p', 'frac'],
  gauge: ['twavg', 'min', 'max', 'last', 'value'],
  counter: ['count', 'sum', 'total', 'rate', 'last', 'value'],
};
const ALL_STATISTICS = [...new Set(Object.values(STATISTICS).flat())];
const WORD = /^[A-Za-z][A-Za-z-]*/;

/**
 * Parses one threshold.
 *
 * @param selector such as `pod_wait_seconds{class="critical"}`
 * @param expr such as `p(99) < 15m during outage(any)`
 * @returns the threshold, or what is wrong with the selector and the expression
 */
export function parseThreshold(
  selector: string,
  expr: string,
):
  | Threshold
  | { readonly selector: readonly SyntaxIssue[]; readonly expr: readonly SyntaxIssue[] } {
  const parsed = parseSelector(selector);
  // Unknown metric: the expression cannot be checked against its unit, so only the selector is reported.
  if (!isSelector(parsed)) return { selector: parsed, expr: [] };
  const parser = new ExpressionParser(expr, parsed);
  const threshold = parser.parse();
  return threshold ?? { selector: [], expr: parser.issues };
}

/** Tells a parsed threshold from issues. */
export function isThreshold(result: ReturnType<typeof parseThreshold>): result is Threshold {
  return 'stat' in result;
}

class ExpressionParser {
  private readonly cursor: Cursor;
  private readonly selector: Selector;
  private readonly metric: MetricInfo;

  constructor(text: string, selector: Selector) {
    this.cursor = new Cursor(text);
    this.selector = selector;
    this.metric = selector.metric;
  }

  get issues(): readonly SyntaxIssue[] {
    return this.cursor.issues;
  }

  /** Reads the whole expression; null with `issues` where it is wrong. */
  parse(): Threshold | null {
    const { cursor, selector } = this;
    const stat = this.statistic();
    if (!stat) return null;
    cursor.skip();
    const cmpAt = cursor.at;
    const cmp = this.comparison();
    if (!cmp) return null;
    const unit = this.unitFor(stat);
    if ((cmp === '==' || cmp === '!=') && !this.isWhole(stat)) {
      const hint = 'a measured value is never exactly equal; use <= or >=';
      cursor.fail('one of < <= > >=', hint, cmpAt);
    }
    cursor.skip();
    const limit = this.limit(unit);
    if (limit === null) return null;
    const read = readClauses(cursor, this.metric);
    if (read === null) return null;
    const { clauses, places } = read;
    checkClauses(cursor, clauses, {
      selector,
      statistic: stat.name,
      comparison: cmp,
      hasBaseline: limit.baseline !== null,
      places,
    });
    if (this.issues.length > 0) return null;
    return { selector, expr: cursor.text, stat, cmp, ...limit, unit, ...clauses };
  }

  private statistic(): Statistic | null {
    const { cursor } = this;
    cursor.skip();
    const word = WORD.exec(cursor.rest)?.[0];
    if (word === undefined || !ALL_STATISTICS.includes(word)) {
      const near = word === undefined ? undefined : nearest(word, ALL_STATISTICS);
      const hint = near ? `did you mean ${near}?` : 'such as "p(99) < 30s"';
      return cursor.fail(`a statistic: ${ALL_STATISTICS.join(', ')}`, hint);
    }
    const allowed = STATISTICS[this.metric.kind];
    if (!allowed.includes(word)) this.wrongKind(word, allowed);
    cursor.at += word.length;
    if (word === 'p') return this.quantile();
    if (word === 'frac') return this.share();
    if (word === 'med') return { name: 'p', q: 0.5 };
    return { name: word as PlainStatistic };
  }

  private wrongKind(word: string, allowed: readonly string[]): void {
    const kind = this.metric.kind;
    const hint =
      word === 'avg' && kind === 'gauge'
        ? 'twavg is the mean over time of a gauge; avg is over samples'
        : word === 'twavg' && kind === 'sample'
          ? 'avg is the mean over samples; twavg is over the time of a gauge'
          : `${this.metric.name} is a ${kind}`;
    this.cursor.fail(`a statistic of a ${kind}: ${allowed.join(', ')}`, hint);
  }

  private quantile(): Statistic | null {
    const match = this.cursor.take(/^\(\s*(\d+(?:\.\d+)?)\s*\)/);
    const percent = Number(match?.[1]);
    if (!match || !(percent > 0 && percent < 100)) {
      const at = this.cursor.at - (match?.[0].length ?? 0);
      const hint = 'such as p(99.9); for the maximum use max';
      return this.cursor.fail('a percentage between 0 and 100 in brackets', hint, at);
    }
    // Through text: 99.9 / 100 is 0.9990000000000001 in floating point, and quantiles are kept by their text.
    return { name: 'p', q: Number((percent / 100).toPrecision(12)) };
  }

  private share(): Statistic | null {
    const { cursor } = this;
    if (!cursor.take(/^\(\s*/)) {
      return cursor.fail('"(" after frac', 'such as "frac(<30s) >= 99%"');
    }
    const cmp = this.comparison();
    if (!cmp) return null;
    cursor.skip();
    const limit = this.quantity(this.metric.unit);
    if (limit === null) return null;
    if (!cursor.take(/^\s*\)/)) return cursor.fail('")" after the limit of frac');
    return { name: 'frac', cmp, limit };
  }

  private comparison(): Comparison | null {
    const found = this.cursor.take(/^(===|==|!=|<=|>=|<|>)/)?.[0];
    if (found === undefined) return this.cursor.fail('a comparison: < <= > >= == !=');
    return (found === '===' ? '==' : found) as Comparison;
  }

  private unitFor(stat: Statistic): string {
    if (stat.name === 'frac') return 'ratio';
    if (stat.name === 'count' && this.metric.kind === 'sample') return 'count';
    const resource = this.selector.matchers.find((m) => m.label === 'resource' && m.op === '=');
    const unit = unitOf(this.metric, resource ? { resource: resource.value } : {});
    return stat.name === 'rate' ? `${unit}/s` : unit;
  }

  private isWhole(stat: Statistic): boolean {
    if (stat.name === 'count') return true;
    const plain = ['sum', 'total', 'min', 'max', 'last', 'value'];
    return this.metric.isExact && plain.includes(stat.name);
  }

  private limit(unit: string): Pick<Threshold, 'bound' | 'baseline'> | null {
    if (this.cursor.take(/^baseline(?![A-Za-z])/)) {
      const baseline = this.baseline(unit);
      return baseline && { bound: null, baseline };
    }
    const bound = this.quantity(unit);
    return bound === null ? null : { bound, baseline: null };
  }

  /** Reads what follows the word: nothing, `+ 2%`, `- 5pp`, `+ 30s` or `* 1.1`. */
  private baseline(unit: string): BaselineBound | null {
    const { cursor } = this;
    const same = { factor: 1, share: 0, offset: 0 };
    const operator = cursor.take(/^\s*([-+*])\s*/)?.[1];
    if (operator === undefined) return same;
    if (operator === '*') {
      const factor = cursor.take(/^\d+(?:\.\d+)?(?![A-Za-z%\d])/)?.[0];
      if (factor === undefined) return cursor.fail('a plain number, such as baseline * 1.1');
      return { ...same, factor: Number(factor) };
    }
    const sign = operator === '+' ? 1 : -1;
    const percent = cursor.take(/^(\d+(?:\.\d+)?)\s*%/)?.[1];
    if (percent !== undefined) return { ...same, share: (sign * Number(percent)) / 100 };
    const points =
      unit === 'ratio' ? cursor.take(/^(\d+(?:\.\d+)?)\s*pp(?![A-Za-z])/)?.[1] : undefined;
    if (points !== undefined) return { ...same, offset: (sign * Number(points)) / 100 };
    const isPoints = unit !== 'ratio' && /^\d+(?:\.\d+)?\s*pp(?![A-Za-z])/.test(cursor.rest);
    if (isPoints)
      return cursor.fail('a share of the baseline (%) or an amount', 'pp is for shares only');
    const offset = this.quantity(unit, 'a share of the baseline such as 2%, or ');
    return offset === null ? null : { ...same, offset: sign * offset };
  }

  private quantity(unit: string, lead = ''): number | null {
    const isRate = unit.endsWith('/s');
    const base = isRate ? unit.slice(0, -2) : unit;
    const quantity = readQuantity(this.cursor.rest, base, isRate);
    if (!quantity) {
      return this.cursor.fail(lead + quantityExample(base, isRate), `the unit is ${unit}`);
    }
    this.cursor.at += quantity.length;
    return quantity.value;
  }
}
