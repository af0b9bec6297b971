/**
 * Nodes that die under Kubernetes' controllers: a pass every 5 s, Unknown 50 s after the last pass that saw a lease (so 40 to
 * 55 s after death), 300 s of toleration, one node in ten seconds and zone. The API is ideal unless a test says otherwise.
 */
import { describe, expect, it } from 'vitest';
import type { Failure, Scenario } from '../../../../src/scenario/scenario.ts';
import {
  cluster,
  lifecycle,
  outage,
  podSpec,
  pool,
  SECOND,
  scenario,
  service,
} from '../../../builders/scenario.ts';
import { tell } from '../../../builders/story.ts';

const KUBERNETES = {
  ...lifecycle(50 * SECOND, 300 * SECOND),
  controller: 'kubernetes',
  api: null,
} as const;

/** One pod that fills each node, in pools `x`, `y`... of the given sizes, each a zone of its own. */
function fleet(sizes: readonly number[], over: Partial<Scenario> = {}): Scenario {
  const names = ['x', 'y', 'z'];
  const count = sizes.reduce((sum, size) => sum + size, 0);
  return scenario({
    horizonUs: 3600 * SECOND,
    clusters: [
      cluster({
        pools: sizes.map((size, i) => pool({ name: names[i]!, zone: names[i]!, count: size })),
      }),
    ],
    workloads: [
      service({
        replicas: { kind: 'constant', count },
        pod: podSpec({ cpuMillicores: 4000 }),
        retryBackoffUs: { base: 0, cap: 0 },
      }),
    ],
    nodeLifecycle: KUBERNETES,
    ...over,
  });
}

/** Seconds after 600 s at which pods were evicted. */
function evictions(from: Scenario): number[] {
  return tell(from, ['evict']).lines.map((line) => Number(line.split(' ')[0]) - 600);
}

const dark = (target: string, forS = 86_400): Failure =>
  outage(target, 600 * SECOND, forS * SECOND);

describe('a node that dies', () => {
  it('loses its pods after grace and toleration: 340 to 355 s after its death', () => {
    const [first, ...rest] = evictions(fleet([100], { failures: [dark('node/x/7')] }));
    expect(rest).toEqual([]);
    expect(first).toBeGreaterThanOrEqual(340);
    expect(first).toBeLessThanOrEqual(355.1);
  });

  it('keeps its pods if it answers before, and is not evicted later', () => {
    const { lines } = tell(fleet([100], { failures: [dark('node/x/7', 320)] }), ['evict', 'bind']);
    expect(lines.filter((line) => line.includes('evict'))).toEqual([]);
    // Every pod was bound once.
    expect(lines).toHaveLength(100);
  });

  it('keeps pods that bear its taint for ever, and others as long as they say', () => {
    const unreachable = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', value: '' };
    const with_ = (tolerationUs?: number) =>
      fleet([4], {
        failures: [dark('node/x/1')],
        workloads: [
          service({
            replicas: { kind: 'constant', count: 4 },
            pod: podSpec({
              cpuMillicores: 4000,
              tolerations: [
                { ...unreachable, operator: 'Exists', ...(tolerationUs && { tolerationUs }) },
              ],
            }),
          }),
        ],
      });
    expect(evictions(with_())).toEqual([]);
    const [at] = evictions(with_(10 * SECOND));
    // 40 to 55 s of grace and 10 s.
    expect(at).toBeGreaterThanOrEqual(50);
    expect(at).toBeLessThanOrEqual(65.1);
  });
});

describe('a zone that dies', () => {
  it('is given up one node in ten seconds, though all its nodes are silent', () => {
    const seconds = evictions(fleet([100, 100, 100], { failures: [dark('zone/x')] }));
    expect(seconds).toHaveLength(100);
    // Grace (40 to 55 s) and toleration for the first; the 100th at most two tokens later than 10 * 99.
    expect(seconds[0]).toBeGreaterThanOrEqual(340);
    expect(seconds[0]).toBeLessThanOrEqual(355.1);
    const last = seconds.at(-1)! - seconds[0]!;
    expect(last).toBeGreaterThanOrEqual(980);
    expect(last).toBeLessThanOrEqual(1005);
    const gaps = seconds.slice(3).map((s, i) => Math.round((s - seconds[i + 2]!) * 10) / 10);
    expect(new Set(gaps)).toEqual(new Set([10]));
  });

  it('of at most 50 nodes most of which are silent loses one node at most', () => {
    const failures = Array.from({ length: 30 }, (_, i) => dark(`node/x/${i}`));
    expect(evictions(fleet([40, 40], { failures })).length).toBeLessThanOrEqual(2);
  });

  it('with all other zones loses nothing', () => {
    const failures = ['x', 'y', 'z'].map((zone) => dark(`zone/${zone}`));
    // Each outage takes one zone, so that the control plane lives on. One node per zone may be tainted in the pass before
    // the last is silent; its taint goes when all zones are Full.
    expect(evictions(fleet([60, 60, 60], { failures }))).toEqual([]);
  });
});

describe('an API with limits', () => {
  it('deletes 20 / 3 pods a second once its burst is gone', () => {
    const pods = 160;
    const from = fleet([2], {
      failures: [dark('node/x/0')],
      nodeLifecycle: { ...KUBERNETES, api: { perSecond: 20, burst: 30 } },
      workloads: [
        service({
          replicas: { kind: 'constant', count: pods },
          pod: podSpec({ cpuMillicores: 25, memoryBytes: 1048576 }),
          retryBackoffUs: { base: 0, cap: 0 },
        }),
      ],
    });
    const seconds = evictions(from);
    // First fit: 110 pods on the first node. 10 at once (30 tokens), then one in 3 / 20 s: 100 * 0.15 = 15 s.
    expect(seconds).toHaveLength(110);
    expect(seconds[9]! - seconds[0]!).toBe(0);
    expect(seconds.at(-1)! - seconds[0]!).toBeCloseTo(15, 3);
  });
});
