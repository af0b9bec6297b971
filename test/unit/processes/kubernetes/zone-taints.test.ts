import { describe, expect, it } from 'vitest';
import { ZoneTaints } from '../../../../src/processes/kubernetes/zone-taints.ts';

const SECOND = 1_000_000;
const LIMITS = {
  ratePerSecond: 0.1,
  slowRatePerSecond: 0.01,
  unhealthyRatio: 0.55,
  largeZone: 50,
};
const nodes = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Seconds at which nodes are tainted from `fromS` on, at most `most` of them. */
function taintedAt(taints: ZoneTaints, fromS: number, most: number): number[] {
  const seconds: number[] = [];
  let nowUs = fromS * SECOND;
  while (seconds.length < most) {
    nowUs = taints.nextAtUs(nowUs);
    if (!Number.isFinite(nowUs)) break;
    for (const _ of taints.take(nowUs)) seconds.push(nowUs / SECOND);
  }
  return seconds;
}

/** Judges one zone beside a healthy one, with its silent nodes queued. */
function pass(taints: ZoneTaints, atS: number, silent: number, size: number, queued = silent) {
  taints.setQueue('x', nodes(queued));
  return taints.judge(
    new Map([
      ['x', { ready: size - silent, notReady: silent }],
      ['y', { ready: 10, notReady: 0 }],
    ]),
    atS * SECOND,
  );
}

describe('the taints of a zone', () => {
  it('come one in ten seconds while the zone is Normal, the first at once', () => {
    const taints = new ZoneTaints(LIMITS);
    // 33 of 100 are less than 55 %.
    pass(taints, 45, 33, 100);
    expect(taints.stateOf('x')).toBe('normal');
    const seconds = taintedAt(taints, 45, 33);
    // 45 + 10 k.
    expect(seconds.slice(0, 3)).toEqual([45, 55, 65]);
    expect(seconds.at(-1)).toBe(45 + 10 * 32);
  });

  it('come at the same rate in a dead zone, whose Partial moment costs its token', () => {
    const taints = new ZoneTaints(LIMITS);
    // 60 of 100 are silent at 45: Partial. The full bucket's token is spent, the slow bucket starts full.
    pass(taints, 45, 60, 100);
    expect(taints.stateOf('x')).toBe('partial');
    expect(taintedAt(taints, 45, 1)).toEqual([45]);
    // All are at 50: Full. The slow bucket is empty, so the fast one starts empty: 60, 70, ...
    pass(taints, 50, 100, 100, 99);
    expect(taints.stateOf('x')).toBe('full');
    const seconds = taintedAt(taints, 50, 99);
    expect(seconds.slice(0, 2)).toEqual([60, 70]);
    // The 100th: 50 + 10 * 99 = 1040.
    expect(seconds.at(-1)).toBe(1040);
  });

  it('come one in a hundred seconds in a large zone that is Partial', () => {
    const taints = new ZoneTaints(LIMITS);
    pass(taints, 45, 40, 100);
    expect(taintedAt(taints, 45, 1)).toEqual([45]);
    pass(taints, 50, 60, 100, 59);
    const seconds = taintedAt(taints, 50, 59);
    // 50 + 100 * 59 = 5950.
    expect([seconds[0], seconds.at(-1)]).toEqual([150, 5950]);
  });

  it('stop in a small zone that is Partial', () => {
    const taints = new ZoneTaints(LIMITS);
    pass(taints, 45, 15, 40);
    expect(taintedAt(taints, 45, 1)).toEqual([45]);
    pass(taints, 50, 30, 40, 29);
    expect(taintedAt(taints, 50, 29)).toEqual([]);
  });

  it('need three silent nodes for Partial, whatever their share', () => {
    const taints = new ZoneTaints(LIMITS);
    pass(taints, 45, 2, 3);
    expect(taints.stateOf('x')).toBe('normal');
    pass(taints, 50, 3, 4);
    expect(taints.stateOf('x')).toBe('partial');
  });

  it('stop when no zone answers, and start from an empty bucket afterwards', () => {
    const taints = new ZoneTaints(LIMITS);
    const all = (atS: number, silent: number) => {
      taints.setQueue('x', nodes(silent));
      return taints.judge(
        new Map([
          ['x', { ready: 10 - silent, notReady: silent }],
          ['y', { ready: 0, notReady: 10 }],
        ]),
        atS * SECOND,
      );
    };
    expect(all(50, 10)).toBe('all-full-began');
    expect(taintedAt(taints, 50, 10)).toEqual([]);
    expect(all(55, 10)).toBe('none');
    expect(taintedAt(taints, 55, 10)).toEqual([]);
    expect(all(900, 4)).toBe('all-full-ended');
    // 4 of 10 are silent: Normal. The bucket of rate 0 held nothing: 900 + 10.
    expect(taintedAt(taints, 900, 2)).toEqual([910, 920]);
  });

  it('leave out a node that answers again', () => {
    const taints = new ZoneTaints(LIMITS);
    pass(taints, 45, 3, 100);
    taints.drop('x', 1);
    expect([...taints.take(45 * SECOND), ...taints.take(55 * SECOND)]).toEqual([0, 2]);
    expect(taints.nextAtUs(65 * SECOND)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are tried on a grid of 100 ms', () => {
    const taints = new ZoneTaints(LIMITS);
    pass(taints, 45.03, 3, 100);
    expect(taints.nextAtUs(45.03 * SECOND)).toBe(45.1 * SECOND);
  });
});
