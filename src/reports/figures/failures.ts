/** Failures: what nodes were doing over time, how the fleet came back, and which pods lost their node. */
import { formatCount, formatDuration, formatRatio } from '../../base/units.ts';
import type { Bundle } from '../../results/bundle.ts';
import { formatInstant } from '../../results/quantity.ts';
import { lineChart } from '../charts/lines.ts';
import { nodeStatesChart, type StateRow } from '../charts/node-states.ts';
import { rebucket } from '../charts/rebucket.ts';
import { stackChart } from '../charts/stack.ts';
import {
  BUCKETS_MAX,
  type Figure,
  firstCounted,
  gridFor,
  indexOfMax,
  metricOf,
  orZero,
  ROW_BUCKETS_MAX,
  splitBy,
} from './figure.ts';
import { recoveryFigures } from './recovery.ts';

/** From the bottom up: what is wrong stands on the axis, where it can be read off. */
const STATES = ['down', 'draining', 'booting', 'up'];
const STATE_COLORS: ReadonlyMap<string, string> = new Map([
  ['down', '#d55e00'],
  ['draining', '#cc79a7'],
  ['booting', '#3d9ad1'],
  ['up', '#009e73'],
]);

/** Draws the figures of the failures page. */
export function failureFigures(bundle: Bundle): Figure[] {
  return [
    statesFigure(bundle),
    stripFigure(bundle),
    ...recoveryFigures(bundle),
    evictionsFigure(bundle),
  ];
}

function statesFigure(bundle: Bundle): Figure {
  const grid = gridFor(bundle, BUCKETS_MAX);
  const found = splitBy(bundle.series.series, 'nodes', 'state');
  const names = [
    ...STATES,
    ...found.map((s) => s.labels.state!).filter((s) => !STATES.includes(s)),
  ];
  const layers = names.flatMap((name) => {
    const series = found.find((s) => s.labels.state === name);
    if (!series) return [];
    const color = STATE_COLORS.get(name);
    const look = color ? { color, isPlain: true } : {};
    return [{ name, values: rebucket(series, grid).mean, ...look }];
  });
  const down = found.find((s) => s.labels.state === 'down');
  const worst = down ? rebucket(down, grid).max : new Float64Array();
  const at = indexOfMax(worst, firstCounted(grid));
  // Of what is switched on then: nodes that an elastic pool does not hold are no part of it.
  const nodes = at < 0 ? 0 : layers.reduce((sum, l) => sum + orZero(l.values[at]), 0);
  const most = at < 0 ? 0 : Math.round(worst[at]!);
  const share = nodes > 0 ? ` (${formatRatio(Math.min(1, most / nodes))} of the fleet)` : '';
  const title =
    most === 0
      ? 'No node was down'
      : `At worst ${formatCount(most)} ${most === 1 ? 'node is' : 'nodes are'} down${share}, at ${formatInstant(grid.starts[at]!)}`;
  const desc = 'Number of nodes over time by state, stacked: down, draining, booting and up.';
  return {
    name: 'nodes',
    chart: stackChart({ id: 'nodes', title, desc }, { grid, layers, limit: null, unit: 'nodes' }),
    note: '',
  };
}

function stripFigure(bundle: Bundle): Figure {
  const grid = gridFor(bundle, ROW_BUCKETS_MAX);
  const clusters = new Map<string, Map<string, Float64Array>>();
  for (const s of bundle.series.series) {
    const { cluster, state } = s.labels;
    if (s.name !== 'nodes' || cluster === undefined || state === undefined) continue;
    if (Object.keys(s.labels).length !== 2) continue;
    const states = clusters.get(cluster) ?? new Map<string, Float64Array>();
    clusters.set(cluster, states.set(state, rebucket(s, grid).max));
  }
  const none = new Float64Array(grid.count);
  const rows = [...clusters].map(([name, states]): StateRow => {
    const of = (state: string): Float64Array => states.get(state) ?? none;
    const [down, draining, booting, up] = STATES.map(of) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    // The most that was switched on: nodes that an elastic pool does not hold are no loss.
    let nodes = 1;
    for (let i = 0; i < grid.count; i++) nodes = Math.max(nodes, orZero(up[i]), orZero(down[i]));
    return { name, nodes, down, draining, booting, up };
  });
  const hit = rows.filter((r) => Array.from(r.down).some((n) => n >= r.nodes / 2)).length;
  const title =
    rows.length === 0
      ? 'Node states by cluster'
      : hit === 0
        ? 'No cluster loses half of its nodes at once'
        : `${formatCount(hit)} of ${formatCount(rows.length)} ${rows.length === 1 ? 'cluster' : 'clusters'} ${hit === 1 ? 'loses half of its' : 'lose half of their'} nodes or more at once`;
  const desc =
    'One row per cluster, time from left to right, coloured by the worst state of its nodes in each stretch of time; the hardest hit cluster is on top.';
  return {
    name: 'node-states',
    chart: nodeStatesChart({ id: 'node-states', title, desc }, { grid, rows }),
    note: `Each cell stands for ${formatDuration(grid.bucketSeconds * 1e6)} and keeps the worst that happened in it, however short.`,
  };
}

function evictionsFigure(bundle: Bundle): Figure {
  const grid = gridFor(bundle, BUCKETS_MAX);
  const lines = splitBy(bundle.series.series, 'pods_evicted_total', 'cause').map((s) => ({
    name: s.labels.cause!,
    buckets: rebucket(s, grid),
  }));
  const evicted = metricOf(bundle, 'pods_evicted_total')?.sum ?? 0;
  const lost = bundle.result.conservation.pods.lost;
  const title =
    evicted === 0
      ? 'No pod was evicted'
      : `${formatCount(evicted)} evictions, ${formatCount(lost)} pods lost`;
  const desc = 'Evictions per second over time, a line for each cause.';
  return {
    name: 'evictions',
    chart: lineChart({ id: 'evictions', title, desc }, { grid, lines, unit: 'pods/s' }),
    note: 'Evictions are counted after warm-up; the rate is the mean of each stretch of time.',
  };
}
