/** Where a change of a metric comes from: the cluster whose own value changed most. */
import type { Labels, MetricResult } from './bundle.ts';
import { findMetric, labelText } from './catalog.ts';

/** One cluster's part in a change. */
export interface Blame {
  readonly cluster: string;
  readonly before: number;
  readonly after: number;
}

/**
 * Finds the cluster in which a metric got worse by most, in the unit of the metric: by totals of counters, else by means.
 *
 * @param base results of the run before
 * @param head results of the run after
 * @param metric its name and the labels to look under; with a cluster among them only that one counts
 * @returns null where no cluster of both got worse, or the metric has no worse side
 *
 * *Order*: the first of equals in the order of `head`.
 */
export function blameCluster(
  base: readonly MetricResult[],
  head: readonly MetricResult[],
  metric: { readonly name: string; readonly labels: Labels },
): Blame | null {
  const info = findMetric(metric.name);
  if (info === undefined || info.direction === 'neutral') return null;
  const value = (m: MetricResult): number | null => (info.kind === 'counter' ? m.sum : m.mean);
  const before = new Map(
    base.filter((m) => m.name === metric.name).map((m) => [labelText(m.labels), value(m)]),
  );
  let worst: Blame | null = null;
  let most = 0;
  for (const m of head) {
    const { cluster, ...rest } = m.labels;
    if (m.name !== metric.name || cluster === undefined) continue;
    const { cluster: wanted = cluster, ...others } = metric.labels;
    if (cluster !== wanted || labelText(rest) !== labelText(others)) continue;
    const was = before.get(labelText(m.labels)) ?? null;
    const is = value(m);
    if (was === null || is === null) continue;
    const change = info.direction === 'lower' ? is - was : was - is;
    if (change <= most) continue;
    most = change;
    worst = { cluster, before: was, after: is };
  }
  return worst;
}
