/** Cases of the run as a whole, of decisions, failures and thresholds. */
import type { Row } from './case.ts';

const W = 'workloads.w';

/** The scenario as a whole. */
export const HEAD: readonly Row[] = [
  ['orrery', /orrery: got 2/, 'one', 'orrery=2'],
  ['name', 'head', 'one', 'name=other'],
  ['question', 'head', 'one', 'question=Why?'],
  ['imports[]', /a field other than imports/, 'one', 'imports=[part.yaml]'],
  ['horizon', 'head', 'one', 'horizon=2h'],
  ['warmup', 'metrics', 'one', 'warmup=10m'],
  ['study', 'manifest', 'one', 'study=steady'],
  ['seed', 'trajectory', 'one', 'seed=8'],
  ['series.every', 'buckets', 'one', 'series.every=10m'],
  ['arrivalStream', 'trajectory', 'one', 'arrivalStream=sfc32'],
  ['arrivalStream', 'trajectory', 'one', 'arrivalStream="seedrandom:alea"', 'arrivalStream=sfc32'],
  ['eventQueue', 'same', 'dark', 'eventQueue=fastpriorityqueue'],
  ['eventQueue', 'same', 'dark', 'eventQueue=calendar', 'eventQueue=heap'],
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

/** Policies and their timing. */
export const DECISIONS: readonly Row[] = [
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
  ['nodeLifecycle.controller', 'trajectory', 'silent', 'nodeLifecycle.controller=plain'],
  ['nodeLifecycle.monitorEvery', 'trajectory', 'silent', 'nodeLifecycle.monitorEvery=30s'],
  ['nodeLifecycle.unhealthyRatio', 'trajectory', 'silent', 'nodeLifecycle.unhealthyRatio=90%'],
  ['nodeLifecycle.largeZone', 'trajectory', 'silent', 'nodeLifecycle.largeZone=10'],
  [
    'nodeLifecycle.slowEvictionRate',
    'trajectory',
    'silent',
    'nodeLifecycle.slowEvictionRate=0.05/s',
    'nodeLifecycle.largeZone=10',
  ],
  [
    'nodeLifecycle.evictionRate',
    'trajectory',
    'silent',
    'nodeLifecycle.evictionRate=1/s',
    'nodeLifecycle.unhealthyRatio=90%',
  ],
  [
    'nodeLifecycle.api.perSecond',
    'trajectory',
    'silent',
    'nodeLifecycle.api={perSecond: 0.01, burst: 1}',
    'nodeLifecycle.api={perSecond: 20, burst: 1}',
  ],
  [
    'nodeLifecycle.api.burst',
    'trajectory',
    'silent',
    'nodeLifecycle.api={perSecond: 0.01, burst: 100}',
    'nodeLifecycle.api={perSecond: 0.01, burst: 1}',
  ],
  ['nodeLifecycle.api', 'trajectory', 'silent', 'nodeLifecycle.api={perSecond: 0.01, burst: 1}'],
];

const node = (fields: string) => `failures=[{model: node, mtbf: 20m, repair: 3m${fields}}]`;

/** What breaks. */
export const FAILURES: readonly Row[] = [
  ['failures[].outage', 'trajectory', 'dark', 'failures=[{outage: cluster/b, at: 20m, for: 20m}]'],
  ['failures[].at', 'trajectory', 'dark', 'failures[0].at=15m'],
  ['failures[].for', 'trajectory', 'dark', 'failures[0].for=10m'],
  [
    'failures[].name',
    /no window mine/,
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

/** What must hold. */
export const THRESHOLDS: readonly Row[] = [
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
