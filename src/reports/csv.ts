import type { SeriesFile } from '../results/bundle.ts';
import { csvText } from './escape.ts';

const STATISTICS = ['min', 'mean', 'max'] as const;

/**
 * Lists the labels of all series, a column each. *Order*: by name, code units.
 *
 * @param series of a bundle
 */
export function labelColumns(series: SeriesFile): string[] {
  const names = new Set<string>();
  for (const s of series.series) for (const key of Object.keys(s.labels)) names.add(key);
  return [...names].sort();
}

/**
 * Writes time series as tidy CSV: one row per series, bucket and statistic, columns `t_seconds,metric,<labels>,stat,value,unit`.
 *
 * RFC 4180 with `\n` line ends. `t_seconds` is the start of the bucket; counters are rates per second (unit `pods/s`); buckets
 * before the first observation have no row. Names that a spreadsheet would take for a formula get an apostrophe in front.
 *
 * *Order*: series as given, then time, then min, mean, max.
 */
export function seriesCsv(series: SeriesFile): string {
  const labels = labelColumns(series);
  const head = ['t_seconds', 'metric', ...labels, 'stat', 'value', 'unit'];
  const blocks = [`${head.map(csvText).join(',')}\n`];
  for (const s of series.series) {
    const cells = labels.map((label) => csvText(s.labels[label] ?? ''));
    const name = [csvText(s.name), ...cells].join(',');
    const unit = csvText(s.kind === 'counter' ? `${s.unit}/s` : s.unit);
    let block = '';
    for (let i = 0; i < series.buckets; i++) {
      const seconds = i * series.bucketSeconds;
      for (const stat of STATISTICS) {
        const value = s[stat][i]!;
        if (Number.isFinite(value)) block += `${seconds},${name},${stat},${value},${unit}\n`;
      }
    }
    blocks.push(block);
  }
  return blocks.join('');
}
