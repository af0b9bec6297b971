import type { NodeIndex } from '../../base/ids.ts';
import type { ClusterView } from '../../model/view.ts';

/**
 * Takes the lowest-numbered fully free devices of a node.
 *
 * @param count devices wanted
 * @returns a bit mask with `count` bits, fewer if the node has fewer free devices
 */
export function wholeDevices(count: number, node: NodeIndex, cluster: ClusterView): number {
  const { nodes } = cluster;
  const base = nodes.gpuOffset[node]!;
  let mask = 0;
  for (let i = 0; i < nodes.gpuCount[node]! && count > 0; i++) {
    if (nodes.deviceFreeMilli[base + i] !== 1000) continue;
    mask |= 1 << i;
    count--;
  }
  return mask;
}
