/** Fleet series from the clusters' series: sums by bucket in cluster-name order. */
import type { Labels, Series, SeriesFile } from '../results/bundle.ts';
import { compareMetrics } from '../results/catalog.ts';
import { COUNTING_GAUGES } from '../results/pooled-series.ts';
import type { World } from './build.ts';
import type { ClusterSeries } from './cluster-series.ts';

/**
 * Merges the series of all clusters and adds the fleet's.
 *
 * The fleet's minimum and maximum are exact for one cluster; for several they are the sums' means per bucket, because
 * clusters do not peak at one instant.
 */
export function collectSeries(
  world: World,
  measures: readonly ClusterSeries[],
  nowUs: number,
): SeriesFile {
  const { everyUs } = world.scenario.series;
  const buckets = Math.max(0, ...measures.map((m) => m.buckets));
  const perCluster = measures.map((m) => m.store.take(buckets));
  const all = perCluster.flat();
  const fleet = new Map<string, Series[]>();
  for (const series of all) {
    const labels = withoutCluster(series.labels);
    const key = `${series.name}|${JSON.stringify(labels)}`;
    const group = fleet.get(key);
    if (group === undefined) fleet.set(key, [series]);
    else group.push(series);
  }
  for (const group of fleet.values()) {
    const { name } = group[0]!;
    const labels = withoutCluster(group[0]!.labels);
    if (name.endsWith('_ratio')) {
      if (name === 'fragmentation_ratio') continue;
      all.push(ratioOf(name, labels, group, all));
    } else all.push(sumOf(labels, group));
  }
  all.push(...arrivalSeries(world, buckets));
  addUnplaced(world, buckets, all);
  all.sort(compareMetrics);
  return {
    bucketSeconds: everyUs / 1e6,
    buckets,
    endSeconds: nowUs / 1e6,
    series: all,
  };
}

/**
 * Drops the series of single clusters that tell nothing: counters, node states and reasons that are zero in every bucket
 * (so an absent one is zero wherever the fleet's is there), and pod slots where they are never the scarcest resource.
 * The fleet's series all stay. Verdicts are made before, on everything.
 */
export function withoutSilence(file: SeriesFile): SeriesFile {
  const othersHeadroom = new Map<string, Float64Array>();
  const slotsHeadroom = new Map<string, Float64Array>();
  for (const { name, labels, min } of file.series) {
    const { cluster, resource } = labels;
    if (name !== 'headroom_ratio' || cluster === undefined) continue;
    if (resource === 'pods') slotsHeadroom.set(cluster, min);
    else othersHeadroom.set(cluster, leastOf(min, othersHeadroom.get(cluster)));
  }
  const areSlotsScarce = (cluster: string): boolean => {
    const others = othersHeadroom.get(cluster);
    const slots = slotsHeadroom.get(cluster);
    if (others === undefined || slots === undefined) return true;
    return slots.some((free, b) => free < others[b]!);
  };
  const series = file.series.filter((one) => {
    const { cluster, resource } = one.labels;
    if (cluster === undefined) return true;
    if (resource === 'pods') return areSlotsScarce(cluster);
    const counts = one.kind === 'counter' || COUNTING_GAUGES.includes(one.name);
    return !counts || one.max.some((value) => value > 0);
  });
  return { ...file, series };
}

/** The lesser of two by bucket; NaN, where a cluster has nothing of a resource, loses. */
function leastOf(a: Float64Array, b: Float64Array | undefined): Float64Array {
  if (b === undefined) return a;
  return a.map((value, i) => (b[i]! < value || Number.isNaN(value) ? b[i]! : value));
}

function withoutCluster(labels: Labels): Labels {
  const { cluster: _, ...rest } = labels;
  return rest;
}

function sumOf(labels: Labels, group: readonly Series[]): Series {
  const first = group[0]!;
  if (group.length === 1) return { ...first, labels };
  const mean = new Float64Array(first.mean.length);
  for (const series of group) {
    for (let b = 0; b < mean.length; b++) {
      const value = series.mean[b]!;
      if (!Number.isNaN(value)) mean[b]! += value;
    }
  }
  return { ...first, labels, min: mean, mean, max: mean };
}

/** A fleet ratio: allocated over allocatable of the means, bucket by bucket. */
function ratioOf(
  name: string,
  labels: Labels,
  group: readonly Series[],
  all: readonly Series[],
): Series {
  if (group.length === 1) return { ...group[0]!, labels };
  const total = (of: string): Float64Array => {
    const members = all.filter(
      (s) => s.name === of && s.labels.resource === labels.resource && s.labels.cluster,
    );
    return sumOf({}, members).mean;
  };
  const allocated = total('allocated');
  const allocatable = total('allocatable');
  const mean = allocated.map((value, b) => {
    const ratio = value / allocatable[b]!;
    return name === 'headroom_ratio' ? 1 - ratio : ratio;
  });
  return { ...group[0]!, labels, min: mean, mean, max: mean };
}

/** Pods that no cluster takes wait at the fleet: their own reason, and part of the fleet's pending pods. */
function addUnplaced(world: World, buckets: number, all: Series[]): void {
  const spans = world.fleetRecorder.unplacedByBucket;
  if (spans.every((span) => span.max === 0)) return;
  const column = (pick: 'min' | 'mean' | 'max'): Float64Array =>
    Float64Array.from({ length: buckets }, (_, b) => spans[b]?.[pick] ?? 0);
  const isFleet = (s: Series): boolean =>
    s.name === 'pods_pending' && Object.keys(s.labels).length === 0;
  const i = all.findIndex(isFleet);
  const added = { min: column('min'), mean: column('mean'), max: column('max') };
  const fleet = all[i]!;
  const mean = fleet.mean.map((value, b) => value + added.mean[b]!);
  all[i] = { ...fleet, min: mean, mean, max: mean };
  all.push({ ...fleet, labels: { reason: 'no-cluster' }, ...added });
}

/** Arrivals at the fleet per bucket: rates of `pods_arrived_total`. */
function arrivalSeries(world: World, buckets: number): Series[] {
  const { arrivedByBucket } = world.fleetRecorder;
  const perSecond = world.scenario.series.everyUs / 1e6;
  const rate = Float64Array.from(
    { length: buckets },
    (_, b) => (arrivedByBucket[b] ?? 0) / perSecond,
  );
  return [
    {
      name: 'pods_arrived_total',
      kind: 'counter',
      unit: 'pods',
      labels: {},
      min: rate,
      mean: rate,
      max: rate,
    },
  ];
}
