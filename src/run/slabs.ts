/** How many pods each cluster will have at once: what its slabs are sized from. */
import type { Scenario } from '../scenario/scenario.ts';
import { estimate } from './estimate.ts';

/** Slots that every cluster has: pods that are on their way, or one that nobody expected. */
const SLOTS_LEAST = 64;
/** Over the expected peak: clusters are not filled evenly. */
const HEADROOM = 1.1;
/** More pods than any node runs: what is offered beyond waits, and the slab grows if it does. */
const PODS_PER_NODE_MOST = 256;
/** Of a cluster that replays a trace, whose jobs are only known once it is read. */
const SLOTS_OF_TRACE = 1024;

/**
 * Gives the slots to reserve for the pods of each cluster: its share of the peak by nodes, and a tenth more. A table of millions
 * of pods is then never copied; memory that is only reserved is not there until it is written.
 */
export function podSlots(scenario: Scenario): readonly number[] {
  const { workloads } = estimate(scenario);
  let shared = 0;
  const pinned = new Map<string, number>();
  scenario.workloads.forEach(({ cluster }, w) => {
    const pods = workloads[w]!.runningPeak ?? 0;
    if (cluster === undefined) shared += pods;
    else pinned.set(cluster, (pinned.get(cluster) ?? 0) + pods);
  });
  const hasTrace = workloads.some(({ trace }) => trace !== null);
  const nodes = scenario.clusters.map(({ pools }) =>
    pools.reduce((sum, pool) => sum + (pool.nodes?.length ?? pool.max), 0),
  );
  const all = nodes.reduce((sum, count) => sum + count, 0);
  return nodes.map((count, c) => {
    const own = pinned.get(scenario.clusters[c]!.name) ?? 0;
    const expected = (all === 0 ? 0 : (shared * count) / all) + own;
    const bounded = Math.min(expected * HEADROOM, count * PODS_PER_NODE_MOST);
    return (hasTrace ? SLOTS_OF_TRACE : SLOTS_LEAST) + Math.ceil(bounded);
  });
}
