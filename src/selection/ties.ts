import { CPU, MEMORY, type NodeIndex } from '../base/ids.ts';
import type { ClusterView } from '../model/view.ts';

/**
 * Orders two nodes of equal score; negative if `a` wins. Total: the index decides last.
 *
 * `uniform` and `rotate` are not orders of nodes: selectors count or rotate over nodes in index order, so they use `index`.
 */
export type TieBreak = (a: NodeIndex, b: NodeIndex) => number;

/** *Order*: lowest index. */
export function byIndex(a: NodeIndex, b: NodeIndex): number {
  return a - b;
}

/** *Order*: lowest rank, then lowest index. */
export function byRank(ranks: { readonly [n: NodeIndex]: number }): TieBreak {
  return (a, b) => ranks[a]! - ranks[b]! || a - b;
}

/** *Order*: group of equal nodes ascending, free cpu descending, free memory descending, index ascending. */
export function byCapacity(cluster: ClusterView): TieBreak {
  const { group, free } = cluster.nodes;
  const cpu = free[CPU]!;
  const memory = free[MEMORY]!;
  return (a, b) => group[a]! - group[b]! || cpu[b]! - cpu[a]! || memory[b]! - memory[a]! || a - b;
}
