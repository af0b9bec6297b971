import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/cli/history.ts';
import { Pace } from '../../../src/cli/pace.ts';

const facts = (nowUs: number, events: number) => ({
  nowUs,
  events,
  arrived: 0,
  running: 0,
  pending: 0,
});

describe('Pace', () => {
  it('gives no range before 5 %, then one that spans the pace so far and the latest', () => {
    let nowMs = 0;
    const pace = new Pace(() => nowMs);
    pace.moment(facts(0, 0), 100e6);
    nowMs = 5000; // building takes 5 s, which is no part of the pace
    pace.moment(facts(0, 0), 100e6);
    nowMs = 6000;
    expect(pace.moment(facts(4e6, 4000), 100e6).etaRangeMs).toBeNull();
    nowMs = 7000;
    // 10 % in 2 s, then half as fast: 10 % took 3 s in all and 90 % are left, so at least 27 s by the whole so far.
    pace.moment(facts(10e6, 8000), 100e6);
    nowMs = 8000;
    const moment = pace.moment(facts(10e6, 10_000), 100e6);
    // rate: 4000, 4000, then 4000 + 0.3 (2000 - 4000) = 3400/s; deviation 0.3 * 2000 = 600.
    expect(moment.eventsPerSecond).toBeCloseTo(3400, 6);
    // 10000 * 0.9 / 0.1 = 90000 events are left: at 4000/s 22.5 s; at 2800/s 32.1 s
    expect(moment.etaRangeMs![0]).toBeCloseTo(22_500, 3);
    expect(moment.etaRangeMs![1]).toBeCloseTo(32_143, 0);
    expect(moment.wallMs).toBe(8000);
  });
});

describe('History', () => {
  it('keeps the peak and the order however many samples come', () => {
    const history = new History(4);
    for (let i = 0; i < 1000; i++) history.add(i / 1000, i === 500 ? 9 : 1);
    // 4 cells of a quarter each; the peak is at one half: the third.
    expect(history.cells()).toEqual([1, 1, 9, 1]);
  });

  it('repeats the value before over a gap, and shows no value where there was none', () => {
    const history = new History(4);
    history.add(0, 2);
    history.add(0.75, null);
    expect(history.cells()).toEqual([2, 2, 2, null]);
  });

  it('never holds more cells than asked, and its largest value is that of all samples', () => {
    const samples = fc.array(
      fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), value: fc.nat() }),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(samples, (all) => {
        const history = new History(6);
        all.sort((a, b) => a.share - b.share);
        for (const { share, value } of all) history.add(share, value);
        expect(history.cells().length).toBeLessThanOrEqual(6);
        expect(Math.max(...history.cells().map((c) => c ?? 0))).toBe(
          Math.max(...all.map((s) => s.value)),
        );
      }),
    );
  });
});
