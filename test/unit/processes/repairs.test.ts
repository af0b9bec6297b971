import { describe, expect, it } from 'vitest';
import {
  cluster,
  job,
  nodeFails,
  once,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../../builders/scenario.ts';
import { tell } from '../../builders/story.ts';

const nodes = (repairers: number | null) =>
  tell(
    scenario({
      clusters: [cluster({ pools: [pool({ count: 3 })] })],
      workloads: [],
      failures: [
        {
          kind: 'nodes',
          // Each node breaks 100 s after the start, and takes 30 s to repair.
          model: {
            use: 'test/fail-at',
            params: { node: null, upUs: [100 * SECOND], downUs: [30 * SECOND] },
          },
          clusters: null,
          repairers,
        },
      ],
      horizonUs: 200 * SECOND,
    }),
    ['up', 'down'],
  ).lines;

describe('repairers', () => {
  it('repair all nodes at once where there is no limit', () => {
    expect(nodes(null)).toEqual([
      '100 down a:p/0',
      '100 down a:p/1',
      '100 down a:p/2',
      '130 up a:p/0',
      '130 up a:p/1',
      '130 up a:p/2',
    ]);
  });

  it('repair nodes one after the other in the order of their failures', () => {
    // 100 + 30, then 30 more for each that waited
    expect(nodes(1)).toEqual([
      '100 down a:p/0',
      '100 down a:p/1',
      '100 down a:p/2',
      '130 up a:p/0',
      '160 up a:p/1',
      '190 up a:p/2',
    ]);
  });

  it('take the time of the model that broke the node, not the shortest of all models', () => {
    const { lines } = tell(
      scenario({
        workloads: [],
        failures: [
          nodeFails('a/p/0', 10 * SECOND, 500 * SECOND),
          nodeFails('a/p/0', 700 * SECOND, SECOND),
        ],
      }),
      ['up', 'down'],
    );
    expect(lines).toEqual(['10 down a:p/0', '510 up a:p/0']);
  });
});

describe('a workload that loses who is refused', () => {
  it('drops the pod that finds no room, and keeps those that do', () => {
    const pods = (name: string, atUs: number) =>
      job({
        name,
        ...once(atUs),
        pod: podSpec({ cpuMillicores: 3000 }),
        durationUs: { law: 'constant', value: 10 * SECOND },
        onRefusal: 'lose',
      });
    const { bundle, lines } = tell(
      scenario({
        workloads: [
          pods('first', 5 * SECOND),
          pods('second', 6 * SECOND),
          pods('third', 20 * SECOND),
        ],
      }),
      ['bind', 'lose', 'complete'],
    );
    // 4 cores hold one pod of 3; the second comes while the first runs until 15, the third after it.
    expect(lines).toEqual([
      '5 bind first/0 a:p/0',
      '6 lose second x1 a',
      '15 complete first x1 a',
      '20 bind third/0 a:p/0',
      '30 complete third x1 a',
    ]);
    expect(bundle.result.conservation).toMatchObject({ ok: true, pods: { arrived: 3, lost: 1 } });
  });
});
