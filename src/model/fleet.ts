import { asCluster, type ClusterIndex } from '../base/ids.ts';
import { ChangeLog } from './change-log.ts';
import type { ResourceTable } from './resources.ts';
import { SentPods } from './sent-pods.ts';
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

/**
 * The fleet as the placer knows it: the last summary of each cluster minus what was sent since. Columns by cluster.
 *
 * *Guarantees*: an assignment is subtracted until a summary that was published after its arrival comes in, so that a
 * stale summary never makes everything herd into one cluster; `changes` names every cluster whose columns changed.
 * *Price*: one entry of 24 bytes an assignment between two summaries, one byte a shape and cluster.
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
  /** Which clusters changed, for those who keep something by cluster. */
  readonly changes: ChangeLog<ClusterIndex>;
  private readonly latencyUs: number;
  private readonly templates: readonly (readonly NodeTemplate[])[];
  private readonly sent: readonly SentPods[];
  /** Shapes by index, as far as any was assigned. */
  private readonly shapes: PodShape[] = [];
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
    this.sent = templates.map(() => new SentPods());
    this.changes = new ChangeLog(n);
  }

  get count(): number {
    return this.templates.length;
  }

  /** Notes pods that were just sent to a cluster. */
  assign(cluster: ClusterIndex, shape: PodShape, count: number, nowUs: number): void {
    while (this.shapes.length <= shape.index) this.shapes.push(shape);
    this.shapes[shape.index] = shape;
    this.subtract(cluster, shape, count);
    this.sent[cluster]!.add(nowUs, shape.index, count);
    this.changes.add(cluster);
  }

  /** Sets whether a cluster answers. */
  answers(cluster: ClusterIndex, isUp: boolean): void {
    this.isUp[cluster] = isUp ? 1 : 0;
    this.changes.add(cluster);
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
    this.changes.add(cluster);
  }

  /**
   * Sets every published quantity of a cluster, to be followed by {@link settle}.
   *
   * @param quantities from `first` on free, allocatable and elastic of each resource, then of GPU thousandths
   * @returns true if the cluster gained: any allocatable or elastic is more than before
   */
  publishAll(cluster: ClusterIndex, quantities: Float64Array, first: number): boolean {
    const resources = this.free.length;
    let hasGained = false;
    for (let r = 0; r <= resources; r++) {
      const isGpu = r === resources;
      const allocatables = isGpu ? this.gpuAllocatableMilli : this.allocatable[r]!;
      const elastics = isGpu ? this.gpuElasticMilli : this.elastic[r]!;
      const allocatable = quantities[first + 3 * r + 1]!;
      const elastic = quantities[first + 3 * r + 2]!;
      if (allocatable > allocatables[cluster]! || elastic > elastics[cluster]!) hasGained = true;
      (isGpu ? this.gpuFreeMilli : this.free[r]!)[cluster] = quantities[first + 3 * r]!;
      allocatables[cluster] = allocatable;
      elastics[cluster] = elastic;
    }
    return hasGained;
  }

  /** After all quantities of a summary are set: subtracts again what arrived after it was published. */
  settle(cluster: ClusterIndex, publishedAtUs: number, pending: number): void {
    this.pending[cluster] = pending;
    const sent = this.sent[cluster]!;
    sent.forgetUntil(publishedAtUs - this.latencyUs);
    for (let i = 0; i < sent.length; i++) {
      this.subtract(cluster, this.shapes[sent.shape(i)]!, sent.pods(i));
    }
    this.changes.add(cluster);
  }

  private subtract(cluster: ClusterIndex, shape: PodShape, count: number): void {
    const { requests } = shape;
    for (let r = 0; r < requests.length; r++) this.free[r]![cluster]! -= requests[r]! * count;
    this.gpuFreeMilli[cluster]! -= shape.gpuCount * shape.gpuMilliPerDevice * count;
    this.pending[cluster]! += count;
  }

  /** True if some kind of node of the cluster takes the shape when empty. */
  canHost(shape: PodShape, cluster: ClusterIndex): boolean {
    while (this.hosts.length <= shape.index) this.hosts.push(new Int8Array(this.count).fill(-1));
    const known = this.hosts[shape.index]!;
    if (known[cluster] === -1) this.learnHost(known, shape, cluster);
    return known[cluster] === 1;
  }

  private learnHost(known: Int8Array, shape: PodShape, cluster: ClusterIndex): void {
    known[cluster] = this.templates[cluster]!.some((t) => holds(t, shape)) ? 1 : 0;
  }

  /** How many more pods of a shape the summary leaves room for; 0 for a lost cluster or one that cannot host it. */
  room(shape: PodShape, cluster: ClusterIndex, withElastic: boolean): number {
    if (this.isUp[cluster] === 0 || !this.canHost(shape, cluster)) return 0;
    const { requests } = shape;
    let most = Number.POSITIVE_INFINITY;
    for (let r = 0; r < requests.length; r++) {
      const request = requests[r]!;
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
