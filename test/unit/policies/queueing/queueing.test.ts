import { describe, expect, it } from 'vitest';
import type { QueueingPolicy } from '../../../../src/contracts/policy.ts';
import { fifo } from '../../../../src/policies/queueing/fifo.ts';
import { priority } from '../../../../src/policies/queueing/priority.ts';
import { buildCluster } from '../../../../src/testing.ts';

const cluster = buildCluster([{ cpuMillicores: 1, memoryMib: 1 }]);

function rankOf(policy: QueueingPolicy, podPriority: number, enteredAtUs: number): number {
  const checked = policy.params!({});
  if ('issues' in checked) throw new Error('issues');
  const shape = cluster.shape({ priority: podPriority });
  const queueing = policy.create(checked.value, { cluster: 'test' });
  return queueing.rank({ shape, workload: 'w', enteredAtUs, size: 1 });
}

describe('queueing', () => {
  it('fifo ranks all alike, so that the instant of entering decides', () => {
    expect(rankOf(fifo, 5, 10)).toBe(rankOf(fifo, -5, 99));
  });

  it('priority puts higher priority first, of equals the instant decides', () => {
    expect(rankOf(priority, 5, 10)).toBeLessThan(rankOf(priority, 4, 0));
    expect(rankOf(priority, -1, 0)).toBeGreaterThan(rankOf(priority, 0, 9));
    expect(Object.is(rankOf(priority, 0, 1), 0)).toBe(true);
  });

  it('does not block unless asked to', () => {
    for (const policy of [fifo, priority]) {
      for (const blocking of [false, true]) {
        const checked = policy.params!({ blocking });
        const made = policy.create('value' in checked && checked.value, { cluster: 'test' });
        expect(made.blocking).toBe(blocking);
      }
      expect(policy.params!({ blocking: 'yes' })).toHaveProperty('issues');
    }
  });
});
