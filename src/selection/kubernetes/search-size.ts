/** Fewest feasible nodes that a search looks for, and nodes below which it looks at all. */
const FEASIBLE_LEAST = 100;

/**
 * Says after how many feasible nodes a search stops.
 *
 * @param nodes nodes searched
 * @param percentage percentageOfNodesToScore, 0..100; 0 adapts: 50 less one per 125 nodes, at least 5
 *
 * *Source*: Kubernetes v1.34 scheduler, numFeasibleNodesToFind.
 */
export function searchSize(nodes: number, percentage: number): number {
  if (nodes < FEASIBLE_LEAST) return nodes;
  const share = percentage === 0 ? Math.max(5, 50 - Math.floor(nodes / 125)) : percentage;
  return Math.max(FEASIBLE_LEAST, Math.floor((nodes * share) / 100));
}
