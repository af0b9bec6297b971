import { describe, expect, it } from 'vitest';
import type { Labels } from '../../../src/results/bundle.ts';
import {
  CATALOG,
  compareMetrics,
  findMetric,
  labelText,
  suggestMetric,
  unitOf,
} from '../../../src/results/catalog.ts';

describe('the metric catalogue', () => {
  it('is sorted by name and names each metric once', () => {
    const names = CATALOG.map((m) => m.name);
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('holds every core name of the design', () => {
    for (const name of [
      'pods_arrived_total',
      'pods_completed_total',
      'pods_evicted_total',
      'pods_lost_total',
      'pods_returned_total',
      'pods_running',
      'pods_pending',
      'pod_wait_seconds',
      'pod_startup_seconds',
      'allocation_ratio',
      'headroom_ratio',
      'fragmentation_ratio',
      'nodes',
      'node_failures_total',
      'events_total',
      'decisions_total',
      'placements_total',
      'cost_dollars',
    ]) {
      expect(findMetric(name), name).toBeDefined();
    }
  });

  it('ends counters in _total or a unit, and samples in seconds', () => {
    for (const m of CATALOG) {
      if (m.kind === 'counter') expect(m.name).toMatch(/_(total|dollars)$/);
      if (m.kind === 'sample') expect(m.name).toMatch(/_seconds$/);
      expect(m.definition).toMatch(/\.$/);
      for (const label of m.inherent) expect(m.labels).toContain(label);
    }
  });

  it('calls the work of the engine neutral', () => {
    expect(findMetric('events_total')?.direction).toBe('neutral');
    expect(findMetric('decisions_total')?.direction).toBe('neutral');
  });

  it('suggests the nearest name, and none for nonsense', () => {
    expect(suggestMetric('pod_wait_second')).toBe('pod_wait_seconds');
    expect(suggestMetric('zzz')).toBeNull();
  });

  it('tells the unit of amounts by their resource', () => {
    const allocated = findMetric('allocated')!;
    expect(unitOf(allocated, { resource: 'cpu' })).toBe('cores');
    expect(unitOf(allocated, { resource: 'memory' })).toBe('bytes');
    expect(unitOf(allocated, { resource: 'gpu' })).toBe('gpus');
    expect(unitOf(allocated, { resource: 'example.com/fpga' })).toBe('count');
    expect(unitOf(findMetric('nodes')!, {})).toBe('nodes');
  });

  it('orders results by name, then fewer labels, then keys, then values', () => {
    const results: { name: string; labels: Labels }[] = [
      { name: 'b', labels: {} },
      { name: 'a', labels: { x: '1', y: '1' } },
      { name: 'a', labels: { y: '1' } },
      { name: 'a', labels: { x: '2' } },
      { name: 'a', labels: { x: '10' } },
      { name: 'a', labels: {} },
    ];
    const sorted = results.sort(compareMetrics);
    expect(sorted.map((m) => m.name + labelText(m.labels))).toEqual([
      'a',
      'a{x="10"}',
      'a{x="2"}',
      'a{y="1"}',
      'a{x="1",y="1"}',
      'b',
    ]);
  });
});
