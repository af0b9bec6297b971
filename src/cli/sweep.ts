/** `orrery sweep`: a scenario or a study at many points, replicated, cached, compared. */
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { writeTextFile } from '../host/files.ts';
import {
  type Interrupts,
  SIGNAL_EXIT_CODES,
  type StopSignal,
  watchInterrupts,
} from '../host/interrupt.ts';
import { loadRegistry } from '../host/plugins.ts';
import { runtimeJson } from '../host/runtime-file.ts';
import { runsOfShard, type StudyPlan } from '../host/study-plan.ts';
import { StudyStore } from '../host/study-store.ts';
import { makeRuns, type SweepOutcome } from '../host/sweep.ts';
import { hasWorsePoint } from '../results/study-comparison.ts';
import { REPLICATIONS_MAX } from '../scenario/study-schema.ts';
import { EXIT } from './exit-codes.ts';
import { pluginOption } from './inputs.ts';
import { dryRunText } from './sweep-dry-run.ts';
import { mergeCommand } from './sweep-merge.ts';
import { headOf, type PreparedStudy, planStudy } from './sweep-plan.ts';
import { SweepView } from './sweep-progress.ts';
import { finishStudy, type StudyResults, seriesBytes } from './sweep-results.ts';
import { readStudy } from './sweep-study.ts';

interface SweepVerbOptions {
  readonly seed?: number;
  readonly reps?: number;
  readonly out?: string;
  readonly jobs?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly dryRun?: boolean;
  readonly resume: boolean;
  readonly baseline?: string;
  readonly metrics?: readonly string[];
  readonly failOn?: 'worse';
  readonly plugin: readonly string[];
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const JOBS_MAX = 1024;

const EXAMPLES = `Examples:
  orrery sweep scenarios/studies/policies.yaml
  orrery sweep scenarios/quickstart.yaml policies.scheduling=best-fit,worst-fit --reps 10 --seed 42
  orrery sweep mine.yaml workloads.web.arrivals.poisson='range(80/s,120/s,10/s)' --reps 5 --dry-run

`;

/** Makes the verb, with `sweep merge` below it. */
export function sweepCommand(): Command {
  return new Command('sweep')
    .description('run a scenario or a study at many points, reuse finished runs, compare')
    .argument('<file>', 'study or scenario file')
    .argument('[assignments...]', 'axes key=a,b,c or key=range(0,0.4,0.1), and fields key=value')
    .option(
      '--seed <n>',
      'seed of all runs; none given: one is drawn and kept',
      wholeFrom(0, '--seed'),
    )
    .option(
      '--reps <n>',
      'replications of each point (default: of the study, else 1)',
      wholeFrom(1, '--reps', REPLICATIONS_MAX),
    )
    .option('-o, --out <dir>', 'folder of the study (default: reports/<study name>)')
    .option(
      '--jobs <n>',
      'worker threads (default: one per core)',
      wholeFrom(1, '--jobs', JOBS_MAX),
    )
    .option('--shard <i/n>', 'make only part i of n, for sweep merge', parseShard)
    .option('--dry-run', 'list the runs with an estimate, and make none')
    .option('--resume', 'reuse the finished runs of the folder (the default)', true)
    .option('--no-resume', 'make every run again')
    .option('--baseline <point>', 'compare along the axis with this label, such as best-fit')
    .addOption(
      new Option('--fail-on <verdict>', 'exit with 98 if a point is worse').choices(['worse']),
    )
    .addOption(pluginOption())
    .option('--json', 'print the comparison as data')
    .option('-q, --quiet', 'print nothing but the last line')
    .option(
      '--metrics <selectors...>',
      'compare only these, such as cost_dollars or "SELECTOR p(99)"',
    )
    .addHelpText('before', EXAMPLES)
    .addCommand(mergeCommand())
    .action(async (file: string, assignments: string[], options: SweepVerbOptions) => {
      process.exitCode = await sweep(file, assignments, options);
    });
}

async function sweep(
  file: string,
  assignments: readonly string[],
  options: SweepVerbOptions,
): Promise<number> {
  const view = new SweepView(
    { stream: process.stderr, clockMs: () => performance.now() },
    options.quiet === true,
  );
  const prepared = await prepare(file, assignments, options, view);
  const { store } = prepared;
  const jobs = options.jobs ?? availableParallelism();
  if (options.dryRun === true) {
    process.stdout.write(dryRunText(prepared, store, jobs));
    return EXIT.ok;
  }
  await store.open();
  await store.writePlan(prepared.plan);
  await store.dropResults();
  let listener: ((signal: StopSignal) => void) | null = null;
  const interrupts = watchInterrupts((signal) => {
    view.say(`${signal}: stopping; finished runs stay, and the same command goes on from there`);
    listener?.(signal);
  });
  const onFirst = (own: (signal: StopSignal) => void): void => {
    listener = own;
  };
  try {
    return await execute(prepared, { options, view, jobs, interrupts, onFirst });
  } finally {
    view.stop();
    interrupts.dispose();
  }
}

interface Prepared extends PreparedStudy {
  readonly store: StudyStore;
}

async function prepare(
  file: string,
  assignments: readonly string[],
  options: SweepVerbOptions,
  view: SweepView,
): Promise<Prepared> {
  const seeds = assignments.filter((text) => /^seed=\d/.test(text) && !text.includes(','));
  const study = readStudy({
    file,
    assignments: assignments.filter((text) => !seeds.includes(text)),
    seed: seedOf(seeds, options.seed ?? null),
    replications: options.reps ?? null,
    baseline: options.baseline ?? null,
    metrics: options.metrics ?? null,
  });
  const head = headOf(study);
  const store = new StudyStore(options.out ?? join('reports', head.name));
  const earlier = store.isThere() ? await store.open() : null;
  if (earlier !== null && earlier.name !== head.name) {
    const hint = `it holds the study ${earlier.name}; choose another folder`;
    const expected = `a new folder, or that of ${head.name}`;
    throw new ScenarioError([{ path: '--out', value: store.directory, expected, hint }]);
  }
  let { seed } = head;
  if (seed === null && earlier !== null) {
    seed = earlier.seed;
    view.say(`seed ${seed}, of the study that is in ${store.directory}`);
  }
  if (seed === null) {
    seed = randomInt(2 ** 32);
    view.say(`seed ${seed} (drawn; repeat this study with --seed ${seed})`);
  }
  const { registry, plugins } = await loadRegistry(options.plugin);
  const policies = { registry, plugins, files: options.plugin };
  const prepared = await planStudy(study, { name: head.name, seed }, policies);
  refuseWithoutComparison(prepared.plan, options);
  const plan: StudyPlan = { ...prepared.plan, shard: options.shard ?? null };
  return { ...prepared, plan, store };
}

interface Around {
  readonly options: SweepVerbOptions;
  readonly view: SweepView;
  readonly jobs: number;
  readonly interrupts: Interrupts;
  readonly onFirst: (listener: (signal: StopSignal) => void) => void;
}

async function execute(prepared: Prepared, around: Around): Promise<number> {
  const { options, view, jobs, interrupts, onFirst } = around;
  const { plan, store } = prepared;
  const startedAt = new Date();
  const startedMs = performance.now();
  const own = new Set(runsOfShard(plan).map(({ key }) => key));
  const runs = prepared.runs.filter(({ run }) => own.has(run.key));
  if (!options.resume) for (const { run } of runs) await store.dropRun(run.key);
  const outcome = await makeRuns({
    store,
    runs,
    jobs,
    seriesBytes,
    onProgress: (progress) => view.update(progress),
    onDamaged: ({ point, replication }, damaged) =>
      view.say(`${damaged} is damaged: ${point}, replication ${replication} is run again`),
    onFailed: ({ point, replication }) =>
      view.say(`failed: ${point}, replication ${replication}; finished runs stay`),
    interrupts: {
      get received() {
        return interrupts.received;
      },
      onFirst,
    },
  });
  view.stop();
  if (outcome.stopped !== null) return stopped(outcome, view);
  const results = plan.shard === null ? await finishStudy(plan, store) : null;
  if (results === null) {
    await store.dropPartials();
    await store.writePlan({ ...plan, complete: true });
  }
  const wallMs = performance.now() - startedMs;
  const argv = process.argv.slice(2);
  const runtime = runtimeJson({ startedAt, wallMs, events: outcome.events, argv });
  await writeTextFile(join(store.directory, 'runtime.json'), runtime);
  print(results, store, options);
  const isWorse = results?.comparison != null && hasWorsePoint(results.comparison);
  return options.failOn === 'worse' && isWorse ? EXIT.worse : EXIT.ok;
}

function stopped({ stopped: reason, made, reused, total }: SweepOutcome, view: SweepView): number {
  view.say(`stopped by ${reason}: ${made + reused} of ${total} runs are there`);
  return reason === 'time limit' || reason === null ? EXIT.timeLimit : SIGNAL_EXIT_CODES[reason];
}

function print(results: StudyResults | null, store: StudyStore, options: SweepVerbOptions): void {
  if (options.json === true && results !== null) {
    process.stdout.write(`${JSON.stringify(results.comparison, null, 2)}\n`);
    return;
  }
  if (options.quiet !== true && results !== null) process.stdout.write(`${results.text}\n`);
  process.stdout.write(`study ${store.directory}\n`);
}

/** What asks for a verdict is refused before anything runs, where there will be none. */
function refuseWithoutComparison(plan: StudyPlan, options: SweepVerbOptions): void {
  if (plan.comparison !== null) return;
  const asking = [
    ...(options.json === true ? ['--json'] : []),
    ...(options.failOn === undefined ? [] : ['--fail-on']),
  ];
  const hint = 'name the label to compare with, as --baseline; only policies are compared without';
  const expected = 'a study with a comparison';
  if (asking.length > 0) {
    throw new ScenarioError(asking.map((path) => ({ path, expected, hint })));
  }
}

function seedOf(assignments: readonly string[], option: number | null): number | null {
  const seeds = assignments.map((text) => wholeFrom(0, 'seed')(text.slice('seed='.length)));
  if (option !== null) seeds.push(option);
  if (new Set(seeds).size <= 1) return seeds[0] ?? null;
  const value = seeds.join(' and ');
  throw new ScenarioError([{ path: 'seed', value, expected: 'one seed', hint: 'give it once' }]);
}

/** Makes the reader of a whole number. */
function wholeFrom(min: number, path: string, max = Number.MAX_SAFE_INTEGER) {
  return (text: string): number => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
    const bound = max === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(max);
    const expected = `a whole number from ${min} to ${bound}`;
    throw new ScenarioError([{ path, value: JSON.stringify(text), expected }]);
  };
}

const SHARDS_MAX = 10_000;

function parseShard(text: string): { readonly index: number; readonly count: number } {
  const [index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text)?.slice(1) ?? []).map(Number);
  const isRight =
    index !== undefined &&
    count !== undefined &&
    index >= 1 &&
    index <= count &&
    count <= SHARDS_MAX;
  if (isRight) return { index, count };
  const expected = 'a part i/n with 1 <= i <= n, such as 3/8';
  throw new ScenarioError([{ path: '--shard', value: JSON.stringify(text), expected }]);
}
