import { describe, expect, it } from 'vitest';
import { PositionLog } from '../../../src/model/kube-position-log.ts';

describe('the log of list positions', () => {
  it('marks what changed since a reader looked, 32 positions an element', () => {
    const log = new PositionLog(100);
    log.add(3);
    const seen = log.position;
    for (const i of [0, 31, 32, 99, 31]) log.add(i);
    const bits = new Int32Array(4);
    log.mark(seen, bits);
    // Bits 0 and 31 of the first; bit 0 of the second; 99 = 3 * 32 + 3.
    expect([...bits]).toEqual([1 | (1 << 31), 1, 0, 8]);
  });

  it('says when it no longer has all changes', () => {
    const log = new PositionLog(10);
    // Room is a power of two of at least 16; one place stays free.
    for (let i = 0; i < 15; i++) log.add(0);
    expect(log.isBehind(0)).toBe(false);
    log.add(0);
    expect(log.isBehind(0)).toBe(true);
    expect(log.isBehind(1)).toBe(false);
  });
});
