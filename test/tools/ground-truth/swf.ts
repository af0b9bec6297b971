/** Backfilling on job logs: first come first served and EASY by counts, against reference numbers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DECIDED_BIND } from '../../../src/contracts/observer.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { cluster, job, machine, podSpec, pool, SECOND, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { NO_MANIFEST } from '../reproduce/manifest.ts';
import { isRecord, skip, type Verdict, verdictOf } from './report.ts';

/** Policies by the names of the cases. */
const POLICIES: Readonly<Record<string, Pick<Scenario['policies'], 'scheduling' | 'queueing'>>> = {
  fcfs: {
    scheduling: { use: 'first-fit', params: undefined },
    queueing: { use: 'fifo', params: { blocking: true } },
  },
  easy: {
    scheduling: { use: 'easy-backfill', params: { reserve: 'count', estimate: 'actual' } },
    queueing: { use: 'fifo', params: {} },
  },
};

/** Digits after the point to which each number is given. */
const DIGITS: Readonly<Record<string, number>> = {
  jobs: 0,
  meanWait_s: 4,
  maxWait_s: 1,
  meanBoundedSlowdown_tau10: 6,
  makespan_s: 1,
  utilisation: 6,
};
const INPUTS = ['trace', 'machines', 'policy'];
/** Run times below this many seconds do not blow the slowdown up. */
const SLOWDOWN_FLOOR_SECONDS = 10;

/** Runs one case. @param traces folder that holds the logs, at any name that starts as the case's trace */
export function swfBackfill(raw: Readonly<Record<string, unknown>>, traces: string): Verdict {
  const { trace, machines, policy } = raw;
  const use = typeof policy === 'string' ? POLICIES[policy] : undefined;
  if (use === undefined) return skip(`no policy "${String(policy)}"`);
  const match = /^(\S+)(?: first (\d+) usable jobs)?$/.exec(String(trace));
  if (match === null || typeof machines !== 'number') return skip(`no trace "${String(trace)}"`);
  const file = findTrace(traces, match[1]!);
  if (file === null) return skip(`no log ${match[1]} below the folder of traces`);
  const limit = match[2] === undefined ? null : Number(match[2]);
  const measured = runLog(file, { machines, limit, ...use });
  const faults: string[] = [];
  const unknown: string[] = [];
  for (const [field, value] of Object.entries(raw)) {
    if (INPUTS.includes(field)) continue;
    const digits = DIGITS[field];
    if (digits === undefined || typeof value !== 'number') {
      unknown.push(field);
      continue;
    }
    // Half a unit of the last digit, and the rounding of the sum itself.
    const allowed = (0.5 + 1e-6) / 10 ** digits;
    const off = Math.abs(measured[field]! - value);
    if (!(off <= allowed)) faults.push(`${field}: ${measured[field]} instead of ${value}`);
  }
  return verdictOf(faults, unknown, measured);
}

function findTrace(traces: string, name: string): string | null {
  for (const folder of [join(traces, 'swf'), traces]) {
    for (const ending of ['.swf', '.swf.gz', '']) {
      const file = join(folder, `${name}${ending}`);
      if (existsSync(file)) return file;
    }
  }
  return null;
}

interface LogOptions extends Pick<Scenario['policies'], 'scheduling' | 'queueing'> {
  readonly machines: number;
  readonly limit: number | null;
}

/** One job, from its first pod. Microseconds. */
interface LoggedJob {
  readonly submitUs: number;
  readonly size: number;
  readonly runUs: number;
}

function runLog(file: string, options: LogOptions): Readonly<Record<string, number>> {
  const simulation = prepare(options);
  const bytes = readFileSync(file);
  const { reader } = simulation.inputs[0]!;
  reader.push(file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  reader.finish();
  const jobs: LoggedJob[] = [];
  const jobOfPod: number[] = [];
  const waitsUs: number[] = [];
  const pull = reader.pull.bind(reader);
  reader.pull = (out) => {
    const result = pull(out);
    if (result === 'row') {
      const { atUs, durationUs, pods } = out;
      for (let i = 0; i < pods; i++) jobOfPod.push(jobs.length);
      jobs.push({ submitUs: atUs, size: pods, runUs: durationUs });
    }
    return result;
  };
  const { latencyUs } = simulation.world.scenario.placement;
  const { run } = simulation.world.clusters[0]!;
  listen(simulation, 0, {
    decided: (kind, _workload, serial) => {
      if (kind !== DECIDED_BIND) return;
      const j = jobOfPod[serial]!;
      // Every job reaches the cluster one placement latency late: the schedule as a whole is later by it.
      waitsUs[j] = run.nowUs - latencyUs - jobs[j]!.submitUs;
    },
  });
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  return summary(jobs, waitsUs, options.machines);
}

function summary(
  jobs: readonly LoggedJob[],
  waitsUs: readonly number[],
  machines: number,
): Readonly<Record<string, number>> {
  let wait = 0;
  let waitMost = 0;
  let slowdown = 0;
  let work = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  jobs.forEach(({ submitUs, size, runUs }, j) => {
    // A job that never started has no wait: every number becomes NaN, which equals nothing.
    const waited = (waitsUs[j] ?? Number.NaN) / SECOND;
    const ran = runUs / SECOND;
    wait += waited;
    waitMost = Math.max(waitMost, waited);
    slowdown += Math.max(1, (waited + ran) / Math.max(ran, SLOWDOWN_FLOOR_SECONDS));
    work += ran * size;
    first = Math.min(first, submitUs / SECOND);
    last = Math.max(last, submitUs / SECOND + waited + ran);
  });
  return {
    jobs: jobs.length,
    meanWait_s: wait / jobs.length,
    maxWait_s: waitMost,
    meanBoundedSlowdown_tau10: slowdown / jobs.length,
    makespan_s: last - first,
    utilisation: work / (machines * (last - first)),
  };
}

function prepare({ machines, limit, scheduling, queueing }: LogOptions): Simulation {
  const trace = { format: 'swf', path: 'log', limit, speedup: 1, inflateTo: null } as const;
  const study = scenario({
    name: 'log',
    horizonUs: 4e15,
    machineTypes: [machine({ cpuMillicores: 1000, pods: 1 })],
    clusters: [cluster({ pools: [pool({ count: machines })] })],
    workloads: [
      job({
        kind: 'gang',
        pod: podSpec({ memoryBytes: 0 }),
        arrivals: { kind: 'trace', trace },
      }),
    ],
    policies: { placement: { use: 'most-free', params: {} }, scheduling, queueing },
    series: { everyUs: 4e15 },
  });
  return createSimulation(study, { seed: 1, registry: builtinRegistry(), manifest: NO_MANIFEST });
}

/** True for something that looks like a case of this kind. */
export function isSwfCase(raw: unknown): raw is Readonly<Record<string, unknown>> {
  return isRecord(raw) && 'trace' in raw && 'policy' in raw;
}
