import { asNode } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, UP } from '../model/view.ts';

/**
 * Free amounts that a reference pod cannot use: on nodes that are up and too full for it in any resource.
 *
 * @param shape the reference pod
 * @param into one entry per resource, GPUs (thousandths) last: stranded grains are added
 * @param free the same for all free grains on nodes that are up
 *
 * *Cost*: O(nodes).
 */
export function addStranded(
  cluster: ClusterView,
  shape: PodShape,
  into: Float64Array,
  free: Float64Array,
): void {
  const { nodes } = cluster;
  const resources = cluster.resources.count;
  for (let n = asNode(0); n < nodes.count; n++) {
    if (nodes.state[n] !== UP) continue;
    let fits = true;
    for (let r = 0; r < resources; r++) {
      if (nodes.free[r]![n]! < shape.requests[r]!) fits = false;
    }
    if (shape.gpuCount > 0 && nodes.gpuWholeFree[n]! < shape.gpuCount) {
      fits = shape.gpuMilliPerDevice < 1000 && fits && hasShare(cluster, n, shape);
    }
    for (let r = 0; r < resources; r++) {
      free[r]! += nodes.free[r]![n]!;
      if (!fits) into[r]! += nodes.free[r]![n]!;
    }
    free[resources]! += nodes.gpuFreeMilli[n]!;
    if (!fits) into[resources]! += nodes.gpuFreeMilli[n]!;
  }
}

function hasShare(cluster: ClusterView, n: number, shape: PodShape): boolean {
  const { nodes } = cluster;
  const base = nodes.gpuOffset[asNode(n)]!;
  for (let i = 0; i < nodes.gpuCount[asNode(n)]!; i++) {
    if (nodes.deviceFreeMilli[base + i]! >= shape.gpuMilliPerDevice) return true;
  }
  return false;
}
