/** Runs what a study still lacks on the workers of a pool, and keeps each run as soon as it is finished. */
import type { StopSignal } from './interrupt.ts';
import { openPool, type RunPool } from './pool.ts';
import type { RunTask } from './run-task.ts';
import type { StopReason } from './simulate.ts';
import type { PlannedRun } from './study-plan.ts';
import type { SeriesWriter, StudyStore } from './study-store.ts';

/** One run to make sure of. */
export interface SweepRun {
  readonly run: PlannedRun;
  readonly task: RunTask;
}

/** How a sweep runs. */
export interface SweepOptions {
  readonly store: StudyStore;
  readonly runs: readonly SweepRun[];
  /** Worker threads, at least 1; no more than there are runs to make. */
  readonly jobs: number;
  readonly seriesBytes: SeriesWriter;
  /** Told of every run that is there: at once for those that were, then as they finish. */
  readonly onProgress: (progress: SweepProgress) => void;
  /** Told of a run that is made again because its copy in the folder is damaged. */
  readonly onDamaged: (run: PlannedRun, file: string) => void;
  /** Told of the run that ends the sweep by its error. */
  readonly onFailed: (run: PlannedRun) => void;
  /** Asked between runs and handed to the runs: why to stop now, or null. */
  readonly interrupts: { readonly received: StopSignal | null; readonly onFirst: Listen };
}

type Listen = (listener: (reason: StopSignal) => void) => void;

/** Where a sweep stands. */
export interface SweepProgress {
  readonly total: number;
  /** Runs that were in the folder. */
  readonly reused: number;
  /** Runs made so far. */
  readonly made: number;
  /** The run that was finished last; null at the start. */
  readonly last: PlannedRun | null;
}

/** What a sweep did. */
export interface SweepOutcome extends SweepProgress {
  /** Null if every run is there. */
  readonly stopped: StopReason | null;
  readonly events: number;
  /** Wall clock in workers, milliseconds, over all runs that were made. */
  readonly workMs: number;
}

/**
 * Makes sure that all runs are in the store.
 *
 * What is kept does not depend on jobs or order: a run is a function of its task alone. The first run that fails ends the
 * sweep; what was finished before stays.
 *
 * @throws ScenarioError, PolicyError and InvariantError of a run; ScenarioError (exit 3) where it cannot be written
 */
export async function makeRuns(options: SweepOptions): Promise<SweepOutcome> {
  const { store, runs, onDamaged, onProgress } = options;
  const missing: SweepRun[] = [];
  for (const one of runs) {
    const state = store.stateOf(one.run.key);
    if (state === 'whole') continue;
    if (state !== 'missing') {
      onDamaged(one.run, state.damaged);
      await store.dropRun(one.run.key);
    }
    missing.push(one);
  }
  const reused = runs.length - missing.length;
  const start = { total: runs.length, reused, made: 0, last: null };
  onProgress(start);
  if (missing.length === 0) return { ...start, stopped: null, events: 0, workMs: 0 };
  const threads = Math.min(options.jobs, missing.length);
  const pool = await openPool({ threads });
  options.interrupts.onFirst((reason) => pool.stop(reason));
  try {
    return await new Lanes(options, missing, pool).run(start);
  } finally {
    await pool.close();
  }
}

/** Several runs under way at once; each lane takes the next run when its last one is kept. */
class Lanes {
  private readonly options: SweepOptions;
  private readonly missing: readonly SweepRun[];
  private readonly pool: RunPool;
  private next = 0;
  private made = 0;
  private events = 0;
  private workMs = 0;
  private stopped: StopReason | null = null;
  private hasFailed = false;
  private last: PlannedRun | null = null;

  constructor(options: SweepOptions, missing: readonly SweepRun[], pool: RunPool) {
    this.options = options;
    this.missing = missing;
    this.pool = pool;
  }

  async run(start: SweepProgress): Promise<SweepOutcome> {
    // One more than there are workers: the next task waits where the last one's bundle is written.
    const lanes = Array.from({ length: this.pool.threads + 1 }, () => this.lane(start));
    const ends = await Promise.allSettled(lanes);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    const { made, events, workMs, last } = this;
    return { ...start, made, last, events, workMs, stopped: this.stopped };
  }

  private async lane(start: SweepProgress): Promise<void> {
    const { interrupts, onFailed, onProgress, seriesBytes, store } = this.options;
    for (;;) {
      this.stopped ??= interrupts.received;
      const one = this.missing[this.next];
      if (one === undefined || this.stopped !== null || this.hasFailed) return;
      this.next++;
      try {
        const { bundle, stopped, events, wallMs } = await this.pool.run(one.task);
        if (stopped !== null) {
          this.stopped = stopped;
          return;
        }
        await store.writeRun(one.run.key, bundle, seriesBytes);
        this.made++;
        this.events += events;
        this.workMs += wallMs;
        this.last = one.run;
        onProgress({ ...start, made: this.made, last: one.run });
      } catch (error) {
        // The others under way end early, and their runs are not kept.
        if (!this.hasFailed) {
          this.pool.stop('SIGTERM');
          onFailed(one.run);
        }
        this.hasFailed = true;
        throw error;
      }
    }
  }
}
