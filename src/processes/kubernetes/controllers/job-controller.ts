import type { Template } from './facts.ts';
import type { ControllerHost, Syncable } from './host.ts';
import { type JobRule, type JobState, syncJob } from './job.ts';
import type { OwnedPod } from './pods.ts';
import { sortedVictims } from './replica-set.ts';

/** Pod events of a second are seen together. */
const BATCH_US = 1_000_000;

/** What a Job is made from. */
export interface JobParts {
  readonly workload: number;
  readonly template: Template;
  readonly rule: JobRule;
  /** Key of its CronJob, which is synced when the Job is over; absent without one. */
  readonly owner?: number;
}

/**
 * Runs the pods of a Job to its end.
 *
 * A pod that loses its node counts as failed, as upstream counts a pod that is deleted. *Source*: Kubernetes v1.34,
 * pkg/controller/job.
 */
export class JobController implements Syncable {
  readonly key: number;
  readonly batchUs = BATCH_US;
  /** Null while it goes on. */
  condition: 'Complete' | 'Failed' | null = null;
  private readonly host: ControllerHost;
  private readonly parts: JobParts;
  private startedAtUs: number | null = null;
  private succeeded = 0;
  private failed = 0;
  private failuresInRow = 0;
  private lastFailureAtUs = 0;
  private readonly succeededIndexes = new Set<number>();
  private readonly failedIndexes = new Set<number>();
  private readonly indexFailures = new Map<number, { count: number; lastAtUs: number }>();
  private isCancelled = false;

  constructor(host: ControllerHost, parts: JobParts) {
    this.host = host;
    this.parts = parts;
    this.key = host.add(this, 'job', parts.workload);
  }

  get waitsUntilGone(): boolean {
    return this.parts.rule.replacesOnlyFailed;
  }

  /** Keys whose pods are its own. */
  keys(): readonly number[] {
    return [this.key];
  }

  /** Pods that should be there, for budgets. */
  get wanted(): number {
    return this.condition === null ? this.parts.rule.parallelism : 0;
  }

  /** Deletes its pods; it makes no more. */
  cancel(): void {
    this.isCancelled = true;
    this.host.request(this.key);
  }

  podLeft(pod: OwnedPod, how: 'succeeded' | 'deleted' | 'evicted'): void {
    if (how === 'succeeded') {
      this.succeeded++;
      this.failuresInRow = 0;
      if (pod.ordinal >= 0) this.succeededIndexes.add(pod.ordinal);
    } else if (this.condition === null && !this.isCancelled) this.fail(pod);
  }

  private fail(pod: OwnedPod): void {
    const { backoffLimitPerIndex } = this.parts.rule;
    this.failed++;
    this.failuresInRow++;
    this.lastFailureAtUs = this.host.nowUs;
    if (pod.ordinal < 0) return;
    const count = (this.indexFailures.get(pod.ordinal)?.count ?? 0) + 1;
    this.indexFailures.set(pod.ordinal, { count, lastAtUs: this.host.nowUs });
    if (backoffLimitPerIndex !== null && count > backoffLimitPerIndex) {
      this.failedIndexes.add(pod.ordinal);
    }
  }

  sync(): void {
    const { host, parts } = this;
    if (host.isBusy(this.key)) return;
    const active = host.pods.active(this.key);
    if (this.condition !== null || this.isCancelled) {
      host.remove(this.key, active);
      return;
    }
    if (parts.rule.isSuspended) this.startedAtUs = null;
    else this.startedAtUs ??= host.nowUs;
    const step = syncJob(parts.rule, this.stateWith(active));
    if (step.kind === 'over') {
      this.condition = step.condition;
      host.settle(parts.workload, 0);
      host.remove(this.key, active);
      if (parts.owner !== undefined) host.request(parts.owner);
      return;
    }
    host.request(this.key, step.againAtUs);
    this.awaitDeadline();
    host.create(
      this.key,
      step.create.map((ordinal) => ({ ...parts.template, template: 0, ordinal })),
    );
    if (step.remove > 0) {
      const victims = sortedVictims(host, active, [this.key]);
      host.remove(this.key, victims.slice(0, step.remove));
    }
  }

  private awaitDeadline(): void {
    const { activeDeadlineUs } = this.parts.rule;
    if (activeDeadlineUs !== null && this.startedAtUs !== null) {
      this.host.request(this.key, this.startedAtUs + activeDeadlineUs);
    }
  }

  private stateWith(active: readonly OwnedPod[]): JobState {
    const { host, parts } = this;
    let present = 0;
    const taken: number[] = [];
    for (const pod of host.pods.of(this.key)) {
      present++;
      if (!pod.isTerminating || parts.rule.replacesOnlyFailed) taken.push(pod.ordinal);
    }
    const ascending = (set: ReadonlySet<number>): number[] => [...set].sort((a, b) => a - b);
    return {
      nowUs: host.nowUs,
      startedAtUs: this.startedAtUs,
      succeeded: this.succeeded,
      failed: this.failed,
      active: active.length,
      terminating: present - active.length,
      succeededIndexes: ascending(this.succeededIndexes),
      failedIndexes: ascending(this.failedIndexes),
      takenIndexes: taken.sort((a, b) => a - b),
      failuresInRow: this.failuresInRow,
      lastFailureAtUs: this.lastFailureAtUs,
      indexFailures: this.indexFailures,
    };
  }
}
