/** One change for every field of a scenario, and what it must show in. */
import type { BASES } from './bases.ts';
import type { Part } from './outcome.ts';

/** A field, a change of it, and what must come of that. */
export interface Case {
  readonly field: string;
  readonly base: keyof typeof BASES;
  /** Overrides of both runs. */
  readonly given: readonly string[];
  /** Overrides of the second run. */
  readonly change: readonly string[];
  /** The part that must differ, `same` for a bundle that must not, or the text of the refusal. */
  readonly shows: Part | 'same' | RegExp;
}

type Shows = Case['shows'];
type Base = Case['base'];
const list = (overrides: string | readonly string[]): readonly string[] =>
  typeof overrides === 'string' ? [overrides] : overrides;

/** `[field, what shows, base, change, given]`, the last two a text or a list. */
type Row = readonly [
  string,
  Shows,
  Base,
  string | readonly string[],
  (string | readonly string[])?,
];

const M = 'fleet.machineTypes.m';
const P = 'fleet.clusters.a.pools.p';
const Q = 'fleet.clusters.a.pools.q';
const W = 'workloads.w';
const CP = 'fleet.clusters.a.controlPlane';

const HEAD: readonly Row[] = [
  ['orrery', /orrery: got 2/, 'one', 'orrery=2'],
  ['name', 'head', 'one', 'name=other'],
  ['question', 'head', 'one', 'question=Why?'],
  ['imports[]', /a field other than imports/, 'one', 'imports=[part.yaml]'],
  ['horizon', 'head', 'one', 'horizon=2h'],
  ['warmup', 'metrics', 'one', 'warmup=10m'],
  ['seed', 'trajectory', 'one', 'seed=8'],
  ['series.every', 'buckets', 'one', 'series={every: 5m}'],
  ['arrivalStream', 'trajectory', 'one', 'arrivalStream=sfc32'],
  ['arrivalStream', 'trajectory', 'one', 'arrivalStream="seedrandom:alea"', 'arrivalStream=sfc32'],
  ['eventQueue', 'same', 'dark', 'eventQueue=fastpriorityqueue'],
  [
    'priorityClasses.*',
    'trajectory',
    'crowded',
    'priorityClasses={mine: -5}',
    [
      'policies.queueing=priority',
      'workloads=[{name: w, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1}}, {name: x, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1, priorityClass: mine}}]',
      'priorityClasses={mine: 5}',
    ],
  ],
];

const MACHINES: readonly Row[] = [
  ['fleet.catalog', 'cost', 'stock', 'fleet.catalog=dear'],
  ['fleet.catalog[]', 'manifest', 'stock', 'fleet.catalog=[cheap, other]'],
  ['fleet.machineTypes[].name', /machine type/, 'one', `${M}.name=k`],
  ['fleet.machineTypes[].cpu', 'trajectory', 'one', `${M}.cpu=2`],
  ['fleet.machineTypes[].memory', 'trajectory', 'one', `${M}.memory=2Gi`],
  ['fleet.machineTypes[].pods', 'trajectory', 'one', `${M}.pods=2`],
  ['fleet.machineTypes[].gpus.model', 'trajectory', 'gpu', 'fleet.machineTypes.n.gpus.model=A'],
  [
    'fleet.machineTypes[].gpus.count',
    'trajectory',
    'gpu',
    [`${M}.gpus.count=1`],
    [`${M}.extended={fpga: 9}`, `${W}.arrivals.poisson=0.05/s`],
  ],
  ['fleet.machineTypes[].extended.*', 'trajectory', 'gpu', `${M}.extended={fpga: 2}`],
  [
    'fleet.machineTypes[].labels',
    'trajectory',
    'pools',
    'fleet.machineTypes.n.labels={gen: old}',
    [
      `${W}.pod.nodeSelector={gen: new}`,
      `${M}.labels={gen: new}`,
      'fleet.machineTypes.n.labels={gen: new}',
    ],
  ],
  [
    'fleet.machineTypes[].prices.owned',
    'cost',
    'one',
    `${M}.prices={owned: $0.3/h}`,
    `${M}.prices={owned: $0.1/h}`,
  ],
  [
    'fleet.machineTypes[].prices.on-demand',
    'cost',
    'one',
    `${M}.prices={on-demand: $0.3/h}`,
    [`${P}.price=on-demand`, `${M}.prices={on-demand: $0.1/h}`],
  ],
  [
    'fleet.machineTypes[].prices.reserved',
    'cost',
    'one',
    `${M}.prices={reserved: $0.3/h}`,
    [`${P}.price=reserved`, `${M}.prices={reserved: $0.1/h}`],
  ],
  [
    'fleet.machineTypes[].prices.spot',
    'cost',
    'one',
    `${M}.prices={spot: $0.3/h}`,
    [`${P}.price=spot`, `${M}.prices={spot: $0.1/h}`],
  ],
  ['fleet.machineTypes[].unverified', 'validate', 'one', `${M}.unverified=true`],
  ['fleet.providers[].name', /provider/, 'one', 'fleet.providers.own.name=theirs'],
  ['fleet.providers[].kind', 'cost', 'one', 'fleet.providers.own.kind=public'],
  ['fleet.providers[].boot', 'trajectory', 'elastic', 'fleet.providers.own.boot=2m'],
  ['fleet.providers[].quota', 'trajectory', 'elastic', 'fleet.providers.own.quota=2'],
  ['fleet.providers[].bootRate', 'trajectory', 'elastic', 'fleet.providers.own.bootRate=0.2/m'],
  [
    'fleet.providers[].bootFailures',
    'trajectory',
    'elastic',
    'fleet.providers.own.bootFailures=90%',
  ],
  ['fleet.providers[].clusterFee', 'cost', 'one', 'fleet.providers.own.clusterFee=$1/h'],
  ['fleet.providers[].unverified', 'validate', 'one', 'fleet.providers.own.unverified=true'],
];

const darkTarget = (target: string) => `failures=[{outage: ${target}, at: 20m, for: 20m}]`;

const CLUSTERS: readonly Row[] = [
  ['fleet.clusters[].name', 'trajectory', 'one', 'fleet.clusters.a.name=c'],
  [
    'fleet.clusters[].region',
    'trajectory',
    'dark',
    'fleet.clusters.b.region=east',
    darkTarget('region/east'),
  ],
  [
    'fleet.clusters[].site',
    'trajectory',
    'dark',
    'fleet.clusters.b.site=s1',
    darkTarget('site/s1'),
  ],
  [
    'fleet.clusters[].zone',
    'trajectory',
    'dark',
    'fleet.clusters.b.zone=z1',
    darkTarget('zone/z1'),
  ],
  [
    'fleet.clusters[].provider',
    'trajectory',
    'dark',
    'fleet.clusters.b.provider=own',
    darkTarget('provider/own'),
  ],
  [
    'fleet.clusters[].domains[]',
    'trajectory',
    'dark',
    'fleet.clusters.b.domains=[d1]',
    darkTarget('domain/d1'),
  ],
  [
    'fleet.clusters[].weight',
    'trajectory',
    'pair',
    'fleet.clusters.a.weight=3',
    'policies.placement=static-weight',
  ],
  [
    'fleet.clusters[].labels',
    'trajectory',
    'pair',
    ['fleet.clusters.a.labels={tier: second}', 'fleet.clusters.b.labels={tier: first}'],
    [
      'policies.placement={use: spill-over, params: {order: [tier=first, tier=second]}}',
      'fleet.clusters.a.labels={tier: first}',
      'fleet.clusters.b.labels={tier: second}',
    ],
  ],
  ['fleet.clusters[].pools[].name', 'trajectory', 'one', `${P}.name=pp`],
  [
    'fleet.clusters[].pools[].machineType',
    'trajectory',
    'one',
    `${P}.machineType=n`,
    'fleet.machineTypes.n.cpu=2',
  ],
  ['fleet.clusters[].pools[].count', 'trajectory', 'one', `${P}.count=2`],
  ['fleet.clusters[].pools[].max', 'trajectory', 'elastic', `${P}.max=2`],
  ['fleet.clusters[].pools[].price', 'cost', 'one', `${P}.price=spot`],
  [
    'fleet.clusters[].pools[].zone',
    'trajectory',
    'pools',
    `${Q}.zone=zp`,
    [`${P}.zone=zp`, darkTarget('zone/zp')],
  ],
  [
    'fleet.clusters[].pools[].labels',
    'trajectory',
    'pools',
    `${Q}.labels={disk: hdd}`,
    [`${P}.labels={disk: ssd}`, `${Q}.labels={disk: ssd}`, `${W}.pod.nodeSelector={disk: ssd}`],
  ],
  [
    'fleet.clusters[].pools[].taints[].key',
    'trajectory',
    'pools',
    `${P}.taints=[{key: mine, effect: NoSchedule}]`,
    [`${P}.taints=[{key: yours, effect: NoSchedule}]`, `${W}.pod.tolerations=[{key: mine}]`],
  ],
  [
    'fleet.clusters[].pools[].taints[].value',
    'trajectory',
    'pools',
    `${P}.taints=[{key: k, value: mine, effect: NoSchedule}]`,
    [
      `${P}.taints=[{key: k, value: yours, effect: NoSchedule}]`,
      `${W}.pod.tolerations=[{key: k, value: mine}]`,
    ],
  ],
  [
    'fleet.clusters[].pools[].taints[].effect',
    'trajectory',
    'pools',
    `${P}.taints=[{key: k, effect: PreferNoSchedule}]`,
    `${P}.taints=[{key: k, effect: NoSchedule}]`,
  ],
  [
    'fleet.clusters[].pools[].rackSize',
    'trajectory',
    'dark',
    `${P}.rackSize=1`,
    [`${P}.rackSize=2`, darkTarget('rack/a/p/0')],
  ],
  ['fleet.clusters[].pools[].idleAfter', 'trajectory', 'elastic', `${P}.idleAfter=20s`],
  [
    'fleet.clusters[].pools[].domains[]',
    'trajectory',
    'pools',
    `${Q}.domains=[d]`,
    [`${P}.domains=[d]`, darkTarget('domain/d')],
  ],
  ['fleet.clusters[].pools[].nodes.format', /openb/, 'listed', `${P}.nodes.format=csv`],
  [
    'fleet.clusters[].pools[].nodes.path',
    'trajectory',
    'listed',
    `${P}.nodes.path=\${ORRERY_DATA}/more-nodes.csv`,
  ],
  ['fleet.clusters[].scheduling', 'trajectory', 'pair', 'fleet.clusters.a.scheduling=worst-fit'],
  [
    'fleet.clusters[].queueing',
    'trajectory',
    'crowded',
    'fleet.clusters.a.queueing=priority',
    'workloads=[{name: w, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1}}, {name: x, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1, priorityClass: critical}}]',
  ],
  ['fleet.clusters[].controlPlane', 'trajectory', 'timed', `${CP}=ideal`],
  [
    'fleet.clusters[].controlPlane.attempt',
    'trajectory',
    'timed',
    `${CP}={attempt: 5s}`,
    `${CP}={attempt: 1s}`,
  ],
  [
    'fleet.clusters[].controlPlane.perNode',
    'trajectory',
    'timed',
    `${CP}={perNode: 2s}`,
    `${CP}={perNode: 1s}`,
  ],
  [
    'fleet.clusters[].controlPlane.bindsPerSecond',
    'trajectory',
    'crowded',
    `${CP}={bindsPerSecond: 0.05}`,
    `${CP}={bindsPerSecond: 0.1}`,
  ],
  [
    'fleet.clusters[].controlPlane.bindBurst',
    'trajectory',
    'crowded',
    `${CP}={bindsPerSecond: 0.1, bindBurst: 20}`,
    `${CP}={bindsPerSecond: 0.1, bindBurst: 1}`,
  ],
  ['controlPlane', 'trajectory', 'timed', 'controlPlane=ideal'],
  ['controlPlane.attempt', 'trajectory', 'timed', 'controlPlane.attempt=5s'],
  ['controlPlane.perNode', 'trajectory', 'timed', 'controlPlane.perNode=5s'],
  ['controlPlane.bindsPerSecond', 'trajectory', 'crowded', 'controlPlane={bindsPerSecond: 0.05}'],
  [
    'controlPlane.bindBurst',
    'trajectory',
    'crowded',
    'controlPlane={bindsPerSecond: 0.1, bindBurst: 20}',
    'controlPlane={bindsPerSecond: 0.1, bindBurst: 1}',
  ],
];

const tolerating = (toleration: string) => [
  `${P}.taints=[{key: k, value: mine, effect: NoSchedule}]`,
  `${W}.pod.tolerations=[${toleration}]`,
];

const PODS: readonly Row[] = [
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

const WORKLOADS: readonly Row[] = [
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
  ['workloads[].onRefusal', 'trajectory', 'crowded', `${W}.onRefusal=lose`],
  ['workloads[].from', 'trajectory', 'one', `${W}.from=10m`],
  ['workloads[].until', 'trajectory', 'one', `${W}.until=10m`],
];

const DECISIONS: readonly Row[] = [
  ['policies.placement', 'trajectory', 'pair', 'policies.placement=round-robin'],
  ['policies.scheduling', 'trajectory', 'one', 'policies.scheduling=worst-fit'],
  [
    'policies.queueing',
    'trajectory',
    'crowded',
    'policies.queueing=priority',
    'workloads=[{name: w, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1}}, {name: x, kind: job, arrivals: {poisson: 0.1/s}, duration: 2m, pod: {cpu: 1, priorityClass: critical}}]',
  ],
  ['PolicyUse', 'trajectory', 'one', 'policies.scheduling=worst-fit'],
  ['PolicyUse.use', 'trajectory', 'one', 'policies.scheduling={use: worst-fit}'],
  [
    'PolicyUse.params',
    'trajectory',
    'one',
    'policies.scheduling={use: power-of-d, params: {d: 4}}',
    'policies.scheduling={use: power-of-d, params: {d: 1}}',
  ],
  ['placement.latency', 'trajectory', 'pair', 'placement={latency: 5s}'],
  [
    'placement.summaryEvery',
    'trajectory',
    'pair',
    'placement={summaryEvery: 5m}',
    `${W}.arrivals.poisson=0.15/s`,
  ],
  [
    'placement.returnAfter',
    'trajectory',
    'dark',
    'placement.returnAfter=10s',
    ['placement.failoverAfter=never'],
  ],
  ['placement.failoverAfter', 'trajectory', 'dark', 'placement.failoverAfter=10m'],
  ['nodeLifecycle.detectAfter', 'trajectory', 'failing', 'nodeLifecycle.detectAfter=30s'],
  ['nodeLifecycle.evictAfter', 'trajectory', 'failing', 'nodeLifecycle.evictAfter=30s'],
];

const node = (fields: string) => `failures=[{model: node, mtbf: 20m, repair: 3m${fields}}]`;

const FAILURES: readonly Row[] = [
  ['failures[].outage', 'trajectory', 'dark', 'failures=[{outage: cluster/b, at: 20m, for: 20m}]'],
  ['failures[].at', 'trajectory', 'dark', 'failures[0].at=15m'],
  ['failures[].for', 'trajectory', 'dark', 'failures[0].for=10m'],
  [
    'failures[].name',
    /outage/,
    'dark',
    'failures[0].name=theirs',
    ['failures[0].name=mine', 'thresholds={pod_wait_seconds: ["max < 1h during outage(mine)"]}'],
  ],
  [
    'failures[].model',
    'trajectory',
    'failing',
    'failures=[{model: weibull, params: {mtbf: 20m, repair: 3m, shape: 3}}]',
    'failures=[{model: exponential, params: {mtbf: 20m, repair: 3m}}]',
  ],
  ['failures[].mtbf', 'trajectory', 'failing', 'failures[0].mtbf=10m'],
  ['failures[].repair', 'trajectory', 'failing', 'failures[0].repair=10m'],
  [
    'failures[].law',
    'trajectory',
    'failing',
    node(', law: weibull, shape: 2'),
    node(', law: exponential'),
  ],
  [
    'failures[].shape',
    'trajectory',
    'failing',
    node(', law: weibull, shape: 3'),
    node(', law: weibull, shape: 0.7'),
  ],
  [
    'failures[].params',
    'trajectory',
    'failing',
    'failures=[{model: exponential, params: {mtbf: 10m, repair: 3m}}]',
    'failures=[{model: exponential, params: {mtbf: 20m, repair: 3m}}]',
  ],
  [
    'failures[].repairers',
    'trajectory',
    'failing',
    'failures[0].repairers=1',
    'failures[0].repair=20m',
  ],
  ['failures[].clusters[]', 'trajectory', 'pair', node(', clusters: [b]'), node(', clusters: [a]')],
];

const wait = (entry: string) => `thresholds={pod_wait_seconds: ${entry}}`;

const THRESHOLDS: readonly Row[] = [
  ['thresholds.*', 'thresholds', 'crowded', wait('max < 1s'), wait('max < 10h')],
  [
    'thresholds.*.expr',
    'thresholds',
    'crowded',
    wait('{expr: max < 1s}'),
    wait('{expr: max < 10h}'),
  ],
  [
    'thresholds.*.because',
    'thresholds',
    'crowded',
    wait('{expr: max < 1s, because: so}'),
    wait('{expr: max < 1s}'),
  ],
  [
    'thresholds.*.warn',
    'thresholds',
    'crowded',
    wait('{expr: max < 1s, warn: true}'),
    wait('{expr: max < 1s}'),
  ],
  ['thresholds.*[]', 'thresholds', 'crowded', wait('[max < 1s]'), wait('[max < 10h]')],
  [
    'thresholds.*[].expr',
    'thresholds',
    'crowded',
    wait('[{expr: max < 1s}]'),
    wait('[{expr: max < 10h}]'),
  ],
  [
    'thresholds.*[].because',
    'thresholds',
    'crowded',
    wait('[{expr: max < 1s, because: so}]'),
    wait('[{expr: max < 1s}]'),
  ],
  [
    'thresholds.*[].warn',
    'thresholds',
    'crowded',
    wait('[{expr: max < 1s, warn: true}]'),
    wait('[{expr: max < 1s}]'),
  ],
];

/** Each law with one of its numbers changed; `T` stands for the unit of times. */
const LAWS: readonly (readonly [field: string, law: string, changed: string])[] = [
  ['exponential.mean', '{exponential: {mean: 2T}}', '{exponential: {mean: 3T}}'],
  [
    'lognormal.median',
    '{lognormal: {median: 2T, sigma: 1}}',
    '{lognormal: {median: 3T, sigma: 1}}',
  ],
  ['lognormal.mean', '{lognormal: {mean: 2T, sigma: 1}}', '{lognormal: {mean: 3T, sigma: 1}}'],
  ['lognormal.sigma', '{lognormal: {mean: 2T, sigma: 1}}', '{lognormal: {mean: 2T, sigma: 2}}'],
  ['weibull.shape', '{weibull: {shape: 1, mean: 3T}}', '{weibull: {shape: 4, mean: 3T}}'],
  ['weibull.scale', '{weibull: {shape: 1, scale: 2T}}', '{weibull: {shape: 1, scale: 3T}}'],
  ['weibull.mean', '{weibull: {shape: 1, mean: 2T}}', '{weibull: {shape: 1, mean: 3T}}'],
  [
    'truncatedPareto.alpha',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 3, min: 1T, max: 9T}}',
  ],
  [
    'truncatedPareto.min',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 1, min: 3T, max: 9T}}',
  ],
  [
    'truncatedPareto.max',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 9T}}',
    '{truncatedPareto: {alpha: 1, min: 1T, max: 3T}}',
  ],
  [
    'hyperexponential.means[]',
    '{hyperexponential: {means: [1T, 9T], weights: [50%, 50%]}}',
    '{hyperexponential: {means: [2T, 5T], weights: [50%, 50%]}}',
  ],
  [
    'hyperexponential.weights[]',
    '{hyperexponential: {means: [1T, 9T], weights: [50%, 50%]}}',
    '{hyperexponential: {means: [1T, 9T], weights: [10%, 90%]}}',
  ],
  [
    'empirical[][]',
    '{empirical: [[0, 1T], [1, 9T]]}',
    '{empirical: [[0, 1T], [50%, 2T], [1, 9T]]}',
  ],
];

const lawRows = (name: string, base: Base, field: string, unit: string): readonly Row[] =>
  LAWS.map(([leaf, law, changed]): Row => {
    const written = (text: string) => `${field}=${text.replaceAll(/(\d)T/g, `$1${unit}`)}`;
    return [`${name}.${leaf}`, 'trajectory', base, written(changed), written(law)];
  });

const LAW_ROWS: readonly Row[] = [
  ['DurationLaw', 'trajectory', 'one', `${W}.startup=20s`, `${W}.startup=10s`],
  ...lawRows('DurationLaw', 'one', `${W}.startup`, 's'),
  ['RunTimeLaw', 'trajectory', 'one', `${W}.duration=forever`],
  ...lawRows('RunTimeLaw', 'one', `${W}.duration`, 'm'),
  ['CountLaw', 'trajectory', 'batch', `${W}.podsPerJob=2`],
  ...lawRows('CountLaw', 'batch', `${W}.podsPerJob`, ''),
];

/** Every case; a field may have several. */
export const CASES: readonly Case[] = [
  ...HEAD,
  ...MACHINES,
  ...CLUSTERS,
  ...PODS,
  ...WORKLOADS,
  ...DECISIONS,
  ...FAILURES,
  ...THRESHOLDS,
  ...LAW_ROWS,
].map(([field, shows, base, change, given = []]) => ({
  field,
  shows,
  base,
  change: list(change),
  given: list(given),
}));
