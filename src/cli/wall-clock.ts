/** Durations of the command line that are wall clock. */
import { ScenarioError } from '../base/errors.ts';
import { parseDuration } from '../base/units.ts';

/**
 * Reads a duration above 0.
 *
 * @returns milliseconds; undefined if none was given
 * @throws ScenarioError that names the option
 */
export function wallClockMs(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const parsed = parseDuration(text);
  if ('value' in parsed && parsed.value > 0) return parsed.value / 1000;
  const expected = 'expected' in parsed ? parsed.expected : 'a duration above 0';
  throw new ScenarioError([{ path: option, value: JSON.stringify(text), expected }]);
}
