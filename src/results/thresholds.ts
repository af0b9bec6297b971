/** Thresholds of a scenario: the checks that need no run. `expression.ts` has the grammar, `verdicts.ts` the verdicts. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Clauses } from './clauses.ts';
import { isThreshold, parseThreshold, type Threshold } from './expression.ts';
import { formatQuantity } from './quantity.ts';
import type { SyntaxIssue } from './selector.ts';

/** A threshold as the scenario hands it over. */
export interface ThresholdText {
  readonly selector: string;
  readonly expr: string;
  readonly because: string | null;
  readonly warn: boolean;
  readonly path: string;
}

/** What is known of a run before it starts; thresholds that contradict it are refused. */
export interface RunFacts {
  /** Names of the scenario's outages, for `during outage(name)`. */
  readonly outages: readonly string[];
  readonly horizonSeconds: number;
  /** Length of a series bucket: the step in which windows roll. */
  readonly bucketSeconds: number;
}

/**
 * Checks all thresholds before a run and returns everything that is wrong, with the place inside each expression.
 *
 * @param entries as written in the scenario
 * @param run what the run will be; null skips the checks that need it
 */
export function checkThresholds(
  entries: readonly ThresholdText[],
  run: RunFacts | null = null,
): Issue[] {
  const issues: Issue[] = [];
  for (const entry of entries) {
    const result = parseThreshold(entry.selector, entry.expr);
    if (isThreshold(result)) {
      const found = run === null ? [] : checkAgainst(withEntry(result, entry), run);
      issues.push(...found.map((issue) => toIssue(entry.path, entry.expr, issue)));
      continue;
    }
    issues.push(...result.selector.map((s) => toIssue(entry.path, entry.selector, s)));
    issues.push(...result.expr.map((s) => toIssue(entry.path, entry.expr, s)));
  }
  return issues;
}

/**
 * Parses all thresholds; what an entry says in `because` and `warn` adds to the clauses of its expression.
 *
 * @throws ScenarioError with everything that {@link checkThresholds} finds
 */
export function parseThresholds(entries: readonly ThresholdText[]): Threshold[] {
  const parsed = entries.map((entry) => parseThreshold(entry.selector, entry.expr));
  if (!parsed.every(isThreshold)) throw new ScenarioError(checkThresholds(entries));
  return parsed.map((threshold, i) => withEntry(threshold, entries[i]!));
}

function withEntry(threshold: Threshold, entry: ThresholdText): Threshold {
  return {
    ...threshold,
    because: threshold.because ?? entry.because,
    warn: threshold.warn || entry.warn,
  };
}

/**
 * Names the scope of distributions that holds the samples a threshold looks at: `run`, `window:idc-b`, `window:any`,
 * `window:[3600,7200)`, `window:[3600,end)`, `window:any after 3600`. The recorder keeps one distribution per scope that
 * the thresholds of a run need; peak and steady, `window:(peak)`, are known only at its end and come from series buckets.
 */
export function windowScope(clauses: Pick<Clauses, 'window' | 'afterSeconds'>): string {
  const { window, afterSeconds } = clauses;
  switch (window.kind) {
    case 'run':
      return afterSeconds === null ? 'run' : `window:[${afterSeconds},end)`;
    case 'interval': {
      const from = Math.max(window.fromSeconds, afterSeconds ?? 0);
      return `window:[${from},${window.untilSeconds})`;
    }
    default: {
      const name = window.kind === 'outage' ? window.name : `(${window.kind})`;
      return afterSeconds === null ? `window:${name}` : `window:${name} after ${afterSeconds}`;
    }
  }
}

/** An issue without a place in the expression: `at` is -1. */
type Placeless = SyntaxIssue & { readonly at: -1 };

function checkAgainst(threshold: Threshold, run: RunFacts): Placeless[] {
  const { window, afterSeconds, overSeconds, forSeconds } = threshold;
  const issues: Placeless[] = [];
  const fail = (expected: string, hint?: string): void => {
    issues.push({ at: -1, expected, ...(hint ? { hint } : {}) });
  };
  if (window.kind === 'outage') {
    const issue = checkOutage(window.name, run.outages);
    if (issue) issues.push(issue);
  }
  const start = window.kind === 'interval' ? window.fromSeconds : afterSeconds;
  if (start !== null && start >= run.horizonSeconds) {
    fail(
      'a window that begins before the end of the run',
      `the run has ${time(run.horizonSeconds)}`,
    );
  }
  for (const [word, seconds] of [
    ['over', overSeconds],
    ['for', forSeconds],
  ] as const) {
    if (seconds === null) continue;
    const parts = seconds / run.bucketSeconds;
    if (seconds > run.horizonSeconds) {
      fail(`"${word}" at most as long as the run, ${time(run.horizonSeconds)}`);
    } else if (Math.abs(parts - Math.round(parts)) > 1e-9 * parts) {
      const hint = 'series.every in the scenario sets it';
      fail(`"${word}" in whole series buckets of ${time(run.bucketSeconds)}`, hint);
    }
  }
  if (threshold.abort && threshold.warn) fail('either "warn" or "abort"');
  return issues;
}

function time(seconds: number): string {
  return formatQuantity(seconds, 'seconds');
}

function checkOutage(name: string, outages: readonly string[]): Placeless | null {
  if (name === 'any' && outages.length > 0) return null;
  if (outages.includes(name)) return null;
  if (outages.length === 0) return { at: -1, expected: 'an outage under failures, there is none' };
  const near = nearest(name, outages);
  const expected = `any, or the name of an outage: ${outages.join(', ')}`;
  return { at: -1, expected, ...(near ? { hint: `did you mean ${near}?` } : {}) };
}

function toIssue(path: string, text: string, issue: SyntaxIssue): Issue {
  const place = issue.at < 0 ? '' : ` at character ${issue.at + 1}`;
  const hint = issue.hint === undefined ? {} : { hint: issue.hint };
  return { path, value: JSON.stringify(text), expected: `${issue.expected}${place}`, ...hint };
}
