/**
 * Replications on worker threads: throughput of two against one, and what the pool costs a short run.
 *
 * Two and one take turns, so that both meet the same neighbours on a shared machine; the ratio is the median of the rounds'.
 */
import { openPool, type RunPool, runAll } from '../src/host/pool.ts';
import type { RunTask } from '../src/host/run-task.ts';
import { runScenario } from '../src/host/simulate.ts';
import { registryWith } from '../src/run/registry.ts';
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
        arrivals: { kind: 'poisson', perSecond: (0.8 * nodes * 8) / 60 },
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

/** What some runs took. */
interface Taken {
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  readonly events: number;
}

async function timed(work: () => Promise<number>): Promise<Taken> {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const events = await work();
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: (user + system) / 1e6,
    events,
  };
}

/** Runs replications from number `first` on. */
function onPool(workers: RunPool, from: Scenario, first: number, count: number): Promise<Taken> {
  return timed(async () => {
    let next = first;
    let events = 0;
    await runAll(workers, {
      next: () => (next < first + count ? taskOf(from, next++) : null),
      take: (answer) => {
        events += answer.events;
      },
    });
    return events;
  });
}

/** The same in this thread: what the pool adds is the difference. */
function inHere(from: Scenario, count: number): Promise<Taken> {
  const registry = registryWith([]);
  return timed(async () => {
    let events = 0;
    for (let r = 0; r < count; r++) {
      const { plugins: _, ...task } = taskOf(from, r);
      events += (await runScenario({ ...task, registry })).events;
    }
    return events;
  });
}

/** Measures two workers against one, and what the pool adds to a thousand short runs. */
export async function benchReplications(options: BenchOptions): Promise<BenchRow[]> {
  const nodes = options.nodes ?? 50;
  const long = busy(nodes, options.isSmoke ? HOUR_US / 2 : 12 * HOUR_US);
  const rounds = options.isSmoke ? 1 : 5;
  const one = await openPool({ threads: 1 });
  const two = await openPool({ threads: 2 });
  // Warm: the first runs compile.
  await onPool(one, long, 0, 2);
  await onPool(two, long, 0, 4);
  const alone: Taken[] = [];
  const both: Taken[] = [];
  for (let round = 0; round < rounds; round++) {
    alone.push(await onPool(one, long, 2 * round, 2));
    both.push(await onPool(two, long, 2 * round, 2));
  }
  const short = busy(4, HOUR_US / 6);
  const count = options.isSmoke ? 50 : 1000;
  await onPool(one, short, 0, 50);
  await inHere(short, 50);
  const pooled = await onPool(one, short, 0, count);
  const here = await inHere(short, count);
  await one.close();
  await two.close();
  const rate = (all: readonly Taken[]) => median(all.map((t) => t.events / t.seconds));
  const ratio = (of: (a: Taken, b: Taken) => number) =>
    median(alone.map((a, i) => of(a, both[i]!)));
  return [
    row('two replications, 1 worker', { nodes, eventsPerSecond: rate(alone) }),
    row('two replications, 2 workers', {
      nodes,
      eventsPerSecond: rate(both),
      reference: '1 worker',
      ratio: ratio((a, b) => a.seconds / b.seconds),
    }),
    // What a machine with two free cores would give: neighbours take no processor time from this.
    row('the same by processor time', {
      nodes,
      reference: '1 worker',
      ratio: ratio((a, b) => (2 * a.cpuSeconds) / b.cpuSeconds),
    }),
    row(`${count} short runs on a worker`, {
      nodes: 4,
      eventsPerSecond: pooled.events / pooled.seconds,
      reference: 'ms added a run',
      ratio: ((pooled.seconds - here.seconds) * 1000) / count,
    }),
    row('the same by processor time', {
      nodes: 4,
      reference: 'ms added a run',
      ratio: ((pooled.cpuSeconds - here.cpuSeconds) * 1000) / count,
    }),
  ];
}
