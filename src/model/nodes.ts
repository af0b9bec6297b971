import type { NodeIndex } from '../base/ids.ts';
import type { ResourceTable } from './resources.ts';
import { DRAINING, type NodesView, OFF, UP } from './view.ts';

/** What the builder says of one node. */
export interface NodeSpec {
  /** By resource index, in grains. */
  readonly allocatable: readonly number[];
  readonly pool: number;
  /** Index of the node's machine type in the cluster's list. */
  readonly machineType: number;
  /** Rack number inside the cluster. */
  readonly rack: number;
  /** Stable key, derived from the node's full name. */
  readonly key: number;
  readonly gpuCount: number;
  /** Index of the GPU model, -1 without GPUs. */
  readonly gpuModel: number;
  /** True for nodes that an elastic pool may boot and give back. */
  readonly isElastic: boolean;
}

/**
 * The columns of a cluster's nodes. Only `model/cluster.ts` writes them after construction.
 *
 * *Cost*: about 110 bytes a node with three resources, plus 4 bytes a GPU.
 */
export class NodeTable implements NodesView {
  readonly count: number;
  readonly free: (Int32Array | Float64Array)[];
  readonly allocatable: (Int32Array | Float64Array)[];
  readonly state: Uint8Array;
  readonly pool: Int32Array;
  readonly machineType: Int32Array;
  readonly rack: Int32Array;
  readonly group: Int32Array;
  readonly key: Float64Array;
  readonly gpuCount: Uint8Array;
  readonly gpuModel: Int16Array;
  readonly gpuOffset: Int32Array;
  readonly gpuFreeMilli: Int32Array;
  readonly gpuWholeFree: Uint8Array;
  readonly deviceFreeMilli: Int32Array;
  readonly firstPod: Int32Array;
  readonly podCount: Int32Array;
  readonly isElastic: Uint8Array;
  /** How many reasons keep the node down: its own failure, outages of its domains. */
  readonly downCauses: Uint8Array;
  /** Failures of the node so far: which draw comes next. */
  readonly failures: Uint32Array;

  constructor(specs: readonly NodeSpec[], resources: ResourceTable) {
    const n = specs.length;
    this.count = n;
    this.free = resources.all.map((r) => resources.column(r.index, n));
    this.allocatable = resources.all.map((r) => resources.column(r.index, n));
    this.state = new Uint8Array(n);
    this.pool = new Int32Array(n);
    this.machineType = new Int32Array(n);
    this.rack = new Int32Array(n);
    this.group = new Int32Array(n);
    this.key = new Float64Array(n);
    this.gpuCount = new Uint8Array(n);
    this.gpuModel = new Int16Array(n).fill(-1);
    this.gpuOffset = new Int32Array(n);
    this.gpuFreeMilli = new Int32Array(n);
    this.gpuWholeFree = new Uint8Array(n);
    this.firstPod = new Int32Array(n).fill(-1);
    this.podCount = new Int32Array(n);
    this.isElastic = new Uint8Array(n);
    this.downCauses = new Uint8Array(n);
    this.failures = new Uint32Array(n);
    let devices = 0;
    const groups = new Map<string, number>();
    specs.forEach((spec, i) => {
      for (let r = 0; r < resources.count; r++) {
        this.allocatable[r]![i] = spec.allocatable[r]!;
        this.free[r]![i] = spec.allocatable[r]!;
      }
      this.state[i] = spec.isElastic ? OFF : UP;
      this.pool[i] = spec.pool;
      this.machineType[i] = spec.machineType;
      this.rack[i] = spec.rack;
      this.key[i] = spec.key;
      this.gpuCount[i] = spec.gpuCount;
      this.gpuModel[i] = spec.gpuModel;
      this.gpuOffset[i] = devices;
      this.gpuFreeMilli[i] = spec.gpuCount * 1000;
      this.gpuWholeFree[i] = spec.gpuCount;
      this.isElastic[i] = spec.isElastic ? 1 : 0;
      devices += spec.gpuCount;
      const groupKey = `${spec.pool}/${spec.gpuModel}/${spec.gpuCount}/${spec.allocatable.join('/')}`;
      let group = groups.get(groupKey);
      if (group === undefined) {
        group = groups.size;
        groups.set(groupKey, group);
      }
      this.group[i] = group;
    });
    this.deviceFreeMilli = new Int32Array(devices).fill(1000);
  }

  /** True if the node takes pods. */
  isUp(n: NodeIndex): boolean {
    return this.state[n] === UP;
  }

  /** True if pods on the node make progress. */
  isServing(n: NodeIndex): boolean {
    return this.state[n] === UP || this.state[n] === DRAINING;
  }

  /** Bytes of all columns. */
  get bytes(): number {
    let bytes = this.deviceFreeMilli.byteLength;
    for (const column of [...this.free, ...this.allocatable]) bytes += column.byteLength;
    for (const value of Object.values(this)) {
      if (ArrayBuffer.isView(value) && value !== this.deviceFreeMilli) bytes += value.byteLength;
    }
    return bytes;
  }
}
