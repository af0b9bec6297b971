/** Cases of files of Kubernetes objects, of controllers, releases and maintenance. */
import type { Row } from './case.ts';

const SNAPSHOT = 'fleet.clusters.a.snapshot';
const BARE =
  'workloads=[{name: w, kind: job, arrivals: {poisson: 0.02/s}, duration: 2m, pod: {cpu: 1}}]';
const FILES = 'workloads.files';
const P = 'fleet.clusters.a.pools.p';

/** Files. */
export const KUBE_FILES: readonly Row[] = [
  [
    'fleet.clusters[].pools[].volumeLimits.*',
    'trajectory',
    'manifests',
    `${P}.volumeLimits={d: 0}`,
    [`${FILES}.files="\${ORRERY_DATA}/claims.yaml"`, `${P}.volumeLimits={d: 1}`],
  ],
  [
    'fleet.clusters[].snapshot',
    'trajectory',
    'snapshot',
    `${SNAPSHOT}="\${ORRERY_DATA}/smaller.yaml"`,
    [BARE, `${SNAPSHOT}="\${ORRERY_DATA}/cluster.yaml"`],
  ],
  [
    'fleet.clusters[].snapshot[]',
    'trajectory',
    'snapshot',
    `${SNAPSHOT}=["\${ORRERY_DATA}/cluster.yaml", "\${ORRERY_DATA}/third.yaml"]`,
    [BARE, `${SNAPSHOT}=["\${ORRERY_DATA}/cluster.yaml"]`],
  ],
  [
    'fleet.clusters[].snapshot.files',
    'trajectory',
    'snapshot',
    `${SNAPSHOT}.files="\${ORRERY_DATA}/smaller.yaml"`,
    BARE,
  ],
  [
    'fleet.clusters[].snapshot.files[]',
    'trajectory',
    'snapshot',
    `${SNAPSHOT}.files=["\${ORRERY_DATA}/cluster.yaml", "\${ORRERY_DATA}/third.yaml"]`,
    [BARE, `${SNAPSHOT}.files=["\${ORRERY_DATA}/cluster.yaml"]`],
  ],
  [
    'fleet.clusters[].snapshot.duration',
    'metrics',
    'snapshot',
    `${SNAPSHOT}.duration=20m`,
    `${SNAPSHOT}.files=["\${ORRERY_DATA}/cluster.yaml", "\${ORRERY_DATA}/web.yaml"]`,
  ],
  [
    'fleet.clusters[].snapshot.startup',
    'metrics',
    'snapshot',
    `${SNAPSHOT}.startup=30s`,
    `${SNAPSHOT}.files=["\${ORRERY_DATA}/cluster.yaml", "\${ORRERY_DATA}/web.yaml"]`,
  ],
  ['workloads[].files', 'metrics', 'manifests', `${FILES}.files="\${ORRERY_DATA}/larger.yaml"`],
  [
    'workloads[].files[]',
    'trajectory',
    'manifests',
    `${FILES}.files=["\${ORRERY_DATA}/web.yaml", "\${ORRERY_DATA}/api.yaml"]`,
    `${FILES}.files=["\${ORRERY_DATA}/web.yaml"]`,
  ],
  ['workloads[].cluster', /expected the name of a cluster/, 'manifests', `${FILES}.cluster=b`],
];

const ROLL = (fields: string): string => `rollouts=[{workload: web, at: 10m, ${fields}}]`;
const CARE = (fields: string): string => `maintenance=[{target: pool/a/p, at: 30m, ${fields}}]`;

/** Releases and maintenance. */
export const KUBE_EVENTS: readonly Row[] = [
  [
    'rollouts[].workload',
    'trajectory',
    'rolling',
    'rollouts.0.workload=db'.replace('.0', '[0]'),
    ROLL('pod: {cpu: 600m}'),
  ],
  ['rollouts[].at', 'trajectory', 'rolling', 'rollouts[0].at=20m', ROLL('pod: {cpu: 600m}')],
  ['rollouts[].pod', 'metrics', 'rolling', ROLL('pod: {cpu: 900m}'), ROLL('pod: {cpu: 600m}')],
  [
    'rollouts[].broken',
    'trajectory',
    'rolling',
    ROLL('pod: {cpu: 600m}, broken: true'),
    ROLL('pod: {cpu: 600m}'),
  ],
  [
    'rollouts[].undo',
    'trajectory',
    'rolling',
    'rollouts=[{workload: web, at: 10m, pod: {cpu: 600m}}, {workload: web, at: 20m, undo: true}]',
    ROLL('pod: {cpu: 600m}'),
  ],
  [
    'maintenance[].target',
    'trajectory',
    'rolling',
    'maintenance[0].target=pool/a/q',
    CARE('action: drain'),
  ],
  ['maintenance[].at', 'trajectory', 'rolling', 'maintenance[0].at=40m', CARE('action: drain')],
  ['maintenance[].action', 'trajectory', 'rolling', CARE('action: cordon'), CARE('action: drain')],
  [
    'maintenance[].action',
    'trajectory',
    'rolling',
    'maintenance=[{target: pool/a/p, at: 30m, action: cordon}, {target: pool/a/p, at: 40m, action: uncordon}]',
    [CARE('action: cordon'), 'rollouts=[{workload: web, at: 50m, pod: {cpu: 600m}}]'],
  ],
  ['maintenance[].parallel', 'trajectory', 'rolling', CARE('parallel: 2'), CARE('parallel: 1')],
  [
    'maintenance[].gracePeriod',
    'trajectory',
    'rolling',
    CARE('gracePeriod: 2m'),
    CARE('gracePeriod: 5s'),
  ],
  [
    'maintenance[].timeout',
    'trajectory',
    'rolling',
    CARE('timeout: 1s'),
    [CARE('timeout: 1h'), 'workloads.web.pod.terminationGracePeriod=5m'],
  ],
];

const W = 'workloads.web';
const DB = 'workloads.db';
const AGENT = 'workloads.agent';
const BATCH = 'workloads.batch';
const TICK = 'workloads.tick';
const OUTAGE = 'failures=[{outage: pool/a/p, at: 4m, for: 40m}]';
const FAST = 'nodeLifecycle={evictAfter: 10s}';

/** Controllers. */
export const KUBE_CONTROLLERS: readonly Row[] = [
  ['workloads[].kind', 'trajectory', 'controllers', `${W}.kind=statefulset`],
  ['workloads[].replicas', 'trajectory', 'controllers', `${W}.replicas=6`],
  [
    'workloads[].selector',
    'trajectory',
    'controllers',
    `${W}.selector={matchLabels: {app: none}}`,
    `${W}.replicas=12`,
  ],
  ['workloads[].strategy.type', 'trajectory', 'rolling', `${W}.strategy={type: Recreate}`],
  [
    'workloads[].strategy.rollingUpdate.maxSurge',
    'trajectory',
    'rolling',
    `${W}.strategy={rollingUpdate: {maxSurge: 100%}}`,
    `${W}.strategy={rollingUpdate: {maxSurge: 1}}`,
  ],
  [
    'workloads[].strategy.rollingUpdate.maxUnavailable',
    'trajectory',
    'rolling',
    `${W}.strategy={rollingUpdate: {maxUnavailable: 100%}}`,
    `${W}.strategy={rollingUpdate: {maxUnavailable: 0}}`,
  ],
  ['workloads[].minReadySeconds', 'trajectory', 'rolling', `${W}.minReadySeconds=60`],
  ['workloads[].paused', 'trajectory', 'rolling', `${W}.paused=true`],
  [
    'workloads[].podManagementPolicy',
    'trajectory',
    'controllers',
    `${DB}.podManagementPolicy=Parallel`,
  ],
  [
    'workloads[].updateStrategy.type',
    'trajectory',
    'rolling',
    `${DB}.updateStrategy={type: OnDelete}`,
  ],
  [
    'workloads[].updateStrategy.rollingUpdate.partition',
    'trajectory',
    'rolling',
    `${DB}.updateStrategy={rollingUpdate: {partition: 2}}`,
  ],
  [
    'workloads[].updateStrategy.rollingUpdate.maxUnavailable',
    'trajectory',
    'rolling',
    `${AGENT}.updateStrategy={rollingUpdate: {maxUnavailable: 100%}}`,
  ],
  [
    'workloads[].updateStrategy.rollingUpdate.maxSurge',
    'trajectory',
    'rolling',
    `${AGENT}.updateStrategy={rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}`,
  ],
  ['workloads[].completions', 'metrics', 'controllers', `${BATCH}.completions=4`],
  ['workloads[].parallelism', 'trajectory', 'controllers', `${BATCH}.parallelism=3`],
  [
    'workloads[].completionMode',
    /no such field without completionMode/,
    'controllers',
    `${BATCH}.completionMode=NonIndexed`,
    [`${BATCH}.completionMode=Indexed`, `${BATCH}.backoffLimitPerIndex=1`],
  ],
  [
    'workloads[].backoffLimit',
    'metrics',
    'controllers',
    `${BATCH}.backoffLimit=0`,
    [OUTAGE, FAST, `${BATCH}.parallelism=6`],
  ],
  [
    'workloads[].backoffLimitPerIndex',
    'metrics',
    'controllers',
    `${BATCH}.backoffLimitPerIndex=0`,
    [
      OUTAGE,
      FAST,
      `${BATCH}.completionMode=Indexed`,
      `${BATCH}.parallelism=6`,
      `${BATCH}.backoffLimitPerIndex=6`,
    ],
  ],
  [
    'workloads[].maxFailedIndexes',
    'metrics',
    'controllers',
    `${BATCH}.maxFailedIndexes=0`,
    [
      OUTAGE,
      FAST,
      `${BATCH}.completionMode=Indexed`,
      `${BATCH}.backoffLimitPerIndex=0`,
      `${BATCH}.maxFailedIndexes=6`,
    ],
  ],
  [
    'workloads[].activeDeadlineSeconds',
    'metrics',
    'controllers',
    `${BATCH}.activeDeadlineSeconds=400`,
  ],
  [
    'workloads[].podReplacementPolicy',
    'trajectory',
    'controllers',
    `${BATCH}.podReplacementPolicy=Failed`,
    [OUTAGE, FAST],
  ],
  ['workloads[].suspend', 'metrics', 'controllers', `${BATCH}.suspend=true`],
  ['workloads[].schedule', 'trajectory', 'controllers', `${TICK}.schedule="*/20 * * * *"`],
  [
    'workloads[].concurrencyPolicy',
    'trajectory',
    'controllers',
    `${TICK}.concurrencyPolicy=Forbid`,
  ],
  [
    'workloads[].startingDeadlineSeconds',
    'trajectory',
    'controllers',
    `${TICK}.startingDeadlineSeconds=60`,
    `${TICK}.concurrencyPolicy=Forbid`,
  ],
  ...(
    [
      ['completions', '3', '{}'],
      ['parallelism', '2', '{completions: 3, parallelism: 1}'],
      ['backoffLimit', '0', '{completions: 8, parallelism: 8}'],
      ['activeDeadlineSeconds', '300', '{}'],
      ['podReplacementPolicy', 'Failed', '{completions: 8, parallelism: 8}'],
      ['suspend', 'true', '{}'],
      [
        'backoffLimitPerIndex',
        '0',
        '{completionMode: Indexed, completions: 8, parallelism: 8, backoffLimitPerIndex: 6}',
      ],
      [
        'maxFailedIndexes',
        '0',
        '{completionMode: Indexed, completions: 8, parallelism: 8, backoffLimitPerIndex: 0, maxFailedIndexes: 8}',
      ],
    ] as const
  ).map(
    ([field, value, job]): Row => [
      `workloads[].job.${field}`,
      'metrics',
      'controllers',
      `${TICK}.job.${field}=${value}`,
      // The first Job starts after ten minutes, and is hit after twelve.
      [OUTAGE.replace('at: 4m', 'at: 12m'), FAST, `${TICK}.duration=8m`, `${TICK}.job=${job}`],
    ],
  ),
  [
    'workloads[].job.completionMode',
    /no such field without completionMode/,
    'controllers',
    `${TICK}.job.completionMode=NonIndexed`,
    `${TICK}.job={completionMode: Indexed, completions: 2, backoffLimitPerIndex: 1}`,
  ],
];
