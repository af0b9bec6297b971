import { asCluster, type ClusterColumn } from '../base/ids.ts';

/**
 * Divides a scale-down where the policy does not: one pod at a time from the cluster with the most, the last by name of equals.
 *
 * @param counts zeroed; receives what each cluster gives back
 *
 * *Cost*: O(clusters x log pods), however many go.
 */
export function withdrawFromLargest(
  assigned: ClusterColumn,
  count: number,
  counts: Int32Array,
): void {
  // All who are above it fall to one level: the lowest that does not ask for more than `count`.
  let level = 0;
  for (let c = asCluster(0); c < assigned.length; c++) level = Math.max(level, assigned[c]!);
  for (let low = 0; low < level; ) {
    const middle = Math.floor((low + level) / 2);
    if (podsAbove(middle, assigned) <= count) level = middle;
    else low = middle + 1;
  }
  let left = count - podsAbove(level, assigned);
  for (let c = asCluster(assigned.length - 1); c >= 0; c--) {
    counts[c] = Math.max(0, assigned[c]! - level);
    if (left > 0 && level > 0 && assigned[c]! >= level) {
      counts[c]!++;
      left--;
    }
  }
}

function podsAbove(level: number, assigned: ClusterColumn): number {
  let pods = 0;
  for (let c = asCluster(0); c < assigned.length; c++) pods += Math.max(0, assigned[c]! - level);
  return pods;
}
