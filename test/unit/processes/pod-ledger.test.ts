import { describe, expect, it } from 'vitest';
import { PodLedger } from '../../../src/processes/pod-ledger.ts';

describe('PodLedger', () => {
  it('counts by workload and cluster', () => {
    const ledger = new PodLedger(2, 3);
    ledger.add(1, 2, 5);
    ledger.add(1, 2, -2);
    expect([...ledger.heldOf(1)]).toEqual([0, 0, 3]);
    expect([...ledger.heldOf(0)]).toEqual([0, 0, 0]);
  });

  it('shows no debt to policies, and remembers it', () => {
    const ledger = new PodLedger(1, 2);
    ledger.add(0, 0, 3);
    ledger.add(0, 1, -2);
    expect([...ledger.heldOf(0)]).toEqual([3, 0]);
    // -2 + 3 = 1.
    ledger.add(0, 1, 3);
    ledger.add(0, 0, 1);
    expect([...ledger.heldOf(0)]).toEqual([4, 1]);
  });
});
