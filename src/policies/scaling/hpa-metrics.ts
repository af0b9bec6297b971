/** What each metric proposes to the horizontal pod autoscaler. Integers truncate as in Go. */
import type {
  MeasuredPods,
  MetricReading,
  ScalingMoment,
  ScalingProposal,
} from '../../contracts/scaling.ts';

/** How far a ratio may be from 1 without consequence. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

/**
 * Proposes replicas for one metric; null if it cannot be read.
 *
 * *Source*: Kubernetes v1.34, podautoscaler/replica_calculator.
 */
export function proposeReplicas(
  reading: MetricReading,
  moment: ScalingMoment,
  pods: readonly MeasuredPods[],
  tolerance: Tolerance,
): ScalingProposal | null {
  if (reading.kind === 'value') return fromValue(reading, moment, pods, tolerance);
  if (reading.kind === 'value-average') return fromValuePerReplica(reading, moment, tolerance);
  return fromPods(reading, moment.replicas, pods, tolerance);
}

function isWithin(ratio: number, tolerance: Tolerance): boolean {
  return 1 - tolerance.down <= ratio && ratio <= 1 + tolerance.up;
}

function fromValue(
  reading: { readonly targetMilli: number; readonly valueMilli: number | null },
  moment: ScalingMoment,
  pods: readonly MeasuredPods[],
  tolerance: Tolerance,
): ScalingProposal | null {
  if (reading.valueMilli === null) return null;
  const observed = reading.valueMilli;
  const ratio = observed / reading.targetMilli;
  if (moment.replicas === 0) return { replicas: Math.ceil(ratio), observed };
  if (isWithin(ratio, tolerance)) return { replicas: moment.replicas, observed };
  let ready = 0;
  for (const group of pods) {
    if (group.phase === 'Running' && group.isReady) ready += group.count;
  }
  return { replicas: Math.ceil(ratio * ready), observed };
}

function fromValuePerReplica(
  reading: { readonly targetMilli: number; readonly valueMilli: number | null },
  moment: ScalingMoment,
  tolerance: Tolerance,
): ScalingProposal | null {
  if (reading.valueMilli === null) return null;
  const { targetMilli, valueMilli } = reading;
  const { replicas } = moment;
  const isSteady = replicas > 0 && isWithin(valueMilli / (targetMilli * replicas), tolerance);
  return {
    replicas: isSteady ? replicas : Math.ceil(valueMilli / targetMilli),
    observed: replicas > 0 ? Math.ceil(valueMilli / replicas) : valueMilli,
  };
}

type PodsReading = Extract<
  MetricReading,
  { kind: 'utilization' | 'resource-average' | 'pods-average' }
>;

/** Sums over pods, to which assumed ones are added on a second look. */
interface Sums {
  pods: number;
  usage: number;
  request: number;
}

/** The pods of a metric by what their sample is worth. */
interface Sorted {
  readonly sampled: Sums;
  readonly missing: readonly MeasuredPods[];
  readonly unready: readonly MeasuredPods[];
}

function fromPods(
  reading: PodsReading,
  current: number,
  pods: readonly MeasuredPods[],
  tolerance: Tolerance,
): ScalingProposal | null {
  const sorted = sortPods(reading, pods);
  if (sorted === null || sorted.sampled.pods === 0) return null;
  const { missing, sampled, unready } = sorted;
  const observed = observedOf(reading, sampled);
  const ratio = observed / targetOf(reading);
  const isRebalanced = unready.length > 0 && ratio > 1;
  if (missing.length === 0 && !isRebalanced) {
    if (isWithin(ratio, tolerance)) return { replicas: current, observed };
    return { replicas: Math.ceil(ratio * sampled.pods), observed };
  }
  const assumed = { ...sampled };
  for (const group of missing) {
    if (ratio < 1) add(assumed, group, fullUsage(reading, group));
    else if (ratio > 1) add(assumed, group, 0);
  }
  if (isRebalanced) for (const group of unready) add(assumed, group, 0);
  const second = observedOf(reading, assumed) / targetOf(reading);
  const hasTurned = (ratio < 1 && second > 1) || (ratio > 1 && second < 1);
  if (isWithin(second, tolerance) || hasTurned) return { replicas: current, observed };
  const replicas = Math.ceil(second * assumed.pods);
  const isAgainst = (second < 1 && replicas > current) || (second > 1 && replicas < current);
  return { replicas: isAgainst ? current : replicas, observed };
}

/** @returns null if a pod requests nothing of a resource that is measured against requests */
function sortPods(reading: PodsReading, pods: readonly MeasuredPods[]): Sorted | null {
  const sampled: Sums = { pods: 0, usage: 0, request: 0 };
  const missing: MeasuredPods[] = [];
  const unready: MeasuredPods[] = [];
  for (const group of pods) {
    if (group.isDeleting || group.phase === 'Failed') continue;
    if (reading.kind === 'utilization' && group.requestMilli === null) return null;
    const isIgnored = reading.kind !== 'pods-average' && group.isCpuSampleIgnored;
    if (group.phase === 'Pending') unready.push(group);
    else if (group.usageMilli === null) missing.push(group);
    else if (isIgnored) unready.push(group);
    else add(sampled, group, group.usageMilli);
  }
  return { sampled, missing, unready };
}

function add(sums: Sums, group: MeasuredPods, usageMilli: number): void {
  sums.pods += group.count;
  sums.usage += usageMilli * group.count;
  sums.request += (group.requestMilli ?? 0) * group.count;
}

/** What a pod without sample is taken to use when the rest asks to scale down. */
function fullUsage(reading: PodsReading, group: MeasuredPods): number {
  if (reading.kind !== 'utilization') return reading.targetMilli;
  return Math.trunc(((group.requestMilli ?? 0) * Math.max(100, reading.targetPercent)) / 100);
}

function observedOf(reading: PodsReading, sums: Sums): number {
  return reading.kind === 'utilization'
    ? Math.trunc((sums.usage * 100) / sums.request)
    : Math.trunc(sums.usage / sums.pods);
}

function targetOf(reading: PodsReading): number {
  return reading.kind === 'utilization' ? reading.targetPercent : reading.targetMilli;
}
