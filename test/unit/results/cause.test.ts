import { describe, expect, it } from 'vitest';
import { findCause, sentenceOf } from '../../../src/results/cause.ts';
import { metricResult } from '../../builders/waits.ts';

const metrics = [
  metricResult('headroom_ratio', { resource: 'cpu' }, { min: 0.2 }),
  metricResult('headroom_ratio', { resource: 'memory' }, { min: 0.08 }),
  metricResult('headroom_ratio', { resource: 'cpu', cluster: 'c-1' }, { min: 0.3 }),
  metricResult(
    'headroom_ratio',
    { resource: 'memory', cluster: 'c-2' },
    { min: 0.031, minAtSeconds: 50_400 },
  ),
  metricResult('pods_pending', { reason: 'insufficient-cpu' }, { mean: 3, max: 9 }),
  metricResult('pods_pending', { reason: 'insufficient-memory' }, { mean: 420, max: 999 }),
  metricResult('pods_pending', {}, { mean: 423 }),
];

describe('causes', () => {
  it('name the tightest cluster, the resource that binds and the main reason for pending', () => {
    // 50,400 s = 14 h
    expect(sentenceOf(findCause(metrics))).toBe(
      'c-2 is tight, 3.1 % of memory free at day 1 14:00; memory binds in the fleet, 8 % free at worst; pods wait mostly for "insufficient-memory", 420 pods on average',
    );
  });

  it('may look at one cluster only', () => {
    expect(findCause(metrics, 'c-1').cluster).toMatchObject({ name: 'c-1', resource: 'cpu' });
  });

  it('do not blame ample headroom', () => {
    const ample = [metricResult('headroom_ratio', { resource: 'cpu' }, { min: 0.6 })];
    expect(sentenceOf(findCause(ample))).toBeNull();
  });

  it('are null where nothing is known', () => {
    expect(sentenceOf(findCause([]))).toBeNull();
  });
});
