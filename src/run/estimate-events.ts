/** How many events a run will have, from means: no draw is made. Good to a tenth where the fleet keeps up with its load. */
import type { Distribution } from '../base/distribution.ts';
import { parseDuration } from '../base/units.ts';
import { isTimed } from '../processes/control-plane.ts';
import { compileDistribution } from '../random/distributions.ts';
import type {
  Cluster,
  DomainTarget,
  Failure,
  JobWorkload,
  Pool,
  Scenario,
  ServiceWorkload,
} from '../scenario/scenario.ts';

/** What `initial.over` is where it is not said, microseconds. */
export const INITIAL_OVER_US = 1_000_000;

/** Points of a law's inverse at which a mean over it is taken. */
const QUANTILES = 4096;

/** What is known of each workload before. */
export interface ExpectedPods {
  /** Pods that arrive; null of a trace. */
  readonly pods: number | null;
  readonly runningMean: number | null;
}

/**
 * Estimates the events of a run.
 *
 * A job is an arrival, then a message and a decision in each cluster that takes a part of it; a pod is an end, and a start if
 * that takes time. With schedulers that take time each pod has a decision and a bind of its own. Clusters close their buckets
 * and publish summaries. Nodes fail and are repaired; pods of an outage that lasts are evicted, wait out their backoff, and are
 * placed again. Not counted: retries of pods that find no room, elastic pools, traces, what controllers of Kubernetes do.
 */
export function estimateEvents(scenario: Scenario, expected: readonly ExpectedPods[]): number {
  const { horizonUs, placement, series, workloads } = scenario;
  const clusters = scenario.clusters.length;
  const isSlow = scenario.clusters.every((c) => isTimed(c.controlPlane ?? scenario.controlPlane));
  let events = clusters * (horizonUs / series.everyUs);
  if (clusters > 1) events += clusters * 2 * (horizonUs / placement.summaryEveryUs);
  /** Events of a pod that is evicted: its retry, its decision and bind, its start. */
  let again = 0;
  workloads.forEach((workload, w) => {
    const pods = expected[w]!.pods ?? 0;
    const starts = isAlwaysZero(workload.startupUs) ? 0 : 1;
    const attempts = isSlow ? 2 : 0;
    const most = workload.cluster === undefined ? clusters : 1;
    events += pods * (starts + attempts);
    const decisions = isSlow ? 0 : 1;
    if (workload.kind === 'service') {
      events += changesOf(workload, horizonUs) * (1 + most * (1 + decisions));
    } else {
      const initial = workload.initial?.pods ?? 0;
      const perJob = podsOf(workload);
      const parts = workload.kind === 'gang' ? 1 : meanOver(workload.podsPerJob, partsIn(most));
      events += initial * 2 + initialEnds(workload, horizonUs);
      const jobs = Math.max(0, pods - initial) / perJob;
      events += jobs * (1 + parts * (1 + decisions));
      events += Math.max(0, pods - initial) * endsWithin(workload, horizonUs);
    }
    const here = expected[w]!.runningMean ?? 0;
    again += here * (2 + attempts + starts);
  });
  if (!isSlow) events += initialDecisions(scenario);
  const perNode = nodesOf(scenario) === 0 ? 0 : again / nodesOf(scenario);
  for (const failure of scenario.failures) events += eventsOf(failure, scenario, perNode);
  return events;
}

/** Takes a mean over a law. @param f of a value */
export function meanOver(law: Distribution, f: (value: number) => number): number {
  if (law.law === 'constant') return f(law.value);
  const { at } = compileDistribution(law);
  let sum = 0;
  for (let i = 0; i < QUANTILES; i++) sum += f(at((i + 0.5) / QUANTILES));
  return sum / QUANTILES;
}

/** Mean pods of a job as it is drawn: whole, at least one. */
export function podsOf({ podsPerJob }: JobWorkload): number {
  if (podsPerJob.law === 'constant') return Math.max(1, Math.round(podsPerJob.value));
  const rounded = meanOver(podsPerJob, (pods) => Math.max(1, Math.round(pods)) - pods);
  return compileDistribution(podsPerJob).mean + rounded;
}

/** Clusters that take a part of a job: as many as there are pods, or all. */
const partsIn = (clusters: number) => (pods: number) =>
  Math.min(clusters, Math.max(1, Math.round(pods)));

/** The share of the pods of jobs that end before the horizon. */
function endsWithin(workload: JobWorkload, horizonUs: number): number {
  const windowUs = Math.min(workload.untilUs, horizonUs) - workload.fromUs;
  if (windowUs <= 0 || !isEnding(workload.durationUs)) return 0;
  const startup = meanOver(workload.startupUs, (us) => us);
  const leftUs = horizonUs - workload.fromUs - startup;
  return meanOver(workload.durationUs, (us) => Math.min(1, Math.max(0, (leftUs - us) / windowUs)));
}

/** Instants at which a cluster gets initial pods: it decides once at each, however many come. */
function initialDecisions({ clusters, workloads }: Scenario): number {
  let overUs = 0;
  let idle = 1;
  for (const workload of workloads) {
    if (workload.kind === 'service' || workload.initial === undefined) continue;
    const spanUs = workload.initial.overUs ?? INITIAL_OVER_US;
    idle *= 1 - Math.min(1, workload.initial.pods / (spanUs * clusters.length));
    overUs = Math.max(overUs, spanUs);
  }
  return overUs * clusters.length * (1 - idle);
}

/** Initial pods that end before the horizon. */
function initialEnds({ durationUs, initial }: JobWorkload, horizonUs: number): number {
  if (initial === undefined || !isEnding(durationUs)) return 0;
  if (initial.residual === 'full') {
    return initial.pods * meanOver(durationUs, (us) => (us < horizonUs ? 1 : 0));
  }
  // In equilibrium the residual life is below t with probability E[min(life, t)] / E[life].
  const { mean } = compileDistribution(durationUs);
  return initial.pods * Math.min(1, meanOver(durationUs, (us) => Math.min(us, horizonUs)) / mean);
}

function isEnding(law: Distribution): boolean {
  return law.law !== 'constant' || Number.isFinite(law.value);
}

function isAlwaysZero(law: Distribution): boolean {
  return law.law === 'constant' && law.value === 0;
}

function changesOf({ replicas }: ServiceWorkload, horizonUs: number): number {
  switch (replicas.kind) {
    case 'constant':
      return 1;
    case 'steps':
      return replicas.steps.filter(({ atUs }) => atUs < horizonUs).length;
    case 'diurnal':
      return horizonUs / replicas.everyUs;
  }
}

function nodesOf({ clusters }: Scenario): number {
  return clusters.reduce((sum, { pools }) => sum + pools.reduce((n, pool) => n + pool.count, 0), 0);
}

function eventsOf(failure: Failure, scenario: Scenario, perNode: number): number {
  const { horizonUs, nodeLifecycle, placement } = scenario;
  const evictAfterUs = nodeLifecycle.detectAfterUs + nodeLifecycle.evictAfterUs;
  if (failure.kind === 'outage') {
    if (failure.atUs >= horizonUs) return 0;
    const nodes = nodesHit(failure, scenario);
    const givenUpUs = Math.min(evictAfterUs, placement.failoverAfterUs ?? Number.POSITIVE_INFINITY);
    return failure.forUs > givenUpUs ? nodes * (1 + perNode) : nodes;
  }
  const mtbf = parseDuration((failure.model.params as { mtbf?: unknown } | null)?.mtbf ?? 0);
  if (!('value' in mtbf) || mtbf.value <= 0) return 0;
  const affected = scenario.clusters.filter(
    ({ name }) => failure.clusters === null || failure.clusters.includes(name),
  );
  const nodes = nodesOf({ ...scenario, clusters: affected });
  return ((nodes * horizonUs) / mtbf.value) * (3 + perNode);
}

/** Counts the nodes that an outage takes down, of those that are there from the start. */
export function nodesHit(
  { target }: { readonly target: DomainTarget },
  scenario: Scenario,
): number {
  let nodes = 0;
  for (const cluster of scenario.clusters) {
    for (const pool of cluster.pools) nodes += hit(target, cluster, pool);
  }
  return nodes;
}

/** Nodes of a pool that an outage takes down. */
function hit(target: DomainTarget, cluster: Cluster, pool: Pool): number {
  const { kind, name } = target;
  const isHit =
    (kind === 'zone' && pool.zone === name) ||
    (kind === 'pool' && `${cluster.name}/${pool.name}` === name) ||
    (kind === 'domain' && pool.domains.includes(name)) ||
    (kind === 'cluster' && cluster.name === name) ||
    (kind === 'site' && cluster.site === name) ||
    (kind === 'region' && cluster.region === name) ||
    (kind === 'provider' && cluster.provider === name);
  if (isHit) return pool.count;
  const isInside = name.startsWith(`${cluster.name}/${pool.name}/`);
  if (kind === 'rack' && isInside) return Math.min(pool.rackSize, pool.count);
  return kind === 'node' && isInside ? 1 : 0;
}
