/**
 * Builds the world of a run from a scenario: columns, engines, processes, policies and recorders. The only place where things
 * are wired; prints nothing, reads nothing.
 */

import { poolRefusal } from '../base/constraints.ts';
import type { ShapeIndex } from '../base/ids.ts';
import type { FailureModel } from '../contracts/failures.ts';
import type { Placer } from '../contracts/placement.ts';
import type { Registry } from '../contracts/registry.ts';
import { Engine } from '../engine/simulation.ts';
import { FleetRecorder } from '../metrics/fleet-recorder.ts';
import { FleetTable, type NodeTemplate } from '../model/fleet.ts';
import type { ResourceTable } from '../model/resources.ts';
import { ShapeTable } from '../model/shapes.ts';
import { PlacerLane } from '../processes/arrivals.ts';
import type { AttemptWatch } from '../processes/attempt-watch.ts';
import { ARRIVAL_PHASE, FLEET_MEASURE, PLACER_PHASES } from '../processes/kinds.ts';
import { Inbox } from '../processes/messages.ts';
import { Placing, type Quota } from '../processes/placing.ts';
import type { NodeFailures } from '../processes/repairs.ts';
import { Services } from '../processes/services.ts';
import { KeyedDraws } from '../random/draw.ts';
import type { Threshold } from '../results/expression.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type BuiltCluster, buildCluster } from './build-cluster.ts';
import { type ClusterBooks, openBooks } from './cluster-books.ts';
import type { ClusterParts } from './cluster-parts.ts';
import { type ClusterPlan, factsOf, gpuModelsOf, planCluster, withoutNodes } from './fleet-plan.ts';
import { resolvePolicies, type ScenarioPolicies } from './policies.ts';
import { resourcesOf } from './quantities.ts';
import { makeQueue } from './queue.ts';
import { podSlots } from './slabs.ts';
import { windowsOf } from './windows.ts';
import {
  type Luck,
  planWorkloads,
  tracePodsOf,
  type WorkloadExtras,
  type WorkloadPlan,
} from './workloads.ts';

/** How to build. */
export interface BuildOptions extends Luck, WorkloadExtras {
  readonly registry: Registry;
  readonly thresholds: readonly Threshold[];
  /** Checks every law at every event, and every index against the full scan. */
  readonly check: boolean;
  /** Looks at the attempts of one pod. */
  readonly watch?: AttemptWatch;
  /** True if the events of all clusters run in other threads: only their books are opened here. */
  readonly isApart?: boolean;
}

/** What the clusters of a run share. */
export interface SharedWorld {
  readonly scenario: Scenario;
  readonly resources: ResourceTable;
  readonly shapes: ShapeTable;
  readonly workloads: WorkloadPlan;
  readonly policies: ScenarioPolicies;
  readonly fleetRecorder: FleetRecorder;
}

/** A built run, before its first event. */
export interface World extends SharedWorld {
  readonly plans: readonly ClusterPlan[];
  /** Those whose events run in this thread: all or none. */
  readonly clusters: readonly BuiltCluster[];
  /** Of all clusters. */
  readonly books: readonly ClusterBooks[];
  readonly placing: Placing;
  readonly placerEngine: Engine;
  readonly placerLane: PlacerLane;
  /** What only handlers hold: a part of the run's state that nothing else here leads to. */
  readonly wiring: readonly object[];
}

/**
 * Builds the world.
 *
 * @throws ScenarioError for policies that do not exist or refuse their parameters; PolicyError if a policy's `create`
 *   breaks its contract
 */
export function buildWorld(scenario: Scenario, options: BuildOptions): World {
  const shared = buildShared(scenario, options, () => placerEngine.nowUs);
  const { fleetRecorder, policies, resources, shapes, workloads } = shared;
  const planned = scenario.clusters.map((cluster) => planCluster(cluster, scenario, resources));
  const plans =
    options.isApart === true ? planned.map((plan) => withoutNodes(plan, scenario)) : planned;
  const parts = clusterParts(
    shared,
    options,
    (index) => plans[index]!,
    () => tracePodsOf(workloads),
  );
  const clusters = options.isApart === true ? [] : plans.map((_, c) => buildCluster(parts(c)));
  const books =
    options.isApart === true
      ? plans.map((_, c) => openBooks(parts(c)))
      : clusters.map((built) => built.books);
  const quotas = quotasOf(planned, scenario);
  const placing = new Placing(
    {
      policy: scenario.policies.placement.use,
      placer: createPlacer(scenario, policies, options),
      facts: scenario.clusters.map((cluster, i) => factsOf(cluster, i, scenario)),
      fleet: fleetTableOf(planned, scenario, resources),
      shapes,
      workloads: workloads.facts,
      inboxes: books.map(({ inbox }) => inbox),
      latencyUs: scenario.placement.latencyUs,
      observer: fleetRecorder,
      serviceShapes: workloads.shapes,
      quotaOf: (cluster) => quotas.get(plans[cluster]!.cluster.provider) ?? null,
    },
    () => placerEngine,
  );
  const services = new Services(placing, workloads.services, () => placerEngine);
  const placerLane = new PlacerLane(placing, new Inbox(), workloads.sources);
  const placerEngine: Engine = new Engine(
    makeQueue(scenario, Math.max(...plans.map((plan) => plan.specs.length))),
    [(i) => services.scale(i), () => measureFleet(placerEngine, fleetRecorder, scenario)],
    PLACER_PHASES,
    { stream: placerLane, phase: ARRIVAL_PHASE },
  );
  services.begin();
  awaitFleetMeasure(placerEngine, scenario);
  for (const built of clusters) built.begin();
  return {
    ...shared,
    plans,
    clusters,
    books,
    placing,
    placerEngine,
    placerLane,
    wiring: [services, quotas],
  };
}

/** Some clusters of a run, whose placer is in another thread. */
export interface ApartWorld extends SharedWorld {
  readonly clusters: readonly BuiltCluster[];
  /** Pods by shape of all traces, as the thread of the placer tells them. */
  readonly tracePods: Map<ShapeIndex, number>;
}

/**
 * Builds some clusters of a run as they are in the whole of it.
 *
 * @param members their indices, ascending
 * @throws as {@link buildWorld}
 */
export function buildApart(
  scenario: Scenario,
  options: BuildOptions,
  members: readonly number[],
): ApartWorld {
  const shared = buildShared(scenario, options, () => 0);
  const tracePods = new Map<ShapeIndex, number>();
  const parts = clusterParts(
    shared,
    options,
    (index) => planCluster(scenario.clusters[index]!, scenario, shared.resources),
    () => tracePods,
  );
  const clusters = members.map((index) => buildCluster(parts(index)));
  return { ...shared, clusters, tracePods };
}

function buildShared(scenario: Scenario, options: BuildOptions, now: () => number): SharedWorld {
  const policies = resolvePolicies(scenario, options.registry);
  const resources = resourcesOf(scenario);
  const shapes = new ShapeTable();
  const workloads = planWorkloads(scenario, { shapes, resources }, options, options);
  const fleetRecorder = new FleetRecorder({
    workloads: workloads.facts.length,
    shapes,
    bucketUs: scenario.series.everyUs,
    windows: windowsOf(scenario, options.thresholds),
    now,
  });
  return { scenario, resources, shapes, workloads, policies, fleetRecorder };
}

/** Gives what each cluster is built from. Models of failures are made for each anew, so that none remembers another's nodes. */
function clusterParts(
  shared: SharedWorld,
  options: BuildOptions,
  planOf: (index: number) => ClusterPlan,
  tracePods: ClusterParts['tracePods'],
): (index: number) => ClusterParts {
  const { policies, scenario } = shared;
  const slots = podSlots(scenario);
  return (index) => {
    const plan = planOf(index);
    return {
      ...shared,
      options,
      index,
      plan,
      failures: failuresFor(scenario, plan.cluster.name, createFailures(policies, options)),
      scheduling: policies.scheduling[index]!,
      queueing: policies.queueing[index]!,
      podSlots: slots[index]!,
      tracePods,
    };
  };
}

function measureFleet(engine: Engine, recorder: FleetRecorder, scenario: Scenario): void {
  recorder.closeBucket();
  awaitFleetMeasure(engine, scenario);
}

function awaitFleetMeasure(engine: Engine, scenario: Scenario): void {
  const atUs = engine.nowUs + scenario.series.everyUs;
  if (atUs < scenario.horizonUs) engine.at(atUs, FLEET_MEASURE, 0);
}

function createFailures(policies: ScenarioPolicies, options: BuildOptions): FailureModel[] {
  return policies.failures.map(({ policy, params }, i) => {
    const stream = new KeyedDraws(options.seed, options.replication, `failures/${i}`);
    return policy.create(params as never, { stream } as never) as FailureModel;
  });
}

function createPlacer(
  scenario: Scenario,
  policies: ScenarioPolicies,
  options: BuildOptions,
): Placer {
  const { policy, params } = policies.placement;
  return policy.create(
    params as never,
    {
      clusters: scenario.clusters.map((cluster, i) => factsOf(cluster, i, scenario)),
      stream: new KeyedDraws(options.seed, options.replication, `policy/${policy.name}`),
    } as never,
  ) as Placer;
}

/** The failure entries that apply to a cluster, in file order. */
function failuresFor(
  scenario: Scenario,
  cluster: string,
  models: readonly FailureModel[],
): NodeFailures[] {
  const entries = scenario.failures.filter((failure) => failure.kind === 'nodes');
  return entries.flatMap(({ clusters, repairers }, i) =>
    clusters === null || clusters.includes(cluster)
      ? [{ model: models[i]!, repairers: repairers ?? Number.POSITIVE_INFINITY }]
      : [],
  );
}

/** The placer's table, filled with what every cluster has before the first event. */
function fleetTableOf(
  plans: readonly ClusterPlan[],
  scenario: Scenario,
  resources: ResourceTable,
): FleetTable {
  const models = gpuModelsOf(scenario);
  const templates = plans.map((plan) => templatesOf(plan, models));
  const fleet = new FleetTable(resources, templates, scenario.placement.latencyUs);
  for (const cluster of fleet.indices()) {
    const { specs } = plans[cluster]!;
    for (let r = 0; r <= resources.count; r++) {
      let up = 0;
      let elastic = 0;
      for (const spec of specs) {
        const quantity = r < resources.count ? spec.allocatable[r]! : spec.gpuCount * 1000;
        if (spec.isElastic) elastic += quantity;
        else up += quantity;
      }
      fleet.publish(cluster, r, { free: up, allocatable: up, elastic });
    }
  }
  return fleet;
}

function templatesOf(plan: ClusterPlan, models: readonly string[]): NodeTemplate[] {
  const templates = new Map<number, NodeTemplate>();
  for (const spec of plan.specs) {
    if (templates.has(spec.machineType)) continue;
    const pool = plan.pools[spec.pool]!;
    templates.set(spec.machineType, {
      allocatable: spec.allocatable,
      gpuCount: spec.gpuCount,
      gpuModel: models[spec.gpuModel] ?? '',
      admits: (shape) => poolRefusal(shape, pool) === '',
    });
  }
  return [...templates.values()];
}

/** Quotas by provider: what is left after the nodes that exist from the start. */
function quotasOf(plans: readonly ClusterPlan[], scenario: Scenario): ReadonlyMap<string, Quota> {
  const byProvider = new Map<string, Quota>();
  for (const provider of scenario.providers) {
    if (provider.quotaNodes === null) continue;
    let used = 0;
    for (const plan of plans) {
      if (plan.cluster.provider !== provider.name) continue;
      used += plan.specs.filter((spec) => !spec.isElastic).length;
    }
    byProvider.set(provider.name, { left: Math.max(0, provider.quotaNodes - used) });
  }
  return byProvider;
}
