/** The options that save a run now and then, and go on from what was saved. */
import { basename, dirname, join } from 'node:path';
import { Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { formatDuration } from '../base/units.ts';
import {
  type Checkpoint,
  type CheckpointKey,
  readCheckpoint,
  requireSameRun,
  scenarioKey,
} from '../host/checkpoint.ts';
import type { CheckpointPlan } from '../host/simulate.ts';
import type { SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { wallClockMs } from './wall-clock.ts';

/** The options as commander gives them. */
export interface CheckpointOptions {
  readonly checkpoint?: string;
  readonly resume?: boolean;
}

/** What was asked for, and the checkpoint that was found. */
export interface OpenCheckpoint {
  readonly path: string;
  readonly everyMs: number;
  /** Null if the run starts at the beginning. */
  readonly from: Checkpoint | null;
  /** What to tell the user of it; null for nothing. */
  readonly note: string | null;
}

/** The options of `orrery run`. */
export function checkpointOptions(): readonly Option[] {
  return [
    new Option(
      '--checkpoint <duration>',
      'save the run beside its bundle each time this much wall clock passed, such as 5m',
    ),
    new Option('--resume', 'go on from the checkpoint, if there is one'),
  ];
}

/**
 * Reads the options, and the checkpoint where one is to be taken up.
 *
 * @param directory where the bundle goes; the checkpoint lies beside it, as `<bundle>.checkpoint`
 * @returns null for a run that is not saved
 * @throws ScenarioError: exit 2 for options that do not fit, 3 for a checkpoint that cannot be read
 */
export async function openCheckpoint(
  options: CheckpointOptions,
  directory: string,
  isSingle: boolean,
): Promise<OpenCheckpoint | null> {
  const everyMs = wallClockMs('--checkpoint', options.checkpoint);
  if (everyMs === undefined) {
    if (options.resume !== true) return null;
    const hint = 'the run goes on being saved: add --checkpoint 5m';
    throw new ScenarioError([{ path: '--resume', expected: '--checkpoint with it', hint }]);
  }
  if (!isSingle) {
    const hint = 'orrery sweep keeps the runs that are done, and has --resume';
    const expected = 'a single run, without --reps';
    throw new ScenarioError([{ path: '--checkpoint', value: options.checkpoint!, expected, hint }]);
  }
  const path = join(dirname(directory), `${basename(directory)}.checkpoint`);
  if (options.resume !== true) return { path, everyMs, from: null, note: null };
  const from = await readCheckpoint(path);
  const note =
    from === null
      ? `no checkpoint ${path}: the run starts at the beginning`
      : `going on from ${path}: ${formatDuration(from.facts.nowUs)}, ${from.facts.events} events`;
  return { path, everyMs, from, note };
}

/**
 * Plans the checkpoints of a run.
 *
 * @throws ScenarioError (exit 3) if the checkpoint is not of this run
 */
export function planCheckpoints(
  open: OpenCheckpoint,
  run: {
    readonly scenario: Scenario;
    readonly seed: number;
    readonly threads: number;
    readonly check: boolean;
    readonly manifest: SimulationManifest;
  },
): CheckpointPlan {
  const { check, manifest, scenario, seed, threads } = run;
  const key: CheckpointKey = {
    orreryVersion: manifest.orreryVersion,
    scenario: scenario.name,
    scenarioSha256: scenarioKey(scenario),
    seed,
    threads,
    isChecked: check,
    inputs: manifest.inputs,
    plugins: manifest.plugins,
  };
  const { everyMs, from, path } = open;
  if (from !== null) requireSameRun(from, key);
  return { path, everyMs, key, from };
}
