import { assert } from '../base/assert.ts';
import {
  asNode,
  asPod,
  asShape,
  CPU,
  MEMORY,
  NONE,
  type NodeIndex,
  type PodIndex,
  type ResourceIndex,
} from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import type { Cluster, ClusterMirror } from './cluster.ts';
import { KubeFleet, type KubeFleetParts } from './kube-fleet.ts';
import { PodLists } from './kube-pod-lists.ts';
import { PodRing } from './kube-pod-log.ts';
import { kubeOf } from './kube-pods.ts';
import { NodeRecords } from './kube-records.ts';
import { KubeStorage, type StorageObjects } from './kube-storage.ts';
import { TentativeNode, type TentativePod } from './kube-tentative.ts';
import {
  type FrameworkNodes,
  type PlacedPod,
  POD_PLACED,
  POD_REMOVED,
  POD_TERMINATED,
  POD_TERMINATING,
} from './kube-view.ts';
import type { VolumesView } from './kube-volumes.ts';
import type { PodShape } from './shapes.ts';
import { UP } from './view.ts';

/** What a cluster's Kubernetes side is made of. */
export interface KubeNodesParts extends KubeFleetParts {
  /** Labels of namespaces by name. */
  readonly namespaces: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Claims, volumes and classes; absent where the scenario declares none. */
  readonly storage?: StorageObjects;
  /** All nodes in the order in which they were added to the cluster; absent is node order. */
  readonly order?: readonly NodeIndex[];
}

/** What scores count of a pod on its node, in grains. */
interface NonZero {
  readonly cpu: number;
  readonly memory: number;
}

/**
 * A cluster's nodes as Kubernetes' scheduler sees them: classes, node list, pods in list order, sums for scores, and a
 * log of changed nodes, so that caches ask again only where something changed.
 *
 * *Guarantees*: the cluster keeps it current by itself once it is the cluster's mirror; the list changes only in `refresh`.
 * *Price*: about 90 bytes a node and 8 a pod slot; O(resources) a placement.
 */
export class KubeNodes extends KubeFleet implements FrameworkNodes, ClusterMirror {
  readonly resources: FrameworkNodes['resources'];
  readonly allocatable: FrameworkNodes['allocatable'];
  readonly podLog: PodRing;
  readonly volumes?: VolumesView;
  /** What is tried on one node; see `tryOn`. */
  readonly tentative: TentativeNode;
  /** Node of `tentative` while something is tried, else -1: here for speed. */
  private trying: number = NONE;
  private readonly cluster: Cluster;
  private readonly parts: KubeNodesParts;
  private readonly freeColumns: Cluster['nodes']['free'];
  private readonly lists: PodLists;
  /** What resource filters and scores read of the nodes. */
  readonly records: NodeRecords;
  /** By node, cpu then memory: sums of the non-zero requests of its pods, in grains. */
  private readonly nonZero: Float64Array;
  private readonly nonZeroOfShape: (NonZero | undefined)[] = [];
  private readonly kubes: (KubePod | undefined)[] = [];
  private readonly placed: number[] = [];
  private readonly placedOrder: PodShape[] = [];
  private readonly visitors: { -readonly [K in keyof PlacedPod]: PlacedPod[K] }[] = [];
  private depth = 0;

  /** Reads a cluster's nodes, in the order given, and the pods that are on them; becomes its mirror. */
  constructor(parts: KubeNodesParts) {
    super(parts);
    const { cluster } = parts;
    this.parts = parts;
    this.cluster = cluster;
    const { slots } = this;
    this.resources = cluster.resources;
    this.allocatable = cluster.nodes.allocatable;
    this.freeColumns = cluster.nodes.free;
    this.podLog = new PodRing(slots, { at: (shape) => cluster.shape(shape) });
    this.lists = new PodLists(slots, cluster.pods.capacity);
    this.nonZero = new Float64Array(2 * slots);
    this.records = new NodeRecords(cluster, this.nonZero);
    this.tentative = new TentativeNode(cluster, this.nonZero, (pod) => this.nonZeroFor(pod.shape));
    for (let i = 0; i < slots; i++) {
      const n = parts.order?.[i] ?? asNode(i);
      this.setExists(n, cluster.nodes.state[n]! >= UP);
      this.adoptPods(n);
    }
    if (parts.storage !== undefined) this.volumes = new KubeStorage(parts.storage, this);
    this.refresh();
    cluster.mirror = this;
  }

  /** Pods that were there before, oldest first. */
  private adoptPods(n: NodeIndex): void {
    const pods: PodIndex[] = [];
    this.cluster.forEachPod(n, (p) => pods.push(p));
    for (const p of pods.reverse()) this.podPlaced(p, n);
  }

  // -- What the cluster tells -------------------------------------------------------------------------------------------

  podPlaced(p: PodIndex, n: NodeIndex): void {
    const shape = this.cluster.pods.shape(p);
    const nonZero = this.nonZeroOfShape[shape] ?? this.learn(shape);
    this.lists.add(p, n);
    this.nonZero[2 * n]! += nonZero.cpu;
    this.nonZero[2 * n + 1]! += nonZero.memory;
    this.placed[shape]!++;
    this.podLog.add(POD_PLACED, n, shape);
    this.bump(n);
  }

  podRemoved(p: PodIndex, n: NodeIndex): void {
    const shape = this.cluster.pods.shape(p);
    const nonZero = this.nonZeroOfShape[shape]!;
    const kind = this.lists.isTerminating(p) ? POD_TERMINATED : POD_REMOVED;
    this.lists.remove(p, n);
    this.nonZero[2 * n]! -= nonZero.cpu;
    this.nonZero[2 * n + 1]! -= nonZero.memory;
    this.placed[shape]!--;
    this.podLog.add(kind, n, shape);
    this.bump(n);
  }

  protected override bump(n: NodeIndex): void {
    super.bump(n);
    const i = this.positionOf[n]!;
    if (i !== NONE) this.records.write(i, n, this.classAt[i]!);
  }

  override refresh(): void {
    const { epoch } = this;
    super.refresh();
    if (this.epoch === epoch) return;
    for (let i = 0; i < this.listed; i++) {
      this.records.begin(i, asNode(this.list[i]!), this.classAt[i]!);
    }
  }

  stateChanged(n: NodeIndex, state: number): void {
    this.setExists(n, state >= UP);
    this.bump(n);
  }

  /** Gives a pod on a node its deletion timestamp. */
  terminate(p: PodIndex): void {
    if (this.lists.isTerminating(p)) return;
    const n = asNode(this.cluster.pods.node(p));
    this.lists.terminate(p);
    this.podLog.add(POD_TERMINATING, n, this.cluster.pods.shape(p));
    this.bump(n);
  }

  /** True from the pod's deletion timestamp on; only for pods on nodes. */
  isTerminating(p: PodIndex): boolean {
    return this.lists.isTerminating(p);
  }

  private learn(shape: number): NonZero {
    const full = this.cluster.shape(asShape(shape));
    while (this.placed.length <= shape) {
      this.placed.push(0);
      this.nonZeroOfShape.push(undefined);
    }
    this.placedOrder.push(full);
    const nonZero = this.nonZeroFor(full);
    this.nonZeroOfShape[shape] = nonZero;
    return nonZero;
  }

  private nonZeroFor(shape: PodShape): NonZero {
    const { cpuMillicores, memoryBytes } = this.kubeOf(shape).nonZeroPlaced;
    const cpu = cpuMillicores / this.resources.all[CPU]!.grain;
    const memory = memoryBytes / this.resources.all[MEMORY]!.grain;
    assert(
      Number.isSafeInteger(cpu) && Number.isSafeInteger(memory),
      `non-zero requests of shape ${shape.index} are no whole number of grains`,
    );
    return { cpu, memory };
  }

  // -- What plug-ins ask ------------------------------------------------------------------------------------------------

  free(n: NodeIndex, r: ResourceIndex): number {
    return n === this.trying ? this.tentative.free[r]! : this.freeColumns[r]![n]!;
  }

  nonZeroCpu(n: NodeIndex): number {
    return n === this.trying ? this.tentative.nonZeroCpu : this.nonZero[2 * n]!;
  }

  nonZeroMemory(n: NodeIndex): number {
    return n === this.trying ? this.tentative.nonZeroMemory : this.nonZero[2 * n + 1]!;
  }

  freeDevices(n: NodeIndex, shape: PodShape): number {
    if (!this.hasModel(n, shape)) return 0;
    const { nodes } = this.cluster;
    const count = nodes.gpuCount[n]!;
    const offset = nodes.gpuOffset[n]!;
    let free = 0;
    for (let i = 0; i < count; i++) {
      const milli =
        n === this.trying ? this.tentative.deviceFreeMilli[i]! : nodes.deviceFreeMilli[offset + i]!;
      if (milli >= shape.gpuMilliPerDevice) free++;
    }
    return free;
  }

  devices(n: NodeIndex, shape: PodShape): number {
    return this.hasModel(n, shape) ? this.cluster.nodes.gpuCount[n]! : 0;
  }

  private hasModel(n: NodeIndex, shape: PodShape): boolean {
    const { gpuCount, gpuModel } = this.cluster.nodes;
    if (gpuCount[n] === 0) return false;
    if (shape.gpuModels.length === 0) return true;
    return shape.gpuModels.includes(this.cluster.gpuModels[gpuModel[n]!]!);
  }

  podCount(n: NodeIndex): number {
    return n === this.trying ? this.tentative.pods.length : this.cluster.nodes.podCount[n]!;
  }

  forEachPod(n: NodeIndex, visit: (pod: PlacedPod) => void): void {
    if (n === this.trying) {
      for (const pod of this.tentative.pods) visit(pod);
      return;
    }
    // A visit may visit another node: each depth has its own object.
    const depth = this.depth++;
    const pod = this.visitors[depth] ?? this.newVisitor();
    const { lists } = this;
    for (let p = lists.first(n); p !== NONE; p = lists.next(p)) {
      pod.id = p;
      pod.shape = this.cluster.shape(asShape(this.cluster.pods.shape(p)));
      pod.kube = this.kubeOf(pod.shape);
      pod.isTerminating = lists.isTerminating(p);
      visit(pod);
    }
    this.depth = depth;
  }

  private newVisitor(): (typeof this.visitors)[number] {
    const visitor = {
      id: 0,
      shape: undefined as unknown as PodShape,
      kube: undefined as unknown as KubePod,
      isTerminating: false,
    };
    this.visitors.push(visitor);
    return visitor;
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.parts.namespaces.get(namespace) ?? NO_LABELS;
  }

  kubeOf(shape: PodShape): KubePod {
    let kube = this.kubes[shape.index];
    if (kube === undefined) {
      kube = kubeOf(shape, this.resources);
      while (this.kubes.length < shape.index) this.kubes.push(undefined);
      this.kubes[shape.index] = kube;
    }
    return kube;
  }

  forEachShape(visit: (shape: PodShape, pods: number) => void): void {
    for (const shape of this.placedOrder) {
      const pods = this.placed[shape.index]!;
      if (pods > 0) visit(shape, pods);
    }
  }

  // -- Dry runs ---------------------------------------------------------------------------------------------------------

  /** Begins to try changes on one node; all methods see them until `endTry`. The cluster's columns stay as they are. */
  tryOn(n: NodeIndex): TentativeNode {
    const pods: TentativePod[] = [];
    this.forEachPod(n, (pod) => {
      pods.push({ ...pod, devices: this.cluster.pods.devices(asPod(pod.id)) });
    });
    this.tentative.begin(n, pods);
    this.trying = n;
    return this.tentative;
  }

  /** Forgets what was tried. */
  endTry(): void {
    this.tentative.end();
    this.trying = NONE;
  }

  /** Bytes of all columns. */
  get bytes(): number {
    const sums = this.nonZero.byteLength + this.records.words.byteLength;
    return this.fleetBytes + this.lists.bytes + this.podLog.bytes + sums;
  }
}

const NO_LABELS: Readonly<Record<string, string>> = {};
