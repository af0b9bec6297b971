/**
 * What a pod requests: of its containers, init containers, sidecars, pod-level requests and overhead, resource by resource.
 *
 * *Source*: `component-helpers/resource`, v1.34; kubernetes-scheduler.md 1.1 and 1.2.
 */
import { ceilTo, NANO_PER_MILLI, NANO_PER_ONE, type Nano } from './quantity.ts';

/** Exact amounts by resource name. */
export type Amounts = ReadonlyMap<string, Nano>;

/** A container as far as requests go. */
export interface RequestingContainer {
  readonly requests: Amounts;
  /** An init container that keeps running; never true for an app container. */
  readonly isSidecar: boolean;
}

/** A pod as far as requests go. */
export interface RequestingPod {
  readonly containers: readonly RequestingContainer[];
  /** In order. */
  readonly initContainers: readonly RequestingContainer[];
  /** `spec.resources.requests`; null if not given. */
  readonly podLevel: Amounts | null;
  readonly overhead: Amounts;
}

/** Non-zero requests of scoring. */
export interface NonZero {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
}

/** Requests of a pod: cpu in millicores, the rest in whole units, each rounded up once. */
export interface PodRequests {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  /** Whatever else is asked for and scheduled by, zeros left out. */
  readonly others: Readonly<Record<string, number>>;
  readonly nonZeroPlaced: NonZero;
  readonly nonZeroScored: NonZero;
}

/** Cpu and memory of a container that names none, as scoring counts it: 100 millicores and 200 MiB. */
export const NON_ZERO_CPU_MILLICORES = 100;
export const NON_ZERO_MEMORY_BYTES = 209_715_200;

const DEFAULTS: Amounts = new Map([
  ['cpu', BigInt(NON_ZERO_CPU_MILLICORES) * NANO_PER_MILLI],
  ['memory', BigInt(NON_ZERO_MEMORY_BYTES) * NANO_PER_ONE],
]);

/** Sums the requests of a pod. */
export function requestsOf(pod: RequestingPod): PodRequests {
  const total = sumOf(pod, false);
  const filled = sumOf(pod, true);
  const scored = nonZeroOf(filled);
  const isEmpty = pod.containers.length + pod.initContainers.length === 0;
  const others: Record<string, number> = {};
  for (const name of [...total.keys()].sort()) {
    const amount = ceilTo(total.get(name)!, NANO_PER_ONE);
    if (name !== 'cpu' && name !== 'memory' && amount > 0) others[name] = amount;
  }
  return {
    ...nonZeroOf(total),
    others,
    nonZeroPlaced:
      pod.podLevel === null || pod.podLevel.size === 0
        ? scored
        : nonZeroOf(isEmpty ? total : new Map([...DEFAULTS, ...total])),
    nonZeroScored: scored,
  };
}

function nonZeroOf(total: Amounts): NonZero {
  return {
    cpuMillicores: ceilTo(total.get('cpu') ?? 0n, NANO_PER_MILLI),
    memoryBytes: ceilTo(total.get('memory') ?? 0n, NANO_PER_ONE),
  };
}

/** All resources of a pod; `isFilled` counts what scoring assumes of containers that name no cpu or memory. */
function sumOf(pod: RequestingPod, isFilled: boolean): Map<string, Nano> {
  const of = ({ requests }: RequestingContainer): Amounts =>
    isFilled ? new Map([...DEFAULTS, ...requests]) : requests;
  const total = new Map<string, Nano>();
  for (const container of pod.containers) addTo(total, of(container));
  const sidecars = new Map<string, Nano>();
  const peak = new Map<string, Nano>();
  for (const container of pod.initContainers) {
    if (container.isSidecar) {
      addTo(total, of(container));
      addTo(sidecars, of(container));
      raiseTo(peak, sidecars);
    } else {
      const use = new Map(sidecars);
      addTo(use, of(container));
      raiseTo(peak, use);
    }
  }
  raiseTo(total, peak);
  for (const [name, amount] of pod.podLevel ?? []) {
    if (isPodLevelResource(name)) total.set(name, amount);
  }
  addTo(total, pod.overhead);
  return total;
}

function addTo(sum: Map<string, Nano>, amounts: Amounts): void {
  for (const [name, amount] of amounts) sum.set(name, (sum.get(name) ?? 0n) + amount);
}

function raiseTo(most: Map<string, Nano>, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const known = most.get(name);
    if (known === undefined || amount > known) most.set(name, amount);
  }
}

/** True for a resource that can be requested for a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');
}

/** True for a resource that the scheduler counts; it ignores all others. */
export function isScheduledResource(name: string): boolean {
  if (['cpu', 'memory', 'ephemeral-storage'].includes(name)) return true;
  if (name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true;
  const slash = name.indexOf('/');
  return slash > 0 && !name.startsWith('requests.');
}
