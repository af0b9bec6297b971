/**
 * Orrery as a library: simulate a scenario, declare policies, read and judge results. Nothing else is public.
 *
 * ```ts
 * const bundle = await simulate('scenarios/quickstart.yaml', { seed: 42 });
 * ```
 */
import { readFileSync } from 'node:fs';
import { ScenarioError } from './base/errors.ts';
import type { AnyPolicy } from './contracts/policy.ts';
import { runScenario } from './host/simulate.ts';
import { orreryVersion } from './host/version.ts';
import type { Bundle } from './results/bundle.ts';
import { registryWith } from './run/registry.ts';
import { loadScenario, parseScenario } from './scenario/load.ts';

export type { Issue } from './base/errors.ts';
export { InvariantError, PolicyError, ScenarioError } from './base/errors.ts';
export type * from './contracts/failures.ts';
export type * from './contracts/framework.ts';
export type * from './contracts/placement.ts';
export type {
  FailurePolicy,
  FrameworkPolicy,
  PlacementPolicy,
  PolicyStream,
  QueueingPolicy,
  ScalingPolicy,
  SchedulingPolicy,
} from './contracts/policy.ts';
export {
  defineFailures,
  defineFramework,
  definePlacement,
  defineQueueing,
  defineScaling,
  defineScheduling,
} from './contracts/policy.ts';
export type * from './contracts/queueing.ts';
export type * from './contracts/scaling.ts';
export type * from './contracts/scheduling.ts';
export type * from './model/view.ts';
export type * from './results/bundle.ts';
export type { Scenario } from './scenario/scenario.ts';

/** How to simulate. */
export interface SimulateOptions {
  /** Seed of all draws, an integer in [0, 2^53); the same seed gives the same bytes. */
  readonly seed: number;
  /** Your policies, beside the built-in ones. */
  readonly plugins?: readonly AnyPolicy[];
  /** Fields of the scenario as `key=value`, as on the command line. */
  readonly overrides?: readonly string[];
  /** Checks every law at every event, and every index against the full scan: slow. */
  readonly check?: boolean;
  /**
   * Threads for the clusters, a whole number of at least 1; 1 if absent. The bundle is the same for any number; one cluster
   * runs in one thread. Policies that are given as objects cannot be sent to other threads.
   */
  readonly threads?: number;
}

/**
 * Simulates a scenario and gives its result bundle; writes nothing.
 *
 * @param scenario path of a scenario file, or the scenario as an object with the file's fields
 * @throws ScenarioError for `threads` that is no such number, or that comes with `plugins`
 * @throws ScenarioError with every problem of the scenario, its data or its policies' parameters; PolicyError if a policy
 *   breaks its contract; InvariantError if a conservation law breaks
 *
 * *Cost*: O(events); one core, or `threads`.
 */
export async function simulate(
  scenario: string | object,
  options: SimulateOptions,
): Promise<Bundle> {
  const threads = threadsOf(options);
  const readText = (path: string): string => readFileSync(path, 'utf8');
  const { env } = process;
  const overrides = options.overrides ?? [];
  const loaded =
    typeof scenario === 'string'
      ? loadScenario({ path: scenario, readText, overrides, env })
      : { scenario: parseScenario(scenario, { overrides, env, readText }) };
  const { bundle } = await runScenario({
    scenario: loaded.scenario,
    seed: options.seed,
    registry: registryWith(options.plugins ?? []),
    check: options.check ?? false,
    threads: { count: threads, plugins: [] },
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides,
      plugins: (options.plugins ?? []).map((policy) => ({ name: policy.name, sha256: '' })),
      orreryVersion: orreryVersion(),
    },
  });
  return bundle;
}

function threadsOf({ plugins = [], threads = 1 }: SimulateOptions): number {
  const isRight = Number.isInteger(threads) && threads >= 1;
  if (isRight && (threads === 1 || plugins.length === 0)) return threads;
  const hint = 'orrery run loads files of policies in each thread: --plugin FILE --threads N';
  const expected = isRight ? '1 with plugins, which stay in this thread' : 'a whole number from 1';
  const issue = { path: 'threads', value: String(threads), expected };
  throw new ScenarioError([isRight ? { ...issue, hint } : issue]);
}
