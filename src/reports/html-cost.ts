/** Cost: the identity as a waterfall, and who or what it goes to. */
import { formatDollars, formatRatio } from '../base/units.ts';
import type { Bundle } from '../results/bundle.ts';
import { compareText } from '../results/catalog.ts';
import { type Bar, barChart, waterfallChart } from './charts/bars.ts';
import { figureHtml, type Section, splitBy } from './html-parts.ts';

const BARS_MAX = 12;

/** Writes the cost page. */
export function costSection(bundle: Bundle): Section {
  const { total, workload, idle, overhead } = bundle.result.conservation.cost;
  if (total === 0) {
    return { id: 'cost', title: 'Cost', body: '<p>No node of this scenario has a price.</p>' };
  }
  const waterfall = waterfallChart(
    {
      id: 'cost-parts',
      title: `${formatRatio(idle / total)} of ${formatDollars(total)} pays for idle capacity`,
      desc: 'Cost of workload, idle and overhead end to end, and their sum.',
    },
    [
      { name: 'workload (requested)', value: workload },
      { name: 'idle (not requested)', value: idle },
      { name: 'overhead (fees, booting, down)', value: overhead },
    ],
    'dollars',
  );
  const note =
    'Workload: requests at the node price, split over cpu, memory and GPUs in proportion to the default rates of OpenCost. Idle: the price of nodes that are up, less workload.';
  const parts = [figureHtml(waterfall, note)];
  for (const label of ['price', 'cluster', 'team', 'workload'] as const) {
    const figure = splitFigure(bundle, label, total);
    if (figure !== null) parts.push(figure);
  }
  return { id: 'cost', title: 'Cost', body: parts.join('') };
}

const HEADS = {
  price: 'price model',
  cluster: 'cluster',
  team: 'team',
  workload: 'workload',
} as const;

function splitFigure(bundle: Bundle, label: keyof typeof HEADS, total: number): string | null {
  const found = splitBy(bundle.result.metrics, 'cost_dollars', label)
    .map((m) => ({ name: m.labels[label]!, value: m.sum ?? 0 }))
    .filter((bar) => bar.value !== 0)
    .sort((a, b) => b.value - a.value || compareText(a.name, b.name));
  if (found.length === 0) return null;
  const shown = found.length === BARS_MAX + 1 ? found.length : BARS_MAX;
  const rest = found.slice(shown);
  const bars: Bar[] = found.slice(0, shown);
  if (rest.length > 0) {
    bars.push({ name: `${rest.length} others`, value: rest.reduce((sum, b) => sum + b.value, 0) });
  }
  const first = found[0]!;
  const what = label === 'team' || label === 'workload' ? 'of workload cost' : 'of all cost';
  const base =
    label === 'team' || label === 'workload' ? bars.reduce((s, b) => s + b.value, 0) : total;
  const title = `By ${HEADS[label]}: ${first.name} takes ${formatRatio(base > 0 ? first.value / base : 0)} ${what}`;
  const desc = `Dollars by ${HEADS[label]}, largest first.`;
  return figureHtml(barChart({ id: `cost-${label}`, title, desc }, bars, 'dollars'));
}
