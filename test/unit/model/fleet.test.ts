/** The placer's ledger: summaries minus what was sent since. */
import { describe, expect, it } from 'vitest';
import { asCluster, asShape } from '../../../src/base/ids.ts';
import { FleetTable, type NodeTemplate } from '../../../src/model/fleet.ts';
import { ResourceTable } from '../../../src/model/resources.ts';
import type { PodShape } from '../../../src/model/shapes.ts';

const RESOURCES = new ResourceTable(
  new Map([
    ['cpu', 1],
    ['memory', 1],
    ['pods', 1],
  ]),
  new Map(),
);
const A = asCluster(0);
const B = asCluster(1);

function shape(index: number, over: Partial<PodShape> = {}): PodShape {
  return {
    index: asShape(index),
    requests: [1000, 100, 1],
    gpuCount: 0,
    gpuMilliPerDevice: 0,
    gpuModels: [],
    nodeSelector: [],
    tolerations: [],
    priority: 0,
    priorityClass: 'default',
    ...over,
  };
}

const template = (over: Partial<NodeTemplate> = {}): NodeTemplate => ({
  allocatable: [4000, 400, 10],
  gpuCount: 0,
  gpuModel: '',
  admits: () => true,
  ...over,
});

/** Two clusters of 10 cores, of which 8 are free; a second of latency. */
function build(templates: readonly NodeTemplate[] = [template()]): FleetTable {
  const fleet = new FleetTable(RESOURCES, [templates, [template()]], 1_000_000);
  for (const cluster of fleet.indices()) {
    fleet.publish(cluster, 0, { free: 8000, allocatable: 10_000, elastic: 4000 });
    fleet.publish(cluster, 1, { free: 800, allocatable: 1000, elastic: 400 });
    fleet.publish(cluster, 2, { free: 80, allocatable: 100, elastic: 10 });
    fleet.publish(cluster, 3, { free: 1500, allocatable: 2000, elastic: 1000 });
  }
  return fleet;
}

describe('FleetTable', () => {
  it('subtracts what is sent, at once', () => {
    const fleet = build();
    fleet.assign(A, shape(0), 3, 0);
    expect([fleet.free[0]![A], fleet.free[1]![A], fleet.free[2]![A]]).toEqual([5000, 500, 77]);
    expect([fleet.pending[A], fleet.free[0]![B]]).toEqual([3, 8000]);
  });

  it('subtracts again from a summary that was published before the pods arrived', () => {
    const fleet = build();
    fleet.assign(A, shape(0), 1, 5_000_000);
    fleet.assign(A, shape(0), 2, 6_000_000);
    // Published at 6.5 s: the pod sent at 5 was there at 6, those sent at 6 come at 7.
    fleet.publish(A, 0, { free: 6000, allocatable: 10_000, elastic: 0 });
    fleet.settle(A, 6_500_000, 4);
    expect([fleet.free[0]![A], fleet.pending[A]]).toEqual([4000, 6]);
    // The next summary knows them all.
    fleet.publish(A, 0, { free: 3000, allocatable: 10_000, elastic: 0 });
    fleet.settle(A, 7_000_000, 0);
    expect([fleet.free[0]![A], fleet.pending[A]]).toEqual([3000, 0]);
  });

  it('has room for the tightest resource, with or without what could be booted', () => {
    const fleet = build();
    // min(8000 / 1000, 800 / 100, 80) and min(12000 / 1000, 1200 / 100, 90).
    expect(fleet.room(shape(0), A, false)).toBe(8);
    expect(fleet.room(shape(0), A, true)).toBe(12);
    fleet.assign(A, shape(0), 9, 0);
    expect(fleet.room(shape(0), A, false)).toBe(0);
  });

  it('has no room in a lost cluster', () => {
    const fleet = build();
    fleet.isUp[A] = 0;
    expect([fleet.room(shape(0), A, true), fleet.room(shape(0), B, false)]).toEqual([0, 8]);
  });

  it('can host what fits an empty node of some kind', () => {
    const fleet = build([
      template({ admits: () => false }),
      template({ allocatable: [500, 9, 9] }),
    ]);
    expect([fleet.canHost(shape(0), A), fleet.canHost(shape(0), B)]).toEqual([false, true]);
    expect(fleet.room(shape(0), A, true)).toBe(0);
    const small = shape(1, { requests: [500, 9, 1] });
    expect(fleet.canHost(small, A)).toBe(true);
  });

  it('asks for models and counts of GPUs, and divides their thousandths', () => {
    const fleet = build([template({ gpuCount: 2, gpuModel: 'T4' })]);
    const two = { gpuCount: 2, gpuMilliPerDevice: 500 };
    expect(fleet.canHost(shape(0, { ...two, gpuModels: ['T4'] }), A)).toBe(true);
    expect(fleet.canHost(shape(1, { ...two, gpuModels: ['V100'] }), A)).toBe(false);
    expect(fleet.canHost(shape(2, { ...two, gpuCount: 3 }), A)).toBe(false);
    expect(fleet.canHost(shape(3, two), B)).toBe(false);
    // 1500 of 1000 a pod; with the bootable thousandths 2500.
    const pod = shape(4, two);
    expect([fleet.room(pod, A, false), fleet.room(pod, A, true)]).toEqual([1, 2]);
  });

  it('takes over a summary at once and says whether the cluster gained', () => {
    const fleet = build();
    // Free, allocatable, elastic of cpu, memory, pods and GPUs, behind two numbers that are not theirs.
    const same = [1, 10_000, 4000, 2, 1000, 400, 3, 100, 10, 4, 2000, 1000];
    const summary = (at: number, value: number) =>
      Float64Array.of(-1, -1, ...same.map((old, i) => (i === at ? value : old)));
    expect(fleet.publishAll(A, summary(0, 8000), 2)).toBe(false);
    expect([fleet.free[0]![A], fleet.free[1]![A], fleet.free[2]![A]]).toEqual([8000, 2, 3]);
    expect([fleet.gpuFreeMilli[A], fleet.gpuAllocatableMilli[A]]).toEqual([4, 2000]);
    expect(fleet.publishAll(A, summary(1, 9999), 2)).toBe(false);
    expect(fleet.publishAll(A, summary(1, 10_000), 2)).toBe(true);
    expect(fleet.publishAll(A, summary(8, 11), 2)).toBe(true);
    expect(fleet.publishAll(A, summary(10, 2001), 2)).toBe(true);
    expect([fleet.allocatable[0]![A], fleet.elastic[2]![A]]).toEqual([10_000, 10]);
  });

  it('names every cluster that changed', () => {
    const fleet = build();
    const { changes } = fleet;
    const { position } = changes;
    fleet.assign(B, shape(0), 1, 0);
    fleet.settle(A, 0, 0);
    fleet.answers(B, false);
    fleet.publish(A, 0, { free: 1, allocatable: 1, elastic: 0 });
    const named = Array.from({ length: changes.position - position }, (_, i) =>
      changes.at(position + i),
    );
    expect(named).toEqual([B, A, B, A]);
    expect(fleet.isUp[B]).toBe(0);
  });
});
