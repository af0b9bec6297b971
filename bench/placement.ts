/**
 * Cost of a placement decision by the number of clusters, the policy and the size of the jobs: the placer alone, arrivals
 * pulled, decided on and sent. Nothing runs in the clusters: summaries that leave each of them about 70 % allocated stand in
 * for them, one per cluster every 30 s, and what they are sent is thrown away. Each policy has a process of its own.
 */

import { asCluster, asResource } from '../src/base/ids.ts';
import { SUMMARY } from '../src/processes/messages.ts';
import { PENDING_PODS, PUBLISHED_AT, QUANTITIES } from '../src/processes/publishing.ts';
import { KeyedDraws } from '../src/random/draw.ts';
import type { World } from '../src/run/build.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import {
  cluster,
  GIB,
  job,
  machine,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../test/builders/scenario.ts';
import { rowsOfOwnProcess } from './own-process.ts';
import { type BenchOptions, type BenchRow, row } from './rows.ts';
import { prepareRun } from './time-run.ts';

const POLICIES = ['most-free', 'round-robin', 'static-weight', 'spill-over'] as const;
const LADDER = [10, 100, 1000];
const PODS_OF_JOB = [1, 25, 1000];
/** As many pods at a rung, so that the ladder takes a minute a policy. */
const PODS = 1_000_000;
/** Workloads, each with pods of its own shape. */
const WORKLOADS = 6;
const PODS_PER_SECOND = 1000;
const SUMMARY_EVERY_US = 30 * SECOND;
const USED = 0.7;

/** A fleet of clusters of 10 to 100 nodes and six streams of jobs. */
function fleetScenario(clusters: number, policy: string, podsOfJob: number): Scenario {
  const sizes = new KeyedDraws(1, 0, 'bench/nodes');
  return scenario({
    horizonUs: 1e6 * SECOND,
    machineTypes: [machine({ cpuMillicores: 32_000, memoryBytes: 128 * GIB })],
    clusters: Array.from({ length: clusters }, (_, c) =>
      cluster({
        name: `c${String(c).padStart(6, '0')}`,
        weight: 1 + (c % 3),
        pools: [pool({ count: 10 + Math.floor(91 * sizes.uniform(c, 0)) })],
      }),
    ),
    workloads: Array.from({ length: WORKLOADS }, (_, w) =>
      job({
        name: `w${w}`,
        pod: podSpec({ cpuMillicores: 100 * (1 + 3 * w), memoryBytes: (1 + ((3 * w) % 8)) * GIB }),
        arrivals: { kind: 'poisson', perSecond: PODS_PER_SECOND / podsOfJob / WORKLOADS },
        podsPerJob: { law: 'constant', value: podsOfJob },
      }),
    ),
    policies: { ...scenario().policies, placement: { use: policy, params: {} } },
    placement: {
      latencyUs: SECOND,
      summaryEveryUs: SUMMARY_EVERY_US,
      returnAfterUs: null,
      failoverAfterUs: null,
    },
    series: { everyUs: 1e6 * SECOND },
  });
}

/** A world of which only the placer runs. */
class PlacerAlone {
  private readonly world: World;
  private readonly used = new KeyedDraws(1, 0, 'bench/used');
  private rounds = 0;

  constructor(from: Scenario) {
    this.world = prepareRun(from).world;
    this.world.placerLane.refill();
  }

  get pods(): number {
    return this.world.fleetRecorder.arrivedPods.reduce((sum, pods) => sum + pods, 0);
  }

  /** Runs the placer up to an instant and empties the clusters' inboxes. @returns processor time of the placer, microseconds */
  runBefore(limitUs: number): number {
    const { books, placerEngine } = this.world;
    const start = process.cpuUsage();
    placerEngine.runBefore(limitUs);
    const { system, user } = process.cpuUsage(start);
    for (const { inbox } of books) while (inbox.length > 0) inbox.shift();
    return system + user;
  }

  /** Puts a summary of every cluster into the placer's inbox. @returns how many */
  publish(atUs: number): number {
    const { placerLane, placing, resources } = this.world;
    const { allocatable, clusters } = placing.view;
    this.rounds++;
    for (const { index } of clusters) {
      const message = placerLane.inbox.push();
      message.kind = SUMMARY;
      message.cluster = index;
      message.atUs = atUs;
      // Behind the last resource are GPUs: none.
      const payload = new Float64Array(QUANTITIES + 3 * (resources.count + 1));
      payload[PUBLISHED_AT] = atUs - SECOND;
      payload[PENDING_PODS] = 0;
      for (let r = asResource(0); r < resources.count; r++) {
        const all = allocatable[r]![asCluster(index)]!;
        const free = 1 - USED + 0.1 * (this.used.uniform(index, this.rounds) - 0.5);
        payload[QUANTITIES + 3 * r] = Math.floor(free * all);
        payload[QUANTITIES + 3 * r + 1] = all;
      }
      message.payload = payload;
    }
    return clusters.length;
  }
}

/** Nanoseconds a job, summaries left out. */
function nsPerDecision(from: Scenario, podsOfJob: number, pods: number): number {
  const placer = new PlacerAlone(from);
  let us = 0;
  let timedFrom = -1;
  for (let atUs = 0; placer.pods < 1.25 * pods; atUs += SUMMARY_EVERY_US) {
    placer.publish(atUs);
    placer.runBefore(atUs + 1);
    const isWarm = placer.pods >= 0.25 * pods;
    if (isWarm && timedFrom < 0) timedFrom = placer.pods;
    const took = placer.runBefore(atUs + SUMMARY_EVERY_US);
    if (isWarm) us += took;
  }
  return (us * 1000 * podsOfJob) / (placer.pods - timedFrom);
}

/** Nanoseconds a summary, taken over while pods that no cluster could ever host wait at the fleet. */
function nsPerSummary(from: Scenario, summaries: number): number {
  const never = job({
    name: 'never',
    arrivals: { kind: 'regular', everyUs: 1 },
    untilUs: 1000,
    pod: podSpec({ cpuMillicores: 1e6 }),
  });
  const placer = new PlacerAlone({ ...from, workloads: [never] });
  const publish = (fromUs: number): number => {
    let count = 0;
    while (count < summaries) count += placer.publish(fromUs);
    return count;
  };
  placer.runBefore(2000);
  publish(2000);
  placer.runBefore(2001);
  const count = publish(3000);
  return (placer.runBefore(3001) * 1000) / count;
}

/** Measures the ladder of one policy, or of every policy in a process of its own; `--nodes` asks for one number of clusters. */
export async function benchPlacement(options: BenchOptions): Promise<BenchRow[]> {
  if (options.policy === null && !options.isSmoke) {
    const size = options.nodes === null ? [] : ['--nodes', String(options.nodes)];
    return POLICIES.flatMap((policy) =>
      rowsOfOwnProcess(['placement', '--policy', policy, ...size]),
    );
  }
  const policy = options.policy ?? 'most-free';
  const ladder = options.isSmoke ? [3, 30] : options.nodes !== null ? [options.nodes] : LADDER;
  const pods = options.isSmoke ? 100_000 : PODS;
  return ladder.flatMap((clusters) => {
    const rows = PODS_OF_JOB.map((podsOfJob) => {
      const from = fleetScenario(clusters, policy, podsOfJob);
      const ns = nsPerDecision(from, podsOfJob, pods);
      return rowOf(from, `${clusters} clusters, jobs of ${podsOfJob}`, ns, podsOfJob);
    });
    const from = fleetScenario(clusters, policy, 1);
    const ns = nsPerSummary(from, options.isSmoke ? 300 : 100_000);
    return [...rows, rowOf(from, `${clusters} clusters, summaries`, ns, null)];
  });
}

function rowOf(from: Scenario, name: string, ns: number, podsOfJob: number | null): BenchRow {
  let nodes = 0;
  for (const { pools } of from.clusters) for (const { count } of pools) nodes += count;
  const policy = from.policies.placement.use;
  const nsPerPod = podsOfJob === null ? null : ns / podsOfJob;
  return row(name, { nodes, policy, nsPerDecision: ns, nsPerPod });
}
