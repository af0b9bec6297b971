import { poolRefusal } from '../base/constraints.ts';
import { asNode, CPU, MEMORY, type NodeIndex, type NodeList, PODS } from '../base/ids.ts';
import type { NodeFilter, PodAttempt } from '../contracts/scheduling.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, OFF, UP } from '../model/view.ts';

/** Why no node took a pod, and whether waiting can help. */
export interface Refusal {
  /** The reason that removed the most nodes; *order* of ties: as the filters run. */
  readonly reason: string;
  /** `never`: no event that the cluster can produce lifts it; `not-now`: capacity may come. */
  readonly verdict: 'not-now' | 'never';
}

/** What of a shape never changes in a run: which pools and GPU models may take it. */
interface ShapeFacts {
  readonly poolOk: Uint8Array;
  /** Per pool the reason of its refusal, '' if it is fine. */
  readonly poolReason: readonly string[];
  readonly modelOk: Uint8Array;
}

/**
 * The filters that every profile has, in their order: node is up, selector and taints of its pool, GPU model, resource fit,
 * devices; then the profile's own.
 *
 * *Cost*: O(count x requested resources) a batch; pools and models are looked up in a table per shape.
 */
export class Feasibility {
  private readonly cluster: ClusterView;
  private readonly filters: readonly NodeFilter[];
  private readonly facts: ShapeFacts[] = [];
  /** Reason labels by code: the constants below, one per resource, one per filter. */
  private readonly reasons: readonly string[];
  private readonly counts: Int32Array;
  private readonly firstFilter: number;

  constructor(cluster: ClusterView, filters: readonly NodeFilter[]) {
    this.cluster = cluster;
    this.filters = filters;
    this.reasons = [
      ...FIXED_REASONS,
      ...cluster.resources.all.map((resource) => `insufficient-${resource.name}`),
      ...filters.map((filter) => filter.reason),
    ];
    this.counts = new Int32Array(this.reasons.length);
    this.firstFilter = FIRST_RESOURCE + cluster.resources.count;
  }

  /** Keeps the feasible ones of `candidates[0..count)`, compacted to the front in order; returns how many. */
  keep(pod: PodAttempt, candidates: NodeList, count: number): number {
    let kept = this.keepFitting(pod.shape, candidates, count);
    for (const filter of this.filters) {
      if (kept === 0) return 0;
      kept = filter.keep(pod, candidates, kept, this.cluster);
    }
    return kept;
  }

  /** True if resources, devices and pool of one node allow the shape now; the profile's own filters are not asked. */
  fits(shape: PodShape, n: NodeIndex): boolean {
    SINGLE[0] = n;
    return this.keepFitting(shape, SINGLE, 1) === 1;
  }

  /** True if the node could take the shape when empty. */
  couldFit(shape: PodShape, n: NodeIndex): boolean {
    const { nodes } = this.cluster;
    const facts = this.factsOf(shape);
    if (facts.poolOk[nodes.pool[n]!] === 0) return false;
    for (let r = 0; r < shape.requests.length; r++) {
      if (shape.requests[r]! > nodes.allocatable[r]![n]!) return false;
    }
    if (shape.gpuCount === 0) return true;
    return nodes.gpuCount[n]! >= shape.gpuCount && facts.modelOk[nodes.gpuModel[n]!] === 1;
  }

  /** How many pods of a shape the cluster could hold if every node were empty: an upper bound, O(nodes). */
  capacityFor(shape: PodShape): number {
    const { nodes } = this.cluster;
    let pods = 0;
    for (let n = asNode(0); n < nodes.count; n++) {
      if (!this.couldFit(shape, n)) continue;
      let most = Number.POSITIVE_INFINITY;
      for (let r = 0; r < shape.requests.length; r++) {
        const request = shape.requests[r]!;
        if (request > 0) most = Math.min(most, Math.floor(nodes.allocatable[r]![n]! / request));
      }
      if (shape.gpuCount > 0) {
        const perDevice = Math.floor(1000 / shape.gpuMilliPerDevice);
        most = Math.min(most, Math.floor((nodes.gpuCount[n]! * perDevice) / shape.gpuCount));
      }
      pods += most;
    }
    return pods;
  }

  private keepFitting(shape: PodShape, candidates: NodeList, count: number): number {
    const { nodes } = this.cluster;
    const { state, pool } = nodes;
    const { poolOk } = this.factsOf(shape);
    const cpuFree = nodes.free[CPU]!;
    const memoryFree = nodes.free[MEMORY]!;
    const podsFree = nodes.free[PODS]!;
    const cpu = shape.requests[CPU]!;
    const memory = shape.requests[MEMORY]!;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      if (
        state[n] === UP &&
        cpuFree[n]! >= cpu &&
        memoryFree[n]! >= memory &&
        podsFree[n]! >= 1 &&
        poolOk[pool[n]!] === 1
      ) {
        candidates[kept++] = n;
      }
    }
    for (let r = PODS + 1; r < shape.requests.length; r++) {
      if (shape.requests[r]! > 0) kept = this.keepExtended(shape, r, candidates, kept);
    }
    return shape.gpuCount > 0 ? this.keepDevices(shape, candidates, kept) : kept;
  }

  private keepExtended(shape: PodShape, r: number, candidates: NodeList, count: number): number {
    const free = this.cluster.nodes.free[r]!;
    const request = shape.requests[r]!;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      if (free[n]! >= request) candidates[kept++] = n;
    }
    return kept;
  }

  private keepDevices(shape: PodShape, candidates: NodeList, count: number): number {
    const { nodes } = this.cluster;
    const { modelOk } = this.factsOf(shape);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      const model = nodes.gpuModel[n]!;
      if (model >= 0 && modelOk[model] === 1 && devicesFit(shape, n, this.cluster)) {
        candidates[kept++] = n;
      }
    }
    return kept;
  }

  /** Explains why no node takes the pod: O(nodes), for pods that were refused. */
  explain(pod: PodAttempt): Refusal {
    const { nodes } = this.cluster;
    const { counts } = this;
    counts.fill(0);
    let hope = false;
    for (let n = asNode(0); n < nodes.count; n++) {
      const code = this.reasonOf(pod, n);
      counts[code]!++;
      // A node with no reason takes one pod: a gang was refused for its size.
      const isFinal = code > NO_REASON && code < NOT_THERE;
      if (!hope && !isFinal && this.canHope(code)) hope = this.couldFit(pod.shape, n);
    }
    let best = NO_REASON;
    for (let code = NO_REASON + 1; code < counts.length; code++) {
      if (counts[code]! > (best === NO_REASON ? 0 : counts[best]!)) best = code;
    }
    return { reason: this.reasons[best]!, verdict: hope ? 'not-now' : 'never' };
  }

  /** True if an event may lift the reason. */
  private canHope(code: number): boolean {
    const filter = this.filters[code - this.firstFilter];
    return filter === undefined || filter.wakes.length > 0;
  }

  /** The first reason against one node, in the order of the filters; the empty string if there is none. */
  reasonAt(pod: PodAttempt, n: NodeIndex): string {
    const code = this.reasonOf(pod, n);
    return code === NO_REASON ? '' : this.reasons[code]!;
  }

  /** Code of the first reason against one node, in the order of the filters. */
  private reasonOf(pod: PodAttempt, n: NodeIndex): number {
    const { shape } = pod;
    const { nodes } = this.cluster;
    const facts = this.factsOf(shape);
    const pool = nodes.pool[n]!;
    if (facts.poolOk[pool] === 0) return facts.poolReason[pool] === 'taint' ? TAINT : SELECTOR;
    if (shape.gpuCount > 0) {
      const model = nodes.gpuModel[n]!;
      if (model < 0) return NO_GPU;
      if (facts.modelOk[model] === 0) return GPU_MODEL;
    }
    if (nodes.state[n] !== UP) return nodes.state[n] === OFF ? NOT_THERE : NOT_READY;
    for (let r = 0; r < shape.requests.length; r++) {
      if (shape.requests[r]! > nodes.free[r]![n]!) return FIRST_RESOURCE + r;
    }
    if (shape.gpuCount > 0 && !devicesFit(shape, n, this.cluster)) return GPU_FULL;
    for (let f = 0; f < this.filters.length; f++) {
      SINGLE[0] = n;
      if (this.filters[f]!.keep(pod, SINGLE, 1, this.cluster) === 0) return this.firstFilter + f;
    }
    return NO_REASON;
  }

  private factsOf(shape: PodShape): ShapeFacts {
    return this.facts[shape.index] ?? this.learn(shape);
  }

  private learn(shape: PodShape): ShapeFacts {
    const poolReason = this.cluster.pools.map((pool) => poolRefusal(shape, pool));
    const facts = {
      poolOk: Uint8Array.from(poolReason, (reason) => (reason === '' ? 1 : 0)),
      poolReason,
      modelOk: Uint8Array.from(this.cluster.gpuModels, (model) =>
        shape.gpuModels.length === 0 || shape.gpuModels.includes(model) ? 1 : 0,
      ),
    };
    // Filled densely, so that the lookup stays an array read.
    while (this.facts.length < shape.index) this.facts.push(EMPTY_FACTS);
    this.facts[shape.index] = facts;
    return facts;
  }
}

/** True if the node's free devices can take the shape: enough whole ones, or one with enough left. */
export function devicesFit(shape: PodShape, n: NodeIndex, cluster: ClusterView): boolean {
  const { nodes } = cluster;
  if (shape.gpuMilliPerDevice === 1000) return nodes.gpuWholeFree[n]! >= shape.gpuCount;
  const base = nodes.gpuOffset[n]!;
  const end = base + nodes.gpuCount[n]!;
  for (let d = base; d < end; d++) {
    if (nodes.deviceFreeMilli[d]! >= shape.gpuMilliPerDevice) return true;
  }
  return false;
}

/** Codes of the reasons that are the same everywhere; those below `NOT_THERE` never change. */
const NO_REASON = 0;
const SELECTOR = 1;
const TAINT = 2;
const NO_GPU = 3;
const GPU_MODEL = 4;
const NOT_THERE = 5;
const NOT_READY = 6;
const GPU_FULL = 7;
const FIRST_RESOURCE = 8;
const FIXED_REASONS = [
  'no-node',
  'node-selector',
  'taint',
  'insufficient-gpu',
  'gpu-model',
  'node-not-booted',
  'node-not-ready',
  'insufficient-gpu',
];

const SINGLE = [asNode(0)] as unknown as NodeList;
const EMPTY_FACTS = undefined as unknown as ShapeFacts;
