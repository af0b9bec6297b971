/** EASY backfilling against batsim: every start and every set of hosts of a published schedule. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DECIDED_BIND } from '../../../src/contracts/observer.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation } from '../../../src/run/run.ts';
import { cluster, job, machine, podSpec, pool, SECOND, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { dataError, readData } from './fgd-data.ts';
import { NO_MANIFEST } from './manifest.ts';

/** What `reproduce -- easy` writes. */
export interface EasyReport {
  readonly schema: 'orrery.reproduce/1';
  readonly study: 'easy';
  readonly ok: boolean;
  readonly jobs: number;
  /** Jobs whose start is within 2 us of the published one. */
  readonly startsEqual: number;
  /** Jobs on exactly the published hosts. */
  readonly hostsEqual: number;
  readonly makespanSeconds: number;
  readonly meanWaitSeconds: number;
}

/** Difference of starts that rounding to whole microseconds explains. */
const START_TOLERANCE_US = 2;

interface WorkloadJob {
  readonly submitUs: number;
  readonly hosts: number;
}

interface PublishedJob {
  readonly startUs: number;
  readonly finishUs: number;
  readonly hosts: readonly number[];
}

/** Replays the workload in `folder` and compares. @throws ScenarioError (exit 3) for the data */
export function reproduceEasy(folder: string): EasyReport {
  const file = workloadFile(folder);
  const bytes = readFileSync(file);
  const jobs = jobsOf(bytes.toString('utf8'));
  const published = publishedJobs(join(folder, 'easy', 'out_jobs.csv'));
  if (published.length !== jobs.length) {
    throw dataError(file, `${published.length} jobs, as in easy/out_jobs.csv, not ${jobs.length}`);
  }
  const placed = schedule(bytes, jobs, hostCount(folder, published));
  let startsEqual = 0;
  let hostsEqual = 0;
  let waitUs = 0;
  jobs.forEach((submitted, j) => {
    const { startUs, hosts } = placed[j]!;
    const wanted = published[j]!;
    if (Math.abs(startUs - wanted.startUs) <= START_TOLERANCE_US) startsEqual++;
    if (hosts.sort((a, b) => a - b).join(' ') === wanted.hosts.join(' ')) hostsEqual++;
    waitUs += startUs - submitted.submitUs;
  });
  const firstUs = Math.min(...jobs.map((submitted) => submitted.submitUs));
  const ok = startsEqual === jobs.length && hostsEqual === jobs.length;
  return {
    schema: 'orrery.reproduce/1',
    study: 'easy',
    ok: ok && jobs.length > 0,
    jobs: jobs.length,
    startsEqual,
    hostsEqual,
    makespanSeconds: (Math.max(...placed.map((p) => p.endUs)) - firstUs) / SECOND,
    meanWaitSeconds: waitUs / jobs.length / SECOND,
  };
}

function workloadFile(folder: string): string {
  if (!existsSync(folder)) throw dataError(folder, 'a folder with a batsim workload');
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue;
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    if (text.includes('"jobs"') && text.includes('"profiles"')) return file;
  }
  throw dataError(folder, 'a JSON file with jobs and profiles');
}

/** The jobs in order of arrival: by submission, ties in file order. */
function jobsOf(text: string): WorkloadJob[] {
  const { jobs } = JSON.parse(text) as { jobs: { subtime: number; res: number }[] };
  return jobs
    .map(({ subtime, res }) => ({ submitUs: Math.round(subtime * SECOND), hosts: res }))
    .sort((a, b) => a.submitUs - b.submitUs);
}

/** The published jobs in order of arrival. */
function publishedJobs(file: string): PublishedJob[] {
  const [header, ...rows] = readData(file).toString('utf8').trim().split(/\r?\n/);
  const names = header!.split(',');
  return rows
    .map((row) => {
      const cells = row.split(',');
      const cell = (name: string): string => cells[names.indexOf(name)] ?? '';
      return {
        id: Number(cell('job_id')),
        submitUs: Math.round(Number(cell('submission_time')) * SECOND),
        startUs: Math.round(Number(cell('starting_time')) * SECOND),
        finishUs: Math.round(Number(cell('finish_time')) * SECOND),
        hosts: hostsOf(cell('allocated_resources'), file),
      };
    })
    .sort((a, b) => a.submitUs - b.submitUs || a.id - b.id);
}

/** Reads `0 4-6`. */
function hostsOf(text: string, file: string): number[] {
  return text.split(' ').flatMap((part) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (match === null) throw dataError(file, `hosts such as "0 4-6" instead of "${text}"`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** Hosts of the machine: as the published totals say, else up to the highest that was used. */
function hostCount(folder: string, published: readonly PublishedJob[]): number {
  const totals = join(folder, 'easy', 'out_schedule.csv');
  if (existsSync(totals)) {
    const [header, row] = readFileSync(totals, 'utf8').trim().split(/\r?\n/);
    const count = Number(row?.split(',')[header!.split(',').indexOf('nb_computing_machines')]);
    if (Number.isInteger(count) && count > 0) return count;
  }
  return 1 + Math.max(...published.flatMap((done) => done.hosts));
}

interface Placed {
  startUs: number;
  endUs: number;
  readonly hosts: number[];
}

/** Runs the workload; host `i` is node `i`. */
function schedule(bytes: Uint8Array, jobs: readonly WorkloadJob[], hosts: number): Placed[] {
  const trace = {
    format: 'batsim',
    path: 'workload',
    limit: null,
    speedup: 1,
    inflateTo: null,
  } as const;
  const study = scenario({
    name: 'easy',
    horizonUs: 1e15,
    machineTypes: [machine({ cpuMillicores: 1000, pods: 1 })],
    clusters: [cluster({ pools: [pool({ count: hosts })] })],
    workloads: [job({ kind: 'gang', pod: podSpec(), arrivals: { kind: 'trace', trace } })],
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: 'easy-backfill', params: { reserve: 'hosts', estimate: 'requested' } },
      queueing: { use: 'fifo', params: {} },
    },
    series: { everyUs: 1e15 },
  });
  const simulation = createSimulation(study, {
    seed: 1,
    registry: builtinRegistry(),
    manifest: NO_MANIFEST,
  });
  // Pods are numbered through in order of arrival.
  const jobOfPod = jobs.flatMap((submitted, j) => new Array<number>(submitted.hosts).fill(j));
  const placed = jobs.map((): Placed => ({ startUs: Number.NaN, endUs: Number.NaN, hosts: [] }));
  const jobOnHost: number[] = [];
  const { run } = simulation.world.clusters[0]!;
  listen(simulation, 0, {
    decided: (kind, _workload, serial, node) => {
      if (kind !== DECIDED_BIND) return;
      const j = jobOfPod[serial]!;
      const one = placed[j]!;
      jobOnHost[node] = j;
      // Every job reaches the cluster one placement latency after its submission: the schedule as a whole is later by it.
      one.startUs = run.nowUs - study.placement.latencyUs;
      one.hosts.push(node);
    },
    held: (_workload, node) => {
      placed[jobOnHost[node]!]!.endUs = run.nowUs - study.placement.latencyUs;
    },
  });
  const { reader } = simulation.inputs[0]!;
  reader.push(bytes);
  reader.finish();
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  return placed;
}
