import { NONE, type NodeIndex } from '../base/ids.ts';
import type { Cluster } from './cluster.ts';
import type { PlacedPod } from './kube-view.ts';

/** A pod of a tentative node. */
export interface TentativePod extends PlacedPod {
  /** Bit mask of its devices; -1 for a pod that is not placed and has none yet. */
  readonly devices: number;
}

/** Memory and cpu of a pod in scores, in grains. */
export type NonZeroOf = (pod: PlacedPod) => { readonly cpu: number; readonly memory: number };

/**
 * What one node would be with some pods more and some fewer: a copy of its sums and of its pod list, in its order.
 *
 * *Price*: O(pods of the node) to begin, O(resources) a change plus a search for a removal.
 */
export class TentativeNode {
  /** The node, or -1 while nothing is tried. */
  node: number = NONE;
  readonly pods: TentativePod[] = [];
  readonly free: Float64Array;
  nonZeroCpu = 0;
  nonZeroMemory = 0;
  /** Free thousandths by device of the node. */
  readonly deviceFreeMilli: number[] = [];
  private readonly cluster: Cluster;
  /** By node, cpu then memory. */
  private readonly nonZero: Float64Array;
  private readonly nonZeroOf: NonZeroOf;

  constructor(cluster: Cluster, nonZero: Float64Array, nonZeroOf: NonZeroOf) {
    this.cluster = cluster;
    this.nonZero = nonZero;
    this.nonZeroOf = nonZeroOf;
    this.free = new Float64Array(cluster.resources.count);
  }

  /** Copies a node; `pods` are its pods in list order. */
  begin(n: NodeIndex, pods: readonly TentativePod[]): void {
    const { nodes } = this.cluster;
    this.node = n;
    this.pods.length = 0;
    this.pods.push(...pods);
    for (let r = 0; r < this.free.length; r++) this.free[r] = nodes.free[r]![n]!;
    this.nonZeroCpu = this.nonZero[2 * n]!;
    this.nonZeroMemory = this.nonZero[2 * n + 1]!;
    this.deviceFreeMilli.length = 0;
    for (let i = 0; i < nodes.gpuCount[n]!; i++) {
      this.deviceFreeMilli.push(nodes.deviceFreeMilli[nodes.gpuOffset[n]! + i]!);
    }
  }

  /** Forgets the copy. */
  end(): void {
    this.node = NONE;
    this.pods.length = 0;
  }

  /** Adds a pod, last in the list. A pod without devices gets the lowest that fit; what does not fit overdraws none. */
  add(pod: TentativePod): void {
    const placed = pod.devices >= 0 ? pod : { ...pod, devices: this.lowestDevices(pod) };
    this.pods.push(placed);
    this.account(placed, -1);
  }

  /** Removes the pod of an id; the last pod takes its place. */
  remove(id: number): TentativePod {
    const { pods } = this;
    const i = pods.findIndex((pod) => pod.id === id);
    const pod = pods[i]!;
    const tail = pods.pop()!;
    if (i < pods.length) pods[i] = tail;
    this.account(pod, 1);
    return pod;
  }

  private account(pod: TentativePod, sign: 1 | -1): void {
    const { shape } = pod;
    for (let r = 0; r < this.free.length; r++) this.free[r]! += sign * shape.requests[r]!;
    const nonZero = this.nonZeroOf(pod);
    this.nonZeroCpu -= sign * nonZero.cpu;
    this.nonZeroMemory -= sign * nonZero.memory;
    if (shape.gpuCount === 0) return;
    for (let i = 0; i < this.deviceFreeMilli.length; i++) {
      if ((pod.devices & (1 << i)) !== 0)
        this.deviceFreeMilli[i]! += sign * shape.gpuMilliPerDevice;
    }
  }

  private lowestDevices(pod: TentativePod): number {
    let mask = 0;
    let missing = pod.shape.gpuCount;
    for (let i = 0; i < this.deviceFreeMilli.length && missing > 0; i++) {
      if (this.deviceFreeMilli[i]! < pod.shape.gpuMilliPerDevice) continue;
      mask |= 1 << i;
      missing--;
    }
    return mask;
  }
}
