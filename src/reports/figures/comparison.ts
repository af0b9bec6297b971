/** Figures of a comparison: what each metric differs by, how the distribution of waits moved, every policy at a glance. */
import type {
  ComparedMetric,
  Comparison,
  Contrast,
  ContrastVerdict,
} from '../../results/compare.ts';
import { type NamedBundle, type RowKey, valuesOf } from '../../results/compare-rows.ts';
import { formatQuantity } from '../../results/quantity.ts';
import { pairedInterval, welchInterval } from '../../results/statistics.ts';
import { type DifferenceRow, differenceChart } from '../charts/difference-dots.ts';
import {
  type QuantileDifference,
  quantileDifferenceChart,
  quantileName,
} from '../charts/quantile-differences.ts';
import { type SlopePanel, slopeChart } from '../charts/slopes.ts';
import {
  countsText,
  differenceText,
  metricText,
  VERDICT_SIGNS,
  valueText,
  verdictText,
} from '../compare-cells.ts';
import type { Figure } from './figure.ts';

const QUANTILES = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
const WAIT = 'pod_wait_seconds';
/** Lines of one chart that can be told apart. */
const LINES_MAX = 6;
const PANELS_MAX = 9;
/** By position in the palette: green, vermillion, purple, slate. */
const COLORS: Readonly<Record<ContrastVerdict, number>> = {
  better: 2,
  worse: 5,
  changed: 3,
  unclear: 6,
  identical: 6,
};

/**
 * Draws the figures of a comparison.
 *
 * @param bundles those that were compared, in their order
 * @param prefix begins the names of the figures, which must be unique in a page: a letter first
 *
 * *Order*: differences of each challenger, quantiles, slopes.
 */
export function comparisonFigures(
  comparison: Comparison,
  bundles: readonly NamedBundle[],
  prefix: string,
): readonly Figure[] {
  const figures = comparison.challengers.map((_, i) =>
    differenceFigure(comparison, bundles, i, prefix),
  );
  const quantiles = quantileFigure(comparison, bundles, prefix);
  if (quantiles !== null) figures.push(quantiles);
  return [...figures, slopeFigure(comparison, bundles, prefix)];
}

function differenceFigure(
  comparison: Comparison,
  bundles: readonly NamedBundle[],
  index: number,
  prefix: string,
): Figure {
  const { label, isPaired } = comparison.challengers[index]!;
  const base = comparison.bundles[0]!.label;
  const rows = comparison.metrics.map((metric): DifferenceRow => {
    const contrast = metric.contrasts[index]!;
    const { difference, interval, floor, n, verdict } = contrast;
    return {
      name: metricText(metric),
      pairs: isPaired ? pairsOf(metric, bundles[0]!, bundles[index + 1]!) : [],
      mean: difference,
      interval,
      floor,
      n,
      text: differenceText(contrast, metric.unit),
      verdict: `${VERDICT_SIGNS[verdict]} ${verdictText(contrast)}`,
      color: COLORS[verdict],
      print: differencePrinter(metric.unit),
    };
  });
  const missing = rows.filter((row) => row.mean === null).length;
  const id = `${prefix}differences-${index + 1}`;
  const counts = countsText(comparison, index);
  const title = `${label} against ${base}: ${counts}`;
  const percent = Math.round(comparison.level * 1000) / 10;
  const desc = `A row per metric: the mean difference of ${label} less ${base} with its ${percent} % interval${isPaired ? ', and below it the difference of each pair of replications' : ''}. The band is what is too small to count. Result: ${counts}.`;
  const dots = isPaired
    ? 'Dots are pairs of replications that met the same luck'
    : 'Replications are independent, so that there are no pairs to show';
  const absent =
    missing === 0 ? '' : ` ${missing} metrics without values on both sides are left out.`;
  return {
    name: id,
    chart: differenceChart({ id, title, desc }, rows),
    note: `${dots}; bars are ${percent} % intervals of each mean by itself, verdicts hold for all metrics together (Holm).${absent}`,
  };
}

/** Differences of pairs with both sides, as the comparison has them. */
function pairsOf(metric: ComparedMetric, base: NamedBundle, head: NamedBundle): number[] {
  const row = rowOf(metric);
  const from = valuesOf(base, row)?.values ?? [];
  const to = valuesOf(head, row)?.values ?? [];
  const pairs: number[] = [];
  to.forEach((value, r) => {
    const before = from[r] ?? null;
    if (value !== null && before !== null) pairs.push(value - before);
  });
  return pairs;
}

function rowOf({ name, labels, statistic, unit, direction }: ComparedMetric): RowKey {
  const percent = /^p\((.+)\)$/.exec(statistic)?.[1];
  const quantile = percent === undefined ? null : Number(percent) / 100;
  return { name, labels, statistic, quantile, unit, direction };
}

function differencePrinter(unit: string): (value: number) => string {
  return (value) => {
    const sign = value > 0 ? '+' : '';
    if (unit === 'ratio') return `${sign}${Number((value * 100).toPrecision(3))} pp`;
    const size = formatQuantity(Math.abs(value), unit);
    return value < 0 ? `-${size}` : `${sign}${size}`;
  };
}

function quantileFigure(
  comparison: Comparison,
  bundles: readonly NamedBundle[],
  prefix: string,
): Figure | null {
  const [base, ...heads] = bundles;
  const rows = QUANTILES.map(
    (quantile): RowKey => ({
      name: WAIT,
      labels: {},
      statistic: quantileName(quantile),
      quantile,
      unit: 'seconds',
      direction: 'lower',
    }),
  );
  const before = rows.map((row) => valuesOf(base!, row));
  if (before.some((values) => values === null)) return null;
  const shown = heads.slice(0, LINES_MAX);
  const lines = shown.map((head, h) => ({
    name: head.label,
    points: rows.map((row, q) =>
      quantileDifference(before[q]!, valuesOf(head, row), {
        level: comparison.level,
        isPaired: comparison.challengers[h]!.isPaired,
      }),
    ),
  }));
  const id = `${prefix}quantiles`;
  const desc = `For each quantile of the wait of all pods, the difference of each challenger less ${base!.label} in seconds, with ${Math.round(comparison.level * 1000) / 10} % intervals over ${comparison.bundles[0]!.replications} replications.`;
  const hidden = heads.length - shown.length;
  const more = hidden > 0 ? ` ${hidden} more challengers are in the table of verdicts.` : '';
  return {
    name: id,
    chart: quantileDifferenceChart(
      { id, title: quantileFinding(lines), desc },
      { quantiles: QUANTILES, lines },
    ),
    note: `Quantiles of each replication by itself, differences of their means; intervals are each for itself. Below nought the challenger waits less. ≥ marks where pods that still wait make a side a lower bound.${more}`,
  };
}

function quantileDifference(
  base: ReturnType<typeof valuesOf>,
  head: ReturnType<typeof valuesOf>,
  how: { readonly level: number; readonly isPaired: boolean },
): QuantileDifference | null {
  if (base === null || head === null) return null;
  const isKnown = (value: number | null | undefined): value is number => typeof value === 'number';
  const { isPaired, level } = how;
  const b = base.values.filter(
    (value, r): value is number => isKnown(value) && (!isPaired || isKnown(head.values[r])),
  );
  const h = head.values.filter(
    (value, r): value is number => isKnown(value) && (!isPaired || isKnown(base.values[r])),
  );
  if (b.length === 0 || h.length === 0) return null;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const estimate = isPaired ? pairedInterval(b, h, level) : welchInterval(b, h, level);
  return {
    mean: estimate?.mean ?? mean(h) - mean(b),
    interval: estimate?.interval ?? null,
    isBound: base.isAtLeast || head.isAtLeast,
  };
}

/** Says which quantile moved most beyond its interval. */
function quantileFinding(
  lines: readonly {
    readonly name: string;
    readonly points: readonly (QuantileDifference | null)[];
  }[],
): string {
  let most: { name: string; q: number; point: QuantileDifference } | null = null;
  for (const { name, points } of lines) {
    points.forEach((point, q) => {
      if (point === null || point.interval === null || point.isBound) return;
      const isApart = point.interval[0] > 0 || point.interval[1] < 0;
      if (!isApart || (most !== null && Math.abs(point.mean) <= Math.abs(most.point.mean))) return;
      most = { name, q, point };
    });
  }
  if (most === null) return 'No quantile of the wait differs beyond its interval';
  const { name, q, point } = most as { name: string; q: number; point: QuantileDifference };
  const size = formatQuantity(Math.abs(point.mean), 'seconds');
  return `${name} waits ${size} ${point.mean < 0 ? 'less' : 'longer'} at ${quantileName(QUANTILES[q]!)}`;
}

function slopeFigure(
  comparison: Comparison,
  bundles: readonly NamedBundle[],
  prefix: string,
): Figure {
  const { metrics } = comparison;
  const isClear = (m: ComparedMetric): boolean =>
    m.contrasts.some((c) => c.verdict !== 'unclear' && c.verdict !== 'identical');
  const sorted = [...metrics.filter(isClear), ...metrics.filter((m) => !isClear(m))];
  const shown = sorted.slice(0, PANELS_MAX);
  const isPaired = comparison.challengers.every((c) => c.isPaired);
  const panels = shown.map((metric): SlopePanel => {
    const values = bundles.map((bundle) => valuesOf(bundle, rowOf(metric))?.values ?? []);
    const count = isPaired ? Math.max(0, ...values.map((v) => v.length)) : 0;
    return {
      name: metricText(metric),
      values: metric.values.map((value) => ({
        n: value.n,
        mean: value.mean,
        interval: value.interval,
        text: valueText(value, metric.unit),
      })),
      lines: Array.from({ length: count }, (_, r) => values.map((v) => v[r] ?? null)),
      print: (value) => formatQuantity(value, metric.unit),
    };
  });
  const id = `${prefix}slopes`;
  const clear = metrics.filter(isClear).length;
  const title = `${clear} of ${metrics.length} metrics change with the policy beyond interval and floor`;
  const policies = bundles.map(({ label }) => label);
  const n = Math.min(...comparison.bundles.map((b) => b.replications));
  const desc = `A panel per metric, a place per policy (${policies.join(', ')}): the mean of ${n} or more replications with its interval${isPaired ? ', and a thin line per replication' : ''}.`;
  const hidden = metrics.length - shown.length;
  const more = hidden > 0 ? ` ${hidden} more metrics are in the table of verdicts.` : '';
  return {
    name: id,
    chart: slopeChart({ id, title, desc }, { policies, panels }),
    note: `Marks are means with the interval of each policy by itself, n = ${n}; thin lines join what met the same luck, and only they say whether a difference holds. Axes do not start at nought.${more}`,
  };
}

/** True where a verdict may be set in bold: it is better or worse beyond interval and floor. */
export const isDecided = ({ verdict }: Contrast): boolean =>
  verdict === 'better' || verdict === 'worse';
