/** Resource weights: which resources a score looks at, how much each counts, and how a node's share is read. */
import { ScenarioError } from '../../base/errors.ts';
import { CPU, MEMORY, type NodeColumn, type NodeIndex } from '../../base/ids.ts';
import { nearest } from '../../base/nearest.ts';
import { DEVICES } from '../../contracts/free-shares.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { ClusterView } from '../../model/view.ts';
import type { FieldReader } from '../params.ts';

/** Weight by resource name; `gpu` is the sum of a node's device thousandths. */
export type ResourceWeights = Readonly<Record<string, number>>;

/** The name under which the devices of a node count as one resource. */
export const GPU = 'gpu';

/** The weight of Kubernetes' scores where nothing else is asked: cpu 1, memory 1. */
export const CPU_MEMORY: ResourceWeights = { cpu: 1, memory: 1 };
/** Weights of the packing scores: cpu 1, memory 1, and gpu 1 for pods that ask for devices. */
export const CPU_MEMORY_GPU: ResourceWeights = { cpu: 1, memory: 1, gpu: 1 };

/**
 * Reads `resources: {cpu: 1, memory: 1, ...}`: whole weights of 1 to 100, as Kubernetes' scores take them.
 *
 * @param fallback the weights where the field is absent
 */
export function readWeights(fields: FieldReader, fallback: ResourceWeights): ResourceWeights {
  const raw = fields.any('resources');
  if (raw === undefined) return fallback;
  const expected = 'at least one resource with a whole weight from 1 to 100, such as {cpu: 1}';
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    fields.fail('resources', expected);
    return fallback;
  }
  const entries = Object.entries(raw as Record<string, unknown>);
  if (entries.length === 0) fields.fail('resources', expected);
  for (const [name, weight] of entries) {
    if (!Number.isInteger(weight) || (weight as number) < 1 || (weight as number) > 100) {
      fields.fail(`resources.${name}`, 'a whole weight from 1 to 100');
    }
  }
  return raw as ResourceWeights;
}

/**
 * The weighted resources of one cluster, for loops over nodes: columns are looked up once, amounts are exact integers.
 *
 * Of resources beyond cpu and memory only those that the pod asks for count, as in Kubernetes.
 */
export class WeightedResources {
  /** Entries that count for the shape of the last `select`. */
  count = 0;
  /** Per counted entry. */
  readonly weight: Float64Array;
  readonly request: Float64Array;
  readonly free: NodeColumn[] = [];
  readonly allocatable: NodeColumn[] = [];
  /** Factor from the allocatable column to the unit of the others: 1000 for device counts, else 1. */
  readonly unit: Float64Array;
  /** All that may count: resource index, or `DEVICES`. */
  readonly entries: readonly { readonly weight: number; readonly resource: number }[];

  /**
   * @throws ScenarioError if a name is not a resource of the run
   */
  constructor(weights: ResourceWeights, cluster: ClusterView) {
    const names = [...cluster.resources.all.map((r) => r.name), GPU];
    const unknown = Object.keys(weights).filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      throw new ScenarioError(
        unknown.map((name) => {
          const near = nearest(name, names);
          return {
            path: `policies.scheduling.params.resources.${name}`,
            value: name,
            expected: `a resource of this scenario: ${names.join(', ')}`,
            ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }),
          };
        }),
      );
    }
    // By resource index, devices last: the order of summing never depends on the order of the file.
    this.entries = names
      .map((name, i) => ({ weight: weights[name] ?? 0, resource: name === GPU ? DEVICES : i }))
      .filter((entry) => entry.weight > 0);
    this.weight = new Float64Array(this.entries.length);
    this.request = new Float64Array(this.entries.length);
    this.unit = new Float64Array(this.entries.length);
  }

  /** Takes up the resources that count for a shape; valid until the next call. */
  select(shape: PodShape, cluster: ClusterView): void {
    const { nodes } = cluster;
    this.count = 0;
    for (const entry of this.entries) {
      const isGpu = entry.resource < 0;
      const request = isGpu
        ? shape.gpuCount * shape.gpuMilliPerDevice
        : (shape.requests[entry.resource] ?? 0);
      if (request === 0 && entry.resource !== CPU && entry.resource !== MEMORY) continue;
      const i = this.count++;
      this.weight[i] = entry.weight;
      this.request[i] = request;
      this.unit[i] = isGpu ? 1000 : 1;
      this.free[i] = isGpu ? nodes.gpuFreeMilli : nodes.free[entry.resource]!;
      this.allocatable[i] = isGpu ? nodes.gpuCount : nodes.allocatable[entry.resource]!;
    }
  }

  /** Allocatable of entry `i` on a node, in the unit of its free column. */
  allocatableOf(i: number, n: NodeIndex): number {
    return this.allocatable[i]![n]! * this.unit[i]!;
  }
}
