/**
 * Declared terms: scores of (pod shape, node state) that profiles are composed of.
 *
 * All are pure, depend on the node alone and lie in 0..100 for a node that fits, so that weights mean the same for each.
 */
import type { NodeList } from '../../base/ids.ts';
import { type FreeShares, meanOfShares, shareOf } from '../../contracts/free-shares.ts';
import type { NodeScore, PodAttempt } from '../../contracts/scheduling.ts';
import type { ClusterView } from '../../model/view.ts';
import { type ResourceWeights, WeightedResources } from './weights.ts';

/** The nodes that a term rates and where it adds `weight` times its rate. */
interface Rated {
  readonly nodes: NodeList;
  readonly count: number;
  readonly scores: Float64Array;
  readonly weight: number;
}

/**
 * Rates nodes by their weighted resources, taken up by `select`. Each term has a loop of its own: a rate that a loop gets from
 * a function it does not know is a number on the heap.
 */
type Term = (resources: WeightedResources, rated: Rated) => void;

/** A term over weighted resources. */
class ResourceScore implements NodeScore {
  readonly name: string;
  readonly dependsOn = 'own-node';
  readonly risesWithFree: boolean;
  readonly freeShares: FreeShares | undefined;
  private readonly resources: WeightedResources;
  private readonly term: Term;

  constructor(
    name: string,
    rises: boolean | { readonly isWhole: boolean },
    resources: WeightedResources,
    term: Term,
  ) {
    this.name = name;
    this.risesWithFree = rises !== false;
    this.freeShares =
      typeof rises === 'object' ? { ...rises, entries: resources.entries } : undefined;
    this.resources = resources;
    this.term = term;
  }

  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void {
    this.resources.select(pod.shape, cluster);
    this.term(this.resources, { nodes: candidates, count, scores, weight });
  }
}

/**
 * Makes Kubernetes' LeastAllocated: per resource `floor((allocatable - requested) * 100 / allocatable)`, requested including
 * the pod; then `floor(sum(score * weight) / sum(weight))`. Higher is emptier.
 *
 * Resources of which the node has none do not count; of those beyond cpu and memory only those the pod asks for. Amounts
 * are exact integers (grains), so the score is the same for every grain.
 *
 * *Source*: Kubernetes, noderesources/least_allocated.
 */
export function leastAllocated(weights: ResourceWeights, cluster: ClusterView): NodeScore {
  const resources = new WeightedResources(weights, cluster);
  return new ResourceScore('least-allocated', { isWhole: true }, resources, addLeastAllocated);
}

function addLeastAllocated(
  resources: WeightedResources,
  { nodes, count, scores, weight }: Rated,
): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * leastAllocatedOf(resources, nodes[i]!);
}

function leastAllocatedOf(resources: WeightedResources, n: NodeList[number]): number {
  let total = 0;
  let weights = 0;
  for (let i = 0; i < resources.count; i++) {
    const allocatable = resources.allocatableOf(i, n);
    if (allocatable === 0) continue;
    const left = resources.free[i]![n]! - resources.request[i]!;
    const weight = resources.weight[i]!;
    weights += weight;
    if (left > 0) total += shareOf(true, weight, left, allocatable);
  }
  return meanOfShares(true, total, weights);
}

/**
 * Makes Kubernetes' MostAllocated: per resource `floor(min(requested, allocatable) * 100 / allocatable)`, requested including
 * the pod; then `floor(sum(score * weight) / sum(weight))`. Higher is fuller.
 *
 * The same resources count as for {@link leastAllocated}.
 *
 * *Source*: Kubernetes, noderesources/most_allocated.
 */
export function mostAllocated(weights: ResourceWeights, cluster: ClusterView): NodeScore {
  const resources = new WeightedResources(weights, cluster);
  return new ResourceScore('most-allocated', false, resources, addMostAllocated);
}

function addMostAllocated(
  resources: WeightedResources,
  { nodes, count, scores, weight }: Rated,
): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * mostAllocatedOf(resources, nodes[i]!);
}

function mostAllocatedOf(resources: WeightedResources, n: NodeList[number]): number {
  let total = 0;
  let weights = 0;
  for (let i = 0; i < resources.count; i++) {
    const allocatable = resources.allocatableOf(i, n);
    if (allocatable === 0) continue;
    const requested = allocatable - resources.free[i]![n]! + resources.request[i]!;
    const weight = resources.weight[i]!;
    weights += weight;
    total += weight * Math.floor((Math.min(requested, allocatable) * 100) / allocatable);
  }
  return weights === 0 ? 0 : Math.floor(total / weights);
}

/** 100 * weighted mean of (free - request) / allocatable: what a node would have left, in doubles, not rounded. */
function leftOverOf(resources: WeightedResources, n: NodeList[number]): number {
  let total = 0;
  let weights = 0;
  for (let i = 0; i < resources.count; i++) {
    const allocatable = resources.allocatableOf(i, n);
    if (allocatable === 0) continue;
    const weight = resources.weight[i]!;
    weights += weight;
    total += shareOf(false, weight, resources.free[i]![n]! - resources.request[i]!, allocatable);
  }
  return meanOfShares(false, total, weights);
}

function addLeftOver(resources: WeightedResources, { nodes, count, scores, weight }: Rated): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * leftOverOf(resources, nodes[i]!);
}

function addBestFit(resources: WeightedResources, { nodes, count, scores, weight }: Rated): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * (100 - leftOverOf(resources, nodes[i]!));
}

/**
 * Makes the best-fit score: `100 - 100 * sum(weight * (free - request) / allocatable) / sum(weight)`. The fullest node after
 * placing wins; ratios are doubles, summed in the order cpu, memory, extended by name, gpu.
 */
export function bestFit(weights: ResourceWeights, cluster: ClusterView): NodeScore {
  const resources = new WeightedResources(weights, cluster);
  return new ResourceScore('best-fit', false, resources, addBestFit);
}

/**
 * Makes the worst-fit score: `100 * sum(weight * (free - request) / allocatable) / sum(weight)`. The emptiest node after
 * placing wins. It is {@link leastAllocated} without rounding, and with devices.
 */
export function worstFit(weights: ResourceWeights, cluster: ClusterView): NodeScore {
  const resources = new WeightedResources(weights, cluster);
  return new ResourceScore('worst-fit', { isWhole: false }, resources, addLeftOver);
}

/**
 * Makes the alignment score: `100 * sum(weight * (request / allocatable) * (free / allocatable)) / sum(weight)`, free before
 * placing. The node whose free resources point the way of the demand wins. `fgd/dot-product` is another policy.
 *
 * *Source*: Tetris (SIGCOMM'14), section 3.2.
 */
export function dotProduct(weights: ResourceWeights, cluster: ClusterView): NodeScore {
  const resources = new WeightedResources(weights, cluster);
  return new ResourceScore('dot-product', true, resources, addDotProduct);
}

function addDotProduct(
  resources: WeightedResources,
  { nodes, count, scores, weight }: Rated,
): void {
  for (let i = 0; i < count; i++) scores[i]! += weight * dotProductOf(resources, nodes[i]!);
}

function dotProductOf(resources: WeightedResources, n: NodeList[number]): number {
  let total = 0;
  let weights = 0;
  for (let i = 0; i < resources.count; i++) {
    const allocatable = resources.allocatableOf(i, n);
    if (allocatable === 0) continue;
    const weight = resources.weight[i]!;
    weights += weight;
    total +=
      weight * (resources.request[i]! / allocatable) * (resources.free[i]![n]! / allocatable);
  }
  return weights === 0 ? 0 : (100 * total) / weights;
}

/** A declared term as `profile` finds it by name. */
export interface DeclaredTerm {
  readonly make: (weights: ResourceWeights, cluster: ClusterView) => NodeScore;
  /** Weights where the scenario gives none. */
  readonly resources: ResourceWeights;
}
