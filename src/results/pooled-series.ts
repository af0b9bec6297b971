/** The time series of several replications as one: per bucket the least minimum, the mean of means, the largest maximum. */
import type { Series, SeriesFile } from './bundle.ts';
import { compareMetrics, labelText } from './catalog.ts';

/** Gauges that count something: a cluster's series that is not there was zero throughout, as is a counter's. */
export const COUNTING_GAUGES: readonly string[] = ['nodes', 'pods_pending'];

/**
 * Pools the series of replications.
 *
 * Buckets without an observation in some replications are pooled over the others; without any they stay NaN. What a
 * bundle leaves out because it is zero throughout counts as zero.
 *
 * @param files of one scenario, in the order of replications, at least one
 *
 * *Order*: by name, then labels. *Cost*: O(values).
 */
export function poolSeries(files: readonly SeriesFile[]): SeriesFile {
  const groups = new Map<string, Series[]>();
  for (const { series } of files) {
    for (const one of series) {
      const key = `${one.name}${labelText(one.labels)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
  }
  const buckets = Math.max(...files.map((file) => file.buckets));
  const series = [...groups.values()].map((group) => pooled(group, files.length, buckets));
  return {
    bucketSeconds: files[0]!.bucketSeconds,
    buckets,
    endSeconds: Math.max(...files.map((file) => file.endSeconds)),
    series: series.sort(compareMetrics),
  };
}

function pooled(group: readonly Series[], replications: number, buckets: number): Series {
  const { name, kind, labels, unit } = group[0]!;
  const isZeroElsewhere =
    labels.cluster !== undefined && (kind === 'counter' || COUNTING_GAUGES.includes(name));
  const silent = isZeroElsewhere ? replications - group.length : 0;
  const min = new Float64Array(buckets).fill(Number.NaN);
  const mean = min.slice();
  const max = min.slice();
  for (let b = 0; b < buckets; b++) {
    let n = 0;
    let sum = 0;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const one of group) {
      const value = one.mean[b];
      if (value === undefined || Number.isNaN(value)) continue;
      n++;
      sum += value;
      low = Math.min(low, one.min[b]!);
      high = Math.max(high, one.max[b]!);
    }
    if (n === 0) continue;
    min[b] = silent > 0 ? Math.min(low, 0) : low;
    mean[b] = sum / (n + silent);
    max[b] = silent > 0 ? Math.max(high, 0) : high;
  }
  return { name, kind, unit, labels, min, mean, max };
}
