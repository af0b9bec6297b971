/** Selectors: `metric{label="v", other!="w", cluster=~"c-.*", reason!~"..."}`, their parsing and what they select. */
import { nearest } from '../base/nearest.ts';
import type { Labels } from './bundle.ts';
import { findMetric, type MetricInfo, suggestMetric } from './catalog.ts';
import { compilePattern, isPatternError, type Pattern } from './pattern.ts';

/** One condition on a label. */
export interface Matcher {
  readonly label: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
  /** Compiled for `=~` and `!~`. */
  readonly pattern: Pattern | null;
}

/** A metric and the conditions on its labels. */
export interface Selector {
  readonly metric: MetricInfo;
  readonly matchers: readonly Matcher[];
  /** As written. */
  readonly text: string;
}

/** What is wrong in a text, and where. */
export interface SyntaxIssue {
  /** 0-based offset in the text. */
  readonly at: number;
  readonly expected: string;
  readonly hint?: string;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Parses a selector and checks its metric and labels against the catalogue.
 *
 * @param text such as `pod_wait_seconds{class="critical"}`
 * @returns the selector, or everything that is wrong with it
 */
export function parseSelector(text: string): Selector | readonly SyntaxIssue[] {
  const lead = text.length - text.trimStart().length;
  const name = NAME.exec(text.slice(lead))?.[0];
  if (name === undefined) return [{ at: lead, expected: 'the name of a metric' }];
  const metric = findMetric(name);
  if (!metric) {
    const near = suggestMetric(name);
    const hint = near ? `did you mean ${near}?` : 'orrery metrics lists them';
    return [{ at: lead, expected: 'a metric of the catalogue', hint }];
  }
  const parser = new MatcherParser(text, lead + name.length, metric);
  const matchers = parser.parse();
  return parser.issues.length > 0 ? parser.issues : { metric, matchers, text };
}

/** Tells issues from a selector. */
export function isSelector(result: Selector | readonly SyntaxIssue[]): result is Selector {
  return 'metric' in result;
}

class MatcherParser {
  readonly issues: SyntaxIssue[] = [];
  private readonly text: string;
  private at: number;
  private readonly metric: MetricInfo;

  constructor(text: string, at: number, metric: MetricInfo) {
    this.text = text;
    this.at = at;
    this.metric = metric;
  }

  parse(): Matcher[] {
    const matchers: Matcher[] = [];
    this.skip();
    if (this.at === this.text.length) return matchers;
    if (!this.take('{')) return this.stop('"{" or the end of the selector');
    this.skip();
    while (!this.take('}')) {
      const matcher = this.matcher();
      if (!matcher) return [];
      if (matchers.some((m) => m.label === matcher.label && m.op === '=' && matcher.op === '=')) {
        return this.stop(`one value for label ${matcher.label}`);
      }
      matchers.push(matcher);
      this.skip();
      if (!this.take(',') && this.text[this.at] !== '}') return this.stop('"," or "}"');
      this.skip();
    }
    this.skip();
    if (this.at < this.text.length) return this.stop('the end of the selector after "}"');
    return matchers;
  }

  private matcher(): Matcher | null {
    const start = this.at;
    const label = NAME.exec(this.text.slice(start))?.[0];
    if (label === undefined) return this.fail('the name of a label');
    if (!this.metric.labels.includes(label)) this.unknownLabel(label, start);
    this.at += label.length;
    this.skip();
    const op = (['=~', '!~', '!=', '='] as const).find((o) => this.text.startsWith(o, this.at));
    if (op === undefined) return this.fail('one of = != =~ !~');
    this.at += op.length;
    this.skip();
    const valueAt = this.at;
    const value = this.quoted();
    if (value === null) return null;
    let pattern: Pattern | null = null;
    if (op === '=~' || op === '!~') {
      const compiled = compilePattern(value);
      if (isPatternError(compiled)) {
        this.issues.push({ at: valueAt + 1 + compiled.at, expected: compiled.expected });
        return null;
      }
      pattern = compiled;
    }
    return { label, op, value, pattern };
  }

  private unknownLabel(label: string, at: number): void {
    const labels = this.metric.labels;
    const near = nearest(label, labels);
    this.issues.push({
      at,
      expected: `a label of ${this.metric.name}: ${labels.join(', ')}`,
      ...(near ? { hint: `did you mean ${near}?` } : {}),
    });
  }

  private quoted(): string | null {
    const quote = this.text[this.at];
    if (quote !== '"' && quote !== "'") return this.fail('a quoted value');
    let value = '';
    for (let i = this.at + 1; i < this.text.length; i++) {
      const c = this.text[i]!;
      if (c === quote) {
        this.at = i + 1;
        return value;
      }
      const next = this.text[i + 1];
      // Only the quote itself needs escaping; other backslashes belong to patterns.
      if (c === '\\' && next === quote) i++;
      value += c === '\\' && next === quote ? quote : c;
    }
    return this.fail('a closing quote');
  }

  private take(c: string): boolean {
    if (this.text[this.at] !== c) return false;
    this.at++;
    return true;
  }

  private skip(): void {
    while (this.text[this.at] === ' ') this.at++;
  }

  private fail(expected: string): null {
    this.issues.push({ at: this.at, expected });
    return null;
  }

  private stop(expected: string): never[] {
    this.fail(expected);
    return [];
  }
}

/** Tells whether every condition holds on a label set; an absent label never matches. */
export function matchesLabels(matchers: readonly Matcher[], labels: Labels): boolean {
  return matchers.every((m) => {
    const value = labels[m.label];
    if (value === undefined) return false;
    if (m.op === '=') return value === m.value;
    if (m.op === '!=') return value !== m.value;
    return m.pattern!.matches(value) === (m.op === '=~');
  });
}

/** Things that carry a metric's name and labels. */
interface Labelled {
  readonly labels: Labels;
}

/**
 * Picks the results that a selector, split by some labels, speaks about: those whose set of labels is exactly the
 * labels it names, the labels it splits by and the metric's inherent ones (in each of whose values it must hold).
 *
 * Exact, because a bundle holds aggregates: `pods_lost_total` under `{cluster}` is already inside the one under `{}`.
 * Where no result carries the inherent labels, those without are taken.
 */
export function selectResults<T extends Labelled>(
  items: readonly T[],
  selector: Selector,
  by: readonly string[],
): T[] {
  const named = new Set([...selector.matchers.map((m) => m.label), ...by]);
  const full = new Set([...named, ...selector.metric.inherent]);
  const pick = (wanted: ReadonlySet<string>): T[] =>
    items.filter((item) => {
      const keys = Object.keys(item.labels);
      const isExact = keys.length === wanted.size && keys.every((k) => wanted.has(k));
      return isExact && matchesLabels(selector.matchers, item.labels);
    });
  const found = pick(full);
  return found.length > 0 || full.size === named.size ? found : pick(named);
}
