/** A synthetic bundle with plausible numbers: a day of a hybrid fleet, one outage, three classes. */
import { BINS_PER_OCTAVE, RELATIVE_ERROR } from '../../src/base/bins.ts';
import type { Bundle, Labels, MetricResult, Series } from '../../src/results/bundle.ts';
import { compareMetrics, findMetric, unitOf } from '../../src/results/catalog.ts';
import { makeWaits, metricResult, noise, waitsByBucket } from './waits.ts';

export { distribution, metricResult, noise } from './waits.ts';

export interface BundleShape {
  readonly clusters: number;
  readonly buckets: number;
  readonly nodesPerCluster: number;
  /** Scenario and cluster names get this prefix: for hostile names. */
  readonly prefix: string;
}

const SECONDS = 86400;

/** Makes the whole bundle. */
export function syntheticBundle(shape: Partial<BundleShape> = {}): Bundle {
  const full = { clusters: 24, buckets: 288, nodesPerCluster: 4200, prefix: '', ...shape };
  const series = makeSeries(full);
  const { entries, waits } = makeWaits();
  entries.push(...waitsByBucket(full.buckets));
  const metrics = [...series.map(gaugeOf), ...waits, ...counters(full)].sort(compareMetrics);
  const bucketSeconds = SECONDS / full.buckets;
  return {
    manifest: manifest(full),
    result: {
      schema: 'orrery.result/1',
      scenario: `${full.prefix}quickstart`,
      question:
        'One of three sites goes dark for six hours. Does bursting to the public cloud hold the SLO, and what does it cost?',
      complete: true,
      seed: 42,
      replications: 1,
      horizonSeconds: SECONDS,
      reachedSeconds: SECONDS,
      warmupSeconds: 3600,
      trajectory: '0123456789abcdef',
      metrics,
      thresholds: [
        threshold(
          'pod_wait_seconds{class="critical"}',
          'p(99) < 15m during outage(any)',
          38.4,
          'seconds',
        ),
        threshold('pods_lost_total', 'total == 0', 0, 'pods'),
        {
          ...threshold('headroom_ratio', 'min >= 5% by cluster', 0.031, 'ratio'),
          verdict: 'fail',
          where: `cluster ${full.prefix}c-03, resource memory at day 1 14:05`,
          why: 'c-03 is tight, 3.1 % of memory free at day 1 14:05; memory binds in the fleet',
        },
        {
          ...threshold('cost_dollars', 'total <= $500000', 512_300, 'dollars'),
          verdict: 'fail',
          warn: true,
          because: 'budget of the third quarter',
        },
      ],
      conservation: {
        ok: true,
        pods: {
          arrived: 2_013_402,
          completed: 1_500_000,
          running: 512_198,
          pending: 1204,
          lost: 0,
        },
        nodeSeconds: {
          byState: { booting: 1e5, up: 8.5e9, draining: 0, down: 1.2e8 },
          total: 8.6201e9,
        },
        cost: { total: 512_300, workload: 356_100, idle: 146_900, overhead: 9300 },
        checks: full.buckets + 1,
        littlesLaw: { l: 498_000, lambdaW: 499_400 },
      },
    },
    series: { bucketSeconds, buckets: full.buckets, endSeconds: SECONDS, series },
    distributions: {
      schema: 'orrery.distributions/1',
      unit: 'seconds',
      binsPerOctave: BINS_PER_OCTAVE,
      relativeError: RELATIVE_ERROR,
      entries,
    },
  };
}

function threshold(metric: string, expr: string, observed: number, unit: string) {
  return {
    metric,
    expr,
    verdict: 'pass' as const,
    observed,
    observedIsAtLeast: false,
    unit,
    bound: null as number | null,
    ci: null,
    where: null as string | null,
    why: null as string | null,
    because: null as string | null,
    warn: false,
    replicationsNeeded: null as number | null,
  };
}

function manifest(shape: BundleShape): Bundle['manifest'] {
  return {
    schema: 'orrery.manifest/1',
    orrery: '0.1.0',
    scenario: { name: `${shape.prefix}quickstart`, sha256: 'ab'.repeat(32) },
    inputs: [{ name: 'machines.yaml', sha256: 'cd'.repeat(32) }],
    catalogs: [{ name: '2026-07', date: '2026-07-20', source: 'public price lists' }],
    seed: 42,
    replications: 1,
    overrides: ['horizon=1d'],
    plugins: [],
    policies: Array.from({ length: shape.clusters }, (_, c) => ({
      cluster: clusterName(shape, c),
      scheduling: 'least-allocated',
      queueing: 'priority',
      tier: 'A',
    })),
    placement: 'spill-over',
    trajectory: '0123456789abcdef',
    trajectories: [],
    fleet: {
      clusters: shape.clusters,
      nodes: shape.clusters * shape.nodesPerCluster,
      regions: 3,
      zones: 9,
    },
    windows: [],
    study: 'terminating',
    complete: true,
    stopped: null,
  };
}

function clusterName(shape: BundleShape, c: number): string {
  return `${shape.prefix}c-${String(c).padStart(2, '0')}`;
}

type Curve = (bucket: number) => number;

function makeSeries(shape: BundleShape): Series[] {
  const { clusters, buckets } = shape;
  const random = noise(7);
  const out: Series[] = [];
  const add = (name: string, labels: Labels, curve: Curve, spread = 0.02): void => {
    const info = findMetric(name)!;
    const mean = Float64Array.from({ length: buckets }, (_, i) => curve(i));
    const min = mean.map((v) => v * (1 - spread * random()));
    const max = mean.map((v) => v * (1 + spread * random()));
    out.push({ name, kind: info.kind, unit: unitOf(info, labels), labels, min, mean, max });
  };
  const isDark = (c: number, i: number): boolean => {
    const t = i / buckets;
    return c % 3 === 1 && t >= 0.42 && t < 0.67;
  };
  const share = (c: number, i: number): number => {
    const t = i / buckets;
    const day = 0.6 + 0.12 * Math.cos(2 * Math.PI * (t - 0.58));
    const burst = t >= 0.42 && t < 0.67 && c % 3 !== 1 ? 0.2 : 0;
    return isDark(c, i) ? 0 : Math.min(0.985, day + burst + 0.004 * (c % 7) + (c === 3 ? 0.04 : 0));
  };
  for (const [resource, perNode, factor] of [
    ['cpu', 32, 1],
    ['memory', 128 * 1024 ** 3, 1.06],
  ] as const) {
    const size = shape.nodesPerCluster * perNode;
    const free = (c: number, i: number): number =>
      isDark(c, i) ? NaN : 1 - Math.min(0.99, share(c, i) * factor);
    const used = (c: number, i: number): number => (isDark(c, i) ? 0 : size * (1 - free(c, i)));
    const offered = (c: number, i: number): number => (isDark(c, i) ? 0 : size);
    const all = (f: (c: number, i: number) => number) => (i: number) => {
      let sum = 0;
      for (let c = 0; c < clusters; c++) sum += f(c, i);
      return sum;
    };
    add('allocated', { resource }, all(used));
    add('allocatable', { resource }, all(offered), 0);
    const ratio: Curve = (i) => all(used)(i) / Math.max(1, all(offered)(i));
    add('allocation_ratio', { resource }, ratio);
    add('headroom_ratio', { resource }, (i) => 1 - ratio(i));
    add('fragmentation_ratio', { resource }, (i) => 0.05 + 0.02 * Math.sin(i / 40));
    for (let c = 0; c < clusters; c++) {
      const cluster = clusterName(shape, c);
      add('allocated', { resource, cluster }, (i) => used(c, i));
      add('allocatable', { resource, cluster }, (i) => offered(c, i), 0);
      add('allocation_ratio', { resource, cluster }, (i) => 1 - free(c, i));
      add('headroom_ratio', { resource, cluster }, (i) => free(c, i), 0.1);
      const stranded: Curve = (i) => (isDark(c, i) ? NaN : 0.05 + 0.05 * (c % 9));
      add('fragmentation_ratio', { resource, cluster }, stranded, 0.1);
    }
  }
  const outage: Curve = (i) => (isDark(1, i) ? 1 : 0);
  const third = Math.floor((clusters + 1) / 3) * shape.nodesPerCluster;
  const nodes = clusters * shape.nodesPerCluster;
  const booting: Curve = (i) => (outage(i) && !outage(Math.max(0, i - 6)) ? 1000 : 0);
  add('nodes', { state: 'up' }, (i) => nodes - outage(i) * third, 0.001);
  add('nodes', { state: 'down' }, (i) => outage(i) * third + 12, 0.1);
  add('nodes', { state: 'booting' }, booting);
  add('nodes', { state: 'draining' }, () => 0);
  add('nodes', {}, () => nodes, 0);
  for (let c = 0; c < clusters; c++) {
    const cluster = clusterName(shape, c);
    const size = shape.nodesPerCluster;
    add('nodes', { state: 'up', cluster }, (i) => (isDark(c, i) ? 0 : size), 0);
    const down: Curve = (i) => (isDark(c, i) ? size : (i + c) % 17 === 0 ? 2 : 0);
    add('nodes', { state: 'down', cluster }, down, 0);
    if (c % 5 === 0) {
      add('nodes', { state: 'draining', cluster }, (i) => (i % 50 === 0 ? 30 : 0), 0);
    }
  }
  add('pods_running', {}, (i) => 480_000 + 40_000 * Math.cos(i / 46));
  add('pods_pending', {}, (i) => 900 + outage(i) * 24_000 * Math.exp(-(i - 0.42 * buckets) / 12));
  for (const [reason, weight] of [
    ['insufficient-memory', 0.7],
    ['insufficient-cpu', 0.2],
    ['not-yet-tried', 0.1],
  ] as const) {
    const pending: Curve = (i) =>
      weight * (900 + outage(i) * 24_000 * Math.exp(-(i - 0.42 * buckets) / 12));
    add('pods_pending', { reason }, pending, 0.1);
  }
  add('pods_arrived_total', {}, (i) => 20 + 5 * Math.cos(i / 46));
  for (const cause of ['node-failure', 'outage']) {
    const rate: Curve = (i) =>
      cause === 'outage' ? (outage(i) && !outage(Math.max(0, i - 2)) ? 260 : 0) : 0.02;
    add('pods_evicted_total', { cause }, rate);
  }
  return out;
}

function gaugeOf(s: Series): MetricResult {
  const at = SECONDS / s.mean.length;
  const minAt = s.min.indexOf(Math.min(...s.min.filter(Number.isFinite)));
  const maxAt = s.max.indexOf(Math.max(...s.max.filter(Number.isFinite)));
  const known = s.mean.filter(Number.isFinite);
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  if (s.kind === 'counter') {
    const sum = Math.round(mean * SECONDS);
    return metricResult(s.name, s.labels, { n: sum, sum });
  }
  return metricResult(s.name, s.labels, {
    mean,
    min: s.min[minAt]!,
    max: s.max[maxAt]!,
    last: s.mean.at(-1)!,
    minAtSeconds: minAt * at,
    maxAtSeconds: maxAt * at,
  });
}

function counters(shape: BundleShape): MetricResult[] {
  const counter = (name: string, labels: Labels, sum: number): MetricResult =>
    metricResult(name, labels, { n: sum, sum, last: sum });
  const cost = { workload: 356_100, idle: 146_900, overhead: 9300 };
  const clusters = Array.from({ length: shape.clusters }, (_, c) =>
    counter(
      'cost_dollars',
      { cluster: clusterName(shape, c) },
      (512_300 * (c + 4)) / (shape.clusters * (shape.clusters + 7) * 0.5),
    ),
  );
  return [
    counter('pods_completed_total', {}, 1_500_000),
    counter('pods_lost_total', {}, 0),
    counter('pods_evicted_total', {}, 156_018),
    counter('node_failures_total', {}, 33_612),
    counter('events_total', {}, 9_120_332),
    counter('decisions_total', {}, 2_401_233),
    counter('cost_dollars', {}, 512_300),
    ...Object.entries(cost).map(([part, sum]) => counter('cost_dollars', { part }, sum)),
    counter('cost_dollars', { price: 'owned' }, 402_000),
    counter('cost_dollars', { price: 'on-demand' }, 101_000),
    counter('cost_dollars', { price: 'fee' }, 9300),
    counter('cost_dollars', { team: 'search' }, 201_000),
    counter('cost_dollars', { team: 'analytics' }, 155_100),
    ...clusters,
  ];
}
