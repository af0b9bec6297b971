/** The order of trying: blocking and not, priorities, pods that come and go. Pods run 100 s. */
import { describe, expect, it } from 'vitest';
import type { PodSpec, Scenario, Workload } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  machine,
  metric,
  once,
  podSpec,
  prepare,
  runToEnd,
  SECOND,
  scenario,
  service,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const queueing = (use: string, params: unknown, workloads: readonly Workload[]): Scenario =>
  scenario({
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: 'first-fit', params: {} },
      queueing: { use, params },
    },
    workloads,
  });
const one = (name: string, seconds: number, pod: Partial<PodSpec>) =>
  job({ name, ...once(seconds * SECOND), pod: podSpec(pod) });

describe('a queue', () => {
  const big = [
    one('first', 1, { cpuMillicores: 3000 }),
    one('big', 2, { cpuMillicores: 4000 }),
    one('small', 3, { cpuMillicores: 1000 }),
  ];

  it('that does not block lets a pod pass one that does not fit', () => {
    const { lines } = tell(queueing('fifo', {}, big), ['bind']);
    // `small` runs from 3 to 103 beside `first`; `big` needs the whole node.
    expect(lines).toEqual(['1 bind first/0 a:p/0', '3 bind small/0 a:p/0', '103 bind big/0 a:p/0']);
  });

  it('that blocks holds all behind a head that does not fit', () => {
    const { lines } = tell(queueing('fifo', { blocking: true }, big), ['bind']);
    expect(lines).toEqual([
      '1 bind first/0 a:p/0',
      '101 bind big/0 a:p/0',
      '201 bind small/0 a:p/0',
    ]);
  });

  it('that blocks tries a new head that stands in the slot of the withdrawn one', () => {
    const steps = [
      { atUs: 10 * SECOND, count: 1 },
      { atUs: 20 * SECOND, count: 0 },
    ];
    const { lines } = tell(
      queueing('fifo', { blocking: true }, [
        one('first', 1, { cpuMillicores: 1000 }),
        service({
          name: 'big',
          pod: podSpec({ cpuMillicores: 4000 }),
          replicas: { kind: 'steps', steps },
        }),
        one('small', 30, { cpuMillicores: 1000 }),
      ]),
      ['bind'],
    );
    expect(lines[1]).toBe('30 bind small/0 a:p/0');
  });

  it('of priorities takes the highest first, equal ones in order of entering', () => {
    const whole = (priority: number) => ({ cpuMillicores: 4000, priority });
    const { lines } = tell(
      queueing('priority', {}, [
        one('running', 1, whole(0)),
        one('low', 2, whole(1)),
        one('high', 3, whole(9)),
        one('alsolow', 4, whole(1)),
        one('alsohigh', 5, whole(9)),
      ]),
      ['bind'],
    );
    // Nothing is preempted; one starts every 100 s.
    expect(lines.map((line) => line.split('/0')[0])).toEqual([
      '1 bind running',
      '101 bind high',
      '201 bind alsohigh',
      '301 bind low',
      '401 bind alsolow',
    ]);
  });

  it('binds pods of one instant in order of their workloads in the file, then of their serials', () => {
    const { lines } = tell(
      queueing('fifo', {}, [
        job({ name: 'x', ...once(SECOND), podsPerJob: { law: 'constant', value: 2 } }),
        job({ name: 'y', ...once(SECOND), podsPerJob: { law: 'constant', value: 2 } }),
      ]),
      ['bind'],
    );
    expect(lines.map((line) => line.split(' ')[2])).toEqual(['x/0', 'x/1', 'y/0', 'y/1']);
  });

  it('says why its pods wait', () => {
    const bundle = runToEnd(
      queueing('fifo', {}, [
        one('full', 1, { cpuMillicores: 4000 }),
        one('a', 2, { cpuMillicores: 1000 }),
        one('b', 2, { cpuMillicores: 100, nodeSelector: { disk: 'ssd' } }),
        one('c', 150, { cpuMillicores: 100, extended: { fpga: 1 } }),
      ]),
    );
    const waits = (reason: string) => metric(bundle, 'pods_pending', { reason }).mean;
    // `a` waits from 2 to 101; `b` and `c` to the end of the hour.
    expect(waits('insufficient-cpu')).toBeCloseTo(99 / 3600, 6);
    expect(waits('node-selector')).toBeCloseTo(3598 / 3600, 6);
    expect(waits('insufficient-fpga')).toBeCloseTo(3450 / 3600, 6);
  });

  it('takes no room that is not there, whatever the resource', () => {
    const bundle = runToEnd(
      scenario({
        machineTypes: [machine({ pods: 3, extended: { fpga: 2 } })],
        workloads: [
          job({ name: 'x', ...once(SECOND), podsPerJob: { law: 'constant', value: 5 } }),
          one('y', 1, { cpuMillicores: 1, extended: { fpga: 3 } }),
        ],
      }),
    );
    expect(metric(bundle, 'pods_running', { workload: 'x' }).max).toBe(3);
    expect(metric(bundle, 'pod_wait_seconds', { workload: 'y' }).censored).toBe(1);
  });
});

describe('a run', () => {
  it('refuses policies that do not exist, all at once', () => {
    const from = scenario({
      clusters: [cluster({ queueing: { use: 'fifi', params: {} } })],
      policies: {
        placement: { use: 'most-fre', params: {} },
        scheduling: { use: 'first-fit', params: { nope: 1 } },
        queueing: { use: 'fifo', params: {} },
      },
    });
    expect(() => prepare(from)).toThrow(/most-free[\s\S]*nope|none[\s\S]*fifo/);
  });
});
