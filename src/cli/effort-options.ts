/** The options that say how often a run is repeated, and from which instant it counts. */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { parseDuration } from '../base/units.ts';
import type { Effort } from '../results/bundle.ts';
import { type PrecisionGoal, parsePrecision } from '../results/precision.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** The options as commander gives them. */
export interface EffortOptions {
  readonly reps?: string;
  readonly precision?: string;
  readonly maxReps?: string;
  readonly parallel?: string;
  readonly warmup: string;
}

/** What was asked for. */
export interface WantedEffort {
  /** 1 is a run by itself. */
  readonly reps: number | 'auto';
  readonly maxReps: number;
  readonly goal: PrecisionGoal | null;
  readonly threads: number;
  readonly warmup: 'auto' | 'mser5' | 'given';
  /** What a given warm-up is as an override of the scenario. */
  readonly overrides: readonly string[];
}

const DEFAULT_GOAL = 'pod_wait_seconds 5%';
const MAX_REPS = 200;
const REPS_MOST = 100_000;
const THREADS_MOST = 1024;

/** Adds the options to a verb. */
export function addEffortOptions(verb: Command): Command {
  return verb
    .option(
      '--reps <n>',
      'replications, each with its own luck, or auto: until --precision is reached',
    )
    .option(
      '--precision <goal>',
      `relative error of a mean over replications, 'METRIC [STAT] 5%' (auto: '${DEFAULT_GOAL}')`,
    )
    .option('--max-reps <n>', `most replications of --reps auto (default: ${MAX_REPS})`)
    .option('--parallel <n>', 'worker threads for replications (default: all cores)')
    .addOption(
      new Option(
        '--warmup <rule>',
        'what is left out at the start: auto (the scenario’s; steady studies without one: mser5), mser5, none or a duration',
      ).default('auto'),
    );
}

/**
 * Reads the options.
 *
 * @throws ScenarioError with everything that is wrong with them
 */
export function parseEffort(options: EffortOptions): WantedEffort {
  const issues: Issue[] = [];
  const goal = readGoal(options.precision, issues);
  const wantsAuto = options.reps === 'auto' || (options.reps === undefined && goal !== null);
  const whole = (path: string, text: string | undefined, range: readonly [number, number]) => {
    if (text === undefined) return null;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= range[0] && value <= range[1]) return value;
    const expected = `a whole number from ${range[0]} to ${range[1]}`;
    const also = path === '--reps' ? `${expected}, or auto` : expected;
    issues.push({ path, value: JSON.stringify(text), expected: also });
    return null;
  };
  const reps = wantsAuto ? 'auto' : (whole('--reps', options.reps, [1, REPS_MOST]) ?? 1);
  const maxReps = whole('--max-reps', options.maxReps, [2, REPS_MOST]);
  const threads = whole('--parallel', options.parallel, [1, THREADS_MOST]);
  const warmup = readWarmup(options.warmup, issues);
  const refuse = (path: string, value: string, hint: string) =>
    issues.push({ path, value, expected: 'several replications', hint });
  if (maxReps !== null && reps !== 'auto') {
    refuse('--max-reps', String(maxReps), 'it belongs to --reps auto');
  }
  if (reps === 1 && goal !== null) refuse('--precision', goal.text, 'use --reps auto');
  if (reps === 1 && warmup.rule === 'mser5') {
    refuse('--warmup', 'mser5', 'use --reps auto, or --reps 10');
  }
  if (issues.length > 0) throw new ScenarioError(issues);
  return {
    reps,
    maxReps: maxReps ?? MAX_REPS,
    goal: goal ?? (wantsAuto ? parsePrecision(DEFAULT_GOAL) : null),
    threads: threads ?? availableParallelism(),
    warmup: warmup.rule,
    overrides: warmup.overrides,
  };
}

/** Decides where the warm-up comes from. */
export function warmupOf(wanted: WantedEffort, scenario: Scenario): Effort['warmup'] {
  if (wanted.warmup !== 'auto') return wanted.warmup;
  return scenario.study === 'steady' && scenario.warmupUs === 0 ? 'mser5' : 'scenario';
}

/** What a warm-up is looked for in: the metric that has to be precise, else waiting times. */
export function warmupGoalOf(wanted: WantedEffort): PrecisionGoal {
  return wanted.goal ?? parsePrecision(DEFAULT_GOAL);
}

function readGoal(text: string | undefined, issues: Issue[]): PrecisionGoal | null {
  if (text === undefined) return null;
  try {
    return parsePrecision(text);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    issues.push(...error.issues);
    return null;
  }
}

function readWarmup(
  text: string,
  issues: Issue[],
): { readonly rule: WantedEffort['warmup']; readonly overrides: readonly string[] } {
  if (text === 'auto' || text === 'mser5') return { rule: text, overrides: [] };
  const duration = text === 'none' ? '0s' : text;
  const parsed = parseDuration(duration);
  if ('expected' in parsed) {
    const expected = `auto, mser5, none or ${parsed.expected}`;
    issues.push({ path: '--warmup', value: JSON.stringify(text), expected });
  }
  return { rule: 'given', overrides: [`warmup=${duration}`] };
}
