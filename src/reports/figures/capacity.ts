/** Capacity: what was requested against what there was, and where headroom ran out. */
import { formatCount, formatRatio } from '../../base/units.ts';
import type { Bundle, Series } from '../../results/bundle.ts';
import { compareText } from '../../results/catalog.ts';
import { formatInstant } from '../../results/quantity.ts';
import { type Chart, shorten } from '../charts/frame.ts';
import { heatMapChart } from '../charts/heat-map.ts';
import { REST_COLOR } from '../charts/palette.ts';
import { type RankedRow, rankChart } from '../charts/rank.ts';
import { type Grid, rebucket } from '../charts/rebucket.ts';
import { type Layer, stackChart } from '../charts/stack.ts';
import {
  BUCKETS_MAX,
  type Figure,
  firstCounted,
  gridFor,
  indexOfMax,
  orZero,
  RESOURCES,
  ROW_BUCKETS_MAX,
  resourceName,
  seriesOf,
  splitBy,
  topAndRest,
} from './figure.ts';

const CLUSTERS_SHOWN = 12;

/** Draws the figures of the capacity page. */
export function capacityFigures(bundle: Bundle): Figure[] {
  const figures: Figure[] = [];
  for (const resource of RESOURCES) {
    const chart = allocatedChart(bundle, resource);
    if (chart === null) continue;
    const note =
      figures.length === 0
        ? 'Stacked: what bound pods request. What they use of it inside their nodes is not modelled: a request counts as used.'
        : '';
    figures.push({ name: `allocated-${resource}`, chart, note });
  }
  figures.push(headroomFigure(bundle), rankFigure(bundle));
  return figures;
}

function allocatedChart(bundle: Bundle, resource: string): Chart | null {
  const fleet = seriesOf(bundle, 'allocated', { resource });
  const offered = seriesOf(bundle, 'allocatable', { resource });
  if (!fleet) return null;
  const grid = gridFor(bundle, BUCKETS_MAX);
  const total = rebucket(fleet, grid).mean;
  const limit = offered ? rebucket(offered, grid).mean : null;
  const clusters = splitBy(bundle.series.series, 'allocated', 'cluster', { resource });
  const layers = layersOf(clusters, total, grid);
  const ratios = total.map((v, i) => (limit && limit[i]! > 0 ? v / limit[i]! : Number.NaN));
  const peak = indexOfMax(ratios, firstCounted(grid));
  const name = resourceName(resource);
  const title =
    peak < 0
      ? `Requested ${name} over time`
      : `Requested ${name} reaches ${formatRatio(ratios[peak]!)} of allocatable at ${formatInstant(grid.starts[peak]!)}`;
  const desc = `Area of ${name} requested by bound pods over time, stacked by cluster: the ${CLUSTERS_SHOWN} clusters with most, and the rest; the dashed line is what nodes that are up offer.`;
  return stackChart(
    { id: `allocated-${resource}`, title, desc },
    { grid, layers, limit: limit && { name: 'allocatable', values: limit }, unit: fleet.unit },
  );
}

/** The clusters with most on average, largest at the bottom, and the rest on top; one layer where clusters are not kept. */
function layersOf(clusters: readonly Series[], total: Float64Array, grid: Grid): Layer[] {
  if (clusters.length === 0) return [{ name: 'fleet', values: total }];
  const means = clusters.map((s) => {
    const values = rebucket(s, grid).mean;
    return { name: s.labels.cluster!, values, sum: values.reduce((a, v) => a + orZero(v), 0) };
  });
  means.sort((a, b) => b.sum - a.sum || compareText(a.name, b.name));
  const { top, rest } = topAndRest(means, CLUSTERS_SHOWN);
  const layers: Layer[] = top.map(({ name, values }) => ({ name, values }));
  if (rest.length > 0) {
    const values = new Float64Array(grid.count);
    for (const other of rest) {
      for (let i = 0; i < grid.count; i++) values[i]! += orZero(other.values[i]);
    }
    const name = `${formatCount(rest.length)} others`;
    layers.push({ name, values, color: REST_COLOR, isPlain: true });
  }
  return layers;
}

/** Headroom of each cluster by resource. */
function headroomSeries(bundle: Bundle): Series[] {
  return bundle.series.series.filter(
    ({ name, labels }) =>
      name === 'headroom_ratio' &&
      labels.cluster !== undefined &&
      labels.resource !== undefined &&
      Object.keys(labels).length === 2,
  );
}

function headroomFigure(bundle: Bundle): Figure {
  const grid = gridFor(bundle, ROW_BUCKETS_MAX);
  const byCluster = new Map<string, Float64Array>();
  for (const s of headroomSeries(bundle)) {
    const least = rebucket(s, grid).min;
    const known = byCluster.get(s.labels.cluster!);
    if (!known) byCluster.set(s.labels.cluster!, least);
    else for (let i = 0; i < grid.count; i++) known[i] = smaller(known[i]!, least[i]!);
  }
  const rows = [...byCluster].map(([name, values]) => ({ name, values }));
  const from = firstCounted(grid);
  const tight = rows.filter((r) => r.values.some((v, i) => i >= from && v < 0.05)).length;
  const title =
    rows.length === 0
      ? 'Headroom by cluster'
      : tight === 0
        ? 'No cluster falls below 5 % headroom'
        : `${formatCount(tight)} of ${formatCount(rows.length)} ${rows.length === 1 ? 'cluster' : 'clusters'} ${tight === 1 ? 'falls' : 'fall'} below 5 % headroom`;
  const desc =
    'One row per cluster, time from left to right, coloured by the smallest headroom of any resource in each stretch of time; the tightest cluster is on top.';
  return {
    name: 'headroom',
    chart: heatMapChart({ id: 'headroom', title, desc }, { grid, rows }),
    note: 'Colour is the minimum of each stretch, over cpu, memory and the other resources: short spells stay visible.',
  };
}

function smaller(a: number, b: number): number {
  if (!Number.isFinite(a)) return b;
  return Number.isFinite(b) && b < a ? b : a;
}

/** Each cluster by its scarcest resource. */
function rankFigure(bundle: Bundle): Figure {
  const rows = new Map<string, RankedRow>();
  for (const m of bundle.result.metrics) {
    const { cluster, resource } = m.labels;
    const isWanted = m.name === 'headroom_ratio' && cluster !== undefined && resource !== undefined;
    if (!isWanted || Object.keys(m.labels).length !== 2) continue;
    if (m.min === null || m.mean === null) continue;
    const known = rows.get(cluster);
    if (known && known.min <= m.min) continue;
    rows.set(cluster, {
      name: cluster,
      resource,
      min: m.min,
      mean: m.mean,
      atSeconds: m.minAtSeconds,
    });
  }
  const sorted = [...rows.values()].sort((a, b) => a.min - b.min || compareText(a.name, b.name));
  const first = sorted[0];
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  const title =
    first === undefined || middle === undefined
      ? 'Headroom by rank'
      : sorted.length === 1
        ? `${nameOf(first)} has ${formatRatio(first.min)} of ${resourceName(first.resource)} left at its tightest`
        : `At its tightest, ${nameOf(first)} has ${formatRatio(first.min)} left and the middle cluster ${formatRatio(middle.min)}`;
  const desc =
    'Clusters by rank of their smallest headroom; a disc marks the minimum over the run, a dash the mean of the same resource.';
  return {
    name: 'headroom-ranks',
    chart: rankChart({ id: 'headroom-ranks', title, desc }, sorted),
    note: 'Each cluster by the resource that is scarcest in it, after warm-up.',
  };
}

/** A name in a heading must leave room for the finding. */
const nameOf = (row: RankedRow): string => shorten(row.name, 40);
