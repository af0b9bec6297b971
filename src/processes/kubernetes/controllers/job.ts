/**
 * One sync of a Job: whether it is over, and how many pods to make or delete.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/job.
 */

/** What a Job is asked for. */
export interface JobRule {
  /** Null makes a work queue. */
  readonly completions: number | null;
  readonly parallelism: number;
  readonly isIndexed: boolean;
  readonly backoffLimit: number;
  readonly backoffLimitPerIndex: number | null;
  readonly maxFailedIndexes: number | null;
  readonly activeDeadlineUs: number | null;
  readonly replacesOnlyFailed: boolean;
  readonly isSuspended: boolean;
}

/** How a Job stands. */
export interface JobState {
  readonly nowUs: number;
  /** Of the Job, or its last resumption; null before its first sync or while suspended. */
  readonly startedAtUs: number | null;
  readonly succeeded: number;
  /** Failed pods that count. */
  readonly failed: number;
  readonly active: number;
  readonly terminating: number;
  /** Indexes by state, ascending; empty unless indexed. */
  readonly succeededIndexes: readonly number[];
  readonly failedIndexes: readonly number[];
  /** Of active pods; of terminating ones too where only failed pods are replaced. */
  readonly takenIndexes: readonly number[];
  /** Failures since the last success, and when the last one was. */
  readonly failuresInRow: number;
  readonly lastFailureAtUs: number;
  /** By index, with a limit per index: failures of it, and the last one. */
  readonly indexFailures: ReadonlyMap<
    number,
    { readonly count: number; readonly lastAtUs: number }
  >;
}

/** What a sync finds. */
export type JobStep =
  | {
      readonly kind: 'over';
      readonly condition: 'Complete' | 'Failed';
      readonly reason: string;
    }
  | {
      readonly kind: 'go';
      /** Pods to make: by index if indexed, else as many entries of -1. */
      readonly create: readonly number[];
      /** Surplus pods to delete. */
      readonly remove: number;
      /** When to look again for a backoff that holds pods back; Infinity if none does. */
      readonly againAtUs: number;
    };

const MOST_AT_ONCE = 500;
const BACKOFF_FIRST_US = 10_000_000;
const BACKOFF_MOST_US = 600_000_000;

/** Time that must pass after the n-th failure in a row: 10 s doubling to ten minutes. */
export function jobBackoffUs(failures: number): number {
  let backoffUs = BACKOFF_FIRST_US;
  for (let i = 1; i < failures && backoffUs < BACKOFF_MOST_US; i++) backoffUs *= 2;
  return failures === 0 ? 0 : Math.min(backoffUs, BACKOFF_MOST_US);
}

/** Finds what one sync does. */
export function syncJob(rule: JobRule, state: JobState): JobStep {
  const end = endOf(rule, state);
  if (end !== null) return end;
  const idle = { kind: 'go', create: [], remove: 0, againAtUs: Number.POSITIVE_INFINITY } as const;
  if (rule.isSuspended) return { ...idle, remove: state.active };
  const wanted = wantedActive(rule, state);
  if (state.active > wanted) {
    return { ...idle, remove: Math.min(state.active - wanted, MOST_AT_ONCE) };
  }
  const blocked = rule.replacesOnlyFailed ? state.terminating : 0;
  const need = Math.min(wanted - state.active - blocked, MOST_AT_ONCE);
  if (need <= 0) return idle;
  return rule.backoffLimitPerIndex === null
    ? afterBackoff(rule, state, need)
    : afterIndexBackoff(rule, state, need);
}

function endOf(rule: JobRule, state: JobState): JobStep | null {
  const failed = (reason: string): JobStep => ({ kind: 'over', condition: 'Failed', reason });
  if (state.failed > rule.backoffLimit) return failed('BackoffLimitExceeded');
  const { activeDeadlineUs, maxFailedIndexes } = rule;
  const { startedAtUs } = state;
  if (
    activeDeadlineUs !== null &&
    startedAtUs !== null &&
    state.nowUs - startedAtUs >= activeDeadlineUs
  ) {
    return failed('DeadlineExceeded');
  }
  const lost = state.failedIndexes.length;
  if (maxFailedIndexes !== null && lost > maxFailedIndexes)
    return failed('MaxFailedIndexesExceeded');
  if (rule.completions === null) {
    const isDone = state.succeeded > 0 && state.active === 0;
    return isDone ? { kind: 'over', condition: 'Complete', reason: 'CompletionsReached' } : null;
  }
  if (lost > 0 && state.succeeded + lost >= rule.completions) return failed('FailedIndexes');
  if (state.succeeded < rule.completions) return null;
  return { kind: 'over', condition: 'Complete', reason: 'CompletionsReached' };
}

function wantedActive(rule: JobRule, state: JobState): number {
  const { completions, parallelism } = rule;
  if (completions === null) return state.succeeded > 0 ? state.active : parallelism;
  const left = completions - state.succeeded - state.failedIndexes.length;
  return Math.min(parallelism, Math.max(0, left));
}

function afterBackoff(rule: JobRule, state: JobState, need: number): JobStep {
  const readyAtUs = state.lastFailureAtUs + jobBackoffUs(state.failuresInRow);
  if (state.failuresInRow > 0 && readyAtUs > state.nowUs) {
    return { kind: 'go', create: [], remove: 0, againAtUs: readyAtUs };
  }
  const create = rule.isIndexed ? freeIndexes(rule, state).slice(0, need) : filled(need);
  return { kind: 'go', create, remove: 0, againAtUs: Number.POSITIVE_INFINITY };
}

/** Each index waits for itself. */
function afterIndexBackoff(rule: JobRule, state: JobState, need: number): JobStep {
  const create: number[] = [];
  let againAtUs = Number.POSITIVE_INFINITY;
  for (const index of freeIndexes(rule, state)) {
    if (create.length === need) break;
    const failures = state.indexFailures.get(index);
    const readyAtUs = failures === undefined ? 0 : failures.lastAtUs + jobBackoffUs(failures.count);
    if (readyAtUs <= state.nowUs) create.push(index);
    else againAtUs = Math.min(againAtUs, readyAtUs);
  }
  return { kind: 'go', create, remove: 0, againAtUs };
}

/** Lowest first. */
function freeIndexes(rule: JobRule, state: JobState): number[] {
  const taken = new Set([...state.succeededIndexes, ...state.failedIndexes, ...state.takenIndexes]);
  const free: number[] = [];
  for (let i = 0; i < (rule.completions ?? 0); i++) if (!taken.has(i)) free.push(i);
  return free;
}

function filled(count: number): number[] {
  return new Array<number>(count).fill(-1);
}
