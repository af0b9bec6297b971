/** The option that spreads one run over cores. */
import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { oneThreadReason, threadCount } from '../run/thread-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';

const THREADS_MOST = 1024;

/** Makes the option `--threads`. */
export function threadsOption(): Option {
  return new Option(
    '--threads <n>',
    'threads for the clusters of one run, or auto: all cores; results never depend on it (default: 1)',
  );
}

/** The threads of a run, and what to tell the user of them. */
export interface WantedThreads {
  readonly count: number;
  /** Null for nothing. */
  readonly note: string | null;
}

/**
 * Reads the option.
 *
 * @param saved threads of the checkpoint that the run goes on from; null if there is none
 * @throws ScenarioError for what is no number of threads, and for several replications
 */
export function readThreads(
  text: string | undefined,
  scenario: Scenario,
  run: { readonly isSingle: boolean; readonly saved: number | null },
): WantedThreads {
  if (text === undefined) return { count: run.saved ?? 1, note: null };
  const wanted = parse(text, run.saved);
  if (!run.isSingle && wanted > 1) {
    const hint = 'replications run on all cores already: --parallel says on how many';
    const expected = 'a single run, without --reps';
    throw new ScenarioError([{ path: '--threads', value: text, expected, hint }]);
  }
  const count = threadCount(scenario, wanted);
  if (count === wanted || text === 'auto') return { count, note: null };
  const { clusters } = scenario;
  const why = oneThreadReason(scenario) ?? `${clusters.length} clusters take ${count}`;
  return { count, note: `--threads ${text}: ${why}` };
}

function parse(text: string, saved: number | null): number {
  if (text === 'auto') return saved ?? availableParallelism();
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (count >= 1 && count <= THREADS_MOST) return count;
  const expected = `a whole number from 1 to ${THREADS_MOST}, or auto`;
  throw new ScenarioError([{ path: '--threads', value: JSON.stringify(text), expected }]);
}
