/**
 * Runs on several cores: a pool of worker threads that stay warm, fed with plain data and answering with bundles.
 *
 * *Guarantees*: workers share nothing but the flag to stop and the progress of each run, so an answer depends on its task
 * alone; errors keep their family. Price: a task's scenario and its bundle are copied between threads, series are moved.
 */
import { Tinypool } from 'tinypool';
import { assert } from '../base/assert.ts';
import {
  errorOf,
  type ProgressCell,
  type RunAnswer,
  type RunTask,
  type SentAnswer,
  type SentTask,
  STOP_REASONS,
} from './run-task.ts';
import type { StopReason } from './simulate.ts';
import { workerFile } from './worker-file.ts';

/** Worker threads that run tasks. */
export interface RunPool {
  readonly threads: number;
  /**
   * Runs a task as soon as a worker is free, in the order of calls.
   *
   * @param cell is told how far the run is, see {@link progressCell}
   * @throws ScenarioError, PolicyError and InvariantError of the run
   */
  run(task: RunTask, cell?: ProgressCell): Promise<RunAnswer>;
  /** Asks what runs, and all that is handed out later, to end at once with a partial bundle. */
  stop(reason: StopReason): void;
  /** Ends the workers; what still runs is lost. */
  close(): Promise<void>;
}

/**
 * Starts the workers of a pool.
 *
 * @param options `threads`: a whole number of at least 1
 */
export async function openPool(options: { readonly threads: number }): Promise<RunPool> {
  const { threads } = options;
  assert(Number.isInteger(threads) && threads >= 1, 'a pool needs at least 1 thread');
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const pool = new Tinypool({
    filename: await workerFile(new URL('../host/run-worker.js', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    workerData: flag,
  });
  const waiting = new Set<(error: unknown) => void>();
  // A worker that cannot start belongs to no task: all that wait are told, or they would wait for ever.
  pool.on('error', (error) => {
    for (const reject of waiting) reject(error);
  });
  return {
    threads,
    async run(task, cell) {
      const sent: SentTask = { task, cell: cell ?? null };
      const back = await new Promise<SentAnswer>((resolve, reject) => {
        waiting.add(reject);
        pool
          .run(sent)
          .then(resolve, reject)
          .finally(() => waiting.delete(reject));
      });
      if ('answer' in back) return back.answer;
      throw errorOf(back.error);
    },
    stop(reason) {
      Atomics.store(flag, 0, STOP_REASONS.indexOf(reason));
    },
    close: () => pool.destroy(),
  };
}

/** How many runs are handed out, and when no more are. */
export interface HandOut {
  /** Gives the next task, or null when there are no more; asked only when a worker is free. */
  readonly next: () => RunTask | null;
  /** Told of each answer in the order of the tasks, whatever finishes first. */
  readonly take: (answer: RunAnswer, task: RunTask) => void | Promise<void>;
  /** Gives the place where a task tells how far it is. */
  readonly cellOf?: (task: RunTask) => ProgressCell;
}

/**
 * Keeps all workers busy until there are no more tasks.
 *
 * @throws what a run throws, the first in the order of tasks; the others are waited for
 *
 * *Order*: `next` is asked in the order of workers that become free, `take` is told in the order of tasks.
 */
export async function runAll(pool: RunPool, work: HandOut): Promise<void> {
  let taken: Promise<void> = Promise.resolve();
  let hasFailed = false;
  const serve = async (): Promise<void> => {
    for (let task = work.next(); task !== null && !hasFailed; task = work.next()) {
      const own = task;
      const answer = pool.run(own, work.cellOf?.(own));
      taken = taken.then(async () => work.take(await answer, own));
      // Thrown once, in its turn, when all is over: until then it is nobody's to handle.
      taken.catch(() => {});
      await answer.catch(() => {
        hasFailed = true;
      });
    }
  };
  await Promise.all(Array.from({ length: pool.threads }, serve));
  await taken;
}
