import { asCluster, type ClusterIndex } from '../base/ids.ts';
import type { ResourceTable } from './resources.ts';
import type { PodShape } from './shapes.ts';

/** One kind of empty node that a cluster has or can boot. */
export interface NodeTemplate {
  /** By resource index, in grains. */
  readonly allocatable: readonly number[];
  readonly gpuCount: number;
  readonly gpuModel: string;
  /** True if the pool's labels and taints let the shape in. */
  readonly admits: (shape: PodShape) => boolean;
}

/** Pods sent to a cluster that its last summary does not know yet. */
interface Sent {
  readonly atUs: number;
  readonly shape: PodShape;
  readonly count: number;
}

/**
 * The fleet as the placer knows it: the last summary of each cluster minus what was sent since. Columns by cluster.
 *
 * *Guarantees*: an assignment is subtracted until a summary that was published after its arrival comes in, so that a
 * stale summary never makes everything herd into one cluster. *Price*: one entry an assignment between two summaries.
 */
export class FleetTable {
  readonly free: Float64Array[];
  readonly allocatable: Float64Array[];
  readonly elastic: Float64Array[];
  readonly gpuFreeMilli: Float64Array;
  readonly gpuAllocatableMilli: Float64Array;
  private readonly gpuElasticMilli: Float64Array;
  readonly pending: Float64Array;
  readonly isUp: Uint8Array;
  private readonly latencyUs: number;
  private readonly templates: readonly (readonly NodeTemplate[])[];
  private readonly sent: Sent[][];
  /** Per shape and cluster: -1 unknown, 0 no, 1 yes. */
  private readonly hosts: Int8Array[] = [];

  /**
   * @param resources the run's resources
   * @param templates empty nodes by cluster
   * @param latencyUs time from sending pods to their being in the cluster's queue
   */
  constructor(
    resources: ResourceTable,
    templates: readonly (readonly NodeTemplate[])[],
    latencyUs: number,
  ) {
    const n = templates.length;
    this.free = resources.all.map(() => new Float64Array(n));
    this.allocatable = resources.all.map(() => new Float64Array(n));
    this.elastic = resources.all.map(() => new Float64Array(n));
    this.gpuFreeMilli = new Float64Array(n);
    this.gpuAllocatableMilli = new Float64Array(n);
    this.gpuElasticMilli = new Float64Array(n);
    this.pending = new Float64Array(n);
    this.isUp = new Uint8Array(n).fill(1);
    this.latencyUs = latencyUs;
    this.templates = templates;
    this.sent = templates.map(() => []);
  }

  get count(): number {
    return this.templates.length;
  }

  /** Notes pods that were just sent to a cluster. */
  assign(cluster: ClusterIndex, shape: PodShape, count: number, nowUs: number): void {
    this.subtract(cluster, shape, count);
    const entries = this.sent[cluster]!;
    const last = entries[entries.length - 1];
    if (last !== undefined && last.atUs === nowUs && last.shape === shape) {
      entries[entries.length - 1] = { atUs: nowUs, shape, count: last.count + count };
    } else entries.push({ atUs: nowUs, shape, count });
  }

  /** Sets the published quantity of one resource; `resource` past the last is GPU thousandths. */
  publish(
    cluster: ClusterIndex,
    resource: number,
    quantity: { readonly free: number; readonly allocatable: number; readonly elastic: number },
  ): void {
    const isGpu = resource >= this.free.length;
    (isGpu ? this.gpuFreeMilli : this.free[resource]!)[cluster] = quantity.free;
    (isGpu ? this.gpuAllocatableMilli : this.allocatable[resource]!)[cluster] =
      quantity.allocatable;
    (isGpu ? this.gpuElasticMilli : this.elastic[resource]!)[cluster] = quantity.elastic;
  }

  /** After all quantities of a summary are set: subtracts again what arrived after it was published. */
  settle(cluster: ClusterIndex, publishedAtUs: number, pending: number): void {
    this.pending[cluster] = pending;
    const kept = this.sent[cluster]!.filter((e) => e.atUs + this.latencyUs > publishedAtUs);
    this.sent[cluster] = kept;
    for (const entry of kept) this.subtract(cluster, entry.shape, entry.count);
  }

  private subtract(cluster: ClusterIndex, shape: PodShape, count: number): void {
    for (let r = 0; r < shape.requests.length; r++) {
      this.free[r]![cluster]! -= shape.requests[r]! * count;
    }
    this.gpuFreeMilli[cluster]! -= shape.gpuCount * shape.gpuMilliPerDevice * count;
    this.pending[cluster]! += count;
  }

  /** True if some kind of node of the cluster takes the shape when empty. */
  canHost(shape: PodShape, cluster: ClusterIndex): boolean {
    while (this.hosts.length <= shape.index) this.hosts.push(new Int8Array(this.count).fill(-1));
    const known = this.hosts[shape.index]!;
    if (known[cluster] === -1) {
      known[cluster] = this.templates[cluster]!.some((t) => holds(t, shape)) ? 1 : 0;
    }
    return known[cluster] === 1;
  }

  /** How many more pods of a shape the summary leaves room for; 0 for a lost cluster or one that cannot host it. */
  room(shape: PodShape, cluster: ClusterIndex, withElastic: boolean): number {
    if (this.isUp[cluster] === 0 || !this.canHost(shape, cluster)) return 0;
    let most = Number.POSITIVE_INFINITY;
    for (let r = 0; r < shape.requests.length; r++) {
      const request = shape.requests[r]!;
      if (request === 0) continue;
      const free = this.free[r]![cluster]! + (withElastic ? this.elastic[r]![cluster]! : 0);
      most = Math.min(most, Math.floor(free / request));
    }
    if (shape.gpuCount > 0) {
      const free = this.gpuFreeMilli[cluster]! + (withElastic ? this.gpuElasticMilli[cluster]! : 0);
      most = Math.min(most, Math.floor(free / (shape.gpuCount * shape.gpuMilliPerDevice)));
    }
    return Math.max(0, most);
  }

  /** Every cluster's index. */
  indices(): ClusterIndex[] {
    return Array.from({ length: this.count }, (_, c) => asCluster(c));
  }
}

function holds(template: NodeTemplate, shape: PodShape): boolean {
  for (let r = 0; r < shape.requests.length; r++) {
    if (shape.requests[r]! > template.allocatable[r]!) return false;
  }
  if (shape.gpuCount > 0) {
    if (template.gpuCount < shape.gpuCount) return false;
    if (shape.gpuModels.length > 0 && !shape.gpuModels.includes(template.gpuModel)) return false;
  }
  return template.admits(shape);
}
