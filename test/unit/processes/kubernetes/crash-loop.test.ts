import { describe, expect, it } from 'vitest';
import { crashBackoffUs, restartsWithin } from '../../../../src/processes/kubernetes/crash-loop.ts';

const SECOND = 1_000_000;

describe('a container that dies a second after each start', () => {
  it('starts at 0, 1, 12, 33, 74, 155, 316, 617 and 918 s', () => {
    const starts = [0];
    for (let n = 1; n <= 8; n++) starts.push(starts.at(-1)! + 1 + crashBackoffUs(n) / SECOND);
    expect(starts).toEqual([0, 1, 12, 33, 74, 155, 316, 617, 918]);
    for (const [restarts, atS] of starts.entries()) {
      expect(restartsWithin(atS * SECOND, SECOND)).toBe(restarts);
      if (restarts > 0) expect(restartsWithin(atS * SECOND - 1, SECOND)).toBe(restarts - 1);
    }
    // 918 + 301 * 10.
    expect(restartsWithin((918 + 3010) * SECOND, SECOND)).toBe(18);
  });

  it('never waits if it runs longer than ten minutes', () => {
    expect(restartsWithin(7000 * SECOND, 700 * SECOND)).toBe(10);
  });
});
