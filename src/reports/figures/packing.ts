/** Packing: how much of what is free lies on nodes that are too full for the largest pod, and where. */
import { formatCount, formatRatio } from '../../base/units.ts';
import type { Bundle, MetricResult, Series } from '../../results/bundle.ts';
import { compareText } from '../../results/catalog.ts';
import { formatInstant } from '../../results/quantity.ts';
import { type Bar, barChart } from '../charts/bars.ts';
import { shorten } from '../charts/frame.ts';
import { lineChart } from '../charts/lines.ts';
import { type Buckets, type Grid, rebucket } from '../charts/rebucket.ts';
import { type Point, scatterChart } from '../charts/scatter.ts';
import { stackChart } from '../charts/stack.ts';
import {
  BUCKETS_MAX,
  type Figure,
  firstCounted,
  gridFor,
  indexOfMax,
  orZero,
  RESOURCES,
  resourceName,
  seriesOf,
  splitBy,
  topAndRest,
} from './figure.ts';

const BARS_MAX = 12;
const NOTE =
  'Stranded: free on nodes that are up but too full for the largest pod so far (by cpu), whichever resource it lacks.';

/** Draws the figures of the packing page. */
export function packingFigures(bundle: Bundle): Figure[] {
  const grid = gridFor(bundle, BUCKETS_MAX);
  const packings = RESOURCES.flatMap((resource) => {
    const packing = packingOf(bundle, resource, grid);
    return packing === null ? [] : [packing];
  });
  const figures = [fragmentationFigure(packings, grid)];
  for (const packing of packings) figures.push(strandedFigure(packing, grid));
  const worst = [...packings].sort((a, b) => b.meanRatio - a.meanRatio)[0];
  if (worst !== undefined && worst.clusters.length > 1) figures.push(clustersFigure(worst));
  const balance = balanceFigure(bundle);
  if (balance !== null) figures.push(balance);
  return figures;
}

/** One resource over the fleet: amounts per bucket, and what is stranded in each cluster on average. */
interface Packing {
  readonly resource: string;
  readonly unit: string;
  readonly requested: Float64Array;
  readonly free: Float64Array;
  readonly stranded: Float64Array;
  /** Stranded over free: bounds are those of the amounts' means, for one cluster the measured ones. */
  readonly ratio: Buckets;
  readonly meanRatio: number;
  readonly clusters: readonly { readonly name: string; readonly value: number }[];
}

function packingOf(bundle: Bundle, resource: string, grid: Grid): Packing | null {
  const list = (name: string): Series[] =>
    splitBy(bundle.series.series, name, 'cluster', { resource });
  const ratios = list('fragmentation_ratio');
  if (ratios.length === 0) return null;
  const index = (found: readonly Series[]): Map<string, Float64Array> =>
    new Map(found.map((s) => [s.labels.cluster!, rebucket(s, grid).mean]));
  const offered = index(list('allocatable'));
  const taken = index(list('allocated'));
  const requested = new Float64Array(grid.count);
  const free = new Float64Array(grid.count);
  const stranded = new Float64Array(grid.count);
  const clusters: { name: string; value: number }[] = [];
  for (const s of ratios) {
    const name = s.labels.cluster!;
    const share = rebucket(s, grid).mean;
    let sum = 0;
    for (let i = 0; i < grid.count; i++) {
      const used = orZero(taken.get(name)?.[i]);
      const left = Math.max(0, orZero(offered.get(name)?.[i]) - used);
      requested[i]! += used;
      free[i]! += left;
      stranded[i]! += left * orZero(share[i]);
      sum += left * orZero(share[i]);
    }
    if (sum > 0) clusters.push({ name, value: sum / grid.count });
  }
  clusters.sort((a, b) => b.value - a.value || compareText(a.name, b.name));
  const mean = free.map((left, i) => (left > 0 ? stranded[i]! / left : Number.NaN));
  const all = free.reduce((a, b) => a + b, 0);
  return {
    resource,
    unit: seriesOf(bundle, 'allocated', { resource })?.unit ?? 'count',
    requested,
    free,
    stranded,
    ratio: ratios.length === 1 ? rebucket(ratios[0]!, grid) : { min: mean, mean, max: mean },
    meanRatio: all > 0 ? stranded.reduce((a, b) => a + b, 0) / all : 0,
    clusters,
  };
}

function fragmentationFigure(packings: readonly Packing[], grid: Grid): Figure {
  const worst = [...packings].sort((a, b) => b.meanRatio - a.meanRatio)[0];
  const title = worst
    ? `${formatRatio(worst.meanRatio)} of free ${resourceName(worst.resource)} lies where the largest pod does not fit, on average`
    : 'Fragmentation over time';
  const desc =
    'Share of what is free that is stranded, over time, a line for each resource of the fleet.';
  const lines = packings.map((p) => ({ name: resourceName(p.resource), buckets: p.ratio }));
  return {
    name: 'fragmentation',
    chart: lineChart({ id: 'fragmentation', title, desc }, { grid, lines, unit: 'ratio' }),
    note: NOTE,
  };
}

function strandedFigure(packing: Packing, grid: Grid): Figure {
  const { resource, unit, requested, free, stranded } = packing;
  const name = resourceName(resource);
  const at = indexOfMax(stranded, firstCounted(grid));
  const most = at < 0 ? 0 : stranded[at]!;
  const offered = at < 0 ? 0 : requested[at]! + free[at]!;
  const title =
    most > 0
      ? `At most ${formatRatio(most / offered)} of all ${name} is free but stranded, at ${formatInstant(grid.starts[at]!)}`
      : `No ${name} is stranded`;
  const desc = `Amount of ${name} over time on nodes that are up: requested, free but stranded, and free and usable.`;
  const layers = [
    { name: 'requested', values: requested },
    { name: 'free but stranded', values: stranded },
    { name: 'free and usable', values: free.map((left, i) => left - stranded[i]!) },
  ];
  const id = `stranded-${resource}`;
  return {
    name: id,
    chart: stackChart({ id, title, desc }, { grid, layers, limit: null, unit }),
    note: '',
  };
}

function clustersFigure(packing: Packing): Figure {
  const { top, rest } = topAndRest(packing.clusters, BARS_MAX);
  const bars: Bar[] = [...top];
  if (rest.length > 0) {
    const value = rest.reduce((sum, b) => sum + b.value, 0);
    bars.push({ name: `${formatCount(rest.length)} others`, value, isRest: true });
  }
  const name = resourceName(packing.resource);
  const total = bars.reduce((sum, b) => sum + b.value, 0);
  const first = bars[0];
  const title = first
    ? `${shorten(first.name, 40)} holds ${formatRatio(first.value / total)} of the stranded ${name}`
    : `No cluster strands ${name}`;
  const desc = `Mean amount of ${name} that is free but stranded, by cluster, largest first.`;
  const id = 'stranded-clusters';
  return { name: id, chart: barChart({ id, title, desc }, bars, packing.unit), note: '' };
}

const CLASSES = [
  'below 20 % of free cpu stranded',
  '20 to 50 % stranded',
  '50 % or more stranded',
  'fragmentation not known',
];

/** Free cpu against free memory, a point per cluster; null where clusters or one of the two are not known. */
function balanceFigure(bundle: Bundle): Figure | null {
  const cpus = splitBy(bundle.result.metrics, 'headroom_ratio', 'cluster', { resource: 'cpu' });
  const byCluster = (name: string, resource: string): Map<string, MetricResult> =>
    new Map(
      splitBy(bundle.result.metrics, name, 'cluster', { resource }).map((m) => [
        m.labels.cluster!,
        m,
      ]),
    );
  const memories = byCluster('headroom_ratio', 'memory');
  const strandings = byCluster('fragmentation_ratio', 'cpu');
  const points: Point[] = [];
  for (const cpu of cpus) {
    const cluster = cpu.labels.cluster!;
    const memory = memories.get(cluster);
    if (cpu.mean === null || memory === undefined || memory.mean === null) continue;
    const stranded = strandings.get(cluster);
    points.push({ name: cluster, x: cpu.mean, y: memory.mean, kind: classOf(stranded?.mean) });
  }
  if (points.length === 0) return null;
  const mean = (of: (p: Point) => number): number =>
    points.reduce((sum, p) => sum + of(p), 0) / points.length;
  const x = mean((p) => p.x);
  const y = mean((p) => p.y);
  const more = x > y ? 'cpu' : 'memory';
  const title =
    Math.abs(x - y) < 0.01
      ? 'Cpu and memory are left over in equal shares'
      : `More ${more} is left over: clusters have ${formatRatio(x)} of cpu and ${formatRatio(y)} of memory free`;
  const desc = `Mean share of free cpu and of free memory in ${formatCount(points.length)} clusters, a mark for each; on the dashed line both are equal.`;
  const data = { points, xName: 'cpu free, mean', yName: 'memory free, mean', kinds: CLASSES };
  return { name: 'balance', chart: scatterChart({ id: 'balance', title, desc }, data), note: '' };
}

function classOf(ratio: number | null | undefined): number {
  if (ratio === null || ratio === undefined) return 3;
  if (ratio < 0.2) return 0;
  return ratio < 0.5 ? 1 : 2;
}
