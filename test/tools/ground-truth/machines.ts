/** The cases of machines that fail: availability, repairmen, k-of-n, checkpoints. */
import type { Distribution } from '../../../src/base/distribution.ts';
import { COMPLETED } from '../../../src/contracts/observer.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation } from '../../../src/run/run.ts';
import { cluster, job, machine, once, pool, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { NO_MANIFEST } from '../reproduce/manifest.ts';
import { type Estimate, meanOf } from './batches.ts';
import { NodeRun, type NodesModel, UNIT_US } from './node-run.ts';
import { errorAllowed, isPrecise, judge } from './precision.ts';
import { type Expected, isPositive, type Params } from './queues.ts';
import { skip, type Verdict } from './report.ts';

const SLICE = 100_000;
const BATCHES_LEAST = 128;
const EVENTS_MOST = 40_000_000;
/** Share of the complement of a probability near 1 that its error may be: 1 % of 0.9997 would say nothing. */
const COMPLEMENT = 0.05;

type Reading = (run: NodeRun, field: string) => Estimate | null;

const exponentialUs = (mean: number): Distribution => ({
  law: 'exponential',
  mean: mean * UNIT_US,
});

/** Machines that wait for one of r repairers. */
export function repairmen(params: Params, expected: Expected, seed: number): Verdict {
  const { machines, MTBF, MTTR, repairers } = params as Record<string, number>;
  if (![machines, MTBF, MTTR, repairers].every(isPositive)) return skip('no machines or repairers');
  const model: NodesModel = {
    nodes: machines!,
    use: 'exponential',
    params: { mtbf: MTBF! * UNIT_US, repair: exponentialUs(MTTR!) },
    repairers: repairers!,
    cycle: MTBF! + MTTR!,
  };
  return run(model, expected, seed, (nodes, field) => {
    const { down, all, time } = nodes.nodeTime;
    if (field === 'mean_down') return nodes.batches.ratio(down, time);
    if (field === 'availability') return complement(nodes.batches.ratio(down, all));
    return field === 'P_all_up' ? nodes.batches.ratio(nodes.columnOfDown(0), time) : null;
  });
}

/** Availability by renewal, which no law of the times up and down may change: tried with three pairs of laws. */
export function availability(params: Params, expected: Expected, seed: number): Verdict {
  const up = params.MTBF_up;
  const down = params.MTTR;
  if (!isPositive(up) || !isPositive(down)) return skip('no times up and down');
  const sigma = 1;
  const lognormal = { law: 'lognormal', median: down * UNIT_US * Math.exp(-0.5), sigma };
  const mtbf = up * UNIT_US;
  const laws: readonly Pick<NodesModel, 'use' | 'params'>[] = [
    { use: 'exponential', params: { mtbf, repair: exponentialUs(down) } },
    { use: 'weibull', params: { mtbf, shape: 0.8, repair: lognormal } },
    {
      use: 'weibull',
      params: { mtbf, shape: 2, repair: { law: 'constant', value: down * UNIT_US } },
    },
  ];
  const verdicts = laws.map((law) =>
    run(
      { nodes: 50, ...law, repairers: null, cycle: up + down },
      expected,
      seed,
      (nodes, field) => {
        const { down: columnDown, all } = nodes.nodeTime;
        return field === 'availability' ? complement(nodes.batches.ratio(columnDown, all)) : null;
      },
    ),
  );
  const actual = verdicts.map((verdict) => verdict.actual);
  return { ...(verdicts.find((verdict) => verdict.status !== 'passed') ?? verdicts[0]!), actual };
}

/** At least k of n independent nodes up. */
export function kOfN(params: Params, expected: Expected, seed: number): Verdict {
  const { n, k, A } = params as { n: number; k: number; A: number };
  if (![n, k, A].every(isPositive) || A >= 1 || k > n) return skip('no k-of-n');
  const mtbf = A / (1 - A);
  const model: NodesModel = {
    nodes: n,
    use: 'exponential',
    params: { mtbf: mtbf * UNIT_US, repair: exponentialUs(1) },
    repairers: null,
    cycle: mtbf + 1,
  };
  return run(model, expected, seed, (nodes, field) => {
    if (field !== 'P_up') return null;
    const columns = Array.from({ length: n - k + 1 }, (_, down) => nodes.columnOfDown(down));
    return nodes.batches.ratio(columns, nodes.nodeTime.time);
  });
}

function complement({ mean, standardError }: Estimate): Estimate {
  return { mean: 1 - mean, standardError };
}

function run(model: NodesModel, expected: Expected, seed: number, read: Reading): Verdict {
  const nodes = new NodeRun(model, seed);
  for (;;) {
    const isOver = !nodes.advance(SLICE);
    if (!isOver && nodes.batches.count < BATCHES_LEAST) continue;
    const estimates = new Map<string, Estimate>();
    for (const field of Object.keys(expected)) {
      const estimate = read(nodes, field);
      if (estimate !== null) estimates.set(field, estimate);
    }
    const isDone = [...estimates].every(([field, estimate]) => {
      const exact = expected[field]!;
      const isSharp =
        !(exact < 1) || estimate.standardError <= Math.max(COMPLEMENT * (1 - exact), 1e-9);
      return isPrecise(field, exact, estimate) && isSharp;
    });
    if (isDone || isOver || nodes.events >= EVENTS_MOST) return judge(expected, estimates);
  }
}

const FORMULA_FIELD = 'E_completion_if_T_multiple_of_tau';
/** Checkpoints of the job that is run: the expected time is linear in their number. */
const CHECKPOINTS = 5;
/** Jobs started at once, one a node; their completion times are independent. */
const JOBS_FIRST = 4_000;
const JOBS_MOST = 400_000;

/** A job that writes checkpoints on a node that fails at random and is back at once. */
export function checkpoints(params: Params, expected: Expected, seed: number): Verdict {
  const { work, checkpoint_cost: cost, MTBF, tau_Young: tau } = params as Record<string, number>;
  if (![work, cost, MTBF, tau].every(isPositive)) return skip('no checkpoints');
  const exact = expected[FORMULA_FIELD];
  if (exact === undefined) return judge(expected, new Map());
  for (let jobs = JOBS_FIRST; ; jobs *= 4) {
    const times = completionTimes({ jobs, tau: tau!, cost: cost!, mtbf: MTBF! }, seed);
    const { mean, standardError } = meanOf(times);
    // The formula counts work / tau intervals, whole or not; a job can only run whole ones.
    const scale = work! / (CHECKPOINTS * tau!);
    const estimate = { mean: mean * scale, standardError: standardError * scale };
    const isDone = estimate.standardError <= errorAllowed(FORMULA_FIELD, exact) / 4;
    if (isDone || jobs >= JOBS_MOST) return judge(expected, new Map([[FORMULA_FIELD, estimate]]));
  }
}

/** Completion times of jobs that write {@link CHECKPOINTS} checkpoints, in units of time. */
function completionTimes(
  { jobs, tau, cost, mtbf }: { jobs: number; tau: number; cost: number; mtbf: number },
  seed: number,
): number[] {
  const everyUs = Math.round(tau * UNIT_US);
  // No checkpoint is written at the very end of a job: a microsecond of work behind the last one makes it be written.
  const workUs = CHECKPOINTS * everyUs + 1;
  const horizonUs = 8e15;
  const startUs = 10;
  const study = scenario({
    name: 'checkpoints',
    horizonUs,
    machineTypes: [machine({ cpuMillicores: 1000, pods: 1 })],
    clusters: [cluster({ pools: [pool({ count: jobs })] })],
    workloads: [
      job({
        ...once(startUs),
        podsPerJob: { law: 'constant', value: jobs },
        durationUs: { law: 'constant', value: workUs },
        onEviction: { kind: 'checkpoint', everyUs, costUs: Math.round(cost * UNIT_US) },
      }),
    ],
    failures: [
      {
        kind: 'nodes',
        model: {
          use: 'exponential',
          params: { mtbf: mtbf * UNIT_US, repair: { law: 'constant', value: 1 } },
        },
        clusters: null,
        repairers: null,
      },
    ],
    series: { everyUs: horizonUs },
  });
  const simulation = createSimulation(study, {
    seed,
    registry: builtinRegistry(),
    manifest: NO_MANIFEST,
  });
  const { run: clusterRun } = simulation.world.clusters[0]!;
  const times: number[] = [];
  listen(simulation, 0, {
    count: (counter) => {
      if (counter === COMPLETED) times.push((clusterRun.nowUs - startUs) / UNIT_US);
    },
  });
  while (times.length < jobs) {
    if (simulation.runFor(SLICE) === 'done') throw new Error('some job never ended');
  }
  return times;
}
