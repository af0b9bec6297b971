import { describe, expect, it } from 'vitest';
import { asShape } from '../../../src/base/ids.ts';
import { BatsimReader } from '../../../src/workloads/batsim.ts';
import { CsvReader } from '../../../src/workloads/csv.ts';
import { makeReader } from '../../../src/workloads/formats.ts';
import { OpenbReader } from '../../../src/workloads/openb.ts';
import { SwfReader } from '../../../src/workloads/swf.ts';
import { RowQueue } from '../../../src/workloads/trace-reader.ts';
import { context, emptyArrival } from './build-context.ts';

describe('makeReader', () => {
  it('knows every format', () => {
    expect(makeReader('batsim', context())).toBeInstanceOf(BatsimReader);
    expect(makeReader('csv', context())).toBeInstanceOf(CsvReader);
    expect(makeReader('openb', context())).toBeInstanceOf(OpenbReader);
    expect(makeReader('swf', context())).toBeInstanceOf(SwfReader);
  });
});

describe('RowQueue', () => {
  it('gives rows back in their order while it grows, empties and moves', () => {
    const queue = new RowQueue();
    const out = emptyArrival();
    let added = 0;
    let taken = 0;
    // Adds 3, takes 2, over and over: passes the first capacity with rows at both ends.
    for (let round = 0; round < 3000; round++) {
      for (let i = 0; i < 3; i++) {
        const shape = asShape(added % 7);
        queue.add({
          atUs: added,
          pods: 1,
          gang: false,
          shape,
          durationUs: 1,
          estimateUs: NaN,
          endByte: added,
        });
        added++;
      }
      for (let i = 0; i < 2; i++) {
        expect(queue.take(out)).toBe(taken);
        expect([out.atUs, out.shape]).toEqual([taken, taken % 7]);
        taken++;
      }
    }
    expect(queue.length).toBe(3000);
    while (queue.take(out) >= 0) taken++;
    expect(taken).toBe(added);
  });
});
