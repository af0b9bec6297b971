import { poolRefusal } from '../../base/constraints.ts';
import type { NodeIndex } from '../../base/ids.ts';
import type { PodShape } from '../../model/shapes.ts';
import { type ClusterView, UP } from '../../model/view.ts';

/**
 * Says which nodes can take pods of a shape: for batch schedulers, which choose nodes themselves. The rules are those that
 * every profile has: node up, selector and taints of its pool, GPU model, resources, devices.
 *
 * *Cost*: O(resources) a node; pools and models are looked up in a table per shape.
 */
export class NodeFit {
  private readonly cluster: ClusterView;
  /** Per shape: 1 where the pool admits it, and where the GPU model is allowed. */
  private readonly pools = new Map<number, Uint8Array>();
  private readonly models = new Map<number, Uint8Array>();

  constructor(cluster: ClusterView) {
    this.cluster = cluster;
  }

  /** Counts the pods of a shape that node `n` can take now, up to `most`. */
  slots(shape: PodShape, n: NodeIndex, most: number): number {
    const { nodes } = this.cluster;
    if (nodes.state[n] !== UP || !this.admits(shape, n)) return 0;
    let slots = most;
    for (let r = 0; r < shape.requests.length && slots > 0; r++) {
      const request = shape.requests[r]!;
      if (request > 0) slots = Math.min(slots, Math.floor(nodes.free[r]![n]! / request));
    }
    return shape.gpuCount > 0 ? Math.min(slots, this.deviceSlots(shape, n)) : slots;
  }

  /** True if node `n` could take the shape when empty, were it up. */
  couldFit(shape: PodShape, n: NodeIndex): boolean {
    const { nodes } = this.cluster;
    if (!this.admits(shape, n)) return false;
    for (let r = 0; r < shape.requests.length; r++) {
      if (shape.requests[r]! > nodes.allocatable[r]![n]!) return false;
    }
    return nodes.gpuCount[n]! >= shape.gpuCount;
  }

  private admits(shape: PodShape, n: NodeIndex): boolean {
    const { nodes } = this.cluster;
    let pools = this.pools.get(shape.index);
    if (pools === undefined) {
      pools = Uint8Array.from(this.cluster.pools, (pool) =>
        Number(poolRefusal(shape, pool) === ''),
      );
      this.pools.set(shape.index, pools);
      const allowed = this.cluster.gpuModels.map((model) => shape.gpuModels.includes(model));
      this.models.set(shape.index, Uint8Array.from(allowed, Number));
    }
    if (pools[nodes.pool[n]!] === 0) return false;
    if (shape.gpuCount === 0 || shape.gpuModels.length === 0) return true;
    return this.models.get(shape.index)![nodes.gpuModel[n]!] === 1;
  }

  private deviceSlots(shape: PodShape, n: NodeIndex): number {
    const { nodes } = this.cluster;
    const milli = shape.gpuMilliPerDevice;
    if (milli === 1000) return Math.floor(nodes.gpuWholeFree[n]! / shape.gpuCount);
    const base = nodes.gpuOffset[n]!;
    let slots = 0;
    for (let i = 0; i < nodes.gpuCount[n]!; i++) {
      slots += Math.floor(nodes.deviceFreeMilli[base + i]! / milli);
    }
    return slots;
  }
}
