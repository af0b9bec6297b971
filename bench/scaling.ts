/**
 * Cost of a pod (arrival, placement, bind, completion) by the size of its cluster, at 70 % allocation and eight pod shapes.
 *
 * The cluster is filled at once with pods of exponential run times, so that it is in steady state from the start; only what
 * follows is timed. Each policy runs in its own process, because several in one make the same call sites slow for all.
 */
import type { JobWorkload, Scenario } from '../src/scenario/scenario.ts';
import {
  cluster,
  GIB,
  job,
  machine,
  once,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../test/builders/scenario.ts';
import { rowsOfOwnProcess } from './own-process.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';
import { timeRun } from './time-run.ts';

const POLICIES = ['first-fit', 'power-of-d', 'least-allocated', 'most-allocated'] as const;
const LADDER = [1_000, 2_000, 4_000, 8_000, 16_000];
/** Cores of each pod shape; 16 GiB and 4 cores a node hold between one and eight. */
const SHAPES = [500, 750, 1000, 1250, 1500, 2000, 2500, 3000];
const MEAN_RUN_US = 1000 * SECOND;
const FILLED_AT_US = 10 * SECOND;

/** A cluster in steady state, and `pods` more that arrive in it. */
export function steadyScenario(nodes: number, policy: string, pods: number): Scenario {
  const meanMillicores = SHAPES.reduce((sum, c) => sum + c, 0) / SHAPES.length;
  const running = (nodes * 4000 * 0.7) / meanMillicores;
  const perSecond = running / (MEAN_RUN_US / SECOND) / SHAPES.length;
  const workloads = SHAPES.flatMap((cpuMillicores): JobWorkload[] => {
    const shared = {
      pod: podSpec({ cpuMillicores, memoryBytes: (cpuMillicores / 500) * GIB }),
      durationUs: { law: 'exponential', mean: MEAN_RUN_US } as const,
    };
    return [
      job({
        ...shared,
        ...once(SECOND),
        name: `fill-${cpuMillicores}`,
        podsPerJob: { law: 'constant', value: Math.round(running / SHAPES.length) },
      }),
      job({
        ...shared,
        name: `flow-${cpuMillicores}`,
        arrivals: { kind: 'poisson', perSecond },
        fromUs: SECOND,
      }),
    ];
  });
  return scenario({
    horizonUs: Math.round(FILLED_AT_US + (pods / (perSecond * SHAPES.length)) * SECOND),
    machineTypes: [machine({ memoryBytes: 32 * GIB })],
    clusters: [cluster({ pools: [pool({ count: nodes })] })],
    workloads,
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: policy, params: {} },
      queueing: { use: 'fifo', params: {} },
    },
    series: { everyUs: 3600 * SECOND },
  });
}

/** Measures the ladder of one policy, or of every policy in a process of its own. */
export async function benchScaling(options: BenchOptions): Promise<BenchRow[]> {
  if (options.policy === null && !options.isSmoke)
    return POLICIES.flatMap((policy) => rowsOfOwnProcess(['scaling', '--policy', policy]));
  const policy = options.policy ?? 'least-allocated';
  const ladder = options.isSmoke ? [50, 100] : options.nodes !== null ? [options.nodes] : LADDER;
  const pods = options.isSmoke ? 2_000 : 60_000;
  const rounds = options.isSmoke ? 1 : 3;
  timeRun(steadyScenario(ladder[0]!, policy, pods), FILLED_AT_US);
  // Sizes alternate within a round, so that a slow minute of the machine hits all of them.
  const all = Array.from({ length: rounds }, () =>
    ladder.map((nodes) => timeRun(steadyScenario(nodes, policy, pods), FILLED_AT_US)),
  );
  return ladder.map((nodes, i) => {
    const costs = all.map((round) => (round[i]!.seconds * 1e9) / round[i]!.pods);
    const nsPerPod = median(costs);
    const { events, pods: timed, tier, trajectory } = all[0]![i]!;
    return row('steady 70 %', {
      nodes,
      policy,
      tier,
      queue: 'HeapQueue',
      nsPerPod,
      podsPerSecond: 1e9 / nsPerPod,
      eventsPerSecond: (events / timed) * (1e9 / nsPerPod),
      trajectory,
      reference: i === 0 ? null : `${ladder[i - 1]} nodes, cost`,
      ratio:
        i === 0
          ? null
          : median(
              all.map(
                (round) =>
                  round[i]!.seconds / round[i]!.pods / (round[i - 1]!.seconds / round[i - 1]!.pods),
              ),
            ),
    });
  });
}
