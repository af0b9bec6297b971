/** Services: replicas over time. */
import { describe, expect, it } from 'vitest';
import {
  cluster,
  metric,
  nodeFails,
  outage,
  pool,
  runToEnd,
  SECOND,
  scenario,
  service,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const steps = (...counts: readonly (readonly [seconds: number, count: number])[]) =>
  ({
    kind: 'steps',
    steps: counts.map(([seconds, count]) => ({ atUs: seconds * SECOND, count })),
  }) as const;

describe('a service', () => {
  it('follows its steps up and down, the newest replicas go first', () => {
    const { lines, bundle } = tell(
      scenario({ workloads: [service({ replicas: steps([0, 1], [10, 3], [20, 1]) })] }),
      ['bind', 'complete'],
    );
    expect(lines).toEqual([
      '0.000001 bind web/0 a:p/0',
      '10.000001 bind web/1 a:p/0',
      '10.000001 bind web/2 a:p/0',
      '20.000001 complete web x1 a',
      '20.000001 complete web x1 a',
    ]);
    // One replica all the time (but for 1 us) and two more for 10 s.
    expect(metric(bundle, 'pods_running').mean).toBeCloseTo((3600 + 20 - 1e-6) / 3600, 9);
    expect(bundle.result.conservation.pods).toMatchObject({ arrived: 3, completed: 2, running: 1 });
  });

  it('follows the wave of its day', () => {
    const hour = 3600 * SECOND;
    const bundle = runToEnd(
      scenario({
        clusters: [cluster({ pools: [pool({ count: 10 })] })],
        workloads: [
          service({
            replicas: {
              kind: 'diurnal',
              mean: 10,
              peakToMean: 1.5,
              peakAtUs: hour / 2,
              periodUs: hour,
              everyUs: hour / 4,
            },
          }),
        ],
      }),
    );
    // 10 (1 + 0.5 cos) at 0, 900, 1800 and 2700 s: 5, 10, 15, 10; mean of the four quarters 10.
    expect(bundle.result.conservation.pods).toMatchObject({
      arrived: 15,
      completed: 5,
      running: 10,
    });
    expect(metric(bundle, 'pods_running').max).toBe(15);
    expect(metric(bundle, 'pods_running').mean).toBeCloseTo(10, 6);
  });

  it('gives up replicas that still wait, and lets the next ones in', () => {
    const { lines, bundle } = tell(
      scenario({
        workloads: [
          service({ name: 'big', replicas: steps([0, 6], [10, 3]) }),
          service({ name: 'late', replicas: steps([20, 1]) }),
        ],
      }),
      ['bind', 'complete'],
    );
    // Four fit; at 10 the two that wait go, and the newest that runs.
    expect(lines.slice(4)).toEqual([
      '10.000001 complete big x1 a',
      '10.000001 complete big x1 a',
      '10.000001 complete big x1 a',
      '20.000001 bind late/0 a:p/0',
    ]);
    expect(bundle.result.conservation.pods).toMatchObject({ completed: 3, running: 4, pending: 0 });
  });

  it('replaces a replica that is lost, and still can be scaled to nothing', () => {
    const { lines, bundle } = tell(
      scenario({
        clusters: [cluster({ pools: [pool({ count: 2 })] })],
        workloads: [service({ retryLimit: 0, replicas: steps([0, 1], [1000, 0]) })],
        failures: [nodeFails('a/p/0', 11 * SECOND, 3000 * SECOND)],
      }),
      ['bind', 'evict', 'lose', 'complete'],
    );
    // Lost at 11 + 350; the placer hears it after 1 us, the new pod is there after another.
    expect(lines).toEqual([
      '0.000001 bind web/0 a:p/0',
      '361 evict web/0 a:p/0',
      '361 lose web x1 a',
      '361.000002 bind web/1 a:p/1',
      '1000.000001 complete web x1 a',
    ]);
    expect(bundle.result.conservation.pods).toEqual({
      arrived: 2,
      completed: 1,
      running: 0,
      pending: 0,
      lost: 1,
    });
  });

  it('scales down while its pods are on their way from a lost cluster', () => {
    const { bundle } = tell(
      scenario({
        clusters: [
          cluster({ pools: [pool({ zone: 'za' })] }),
          cluster({ name: 'b', pools: [pool({ zone: 'zb' })] }),
        ],
        placement: {
          latencyUs: 5 * SECOND,
          summaryEveryUs: 10 * SECOND,
          returnAfterUs: null,
          failoverAfterUs: 60 * SECOND,
        },
        // Given up at 71; the pods are with the placer at 76, and at 73 it wants none any more.
        workloads: [service({ replicas: steps([0, 4], [73, 0]) })],
        failures: [outage('cluster/a', 11 * SECOND, 1000 * SECOND)],
      }),
    );
    expect(bundle.result.conservation.pods).toEqual({
      arrived: 4,
      completed: 4,
      running: 0,
      pending: 0,
      lost: 0,
    });
  });
});
