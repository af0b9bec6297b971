import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withdrawFromLargest } from '../../../src/processes/withdrawal.ts';

/** One pod at a time from the cluster with the most, the last of equals. */
function oneByOne(assigned: readonly number[], count: number): number[] {
  const left = [...assigned];
  for (let i = 0; i < count; i++) left[left.lastIndexOf(Math.max(...left))]!--;
  return assigned.map((pods, c) => pods - left[c]!);
}

describe('withdrawFromLargest', () => {
  it('takes what taking one pod at a time takes', () => {
    const property = fc.property(
      fc.array(fc.nat(12), { minLength: 1, maxLength: 8 }),
      fc.nat(100),
      (assigned, most) => {
        const held = assigned.reduce((a, b) => a + b, 0);
        const count = Math.min(most, held);
        const counts = new Int32Array(assigned.length);
        withdrawFromLargest(Int32Array.from(assigned), count, counts);
        expect([...counts]).toEqual(oneByOne(assigned, count));
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('takes all that is there if more is asked for', () => {
    const counts = new Int32Array(3);
    withdrawFromLargest(Int32Array.of(2, 0, 1), 9, counts);
    expect([...counts]).toEqual([2, 0, 1]);
  });
});
