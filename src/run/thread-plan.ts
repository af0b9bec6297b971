/** Which clusters run together when a run has several threads. */
import type { Scenario } from '../scenario/scenario.ts';

/**
 * Spreads the clusters of a scenario over threads by their nodes: the largest first, each to the thread that has the fewest
 * nodes so far.
 *
 * @param threads at least 1
 * @returns the clusters of each thread, ascending; no thread is without one, so there may be fewer
 *
 * *Order*: of equal clusters the first by index goes first, of equal threads the first takes it.
 */
export function planThreads(scenario: Scenario, threads: number): readonly (readonly number[])[] {
  const nodes = scenario.clusters.map(({ pools }) =>
    pools.reduce((sum, pool) => sum + (pool.nodes?.length ?? pool.max), 0),
  );
  const bySize = nodes.map((_, c) => c).sort((a, b) => nodes[b]! - nodes[a]! || a - b);
  const groups = Array.from({ length: Math.min(threads, nodes.length) }, () => ({
    nodes: 0,
    members: [] as number[],
  }));
  for (const c of bySize) {
    let least = groups[0]!;
    for (const group of groups) {
      const isLighter = group.nodes < least.nodes;
      const isEmptier = group.nodes === least.nodes && group.members.length < least.members.length;
      if (isLighter || isEmptier) least = group;
    }
    least.nodes += nodes[c]!;
    least.members.push(c);
  }
  return groups.map(({ members }) => members.sort((a, b) => a - b));
}

/** Gives the threads that run the clusters of a scenario where so many are wanted: 1 where one thread must run them all. */
export function threadCount(scenario: Scenario, wanted: number): number {
  return oneThreadReason(scenario) === null ? Math.min(wanted, scenario.clusters.length) : 1;
}

/**
 * Says why the clusters of a scenario cannot run in several threads.
 *
 * @returns null if they can
 */
export function oneThreadReason({ clusters, kubernetes }: Scenario): string | null {
  if (clusters.length === 1) return 'one cluster runs in one thread';
  if (kubernetes !== undefined) {
    return 'clusters with objects of Kubernetes share a table of shapes, so they run in one thread';
  }
  return null;
}
