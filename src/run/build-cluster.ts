import { asNode, asPod } from '../base/ids.ts';
import type { EventPreview } from '../collections/calendar-queue.ts';
import { Engine, type EventHandler } from '../engine/simulation.ts';
import type { ClusterRecorder } from '../metrics/recorder.ts';
import type { Cluster } from '../model/cluster.ts';
import { LookAhead } from '../model/look-ahead.ts';
import { ClusterLane } from '../processes/arrivals.ts';
import { ClusterRun } from '../processes/cluster-run.ts';
import { ControlPlane, isTimed } from '../processes/control-plane.ts';
import { type ElasticPool, ElasticPools } from '../processes/elastic-pools.ts';
import { Evictions } from '../processes/evictions.ts';
import { GangTable } from '../processes/gangs.ts';
import * as kinds from '../processes/kinds.ts';
import { type ClusterOutage, NodeLife } from '../processes/node-life.ts';
import { PodLife } from '../processes/pod-life.ts';
import { Publishing } from '../processes/publishing.ts';
import { compileDistribution } from '../random/distributions.ts';
import { KeyedDraws } from '../random/draw.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { NodeSelector } from '../selection/selector.ts';
import { makeInitialPods } from './build-initial-pods.ts';
import { makeWatch } from './build-node-life.ts';
import { type MadeScheduler, makeScheduler } from './build-scheduler.ts';
import { type ClusterBooks, keepBooks, makeRecorder, makeSeries } from './cluster-books.ts';
import { type ClusterParts, makeColumns } from './cluster-parts.ts';
import { type ClusterPlan, nodesOfTarget } from './fleet-plan.ts';
import { ClusterMeasure } from './measure.ts';
import { makeQueue, showAhead } from './queue.ts';

/** Pods looked at together: their columns fit a cache of 64 KiB. */
const PODS_AHEAD = 96;

/** A cluster that is ready for its first event. */
export interface BuiltCluster {
  readonly run: ClusterRun;
  readonly recorder: ClusterRecorder;
  readonly measure: ClusterMeasure;
  readonly books: ClusterBooks;
  /** Writes a report into the books. @param isLast true at the end, to say who waits why */
  report(isLast: boolean): void;
  /** Schedules what happens at time 0 (failures, outages, summaries) and the measurements. */
  begin(): void;
  /** What only handlers hold: a part of the run's state that nothing else here leads to. */
  readonly wiring: readonly object[];
}

/** Who handles events that no story of the run itself does. */
interface HandlerParts {
  readonly publishing: Publishing;
  readonly scheduler: MadeScheduler;
  readonly measure: ClusterMeasure;
}

/** Builds one cluster. */
export function buildCluster(parts: ClusterParts): BuiltCluster {
  const { plan, scenario, options } = parts;
  const controlPlane = plan.cluster.controlPlane ?? scenario.controlPlane;
  const cluster = makeColumns(parts, isTimed(controlPlane));
  const { outside, recorder } = makeRecorder(parts, cluster);
  const { seed, replication } = options;
  const run: ClusterRun = new ClusterRun({
    index: parts.index,
    cluster,
    shapes: parts.shapes,
    observer: recorder,
    workloads: parts.workloads.facts,
    draws: {
      duration: new KeyedDraws(seed, replication, 'pod/duration'),
      startup: new KeyedDraws(seed, replication, 'pod/startup'),
      boot: new KeyedDraws(seed, replication, 'node/boot'),
    },
    latencyUs: scenario.placement.latencyUs,
  });
  run.watch = options.watch ?? null;
  cluster.listener = recorder;
  run.gangs = new GangTable(cluster.pods);
  run.podLife = new PodLife(run);
  run.evictions = new Evictions(run);
  run.nodeLife = new NodeLife(run, {
    failures: parts.failures,
    outages: outagesOf(scenario, plan),
    watch: (life) => makeWatch({ scenario, plan, seed, replication, run, life }),
    failoverAfterUs: scenario.clusters.length > 1 ? scenario.placement.failoverAfterUs : null,
    horizonUs: scenario.horizonUs,
  });
  const elasticPools = elasticPoolsOf(scenario, plan);
  run.elastic = elasticPools.length > 0 ? new ElasticPools(run, elasticPools) : null;
  const publishing = new Publishing(run, {
    everyUs: scenario.placement.summaryEveryUs,
    returnAfterUs: scenario.placement.returnAfterUs,
  });
  const scheduler = makeScheduler(parts, run, new ControlPlane(controlPlane));
  const series = makeSeries(parts, cluster);
  const measure = new ClusterMeasure({ run, recorder, series, scenario, shapes: parts.shapes });
  const engine = makeEngine(scenario, run, { publishing, scheduler, measure });
  run.engine = engine;
  recorder.clock = engine;
  const books = keepBooks(parts, run, { recorder, series, outside: [...outside, engine] });
  return {
    run,
    recorder,
    measure,
    books,
    wiring: [publishing, scheduler, ...scheduler.wiring],
    report: (isLast) => {
      const { dispatched } = engine;
      const { tier } = scheduler;
      const pending = isLast ? (scheduler.pending?.() ?? []) : [];
      books.report = { dispatched, livePods: cluster.pods.count, tier, pending };
    },
    begin: () => {
      makeInitialPods(parts, run, scheduler.controllers ?? null)?.begin();
      run.nodeLife.begin();
      scheduler.controllers?.begin();
      if (scenario.clusters.length > 1) publishing.begin();
      measure.begin();
    },
  };
}

function makeEngine(scenario: Scenario, run: ClusterRun, parts: HandlerParts): Engine {
  const { cluster } = run;
  const queue = makeQueue(scenario, cluster.nodes.count, cluster.pods.capacity);
  showAhead(queue, previewOf(cluster, parts.scheduler.selector ?? null));
  const lane = { stream: new ClusterLane(run), phase: kinds.ARRIVAL_PHASE };
  return new Engine(queue, handlersOf(run, parts), kinds.CLUSTER_PHASES, lane);
}

/** Pods that end are looked at before they do: see `LookAhead`. */
function previewOf(cluster: Cluster, selector: NodeSelector | null): EventPreview {
  const subjects = new Int32Array(PODS_AHEAD);
  const columns = new LookAhead(cluster, PODS_AHEAD);
  return {
    kind: kinds.POD_ENDED,
    subjects,
    show: (count) => {
      columns.touch(subjects, count);
      selector?.lookAhead?.(columns.nodes, count);
    },
  };
}

function outagesOf(scenario: Scenario, plan: ClusterPlan): ClusterOutage[] {
  return scenario.failures.flatMap((failure) => {
    if (failure.kind !== 'outage') return [];
    const { nodes, coversCluster } = nodesOfTarget(plan, failure.target);
    if (nodes.length === 0) return [];
    const { name, atUs, forUs } = failure;
    return [{ name, atUs, untilUs: atUs + forUs, nodes, coversCluster }];
  });
}

function elasticPoolsOf(scenario: Scenario, plan: ClusterPlan): ElasticPool[] {
  const provider = scenario.providers.find((p) => p.name === plan.cluster.provider)!;
  return plan.ranges.flatMap((range, pool) =>
    range.firstElastic > range.last
      ? []
      : [
          {
            pool,
            first: range.firstElastic,
            last: range.last,
            boot: compileDistribution(provider.bootUs),
            bootGapUs: provider.bootsPerSecond === null ? 0 : 1e6 / provider.bootsPerSecond,
            bootFailureRatio: provider.bootFailureRatio,
            idleAfterUs: range.pool.idleAfterUs,
            hasQuota: provider.quotaNodes !== null,
          },
        ],
  );
}

function handlersOf(run: ClusterRun, parts: HandlerParts): EventHandler[] {
  const handlers = new Array<EventHandler>(kinds.CLUSTER_KINDS);
  handlers[kinds.POD_STARTED] = (p) => run.podLife.started(asPod(p));
  handlers[kinds.POD_ENDED] = (p) => run.podLife.ended(asPod(p));
  handlers[kinds.POD_RETRY] = (p) => run.evictions.retry(asPod(p));
  handlers[kinds.POD_BIND] = parts.scheduler.bind;
  handlers[kinds.NODE_BOOTED] = (n) => run.elastic!.booted(asNode(n));
  handlers[kinds.NODE_FAILED] = (n) => run.nodeLife.failed(asNode(n));
  handlers[kinds.NODE_REPAIRED] = (n) => run.nodeLife.repaired(asNode(n));
  const { watch } = run.nodeLife;
  handlers[kinds.NODE_EVICT] = (n) => watch.due(asNode(n));
  handlers[kinds.NODE_MONITOR] = (phase) => watch.monitor(phase);
  handlers[kinds.NODE_TAINT] = () => watch.taintNext();
  handlers[kinds.TAINT_EVICT] = () => watch.tokenCame();
  handlers[kinds.NODE_IDLE] = (n) => run.elastic!.idled(asNode(n));
  handlers[kinds.OUTAGE_BEGIN] = (i) => run.nodeLife.outageBegan(i);
  handlers[kinds.OUTAGE_END] = (i) => run.nodeLife.outageEnded(i);
  handlers[kinds.FAILOVER] = () => run.nodeLife.failedOver();
  handlers[kinds.DECIDE] = parts.scheduler.decide;
  handlers[kinds.POD_TERMINATED] = (p) => run.kube!.termination.gone(asPod(p));
  handlers[kinds.POD_DELETE] = (job) => parts.scheduler.deletePod!(job);
  handlers[kinds.QUEUE_TIMER] = () => parts.scheduler.queueTimer!();
  const { controllers } = parts.scheduler;
  handlers[kinds.CONTROLLER_SYNC] = (key) => controllers!.host.sync(key);
  handlers[kinds.CONTROLLER_CALL] = (call) => controllers!.host.called(call);
  handlers[kinds.KUBE_EVENT] = (event) => controllers!.happen(event);
  handlers[kinds.DRAIN_STEP] = (id) => controllers!.drains.step(id);
  handlers[kinds.AUTOSCALE] = (i) => controllers!.autoscalers.decide(i);
  handlers[kinds.SCALE_POOLS] = () => run.elastic!.scale();
  handlers[kinds.PUBLISH] = () => parts.publishing.publish();
  handlers[kinds.MEASURE] = (subject) => parts.measure.measured(subject);
  return handlers;
}
