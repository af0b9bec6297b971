import { describe, expect, it } from 'vitest';
import { InvariantError, PolicyError, ScenarioError } from '../../../src/base/errors.ts';
import { describeError, exitCodeOf } from '../../../src/cli/exit-codes.ts';

const ISSUE = { path: 'horizon', expected: 'a duration' };

describe('exit codes', () => {
  it('follow the family of the error', () => {
    expect(exitCodeOf(new ScenarioError([ISSUE]))).toBe(2);
    expect(exitCodeOf(new ScenarioError([ISSUE], 3))).toBe(3);
    expect(exitCodeOf(new PolicyError('acme/x', 'broke'))).toBe(7);
    expect(exitCodeOf(new InvariantError('lost a pod'))).toBe(5);
    expect(exitCodeOf(new TypeError('bug'))).toBe(1);
    expect(exitCodeOf('text')).toBe(1);
  });

  it('come with one line per problem and no stack unless asked', () => {
    const text = describeError(new ScenarioError([ISSUE, ISSUE]), false);
    expect(text).toBe(
      'error: horizon: expected a duration\nerror: horizon: expected a duration\n2 problems; nothing was simulated\n',
    );
    expect(describeError(new TypeError('bug'), false)).toMatch(/^error: bug\n.*ORRERY_DEBUG=1/);
    expect(describeError(new TypeError('bug'), true)).toMatch(/at .*exit-codes\.test/);
  });
});
