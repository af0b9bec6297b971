/**
 * Runs on several cores: a pool of worker threads that stay warm, fed with plain data and answering with bundles.
 *
 * *Guarantees*: workers share nothing but the flag to stop and the progress of each run, so an answer depends on its task
 * alone; errors keep their family. Price: a task's scenario and its bundle are copied between threads, series are moved.
 */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Tinypool } from 'tinypool';
import { assert } from '../base/assert.ts';
import { InvariantError, type Issue, PolicyError, ScenarioError } from '../base/errors.ts';
import type { Bundle } from '../results/bundle.ts';
import type { Progress, SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { sha256OfText, writeTextFile } from './files.ts';
import type { StopReason } from './simulate.ts';
import { packagePath } from './version.ts';

/** One run as plain data. */
export interface RunTask {
  readonly scenario: Scenario;
  /** An integer in [0, 2^53). */
  readonly seed: number;
  readonly replication: number;
  /** Files of policies; each worker loads them once. */
  readonly plugins: readonly string[];
  readonly check: boolean;
  readonly manifest: SimulationManifest;
}

/** What came of a task. */
export interface RunAnswer {
  readonly bundle: Bundle;
  /** Null if it reached its horizon. */
  readonly stopped: StopReason | null;
  readonly events: number;
  /** Wall clock of the run in its worker, milliseconds. */
  readonly wallMs: number;
}

/** Where a run writes how far it is, for its owner to read at any time: the fields of {@link Progress} in order. */
export type ProgressCell = Float64Array;

/** A task as it is sent. */
export interface SentTask {
  readonly task: RunTask;
  readonly cell: ProgressCell | null;
}

/** An error as plain data. */
export type SentError =
  | { readonly family: 'scenario'; readonly issues: readonly Issue[]; readonly exitCode: 2 | 3 }
  | { readonly family: 'policy'; readonly policy: string; readonly message: string }
  | { readonly family: 'invariant' | 'other'; readonly message: string; readonly stack: string };

/** What a worker sends back. */
export type SentAnswer = { readonly answer: RunAnswer } | { readonly error: SentError };

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

/** The reasons to stop, as numbers in the shared flag; 0 is none. */
export const STOP_REASONS: readonly (StopReason | null)[] = [
  null,
  'SIGINT',
  'SIGTERM',
  'time limit',
];

const PROGRESS_FIELDS = ['nowUs', 'events', 'arrived', 'running', 'pending'] as const;

/** Makes a place where a run in another thread writes how far it is. */
export function progressCell(): ProgressCell {
  return new Float64Array(new SharedArrayBuffer(8 * PROGRESS_FIELDS.length));
}

/** Reads how far a run is; all zero before it started. */
export function readProgress(cell: ProgressCell): Progress {
  const [nowUs, events, arrived, running, pending] = cell as unknown as number[];
  return {
    nowUs: nowUs!,
    events: events!,
    arrived: arrived!,
    running: running!,
    pending: pending!,
  };
}

/** Writes how far a run is. */
export function writeProgress(cell: ProgressCell, progress: Progress): void {
  PROGRESS_FIELDS.forEach((field, i) => {
    cell[i] = progress[field];
  });
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
    filename: await workerFile(),
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

const IS_BUILT = import.meta.url.endsWith('.js');

/**
 * Names the module that workers run. From source, where Node 20 cannot import TypeScript, it is compiled into a file
 * below `node_modules`, so that packages are found.
 */
async function workerFile(): Promise<string> {
  // By way of the folder above, because a bundled command holds this file in any folder of the build.
  if (IS_BUILT) return fileURLToPath(new URL('../host/run-worker.js', import.meta.url));
  compiled ??= compileWorker();
  return compiled;
}

let compiled: Promise<string> | undefined;

async function compileWorker(): Promise<string> {
  const { build } = await import('esbuild');
  const source = packagePath('src', 'host', 'run-worker.ts');
  const { outputFiles } = await build({
    entryPoints: [source],
    bundle: true,
    write: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    // What looks for files of the installation starts from the sources.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(source).href) },
  });
  const { text } = outputFiles[0]!;
  const name = `orrery-worker-${sha256OfText(text).slice(0, 16)}.mjs`;
  const file = packagePath('node_modules', '.cache', name);
  await writeTextFile(file, text);
  return file;
}

/** Makes plain data of an error, because a copy between threads loses its class. */
export function sentError(error: unknown): SentError {
  if (error instanceof ScenarioError) {
    return { family: 'scenario', issues: error.issues, exitCode: error.exitCode };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof PolicyError) return { family: 'policy', policy: error.policy, message };
  const family = error instanceof InvariantError ? 'invariant' : 'other';
  return { family, message, stack: stack ?? '' };
}

/** Makes the error again that {@link sentError} took apart. */
export function errorOf(sent: SentError): Error {
  if (sent.family === 'scenario') return new ScenarioError(sent.issues, sent.exitCode);
  if (sent.family === 'policy') return policyError(sent);
  const error =
    sent.family === 'invariant' ? new InvariantError(sent.message) : new Error(sent.message);
  error.stack = sent.stack;
  return error;
}

function policyError(sent: SentError & { family: 'policy' }): PolicyError {
  const error = new PolicyError(sent.policy, '');
  // The message is whole already: it names the policy and the time.
  error.message = sent.message;
  return error;
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
