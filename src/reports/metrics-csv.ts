import type { MetricResult } from '../results/bundle.ts';
import { csvText } from './escape.ts';

/**
 * Writes the metrics of a result as tidy CSV: one row per metric, label set and statistic, columns
 * `metric,<labels>,stat,value,unit,at_least,direction`.
 *
 * RFC 4180 with `\n` line ends. Statistics are named as in thresholds (`avg` of samples, `twavg` of gauges over time,
 * `p(99)`), and `min_at`, `max_at` are seconds since the start. What is absent has no row. `at_least` is `true` where the
 * value is a lower bound. Texts that a spreadsheet would take for a formula get an apostrophe in front.
 *
 * *Order*: metrics as given, then statistics in a fixed order.
 */
export function metricsCsv(metrics: readonly MetricResult[]): string {
  const names = new Set<string>();
  for (const { labels } of metrics) for (const name of Object.keys(labels)) names.add(name);
  const labelNames = [...names].sort();
  const head = ['metric', ...labelNames, 'stat', 'value', 'unit', 'at_least', 'direction'];
  const rows = [head.map(csvText).join(',')];
  for (const metric of metrics) {
    const labels = labelNames.map((name) => csvText(metric.labels[name] ?? ''));
    const start = [csvText(metric.name), ...labels].join(',');
    for (const { stat, value, unit, isAtLeast } of statisticsOf(metric)) {
      const end = `${value},${csvText(unit)},${isAtLeast},${metric.direction}`;
      rows.push(`${start},${csvText(stat)},${end}`);
    }
  }
  return `${rows.join('\n')}\n`;
}

interface Statistic {
  readonly stat: string;
  readonly value: number;
  readonly unit: string;
  readonly isAtLeast: boolean;
}

function statisticsOf(metric: MetricResult): Statistic[] {
  const { unit } = metric;
  const found: Statistic[] = [];
  const add = (stat: string, value: number | null, unitOf = unit, isAtLeast = false): void => {
    if (value !== null) found.push({ stat, value, unit: unitOf, isAtLeast });
  };
  // A mean over samples of which some are only lower bounds is one itself; so are their sum and maximum.
  const isCensored = metric.censored > 0;
  add('count', metric.n, '');
  add('sum', metric.sum, unit, isCensored);
  add(metric.kind === 'gauge' ? 'twavg' : 'avg', metric.mean, unit, isCensored);
  add('min', metric.min);
  add('max', metric.max, unit, isCensored);
  add('stddev', metric.stddev);
  add('last', metric.last);
  for (const [quantile, value] of Object.entries(metric.quantiles)) {
    add(percentile(quantile), value, unit, metric.quantilesAtLeast.includes(quantile));
  }
  if (metric.kind === 'sample') add('censored', metric.censored, '');
  add('min_at', metric.minAtSeconds, 'seconds');
  add('max_at', metric.maxAtSeconds, 'seconds');
  if (metric.ci !== null) {
    add('ci_low', metric.ci.mean[0]);
    add('ci_high', metric.ci.mean[1]);
  }
  return found;
}

/** `0.999` becomes `p(99.9)`: in decimal, because 0.07 * 100 is 7.000000000000001. */
function percentile(quantile: string): string {
  return `p(${Number((Number(quantile) * 100).toPrecision(12))})`;
}
