/**
 * The hyperscale ladder: one flat cluster of up to a million nodes in equilibrium, with all metrics on; the cost of a pod
 * (arrival, placement, bind, completion) once the fleet is full. With `--against` the C++ reference runs in turn with it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BOUND } from '../src/contracts/observer.ts';
import type { Simulation } from '../src/run/run.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { metric } from '../test/builders/scenario.ts';
import { hyperscaleScenario } from './hyperscale-workload.ts';
import { rowsOfOwnProcess } from './own-process.ts';
import { compileReference, REFERENCE_SIZES, type Reference } from './reference.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';
import { prepareRun } from './time-run.ts';

const LADDER = REFERENCE_SIZES;

/** A policy of the ladder: what the scenario says, and what the reference calls it, null if it does not know it. */
interface LadderPolicy {
  readonly use: Scenario['policies']['scheduling'];
  readonly reference: string | null;
  /** Largest step of the ladder that it climbs. */
  readonly nodesMax: number;
}

const POLICIES: Readonly<Record<string, LadderPolicy>> = {
  exact: {
    use: { use: 'least-allocated', params: {} },
    reference: 'sky',
    nodesMax: Number.POSITIVE_INFINITY,
  },
  pow8: {
    use: { use: 'power-of-d', params: { d: 8 } },
    reference: 'pow8',
    nodesMax: Number.POSITIVE_INFINITY,
  },
  'first-fit': {
    use: { use: 'first-fit', params: {} },
    reference: null,
    nodesMax: Number.POSITIVE_INFINITY,
  },
  // Scores of 200 shapes on more nodes have no room in memory.
  'most-allocated': {
    use: { use: 'most-allocated', params: {} },
    reference: null,
    nodesMax: 100_000,
  },
};

/** Pods that are timed: enough for a second or two, after a fifth as many that are not. */
function podsFor(nodes: number, isSmoke: boolean): number {
  return isSmoke ? 2_000 : Math.min(1_000_000, Math.max(500_000, nodes));
}

/** Measures the ladder, each size and policy in processes of their own; or one of each in this one, with `--only`. */
export async function benchHyperscale(options: BenchOptions): Promise<BenchRow[]> {
  const policies = options.policy === null ? Object.keys(POLICIES) : [options.policy];
  for (const policy of policies) {
    if (!Object.hasOwn(POLICIES, policy)) {
      throw new Error(`--policy got ${policy}, expected one of ${Object.keys(POLICIES)}`);
    }
  }
  if (options.isSmoke) return [measure(300, 'exact', 'auto', true)];
  if (options.isOnly) {
    return [measure(options.nodes ?? LADDER[0]!, policies[0]!, options.queue ?? 'auto', false)];
  }
  const reference = options.against === null ? null : compileReference(options.against);
  if (options.against !== null && reference === null) console.error('bench: no g++, no reference');
  const rows: BenchRow[] = [];
  try {
    for (const nodes of options.nodes === null ? LADDER : [options.nodes]) {
      for (const policy of policies) {
        if (options.nodes === null && nodes > POLICIES[policy]!.nodesMax) continue;
        rows.push(inTurns(nodes, policy, reference, options));
      }
    }
  } finally {
    reference?.dispose();
  }
  return rows;
}

/** Pairs of runs, ours and the reference's; the median of the pairs' ratios. */
function inTurns(
  nodes: number,
  policy: string,
  reference: Reference | null,
  options: BenchOptions,
): BenchRow {
  const args = ['hyperscale', '--only', '--nodes', String(nodes), '--policy', policy];
  if (options.queue !== null) args.push('--queue', options.queue);
  const name = REFERENCE_SIZES.includes(nodes) ? POLICIES[policy]!.reference : null;
  const theirs = name === null ? null : reference;
  const ours: BenchRow[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < (options.rounds ?? (theirs === null ? 1 : 5)); round++) {
    const pods = podsFor(nodes, false);
    const limit = name === null ? null : (theirs?.run(nodes, name, pods) ?? null);
    ours.push(rowsOfOwnProcess(args)[0]!);
    const { nsPerPod } = ours[ours.length - 1]!;
    if (limit !== null) ratios.push(nsPerPod! / limit.nsPerPod);
    const ratio = limit === null ? '' : `, reference ${limit.nsPerPod} ns`;
    console.error(`${nodes} nodes, ${policy}: ${Math.round(nsPerPod!)} ns a pod${ratio}`);
  }
  if (new Set(ours.map((one) => one.trajectory)).size > 1) throw new Error('trajectories differ');
  const nsPerPod = median(ours.map((one) => one.nsPerPod!));
  const first = ours[0]!;
  return {
    ...first,
    nsPerPod,
    podsPerSecond: 1e9 / nsPerPod,
    eventsPerSecond: (first.eventsPerSecond! / first.podsPerSecond!) * (1e9 / nsPerPod),
    reference: ratios.length === 0 ? null : 'C++ limit',
    ratio: ratios.length === 0 ? null : median(ratios),
  };
}

interface Counted {
  readonly pods: number;
  readonly events: number;
  readonly examined: number;
}

function count(simulation: Simulation): Counted {
  const { recorder, run } = simulation.world.clusters[0]!;
  return {
    pods: recorder.countedFromStart(BOUND),
    events: simulation.progress().events,
    examined: run.deciding.examined ?? 0,
  };
}

/** Heap and buffers in use, bytes. */
function usedBytes(collect: () => void): number {
  collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

/** One size, one policy, in this process. */
function measure(
  nodes: number,
  policy: string,
  eventQueue: Scenario['eventQueue'],
  isSmoke: boolean,
): BenchRow {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const pods = podsFor(nodes, isSmoke);
  const { use } = POLICIES[policy]!;
  const before = usedBytes(collect);
  const from = hyperscaleScenario({ nodes, policy: use, eventQueue, pods: pods * 1.2 });
  const simulation = prepareRun(from);
  const { run } = simulation.world.clusters[0]!;
  // Room for pods is reserved from the start: it counts for them.
  const empty = usedBytes(collect) - run.cluster.pods.bytes - run.engine.queueBytes;
  const filled = 25 * nodes + pods / 5;
  while (count(simulation).pods < filled) simulation.runFor(1000);
  const full = usedBytes(collect);
  const { running } = simulation.progress();
  const start = count(simulation);
  const startedAt = process.cpuUsage();
  while (simulation.runFor(10_000) !== 'done');
  const { system, user } = process.cpuUsage(startedAt);
  const seconds = (system + user) / 1e6;
  const end = count(simulation);
  const bundle = simulation.finish(null);
  const placed = end.pods - start.pods;
  const allocated = metric(bundle, 'allocation_ratio', { resource: 'cpu' }).last!;
  const waited = metric(bundle, 'pod_wait_seconds').mean!;
  return row(`flat, cpu ${Math.round(allocated * 100)} %, wait ${waited.toPrecision(2)} s`, {
    nodes,
    policy,
    tier: bundle.manifest.policies[0]!.tier,
    queue: run.engine.queueName,
    podsPerSecond: placed / seconds,
    eventsPerSecond: (end.events - start.events) / seconds,
    nsPerPod: (seconds * 1e9) / placed,
    scoredPerPod: (end.examined - start.examined) / placed,
    bytesPerNode: (empty - before) / nodes,
    bytesPerRunningPod: (full - empty) / running,
    trajectory: bundle.manifest.trajectory,
  });
}
