/**
 * Replications on worker threads: throughput of two against one, and what the pool costs a short run.
 *
 * Two and one take turns, so that both meet the same neighbours on a shared machine; the ratio is the median of the rounds'.
 */
import { openPool, type RunPool, type RunTask, runAll } from '../src/host/pool.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import {
  cluster,
  job,
  machine,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../test/builders/scenario.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';

const HOUR_US = 3600 * SECOND;

/** A cluster of `nodes` nodes of 8 cores, 80 % full of one-minute pods. */
function busy(nodes: number, horizonUs: number): Scenario {
  return scenario({
    horizonUs,
    machineTypes: [machine({ cpuMillicores: 8000, memoryBytes: 64 * 1024 ** 3 })],
    clusters: [cluster({ pools: [pool({ count: nodes })] })],
    workloads: [
      job({
        arrivals: { kind: 'poisson', ratePerSecond: (0.8 * nodes * 8) / 60 },
        durationUs: { law: 'exponential', mean: 60 * SECOND },
        pod: podSpec({ cpuMillicores: 1000 }),
      }),
    ],
  });
}

function taskOf(from: Scenario, replication: number): RunTask {
  return {
    scenario: from,
    seed: 1,
    replication,
    plugins: [],
    check: false,
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '0.0.0',
    },
  };
}

/** Runs replications from number `first` on. */
async function time(
  workers: RunPool,
  from: Scenario,
  first: number,
  count: number,
): Promise<{ readonly seconds: number; readonly inside: number; readonly events: number }> {
  let next = first;
  let inside = 0;
  let events = 0;
  const startedMs = performance.now();
  await runAll(workers, {
    next: () => (next < first + count ? taskOf(from, next++) : null),
    take: (answer) => {
      inside += answer.wallMs / 1000;
      events += answer.events;
    },
  });
  return { seconds: (performance.now() - startedMs) / 1000, inside, events };
}

/** Measures two workers against one, and the overhead of a thousand short runs. */
export async function benchReplications(options: BenchOptions): Promise<BenchRow[]> {
  const nodes = options.nodes ?? 50;
  const long = busy(nodes, options.isSmoke ? HOUR_US / 2 : 12 * HOUR_US);
  const rounds = options.isSmoke ? 1 : 5;
  const one = await openPool({ threads: 1 });
  const two = await openPool({ threads: 2 });
  const ratios: number[] = [];
  const rates: { one: number[]; two: number[] } = { one: [], two: [] };
  // Warm: the first runs compile.
  await time(one, long, 0, 2);
  await time(two, long, 0, 4);
  for (let round = 0; round < rounds; round++) {
    const alone = await time(one, long, 2 * round, 2);
    const both = await time(two, long, 2 * round, 2);
    ratios.push(alone.seconds / both.seconds);
    rates.one.push(alone.events / alone.seconds);
    rates.two.push(both.events / both.seconds);
  }
  const short = busy(4, HOUR_US / 6);
  const count = options.isSmoke ? 50 : 1000;
  await time(one, short, 0, 50);
  const runs = await time(one, short, 0, count);
  await one.close();
  await two.close();
  const overheadMs = ((runs.seconds - runs.inside) * 1000) / count;
  return [
    row('two replications, 1 worker', { nodes, eventsPerSecond: median(rates.one) }),
    row('two replications, 2 workers', {
      nodes,
      eventsPerSecond: median(rates.two),
      reference: '1 worker',
      ratio: median(ratios),
    }),
    row(`${count} short runs: ms of overhead each`, {
      nodes: 4,
      eventsPerSecond: runs.events / runs.seconds,
      reference: 'ms a run',
      ratio: overheadMs,
    }),
  ];
}
