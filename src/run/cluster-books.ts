/**
 * The books of a cluster: what the end of a run, its thresholds and whoever watches it need to know of a cluster, wherever its
 * events run. Beside them a run knows only the messages.
 */
import type { FleetRecorder } from '../metrics/fleet-recorder.ts';
import { ClusterRecorder, type RecorderParts } from '../metrics/recorder.ts';
import type { Cluster } from '../model/cluster.ts';
import type { PendingGroup } from '../processes/kubernetes/pending.ts';
import { Inbox } from '../processes/messages.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Tier } from '../selection/selector.ts';
import { type ClusterParts, makeColumns } from './cluster-parts.ts';
import { ClusterSeries, resourceColumns } from './cluster-series.ts';
import { type ClusterPlan, gpuModelsOf } from './fleet-plan.ts';
import type { WorkloadPlan } from './workloads.ts';

/** What a cluster says of itself when it is asked. */
export interface ClusterReport {
  /** Events so far. */
  readonly dispatched: number;
  /** Pods that wait or run here. */
  readonly livePods: number;
  readonly tier: Tier | null;
  /** Who waits why, in Kubernetes' words; only at the end. */
  readonly pending: readonly PendingGroup[];
}

/** Everything that is known of a cluster from outside. */
export interface ClusterBooks {
  readonly name: string;
  readonly plan: ClusterPlan;
  readonly schedulingName: string;
  readonly queueingName: string;
  readonly recorder: ClusterRecorder;
  readonly series: ClusterSeries;
  /** Messages of the placer that are on their way to the cluster. */
  readonly inbox: Inbox;
  /** Messages to the placer, in order of sending. */
  readonly outbox: Inbox;
  /** The latest report. */
  report: ClusterReport;
  /** What the recorder points to that is the cluster's own: it never crosses between threads. */
  readonly outside: readonly object[];
}

/** What a recorder of a cluster is made from. */
export interface BooksParts {
  readonly scenario: Scenario;
  readonly plan: ClusterPlan;
  readonly workloads: WorkloadPlan;
  readonly fleetRecorder: FleetRecorder;
}

/** Makes the recorder of a cluster, and lists what it points to. */
export function makeRecorder(
  { fleetRecorder, plan, scenario, workloads }: BooksParts,
  cluster: Cluster,
): { readonly recorder: ClusterRecorder; readonly outside: readonly object[] } {
  const { classes, waits } = fleetRecorder;
  const parts: RecorderParts = {
    cluster,
    totals: cluster.totals,
    kindOf: plan.kindOf,
    kinds: plan.kinds.length,
    workloadKeys: workloads.facts.map((w) => w.key),
    classes,
    fleetWaits: waits,
    warmupUs: scenario.warmupUs,
  };
  const { nodes, pods, resources, totals } = cluster;
  const outside = [parts, cluster, totals, nodes, pods, resources, plan.kindOf, classes];
  return { recorder: new ClusterRecorder(parts), outside };
}

/** Makes the empty series of a cluster. */
export function makeSeries({ scenario }: BooksParts, cluster: Cluster): ClusterSeries {
  const hasGpus = gpuModelsOf(scenario).length > 0;
  return new ClusterSeries(scenario, resourceColumns(cluster.resources, hasGpus));
}

/** A cluster that has nothing to say yet. */
const NO_REPORT: ClusterReport = { dispatched: 0, livePods: 0, tier: null, pending: [] };

/** Keeps the books of a cluster whose events run in this thread. */
export function keepBooks(
  { plan, queueing, scheduling }: ClusterParts,
  { inbox, outbox }: Pick<ClusterBooks, 'inbox' | 'outbox'>,
  own: Pick<ClusterBooks, 'recorder' | 'series' | 'outside'>,
): ClusterBooks {
  return {
    name: plan.cluster.name,
    plan,
    schedulingName: scheduling.policy.name,
    queueingName: queueing.policy.name,
    inbox,
    outbox,
    report: NO_REPORT,
    ...own,
  };
}

/** Slots of a table of pods that nobody fills. */
const NO_PODS = 8;

/** Opens books for a cluster whose events run elsewhere: its own columns are empty. */
export function openBooks(parts: ClusterParts): ClusterBooks {
  const { plan } = parts;
  const cluster = makeColumns({ ...parts, plan: { ...plan, specs: [] }, podSlots: NO_PODS }, false);
  const { outside, recorder } = makeRecorder(parts, cluster);
  recorder.clock = { nowUs: 0 };
  const series = makeSeries(parts, cluster);
  const mail = { inbox: new Inbox(), outbox: new Inbox() };
  return keepBooks(parts, mail, { recorder, series, outside: [...outside, recorder.clock] });
}
