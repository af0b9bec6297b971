/** A control plane that takes time: attempts one after the other, binds by token. */
import { describe, expect, it } from 'vitest';
import { ControlPlane } from '../../../src/processes/control-plane.ts';
import type { ControlPlane as Limits } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  IDEAL,
  job,
  metric,
  nodeFails,
  once,
  podSpec,
  pool,
  SECOND,
  scenario,
  service,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const limits = (over: Partial<Limits>) => ({ controlPlane: { ...IDEAL, ...over } });
const pods = (value: number) => ({ law: 'constant', value }) as const;
const nodes = (count: number) => [cluster({ pools: [pool({ count })] })];

describe('ControlPlane', () => {
  it('charges an attempt and each node that it looked at', () => {
    const plane = new ControlPlane({ ...IDEAL, attemptUs: 100, perNodeUs: 0.5 });
    expect([plane.attemptUs(0), plane.attemptUs(7), plane.isTimed]).toEqual([100, 104, true]);
  });

  it('gives a burst of tokens at once, then one a gap, and saves no more than the burst', () => {
    const plane = new ControlPlane({ ...IDEAL, bindsPerSecond: 2, bindBurst: 3 });
    const at = [0, 0, 0, 0, 0].map((ready) => plane.bindAtUs(ready));
    expect(at).toEqual([0, 0, 0, 500_000, 1_000_000]);
    // Ten seconds later the bucket is full again: three at once.
    const later = [11e6, 11e6, 11e6, 11e6].map((ready) => plane.bindAtUs(ready));
    expect(later).toEqual([11e6, 11e6, 11e6, 11.5e6]);
  });

  it('is the ideal one without limits', () => {
    const plane = new ControlPlane(IDEAL);
    expect([plane.isTimed, plane.attemptUs(1000), plane.bindAtUs(7)]).toEqual([false, 0, 7]);
  });
});

describe('a scheduler that takes time', () => {
  it('decides one pod at a time and binds at the end of each attempt', () => {
    const { lines, bundle } = tell(
      scenario({
        ...limits({ attemptUs: SECOND / 2, perNodeUs: SECOND / 10 }),
        workloads: [job({ ...once(SECOND), podsPerJob: pods(3) })],
      }),
      ['bind'],
    );
    // The node is looked at anew each time, since the last pod changed it: 0.5 + 0.1 s an attempt.
    expect(lines).toEqual(['1.6 bind w/0 a:p/0', '2.2 bind w/1 a:p/0', '2.8 bind w/2 a:p/0']);
    // Waits 0.6, 1.2 and 1.8 s, each with 1 us of placement latency.
    expect(metric(bundle, 'pod_wait_seconds').sum).toBeCloseTo(3.600003, 6);
  });

  it('binds by token', () => {
    const { lines } = tell(
      scenario({
        ...limits({ bindsPerSecond: 1, bindBurst: 2 }),
        workloads: [job({ ...once(SECOND), podsPerJob: pods(4) })],
      }),
      ['bind'],
    );
    expect(lines.map((line) => line.split(' bind')[0])).toEqual(['1', '1', '2', '3']);
  });

  it('binds a gang when its last member has its token', () => {
    const { lines } = tell(
      scenario({
        ...limits({ bindsPerSecond: 1 }),
        workloads: [job({ kind: 'gang', ...once(SECOND), podsPerJob: pods(3) })],
      }),
      ['bind'],
    );
    expect(lines.map((line) => line.split(' a:')[0])).toEqual([
      '3 bind w/0',
      '3 bind w/1',
      '3 bind w/2',
    ]);
  });

  it('queues a pod again whose node dies between decision and bind', () => {
    const { lines, bundle } = tell(
      scenario({
        ...limits({ attemptUs: 10 * SECOND }),
        clusters: nodes(2),
        workloads: [job({ ...once(SECOND) })],
        failures: [nodeFails('a/p/0', 5 * SECOND, 3000 * SECOND)],
      }),
      ['bind', 'evict'],
    );
    // The scheduler is busy until 11; the second attempt ends at 21. The pod was never bound, so nobody evicts it.
    expect(lines).toEqual(['21 bind w/0 a:p/1']);
    expect(metric(bundle, 'pod_wait_seconds').max).toBeCloseTo(20.000001, 6);
  });

  it('interrupts everything on the node, also behind the members of a gang that was not bound yet', () => {
    const { lines } = tell(
      scenario({
        ...limits({ attemptUs: 10 * SECOND }),
        clusters: nodes(2),
        workloads: [
          job({ name: 'old', ...once(SECOND), durationUs: pods(30 * SECOND) }),
          job({ name: 'gang', kind: 'gang', ...once(12 * SECOND), podsPerJob: pods(2) }),
        ],
        failures: [nodeFails('a/p/0', 15 * SECOND, 3000 * SECOND)],
      }),
      ['bind', 'evict', 'complete'],
    );
    // `old` runs on the dead node, behind the two members in its list: it does not complete at 41 but is evicted at 365.
    // The gang's first attempts end at 32, the next at 52.
    expect(lines.slice(0, 5)).toEqual([
      '11 bind old/0 a:p/0',
      '52 bind gang/0 a:p/1',
      '52 bind gang/1 a:p/1',
      '152 complete gang x1 a',
      '152 complete gang x1 a',
    ]);
    expect(lines[5]).toBe('365 evict old/0 a:p/0');
  });

  it('lets a waiting pod have what a gang gives back when it is queued again', () => {
    const { lines } = tell(
      scenario({
        ...limits({ bindsPerSecond: 0.01 }),
        clusters: nodes(2),
        workloads: [
          job({
            name: 'gang',
            kind: 'gang',
            ...once(SECOND),
            podsPerJob: pods(2),
            pod: podSpec({ cpuMillicores: 3000 }),
          }),
          job({ name: 'p', ...once(2 * SECOND), pod: podSpec({ cpuMillicores: 3000 }) }),
        ],
        failures: [nodeFails('a/p/0', 50 * SECOND, 3000 * SECOND)],
      }),
      ['bind'],
    );
    // Tokens at 1, 101, 201: the gang took two and would have been bound at 101; at 50 its place on node 1 is free.
    expect(lines[0]).toBe('201 bind p/0 a:p/1');
  });

  it('frees what a pod holds that is withdrawn between decision and bind', () => {
    const replicas = (...steps: [number, number][]) =>
      ({
        kind: 'steps',
        steps: steps.map(([s, count]) => ({ atUs: s * SECOND, count })),
      }) as const;
    const { lines } = tell(
      scenario({
        ...limits({ bindsPerSecond: 0.01 }),
        workloads: [
          service({
            name: 'first',
            pod: podSpec({ cpuMillicores: 100 }),
            replicas: replicas([0, 1]),
          }),
          service({
            name: 'big',
            pod: podSpec({ cpuMillicores: 3900 }),
            replicas: replicas([1, 1], [5, 0]),
          }),
          service({
            name: 'small',
            pod: podSpec({ cpuMillicores: 1000 }),
            replicas: replicas([2, 1]),
          }),
        ],
      }),
      ['bind'],
    );
    // Tokens at 0, 100 (taken by `big`, assumed at 1 and withdrawn at 5) and 200: `small`, refused at 2, is assumed at 5.
    expect(lines).toEqual(['0.000001 bind first/0 a:p/0', '200.000001 bind small/0 a:p/0']);
  });
});
