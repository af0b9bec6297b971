/** From recorders to the metrics and distributions of a result. Clusters are merged in name order. */
import type { Histogram } from '../collections/histogram.ts';
import {
  BOUND,
  COMPLETED,
  CREATED,
  ENTERED,
  EVICTED_BY_DRAIN,
  EVICTED_BY_PREEMPTION,
  LOST,
  REFUSED,
  RETURNED,
} from '../contracts/observer.ts';
import type { CensoredHistogram } from '../metrics/waits.ts';
import { CAUSES } from '../model/pods.ts';
import { NODE_STATES } from '../model/view.ts';
import type { DistributionEntry, Labels, MetricResult } from '../results/bundle.ts';
import type { World } from './build.ts';
import type { ClusterBooks } from './cluster-books.ts';
import { EVICTION_COUNTERS } from './measure.ts';
import { counterRow, distributionEntry, gaugeRow, mergePairs, sampleRow } from './metric-table.ts';

const WAIT = 'pod_wait_seconds';
const STARTUP = 'pod_startup_seconds';

/** Metrics and distributions while they are gathered. */
export interface Gathered {
  readonly metrics: MetricResult[];
  readonly distributions: DistributionEntry[];
}

/** Adds every counter, by fleet, cluster and workload. */
export function collectCounters(world: World, into: Gathered): void {
  const { facts } = world.workloads;
  const { fleetRecorder } = world;
  const names = facts.map((w) => w.name);
  const add = (name: string, labels: Labels, total: number): void => {
    into.metrics.push(counterRow(name, labels, total));
  };
  const byWorkload = (name: string, of: (w: number) => number, extra: Labels = {}): void => {
    let all = 0;
    names.forEach((workload, w) => {
      all += of(w);
      add(name, { ...extra, workload }, of(w));
    });
    add(name, extra, all);
  };
  const counted = (counter: number, w: number): number =>
    world.books.reduce((sum, c) => sum + c.recorder.counted(counter, w), 0);
  byWorkload(
    'pods_arrived_total',
    (w) => fleetRecorder.arrivedPods[w]! - fleetRecorder.arrivedAtWarmup[w]! + counted(CREATED, w),
  );
  byWorkload(
    'placements_total',
    (w) => fleetRecorder.placedPods[w]! - fleetRecorder.placedAtWarmup[w]!,
  );
  const ofCluster = (c: ClusterBooks, counters: readonly number[]): number => {
    let sum = 0;
    for (const counter of counters) {
      for (let w = 0; w < names.length; w++) sum += c.recorder.counted(counter, w);
    }
    return sum;
  };
  const simple: [string, readonly number[]][] = [
    ['pods_completed_total', [COMPLETED]],
    ['pods_lost_total', [LOST]],
    ['pods_returned_total', [RETURNED]],
    ['pods_evicted_total', EVICTION_COUNTERS.map((e) => e.counter)],
  ];
  for (const [name, counters] of simple) {
    byWorkload(name, (w) => counters.reduce((sum, counter) => sum + counted(counter, w), 0));
    for (const c of world.books) {
      add(name, { cluster: c.name }, ofCluster(c, counters));
    }
  }
  for (const { cause, counter } of EVICTION_COUNTERS) {
    let all = 0;
    for (let w = 0; w < names.length; w++) all += counted(counter, w);
    // Only Kubernetes preempts and drains: where it does neither, nothing is said of it.
    const isKubernetes = counter === EVICTED_BY_PREEMPTION || counter === EVICTED_BY_DRAIN;
    if (all > 0 || !isKubernetes) add('pods_evicted_total', { cause }, all);
  }
  collectEngineCounters(world, add, ofCluster);
}

function collectEngineCounters(
  world: World,
  add: (name: string, labels: Labels, total: number) => void,
  ofCluster: (c: ClusterBooks, counters: readonly number[]) => number,
): void {
  let events = world.placerEngine.dispatched;
  let decisions = 0;
  let failures = 0;
  for (const c of world.books) {
    const cluster = c.name;
    const decided = ofCluster(c, [BOUND, REFUSED]);
    const failed = c.recorder.nodeFailures - c.recorder.nodeFailuresAtWarmup;
    events += c.report.dispatched;
    decisions += decided;
    failures += failed;
    add('events_total', { cluster }, c.report.dispatched);
    add('decisions_total', { cluster }, decided);
    add('placements_total', { cluster }, ofCluster(c, [ENTERED]));
    add('node_failures_total', { cluster }, failed);
  }
  add('events_total', {}, events);
  add('decisions_total', {}, decisions);
  add('node_failures_total', {}, failures);
}

/** Adds waiting and startup times, and their distributions. */
export function collectSamples(world: World, into: Gathered): void {
  const { facts } = world.workloads;
  const { classes, waits } = world.fleetRecorder;
  const put = (metric: string, labels: Labels, pair: CensoredHistogram, scope = 'run'): void => {
    const entry = distributionEntry(metric, labels, scope, pair);
    into.distributions.push(entry);
    if (scope === 'run') into.metrics.push(sampleRow(entry, pair));
  };
  const causes = CAUSES.length;
  const classWaits = (wanted: (cls: number, cause: number) => boolean): CensoredHistogram =>
    mergePairs(
      world.books.flatMap((c) =>
        c.recorder.classWaits.filter((_, i) => wanted(Math.floor(i / causes), i % causes)),
      ),
    );
  put(
    WAIT,
    {},
    classWaits(() => true),
  );
  CAUSES.forEach((cause, k) => {
    const pair = classWaits((_, c) => c === k);
    if (pair.full.n + pair.censored.n > 0) put(WAIT, { cause }, pair);
  });
  classes.names.forEach((name, cls) => {
    put(
      WAIT,
      { class: name },
      classWaits((k) => k === cls),
    );
    CAUSES.forEach((cause, k) => {
      const pair = classWaits((c, q) => c === cls && q === k);
      if (pair.full.n + pair.censored.n > 0) put(WAIT, { class: name, cause }, pair);
    });
  });
  for (const { name: cluster, recorder } of world.books) {
    put(WAIT, { cluster }, mergePairs(recorder.classWaits));
    classes.names.forEach((name, cls) => {
      const own = recorder.classWaits.filter((_, i) => Math.floor(i / causes) === cls);
      put(WAIT, { class: name, cluster }, mergePairs(own));
    });
  }
  facts.forEach((workload, w) => {
    const own = world.books.flatMap((c) => c.recorder.waits.slice(w * causes, (w + 1) * causes));
    put(WAIT, { workload: workload.name }, mergePairs(own));
  });
  collectScopes(world, put, waits.windowNames);
  collectStartups(world, put);
}

/** Named windows (always there, so that thresholds find them) and series buckets, by fleet, class and cause. */
function collectScopes(
  world: World,
  put: (metric: string, labels: Labels, pair: CensoredHistogram, scope: string) => void,
  windowNames: readonly string[],
): void {
  const { classes, waits } = world.fleetRecorder;
  const causes = CAUSES.length;
  const groupsOf = (cls: number | null): number[] =>
    Array.from({ length: classes.names.length * causes }, (_, g) => g).filter(
      (g) => cls === null || Math.floor(g / causes) === cls,
    );
  const scopes = [{ labels: {} as Labels, groups: groupsOf(null) }];
  classes.names.forEach((name, cls) => {
    scopes.push({ labels: { class: name }, groups: groupsOf(cls) });
    CAUSES.forEach((cause, k) => {
      scopes.push({ labels: { class: name, cause }, groups: [cls * causes + k] });
    });
  });
  for (const { labels, groups } of scopes) {
    windowNames.forEach((name, w) => {
      put(WAIT, labels, mergePairs(groups.map((g) => waits.windows[g]?.[w])), `window:${name}`);
    });
    const last = Math.max(0, ...groups.map((g) => waits.buckets[g]?.length ?? 0));
    for (let b = 0; b < last; b++) {
      const pair = mergePairs(groups.map((g) => waits.buckets[g]?.[b]));
      if (pair.full.n + pair.censored.n > 0) put(WAIT, labels, pair, `bucket:${b}`);
    }
  }
}

function collectStartups(
  world: World,
  put: (metric: string, labels: Labels, pair: CensoredHistogram) => void,
): void {
  const { names } = world.fleetRecorder.classes;
  const count = world.workloads.facts.length;
  const pairs = (wanted: (cls: number) => boolean): CensoredHistogram =>
    mergePairs(
      world.books.flatMap((c) =>
        [...c.recorder.startups.entries()]
          .filter(([slot]) => wanted(Math.floor(slot / count)))
          .sort(([a], [b]) => a - b)
          .map(([, full]) => ({ full, censored: EMPTY as Histogram })),
      ),
    );
  put(
    STARTUP,
    {},
    pairs(() => true),
  );
  names.forEach((name, cls) => {
    put(
      STARTUP,
      { class: name },
      pairs((k) => k === cls),
    );
  });
}

const EMPTY = mergePairs([]).full;

/** Adds the gauges that count pods and nodes, by cluster, workload, reason and state; the fleet's come from the series. */
export function collectGauges(world: World, spanUs: number, into: Gathered): void {
  for (const built of world.books) {
    const { gauges, running, pending, nodesBy } = built.recorder;
    const cluster = built.name;
    const add = (name: string, labels: Labels, gauge: number): void => {
      const extremes = gauges.extremes(gauge);
      into.metrics.push(
        gaugeRow(name, labels, {
          mean: spanUs === 0 ? gauges.value(gauge) : gauges.integral(gauge) / spanUs,
          min: extremes.min,
          max: extremes.max,
          minAtSeconds: extremes.minAtUs / 1e6,
          maxAtSeconds: extremes.maxAtUs / 1e6,
          last: gauges.value(gauge),
        }),
      );
    };
    add('pods_running', { cluster }, running);
    add('pods_pending', { cluster }, pending);
    NODE_STATES.forEach((state, s) => {
      if (s > 0) add('nodes', { cluster, state }, nodesBy[s]!);
    });
  }
  const isAlone = world.books.length === 1;
  world.workloads.facts.forEach((workload, w) => {
    for (const name of ['pods_running', 'pods_pending'] as const) {
      let integral = 0;
      let last = 0;
      let extremes: { min: number; max: number } | null = null;
      for (const { recorder } of world.books) {
        const gauge = (name === 'pods_running' ? recorder.runningBy : recorder.pendingBy)[w]!;
        integral += recorder.gauges.integral(gauge);
        last += recorder.gauges.value(gauge);
        if (isAlone) extremes = recorder.gauges.extremes(gauge);
      }
      into.metrics.push(
        gaugeRow(
          name,
          { workload: workload.name },
          {
            mean: spanUs === 0 ? last : integral / spanUs,
            min: extremes?.min ?? null,
            max: extremes?.max ?? null,
            minAtSeconds: null,
            maxAtSeconds: null,
            last,
          },
        ),
      );
    }
  });
}
