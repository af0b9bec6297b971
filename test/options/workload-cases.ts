/** Cases of workloads. */
import type { Row } from './case.ts';

const M = 'fleet.machineTypes.m';
const P = 'fleet.clusters.a.pools.p';
const Q = 'fleet.clusters.a.pools.q';
const W = 'workloads.w';

const tolerating = (toleration: string) => [
  `${P}.taints=[{key: k, value: mine, effect: NoSchedule}]`,
  `${W}.pod.tolerations=[${toleration}]`,
];

/** What a pod asks for. */
export const PODS: readonly Row[] = [
  ['workloads[].pod.cpu', 'trajectory', 'one', `${W}.pod.cpu=2`],
  ['workloads[].pod.memory', 'trajectory', 'one', `${W}.pod.memory=9Gi`],
  ['workloads[].pod.gpus', 'trajectory', 'gpu', `${W}.pod.gpus=2`, [`${M}.extended={fpga: 9}`]],
  ['workloads[].pod.gpus', 'trajectory', 'gpu', `${W}.pod.gpus=500m`, [`${M}.extended={fpga: 9}`]],
  ['workloads[].pod.gpuModels[]', 'trajectory', 'gpu', `${W}.pod.gpuModels=[A, B]`],
  [
    'workloads[].pod.extended.*',
    'trajectory',
    'gpu',
    `${W}.pod.extended={fpga: 2}`,
    [`${M}.extended={fpga: 2}`],
  ],
  [
    'workloads[].pod.nodeSelector',
    'trajectory',
    'pools',
    `${W}.pod.nodeSelector={disk: hdd}`,
    [`${P}.labels={disk: ssd}`, `${Q}.labels={disk: hdd}`, `${W}.pod.nodeSelector={disk: ssd}`],
  ],
  [
    'workloads[].pod.tolerations[].key',
    'trajectory',
    'pools',
    tolerating('{key: j, value: mine}'),
    tolerating('{key: k, value: mine}'),
  ],
  [
    'workloads[].pod.tolerations[].operator',
    'trajectory',
    'pools',
    tolerating('{key: k, operator: Exists}'),
    tolerating('{key: k, operator: Equal}'),
  ],
  [
    'workloads[].pod.tolerations[].value',
    'trajectory',
    'pools',
    tolerating('{key: k, value: mine}'),
    tolerating('{key: k, value: yours}'),
  ],
  [
    'workloads[].pod.tolerations[].effect',
    'trajectory',
    'pools',
    tolerating('{key: k, value: mine, effect: NoExecute}'),
    tolerating('{key: k, value: mine}'),
  ],
  [
    'workloads[].pod.priorityClass',
    'trajectory',
    'crowded',
    'workloads.x.pod.priorityClass=critical',
    [
      'policies.queueing=priority',
      'workloads=[{name: w, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1}}, {name: x, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1}}]',
    ],
  ],
];

/** What arrives. */
export const WORKLOADS: readonly Row[] = [
  ['workloads[].kind', 'trajectory', 'batch', `${W}.kind=gang`],
  ['workloads[].name', 'trajectory', 'one', `${W}.name=x`],
  ['workloads[].team', 'metrics', 'one', `${W}.team=shop`],
  ['workloads[].onEviction', 'trajectory', 'failing', `${W}.onEviction=resume`],
  [
    'workloads[].onEviction.checkpoint.every',
    'trajectory',
    'failing',
    `${W}.onEviction={checkpoint: {every: 10s, cost: 1s}}`,
    `${W}.onEviction={checkpoint: {every: 1m, cost: 1s}}`,
  ],
  [
    'workloads[].onEviction.checkpoint.cost',
    'trajectory',
    'failing',
    `${W}.onEviction={checkpoint: {every: 10s, cost: 5s}}`,
    `${W}.onEviction={checkpoint: {every: 10s, cost: 1s}}`,
  ],
  ['workloads[].retryLimit', 'trajectory', 'failing', `${W}.retryLimit=0`],
  [
    'workloads[].retryBackoff.base',
    'trajectory',
    'failing',
    `${W}.retryBackoff={base: 1m, cap: 10m}`,
    `${W}.retryBackoff={base: 1s, cap: 10m}`,
  ],
  [
    'workloads[].retryBackoff.cap',
    'trajectory',
    'failing',
    `${W}.retryBackoff={base: 20s, cap: 20s}`,
    `${W}.retryBackoff={base: 20s, cap: 10m}`,
  ],
  ['workloads[].startup', 'trajectory', 'one', `${W}.startup=30s`],
  ['workloads[].replicas', 'trajectory', 'service', 'workloads.web.replicas=5'],
  [
    'workloads[].replicas.steps[].at',
    'trajectory',
    'service',
    'workloads.web.replicas={steps: [{at: 5m, count: 2}]}',
    'workloads.web.replicas={steps: [{at: 1m, count: 2}]}',
  ],
  [
    'workloads[].replicas.steps[].count',
    'trajectory',
    'service',
    'workloads.web.replicas={steps: [{at: 1m, count: 3}]}',
    'workloads.web.replicas={steps: [{at: 1m, count: 2}]}',
  ],
  ...(['mean: 4', 'peakToMean: 1.5', 'peakAt: 30m', 'period: 20m', 'every: 10m'] as const).map(
    (field): Row => {
      const key = field.split(':')[0]!;
      const base = ['mean: 3', 'peakToMean: 2', 'peakAt: 0s', 'period: 1h', 'every: 1m'];
      const changed = base.map((own) => (own.startsWith(`${key}:`) ? field : own));
      return [
        `workloads[].replicas.diurnal.${key}`,
        'trajectory',
        'service',
        `workloads.web.replicas={diurnal: {${changed.join(', ')}}}`,
        `workloads.web.replicas={diurnal: {${base.join(', ')}}}`,
      ];
    },
  ),
  ['workloads[].arrivals.poisson', 'trajectory', 'one', `${W}.arrivals={poisson: 0.2/s}`],
  ...(['mean: 0.04/s', 'peakToMean: 1.5', 'peakAt: 15m', 'period: 30m'] as const).map(
    (field): Row => {
      const key = field.split(':')[0]!;
      const base = ['mean: 0.06/s', 'peakToMean: 2', 'peakAt: 10m', 'period: 20m'];
      const changed = base.map((own) => (own.startsWith(`${key}:`) ? field : own));
      return [
        `workloads[].arrivals.diurnal.${key}`,
        'trajectory',
        'one',
        `${W}.arrivals={diurnal: {${changed.join(', ')}}}`,
        `${W}.arrivals={diurnal: {${base.join(', ')}}}`,
      ];
    },
  ),
  [
    'workloads[].arrivals.regular.every',
    'trajectory',
    'one',
    `${W}.arrivals={regular: {every: 20s}}`,
    `${W}.arrivals={regular: {every: 10s}}`,
  ],
  [
    'workloads[].arrivals.renewal.gap',
    'trajectory',
    'one',
    `${W}.arrivals={renewal: {gap: 20s}}`,
    `${W}.arrivals={renewal: {gap: 10s}}`,
  ],
  ['workloads[].arrivals.trace.format', /jobs\.csv:1/, 'trace', `${W}.arrivals.trace.format=openb`],
  [
    'workloads[].arrivals.trace.path',
    'trajectory',
    'trace',
    `${W}.arrivals.trace.path=\${ORRERY_DATA}/other.csv`,
  ],
  ['workloads[].arrivals.trace.limit', 'trajectory', 'trace', `${W}.arrivals.trace.limit=2`],
  ['workloads[].arrivals.trace.speedup', 'trajectory', 'trace', `${W}.arrivals.trace.speedup=2`],
  [
    'workloads[].arrivals.trace.inflateTo',
    'trajectory',
    'replay',
    `${W}.arrivals.trace.inflateTo=130%`,
  ],
  ['workloads[].podsPerJob', 'trajectory', 'batch', `${W}.podsPerJob=3`],
  ['workloads[].duration', 'trajectory', 'one', `${W}.duration=1m`],
  ['workloads[].durationPerJob', 'trajectory', 'batch', `${W}.durationPerJob=true`],
  [
    'workloads[].estimateFactor',
    'trajectory',
    'batch',
    `${W}.estimateFactor=10`,
    [
      'policies.scheduling={use: easy-backfill, params: {estimate: requested}}',
      `workloads=[{name: w, kind: job, arrivals: {poisson: 0.008/s}, duration: {exponential: {mean: 4m}}, pod: {cpu: 4}}, {name: big, kind: gang, arrivals: {poisson: 0.002/s}, podsPerJob: 4, duration: 2m, pod: {cpu: 4}}]`,
    ],
  ],
  [
    'workloads[].initial.pods',
    'trajectory',
    'one',
    `${W}.initial={pods: 4}`,
    `${W}.initial={pods: 3}`,
  ],
  [
    'workloads[].initial.residual',
    'trajectory',
    'one',
    `${W}.initial={pods: 4, residual: full}`,
    `${W}.initial={pods: 4}`,
  ],
  [
    'workloads[].initial.over',
    'trajectory',
    'one',
    `${W}.initial={pods: 4, over: 10m}`,
    `${W}.initial={pods: 4}`,
  ],
  ['workloads[].onRefusal', 'trajectory', 'crowded', `${W}.onRefusal=lose`],
  ['workloads[].from', 'trajectory', 'one', `${W}.from=10m`],
  ['workloads[].until', 'trajectory', 'one', `${W}.until=10m`],
];
