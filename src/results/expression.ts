/**
 * The grammar of thresholds.
 *
 *     threshold := stat cmp bound clause*
 *     stat      := count | sum | total | rate | avg | twavg | min | max | med | last | value | stddev | p(N) | frac(cmp bound)
 *     cmp       := < | <= | > | >= | == | != | ===
 *     bound     := number unit?            30s, 5%, $44e6, 44e6 USD, 64GiB, 0.5/h, 5
 *     clause    := by label,label | during window | because "text" | warn | allow-empty
 *     window    := outage(name) | outage(any) | [time, time)
 *
 * Which statistic goes with which kind: samples have count, sum, avg, stddev, min, max, med, p(N), frac; gauges twavg, min,
 * max, last, value; counters count, sum, total, rate, last, value. `avg` of a gauge is refused: it would be the mean of unevenly
 * spaced readings, the commonest mistake with utilisation. `==` and `!=` need whole numbers.
 */
import { nearest } from '../base/nearest.ts';
import type { MetricKind } from './bundle.ts';
import { type MetricInfo, unitOf } from './catalog.ts';
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

/** The part of virtual time that a threshold looks at. */
export type Window =
  | { readonly kind: 'run' }
  /** `any` is the union of all outages. */
  | { readonly kind: 'outage'; readonly name: string }
  | { readonly kind: 'interval'; readonly fromSeconds: number; readonly untilSeconds: number };

/** One threshold, parsed and checked against the catalogue. */
export interface Threshold {
  readonly selector: Selector;
  /** As written. */
  readonly expr: string;
  readonly stat: Statistic;
  readonly cmp: Comparison;
  /** In the metric's unit; per second for rates; a share for `frac`. */
  readonly bound: number;
  /** Unit of bound and observed value. */
  readonly unit: string;
  readonly by: readonly string[];
  readonly window: Window;
  readonly because: string | null;
  readonly warn: boolean;
  readonly allowEmpty: boolean;
  /** Level of the interval over replications, in (0, 1). */
  readonly confidence: number;
}

const STATISTICS: Readonly<Record<MetricKind, readonly string[]>> = {
  sample: ['count', 'sum', 'avg', 'stddev', 'min', 'max', 'med', 'p', 'frac'],
  gauge: ['twavg', 'min', 'max', 'last', 'value'],
  counter: ['count', 'sum', 'total', 'rate', 'last', 'value'],
};
const ALL_STATISTICS = [...new Set(Object.values(STATISTICS).flat())];
const LATER = ['after', 'over', 'for', 'abort'];
const CLAUSES = ['by', 'during', 'because', 'warn', 'allow-empty', 'conf', ...LATER];
const WORD = /^[A-Za-z][A-Za-z-]*/;
const COMPARISON = /^(===|==|!=|<=|>=|<|>)/;

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

/** The clauses of one threshold, as they are read. */
interface Clauses {
  by: string[];
  window: Window;
  because: string | null;
  warn: boolean;
  allowEmpty: boolean;
  confidence: number;
}

class ExpressionParser {
  readonly issues: SyntaxIssue[] = [];
  private readonly text: string;
  private readonly selector: Selector;
  private readonly metric: MetricInfo;
  private at = 0;

  constructor(text: string, selector: Selector) {
    this.text = text;
    this.selector = selector;
    this.metric = selector.metric;
  }

  /** Reads the whole expression; null with `issues` where it is wrong. */
  parse(): Threshold | null {
    const stat = this.statistic();
    if (!stat) return null;
    this.skip();
    const cmpAt = this.at;
    const cmp = this.comparison();
    if (!cmp) return null;
    const unit = this.unitFor(stat);
    if ((cmp === '==' || cmp === '!=') && !this.isWhole(stat)) {
      const hint = 'a measured value is never exactly equal; use <= or >=';
      this.issues.push({ at: cmpAt, expected: 'one of < <= > >=', hint });
    }
    this.skip();
    const bound = this.bound(unit);
    if (bound === null) return null;
    const clauses = this.clauses();
    if (stat.name === 'stddev' && clauses.window.kind !== 'run') {
      this.fail('no window with stddev: windows keep no sum of squares');
    }
    if (this.issues.length > 0) return null;
    return { selector: this.selector, expr: this.text, stat, cmp, bound, unit, ...clauses };
  }

  private statistic(): Statistic | null {
    this.skip();
    const start = this.at;
    const word = WORD.exec(this.text.slice(start))?.[0];
    if (word === undefined || !ALL_STATISTICS.includes(word)) {
      const near = word === undefined ? undefined : nearest(word, ALL_STATISTICS);
      const hint = near ? `did you mean ${near}?` : 'such as "p(99) < 30s"';
      return this.fail(`a statistic: ${ALL_STATISTICS.join(', ')}`, hint);
    }
    const allowed = STATISTICS[this.metric.kind];
    if (!allowed.includes(word)) this.wrongKind(word, allowed);
    this.at += word.length;
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
    this.issues.push({
      at: this.at,
      expected: `a statistic of a ${kind}: ${allowed.join(', ')}`,
      hint,
    });
  }

  private quantile(): Statistic | null {
    const match = /^\(\s*(\d+(?:\.\d+)?)\s*\)/.exec(this.text.slice(this.at));
    const percent = Number(match?.[1]);
    if (!match || !(percent > 0 && percent < 100)) {
      return this.fail(
        'a percentage between 0 and 100 in brackets',
        'such as p(99.9); for the maximum use max',
      );
    }
    this.at += match[0].length;
    // Through text: 99.9 / 100 is 0.9990000000000001 in floating point, and quantiles are kept by their text.
    return { name: 'p', q: Number((percent / 100).toPrecision(12)) };
  }

  private share(): Statistic | null {
    if (this.text[this.at] !== '(')
      return this.fail('"(" after frac', 'such as "frac(<30s) >= 99%"');
    this.at++;
    this.skip();
    const cmp = this.comparison();
    if (!cmp) return null;
    this.skip();
    const limit = this.bound(this.metric.unit);
    if (limit === null) return null;
    this.skip();
    if (this.text[this.at] !== ')') return this.fail('")" after the limit of frac');
    this.at++;
    return { name: 'frac', cmp, limit };
  }

  private comparison(): Comparison | null {
    const found = COMPARISON.exec(this.text.slice(this.at))?.[0];
    if (found === undefined) return this.fail('a comparison: < <= > >= == !=');
    this.at += found.length;
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

  private bound(unit: string): number | null {
    const rest = this.text.slice(this.at);
    if (rest.startsWith('baseline')) {
      return this.fail('a number; a baseline is not supported yet', 'compare with a fixed bound');
    }
    const isRate = unit.endsWith('/s');
    const base = isRate ? unit.slice(0, -2) : unit;
    const quantity = readQuantity(rest, base, isRate);
    if (!quantity) return this.fail(quantityExample(base, isRate), `the unit is ${unit}`);
    this.at += quantity.length;
    return quantity.value;
  }

  private clauses(): Clauses {
    const clauses: Clauses = {
      by: [],
      window: { kind: 'run' },
      because: null,
      warn: false,
      allowEmpty: false,
      confidence: 0.95,
    };
    const seen = new Set<string>();
    for (;;) {
      const before = this.at;
      this.skip();
      if (this.at === this.text.length) return clauses;
      const word = WORD.exec(this.text.slice(this.at))?.[0] ?? '';
      if (before === this.at || !CLAUSES.includes(word)) {
        const near = nearest(word, CLAUSES);
        this.fail(`a clause: ${CLAUSES.slice(0, 5).join(', ')}`, near && `did you mean ${near}?`);
        return clauses;
      }
      if (seen.has(word)) this.fail(`one clause "${word}"`);
      if (LATER.includes(word)) this.fail(`a clause that exists; "${word}" is not supported yet`);
      if (this.issues.length > 0) return clauses;
      seen.add(word);
      this.at += word.length;
      this.clause(word, clauses);
      if (this.issues.length > 0) return clauses;
    }
  }

  private clause(word: string, clauses: Clauses): void {
    if (word === 'warn') clauses.warn = true;
    else if (word === 'allow-empty') clauses.allowEmpty = true;
    else {
      this.skip();
      if (word === 'because') clauses.because = this.quoted();
      else if (word === 'by') clauses.by = this.labels();
      else if (word === 'conf') clauses.confidence = this.level() ?? clauses.confidence;
      else clauses.window = this.window() ?? clauses.window;
    }
  }

  private quoted(): string | null {
    const match = /^(?:"([^"]*)"|'([^']*)')/.exec(this.text.slice(this.at));
    if (!match) return this.fail('a quoted text');
    this.at += match[0].length;
    return match[1] ?? match[2] ?? '';
  }

  private level(): number | null {
    const match = /^(\d+(?:\.\d+)?)\s*%/.exec(this.text.slice(this.at));
    const percent = Number(match?.[1]);
    if (!match || !(percent >= 50 && percent < 100)) {
      return this.fail('a confidence from 50% to below 100%', 'such as conf 99%');
    }
    this.at += match[0].length;
    return Number((percent / 100).toPrecision(12));
  }

  private labels(): string[] {
    const found: string[] = [];
    for (;;) {
      const label = /^[A-Za-z_][A-Za-z0-9_]*/.exec(this.text.slice(this.at))?.[0];
      if (label === undefined || !this.metric.labels.includes(label)) {
        const near = nearest(label ?? '', this.metric.labels);
        const expected = `a label of ${this.metric.name}: ${this.metric.labels.join(', ')}`;
        this.fail(expected, near && `did you mean ${near}?`);
        return found;
      }
      this.at += label.length;
      if (!found.includes(label)) found.push(label);
      const comma = /^\s*,\s*/.exec(this.text.slice(this.at))?.[0];
      if (comma === undefined) return found;
      this.at += comma.length;
    }
  }

  private window(): Window | null {
    const rest = this.text.slice(this.at);
    const outage = /^outage\(\s*([^()\s]+)\s*\)/.exec(rest);
    if (outage) {
      this.at += outage[0].length;
      return { kind: 'outage', name: outage[1]! };
    }
    if (/^(peak|steady)\b/.test(rest)) {
      return this.fail(
        'outage(name), outage(any) or [t, t); peak and steady are not supported yet',
      );
    }
    if (rest[0] !== '[') return this.fail('a window: outage(name), outage(any) or [6h, 12h)');
    this.at++;
    const fromSeconds = this.instant(',');
    if (fromSeconds === null) return null;
    const untilAt = this.at;
    const untilSeconds = this.instant(')');
    if (untilSeconds === null) return null;
    if (untilSeconds <= fromSeconds) {
      this.at = untilAt;
      return this.fail('an end after the start of the window');
    }
    return { kind: 'interval', fromSeconds, untilSeconds };
  }

  /** Reads `1d10h` and the mark behind it. */
  private instant(mark: string): number | null {
    let seconds = 0;
    let parts = 0;
    this.skip();
    for (;;) {
      const part = /^\d+(?:\.\d+)?(?:us|ms|s|m|h|d)/.exec(this.text.slice(this.at))?.[0];
      if (part === undefined) break;
      seconds += readQuantity(part, 'seconds')!.value;
      this.at += part.length;
      parts++;
    }
    if (parts === 0 && /^0\s*,/.test(this.text.slice(this.at))) this.at++;
    else if (parts === 0) return this.fail('an instant such as 1d10h');
    this.skip();
    if (this.text[this.at] !== mark) return this.fail(`"${mark}"`);
    this.at++;
    return seconds;
  }

  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private fail(expected: string, hint?: string): null {
    this.issues.push({ at: this.at, expected, ...(hint ? { hint } : {}) });
    return null;
  }
}
