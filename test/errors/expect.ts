/** What every message of the tables here must be: one issue, with place, expectation and remedy, and the right exit code. */
import { expect } from 'vitest';
import { ScenarioError } from '../../src/base/errors.ts';
import { describeError, exitCodeOf } from '../../src/cli/exit-codes.ts';

/** What a message must say: the place it begins with, and the expectation with its remedy. */
export interface Wanted {
  readonly code: 2 | 3;
  readonly place: string;
  /** Beginning of the path of the field, where the place does not have it. */
  readonly path?: string;
  readonly says: RegExp;
}

/**
 * Runs what must fail and checks its one message.
 *
 * @param wanted the place is what stands before `got` or `expected`
 */
export async function refuses(run: () => unknown, wanted: Wanted): Promise<void> {
  const error = await failureOf(run);
  expect(error, String(error)).toBeInstanceOf(ScenarioError);
  const { issues } = error as ScenarioError;
  const text = describeError(error, false);
  expect(issues.length, text).toBe(1);
  expect(exitCodeOf(error), text).toBe(wanted.code);
  expect(text.startsWith(`error: ${wanted.place}`), `${text} at ${wanted.place}`).toBe(true);
  expect(issues[0]!.path.startsWith(wanted.path ?? ''), text).toBe(true);
  expect(text).toMatch(/expected \S/);
  expect(`${issues[0]!.expected} (${issues[0]!.hint ?? ''})`).toMatch(wanted.says);
  expect(text).not.toMatch(/undefined|\[object|bug of orrery|\n {4}at /);
  expect(text.trimEnd()).not.toContain('\n');
  expect(text.length).toBeLessThan(600);
}

async function failureOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('it was accepted');
}
