/** Where the shared data are; tests that need them skip loudly without, and fail in CI. */
import { describe } from 'vitest';
import { dataFolder } from '../unit/workloads/build-context.ts';

const folder = dataFolder();

/** A group of tests over the shared data: skipped, with a line that says so, where they are not there. */
export function describeWithData(name: string, tests: (folder: string) => void): void {
  if (folder === undefined) describe.skip(name, () => {});
  // Simulations of a minute on a busy machine; a few seconds on an idle one.
  else describe(name, { timeout: 240_000 }, () => tests(folder));
}
