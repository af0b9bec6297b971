import type { Toleration } from '../base/constraints.ts';
import type { ShapeIndex } from '../base/ids.ts';
import { asShape } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';

/**
 * What the scheduler may know of a pod: requests, constraints and priority. Pods of equal shape are interchangeable to
 * every pure policy; scores are cached per shape.
 */
export interface PodShape {
  readonly index: ShapeIndex;
  /** Requests by resource index, in grains of that resource (see `model/resources.ts`); pods is always 1. */
  readonly requests: readonly number[];
  /** Whole or shared devices: 0 none; with `gpuMilliPerDevice < 1000` always 1. */
  readonly gpuCount: number;
  /** Thousandths of each device; 1000 = exclusive. */
  readonly gpuMilliPerDevice: number;
  /** Allowed GPU models by name, sorted; empty allows any. */
  readonly gpuModels: readonly string[];
  /** Required pool labels, `key=value` pairs sorted by key. */
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
  readonly tolerations: readonly Toleration[];
  /** Higher goes first; Kubernetes' int32. */
  readonly priority: number;
  /** Name of the priority class, the label `class` of metrics; `default` if none is given. */
  readonly priorityClass: string;
  /** What only Kubernetes reads; absent for a pod that asks for nothing but the above. */
  readonly kube?: KubePod;
}

/** All that makes a shape, without its index. */
export type PodShapeSpec = Omit<PodShape, 'index'>;

/**
 * Interns pod shapes: equal specifications get one index, in order of first sight.
 *
 * *Cost*: one string key per call; readers of traces keep their own small cache in front where rows repeat.
 */
export class ShapeTable {
  private readonly shapes: PodShape[] = [];
  private readonly byKey = new Map<string, PodShape>();

  get count(): number {
    return this.shapes.length;
  }

  at(shape: ShapeIndex): PodShape {
    return this.shapes[shape]!;
  }

  intern(spec: PodShapeSpec): PodShape {
    const key = JSON.stringify([
      spec.requests,
      spec.gpuCount,
      spec.gpuMilliPerDevice,
      spec.gpuModels,
      spec.nodeSelector,
      spec.tolerations,
      spec.priority,
      spec.priorityClass,
      spec.kube,
    ]);
    let shape = this.byKey.get(key);
    if (shape === undefined) {
      shape = { ...spec, index: asShape(this.shapes.length) };
      this.shapes.push(shape);
      this.byKey.set(key, shape);
    }
    return shape;
  }
}
