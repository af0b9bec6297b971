/**
 * The three error families; there are no others.
 *
 * {@link ScenarioError} is the user's input (exit 2, or 3 for data files), {@link PolicyError} a plug-in that broke its
 * contract (exit 7), {@link InvariantError} our bug: a conservation law broke (exit 5).
 */

/** One thing wrong with the user's input, as data: who prints it decides on colour and width. */
export interface Issue {
  /** File as the user named it; absent for a scenario given as an object or on the command line. */
  readonly file?: string;
  /** 1-based line and column in `file`. */
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the field, `fleet.clusters[2].pools[0].count`. */
  readonly path: string;
  /** The offending value as the user wrote it, shortened. */
  readonly value?: string;
  /** What would have been accepted, a noun phrase: `a duration such as "90s"`. */
  readonly expected: string;
  /** What to do about it: the nearest valid name, a command, a file to fetch. */
  readonly hint?: string;
}

/** Prints one issue on one line: `file:line:column path: value is not expected; hint`. */
export function formatIssue(issue: Issue): string {
  const place = issue.file
    ? `${issue.file}${issue.line === undefined ? '' : `:${issue.line}:${issue.column ?? 1}`} `
    : '';
  const got = issue.value === undefined ? '' : `got ${issue.value}, `;
  const hint = issue.hint ? ` (${issue.hint})` : '';
  return `${place}${issue.path ? `${issue.path}: ` : ''}${got}expected ${issue.expected}${hint}`;
}

/** The user's input is wrong; carries every issue found, never just the first. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly issues: readonly Issue[];
  /** 2 for scenario, command line and plug-ins that cannot be loaded; 3 for data files. */
  readonly exitCode: 2 | 3;

  constructor(issues: readonly Issue[], exitCode: 2 | 3 = 2) {
    super(issues.map(formatIssue).join('\n'));
    this.issues = issues;
    this.exitCode = exitCode;
  }
}

/** A plug-in broke its contract during a run. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly policy: string;

  /**
   * @param policy namespaced name of the policy
   * @param message what it did and what the contract asks
   * @param atUs virtual time in microseconds, if the clock was running
   */
  constructor(policy: string, message: string, atUs?: number) {
    super(`policy ${policy}${atUs === undefined ? '' : ` at t=${atUs / 1e6} s`}: ${message}`);
    this.policy = policy;
  }
}

/** A conservation law broke: a bug of ours, never the user's fault. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}
