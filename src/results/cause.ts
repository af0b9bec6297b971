/** Why a run came out as it did, as far as its numbers tell: the tightest cluster, the resource that binds, why pods wait. */
import type { MetricResult } from './bundle.ts';
import { formatInstant, formatQuantity } from './quantity.ts';

/** What the numbers of a run point at; null where they say nothing. */
export interface Cause {
  /** The cluster with the least headroom, or the one that was asked for. */
  readonly cluster: {
    readonly name: string;
    readonly resource: string;
    readonly headroomRatio: number;
    readonly atSeconds: number | null;
  } | null;
  /** The resource with the least headroom over the whole fleet. */
  readonly binding: { readonly resource: string; readonly headroomRatio: number } | null;
  /** The reason under which most pods waited, by time average. */
  readonly pending: {
    readonly reason: string;
    readonly podsMean: number;
    readonly podsMax: number | null;
  } | null;
}

/**
 * Finds the likely cause of trouble.
 *
 * @param metrics of a finished run
 * @param cluster only this cluster's headroom counts; null looks for the tightest one
 *
 * *Order*: of equals the first in the order of `metrics`.
 */
export function findCause(metrics: readonly MetricResult[], cluster: string | null = null): Cause {
  const tightest = leastHeadroom(
    metrics,
    (m) => isKeyed(m, 'cluster,resource') && (cluster === null || m.labels.cluster === cluster),
  );
  const fleet = leastHeadroom(metrics, (m) => isKeyed(m, 'resource'));
  let pending: MetricResult | null = null;
  for (const m of metrics) {
    if (m.name !== 'pods_pending' || !isKeyed(m, 'reason')) continue;
    if ((m.mean ?? 0) > (pending?.mean ?? 0)) pending = m;
  }
  return {
    cluster: tightest && {
      name: tightest.labels.cluster!,
      resource: tightest.labels.resource!,
      headroomRatio: tightest.min!,
      atSeconds: tightest.minAtSeconds,
    },
    binding: fleet && { resource: fleet.labels.resource!, headroomRatio: fleet.min! },
    pending: pending && {
      reason: pending.labels.reason!,
      podsMean: pending.mean!,
      podsMax: pending.max,
    },
  };
}

/** Headroom from here up is no cause of anything. */
const TIGHT_RATIO = 0.2;

/**
 * Puts a cause into one sentence without a full stop; null where nothing is known. Headroom is told only below 20 %:
 * more explains nothing.
 */
export function sentenceOf(cause: Cause): string | null {
  const parts: string[] = [];
  const { cluster, binding, pending } = cause;
  if (cluster && cluster.headroomRatio < TIGHT_RATIO) {
    const when = cluster.atSeconds === null ? '' : ` at ${formatInstant(cluster.atSeconds)}`;
    const free = formatQuantity(cluster.headroomRatio, 'ratio');
    parts.push(`${cluster.name} is tight, ${free} of ${cluster.resource} free${when}`);
  }
  if (binding && binding.headroomRatio < TIGHT_RATIO) {
    const free = formatQuantity(binding.headroomRatio, 'ratio');
    parts.push(`${binding.resource} binds in the fleet, ${free} free at worst`);
  }
  if (pending) {
    const mean = formatQuantity(pending.podsMean, 'pods');
    parts.push(`pods wait mostly for "${pending.reason}", ${mean} on average`);
  }
  return parts.length === 0 ? null : parts.join('; ');
}

function isKeyed(m: MetricResult, keys: string): boolean {
  return Object.keys(m.labels).sort().join(',') === keys;
}

function leastHeadroom(
  metrics: readonly MetricResult[],
  keep: (m: MetricResult) => boolean,
): MetricResult | null {
  let least: MetricResult | null = null;
  for (const m of metrics) {
    if (m.name !== 'headroom_ratio' || m.min === null || !keep(m)) continue;
    if (least === null || m.min < least.min!) least = m;
  }
  return least;
}
