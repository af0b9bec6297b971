/** `orrery run`: simulates a scenario and writes its bundle. */
import { randomInt } from 'node:crypto';
import { basename, join } from 'node:path';
import { Command, Option } from 'commander';
import { removeCheckpoint } from '../host/checkpoint.ts';
import { type BundleFile, bundleFiles, checkBundleTarget, writeBundle } from '../host/files.ts';
import { type Interrupts, watchInterrupts } from '../host/interrupt.ts';
import { loadRegistry } from '../host/plugins.ts';
import { type ReplicateOutcome, type ReplicationProgress, replicate } from '../host/replicate.ts';
import type { RunTask } from '../host/run-task.ts';
import { runtimeJson } from '../host/runtime-file.ts';
import { runScenario } from '../host/simulate.ts';
import { orreryVersion } from '../host/version.ts';
import { comparisonText } from '../reports/compare-text.ts';
import { seriesCsv } from '../reports/csv.ts';
import { reportHtml } from '../reports/html.ts';
import { seriesParquet } from '../reports/parquet.ts';
import { summaryText } from '../reports/text.ts';
import type { Bundle } from '../results/bundle.ts';
import { estimate } from '../run/estimate.ts';
import { threadMemory } from '../run/estimate-memory.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  type CheckpointOptions,
  checkpointOptions,
  type OpenCheckpoint,
  openCheckpoint,
  planCheckpoints,
} from './checkpoint-options.ts';
import {
  addEffortOptions,
  type EffortOptions,
  parseEffort,
  type WantedEffort,
  warmupGoalOf,
  warmupOf,
} from './effort-options.ts';
import {
  type GateOptions,
  gateOptions,
  gateRun,
  type Judgement,
  openRunGate,
  undecidedWarnings,
} from './gate.ts';
import {
  checkPolicies,
  hashTraces,
  type LoadedScenario,
  pluginOption,
  readScenario,
  scaleOption,
} from './inputs.ts';
import { describeKubernetesInput } from './kubernetes-input.ts';
import { checkMemory, maxMemoryOption } from './memory-limit.ts';
import { PROGRESS_MODES, type ProgressMode, type ProgressView, progressView } from './progress.ts';
import { readThreads, threadsOption, type WantedThreads } from './thread-options.ts';
import { wallClockMs } from './wall-clock.ts';

interface RunOptions extends EffortOptions, GateOptions, CheckpointOptions {
  readonly seed?: string;
  readonly scale?: string;
  readonly maxMemory?: string;
  readonly out?: string;
  readonly plugin: readonly string[];
  readonly json?: boolean;
  readonly check?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly progress: ProgressMode;
  readonly color: boolean;
  readonly timeLimit?: string;
  readonly threads?: string;
}

const EXAMPLES = `Examples:
  orrery run scenarios/quickstart.yaml --seed 42
  orrery run scenarios/mmc.yaml horizon=2d workloads[0].arrivals.poisson=90/s
  orrery run scenarios/borg-week.yaml --scale 1/1000
  orrery run mine.yaml --plugin my-policy.ts policies.scheduling=acme/my-policy --json

`;

/** Makes the verb. */
export function runCommand(): Command {
  const verb = new Command('run')
    .description('simulate a scenario and write its result bundle')
    .argument('<file>', 'scenario file; - reads stdin')
    .argument('[overrides...]', 'fields of the scenario as key=value')
    .option('--seed <n>', 'seed of all draws; none given: one is drawn and printed')
    .option('-o, --out <dir>', 'folder of the bundle (default: reports/<scenario name>)')
    .addOption(scaleOption())
    .addOption(maxMemoryOption())
    .addOption(pluginOption())
    .option('--json', 'print result.json instead of the summary')
    .option('--check', 'check every law at every event, and policies against full scans (slow)')
    .option('--time-limit <duration>', 'stop after this much wall clock, such as 20m')
    .addOption(threadsOption());
  for (const option of [...checkpointOptions(), ...gateOptions()]) verb.addOption(option);
  return addEffortOptions(verb)
    .addOption(
      new Option('--progress <mode>', 'how to show progress on stderr')
        .choices(PROGRESS_MODES)
        .default('auto'),
    )
    .option('-q, --quiet', 'print nothing but the last line')
    .option('-v, --verbose', 'say more on stderr')
    .option('--no-color', 'plain text (so does NO_COLOR)')
    .addHelpText('before', EXAMPLES)
    .action(async (file: string, overrides: string[], options: RunOptions) => {
      process.exitCode = await run(file, overrides, options);
    });
}

/** Finds the place, the checkpoint and the threads of a run, and checks that it fits. */
async function openRun(
  scenario: Scenario,
  options: RunOptions,
  wanted: WantedEffort,
): Promise<{
  readonly directory: string;
  readonly checkpoint: OpenCheckpoint | null;
  readonly threads: WantedThreads;
}> {
  const isSingle = wanted.reps === 1;
  const directory = options.out ?? join('reports', scenario.name);
  const checkpoint = await openCheckpoint(options, directory, isSingle);
  const saved = checkpoint?.from?.key.threads ?? null;
  const threads = readThreads(options.threads, scenario, { isSingle, saved });
  const worlds = isSingle ? 1 : wanted.threads;
  const expected = estimate(scenario);
  const memoryBytes = expected.memoryBytes * worlds + threadMemory(threads.count, expected);
  checkMemory(memoryBytes, options.maxMemory);
  return { directory, checkpoint, threads };
}

/** Runs and returns the exit code. */
async function run(
  file: string,
  overrides: readonly string[],
  options: RunOptions,
): Promise<number> {
  const startedAt = new Date();
  const timeLimitMs = wallClockMs('--time-limit', options.timeLimit);
  const wanted = parseEffort(options);
  const assignments = [...overrides, ...wanted.overrides];
  const read = readScenario(file, assignments, options.seed, options.scale);
  const gate = await openRunGate(read, options);
  const { scenario } = gate;
  const loaded = { ...read, scenario };
  const { checkpoint, directory, threads } = await openRun(scenario, options, wanted);
  const known = loaded.seed ?? checkpoint?.from?.key.seed ?? null;
  const seed = known ?? randomInt(2 ** 32);
  const progress = progressView(options.quiet === true ? 'none' : options.progress, {
    stream: process.stderr,
    title: `orrery run ${scenario.name}, seed ${seed}`,
    isColored: wantsColor(options, process.stderr),
    env: process.env,
  });
  const talk = (text: string) => {
    if (options.quiet !== true) progress.say(text);
  };
  if (known === null) talk(`seed ${seed} (drawn; repeat this run with --seed ${seed})`);
  for (const line of gate.warnings) talk(line);
  if (threads.note !== null) talk(threads.note);
  await checkBundleTarget(directory);
  let isOver = false;
  const interrupts = watchInterrupts((signal) => {
    const partial =
      wanted.reps === 1 ? 'stopping' : 'waiting for the replications that are under way';
    const what = isOver
      ? 'the run is over, its bundle follows'
      : `${partial}; a partial bundle follows`;
    talk(`${signal}: ${what}. Once more stops at once.`);
  });
  try {
    const around = {
      ...{ options, wanted, timeLimitMs, checkpoint, interrupts, progress, talk },
      threads: threads.count,
    };
    const outcome = await simulate(loaded, seed, around);
    isOver = true;
    const { events, wallMs } = outcome;
    const { bundle, judged, refusal } = gateRun(outcome.bundle, basename(directory), gate);
    const argv = process.argv.slice(2);
    const runtime = runtimeJson({ startedAt, wallMs, events, threads: outcome.threads ?? 1, argv });
    const written = await writeBundle(directory, bundle, extrasOf(bundle, runtime));
    if (checkpoint !== null && outcome.stopped === null) await removeCheckpoint(checkpoint.path);
    // Without the only file that differs from run to run, so that equal runs print equal summaries.
    const bundleBytes = written - Buffer.byteLength(runtime);
    print(bundle, judged, { directory, bundleBytes }, options);
    const warnings = undecidedWarnings(judged.thresholds, options.inconclusive);
    for (const line of warnings) talk(line);
    if (outcome.stopped !== null) {
      const rest = checkpoint === null ? '' : `; --resume goes on from ${checkpoint.path}`;
      talk(`stopped by ${outcome.stopped}: the bundle is marked incomplete${rest}`);
    }
    if (refusal !== null) throw refusal;
    return judged.exitCode;
  } finally {
    interrupts.dispose();
  }
}

interface Surroundings {
  readonly options: RunOptions;
  readonly wanted: WantedEffort;
  readonly threads: number;
  readonly timeLimitMs: number | undefined;
  readonly checkpoint: OpenCheckpoint | null;
  readonly interrupts: Interrupts;
  readonly progress: ProgressView;
  readonly talk: (text: string) => void;
}

async function simulate(
  loaded: LoadedScenario,
  seed: number,
  around: Surroundings,
): Promise<ReplicateOutcome> {
  const { checkpoint, options, threads, wanted, timeLimitMs, interrupts, progress, talk } = around;
  const { scenario, sha256, worldSha256, overrides } = loaded;
  if (options.verbose === true) describe(scenario, talk);
  for (const line of describeKubernetesInput(scenario)) talk(line);
  // Before anything that takes time, so that a large fleet shows a sign of life while it is built.
  const atStart = { nowUs: 0, events: 0, arrived: 0, running: 0, pending: 0 };
  if (wanted.reps === 1) progress.update(atStart, scenario.horizonUs);
  try {
    const { registry, plugins } = await loadRegistry(options.plugin);
    checkPolicies(loaded, registry);
    const inputs = [...loaded.inputs, ...(await hashTraces(scenario))];
    const orrery = orreryVersion();
    const manifest = {
      scenarioSha256: sha256,
      worldSha256,
      inputs,
      overrides,
      plugins,
      orreryVersion: orrery,
    };
    const shared = { scenario, seed, check: options.check === true, manifest };
    const limit = timeLimitMs === undefined ? {} : { timeLimitMs };
    if (wanted.reps === 1) {
      const plan = checkpoint === null ? null : planCheckpoints(checkpoint, { ...shared, threads });
      if (checkpoint !== null && checkpoint.note !== null) talk(checkpoint.note);
      return await runScenario({
        ...shared,
        ...limit,
        ...(plan === null ? {} : { checkpoint: { ...plan, onWritten: sayWritten(options, talk) } }),
        registry,
        threads: { count: threads, plugins: options.plugin },
        interrupts,
        onProgress: (facts, horizonUs, look) => progress.update(facts, horizonUs, look),
      });
    }
    return await replicate({
      ...limit,
      ...effortOf(wanted, { ...shared, plugins: options.plugin }),
      interrupts,
      onProgress: (where) => showReplications(progress, where, wanted, scenario.horizonUs),
    });
  } finally {
    progress.stop();
  }
}

function sayWritten(options: RunOptions, talk: (text: string) => void) {
  return (bytes: number, tookMs: number): void => {
    if (options.verbose !== true) return;
    talk(`checkpoint: ${(bytes / 1e6).toFixed(1)} MB in ${Math.round(tookMs)} ms`);
  };
}

/** Turns what was asked for into what is done. */
function effortOf(wanted: WantedEffort, task: Omit<RunTask, 'replication'>) {
  const { reps, maxReps, goal, threads } = wanted;
  const warmup = warmupOf(wanted, task.scenario);
  const most = reps === 'auto' ? maxReps : reps;
  return {
    // The pilot looks at everything, also at what the file leaves out.
    task: warmup === 'mser5' ? { ...task, scenario: { ...task.scenario, warmupUs: 0 } } : task,
    reps: reps as Exclude<typeof reps, 1>,
    maxReps,
    goal,
    warmup,
    warmupGoal: warmupGoalOf(wanted),
    threads: Math.min(threads, most),
  };
}

function showReplications(
  progress: ProgressView,
  where: ReplicationProgress,
  wanted: WantedEffort,
  horizonUs: number,
): void {
  const { phase, done, planned, isEstimate, facts, precision } = where;
  const { goal } = wanted;
  const replications = {
    done,
    planned,
    isEstimate,
    isPilot: phase === 'pilot',
    precision:
      goal === null
        ? null
        : { goal: goal.text, gamma: goal.gamma, relative: precision?.relative ?? null },
  };
  progress.update({ ...facts, replications }, planned * horizonUs);
}

function describe(scenario: Scenario, talk: (text: string) => void): void {
  const nodes = scenario.clusters.reduce(
    (sum, cluster) => sum + cluster.pools.reduce((inner, pool) => inner + pool.max, 0),
    0,
  );
  const { placement, scheduling, queueing } = scenario.policies;
  talk(`scenario ${scenario.name}${scenario.question === '' ? '' : `: ${scenario.question}`}`);
  talk(
    `clusters ${scenario.clusters.length}, nodes at most ${nodes}, workloads ${scenario.workloads.length}`,
  );
  talk(`placement ${placement.use}, scheduling ${scheduling.use}, queueing ${queueing.use}`);
}

function extrasOf(bundle: Bundle, runtime: string): readonly BundleFile[] {
  const series = bundle.replications?.map((one) => one.series);
  return [
    { name: 'series.csv', content: seriesCsv(bundle.series) },
    { name: 'series.parquet', content: seriesParquet(bundle.series, series) },
    { name: 'report.html', content: reportHtml(bundle) },
    { name: 'runtime.json', content: runtime },
  ];
}

function print(
  bundle: Bundle,
  { comparison }: Judgement,
  { directory, bundleBytes }: { readonly directory: string; readonly bundleBytes: number },
  options: RunOptions,
): void {
  if (options.json === true) {
    const result = bundleFiles(bundle).find((file) => file.name === 'result.json')!;
    process.stdout.write(result.content);
    return;
  }
  if (options.quiet !== true) {
    const text = summaryText(bundle, {
      color: wantsColor(options, process.stdout),
      width: Math.max(40, process.stdout.columns ?? 100),
      bundleDir: directory,
      bundleBytes,
    });
    process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    if (comparison !== null) process.stdout.write(`\n${comparisonText(comparison)}\n`);
  }
  process.stdout.write(`bundle ${directory}\n`);
}

function wantsColor(options: RunOptions, stream: { readonly isTTY?: boolean }): boolean {
  return options.color && !process.env.NO_COLOR && stream.isTTY === true;
}
