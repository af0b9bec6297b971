/** Budgets and autoscalers of a scenario become data. */
import type { Context } from '../context.ts';
import type { RawAutoscaler, RawBudget } from '../schema-kube-scaling.ts';
import type {
  Autoscaler,
  AutoscalerMetric,
  Controller,
  DisruptionBudget,
  ScalingRules,
} from './objects.ts';
import { countOrPercentOf } from './resolve-controllers.ts';
import { resolveSelector } from './selectors.ts';

const SECOND_US = 1_000_000;

/** Resolves budgets; one without a cluster is in every cluster. */
export function resolveBudgets(
  raws: readonly RawBudget[],
  clusters: readonly string[],
  context: Context,
): DisruptionBudget[] {
  const { problems } = context;
  return raws.flatMap((raw, i) => {
    const path = ['budgets', i];
    const { maxUnavailable, minAvailable } = raw;
    if ((maxUnavailable === undefined) === (minAvailable === undefined)) {
      problems.at(path, 'exactly one of minAvailable and maxUnavailable');
    }
    if (raw.cluster !== undefined && !clusters.includes(raw.cluster)) {
      problems.at([...path, 'cluster'], `a cluster: ${clusters.join(', ')}`);
    }
    const selector = resolveSelector(raw.selector, [...path, 'selector'], (at, expected, hint) => {
      problems.at(at, expected, hint === undefined ? {} : { hint });
    });
    const budget = {
      namespace: raw.namespace ?? 'default',
      name: raw.name,
      selector,
      minAvailable: minAvailable === undefined ? null : countOrPercentOf(minAvailable),
      maxUnavailable: maxUnavailable === undefined ? null : countOrPercentOf(maxUnavailable),
      evictsUnready: raw.evictUnready ?? false,
    };
    const where = raw.cluster === undefined ? clusters : [raw.cluster];
    return where.map((cluster) => ({ cluster, ...budget }));
  });
}

/** Resolves autoscalers: each is where its workload is. */
export function resolveAutoscalers(
  raws: readonly RawAutoscaler[],
  controllers: readonly Controller[],
  context: Context,
): Autoscaler[] {
  const { problems } = context;
  return raws.flatMap((raw, i) => {
    const target = controllers.find(({ workload }) => workload === raw.workload);
    if (target === undefined || !['deployment', 'replicaset'].includes(target.kind)) {
      problems.at(['autoscalers', i, 'workload'], 'the name of a deployment or replicaset');
      return [];
    }
    const { cluster, namespace, workload } = target;
    const minReplicas = raw.minReplicas ?? 1;
    if (minReplicas > raw.maxReplicas) {
      problems.at(['autoscalers', i, 'minReplicas'], `at most maxReplicas, ${raw.maxReplicas}`);
    }
    const { behavior } = raw;
    return [
      {
        cluster,
        namespace,
        name: workload,
        workload,
        minReplicas,
        maxReplicas: raw.maxReplicas,
        metrics: raw.metrics.map((metric, m) => {
          const targets = [metric.utilization, metric.averageMilli, metric.valueMilli];
          if (targets.filter((one) => one !== undefined).length !== 1) {
            const path = ['autoscalers', i, 'metrics', m];
            problems.at(path, 'exactly one of utilization, averageMilli and valueMilli');
          }
          return resolveMetric(metric);
        }),
        behavior: behavior === undefined ? null : resolveBehavior(behavior),
      },
    ];
  });
}

function resolveMetric(raw: RawAutoscaler['metrics'][number]): AutoscalerMetric {
  const { averageMilli, metric = 'cpu', source = 'resource', utilization, valueMilli } = raw;
  const base = { source, name: metric };
  if (utilization !== undefined) {
    return { ...base, target: { kind: 'utilization', percent: utilization } };
  }
  if (averageMilli !== undefined) {
    return { ...base, target: { kind: 'average-value', milli: averageMilli } };
  }
  return { ...base, target: { kind: 'value', milli: valueMilli ?? 1 } };
}

type RawBehavior = NonNullable<RawAutoscaler['behavior']>;

/** Parts that are not written have Kubernetes' defaults. */
function resolveBehavior(raw: RawBehavior): NonNullable<Autoscaler['behavior']> {
  const both = { type: 'Percent', value: 100, periodUs: 15 * SECOND_US } as const;
  const four = { type: 'Pods', value: 4, periodUs: 15 * SECOND_US } as const;
  return {
    up: resolveRules(raw.scaleUp, { stabilisationUs: 0, select: 'Max', policies: [four, both] }),
    down: resolveRules(raw.scaleDown, {
      stabilisationUs: 300 * SECOND_US,
      select: 'Max',
      policies: [both],
    }),
  };
}

function resolveRules(raw: RawBehavior['scaleUp'], defaults: ScalingRules): ScalingRules {
  if (raw === undefined) return defaults;
  const { policies, selectPolicy, stabilizationWindowSeconds } = raw;
  return {
    stabilisationUs:
      stabilizationWindowSeconds === undefined
        ? defaults.stabilisationUs
        : stabilizationWindowSeconds * SECOND_US,
    select: selectPolicy ?? defaults.select,
    policies:
      policies?.map(({ periodSeconds, type, value }) => ({
        type,
        value,
        periodUs: periodSeconds * SECOND_US,
      })) ?? defaults.policies,
  };
}
