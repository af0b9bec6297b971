import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costMetrics, makeBill } from '../../../src/cost/bill.ts';
import { splitPrice } from '../../../src/cost/price-book.ts';
import type { ClusterFee, PoolUsage, WorkloadUsage } from '../../../src/cost/usage.ts';

const HOUR = 3600;

/** Nodes of 4 cores and 16 GiB at $0.192/h that are up for `seconds` node-seconds in all. */
function pool(upSeconds: number, fields: Partial<PoolUsage> = {}): PoolUsage {
  const nodeSeconds = { booting: 0, up: upSeconds, draining: 0, down: 0, ...fields.nodeSeconds };
  const there = nodeSeconds.up + nodeSeconds.draining;
  return {
    cluster: 'c-1',
    pool: 'p',
    machineType: 'm6i.xlarge',
    provider: 'public',
    price: 'on-demand',
    dollarsPerNodeHour: 0.192,
    node: { cpuCores: 4, memoryGib: 16, gpus: 0 },
    capacity: { cpuCoreSeconds: 4 * there, memoryGibSeconds: 16 * there, gpuSeconds: 0 },
    workloads: [],
    ...fields,
    nodeSeconds,
  };
}

function used(workload: string, cpuCoreSeconds: number, memoryGibSeconds: number): WorkloadUsage {
  return { workload, team: `team-${workload}`, cpuCoreSeconds, memoryGibSeconds, gpuSeconds: 0 };
}

describe('the price of a node', () => {
  it('splits over cpu and memory in proportion to the default rates and sums to the price', () => {
    const unit = splitPrice(0.192, { cpuCores: 4, memoryGib: 16, gpus: 0 });
    // listed: 4 * 0.031611 + 16 * 0.004237 = 0.126444 + 0.067792 = 0.194236; scale 0.192 / 0.194236 = 0.98848823
    expect(unit.cpuCoreHour).toBeCloseTo(0.031611 * 0.98848823, 9);
    expect(unit.memoryGibHour).toBeCloseTo(0.004237 * 0.98848823, 9);
    expect(4 * unit.cpuCoreHour + 16 * unit.memoryGibHour).toBeCloseTo(0.192, 12);
  });

  it('gives most of a GPU node to its GPUs', () => {
    const unit = splitPrice(40, { cpuCores: 96, memoryGib: 1152, gpus: 8 });
    // listed: 96 * 0.031611 = 3.034656; 1152 * 0.004237 = 4.881024; 8 * 0.95 = 7.6; sum 15.51568
    expect(8 * unit.gpuHour).toBeCloseTo((40 * 7.6) / 15.51568, 9);
  });

  it('refuses a negative price and an empty node', () => {
    expect(() => splitPrice(-1, { cpuCores: 1, memoryGib: 1, gpus: 0 })).toThrow(/node price/);
    expect(() => splitPrice(1, { cpuCores: 0, memoryGib: 0, gpus: 0 })).toThrow(/no price/);
  });
});

describe('bills', () => {
  it('give 1,000 burst nodes for 6 h at $0.192 as $1,152', () => {
    // 1,000 * 6 * 0.192 = 1,152, all idle where nothing ran
    const bill = makeBill([pool(1000 * 6 * HOUR)], []);
    expect(bill.total).toBeCloseTo(1152, 9);
    expect(bill.idle).toBe(bill.total);
  });

  it('give 6 clusters of 50 nodes with a fee of $0.10/h for a month as $42,486', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const usages = names.map((cluster) => pool(50 * 730 * HOUR, { cluster }));
    const fees = names.map((cluster): ClusterFee => {
      return { cluster, provider: 'public', seconds: 730 * HOUR, dollarsPerHour: 0.1 };
    });
    // 6 * (50 * 0.192 + 0.10) * 730 = 6 * 9.7 * 730 = 42,486
    const bill = makeBill(usages, fees);
    expect(bill.total).toBeCloseTo(42_486, 6);
    // 6 * 0.10 * 730 = 438
    expect(bill.overhead).toBeCloseTo(438, 9);
    const byPrice = costMetrics(bill)
      .filter(({ labels }) => Object.keys(labels).join() === 'price')
      .map(({ labels, sum }) => ({ price: labels.price, dollars: sum }));
    expect(byPrice).toEqual([
      { price: 'fee', dollars: expect.closeTo(438, 9) },
      { price: 'on-demand', dollars: expect.closeTo(42_048, 6) },
    ]);
  });

  it('charge a workload for half of a node half of its price', () => {
    const workloads = [used('web', 2 * HOUR, 8 * HOUR)];
    const bill = makeBill([pool(HOUR, { workloads })], []);
    // Half the cores and half the memory for the hour: 0.192 / 2 = 0.096, the other half is idle.
    expect(bill.workload).toBeCloseTo(0.096, 12);
    expect(bill.idle).toBeCloseTo(0.096, 12);
  });

  it('count booting and down nodes as overhead, draining ones as capacity', () => {
    const nodeSeconds = { booting: HOUR, up: HOUR, draining: HOUR, down: 2 * HOUR };
    const bill = makeBill([pool(0, { nodeSeconds })], []);
    // (1 + 2) * 0.192 overhead, (1 + 1) * 0.192 idle
    expect(bill.overhead).toBeCloseTo(0.576, 12);
    expect(bill.idle).toBeCloseTo(0.384, 12);
  });

  it('stop where requests exceed capacity', () => {
    const workloads = [used('web', 4.1 * HOUR, 1)];
    expect(() => makeBill([pool(HOUR, { workloads })], [])).toThrow(/negative idle: pool c-1\/p/);
  });

  it('stop where capacity does not match node-time', () => {
    const capacity = { cpuCoreSeconds: 1, memoryGibSeconds: 16 * HOUR, gpuSeconds: 0 };
    expect(() => makeBill([pool(HOUR, { capacity })], [])).toThrow(/capacity of pool c-1\/p/);
  });

  it('hold the identity exactly and do not depend on the order of the input', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const seconds = fc.integer({ min: 0, max: 1e9 });
    const one = fc
      .record({ up: seconds, down: seconds, share, price: share })
      .map((r) => ({ ...r }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (rows) => {
        const usages = rows.map((r, i) =>
          pool(r.up, {
            cluster: `c-${i}`,
            dollarsPerNodeHour: r.price,
            nodeSeconds: { booting: 0, up: r.up, draining: 0, down: r.down },
            workloads: [used('web', 4 * r.up * r.share, 16 * r.up * r.share)],
          }),
        );
        const bill = makeBill(usages, []);
        expect(bill.workload + bill.idle + bill.overhead).toBe(bill.total);
        expect(makeBill([...usages].reverse(), [])).toEqual(bill);
        const rowsTotal = bill.rows.reduce((sum, row) => sum + row.dollars, 0);
        expect(rowsTotal).toBeCloseTo(bill.total, 3);
      }),
    );
  });

  it('become results by part, price, cluster, pool, workload and team', () => {
    const workloads = [used('web', 2 * HOUR, 8 * HOUR)];
    const fee = { cluster: 'c-1', provider: 'public', seconds: HOUR, dollarsPerHour: 0.1 };
    const metrics = costMetrics(makeBill([pool(HOUR, { workloads })], [fee]));
    const sum = (labels: Record<string, string>) =>
      metrics.find((m) => JSON.stringify(m.labels) === JSON.stringify(labels))?.sum;
    // 0.192 + 0.10
    expect(sum({})).toBeCloseTo(0.292, 12);
    expect(sum({ part: 'workload' })).toBeCloseTo(0.096, 12);
    expect(sum({ part: 'overhead', price: 'fee' })).toBeCloseTo(0.1, 12);
    expect(sum({ cluster: 'c-1' })).toBeCloseTo(0.292, 12);
    expect(sum({ cluster: 'c-1', pool: 'p' })).toBeCloseTo(0.192, 12);
    expect(sum({ workload: 'web' })).toBeCloseTo(0.096, 12);
    expect(sum({ team: 'team-web' })).toBeCloseTo(0.096, 12);
  });
});
