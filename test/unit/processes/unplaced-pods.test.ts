/** Parcels at the fleet: who is asked about again, and when. */
import { describe, expect, it } from 'vitest';
import { asCluster } from '../../../src/base/ids.ts';
import { blankMessage, type Message } from '../../../src/processes/messages.ts';
import { UnplacedPods } from '../../../src/processes/unplaced-pods.ts';

const parcel = (serial: number, over: Partial<Message> = {}): Message => ({
  ...blankMessage(),
  serial,
  count: 1,
  ...over,
});

/** Retries everything, placing nothing; lists who was asked about. */
function asked(unplaced: UnplacedPods, isRefused = true): number[] {
  const serials: number[] = [];
  unplaced.retry(({ serial }, mayBeTaken) => {
    if (mayBeTaken) serials.push(serial);
    return isRefused;
  });
  return serials;
}

describe('UnplacedPods', () => {
  it('keeps copies, in the order in which they came', () => {
    const unplaced = new UnplacedPods();
    const row = parcel(1, { count: 3 });
    unplaced.add(row, false);
    row.serial = 2;
    unplaced.add(row, false);
    const serials: number[] = [];
    unplaced.forEach(({ serial }) => {
      serials.push(serial);
    });
    expect([serials, unplaced.length, unplaced.countPods()]).toEqual([[1, 2], 2, 6]);
  });

  it('asks about what was refused only when a cluster that could host it gives hope', () => {
    const unplaced = new UnplacedPods();
    unplaced.add(parcel(1, { shape: 4 }), true);
    unplaced.add(parcel(2, { shape: 5 }), true);
    expect(unplaced.isHopeless).toBe(true);
    unplaced.hope(asCluster(0), () => false);
    expect(unplaced.isHopeless).toBe(true);
    unplaced.hope(asCluster(0), (shape) => shape === 5);
    expect(unplaced.isHopeless).toBe(false);
    expect(asked(unplaced)).toEqual([2]);
    // Refused once more: hope is used up.
    expect([unplaced.isHopeless, unplaced.length]).toEqual([true, 2]);
  });

  it('asks about what was not refused every time', () => {
    const unplaced = new UnplacedPods();
    unplaced.add(parcel(1), false);
    unplaced.add(parcel(2), true);
    expect([unplaced.isHopeless, asked(unplaced, false)]).toEqual([false, [1]]);
  });

  it('forgets what was placed, whole or in part', () => {
    const unplaced = new UnplacedPods();
    unplaced.add(parcel(1, { count: 5 }), false);
    unplaced.add(parcel(2), false);
    unplaced.retry((each) => {
      each.count -= 1;
      return true;
    });
    expect([unplaced.length, unplaced.countPods(), unplaced.isHopeless]).toEqual([1, 4, true]);
  });

  it('drops the last to come of a workload', () => {
    const unplaced = new UnplacedPods();
    unplaced.add(parcel(1, { workload: 1, count: 3 }), true);
    unplaced.add(parcel(2, { workload: 2, count: 3 }), false);
    unplaced.add(parcel(3, { workload: 1, count: 2 }), false);
    // 2 of the last and 1 of the first.
    expect(unplaced.drop(1, 3)).toBe(3);
    expect(unplaced.countPods()).toBe(5);
    expect(unplaced.drop(1, 9)).toBe(2);
    // What is left is not refused.
    expect([unplaced.length, unplaced.isHopeless, unplaced.drop(1, 1)]).toEqual([1, false, 0]);
  });
});
