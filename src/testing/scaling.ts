import type { ScalingPolicy } from '../contracts/policy.ts';
import type { Autoscaler, MeasuredPods, ScalingMoment } from '../contracts/scaling.ts';
import { type ContractCase, type ContractOptions, expect, withSkips } from './case.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

/** Loads of a workload in its course, as a share of what its pods request. */
const LOADS = [0.5, 0.9, 2.4, 3, 0.1, 0.1, 1, 0] as const;
const MOST = 40;

/**
 * Lists what the scaling contract asks of a policy: run every case in your test framework.
 *
 * @param policy made by `defineScaling`
 */
export function checkScaling(
  policy: ScalingPolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = () => policy.create(paramsFor(policy, options), { workload: 'test' });
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    {
      name: 'decides again after a time above zero',
      run: () => expect(make().everyUs > 0, `everyUs is ${make().everyUs}`),
    },
    {
      name: 'stays within its bounds, in whole replicas',
      run: () => {
        for (const replicas of follow(make(), 0, 3)) {
          const isAllowed = Number.isSafeInteger(replicas) && replicas >= 2 && replicas <= MOST;
          expect(isAllowed, `asks for ${replicas} replicas of 2 to ${MOST}`);
        }
      },
    },
    {
      name: 'changes nothing when it cannot read',
      run: () => {
        const decision = make().decide(momentOf(0, 7, null));
        expect(decision.replicas === 7, `asks for ${decision.replicas} replicas in the dark`);
      },
    },
    {
      name: 'goes on from what it saved as if nothing had happened',
      run: () => {
        const whole = make();
        follow(whole, 0, 3);
        const saved = JSON.parse(JSON.stringify(whole.save())) as unknown;
        const resumed = make();
        resumed.restore(saved);
        const [a, b] = [whole, resumed].map((scaler) => follow(scaler, LOADS.length, 9).join());
        expect(a === b, `goes on with ${b} instead of ${a}`);
      },
    },
  ];
  return withSkips(cases, options.skip);
}

/** Replicas after each load. @param from how many decisions were made before */
function follow(scaler: Autoscaler, from: number, replicas: number): number[] {
  return LOADS.map((load, i) => {
    const nowUs = (from + i) * scaler.everyUs;
    replicas = scaler.decide(momentOf(nowUs, replicas, Math.round(load * 1000))).replicas;
    return replicas;
  });
}

function momentOf(nowUs: number, replicas: number, usageMilli: number | null): ScalingMoment {
  const pods: MeasuredPods = {
    count: replicas,
    usageMilli,
    requestMilli: 1000,
    phase: 'Running',
    isDeleting: false,
    isReady: true,
    isCpuSampleIgnored: false,
  };
  const metrics = [{ kind: 'utilization', targetPercent: 60 }] as const;
  return { nowUs, replicas, minReplicas: 2, maxReplicas: MOST, metrics, pods: () => [pods] };
}
