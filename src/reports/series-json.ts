import type { SeriesFile } from '../results/bundle.ts';

/**
 * Writes time series as JSON: the fields of a {@link SeriesFile} with `schema` first; buckets that were not observed are
 * null. Two spaces for the outer levels, one line per column of numbers.
 *
 * *Order*: series as given.
 */
export function seriesJson(series: SeriesFile): string {
  const { bucketSeconds, buckets, endSeconds } = series;
  const rows = series.series.map((s) => {
    const { name, kind, unit, labels } = s;
    const head = JSON.stringify({ name, kind, unit, labels });
    const columns = (['min', 'mean', 'max'] as const).map(
      (stat) => `"${stat}":${JSON.stringify(Array.from(s[stat]))}`,
    );
    return `    ${head.slice(0, -1)},\n     ${columns.join(',\n     ')}}`;
  });
  const facts = { schema: 'orrery.series/1', bucketSeconds, buckets, endSeconds };
  const head = JSON.stringify(facts, null, 2).slice(0, -2);
  return `${head},\n  "series": [\n${rows.join(',\n')}\n  ]\n}\n`;
}
