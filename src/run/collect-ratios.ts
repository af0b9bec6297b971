/** Allocation, headroom, fragmentation and the fleet's gauges: what is a ratio of integrals or comes from fleet series. */
import type { Labels, Series, SeriesFile } from '../results/bundle.ts';
import { compareLabels } from '../results/catalog.ts';
import type { World } from './build.ts';
import type { ClusterSeries, ResourceColumn } from './cluster-series.ts';
import type { Gathered } from './collect.ts';
import { type GaugeFacts, gaugeRow } from './metric-table.ts';

/** Adds allocated, allocatable, allocation and headroom of every resource, by cluster and for the fleet. */
export function collectAllocation(
  world: World,
  measures: readonly ClusterSeries[],
  what: { readonly series: SeriesFile; readonly spanUs: number },
  into: Gathered,
): void {
  for (const resource of measures[0]!.columns) {
    const totals = { allocated: 0, allocatable: 0 };
    for (const built of world.books) {
      const cluster = built.name;
      const { allocation } = built.recorder;
      const sums = allocation.integrals(resource.column);
      totals.allocated += sums.allocated;
      totals.allocatable += sums.allocatable;
      const labels = { cluster, resource: resource.name };
      addAmounts(resource, labels, sums, what.spanUs, into);
      if (sums.allocatable === 0) continue;
      const c = resource.column;
      const last = allocation.ratio(c) ?? 0;
      addRatio(labels, into, {
        mean: sums.allocated / sums.allocatable,
        min: allocation.runMin[c]!,
        max: allocation.runMax[c]!,
        minAtSeconds: allocation.runMinAtUs[c]! / 1e6,
        maxAtSeconds: allocation.runMaxAtUs[c]! / 1e6,
        last,
      });
    }
    const labels = { resource: resource.name };
    addAmounts(resource, labels, totals, what.spanUs, into);
    if (totals.allocatable === 0) continue;
    const fleet = seriesOf(what.series, 'allocation_ratio', labels);
    const extremes = fleet === null ? null : extremesOf(fleet, world, what.series);
    addRatio(labels, into, {
      mean: totals.allocated / totals.allocatable,
      min: extremes?.min ?? null,
      max: extremes?.max ?? null,
      minAtSeconds: extremes?.minAtSeconds ?? null,
      maxAtSeconds: extremes?.maxAtSeconds ?? null,
      last: extremes?.last ?? 0,
    });
  }
}

function addAmounts(
  resource: ResourceColumn,
  labels: Labels,
  sums: { readonly allocated: number; readonly allocatable: number },
  spanUs: number,
  into: Gathered,
): void {
  for (const name of ['allocated', 'allocatable'] as const) {
    const mean = spanUs === 0 ? 0 : sums[name] / spanUs / resource.perUnit;
    into.metrics.push(
      gaugeRow(name, labels, {
        mean,
        min: null,
        max: null,
        minAtSeconds: null,
        maxAtSeconds: null,
        last: mean,
      }),
    );
  }
}

function addRatio(labels: Labels, into: Gathered, ratio: GaugeFacts): void {
  const less = (value: number | null): number | null => (value === null ? null : 1 - value);
  into.metrics.push(gaugeRow('allocation_ratio', labels, ratio));
  into.metrics.push(
    gaugeRow('headroom_ratio', labels, {
      mean: 1 - ratio.mean,
      min: less(ratio.max),
      max: less(ratio.min),
      minAtSeconds: ratio.maxAtSeconds,
      maxAtSeconds: ratio.minAtSeconds,
      last: 1 - ratio.last,
    }),
  );
}

/** Adds the sampled fragmentation, by cluster, and for the fleet the mean over clusters. */
export function collectFragmentation(
  world: World,
  measures: readonly ClusterSeries[],
  into: Gathered,
): void {
  measures[0]!.columns.forEach((resource, i) => {
    const samples = measures.map((m) => m.stranded[i]!).filter((s) => s.n > 0);
    if (samples.length === 0) return;
    measures.forEach((measure, c) => {
      const s = measure.stranded[i]!;
      if (s.n === 0) return;
      const labels = { cluster: world.books[c]!.name, resource: resource.name };
      into.metrics.push(gaugeRow('fragmentation_ratio', labels, factsOf(s, s.sum / s.n, s.last)));
    });
    const mean = samples.reduce((sum, s) => sum + s.sum / s.n, 0) / samples.length;
    const last = samples.reduce((sum, s) => sum + s.last, 0) / samples.length;
    const extremes = {
      min: Math.min(...samples.map((s) => s.min)),
      max: Math.max(...samples.map((s) => s.max)),
    };
    into.metrics.push(
      gaugeRow('fragmentation_ratio', { resource: resource.name }, factsOf(extremes, mean, last)),
    );
  });
}

function factsOf(
  extremes: { readonly min: number; readonly max: number },
  mean: number,
  last: number,
): GaugeFacts {
  return {
    mean,
    min: extremes.min,
    max: extremes.max,
    minAtSeconds: null,
    maxAtSeconds: null,
    last,
  };
}

/** Adds the fleet's pods and nodes from the fleet series. */
export function collectFleetGauges(world: World, series: SeriesFile, into: Gathered): void {
  for (const s of series.series) {
    const isFleet = s.labels.cluster === undefined && s.kind === 'gauge';
    if (!isFleet || !['pods_running', 'pods_pending', 'nodes'].includes(s.name)) continue;
    into.metrics.push(gaugeRow(s.name, s.labels, extremesOf(s, world, series)));
  }
  const nodes = series.series.filter((s) => s.name === 'nodes' && s.labels.cluster === undefined);
  if (nodes.length === 0) return;
  const mean = nodes[0]!.mean.map((_, b) =>
    nodes.reduce((sum, s) => sum + (Number.isNaN(s.mean[b]!) ? 0 : s.mean[b]!), 0),
  );
  const all = { ...nodes[0]!, labels: {}, min: mean, mean, max: mean };
  into.metrics.push(gaugeRow('nodes', {}, extremesOf(all, world, series)));
}

function seriesOf(file: SeriesFile, name: string, labels: Labels): Series | null {
  return file.series.find((s) => s.name === name && compareLabels(s.labels, labels) === 0) ?? null;
}

/** Mean, extremes and last value of a series over the buckets after the warm-up. */
function extremesOf(series: Series, world: World, file: SeriesFile): GaugeFacts {
  const { bucketSeconds, buckets, endSeconds } = file;
  const warmupSeconds = world.scenario.warmupUs / 1e6;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let minAt = 0;
  let maxAt = 0;
  let weighted = 0;
  let weight = 0;
  let last = 0;
  // A count that nobody put yet is zero; a ratio without capacity is no observation.
  const isRatio = series.name.endsWith('_ratio');
  for (let b = 0; b < buckets; b++) {
    const start = b * bucketSeconds;
    const end = Math.min(start + bucketSeconds, endSeconds);
    const isAbsent = Number.isNaN(series.mean[b]!);
    if ((isAbsent && isRatio) || end <= warmupSeconds) continue;
    const mean = isAbsent ? 0 : series.mean[b]!;
    const low = isAbsent ? 0 : series.min[b]!;
    const high = isAbsent ? 0 : series.max[b]!;
    if (low < min) {
      min = low;
      minAt = start;
    }
    if (high > max) {
      max = high;
      maxAt = start;
    }
    weighted += mean * (end - start);
    weight += end - start;
    last = mean;
  }
  const isEmpty = weight === 0;
  return {
    mean: isEmpty ? last : weighted / weight,
    min: isEmpty ? null : min,
    max: isEmpty ? null : max,
    minAtSeconds: isEmpty ? null : minAt,
    maxAtSeconds: isEmpty ? null : maxAt,
    last,
  };
}
