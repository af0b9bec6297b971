/**
 * Life of a pod. Detection 50 s + toleration 300 s = eviction 350 s after a node died; pods run 100 s unless said otherwise.
 */
import { describe, expect, it } from 'vitest';
import type { JobWorkload } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  lifecycle,
  metric,
  nodeFails,
  once,
  outage,
  podSpec,
  pool,
  runToEnd,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const TWO_NODES = [cluster({ pools: [pool({ count: 2 })] })];

/** One pod that is in the queue at second 1. */
const onePod = (over: Partial<JobWorkload> = {}) => job({ ...once(SECOND), ...over });

describe('a pod', () => {
  it('waits for room, is bound in order, runs and completes', () => {
    const { lines, bundle } = tell(
      scenario({ workloads: [onePod({ podsPerJob: { law: 'constant', value: 6 } })] }),
      ['bind'],
    );
    // Four cores hold four pods; the other two are bound when the first four end, at 1 + 100.
    expect(lines).toEqual([
      '1 bind w/0 a:p/0',
      '1 bind w/1 a:p/0',
      '1 bind w/2 a:p/0',
      '1 bind w/3 a:p/0',
      '101 bind w/4 a:p/0',
      '101 bind w/5 a:p/0',
    ]);
    // Waits include the placement latency of 1 us: 4 x 1 us + 2 x (100 s + 1 us).
    expect(metric(bundle, 'pod_wait_seconds').sum).toBeCloseTo(200.000006, 9);
    expect(metric(bundle, 'pods_completed_total').sum).toBe(6);
    // (4 x 100 + 2 x 100) pod-seconds over an hour.
    expect(metric(bundle, 'pods_running').mean).toBeCloseTo(600 / 3600, 9);
  });

  it('starts its containers between bind and run', () => {
    const { lines, bundle } = tell(
      scenario({ workloads: [onePod({ startupUs: { law: 'constant', value: 5 * SECOND } })] }),
    );
    // 1 + 5 + 100.
    expect(lines).toEqual(['1 bind w/0 a:p/0', '106 complete w x1 a']);
    expect(metric(bundle, 'pod_startup_seconds').mean).toBe(5);
    // It holds its node while it starts: 105 pod-seconds.
    expect(metric(bundle, 'pods_running').mean).toBeCloseTo(105 / 3600, 9);
  });

  it('counts its age as a lower bound if it still waits at the end', () => {
    const bundle = runToEnd(
      scenario({
        horizonUs: 50 * SECOND,
        workloads: [
          onePod({
            pod: podSpec({ cpuMillicores: 3000 }),
            podsPerJob: { law: 'constant', value: 2 },
          }),
        ],
      }),
    );
    const wait = metric(bundle, 'pod_wait_seconds');
    expect([wait.n, wait.censored]).toEqual([2, 1]);
    // From the arrival, 1 us before second 1, to the horizon.
    expect(wait.max).toBeCloseTo(49.000001, 6);
    expect(wait.quantilesAtLeast).toContain('0.99');
    expect(bundle.result.conservation.pods).toEqual({
      arrived: 2,
      completed: 0,
      running: 1,
      pending: 1,
      lost: 0,
    });
  });
});

describe('a pod whose node fails', () => {
  it('is evicted after detection and toleration, waits out its backoff and starts elsewhere', () => {
    const { lines, bundle } = tell(
      scenario({
        clusters: TWO_NODES,
        workloads: [onePod()],
        failures: [nodeFails('a/p/0', 11 * SECOND, 3000 * SECOND)],
      }),
    );
    // Died at 11, evicted at 11 + 350, first retry 10 s later; the work starts again: 371 + 100. Repaired at 11 + 3000.
    expect(lines).toEqual([
      '1 bind w/0 a:p/0',
      '11 down a:p/0',
      '361 evict w/0 a:p/0',
      '371 bind w/0 a:p/1',
      '471 complete w x1 a',
      '3011 up a:p/0',
    ]);
    expect(metric(bundle, 'pods_evicted_total', { cause: 'node-failure' }).sum).toBe(1);
    expect(metric(bundle, 'pod_wait_seconds', { cause: 'eviction' }).mean).toBe(10);
    // It holds a working node for 10 + 100 s: the 350 s on a dead node are not paid work.
    const cpu = metric(bundle, 'allocation_ratio', { resource: 'cpu' });
    // 110 of (3600 x 8 - 3000 x 4) core-seconds.
    expect(cpu.mean).toBeCloseTo(110 / 16_800, 9);
  });

  const back = (over: Partial<JobWorkload>) =>
    tell(
      scenario({
        clusters: TWO_NODES,
        workloads: [onePod(over)],
        failures: [nodeFails('a/p/0', 11 * SECOND, 100 * SECOND)],
      }),
    ).lines;

  it('starts again in place if the node comes back before the eviction', () => {
    // Back at 111, all 100 s again.
    expect(back({})).toEqual([
      '1 bind w/0 a:p/0',
      '11 down a:p/0',
      '111 up a:p/0',
      '211 complete w x1 a',
    ]);
  });

  it('resumes where it was', () => {
    // Served 10 of 100 s: 111 + 90.
    expect(back({ onEviction: { kind: 'resume' } })[3]).toBe('201 complete w x1 a');
  });

  it('goes back to its last checkpoint, and pays for every checkpoint', () => {
    const rule = { kind: 'checkpoint', everyUs: 4 * SECOND, costUs: SECOND } as const;
    // Alone: 100 s of work and a checkpoint of 1 s behind every 4 s but the last: 100 + 24; 1 + 124 = 125.
    const alone = tell(scenario({ workloads: [onePod({ onEviction: rule })] })).lines;
    expect(alone[1]).toBe('125 complete w x1 a');
    // After 10 s two checkpoints are written: 8 s are safe, 92 remain and 22 checkpoints: 111 + 92 + 22 = 225.
    expect(back({ onEviction: rule })[3]).toBe('225 complete w x1 a');
  });

  it('pulls and starts again on the node that came back', () => {
    // Bound at 1, starts until 6, runs 5 s, down from 11 to 111, starts until 116, runs 100 s.
    const startupUs = { law: 'constant', value: 5 * SECOND } as const;
    expect(back({ startupUs })[3]).toBe('216 complete w x1 a');
  });
});

describe('retries', () => {
  /** Node 0 dark for a second at each instant, pods evicted at once; one node, a pod that would run 1000 s. */
  const darkAt = (seconds: readonly number[], over: Partial<JobWorkload>) =>
    tell(
      scenario({
        nodeLifecycle: lifecycle(0, 0),
        clusters: TWO_NODES,
        workloads: [
          onePod({
            pod: podSpec({ nodeSelector: {} }),
            durationUs: { law: 'constant', value: 1000 * SECOND },
            retryBackoffUs: { base: 10 * SECOND, cap: 30 * SECOND },
            ...over,
          }),
        ],
        failures: seconds.map((at) => outage('node/a/p/0', at * SECOND, SECOND)),
      }),
      ['bind', 'evict', 'lose', 'complete'],
    );

  it('wait twice as long each time, up to the cap', () => {
    const { lines } = darkAt([11, 50, 100, 200], {});
    // Backoffs 10, 20, min(40, 30), min(80, 30).
    expect(lines).toEqual([
      '1 bind w/0 a:p/0',
      '11 evict w/0 a:p/0',
      '21 bind w/0 a:p/0',
      '50 evict w/0 a:p/0',
      '70 bind w/0 a:p/0',
      '100 evict w/0 a:p/0',
      '130 bind w/0 a:p/0',
      '200 evict w/0 a:p/0',
      '230 bind w/0 a:p/0',
      '1230 complete w x1 a',
    ]);
  });

  it('end after the limit: the pod is lost', () => {
    const { lines, bundle } = darkAt([11, 50], { retryLimit: 1 });
    expect(lines.slice(2)).toEqual(['21 bind w/0 a:p/0', '50 evict w/0 a:p/0', '50 lose w x1 a']);
    expect(metric(bundle, 'pods_lost_total').sum).toBe(1);
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 1, lost: 1, pending: 0 });
  });

  it('count evictions beyond 255', () => {
    const darkness = Array.from({ length: 300 }, (_, i) => 3 + 3 * i);
    const { bundle } = darkAt(darkness, {
      retryLimit: 260,
      retryBackoffUs: { base: SECOND, cap: SECOND },
    });
    // Evicted at 3, back at 4 ... : the 261st eviction is one more than the limit.
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(261);
    expect(metric(bundle, 'pods_lost_total').sum).toBe(1);
  });
});
