/** Jobs and StatefulSets, synced as in the worked examples of their source. */
import { describe, expect, it } from 'vitest';
import {
  type JobRule,
  type JobState,
  jobBackoffUs,
  syncJob,
} from '../../../../../src/processes/kubernetes/controllers/job.ts';
import {
  type StatefulPod,
  type StatefulState,
  syncStateful,
} from '../../../../../src/processes/kubernetes/controllers/stateful.ts';

const SECOND = 1_000_000;

const rule = (over: Partial<JobRule> = {}): JobRule => ({
  completions: 10,
  parallelism: 3,
  isIndexed: false,
  backoffLimit: 6,
  backoffLimitPerIndex: null,
  maxFailedIndexes: null,
  activeDeadlineUs: null,
  replacesOnlyFailed: false,
  isSuspended: false,
  ...over,
});
const state = (over: Partial<JobState> = {}): JobState => ({
  nowUs: 0,
  startedAtUs: 0,
  succeeded: 0,
  failed: 0,
  active: 0,
  terminating: 0,
  succeededIndexes: [],
  failedIndexes: [],
  takenIndexes: [],
  failuresInRow: 0,
  lastFailureAtUs: 0,
  indexFailures: new Map(),
  ...over,
});

describe('a Job', () => {
  const made = (r: JobRule, s: JobState) => {
    const step = syncJob(r, s);
    return step.kind === 'go' ? step.create.length : step.reason;
  };

  it('of ten, three at a time, makes 3, 3, 3 and 1', () => {
    expect([0, 3, 6, 9, 10].map((succeeded) => made(rule(), state({ succeeded })))).toEqual([
      3,
      3,
      3,
      1,
      'CompletionsReached',
    ]);
  });

  it('waits 10, 20, 40, 80, 160 and 320 s, and fails at 665 s with its seventh failure', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8].map((n) => jobBackoffUs(n) / SECOND)).toEqual([
      10, 20, 40, 80, 160, 320, 600, 600,
    ]);
    const one = rule({ completions: 1, parallelism: 1 });
    const failures: number[] = [];
    // Each pod runs 5 s and fails.
    for (let nowUs = 0; ; ) {
      const lastFailureAtUs = failures.at(-1) ?? 0;
      const failed = failures.length;
      const step = syncJob(one, state({ nowUs, failed, failuresInRow: failed, lastFailureAtUs }));
      if (step.kind === 'over') {
        expect(step).toEqual({ kind: 'over', condition: 'Failed', reason: 'BackoffLimitExceeded' });
        break;
      }
      if (step.create.length === 0) nowUs = step.againAtUs;
      else {
        nowUs += 5 * SECOND;
        failures.push(nowUs);
      }
    }
    expect(failures.map((us) => us / SECOND)).toEqual([5, 20, 45, 90, 175, 340, 665]);
  });

  it('ends by its deadline, with too many failed indexes, and when all indexes are through', () => {
    const dead = rule({ activeDeadlineUs: 60 * SECOND });
    expect(made(dead, state({ nowUs: 60 * SECOND, active: 1 }))).toBe('DeadlineExceeded');
    const indexed = rule({ completions: 3, isIndexed: true, backoffLimitPerIndex: 1 });
    const lost = state({ succeeded: 2, succeededIndexes: [0, 2], failedIndexes: [1] });
    expect(made(indexed, lost)).toBe('FailedIndexes');
    const strict = { ...indexed, maxFailedIndexes: 0 };
    expect(made(strict, state({ failedIndexes: [1] }))).toBe('MaxFailedIndexesExceeded');
  });

  it('takes the lowest free indexes, each after its own backoff', () => {
    const indexed = rule({ completions: 6, isIndexed: true, backoffLimitPerIndex: 3 });
    const step = syncJob(
      indexed,
      state({
        nowUs: 15 * SECOND,
        active: 1,
        succeeded: 1,
        succeededIndexes: [0],
        takenIndexes: [2],
        // Index 1 waits until 10 + 20 s, index 3 until 1 + 10 s.
        indexFailures: new Map([
          [1, { count: 2, lastAtUs: 10 * SECOND }],
          [3, { count: 1, lastAtUs: SECOND }],
        ]),
      }),
    );
    expect(step).toEqual({ kind: 'go', create: [3, 4], remove: 0, againAtUs: 30 * SECOND });
  });

  it('as a work queue is complete when one succeeded and all have ended', () => {
    const queue = rule({ completions: null });
    expect(made(queue, state())).toBe(3);
    expect(made(queue, state({ succeeded: 1, active: 2 }))).toBe(0);
    expect(made(queue, state({ succeeded: 3 }))).toBe('CompletionsReached');
  });

  it('deletes its surplus, and all while suspended; waits for pods that still leave if it must', () => {
    expect(syncJob(rule({ parallelism: 2 }), state({ active: 5 }))).toMatchObject({ remove: 3 });
    expect(syncJob(rule({ isSuspended: true }), state({ active: 3 }))).toMatchObject({ remove: 3 });
    expect(made(rule({ replacesOnlyFailed: true }), state({ active: 1, terminating: 2 }))).toBe(0);
    expect(made(rule(), state({ active: 1, terminating: 2 }))).toBe(2);
  });
});

/** Seconds at which things happen to a StatefulSet whose pods start in 10 s and leave in 5 s. */
class Stateful {
  readonly log: string[] = [];
  private nowS = 0;
  private pods = new Map<number, { revision: number; readyAt: number; goneAt: number }>();

  run(over: Partial<StatefulState>): { readonly doneS: number; readonly log: string[] } {
    this.log.length = 0;
    const startS = this.nowS;
    for (;;) {
      for (const [o, pod] of this.pods) if (pod.goneAt <= this.nowS) this.pods.delete(o);
      const view: StatefulPod[] = [...this.pods].map(([ordinal, pod]) => ({
        ordinal,
        revision: pod.revision,
        phase: 'Running',
        isTerminating: pod.goneAt < Infinity,
        isReady: pod.readyAt <= this.nowS,
        isAvailable: pod.readyAt <= this.nowS,
      }));
      const base = { replicas: 5, firstOrdinal: 0, isParallel: false, partition: 0 };
      const step = syncStateful({
        ...base,
        currentRevision: 1,
        updateRevision: 1,
        pods: view,
        ...over,
      });
      const at = this.nowS - startS;
      for (const { ordinal, revision } of step.create) {
        this.log.push(`${at} create ${ordinal} r${revision}`);
        this.pods.set(ordinal, { revision, readyAt: this.nowS + 10, goneAt: Infinity });
      }
      for (const ordinal of step.remove) {
        this.log.push(`${at} delete ${ordinal}`);
        this.pods.get(ordinal)!.goneAt = this.nowS + 5;
      }
      const later = [...this.pods.values()]
        .flatMap((pod) => [pod.readyAt, pod.goneAt])
        .filter((s) => s > this.nowS && s < Infinity);
      if (later.length === 0) return { doneS: this.nowS - startS, log: [...this.log] };
      this.nowS = Math.min(...later);
    }
  }
}

describe('a StatefulSet', () => {
  it('starts in order, updates from the top down to its partition, and shrinks from the top', () => {
    const set = new Stateful();
    expect(set.run({})).toEqual({
      doneS: 50,
      log: [0, 1, 2, 3, 4].map((o) => `${10 * o} create ${o} r1`),
    });
    // Each leaves in 5 s and starts in 10 s; ordinals 0 and 1 keep revision 1.
    expect(set.run({ partition: 2, updateRevision: 2 })).toEqual({
      doneS: 45,
      log: [
        '0 delete 4',
        '5 create 4 r2',
        '15 delete 3',
        '20 create 3 r2',
        '30 delete 2',
        '35 create 2 r2',
      ],
    });
    expect(set.run({ replicas: 2, partition: 2, updateRevision: 2 })).toEqual({
      doneS: 15,
      log: ['0 delete 4', '5 delete 3', '10 delete 2'],
    });
  });

  it('that is parallel makes and deletes all at once, but updates one at a time', () => {
    const set = new Stateful();
    expect(set.run({ isParallel: true }).doneS).toBe(10);
    const update = set.run({ isParallel: true, updateRevision: 2 });
    expect(update.log.slice(0, 3)).toEqual(['0 delete 4', '5 create 4 r2', '15 delete 3']);
    expect(set.run({ isParallel: true, updateRevision: 2, replicas: 1 }).log).toHaveLength(4);
  });

  it('with OnDelete updates nothing by itself', () => {
    const set = new Stateful();
    set.run({});
    expect(set.run({ partition: null, updateRevision: 2 }).log).toEqual([]);
  });
});
