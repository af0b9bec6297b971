/** The shape of disruption budgets and of autoscalers that a scenario writes itself. */
import type * as z from 'zod';
import { labelSelector } from './schema-kube-pod.ts';
import { countOrPercent } from './schema-kube-workloads.ts';
import { choice, flag, listOf, name, shape, text, whole } from './schema-values.ts';

const INT32_MAX = 2_147_483_647;

/** Budgets of pods that may be missing. */
export const budgets = listOf(
  'a list of budgets',
  shape('a disruption budget', {
    name: name.describe('Name of the budget.'),
    cluster: name.optional().describe('Cluster that it is in; default every cluster.'),
    namespace: name.optional().describe('Namespace of its pods; default default.'),
    selector: labelSelector.describe('Pods that it protects.'),
    minAvailable: countOrPercent
      .optional()
      .describe('Pods that must stay. Either this or maxUnavailable.'),
    maxUnavailable: countOrPercent.optional().describe('Pods that may be missing.'),
    evictUnready: flag
      .optional()
      .describe('True: pods that are not ready may always go; default false.'),
  }),
);

const rate = shape('a scaling policy', {
  type: choice(['Pods', 'Percent']).describe('What value counts.'),
  value: whole(1, INT32_MAX).describe('Change at most, within the period.'),
  periodSeconds: whole(1, 1800).describe('Length of the period.'),
});
const rules = (defaults: string) =>
  shape('scaling rules', {
    stabilizationWindowSeconds: whole(0, 3600)
      .optional()
      .describe('Recommendations of this time count together.'),
    selectPolicy: choice(['Max', 'Min', 'Disabled']).optional().describe('Default Max.'),
    policies: listOf('a list of scaling policies', rate).optional().describe(defaults),
  });

/** Autoscalers of workloads. */
export const autoscalers = listOf(
  'a list of autoscalers',
  shape('an autoscaler', {
    workload: text('the name of a workload').describe('A deployment or replicaset to scale.'),
    minReplicas: whole(0, INT32_MAX).optional().describe('Replicas at least; default 1.'),
    maxReplicas: whole(1, INT32_MAX).describe('Replicas at most.'),
    metrics: listOf(
      'a list of metrics',
      shape('a metric of an autoscaler', {
        metric: name.optional().describe('As in loads; default cpu.'),
        source: choice(['resource', 'pods', 'object', 'external'])
          .optional()
          .describe('Whose metric it is; default resource.'),
        utilization: whole(1, INT32_MAX)
          .optional()
          .describe('Target in percent of what pods request. Exactly one target.'),
        averageMilli: whole(1, Number.MAX_SAFE_INTEGER)
          .optional()
          .describe('Target per pod, thousandths.'),
        valueMilli: whole(1, Number.MAX_SAFE_INTEGER)
          .optional()
          .describe('Target of the whole value, thousandths. For object and external.'),
      }),
    )
      .min(1, { error: 'at least one metric' })
      .describe('The largest proposal counts.'),
    behavior: shape('the behavior of an autoscaler', {
      scaleUp: rules('Default 4 pods or 100 % in 15 s.').optional().describe('Upwards.'),
      scaleDown: rules('Default 100 % in 15 s.').optional().describe('Downwards.'),
    })
      .optional()
      .describe('Without it: at most double (or 4) upwards, 300 s of patience downwards.'),
  }),
);

/** A budget as written. */
export type RawBudget = z.infer<typeof budgets>[number];
/** An autoscaler as written. */
export type RawAutoscaler = z.infer<typeof autoscalers>[number];
