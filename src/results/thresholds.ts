/** Thresholds of a scenario: the checks that need no run. `expression.ts` has the grammar, `verdicts.ts` the verdicts. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { isThreshold, parseThreshold, type Threshold, type Window } from './expression.ts';
import type { SyntaxIssue } from './selector.ts';

/** A threshold as the scenario hands it over. */
export interface ThresholdText {
  readonly selector: string;
  readonly expr: string;
  readonly because: string | null;
  readonly warn: boolean;
  readonly path: string;
}

/**
 * Checks all thresholds before a run and returns everything that is wrong, with the place inside each expression.
 *
 * @param entries as written in the scenario
 * @param outages names of the scenario's outages, for `during outage(name)`; null skips that check
 */
export function checkThresholds(
  entries: readonly ThresholdText[],
  outages: readonly string[] | null = null,
): Issue[] {
  const issues: Issue[] = [];
  for (const entry of entries) {
    const result = parseThreshold(entry.selector, entry.expr);
    if (isThreshold(result)) {
      const window = result.window;
      if (window.kind === 'outage' && outages !== null) {
        const issue = checkOutage(window.name, outages);
        if (issue) issues.push(toIssue(entry.path, entry.expr, issue));
      }
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
  return parsed.map((threshold, i) => ({
    ...threshold,
    because: threshold.because ?? entries[i]!.because,
    warn: threshold.warn || entries[i]!.warn,
  }));
}

/**
 * Names the scope of distributions that holds a window's samples: `run`, `window:idc-b`, `window:any`,
 * `window:[3600,7200)`. The recorder keeps one distribution per scope that the thresholds of a run need.
 */
export function windowScope(window: Window): string {
  if (window.kind === 'run') return 'run';
  if (window.kind === 'outage') return `window:${window.name}`;
  return `window:[${window.fromSeconds},${window.untilSeconds})`;
}

function checkOutage(name: string, outages: readonly string[]): (SyntaxIssue & { at: -1 }) | null {
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
