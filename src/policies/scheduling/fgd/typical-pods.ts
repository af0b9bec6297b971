/** Typical pods: the classes of pods that the fragmentation of a node is measured against. */
import type { PodShape } from '../../../model/shapes.ts';
import type { ClusterView } from '../../../model/view.ts';
import { cpuOf } from './params.ts';

/** Pods of one kind in the original list; memory does not make a kind. */
export interface PodClassCount {
  readonly cpuMillicores: number;
  /** Thousandths of each device; 0 without devices. */
  readonly gpuMilli: number;
  readonly gpuCount: number;
  /** Allowed models; empty allows any. */
  readonly gpuModels: readonly string[];
  /** How many pods of the list are of this kind. */
  readonly count: number;
}

/** A typical class and its share of the covered pods. */
export interface TypicalPod extends PodClassCount {
  /** Of (0, 1]; the weights of all typical pods sum to 1. */
  readonly weight: number;
}

/**
 * Selects the typical pods: groups equal kinds, sorts them by count descending and takes them until `coverage` of all pods is
 * reached. Weight = (count / total) / (covered / total).
 *
 * @param coverage share of the pods to cover, of (0, 1]; the study takes 0.95
 * @returns the classes, in the order in which fragmentation sums them
 *
 * *Order*: count descending, then cpu, thousandths, number of devices and models (`A|B` as text), each descending.
 * *Source*: FGD (ATC'23), section 4.
 */
export function typicalPods(pods: Iterable<PodClassCount>, coverage = 0.95): readonly TypicalPod[] {
  const groups = new Map<string, { kind: PodClassCount; spec: string; count: number }>();
  let total = 0;
  for (const pod of pods) {
    const spec = pod.gpuCount > 0 ? [...pod.gpuModels].sort().join('|') : '';
    const gpuMilli = pod.gpuCount > 0 ? pod.gpuMilli : 0;
    const key = `${pod.cpuMillicores}/${gpuMilli}/${pod.gpuCount}/${spec}`;
    const group = groups.get(key);
    total += pod.count;
    if (group !== undefined) group.count += pod.count;
    else groups.set(key, { kind: { ...pod, gpuMilli }, spec, count: pod.count });
  }
  const sorted = [...groups.values()].sort(
    (a, b) =>
      b.count - a.count ||
      b.kind.cpuMillicores - a.kind.cpuMillicores ||
      b.kind.gpuMilli - a.kind.gpuMilli ||
      b.kind.gpuCount - a.kind.gpuCount ||
      (a.spec > b.spec ? -1 : 1),
  );
  const taken: typeof sorted = [];
  let covered = 0;
  for (const group of sorted) {
    if (covered >= coverage * total) break;
    taken.push(group);
    covered += group.count;
  }
  return taken.map(({ kind, count }) => ({
    ...kind,
    count,
    weight: count / total / (covered / total),
  }));
}

/** Reads a pod shape as a class. */
export function classOfShape(shape: PodShape, count: number, cluster: ClusterView): PodClassCount {
  return {
    cpuMillicores: cpuOf(shape, cluster),
    gpuMilli: shape.gpuCount > 0 ? shape.gpuMilliPerDevice : 0,
    gpuCount: shape.gpuCount,
    gpuModels: shape.gpuModels,
    count,
  };
}
