import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SentPods } from '../../../src/model/sent-pods.ts';

/** What is kept, oldest first. */
const entriesOf = (sent: SentPods) =>
  Array.from({ length: sent.length }, (_, i) => ({ shape: sent.shape(i), pods: sent.pods(i) }));

describe('SentPods', () => {
  it('counts pods of one shape and instant together', () => {
    const sent = new SentPods();
    sent.add(1, 7, 2);
    sent.add(1, 7, 3);
    sent.add(1, 8, 1);
    sent.add(2, 8, 1);
    expect(entriesOf(sent)).toEqual([
      { shape: 7, pods: 5 },
      { shape: 8, pods: 1 },
      { shape: 8, pods: 1 },
    ]);
  });

  it('keeps what a list that is filtered keeps', () => {
    const step = fc.record({ wait: fc.nat(3), shape: fc.nat(2), pods: fc.nat(9), age: fc.nat(40) });
    const property = fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const sent = new SentPods();
      let list: { atUs: number; shape: number; pods: number }[] = [];
      let nowUs = 0;
      for (const { age, pods, shape, wait } of steps) {
        nowUs += wait;
        sent.add(nowUs, shape, pods);
        const last = list[list.length - 1];
        if (last?.atUs === nowUs && last.shape === shape) last.pods += pods;
        else list.push({ atUs: nowUs, shape, pods });
        if (age < 10) {
          sent.forgetUntil(nowUs - age);
          list = list.filter((entry) => entry.atUs > nowUs - age);
        }
        expect(entriesOf(sent)).toEqual(
          list.map((entry) => ({ shape: entry.shape, pods: entry.pods })),
        );
      }
    });
    fc.assert(property, { numRuns: 200 });
  });
});
