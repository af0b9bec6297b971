/** The exit codes of the command and the errors behind them. */
import { InvariantError, PolicyError, ScenarioError } from '../base/errors.ts';

/** Every code that the command ends with; 2 and 3 also come from ScenarioError itself. */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  data: 3,
  noAnswer: 4,
  selfCheck: 5,
  notReproduced: 6,
  plugin: 7,
  inconclusive: 97,
  worse: 98,
  thresholdFailed: 99,
  timeLimit: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** Which code wins where several apply, the first being the strongest. */
const PRECEDENCE: readonly number[] = [
  EXIT.selfCheck,
  EXIT.internal,
  EXIT.plugin,
  EXIT.data,
  EXIT.usage,
  EXIT.noAnswer,
  EXIT.notReproduced,
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.timeLimit,
  EXIT.thresholdFailed,
  EXIT.worse,
  EXIT.inconclusive,
  EXIT.ok,
];

/** Sorts codes by precedence, each once: the first is what the command ends with; none given means 0. */
export function byPrecedence(codes: readonly number[]): readonly number[] {
  const sorted = PRECEDENCE.filter((code) => codes.includes(code));
  return sorted.length === 0 ? [EXIT.ok] : sorted;
}

/** The code of an error by its family. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ScenarioError) return error.exitCode;
  if (error instanceof PolicyError) return EXIT.plugin;
  if (error instanceof InvariantError) return EXIT.selfCheck;
  return EXIT.internal;
}

/**
 * Prints an error for people: what is wrong and what to do, without a stack unless `withStack`.
 *
 * @returns lines for stderr, each ended by a break
 */
export function describeError(error: unknown, withStack: boolean): string {
  const message = error instanceof Error ? error.message : String(error);
  const stack = withStack && error instanceof Error && error.stack ? `${error.stack}\n` : '';
  const lines = message
    .split('\n')
    .map((line) => `error: ${line}\n`)
    .join('');
  return `${lines}${advice(error, withStack)}${stack}`;
}

function advice(error: unknown, withStack: boolean): string {
  if (error instanceof ScenarioError) {
    const count = error.issues.length;
    return count > 1 ? `${count} problems; nothing was simulated\n` : '';
  }
  if (error instanceof PolicyError) return 'a plug-in broke its contract; no bundle was written\n';
  if (error instanceof InvariantError) {
    return 'this is a bug of orrery, not of your scenario: the results are not written\n';
  }
  return withStack
    ? 'this is a bug of orrery\n'
    : 'this is a bug of orrery; set ORRERY_DEBUG=1 to see where, and please report it\n';
}
