/** Replications of one run: how many, from which instant, on how many cores; always the same bundle. */
import { ScenarioError } from '../base/errors.ts';
import { formatDuration } from '../base/units.ts';
import type { Bundle, Effort } from '../results/bundle.ts';
import { mser5, type Precision } from '../results/effort.ts';
import {
  meanCourse,
  type PrecisionGoal,
  precisionSoFar,
  precisionValue,
} from '../results/precision.ts';
import { mergeReplications } from '../results/replications.ts';
import type { Progress } from '../run/run.ts';
import type { Interrupts } from './interrupt.ts';
import { openPool, type RunPool, runAll } from './pool.ts';
import {
  type ProgressCell,
  progressCell,
  type RunAnswer,
  type RunTask,
  readProgress,
} from './run-task.ts';
import type { StopReason } from './simulate.ts';

/** Replications before the stopping rule is asked, and those that a warm-up is looked for in. */
const PILOT = 10;

/** How to replicate. */
export interface ReplicateOptions {
  /** The run; its number is overwritten. */
  readonly task: Omit<RunTask, 'replication'>;
  /** A fixed number of at least 2, or until the goal is reached. */
  readonly reps: number | 'auto';
  /** Of `auto`, at least 2. */
  readonly maxReps: number;
  /** Needed for `auto`. */
  readonly goal: PrecisionGoal | null;
  /** `mser5` finds it over the course of a metric: that of the goal. */
  readonly warmup: Effort['warmup'];
  /** What the warm-up is looked for in. */
  readonly warmupGoal: PrecisionGoal;
  /** Worker threads, at least 1. */
  readonly threads: number;
  readonly interrupts: Interrupts;
  /** Wall clock after which everything stops, in milliseconds; absent for none. */
  readonly timeLimitMs?: number;
  /** Told a few times a second. */
  readonly onProgress?: (progress: ReplicationProgress) => void;
}

/** Where an experiment stands. */
export interface ReplicationProgress {
  /** Looking for the warm-up, or running what counts. */
  readonly phase: 'pilot' | 'replications';
  readonly done: number;
  /** In all; an estimate where the precision decides. */
  readonly planned: number;
  readonly isEstimate: boolean;
  /** Finished replications and those under way added up; `nowUs` over all of them. */
  readonly facts: Progress;
  readonly precision: Precision | null;
}

/** An experiment that ended, and what it took. */
export interface ReplicateOutcome {
  readonly bundle: Bundle;
  /** Null if all replications are there. */
  readonly stopped: StopReason | null;
  readonly events: number;
  readonly wallMs: number;
  /** Worker threads that ran it; absent where it ran in this one. */
  readonly threads?: number;
}

/**
 * Runs replications 0, 1, 2 and so on of a scenario and merges them.
 *
 * A signal ends it after the replications that are under way, the time limit at once; what is finished by then is the bundle,
 * and if nothing is, the part of replication 0.
 *
 * @throws ScenarioError, PolicyError and InvariantError from the runs, of the first replication that has one; ScenarioError
 *   (exit 2) where the warm-up takes more than half of the run
 *
 * *Order*: replications by number, whatever finishes first: the number of threads changes nothing.
 */
export async function replicate(options: ReplicateOptions): Promise<ReplicateOutcome> {
  const startedMs = performance.now();
  const pool = await openPool({ threads: options.threads });
  const limit =
    options.timeLimitMs === undefined
      ? undefined
      : setTimeout(() => pool.stop('time limit'), options.timeLimitMs);
  try {
    const found = options.warmup === 'mser5' ? await findWarmup(pool, options) : null;
    const last =
      found !== null && found.stopped !== null
        ? found
        : await new Experiment(pool, options, found?.warmupUs).run(found?.reusable ?? []);
    const effort = { warmup: options.warmup, precision: precisionFact(options.goal, last) };
    const bundle =
      last.bundles.length === 0
        ? last.partial!
        : mergeReplications(last.bundles, { stopped: last.stopped, effort });
    const isApart = found !== null && found !== last && found.reusable.length === 0;
    const events = last.events + (isApart ? found.events : 0);
    const wallMs = performance.now() - startedMs;
    return { bundle, stopped: last.stopped, events, wallMs, threads: pool.threads };
  } finally {
    clearTimeout(limit);
    await pool.close();
  }
}

function precisionFact(goal: PrecisionGoal | null, last: Finished): Effort['precision'] {
  const { precision } = last;
  if (goal === null || precision === null) return null;
  const { relative, isReached, replicationsNeeded } = precision;
  return { goal: goal.text, gamma: goal.gamma, relative, isReached, replicationsNeeded };
}

/** What a set of replications gave. */
interface Finished {
  /** From replication 0 on, without a gap. */
  readonly bundles: readonly Bundle[];
  /** The part of replication 0, where nothing else is there. */
  readonly partial: Bundle | null;
  readonly stopped: StopReason | null;
  readonly events: number;
  readonly precision: Precision | null;
}

/** Runs the pilot and cuts off what MSER-5 finds over the mean course of the metric. */
async function findWarmup(
  pool: RunPool,
  options: ReplicateOptions,
): Promise<Finished & { readonly warmupUs: number; readonly reusable: readonly RunAnswer[] }> {
  const most = options.reps === 'auto' ? options.maxReps : options.reps;
  const pilot = new Experiment(
    pool,
    { ...options, reps: Math.min(PILOT, most), goal: null },
    0,
    'pilot',
  );
  const finished = await pilot.run([]);
  if (finished.stopped !== null) return { ...finished, warmupUs: 0, reusable: [] };
  const course = meanCourse(options.warmupGoal, finished.bundles);
  const { truncated, isTooShort } = mser5(course);
  const { scenario } = options.task;
  const warmupUs = truncated * scenario.series.everyUs;
  if (isTooShort) {
    const value = `${formatDuration(warmupUs)} of ${formatDuration(scenario.horizonUs)}`;
    const hint =
      course.length < 50
        ? 'run too short: MSER-5 needs at least 50 buckets of series.every'
        : 'run too short: take a longer horizon, or give the warm-up';
    const expected = 'a warm-up of at most half of the run';
    throw new ScenarioError([{ path: '--warmup', value, expected, hint }]);
  }
  return { ...finished, warmupUs, reusable: warmupUs === 0 ? pilot.answers : [] };
}

/** Hands out replications, takes their bundles in order and decides when there are enough. */
class Experiment {
  readonly answers: RunAnswer[] = [];
  private readonly pool: RunPool;
  private readonly options: ReplicateOptions;
  private readonly task: Omit<RunTask, 'replication'>;
  private readonly phase: ReplicationProgress['phase'];
  private readonly most: number;
  private readonly cells = new Map<number, ProgressCell>();
  private readonly values: (number | null)[] = [];
  private handed = 0;
  private events = 0;
  private arrived = 0;
  private isEnough = false;
  private stopped: StopReason | null = null;
  private partial: Bundle | null = null;
  private precision: Precision | null = null;

  constructor(
    pool: RunPool,
    options: ReplicateOptions,
    warmupUs: number | undefined,
    phase: ReplicationProgress['phase'] = 'replications',
  ) {
    this.pool = pool;
    this.options = options;
    this.phase = phase;
    const { scenario } = options.task;
    this.task =
      warmupUs === undefined
        ? options.task
        : { ...options.task, scenario: { ...scenario, warmupUs } };
    this.most = options.reps === 'auto' ? options.maxReps : options.reps;
  }

  /** @param before answers of the first replications that are there already */
  async run(before: readonly RunAnswer[]): Promise<Finished> {
    for (const answer of before) this.take(answer, this.handed++);
    const { onProgress } = this.options;
    const tell = () => onProgress?.(this.progress());
    tell();
    const timer = onProgress === undefined ? undefined : setInterval(tell, 100);
    try {
      await runAll(this.pool, {
        next: () => this.next(),
        take: (answer, { replication }) => this.take(answer, replication),
        cellOf: ({ replication }) => this.cellOf(replication),
      });
    } finally {
      clearInterval(timer);
    }
    tell();
    const { partial, events, precision } = this;
    const isReached = this.options.reps === 'auto' && precision?.isReached === true;
    const stopped = isReached ? null : this.stopped;
    return { bundles: this.answers.map((a) => a.bundle), partial, stopped, events, precision };
  }

  private next(): RunTask | null {
    const { received } = this.options.interrupts;
    // The first is always handed out, so that there is something to write.
    if (received !== null && this.handed > 0 && this.handed < this.most) this.stopped ??= received;
    const isOver = this.isEnough || this.stopped !== null || this.handed >= this.most;
    return isOver ? null : { ...this.task, replication: this.handed++ };
  }

  private take(answer: RunAnswer, replication: number): void {
    const cell = this.cells.get(replication);
    this.cells.delete(replication);
    this.events += answer.events;
    if (cell !== undefined) this.arrived += readProgress(cell).arrived;
    // What was under way when it was decided does not count: it depends on the number of threads.
    if (this.isEnough) return;
    if (answer.stopped !== null || this.partial !== null) {
      this.stopped ??= answer.stopped;
      if (this.answers.length === 0) this.partial ??= answer.bundle;
      this.isEnough = true;
      return;
    }
    this.answers.push(answer);
    const { goal, reps } = this.options;
    if (goal === null) return;
    this.values.push(precisionValue(goal, answer.bundle));
    const pilot = Math.max(2, Math.min(PILOT, this.most));
    this.precision = precisionSoFar(goal, this.values, pilot);
    this.isEnough = reps === 'auto' && this.precision.isReached;
  }

  private cellOf(replication: number): ProgressCell {
    const cell = progressCell();
    this.cells.set(replication, cell);
    return cell;
  }

  private progress(): ReplicationProgress {
    const { precision, most, phase } = this;
    const isAuto = this.options.reps === 'auto';
    const taken = this.answers.length;
    const { horizonUs } = this.task.scenario;
    let done = taken;
    const facts = { nowUs: 0, events: this.events, arrived: this.arrived, running: 0, pending: 0 };
    for (const cell of this.cells.values()) {
      const own = readProgress(cell);
      if (own.nowUs >= horizonUs) done++;
      facts.nowUs += own.nowUs;
      facts.events += own.events;
      facts.arrived += own.arrived;
      facts.running += own.running;
      facts.pending += own.pending;
    }
    facts.nowUs += taken * horizonUs;
    done = Math.min(done, most);
    const needed = this.isEnough ? taken : (precision?.replicationsNeeded ?? PILOT);
    const planned = isAuto ? Math.min(most, Math.max(needed, done, Math.min(PILOT, most))) : most;
    return { phase, done, planned, isEstimate: isAuto, facts, precision };
  }
}
