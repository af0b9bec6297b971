import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WindowedWaits } from '../../../src/metrics/waits.ts';

const WINDOWS = [
  { name: 'early', spans: [{ fromUs: 0, untilUs: 250 }] },
  {
    name: 'twice',
    spans: [
      { fromUs: 100, untilUs: 200 },
      { fromUs: 700, untilUs: 900 },
    ],
  },
];

/** Everything that can be read of it. */
function contents(waits: WindowedWaits): unknown {
  const pair = (p: WindowedWaits['windows'][number][number] | undefined) =>
    p === undefined || p.full.n + p.censored.n === 0
      ? null
      : [p.full, p.censored].map((h) => [h.toBins(), h.n, h.sum, h.min, h.max, h.variance]);
  return waits.buckets.map((buckets, g) => [buckets.map(pair), waits.windows[g]!.map(pair)]);
}

describe('waits of the fleet', () => {
  it('are the same recorded in parts and merged as recorded together', () => {
    const samples = fc.array(
      fc.tuple(fc.nat(5), fc.nat(999), fc.nat(1e12), fc.boolean(), fc.nat(2)),
    );
    fc.assert(
      fc.property(samples, (all) => {
        const whole = new WindowedWaits(100, WINDOWS);
        const parts = [whole.emptyTwin(), whole.emptyTwin(), whole.emptyTwin()];
        for (const [group, sinceUs, waitUs, censored, part] of all) {
          whole.record(group, sinceUs, waitUs, censored);
          parts[part]!.record(group, sinceUs, waitUs, censored);
        }
        const merged = whole.emptyTwin();
        for (const part of [parts[1]!, parts[2]!, parts[0]!]) merged.merge(part);
        expect(contents(merged)).toEqual(contents(whole));
      }),
      { seed: 1 },
    );
  });
});
