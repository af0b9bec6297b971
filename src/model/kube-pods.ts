import { CPU, MEMORY } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import type { ResourceTable } from './resources.ts';
import type { PodShape } from './shapes.ts';

/** What a container that names no cpu counts for in scores. */
export const DEFAULT_CPU_MILLICORES = 100;
/** What a container that names no memory counts for in scores: 200 Mi. */
export const DEFAULT_MEMORY_BYTES = 209715200;
/** Seconds of grace that a pod gets unless it says otherwise, in microseconds. */
export const DEFAULT_GRACE_US = 30_000_000;

/**
 * Gives what Kubernetes reads of a shape: its own, or that of a pod of one container without labels in the namespace
 * `default`, which names the resources of which it requests some.
 *
 * *Cost*: a lookup after the first call for a shape.
 *
 * *Source*: Kubernetes v1.34 API defaults; non-zero requests of the scheduler.
 */
export function kubeOf(shape: PodShape, resources: ResourceTable): KubePod {
  if (shape.kube !== undefined) return shape.kube;
  let kube = defaults.get(shape);
  if (kube === undefined) {
    kube = defaultOf(shape, resources);
    defaults.set(shape, kube);
  }
  return kube;
}

const defaults = new WeakMap<PodShape, KubePod>();

function defaultOf(shape: PodShape, resources: ResourceTable): KubePod {
  const nonZero = {
    cpuMillicores: shape.requests[CPU]! * resources.all[CPU]!.grain || DEFAULT_CPU_MILLICORES,
    memoryBytes: shape.requests[MEMORY]! * resources.all[MEMORY]!.grain || DEFAULT_MEMORY_BYTES,
  };
  return {
    namespace: 'default',
    labels: {},
    schedulerName: 'default-scheduler',
    nodeName: null,
    nodeAffinity: null,
    podAffinity: null,
    podAntiAffinity: null,
    spread: [],
    defaultSpreadSelector: null,
    hostPorts: [],
    images: [],
    containers: 1,
    volumes: [],
    preemptionPolicy: 'PreemptLowerPriority',
    schedulingGates: [],
    terminationGraceUs: DEFAULT_GRACE_US,
    nonZeroPlaced: nonZero,
    nonZeroScored: nonZero,
  };
}
