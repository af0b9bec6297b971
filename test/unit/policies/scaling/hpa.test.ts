import { describe, expect, it } from 'vitest';
import type {
  Autoscaler,
  MeasuredPods,
  MetricReading,
  ScalingMoment,
} from '../../../../src/contracts/scaling.ts';
import { hpa } from '../../../../src/policies/scaling/hpa.ts';

const SECOND = 1_000_000;

function autoscaler(params: object = {}): Autoscaler {
  const checked = hpa.params!(params);
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  return hpa.create(checked.value, { workload: 'web' });
}

/** Running, ready pods that request one core each. */
function pods(count: number, usageMilli: number | null, more: Partial<MeasuredPods> = {}) {
  const base = { requestMilli: 1000, phase: 'Running', isDeleting: false, isReady: true } as const;
  return { count, usageMilli, isCpuSampleIgnored: false, ...base, ...more };
}

function moment(
  replicas: number,
  groups: readonly MeasuredPods[],
  more: Partial<ScalingMoment> & { readonly target?: number } = {},
): ScalingMoment {
  const metrics: MetricReading[] = [{ kind: 'utilization', targetPercent: more.target ?? 50 }];
  return {
    nowUs: 0,
    replicas,
    minReplicas: 1,
    maxReplicas: 100,
    metrics,
    pods: () => groups,
    ...more,
  };
}

/** Replicas every 15 s: the load is `20` cores until 120 s, then `4`; pods are ready at once. */
function follow(params: object, from: number, untilS: number): Map<number, number> {
  const scaler = autoscaler(params);
  const seen = new Map<number, number>();
  let replicas = from;
  for (let s = 0; s <= untilS; s += 15) {
    const cores = s < 120 ? 20 : 4;
    const usage = Math.round((cores * 1000) / replicas);
    const next = scaler.decide(
      moment(replicas, [pods(replicas, usage)], {
        nowUs: s * SECOND,
        minReplicas: from === 1 ? 1 : 2,
        target: 80,
      }),
    );
    replicas = next.replicas;
    seen.set(s, replicas);
  }
  return seen;
}

describe('the horizontal pod autoscaler', () => {
  it('doubles towards the proposal and comes down after 300 s without behavior', () => {
    // 20 cores over 4 pods of one core: 500 %, 500 / 80 * 4 = 25; at most 2 * 4, 2 * 8, then 25.
    const seen = follow({}, 4, 435);
    expect([seen.get(0), seen.get(15), seen.get(30)]).toEqual([8, 16, 25]);
    // From 120 s on: 4 cores / 25 = 16 %, ceil(16 / 80 * 25) = 5. The last 25 was recommended at 105 s.
    expect(seen.get(405)).toBe(25);
    expect(seen.get(420)).toBe(5);
  });

  it('comes down one step earlier with behavior, whose window is strict', () => {
    const seen = follow({ behavior: {} }, 4, 435);
    expect(seen.get(390)).toBe(25);
    expect(seen.get(405)).toBe(5);
  });

  it('grows from one replica by 4 or by 100 %, whichever rule set holds', () => {
    expect([...follow({}, 1, 60).values()]).toEqual([4, 8, 16, 25, 25]);
    expect([...follow({ behavior: {} }, 1, 60).values()]).toEqual([5, 10, 20, 25, 25]);
  });

  it('takes missing pods for idle when it would grow', () => {
    // 8 at 80 %: 80 / 50 = 1.6. With two at 0: 8 * 80 / 10 = 64 %, 64 / 50 * 10 = 12.8, so 13.
    const decision = autoscaler().decide(moment(10, [pods(8, 800), pods(2, null)]));
    expect(decision.replicas).toBe(13);
    expect(decision.proposals).toEqual([{ replicas: 13, observed: 80 }]);
  });

  it('holds when missing and unready pods would turn the direction', () => {
    // 6 at 80 %, 4 at 0: 48 %, 0.96 is below 1 and within tolerance.
    const unready = pods(2, 900, { isCpuSampleIgnored: true, isReady: false });
    expect(autoscaler().decide(moment(10, [pods(6, 800), pods(2, null), unready])).replicas).toBe(
      10,
    );
  });

  it('takes missing pods for full when it would shrink', () => {
    // 8 at 20 %, 2 at 100 %: 36 %, 36 / 50 * 10 = 7.2, so 8.
    const scaler = autoscaler({
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    });
    expect(scaler.decide(moment(10, [pods(8, 200), pods(2, null)])).replicas).toBe(8);
  });

  it('counts 0.9 and 1.1 as within its tolerance', () => {
    expect(autoscaler().decide(moment(10, [pods(10, 550)])).reason).toBe('steady');
    // 56 / 50 = 1.12: ceil(11.2) = 12.
    expect(autoscaler().decide(moment(10, [pods(10, 560)])).replicas).toBe(12);
    // 45 / 50 = 0.9.
    expect(autoscaler().decide(moment(10, [pods(10, 450)])).reason).toBe('steady');
  });

  it('changes nothing when it cannot read, and only grows when it can read in part', () => {
    const metrics: MetricReading[] = [
      { kind: 'utilization', targetPercent: 50 },
      { kind: 'value', targetMilli: 1000, valueMilli: null },
    ];
    const at = (usage: number | null) =>
      autoscaler().decide(moment(4, [pods(4, usage)], { metrics }));
    expect(at(null)).toMatchObject({ replicas: 4, reason: 'no-metrics' });
    expect(at(100)).toMatchObject({ replicas: 4, reason: 'no-metrics' });
    // 100 / 50 * 4 = 8.
    expect(at(1000)).toMatchObject({ replicas: 8, reason: 'up' });
    const bare = pods(4, 100, { requestMilli: null });
    expect(autoscaler().decide(moment(4, [bare])).reason).toBe('no-metrics');
  });

  it('enforces its bounds without reading metrics, and is off at 0 replicas', () => {
    const at = (replicas: number, minReplicas: number, maxReplicas: number) =>
      autoscaler().decide(moment(replicas, [pods(1, 500)], { minReplicas, maxReplicas }));
    expect(at(12, 2, 10)).toMatchObject({ replicas: 10, reason: 'above-max' });
    expect(at(1, 2, 10)).toMatchObject({ replicas: 2, reason: 'below-min' });
    expect(at(0, 2, 10)).toMatchObject({ replicas: 0, reason: 'disabled' });
  });

  it('bounds changes by its policies over a period', () => {
    const policies = [{ type: 'Pods', value: 2, periodSeconds: 60 }];
    const scaler = autoscaler({ behavior: { scaleUp: { policies } } });
    const at = (s: number, replicas: number) =>
      scaler.decide(moment(replicas, [pods(replicas, 1000)], { nowUs: s * SECOND })).replicas;
    // Two in any 60 s: at 60 s the change at 0 s is exactly 60 s old and no longer counts.
    expect([at(0, 4), at(15, 6), at(45, 6), at(60, 6)]).toEqual([6, 6, 6, 8]);
    const frozen = autoscaler({ behavior: { scaleUp: { selectPolicy: 'Disabled' } } });
    expect(frozen.decide(moment(4, [pods(4, 1000)])).replicas).toBe(4);
    const slow = autoscaler({ behavior: { scaleUp: { selectPolicy: 'Min' } } });
    // 4 pods or 100 % of 10: the smaller change.
    expect(slow.decide(moment(10, [pods(10, 1000)])).replicas).toBe(14);
  });

  it('goes on from what it saved', () => {
    const first = autoscaler();
    first.decide(moment(4, [pods(4, 1000)]));
    const second = autoscaler();
    second.restore(first.save());
    // The 8 recommended at 0 s holds until 300 s.
    const late = moment(8, [pods(8, 100)], { nowUs: 300 * SECOND });
    expect(second.decide(late).replicas).toBe(8);
    expect(autoscaler().decide(moment(8, [pods(8, 100)], { nowUs: 300 * SECOND })).replicas).toBe(
      8,
    );
  });

  it.each([
    [{ tolerance: 2 }, 'tolerance'],
    [{ behavior: { scaleUp: { policies: [] } } }, 'behavior.scaleUp.policies'],
    [
      { behavior: { scaleUp: { policies: [{ type: 'Pod' }] } } },
      'behavior.scaleUp.policies[0].type',
    ],
    [{ behavior: { scaleSideways: {} } }, 'behavior.scaleSideways'],
    [{ syncPeriod: 3 }, 'syncPeriod'],
  ])('refuses %j at its place', (params, path) => {
    const checked = hpa.params!(params);
    expect('issues' in checked && checked.issues.map((issue) => issue.path)).toContain(path);
  });
});
