/** Cost: the identity as a waterfall, and who or what it goes to. */
import { formatCount, formatDollars, formatRatio } from '../../base/units.ts';
import type { Bundle } from '../../results/bundle.ts';
import { compareText } from '../../results/catalog.ts';
import { type Bar, barChart, waterfallChart } from '../charts/bars.ts';
import { shorten } from '../charts/frame.ts';
import { costOfOne, type Figure, splitBy, topAndRest } from './figure.ts';

const BARS_MAX = 12;

/** Draws the figures of the cost page; none where nothing has a price. */
export function costFigures(bundle: Bundle): Figure[] {
  const { total, workload, idle, overhead } = costOfOne(bundle.result);
  if (total === 0) return [];
  const chart = waterfallChart(
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
  const { replications } = bundle.result;
  const each = replications === 1 ? '' : ` On average over ${replications} replications.`;
  const splits = SPLITS.flatMap((split) => {
    const figure = splitFigure(bundle, split, total);
    return figure === null ? [] : [figure];
  });
  return [{ name: 'cost-parts', chart, note: note + each }, ...splits];
}

interface Split {
  readonly label: string;
  readonly head: string;
  /** True where only the workload part is known by this label. */
  readonly isWorkload: boolean;
}

const SPLITS: readonly Split[] = [
  { label: 'price', head: 'price model', isWorkload: false },
  { label: 'team', head: 'team', isWorkload: true },
  { label: 'workload', head: 'workload', isWorkload: true },
  { label: 'cluster', head: 'cluster', isWorkload: false },
];

function splitFigure(bundle: Bundle, split: Split, total: number): Figure | null {
  const { label, head, isWorkload } = split;
  const { replications } = bundle.result;
  const found = splitBy(bundle.result.metrics, 'cost_dollars', label)
    .map((m) => ({ name: m.labels[label]!, value: (m.sum ?? 0) / replications }))
    .filter((bar) => bar.value !== 0)
    .sort((a, b) => b.value - a.value || compareText(a.name, b.name));
  const first = found[0];
  if (first === undefined) return null;
  const { top, rest } = topAndRest(found, BARS_MAX);
  const bars: Bar[] = [...top];
  if (rest.length > 0) {
    const value = rest.reduce((sum, b) => sum + b.value, 0);
    bars.push({ name: `${formatCount(rest.length)} others`, value, isRest: true });
  }
  const base = isWorkload ? bars.reduce((sum, b) => sum + b.value, 0) : total;
  const share = formatRatio(base > 0 ? first.value / base : 0);
  const title = `By ${head}: ${shorten(first.name, 40)} takes ${share} ${isWorkload ? 'of workload cost' : 'of all cost'}`;
  const desc = `Dollars by ${head}, largest first.`;
  const name = `cost-${label}`;
  return { name, chart: barChart({ id: name, title, desc }, bars, 'dollars'), note: '' };
}
