/** Which metrics a bundle keeps over time, and under which labels: what windows, `over` and `for` can ask about. */
import type { MetricInfo } from './catalog.ts';

const RATIOS = ['resource', 'cluster'];
const KEPT: ReadonlyMap<string, readonly string[]> = new Map([
  ['allocatable', RATIOS],
  ['allocated', RATIOS],
  ['allocation_ratio', RATIOS],
  ['fragmentation_ratio', RATIOS],
  ['headroom_ratio', RATIOS],
  ['node_failures_total', ['cluster']],
  ['nodes', ['state', 'cluster']],
  ['placements_total', ['cluster']],
  ['pod_wait_seconds', ['class', 'cause']],
  ['pods_arrived_total', []],
  ['pods_completed_total', ['cluster']],
  ['pods_evicted_total', ['cause', 'cluster']],
  ['pods_lost_total', ['cluster']],
  ['pods_pending', ['reason', 'cluster']],
  ['pods_returned_total', ['cluster']],
  ['pods_running', ['cluster']],
]);

/** Names of the metrics that are kept over time, sorted. */
export const KEPT_METRICS: readonly string[] = [...KEPT.keys()];

/** Gives the labels under which a metric is kept over time; null where only its value for the whole run is kept. */
export function keptLabels(metric: MetricInfo): readonly string[] | null {
  return KEPT.get(metric.name) ?? null;
}
