/** The small rules of controllers, each against the worked examples of its source. */
import { describe, expect, it } from 'vitest';
import { ApiBucket } from '../../../../../src/processes/kubernetes/api-bucket.ts';
import { budgetStatus } from '../../../../../src/processes/kubernetes/controllers/budget.ts';
import type { CountOrPercent } from '../../../../../src/processes/kubernetes/controllers/counts.ts';
import {
  type CronFields,
  cronTurn,
  nextTime,
} from '../../../../../src/processes/kubernetes/controllers/cron.ts';
import {
  type DaemonNode,
  daemonFence,
  updateDaemons,
} from '../../../../../src/processes/kubernetes/controllers/daemon.ts';
import { slowStart } from '../../../../../src/processes/kubernetes/controllers/slow-start.ts';
import {
  ageBucket,
  type VictimPod,
  victimOrder,
} from '../../../../../src/processes/kubernetes/controllers/victims.ts';

const SECOND = 1_000_000;
const percent = (value: number): CountOrPercent => ({ kind: 'percent', percent: value });
const count = (value: number): CountOrPercent => ({ kind: 'count', count: value });

describe('a slow start', () => {
  const lastS = (limits: ConstructorParameters<typeof ApiBucket>[0], calls: number) =>
    slowStart(new ApiBucket(limits), 0, calls, 20_000).at(-1)! / SECOND;

  it('takes nine batches for 500 calls, and what the bucket takes', () => {
    // 1, 2, 4, ..., 128, 245: nine times 20 ms.
    expect(lastS(null, 500)).toBeCloseTo(0.18, 9);
    // (500 - 30) / 20 = 23.5 s and the last call's 20 ms.
    expect(lastS({ perSecond: 20, burst: 30 }, 500)).toBeCloseTo(23.52, 2);
    expect(lastS({ perSecond: 20, burst: 30 }, 100)).toBeCloseTo(3.52, 2);
  });
});

describe('a disruption budget', () => {
  it.each([
    // healthy, expected, rule, desired, allowed: the table of the specification.
    [7, 7, { maxUnavailable: percent(50) }, 3, 4],
    [7, 7, { minAvailable: percent(50) }, 4, 3],
    [7, 7, { maxUnavailable: percent(10) }, 6, 1],
    [1, 1, { minAvailable: percent(90) }, 1, 0],
    [3, 3, { minAvailable: count(3) }, 3, 0],
    [8, 10, { maxUnavailable: percent(25) }, 7, 1],
    // Nothing is expected: nothing may go.
    [0, 0, { maxUnavailable: percent(25) }, 0, 0],
  ])(
    'with %i of %i healthy under %j wants %i and lets %i go',
    (healthy, wanted, rule, desired, allowed) => {
      const bounds = { minAvailable: null, maxUnavailable: null, ...rule };
      const status = budgetStatus(bounds, { matched: wanted, wanted, healthy });
      expect(status).toEqual({ expected: wanted, desired, allowed, healthy });
    },
  );
});

describe('the victims of a scale down', () => {
  const pod = (uid: number, over: Partial<VictimPod> = {}): VictimPod => ({
    isAssigned: true,
    phase: 'Running',
    isReady: true,
    deletionCost: 0,
    rank: 1,
    readySinceUs: 0,
    restarts: 0,
    createdAtUs: 0,
    uid,
    ...over,
  });
  const order = (pods: VictimPod[], nowS = 3600) =>
    pods.sort(victimOrder(nowS * SECOND)).map(({ uid }) => uid);

  it('are unassigned, pending, not ready, cheap, crowded and young ones, in this order', () => {
    expect(
      order([
        pod(1),
        pod(2, { restarts: 3 }),
        // Ready for 30 s: bucket 34 against 41.
        pod(3, { readySinceUs: 3570 * SECOND }),
        pod(4, { rank: 2 }),
        pod(5, { deletionCost: -1 }),
        pod(6, { isReady: false }),
        pod(7, { isReady: false, phase: 'Pending' }),
        pod(8, { isReady: false, phase: 'Pending', isAssigned: false }),
      ]),
    ).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('are told apart by their number within a doubling of their age', () => {
    // Ready for 3600 and 2300 s: both 2^41 ns; for 2000 s: 2^40.
    const ages = [
      pod(1),
      pod(2, { readySinceUs: 1300 * SECOND }),
      pod(3, { readySinceUs: 1600 * SECOND }),
    ];
    expect(order(ages)).toEqual([3, 1, 2]);
  });

  it('have ages in powers of two of nanoseconds', () => {
    const seconds = [30, 60, 3600, 7200, 86_400];
    expect(seconds.map((s) => ageBucket(s * SECOND))).toEqual([34, 35, 41, 42, 46]);
    expect(ageBucket(0)).toBe(-1);
  });
});

describe('an update of daemons', () => {
  /** Nodes whose old pod leaves after 5 s and whose new one is available after 10 more. */
  function story(nodes: number, surge: CountOrPercent, unavailable: CountOrPercent) {
    const fence = daemonFence(nodes, surge, unavailable);
    const waves: [atS: number, removed: number, created: number][] = [];
    const state = Array.from({ length: nodes }, (_, node) => ({ node, goneAt: -1, readyAt: -1 }));
    let nowS = 0;
    for (;;) {
      const view: DaemonNode[] = state.map(({ goneAt, node, readyAt }) => ({
        node,
        old:
          goneAt >= 0 && goneAt <= nowS
            ? null
            : { id: node, isTerminating: goneAt > nowS, isAvailable: goneAt < 0 },
        fresh:
          readyAt >= 0 && readyAt - 10 <= nowS
            ? { id: 100 + node, isTerminating: false, isAvailable: readyAt <= nowS }
            : null,
      }));
      const step = updateDaemons(view, fence);
      if (step.remove.length + step.create.length > 0) {
        waves.push([nowS, step.remove.length, step.create.length]);
      }
      for (const node of step.remove) {
        state[node]!.goneAt = nowS + 5;
        if (fence.surge === 0) state[node]!.readyAt = nowS + 15;
      }
      for (const node of step.create) state[node]!.readyAt = nowS + 10;
      const later = state.flatMap((s) => [s.goneAt, s.readyAt]).filter((at) => at > nowS);
      if (later.length === 0) return { waves, doneS: nowS };
      nowS = Math.min(...later);
    }
  }

  it('of ten nodes with 30 % missing takes four waves', () => {
    // 3, 3, 3, 1 at 0, 15, 30, 45: 5 s to leave, 10 s to start.
    const { doneS, waves } = story(10, count(0), percent(30));
    expect(waves).toEqual([
      [0, 3, 0],
      [15, 3, 0],
      [30, 3, 0],
      [45, 1, 0],
    ]);
    expect(doneS).toBe(60);
  });

  it('of ten nodes with two more starts two in ten seconds and removes the old ones behind them', () => {
    const { doneS, waves } = story(10, count(2), count(0));
    expect(waves.map(([atS, , created]) => [atS, created]).filter(([, n]) => n! > 0)).toEqual([
      [0, 2],
      [10, 2],
      [20, 2],
      [30, 2],
      [40, 2],
    ]);
    expect(waves.filter(([, removed]) => removed > 0).map(([atS]) => atS)).toEqual([
      10, 20, 30, 40, 50,
    ]);
    expect(doneS).toBe(55);
  });

  it('rounds both of its bounds up', () => {
    expect(daemonFence(10, percent(1), percent(1))).toEqual({ surge: 1, unavailable: 1 });
    expect(daemonFence(10, count(0), count(0))).toEqual({ surge: 0, unavailable: 1 });
  });
});

describe('a cron schedule', () => {
  const all = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const cron = (over: Partial<CronFields>): CronFields => ({
    minutes: all(0, 59),
    hours: all(0, 23),
    daysOfMonth: all(1, 31),
    months: all(1, 12),
    daysOfWeek: all(0, 6),
    isEitherDay: false,
    ...over,
  });
  const utc = (text: string) => Date.parse(`${text}Z`) * 1000;
  const next = (fields: Partial<CronFields>, after: string) =>
    new Date(nextTime(cron(fields), utc(after)) / 1000).toISOString().slice(0, 16);

  it('finds the next minute, day, month and leap day', () => {
    expect(next({}, '2026-07-01T12:30:00')).toBe('2026-07-01T12:31');
    expect(next({ minutes: [0, 30] }, '2026-07-01T12:30:00')).toBe('2026-07-01T13:00');
    expect(next({ minutes: [5], hours: [3] }, '2026-12-31T04:00:00')).toBe('2027-01-01T03:05');
    expect(
      next({ minutes: [0], hours: [0], daysOfMonth: [29], months: [2] }, '2026-03-01T00:00:00'),
    ).toBe('2028-02-29T00:00');
    // 2026-07-01 is a Wednesday.
    expect(next({ minutes: [0], hours: [9], daysOfWeek: [1] }, '2026-07-01T00:00:00')).toBe(
      '2026-07-06T09:00',
    );
    const either = {
      minutes: [0],
      hours: [0],
      daysOfMonth: [15],
      daysOfWeek: [5],
      isEitherDay: true,
    };
    expect(next(either, '2026-07-04T00:00:00')).toBe('2026-07-10T00:00');
    expect(next(either, '2026-07-11T00:00:00')).toBe('2026-07-15T00:00');
    expect(nextTime(cron({ daysOfMonth: [30], months: [2] }), 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('agrees with the calendar on every day of sixty years', () => {
    let atUs = utc('1999-12-31T23:00:00');
    const fields = cron({ minutes: [0], hours: [0], daysOfMonth: [1] });
    for (let month = 0; month < 720; month++) {
      atUs = nextTime(fields, atUs);
      expect(atUs).toBe(Date.UTC(2000, month, 1) * 1000);
    }
  });

  it('runs only the most recent of many missed times', () => {
    // Every five minutes, ten hours away: 120 missed, the last at hour ten.
    const fields = cron({ minutes: all(0, 11).map((i) => 5 * i) });
    const since = utc('2026-07-01T00:00:00');
    const turn = cronTurn(fields, { sinceUs: since, deadlineUs: null }, since + 36_000 * SECOND);
    expect(turn).toEqual({ kind: 'run', missed: 120, timeUs: since + 36_000 * SECOND });
    const early = cronTurn(fields, { sinceUs: since, deadlineUs: null }, since + SECOND);
    expect(early).toEqual({ kind: 'wait', untilUs: since + 300 * SECOND });
  });
});
