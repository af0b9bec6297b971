/** The shape of Kubernetes' workload controllers, in the field names of its API: for scenarios and for manifests. */
import * as z from 'zod';
import { labelSelector } from './schema-kube-pod.ts';
import { runTimeLaw } from './schema-laws.ts';
import { choice, flag, name, shape, text, whole } from './schema-values.ts';

const INT32_MAX = 2_147_483_647;
const seconds = whole(0, INT32_MAX);
const pods = whole(0, INT32_MAX);

/** A number of pods, or a percentage. */
export const countOrPercent = z
  .custom<number | string>(
    (raw) =>
      typeof raw === 'string'
        ? /^\d{1,7}%$/.test(raw)
        : Number.isSafeInteger(raw) && Number(raw) >= 0 && Number(raw) <= INT32_MAX,
    { error: 'a number of pods, or a whole percentage such as "25%"' },
  )
  .meta({
    id: 'CountOrPercent',
    description: 'A number of pods, or a whole percentage of all of them.',
    examples: [1, '25%'],
    anyOf: [
      { type: 'string', pattern: '^[0-9]{1,7}%$' },
      { type: 'integer', minimum: 0, maximum: INT32_MAX },
    ],
  });

const replicas = pods.optional().describe('Pods; default 1.');
const selector = labelSelector
  .optional()
  .describe('Pods that are its own; default those with all labels of its pod.');
const minReadySeconds = seconds
  .optional()
  .describe('Time that a pod must be ready to count as available; default 0.');

const bounds = {
  maxSurge: countOrPercent.optional().describe('Pods above the number that is wanted.'),
  maxUnavailable: countOrPercent.optional().describe('Pods that may be missing.'),
};

/** Fields of a Deployment but its pod. */
export const deploymentFields = {
  replicas,
  selector,
  strategy: shape('the strategy of a deployment', {
    type: choice(['RollingUpdate', 'Recreate'])
      .optional()
      .describe('Recreate stops all pods before it starts new ones; default RollingUpdate.'),
    rollingUpdate: shape('the bounds of a rolling update', bounds)
      .optional()
      .describe('Default 25% of both; surge is rounded up, unavailable down.'),
  })
    .optional()
    .describe('How pods are replaced.'),
  minReadySeconds,
  paused: flag.optional().describe('True: changes of the template wait; default false.'),
};

/** Fields of a ReplicaSet but its pod. */
export const replicaSetFields = { replicas, selector, minReadySeconds };

/** Fields of a StatefulSet but its pod. */
export const statefulSetFields = {
  replicas,
  selector,
  minReadySeconds,
  podManagementPolicy: choice(['OrderedReady', 'Parallel'])
    .optional()
    .describe('Whether pods start one after the other; default OrderedReady.'),
  updateStrategy: shape('the update strategy of a stateful set', {
    type: choice(['RollingUpdate', 'OnDelete']).optional().describe('Default RollingUpdate.'),
    rollingUpdate: shape('the rolling update of a stateful set', {
      partition: pods.optional().describe('Ordinals below it keep the old template; default 0.'),
    })
      .optional()
      .describe('Which pods are updated.'),
  })
    .optional()
    .describe('How pods are replaced.'),
};

/** How the pods of a StatefulSet are numbered: names that only files have. */
export const ordinalFields = {
  ordinals: shape('the ordinals of a stateful set', {
    start: pods.optional().describe('Ordinal of the first pod; default 0.'),
  })
    .optional()
    .describe('How pods are numbered.'),
};

/** Fields of a DaemonSet but its pod. */
export const daemonSetFields = {
  selector,
  minReadySeconds,
  updateStrategy: shape('the update strategy of a daemon set', {
    type: choice(['RollingUpdate', 'OnDelete']).optional().describe('Default RollingUpdate.'),
    rollingUpdate: shape('the rolling update of a daemon set', bounds)
      .optional()
      .describe('Default maxUnavailable 1, maxSurge 0; percentages of nodes are rounded up.'),
  })
    .optional()
    .describe('How pods are replaced.'),
};

/** Fields of a Job but its pod. */
export const jobSpecFields = {
  completions: pods.optional().describe('Pods that must succeed; default 1, or a work queue.'),
  parallelism: pods.optional().describe('Pods at a time; default 1.'),
  completionMode: choice(['NonIndexed', 'Indexed'])
    .optional()
    .describe('Indexed gives each pod an index of its own; default NonIndexed.'),
  backoffLimit: pods.optional().describe('Failures after which it has failed; default 6.'),
  backoffLimitPerIndex: pods.optional().describe('The same of each index.'),
  maxFailedIndexes: pods.optional().describe('Failed indexes after which it has failed.'),
  activeDeadlineSeconds: whole(1, INT32_MAX)
    .optional()
    .describe('Time after which it has failed; default no limit.'),
  podReplacementPolicy: choice(['TerminatingOrFailed', 'Failed'])
    .optional()
    .describe('When a pod is replaced; default TerminatingOrFailed.'),
  suspend: flag.optional().describe('True: no pods are made; default false.'),
};

/** Fields of a CronJob but its Job. */
export const cronJobFields = {
  schedule: text('a cron schedule such as "*/5 * * * *"').describe('When, in UTC.'),
  concurrencyPolicy: choice(['Allow', 'Forbid', 'Replace'])
    .optional()
    .describe('What happens while the last Job still runs; default Allow.'),
  startingDeadlineSeconds: seconds
    .optional()
    .describe('Time after which a missed start is given up; default never.'),
  suspend: flag.optional().describe('True: no Jobs are made; default false.'),
};

const cluster = name
  .optional()
  .describe('Cluster that it is in. Required in a fleet of several clusters.');

const runTime = runTimeLaw.describe('Run time of a pod that succeeds.');

/**
 * Kinds of workloads that a controller of Kubernetes looks after.
 *
 * @param common fields of every workload, its pod among them
 */
export function kubeWorkloads<S extends z.ZodRawShape>(common: S) {
  return [
    shape('a deployment', {
      kind: choice(['deployment']).describe('Kubernetes’ Deployment: rolling updates.'),
      ...common,
      cluster,
      ...deploymentFields,
    }),
    shape('a stateful set', {
      kind: choice(['statefulset']).describe('Kubernetes’ StatefulSet: pods with ordinals.'),
      ...common,
      cluster,
      ...statefulSetFields,
    }),
    shape('a daemon set', {
      kind: choice(['daemonset']).describe(
        'Kubernetes’ DaemonSet: a pod on every node that suits.',
      ),
      ...common,
      cluster,
      ...daemonSetFields,
    }),
    shape('a Job of Kubernetes', {
      kind: choice(['kube-job']).describe('Kubernetes’ Job: pods until enough have succeeded.'),
      ...common,
      cluster,
      duration: runTime,
      ...jobSpecFields,
    }),
    shape('a CronJob', {
      kind: choice(['cronjob']).describe(
        'Kubernetes’ CronJob: a Job at each instant of a schedule.',
      ),
      ...common,
      cluster,
      duration: runTime,
      ...cronJobFields,
      job: shape('a Job of a CronJob', jobSpecFields).optional().describe('Each Job.'),
    }),
  ] as const;
}
