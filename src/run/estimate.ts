/** What a scenario will ask for, before it runs: static bounds from means, no draw and no event. */
import type { Distribution } from '../base/distribution.ts';
import { compileDistribution } from '../random/distributions.ts';
import type {
  JobWorkload,
  MachineType,
  PodSpec,
  Scenario,
  ServiceWorkload,
  Workload,
} from '../scenario/scenario.ts';
import { estimateEvents, meanOver, podsOf } from './estimate-events.ts';
import { estimateMemory } from './estimate-memory.ts';
import { targetOf } from './workloads.ts';

/** Amounts of the resources that nearly every scenario uses. */
export interface Amounts {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly gpuMilli: number;
}

/** One workload's expectation; null where only a trace knows. */
export interface WorkloadEstimate {
  readonly name: string;
  readonly kind: Workload['kind'];
  /** Trace file, if the arrivals come from one. */
  readonly trace: string | null;
  /** Pods that arrive within the horizon. */
  readonly pods: number | null;
  /** Pods running at once if nothing waits: time average within the workload's window, and at its peak. */
  readonly runningMean: number | null;
  readonly runningPeak: number | null;
}

/** Static bounds of a scenario. */
export interface Estimate {
  readonly clusters: number;
  readonly regions: number;
  readonly zones: number;
  /** Nodes at the start, and with all elastic pools at their maximum. */
  readonly nodes: number;
  readonly nodesMax: number;
  /** The largest cluster's nodes at most: what one full scan examines. */
  readonly nodesOfLargestCluster: number;
  readonly capacity: Amounts;
  readonly capacityMax: Amounts;
  readonly workloads: readonly WorkloadEstimate[];
  /** Sums over the workloads that are not traces. */
  readonly demandMean: Amounts;
  readonly demandPeak: Amounts;
  readonly pods: number;
  /** Traces not counted; see `estimateEvents`. */
  readonly events: number;
  /** Peak of the process; see `estimateMemory`. */
  readonly memoryBytes: number;
}

/**
 * Estimates size and demand of a scenario from the means of its laws.
 *
 * Demand is Little's law: rate times time in the system without waiting. Traces are not read: their pods are null and
 * left out of the sums.
 */
export function estimate(scenario: Scenario): Estimate {
  const types = new Map(scenario.machineTypes.map((type) => [type.name, type]));
  const nodes = countNodes(scenario, types);
  const there = new Map<string, number>();
  for (const { workload } of scenario.kubernetes?.initialPods ?? []) {
    there.set(workload, (there.get(workload) ?? 0) + 1);
  }
  const workloads = scenario.workloads.map((workload) =>
    estimateWorkload(workload, scenario.horizonUs, there.get(workload.name) ?? 0),
  );
  const demand = (pick: (one: WorkloadEstimate) => number | null) =>
    workloads.reduce(
      (sum, one, w) => add(sum, podAmounts(scenario.workloads[w]!.pod), pick(one) ?? 0),
      NOTHING,
    );
  const pods = workloads.reduce((sum, one) => sum + (one.pods ?? 0), 0);
  const runningPeak = workloads.reduce((sum, one) => sum + (one.runningPeak ?? 0), 0);
  return {
    clusters: scenario.clusters.length,
    regions: new Set(scenario.clusters.map((cluster) => cluster.region)).size,
    zones: new Set(scenario.clusters.flatMap((c) => c.pools.map((pool) => pool.zone))).size,
    ...nodes,
    workloads,
    demandMean: demand((one) => one.runningMean),
    demandPeak: demand((one) => one.runningPeak),
    pods,
    events: Math.round(estimateEvents(scenario, workloads)),
    memoryBytes: estimateMemory(scenario, { nodesMax: nodes.nodesMax, runningPeak }),
  };
}

const NOTHING: Amounts = { cpuMillicores: 0, memoryBytes: 0, gpuMilli: 0 };

function add(sum: Amounts, one: Amounts, times: number): Amounts {
  return {
    cpuMillicores: sum.cpuMillicores + one.cpuMillicores * times,
    memoryBytes: sum.memoryBytes + one.memoryBytes * times,
    gpuMilli: sum.gpuMilli + one.gpuMilli * times,
  };
}

function podAmounts(pod: PodSpec): Amounts {
  const gpuMilli = pod.gpus === null ? 0 : pod.gpus.count * pod.gpus.milliPerDevice;
  return { cpuMillicores: pod.cpuMillicores, memoryBytes: pod.memoryBytes, gpuMilli };
}

function nodeAmounts(type: MachineType): Amounts {
  const gpuMilli = (type.gpus?.count ?? 0) * 1000;
  return { cpuMillicores: type.cpuMillicores, memoryBytes: type.memoryBytes, gpuMilli };
}

function countNodes(scenario: Scenario, types: ReadonlyMap<string, MachineType>) {
  let nodes = 0;
  let nodesMax = 0;
  let nodesOfLargestCluster = 0;
  let capacity = NOTHING;
  let capacityMax = NOTHING;
  for (const cluster of scenario.clusters) {
    let inCluster = 0;
    for (const pool of cluster.pools) {
      nodes += pool.count;
      inCluster += pool.max;
      const listed = pool.nodes;
      if (listed === null) {
        const one = nodeAmounts(types.get(pool.machineType)!);
        capacity = add(capacity, one, pool.count);
        capacityMax = add(capacityMax, one, pool.max);
      } else {
        for (const node of listed) {
          const one = nodeAmounts(types.get(node.machineType)!);
          capacity = add(capacity, one, 1);
          capacityMax = add(capacityMax, one, 1);
        }
      }
    }
    nodesMax += inCluster;
    nodesOfLargestCluster = Math.max(nodesOfLargestCluster, inCluster);
  }
  return { nodes, nodesMax, nodesOfLargestCluster, capacity, capacityMax };
}

function estimateWorkload(
  workload: Workload,
  horizonUs: number,
  initial: number,
): WorkloadEstimate {
  const { name, kind } = workload;
  if (workload.kind === 'service')
    return { name, kind, trace: null, ...ofService(workload, horizonUs) };
  if (workload.arrivals.kind === 'trace') {
    const trace = workload.arrivals.trace.path;
    return { name, kind, trace, pods: null, runningMean: null, runningPeak: null };
  }
  if (workload.arrivals.kind === 'none') {
    // What a controller will make of Jobs is not known before.
    return { name, kind, trace: null, pods: initial, runningMean: initial, runningPeak: initial };
  }
  return { name, kind, trace: null, ...ofJobs(workload, horizonUs) };
}

function ofService({ replicas }: ServiceWorkload, horizonUs: number) {
  switch (replicas.kind) {
    case 'constant':
      return { pods: replicas.count, runningMean: replicas.count, runningPeak: replicas.count };
    case 'steps': {
      const peak = replicas.steps.reduce((most, step) => Math.max(most, step.count), 0);
      const area = replicas.steps.reduce((sum, { atUs, count }, i) => {
        const endUs = Math.min(replicas.steps[i + 1]?.atUs ?? horizonUs, horizonUs);
        return sum + count * Math.max(0, endUs - atUs);
      }, 0);
      return {
        pods: risesOf(replicas.steps.map(({ count }) => count)),
        runningMean: area / horizonUs,
        runningPeak: peak,
      };
    }
    case 'diurnal': {
      const { everyUs, mean } = replicas;
      const { at } = targetOf(replicas);
      const changes = Math.min(1 + Math.floor(horizonUs / everyUs), CHANGES_MOST);
      const counts = Array.from({ length: changes }, (_, i) => at(i * everyUs));
      const peak = mean * replicas.peakToMean;
      return { pods: risesOf(counts), runningMean: mean, runningPeak: peak };
    }
  }
}

/** Changes of a service that are looked at: more than a year of them, every five minutes. */
const CHANGES_MOST = 120_000;

/** Pods that a service starts: the first count, and each rise after it. */
function risesOf(counts: readonly number[]): number {
  return counts.reduce((sum, count, i) => sum + Math.max(0, count - (counts[i - 1] ?? 0)), 0);
}

function ofJobs(workload: JobWorkload, horizonUs: number) {
  const { perSecond, peakToMean } = rateOf(workload.arrivals);
  const windowSeconds = Math.max(0, Math.min(workload.untilUs, horizonUs) - workload.fromUs) / 1e6;
  const podsPerSecond = perSecond * podsOf(workload);
  const initial = workload.initial?.pods ?? 0;
  // What starts full goes on so; what starts empty fills until the window ends.
  const fillUs = initial > 0 ? Number.POSITIVE_INFINITY : windowSeconds * 1e6;
  const stay = (meanWithin(workload.durationUs, fillUs) + meanOf(workload.startupUs)) / 1e6;
  if (podsPerSecond === 0) return { pods: initial, runningMean: 0, runningPeak: initial };
  const pods = initial + podsPerSecond * windowSeconds;
  // A pod that outlives the window still arrived within it.
  const runningMean = Math.min(podsPerSecond * stay, pods);
  const runningPeak = Math.max(initial, Math.min(podsPerSecond * peakToMean * stay, pods));
  return { pods: Math.round(pods), runningMean, runningPeak };
}

/** Mean time that a pod has run when the window ends, if it came at its start. */
function meanWithin(law: Distribution, windowUs: number): number {
  const mean = meanOf(law);
  if (!Number.isFinite(mean)) return windowUs;
  return mean - meanOver(law, (us) => Math.max(0, us - windowUs));
}

function rateOf(arrivals: JobWorkload['arrivals']): { perSecond: number; peakToMean: number } {
  switch (arrivals.kind) {
    case 'poisson':
      return { perSecond: arrivals.perSecond, peakToMean: 1 };
    case 'diurnal':
      return { perSecond: arrivals.perSecond, peakToMean: arrivals.peakToMean };
    case 'regular':
      return { perSecond: 1e6 / arrivals.everyUs, peakToMean: 1 };
    case 'renewal':
      return { perSecond: 1e6 / meanOf(arrivals.gapUs), peakToMean: 1 };
    case 'trace':
    case 'none':
      return { perSecond: 0, peakToMean: 1 };
  }
}

/** Gives the mean of a law, Infinity for pods that run for ever. */
export function meanOf(law: Distribution): number {
  // A pod may run for ever, which no law of draws knows.
  if (law.law === 'constant' && law.value === Number.POSITIVE_INFINITY) return law.value;
  return compileDistribution(law).mean;
}
