/** How much memory a run will take, from the sizes of its state: measured once, on Node 20 (docs/hyperscale.md). */
import type { Scenario } from '../scenario/scenario.ts';
import { INITIAL_OVER_US, nodesHit } from './estimate-events.ts';

/** A process that has read a small scenario and written a small bundle. */
const BYTES_AT_REST = 110 * 1024 * 1024;
/** Columns, list of nodes, index and its one event. */
const BYTES_PER_NODE = 400;
/** Record of the slab (64), the event of its end (24), room for more, and what is not collected yet. */
const BYTES_PER_POD = 140;
/** Recorder, queues, lists: a cluster without a node. */
const BYTES_PER_CLUSTER = 60_000;
/** Recorder and metrics of a workload in a cluster, mostly while the bundle is made. */
const BYTES_PER_WORKLOAD = 80_000;
/** A bucket of all series of a cluster: numbers as it grows, text in files and report. */
const BYTES_PER_BUCKET = 3800;
/** A message to a cluster, with the room that its queue doubles into. */
const BYTES_PER_MESSAGE = 400;
/** A pod that an outage displaces goes back as a message, and comes as one. */
const BYTES_PER_DISPLACED = 4 * BYTES_PER_MESSAGE;

/** A thread: its heap at rest, the code that it compiles, its buffers of mail. */
const BYTES_PER_THREAD = 50 * 1024 * 1024;
/** What two threads hold a node for: mostly pods that are on their way to it, twice. */
const BYTES_PER_SHARED_NODE = 700;

/** What the estimate rests on. */
export interface ExpectedState {
  readonly nodesMax: number;
  readonly runningPeak: number;
}

/**
 * Estimates the peak of a process's memory (resident set), bytes.
 *
 * Within 30 % on what was measured. Pods that wait beyond the expected peak are not in it, nor what controllers of Kubernetes
 * keep.
 */
export function estimateMemory(scenario: Scenario, state: ExpectedState): number {
  const clusters = scenario.clusters.length;
  const buckets = scenario.horizonUs / scenario.series.everyUs;
  return (
    BYTES_AT_REST +
    state.nodesMax * BYTES_PER_NODE +
    state.runningPeak * BYTES_PER_POD +
    clusters * BYTES_PER_CLUSTER +
    clusters * scenario.workloads.length * BYTES_PER_WORKLOAD +
    clusters * buckets * BYTES_PER_BUCKET +
    messagesOf(scenario) * BYTES_PER_MESSAGE +
    displacedOf(scenario, state) * BYTES_PER_DISPLACED
  );
}

/** Estimates what the threads of one run take beside its state, bytes; 1 takes nothing more. */
export function threadMemory(
  threads: number,
  { nodesMax }: Pick<ExpectedState, 'nodesMax'>,
): number {
  return threads === 1 ? 0 : threads * BYTES_PER_THREAD + nodesMax * BYTES_PER_SHARED_NODE;
}

/** Pods of the outage that displaces most: they go to other clusters all at once. */
function displacedOf(scenario: Scenario, { nodesMax, runningPeak }: ExpectedState): number {
  if (scenario.clusters.length === 1 || nodesMax === 0) return 0;
  const nodes = scenario.failures.map((failure) =>
    failure.kind === 'outage' ? nodesHit(failure, scenario) : 0,
  );
  return (Math.max(0, ...nodes) * runningPeak) / nodesMax;
}

/** Messages with initial pods that are on their way at one time; a single cluster gets them one by one. */
function messagesOf({ clusters, placement, workloads }: Scenario): number {
  if (clusters.length === 1) return 0;
  let messages = 0;
  for (const workload of workloads) {
    if (workload.kind === 'service' || workload.initial === undefined) continue;
    const { overUs = INITIAL_OVER_US, pods } = workload.initial;
    messages += pods * Math.min(1, placement.latencyUs / overUs);
  }
  return messages;
}
