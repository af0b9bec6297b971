/**
 * What crosses between a pool and its workers: tasks, answers, progress and errors as plain data, which a copy between threads
 * leaves whole.
 */
import { InvariantError, type Issue, PolicyError, ScenarioError } from '../base/errors.ts';
import type { Bundle } from '../results/bundle.ts';
import type { Progress, SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { StopReason } from './simulate.ts';

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
