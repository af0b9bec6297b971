/** Cases of budgets, autoscalers, loads and image pulls. */
import type { Row } from './case.ts';

const A = 'autoscalers[0]';
const L = 'loads[0]';
const B = 'budgets[0]';

const metrics = (fields: string) => `${A}.metrics=[{${fields}}]`;
const rules = (direction: string, fields: string) => `${A}.behavior={${direction}: {${fields}}}`;
const policies = (fields: string) => `policies: [{${fields}}]`;
const diurnal = (fields: string) =>
  `${L}.milli={diurnal: {mean: 4000, peakToMean: 1.9, peakAt: 10m, period: 30m, every: 1m${fields}}}`;
const onlyAutoscaler = ['maintenance=[]'];

/** A deployment that is scaled, drained and pulled. */
export const KUBE_SCALING: readonly Row[] = [
  ['autoscalers[].workload', /deployment or replicaset/, 'scaled', `${A}.workload=nobody`],
  ['autoscalers[].minReplicas', 'trajectory', 'scaled', `${A}.minReplicas=7`],
  ['autoscalers[].maxReplicas', 'trajectory', 'scaled', `${A}.maxReplicas=5`],
  [
    'autoscalers[].metrics[].metric',
    'trajectory',
    'scaled',
    metrics('metric: rps, utilization: 80'),
  ],
  [
    'autoscalers[].metrics[].source',
    'trajectory',
    'scaled',
    metrics('source: external, averageMilli: 500'),
    [metrics('source: pods, averageMilli: 500'), 'workloads.web.startup=1m'],
  ],
  ['autoscalers[].metrics[].utilization', 'trajectory', 'scaled', metrics('utilization: 40')],
  [
    'autoscalers[].metrics[].averageMilli',
    'trajectory',
    'scaled',
    metrics('averageMilli: 900'),
    metrics('averageMilli: 500'),
  ],
  [
    'autoscalers[].metrics[].valueMilli',
    'trajectory',
    'scaled',
    metrics('source: external, valueMilli: 9000'),
    metrics('source: external, valueMilli: 4000'),
  ],
  [
    'autoscalers[].behavior.scaleUp.stabilizationWindowSeconds',
    'trajectory',
    'scaled',
    rules('scaleUp', 'stabilizationWindowSeconds: 240'),
    rules('scaleUp', 'stabilizationWindowSeconds: 0'),
  ],
  [
    'autoscalers[].behavior.scaleUp.selectPolicy',
    'trajectory',
    'scaled',
    rules('scaleUp', 'selectPolicy: Disabled'),
    rules('scaleUp', 'selectPolicy: Max'),
  ],
  [
    'autoscalers[].behavior.scaleUp.policies[].type',
    'trajectory',
    'scaled',
    rules('scaleUp', policies('type: Percent, value: 1, periodSeconds: 60')),
    rules('scaleUp', policies('type: Pods, value: 3, periodSeconds: 60')),
  ],
  [
    'autoscalers[].behavior.scaleUp.policies[].value',
    'trajectory',
    'scaled',
    rules('scaleUp', policies('type: Pods, value: 1, periodSeconds: 60')),
    rules('scaleUp', policies('type: Pods, value: 4, periodSeconds: 60')),
  ],
  [
    'autoscalers[].behavior.scaleUp.policies[].periodSeconds',
    'trajectory',
    'scaled',
    rules('scaleUp', policies('type: Pods, value: 1, periodSeconds: 600')),
    rules('scaleUp', policies('type: Pods, value: 1, periodSeconds: 15')),
  ],
  [
    'autoscalers[].behavior.scaleDown.stabilizationWindowSeconds',
    'metrics',
    'scaled',
    rules('scaleDown', 'stabilizationWindowSeconds: 900'),
    rules('scaleDown', 'stabilizationWindowSeconds: 0'),
  ],
  [
    'autoscalers[].behavior.scaleDown.selectPolicy',
    'metrics',
    'scaled',
    rules('scaleDown', 'selectPolicy: Disabled'),
    rules('scaleDown', 'selectPolicy: Max'),
  ],
  [
    'autoscalers[].behavior.scaleDown.policies[].type',
    'metrics',
    'scaled',
    rules('scaleDown', policies('type: Pods, value: 50, periodSeconds: 60')),
    rules('scaleDown', policies('type: Percent, value: 10, periodSeconds: 60')),
  ],
  [
    'autoscalers[].behavior.scaleDown.policies[].value',
    'metrics',
    'scaled',
    rules('scaleDown', policies('type: Pods, value: 5, periodSeconds: 60')),
    rules('scaleDown', policies('type: Pods, value: 1, periodSeconds: 60')),
  ],
  [
    'autoscalers[].behavior.scaleDown.policies[].periodSeconds',
    'metrics',
    'scaled',
    rules('scaleDown', policies('type: Pods, value: 1, periodSeconds: 300')),
    rules('scaleDown', policies('type: Pods, value: 1, periodSeconds: 15')),
  ],
  ['loads[].workload', /a workload with a controller/, 'scaled', `${L}.workload=nobody`],
  ['loads[].metric', 'trajectory', 'scaled', `${L}.metric=rps`],
  ['loads[].milli', 'trajectory', 'scaled', `${L}.milli=6000`, `${L}.milli=4000`],
  [
    'loads[].milli.steps[].at',
    'trajectory',
    'scaled',
    `${L}.milli={steps: [{at: 5m, count: 6000}]}`,
  ],
  [
    'loads[].milli.steps[].count',
    'trajectory',
    'scaled',
    `${L}.milli={steps: [{at: 0s, count: 6000}]}`,
    `${L}.milli={steps: [{at: 0s, count: 3000}]}`,
  ],
  [
    'loads[].milli.diurnal.mean',
    'trajectory',
    'scaled',
    diurnal('').replace('mean: 4000', 'mean: 6000'),
    diurnal(''),
  ],
  [
    'loads[].milli.diurnal.peakToMean',
    'trajectory',
    'scaled',
    diurnal('').replace('1.9', '1.1'),
    diurnal(''),
  ],
  [
    'loads[].milli.diurnal.peakAt',
    'trajectory',
    'scaled',
    diurnal('').replace('peakAt: 10m', 'peakAt: 20m'),
    diurnal(''),
  ],
  [
    'loads[].milli.diurnal.period',
    'trajectory',
    'scaled',
    diurnal('').replace('period: 30m', 'period: 50m'),
    diurnal(''),
  ],
  // A load is read at the instant of each sample: how often it would change as a number of replicas plays no part.
  [
    'loads[].milli.diurnal.every',
    'same',
    'scaled',
    diurnal('').replace('every: 1m', 'every: 7m'),
    diurnal(''),
  ],
  ['budgets[].name', 'same', 'scaled', `${B}.name=other`],
  ['budgets[].cluster', /a cluster: a/, 'scaled', `${B}.cluster=nowhere`],
  ['budgets[].namespace', 'trajectory', 'scaled', `${B}.namespace=elsewhere`],
  ['budgets[].selector', 'trajectory', 'scaled', `${B}.selector={matchLabels: {app: nobody}}`],
  ['budgets[].maxUnavailable', 'trajectory', 'scaled', `${B}.maxUnavailable=3`],
  [
    'budgets[].minAvailable',
    'trajectory',
    'scaled',
    'budgets=[{name: web, selector: {matchLabels: {app: web}}, minAvailable: 1}]',
    'budgets=[{name: web, selector: {matchLabels: {app: web}}, minAvailable: 100%}]',
  ],
  [
    'budgets[].evictUnready',
    'trajectory',
    'scaled',
    `${B}.evictUnready=true`,
    ['autoscalers=[]', 'workloads.web.startup=50m', `${B}.maxUnavailable=0`],
  ],
  ['imagePulls.perSecond', 'metrics', 'scaled', 'imagePulls.perSecond=1Mi'],
  [
    'imagePulls.images.*',
    'metrics',
    'scaled',
    'imagePulls.images={"r/web:1": 3Gi}',
    onlyAutoscaler,
  ],
];
