import { describe, expect, it } from 'vitest';
import { asNode, CPU, MEMORY, PODS } from '../../../src/base/ids.ts';
import { ChangeLog } from '../../../src/model/change-log.ts';
import { PodTable, RUNNING } from '../../../src/model/pods.ts';
import { ResourceTable } from '../../../src/model/resources.ts';
import { type PodShapeSpec, ShapeTable } from '../../../src/model/shapes.ts';

const SPEC: PodShapeSpec = {
  requests: [500, 1024, 1],
  gpuCount: 0,
  gpuMilliPerDevice: 0,
  gpuModels: [],
  nodeSelector: [],
  tolerations: [],
  priority: 0,
  priorityClass: 'default',
};

describe('ShapeTable', () => {
  it('gives equal specifications one index, in order of first sight', () => {
    const shapes = new ShapeTable();
    const first = shapes.intern(SPEC);
    const other = shapes.intern({ ...SPEC, requests: [501, 1024, 1] });
    expect([first.index, other.index, shapes.count]).toEqual([0, 1, 2]);
    expect(shapes.intern({ ...SPEC, requests: [500, 1024, 1] })).toBe(first);
    expect(shapes.at(other.index)).toBe(other);
  });

  it.each<Partial<PodShapeSpec>>([
    { gpuCount: 1 },
    { gpuMilliPerDevice: 500 },
    { gpuModels: ['T4'] },
    { nodeSelector: [['disk', 'ssd']] },
    { tolerations: [{ key: 'k', operator: 'Exists', value: '' }] },
    { priority: 1 },
    { priorityClass: 'high' },
  ])('tells %o apart', (difference) => {
    const shapes = new ShapeTable();
    shapes.intern(SPEC);
    expect(shapes.intern({ ...SPEC, ...difference }).index).toBe(1);
  });
});

describe('ResourceTable', () => {
  const table = (largestMemory: number, memoryGrain: number) =>
    new ResourceTable(
      new Map([
        ['zeta.io/x', 1],
        ['memory', memoryGrain],
        ['pods', 1],
        ['alpha.io/y', 1],
        ['cpu', 50],
      ]),
      new Map([['memory', largestMemory]]),
    );

  it('puts cpu, memory and pods first, then extended resources by name', () => {
    const resources = table(1024, 1);
    expect(resources.all.map((r) => r.name)).toEqual([
      'cpu',
      'memory',
      'pods',
      'alpha.io/y',
      'zeta.io/x',
    ]);
    expect([CPU, MEMORY, PODS].map((r) => resources.all[r]!.index)).toEqual([0, 1, 2]);
    expect(resources.find('zeta.io/x')).toBe(4);
    expect(resources.find('gone')).toBeUndefined();
    expect(resources.all.map((r) => r.unit)).toEqual(['cores', 'bytes', 'count', 'count', 'count']);
  });

  it('keeps a column in 32 bits where its grains fit, and widens it where they do not', () => {
    // 1 TiB in bytes does not fit; in MiB it is 2^20 grains.
    expect(table(2 ** 40, 1).column(MEMORY, 3)).toBeInstanceOf(Float64Array);
    expect(table(2 ** 40, 2 ** 20).column(MEMORY, 3)).toBeInstanceOf(Int32Array);
    // The border is 2^30 - 1: free quantities are added and subtracted once without overflow.
    expect(table(2 ** 30 - 1, 1).column(MEMORY, 3)).toBeInstanceOf(Int32Array);
    expect(table(2 ** 30, 1).column(MEMORY, 3)).toBeInstanceOf(Float64Array);
  });
});

describe('PodTable', () => {
  const make = () => new PodTable(0, { timed: true });

  it('gives a slot again, never its old handle', () => {
    const pods = make();
    const p = pods.allocate();
    pods.setState(p, RUNNING);
    const handle = pods.handle(p);
    expect(pods.find(handle)).toBe(p);
    pods.release(p);
    expect(pods.find(handle)).toBe(-1);
    const q = pods.allocate();
    pods.setState(q, RUNNING);
    expect(q).toBe(p);
    expect(pods.find(handle)).toBe(-1);
    expect(pods.find(pods.handle(q))).toBe(q);
  });

  it('counts live slots and bounds loops over all', () => {
    const pods = make();
    const slots = Array.from({ length: 5 }, () => pods.allocate());
    pods.release(slots[1]!);
    pods.release(slots[3]!);
    expect([pods.count, pods.end]).toEqual([3, 5]);
    // Latest freed first.
    expect([pods.allocate(), pods.allocate(), pods.allocate()]).toEqual([3, 1, 5]);
    expect([pods.count, pods.end]).toEqual([6, 6]);
  });

  it('keeps what its columns hold when it grows', () => {
    const pods = make();
    const before = pods.capacity;
    for (let i = 0; i < 1000; i++) {
      const p = pods.allocate();
      pods.setState(p, RUNNING);
      pods.setSerial(p, 4e9 - i);
      pods.setDurationUs(p, i + 0.5);
      pods.setGang(p, i);
      pods.setDevices(p, i);
      pods.setAssumedUs(p, i);
    }
    expect(pods.capacity).toBeGreaterThan(before);
    // Growth by one half: never more than half of the slots are slack.
    expect(pods.capacity).toBeLessThanOrEqual(1500);
    for (let p = 0; p < 1000; p++) {
      expect([pods.serial(p), pods.durationUs(p), pods.gang(p)]).toEqual([4e9 - p, p + 0.5, p]);
    }
  });

  it('clears what a former pod left in a slot', () => {
    const pods = make();
    const p = pods.allocate();
    pods.setNode(p, 7);
    pods.setGang(p, 3);
    pods.setDevices(p, 5);
    pods.setTicket(p, 99);
    pods.release(p);
    pods.allocate();
    expect([pods.node(p), pods.next(p), pods.prev(p), pods.gang(p)]).toEqual([-1, -1, -1, -1]);
    expect([pods.devices(p), pods.ticket(p)]).toEqual([0, -1]);
  });
});

describe('ChangeLog', () => {
  it('keeps at least as many changes as it has nodes, and says when a reader fell behind', () => {
    const log = new ChangeLog(20);
    for (let i = 0; i < 100; i++) log.add(asNode(i % 20));
    // The ring is the power of two at or above the nodes: 32; a reader may be up to 31 behind.
    expect(log.position).toBe(100);
    expect(log.isBehind(69)).toBe(false);
    expect(log.isBehind(68)).toBe(true);
    expect(Array.from({ length: 31 }, (_, i) => log.at(69 + i))).toEqual(
      Array.from({ length: 31 }, (_, i) => (69 + i) % 20),
    );
  });

  it('has at least sixteen places', () => {
    const log = new ChangeLog(1);
    for (let i = 0; i < 15; i++) log.add(asNode(0));
    expect(log.isBehind(0)).toBe(false);
    log.add(asNode(0));
    expect(log.isBehind(0)).toBe(true);
  });
});
