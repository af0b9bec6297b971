/** Gangs: pods that start together or not at all. */
import { describe, expect, it } from 'vitest';
import {
  cluster,
  job,
  metric,
  nodeFails,
  once,
  podSpec,
  pool,
  runToEnd,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const nodes = (count: number) => [cluster({ pools: [pool({ count })] })];
const pods = (value: number) => ({ law: 'constant', value }) as const;

describe('a gang', () => {
  it('starts whole or not at all', () => {
    const gang = {
      kind: 'gang',
      podsPerJob: pods(3),
      pod: podSpec({ cpuMillicores: 2000 }),
    } as const;
    const { lines } = tell(
      scenario({
        clusters: nodes(2),
        workloads: [
          job({ name: 'first', ...gang, ...once(SECOND) }),
          job({ name: 'next', ...gang, ...once(2 * SECOND) }),
        ],
      }),
      ['bind'],
    );
    // Two nodes hold four members: one place is left, and the next gang does not take it.
    expect(lines.map((line) => line.split(' a:')[0])).toEqual([
      '1 bind first/0',
      '1 bind first/1',
      '1 bind first/2',
      '101 bind next/0',
      '101 bind next/1',
      '101 bind next/2',
    ]);
  });

  it('gives back what it took when a later member finds no node', () => {
    const { lines } = tell(
      scenario({
        clusters: nodes(2),
        workloads: [
          job({ name: 'bg', ...once(SECOND), pod: podSpec({ cpuMillicores: 2000 }) }),
          job({
            name: 'gang',
            kind: 'gang',
            ...once(2 * SECOND),
            podsPerJob: pods(2),
            pod: podSpec({ cpuMillicores: 3000 }),
          }),
          job({ name: 'small', ...once(3 * SECOND), pod: podSpec({ cpuMillicores: 4000 }) }),
        ],
      }),
      ['bind'],
    );
    // 2 + 4 cores are free for 2 x 3, but only one node holds 3; its 4 cores are free again for `small` at 3 s, which then
    // keeps the gang waiting until 103.
    expect(lines).toEqual([
      '1 bind bg/0 a:p/0',
      '3 bind small/0 a:p/1',
      '103 bind gang/0 a:p/1',
      '103 bind gang/1 a:p/0',
    ]);
  });

  it('is evicted whole when one member loses its node, and starts whole again', () => {
    const { lines, bundle } = tell(
      scenario({
        clusters: nodes(3),
        workloads: [
          job({
            kind: 'gang',
            ...once(SECOND),
            podsPerJob: pods(2),
            pod: podSpec({ cpuMillicores: 3000 }),
            durationUs: { law: 'constant', value: 1000 * SECOND },
          }),
        ],
        failures: [nodeFails('a/p/0', 11 * SECOND, 3000 * SECOND)],
      }),
      ['bind', 'evict', 'complete'],
    );
    // The leader is placed last. Evicted at 11 + 350, retried at 371, done at 1371.
    expect(lines).toEqual([
      '1 bind w/0 a:p/1',
      '1 bind w/1 a:p/0',
      '361 evict w/0 a:p/1',
      '361 evict w/1 a:p/0',
      '371 bind w/0 a:p/2',
      '371 bind w/1 a:p/1',
      '1371 complete w x1 a',
      '1371 complete w x1 a',
    ]);
    expect(metric(bundle, 'pods_evicted_total').sum).toBe(2);
  });

  it('that no cluster could hold waits for ever and says why', () => {
    const bundle = runToEnd(
      scenario({
        clusters: nodes(2),
        workloads: [
          job({
            kind: 'gang',
            ...once(SECOND),
            podsPerJob: pods(3),
            pod: podSpec({ cpuMillicores: 3000 }),
          }),
        ],
      }),
    );
    expect(metric(bundle, 'pod_wait_seconds').censored).toBe(3);
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 3, pending: 3 });
  });

  it('keeps the run time of each member when it is sent back to the placer', () => {
    const gang = job({
      kind: 'gang',
      ...once(2 * SECOND),
      podsPerJob: pods(3),
      durationUs: { law: 'exponential', mean: 100 * SECOND },
      pod: podSpec({ cpuMillicores: 4000 }),
    });
    const filler = job({
      name: 'filler',
      ...once(SECOND),
      podsPerJob: pods(6),
      pod: podSpec({ cpuMillicores: 4000 }),
      durationUs: { law: 'constant', value: 45 * SECOND },
    });
    const ends = (returnAfterUs: number | null) => {
      const { lines, bundle } = tell(
        scenario({
          clusters: [
            cluster({ pools: [pool({ count: 3 })] }),
            cluster({ name: 'b', pools: [pool({ count: 3 })] }),
          ],
          workloads: [filler, gang],
          placement: {
            latencyUs: 1,
            summaryEveryUs: 10 * SECOND,
            returnAfterUs,
            failoverAfterUs: null,
          },
        }),
        ['bind', 'complete'],
      );
      const own = lines
        .filter((line) => / w[ /]/.test(line))
        .map((line) => Number(line.split(' ')[0]));
      return {
        runs: own.slice(3).map((end) => Math.round((end - own[0]!) * 1000)),
        returned: metric(bundle, 'pods_returned_total').sum,
      };
    };
    const kept = ends(null);
    const moved = ends(20 * SECOND);
    expect(kept.returned).toBe(0);
    expect(moved.returned).toBeGreaterThan(0);
    expect(new Set(kept.runs).size).toBe(3);
    expect(moved.runs).toEqual(kept.runs);
  });
});
