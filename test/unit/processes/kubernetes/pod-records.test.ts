import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asPod } from '../../../../src/base/ids.ts';
import { PodRecords } from '../../../../src/processes/kubernetes/pod-records.ts';
import type { QueuedPod } from '../../../../src/processes/kubernetes/queued-pod.ts';

describe('the records of a queue', () => {
  it('are found and listed as in a map', () => {
    const step = fc.record({ isAdded: fc.boolean(), p: fc.integer({ min: 0, max: 120 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (story) => {
        const records = new PodRecords();
        const twin = new Map<number, QueuedPod>();
        for (const { isAdded, p } of story) {
          if (!isAdded) {
            records.delete(asPod(p));
            twin.delete(p);
          } else if (!twin.has(p)) {
            const pod = { p: asPod(p), before: null, after: null } as QueuedPod;
            records.add(pod);
            twin.set(p, pod);
          }
          expect(records.size).toBe(twin.size);
          expect(records.find(asPod(p))).toBe(twin.get(p) ?? null);
        }
        expect(records.list()).toEqual([...twin.values()]);
        for (let p = 0; p <= 120; p++) expect(records.find(asPod(p))).toBe(twin.get(p) ?? null);
      }),
      { numRuns: 500 },
    );
  });
});
