/** Refuses a run that would not fit the memory of the machine, before it starts. */
import { Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { formatMemory, parseMemory } from '../base/units.ts';
import { machineMemoryBytes } from '../host/machine-memory.ts';

/** Makes the option `--max-memory 16Gi`. */
export function maxMemoryOption(): Option {
  return new Option(
    '--max-memory <size>',
    'refuse a run that is estimated to take more; default the memory of the machine',
  );
}

/**
 * Says what is wrong with a run of that size; null if it fits.
 *
 * @param neededBytes estimate of the run, bytes
 * @param option what `--max-memory` said, if it was given
 * @throws ScenarioError for an option that is no size
 */
export function memoryRefusal(neededBytes: number, option: string | undefined): string | null {
  const limit = option === undefined ? machineMemoryBytes() : parseLimit(option);
  if (neededBytes <= limit) return null;
  const whose = option === undefined ? 'this machine has' : '--max-memory allows';
  return `needs about ${formatMemory(Math.round(neededBytes))} of memory, ${whose} ${formatMemory(limit)}`;
}

/**
 * Checks that a run fits.
 *
 * @throws ScenarioError if it does not, with what can be done
 */
export function checkMemory(neededBytes: number, option: string | undefined): void {
  const refusal = memoryRefusal(neededBytes, option);
  if (refusal === null) return;
  const hint = 'run a part with --scale 1/10, or try it anyway with a larger --max-memory';
  throw new ScenarioError([{ path: '', expected: `a run that fits: it ${refusal}`, hint }]);
}

function parseLimit(option: string): number {
  const parsed = parseMemory(option);
  if ('value' in parsed && parsed.value > 0) return parsed.value;
  const expected = 'expected' in parsed ? parsed.expected : 'a size above 0';
  throw new ScenarioError([{ path: '--max-memory', value: JSON.stringify(option), expected }]);
}
