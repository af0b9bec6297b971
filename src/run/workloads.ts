/** From the scenario's workloads to what the processes know of them, and to the sources of their arrivals. */

import { cosineTurn } from '../base/cosine.ts';
import { asWorkload, type ShapeIndex } from '../base/ids.ts';
import type { ArrivalSource } from '../contracts/workload.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { PodShape, ShapeTable } from '../model/shapes.ts';
import type { LawSampler, WorkloadFacts } from '../model/workloads.ts';
import type { ServiceTarget } from '../processes/services.ts';
import { compileDistribution } from '../random/distributions.ts';
import { keyOf } from '../random/draw.ts';
import type { JobWorkload, Replicas, Scenario, TraceUse, Workload } from '../scenario/scenario.ts';
import { makeReader } from '../workloads/formats.ts';
import { initialSource } from '../workloads/initial.ts';
import { syntheticSource } from '../workloads/synthetic.ts';
import type { TraceReader } from '../workloads/trace-reader.ts';
import { allocatableOf, shapeOf, usedTypes } from './quantities.ts';

/** What a replication is keyed by. */
export interface Luck {
  readonly seed: number;
  readonly replication: number;
}

/** A trace that `host/` must feed. */
export interface SimulationInput {
  readonly workload: string;
  readonly trace: TraceUse;
  readonly reader: TraceReader;
}

/** The workloads of a run. */
export interface WorkloadPlan {
  readonly facts: readonly WorkloadFacts[];
  /** Declared shape by workload. */
  readonly shapes: readonly PodShape[];
  readonly sources: readonly { readonly workload: number; readonly source: ArrivalSource }[];
  readonly inputs: readonly SimulationInput[];
  readonly services: readonly ServiceTarget[];
}

/** Pods by shape of all traces that are read whole, as far as they were read. */
export function tracePodsOf(workloads: WorkloadPlan): ReadonlyMap<ShapeIndex, number> {
  const counts = new Map<ShapeIndex, number>();
  for (const { reader } of workloads.inputs) {
    for (const [shape, count] of reader.shapeCounts) {
      counts.set(shape, (counts.get(shape) ?? 0) + count);
    }
  }
  return counts;
}

/** What the caller may add from outside the scenario. */
export interface WorkloadExtras {
  /** By workload name: an explicit order of arrival for OpenB lists. */
  readonly arrivalOrders?: Readonly<Record<string, readonly number[]>>;
}

/** Makes the facts, the sources and the targets of all workloads. */
export function planWorkloads(
  scenario: Scenario,
  tables: { readonly shapes: ShapeTable; readonly resources: ResourceTable },
  luck: Luck,
  extras: WorkloadExtras,
): WorkloadPlan {
  const clusters = scenario.clusters.map(({ name }) => name);
  const facts = scenario.workloads.map((workload, i) => factsOf(workload, i, clusters));
  const shapes = scenario.workloads.map((workload) =>
    tables.shapes.intern(shapeOf(workload.pod, tables.resources)),
  );
  const sources: { workload: number; source: ArrivalSource }[] = [];
  const inputs: SimulationInput[] = [];
  const services: ServiceTarget[] = [];
  scenario.workloads.forEach((workload, i) => {
    if (workload.isControlled) return;
    if (workload.kind === 'service') {
      services.push({ workload: i, ...targetOf(workload.replicas) });
    } else if (workload.arrivals.kind === 'trace') {
      const { trace } = workload.arrivals;
      const reader = makeReader(trace.format, {
        ...readerContext(workload, scenario, tables, luck),
        file: trace.path,
        pod: shapeOf(workload.pod, tables.resources),
        limit: trace.limit,
        speedup: trace.speedup,
        inflateTo: trace.inflateTo,
        arrivalOrder: extras.arrivalOrders?.[workload.name] ?? null,
      });
      sources.push({ workload: i, source: reader });
      inputs.push({ workload: workload.name, trace, reader });
    } else {
      if (workload.initial) {
        const { residual, ...initial } = workload.initial;
        const source = initialSource({
          ...initial,
          residualOf: residual === 'equilibrium' ? workload.durationUs : null,
          shape: shapes[i]!.index as ShapeIndex,
          workload: workload.name,
          ...luck,
        });
        sources.push({ workload: i, source });
      }
      if (workload.arrivals.kind === 'none') return;
      const source = syntheticSource({
        arrivals: workload.arrivals,
        podsPerJob: workload.podsPerJob,
        fromUs: workload.fromUs,
        untilUs: Math.min(workload.untilUs, scenario.horizonUs),
        gang: workload.kind === 'gang',
        shape: shapes[i]!.index as ShapeIndex,
        workload: workload.name,
        stream: scenario.arrivalStream,
        ...luck,
      });
      sources.push({ workload: i, source });
    }
  });
  return { facts, shapes, sources, inputs, services };
}

function readerContext(
  workload: JobWorkload,
  scenario: Scenario,
  tables: { readonly shapes: ShapeTable; readonly resources: ResourceTable },
  luck: Luck,
) {
  return {
    shapes: tables.shapes,
    resources: tables.resources,
    wholeHost: wholeHostOf(scenario, tables.resources),
    gang: workload.kind === 'gang',
    priorityClasses: scenario.priorityClasses,
    fromUs: workload.fromUs,
    untilUs: Math.min(workload.untilUs, scenario.horizonUs),
    gpuCapacityMilli: gpuCapacityOf(scenario),
    seed: luck.seed,
    replication: luck.replication,
    workload: workload.name,
  };
}

/** The requests that fill a host, if all hosts of the fleet are alike. */
function wholeHostOf(scenario: Scenario, resources: ResourceTable): number[] | null {
  const types = usedTypes(scenario);
  if (types.length !== 1) return null;
  const requests = allocatableOf(types[0]!, resources);
  requests[2] = 1;
  return requests;
}

function gpuCapacityOf(scenario: Scenario): number {
  const types = new Map(scenario.machineTypes.map((type) => [type.name, type]));
  let milli = 0;
  for (const { pools } of scenario.clusters) {
    for (const pool of pools) {
      const names =
        pool.nodes?.map((node) => node.machineType) ??
        new Array<string>(pool.count).fill(pool.machineType);
      for (const name of names) milli += (types.get(name)?.gpus?.count ?? 0) * 1000;
    }
  }
  return milli;
}

function factsOf(workload: Workload, index: number, clusters: readonly string[]): WorkloadFacts {
  const isService = workload.kind === 'service';
  const startup = compileDistribution(workload.startupUs);
  return {
    index: asWorkload(index),
    name: workload.name,
    team: workload.team,
    priorityClass: workload.pod.priorityClass,
    key: keyOf(`workload/${workload.name}`),
    isService,
    onEviction: workload.onEviction,
    retryLimit: workload.retryLimit ?? Number.POSITIVE_INFINITY,
    backoffBaseUs: workload.retryBackoffUs.base,
    backoffCapUs: workload.retryBackoffUs.cap,
    startup: isAlwaysZero(workload.startupUs) ? null : startup,
    duration: isService ? null : durationOf(workload),
    durationPerJob: isService ? false : workload.durationPerJob,
    estimateFactor: isService ? 1 : workload.estimateFactor,
    losesRefused: !isService && workload.onRefusal === 'lose',
    ...(workload.cluster === undefined ? {} : { pinnedTo: clusters.indexOf(workload.cluster) }),
  };
}

function durationOf(workload: JobWorkload): LawSampler | null {
  const { durationUs: law } = workload;
  const isForever = law.law === 'constant' && !Number.isFinite(law.value);
  return isForever ? null : compileDistribution(law);
}

function isAlwaysZero(law: Workload['startupUs']): boolean {
  return law.law === 'constant' && law.value === 0;
}

/** A service's replicas as a function of time. */
export function targetOf(replicas: Replicas): Omit<ServiceTarget, 'workload'> {
  switch (replicas.kind) {
    case 'constant':
      return { at: () => replicas.count, nextChangeUs: () => Number.POSITIVE_INFINITY };
    case 'steps':
      return {
        at: (nowUs) => replicas.steps.findLast((step) => step.atUs <= nowUs)?.count ?? 0,
        nextChangeUs: (nowUs) =>
          replicas.steps.find((step) => step.atUs > nowUs)?.atUs ?? Number.POSITIVE_INFINITY,
      };
    case 'diurnal': {
      const { mean, peakToMean, peakAtUs, periodUs, everyUs } = replicas;
      return {
        at: (nowUs) =>
          Math.round(mean * (1 + (peakToMean - 1) * cosineTurn((nowUs - peakAtUs) / periodUs))),
        nextChangeUs: (nowUs) => nowUs + everyUs,
      };
    }
  }
}
