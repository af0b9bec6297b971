/** Capacity: what was requested against what there was, and where headroom ran out. */
import { formatRatio } from '../base/units.ts';
import type { Bundle, Series } from '../results/bundle.ts';
import { compareText } from '../results/catalog.ts';
import { formatInstant } from '../results/quantity.ts';
import { heatMapChart } from './charts/heat-map.ts';
import { type Grid, gridOf, rebucket } from './charts/rebucket.ts';
import { type Layer, stackChart } from './charts/stack.ts';
import { figureHtml, indexOfMax, type Section, seriesOf, splitBy } from './html-parts.ts';

const CLUSTERS_SHOWN = 12;
const BUCKETS_MAX = 288;
const HEAT_BUCKETS_MAX = 96;
/** Quiet, so that the named clusters stand out. */
const REST_COLOR = '#8c949c';
/** Pod slots and extended resources would only repeat the picture. */
const STACKED = ['cpu', 'memory', 'gpu'];

/** Writes the capacity page. */
export function capacitySection(bundle: Bundle): Section {
  const figures: string[] = [];
  for (const resource of STACKED) {
    const chart = allocatedChart(bundle, resource);
    if (chart !== null) figures.push(chart);
  }
  figures.push(headroomChart(bundle));
  return { id: 'capacity', title: 'Capacity', body: figures.join('') };
}

function allocatedChart(bundle: Bundle, resource: string): string | null {
  const fleet = seriesOf(bundle, 'allocated', { resource });
  const offered = seriesOf(bundle, 'allocatable', { resource });
  if (!fleet) return null;
  const grid = gridOf(bundle.series, BUCKETS_MAX);
  const total = rebucket(fleet, grid).mean;
  const limit = offered ? rebucket(offered, grid).mean : null;
  const clusters = splitBy(bundle.series.series, 'allocated', 'cluster', { resource });
  const layers = layersOf(clusters, total, grid);
  const ratios = total.map((v, i) => (limit && limit[i]! > 0 ? v / limit[i]! : Number.NaN));
  const peak = indexOfMax(ratios);
  const name = resource === 'gpu' ? 'GPU' : resource;
  const finding =
    peak < 0
      ? `Requested ${name} over time`
      : `Requested ${name} reaches ${formatRatio(ratios[peak]!)} of allocatable at ${formatInstant(grid.starts[peak]!)}`;
  const chart = stackChart(
    {
      id: `alloc-${resource}`,
      title: finding,
      desc: `Area of ${name} requested by bound pods over time, stacked by cluster: the ${CLUSTERS_SHOWN} clusters with most, and the rest; the dashed line is what nodes that are up offer.`,
    },
    { grid, layers, limit: limit && { name: 'allocatable', values: limit }, unit: fleet.unit },
  );
  return figureHtml(chart);
}

/** The clusters with most on average, largest at the bottom, and the rest on top; one layer where clusters are not kept. */
function layersOf(clusters: readonly Series[], total: Float64Array, grid: Grid): Layer[] {
  if (clusters.length === 0) return [{ name: 'fleet', values: total }];
  const means = clusters.map((s) => {
    const values = rebucket(s, grid).mean;
    const sum = values.reduce((a, v) => a + (Number.isFinite(v) ? v : 0), 0);
    return { name: s.labels.cluster!, values, sum };
  });
  means.sort((a, b) => b.sum - a.sum || compareText(a.name, b.name));
  // One cluster more than fits is shown by its name rather than as a rest of one.
  const shown = means.length === CLUSTERS_SHOWN + 1 ? means.length : CLUSTERS_SHOWN;
  const layers: Layer[] = means.slice(0, shown).map(({ name, values }) => ({ name, values }));
  const others = means.slice(shown);
  if (others.length > 0) {
    const values = new Float64Array(grid.count);
    for (const other of others) {
      for (let i = 0; i < grid.count; i++)
        values[i]! += Number.isFinite(other.values[i]!) ? other.values[i]! : 0;
    }
    layers.push({ name: `${others.length} others`, values, color: REST_COLOR });
  }
  return layers;
}

function headroomChart(bundle: Bundle): string {
  const grid = gridOf(bundle.series, HEAT_BUCKETS_MAX);
  const byCluster = new Map<string, Float64Array>();
  for (const s of bundle.series.series) {
    const { cluster, resource } = s.labels;
    const isWanted = s.name === 'headroom_ratio' && cluster !== undefined && resource !== undefined;
    if (!isWanted || Object.keys(s.labels).length !== 2) continue;
    const least = rebucket(s, grid).min;
    const known = byCluster.get(cluster);
    if (!known) byCluster.set(cluster, least);
    else for (let i = 0; i < grid.count; i++) known[i] = smaller(known[i]!, least[i]!);
  }
  const rows = [...byCluster].map(([name, values]) => ({ name, values }));
  const tight = rows.filter((r) => r.values.some((v) => v < 0.05)).length;
  const title =
    rows.length === 0
      ? 'Headroom by cluster'
      : tight === 0
        ? `No cluster falls below 5 % headroom`
        : `${tight} of ${rows.length} ${rows.length === 1 ? 'cluster falls' : 'clusters fall'} below 5 % headroom`;
  const chart = heatMapChart(
    {
      id: 'headroom',
      title,
      desc: 'One row per cluster, time from left to right, coloured by the smallest headroom of any resource in each stretch of time; the tightest cluster is on top.',
    },
    { grid, rows },
  );
  return figureHtml(
    chart,
    'Colour is the minimum of each stretch, over cpu, memory and the other resources: short spells stay visible.',
  );
}

function smaller(a: number, b: number): number {
  if (!Number.isFinite(a)) return b;
  return Number.isFinite(b) && b < a ? b : a;
}
