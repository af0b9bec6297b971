/** Failures: what nodes were doing over time, and which pods lost their node. */
import { formatCount, formatRatio } from '../base/units.ts';
import type { Bundle } from '../results/bundle.ts';
import { formatInstant } from '../results/quantity.ts';
import { lineChart } from './charts/lines.ts';
import { gridOf, rebucket } from './charts/rebucket.ts';
import { stackChart } from './charts/stack.ts';
import { figureHtml, indexOfMax, metricOf, type Section, splitBy } from './html-parts.ts';

const BUCKETS_MAX = 288;
/** From the bottom up: what is wrong stands on the axis, where it can be read off. */
const STATES = ['down', 'draining', 'booting', 'up'];
const STATE_COLORS: ReadonlyMap<string, string> = new Map([
  ['down', '#d55e00'],
  ['draining', '#e69f00'],
  ['booting', '#56b4e9'],
  ['up', '#009e73'],
]);

/** Writes the failures page. */
export function failuresSection(bundle: Bundle): Section {
  return {
    id: 'failures',
    title: 'Failures',
    body: statesFigure(bundle) + evictionsFigure(bundle),
  };
}

function statesFigure(bundle: Bundle): string {
  const grid = gridOf(bundle.series, BUCKETS_MAX);
  const found = splitBy(bundle.series.series, 'nodes', 'state');
  const names = [
    ...STATES,
    ...found.map((s) => s.labels.state!).filter((s) => !STATES.includes(s)),
  ];
  const layers = names.flatMap((name) => {
    const series = found.find((s) => s.labels.state === name);
    if (!series) return [];
    const color = STATE_COLORS.get(name);
    return [{ name, values: rebucket(series, grid).mean, ...(color ? { color } : {}) }];
  });
  const down = found.find((s) => s.labels.state === 'down');
  const worst = down ? rebucket(down, grid).max : new Float64Array();
  const at = indexOfMax(worst);
  const nodes = bundle.manifest.fleet.nodes;
  const most = at < 0 ? 0 : Math.round(worst[at]!);
  const share = nodes > 0 ? ` (${formatRatio(most / nodes)} of the fleet)` : '';
  const title =
    most === 0
      ? 'No node was down'
      : `At worst ${formatCount(most)} nodes are down${share}, at ${formatInstant(grid.starts[at]!)}`;
  const chart = stackChart(
    {
      id: 'nodes',
      title,
      desc: 'Number of nodes over time by state, stacked: down, draining, booting and up.',
    },
    { grid, layers, limit: null, unit: 'nodes' },
  );
  return figureHtml(chart);
}

function evictionsFigure(bundle: Bundle): string {
  const grid = gridOf(bundle.series, BUCKETS_MAX);
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
  return figureHtml(lineChart({ id: 'evictions', title, desc }, { grid, lines, unit: 'pods/s' }));
}
