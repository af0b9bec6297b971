import { asNode, type NodeIndex } from '../base/ids.ts';
import type { BatchRunning, BatchSession, Scheduler } from '../contracts/scheduling.ts';
import type { PodShape } from '../model/shapes.ts';
import { Feasibility } from '../selection/feasibility.ts';
import { type ContractCase, expect } from './case.ts';
import { buildCluster, lowestDevices, type PodBuild, type TestCluster } from './cluster.ts';

/** A job for {@link runBatch}; times in microseconds. */
export interface BatchJob {
  readonly submitUs: number;
  /** Pods, each of the shape. */
  readonly size: number;
  readonly runUs: number;
  /** The user's bound; default: the run time. */
  readonly estimateUs?: number;
  readonly pod: PodBuild;
}

/** What became of a job: when it started and on which nodes, ascending; -1 and none if it never did. */
export interface BatchOutcome {
  startUs: number;
  nodes: readonly number[];
}

interface Running {
  readonly job: number;
  readonly endUs: number;
  readonly pods: readonly ReturnType<TestCluster['place']>[];
}

/**
 * Runs a batch scheduler through jobs, one decision an instant, completions before arrivals: a plain event loop that tests
 * compare policies and the engine with.
 *
 * @param jobs in the order of submission
 * @throws Error if the scheduler starts a job twice or on nodes that do not fit
 */
export function runBatch(
  scheduler: Scheduler,
  cluster: TestCluster,
  jobs: readonly BatchJob[],
): readonly BatchOutcome[] {
  expect(scheduler.kind === 'batch', 'not a batch scheduler');
  const outcomes = jobs.map((): BatchOutcome => ({ startUs: -1, nodes: [] }));
  const shapes = jobs.map((job) => cluster.shape(job.pod));
  const fit = new Feasibility(cluster.view, []);
  let queue: number[] = [];
  let running: Running[] = [];
  let arrived = 0;
  let nowUs = 0;
  let firstNew = 0;
  let isFreed = false;
  const view = runningView(jobs, shapes, outcomes, () => running);
  const session: BatchSession = {
    get nowUs() {
      return nowUs;
    },
    cluster: cluster.view,
    queue: {
      get count() {
        return queue.length;
      },
      size: (j) => jobs[queue[j]!]!.size,
      shape: (j) => shapes[queue[j]!]!,
      estimateUs: (j) => jobs[queue[j]!]!.estimateUs ?? jobs[queue[j]!]!.runUs,
      actualUs: (j) => jobs[queue[j]!]!.runUs,
      enteredAtUs: (j) => jobs[queue[j]!]!.submitUs,
      isNew: (j) => queue[j]! >= firstNew,
    },
    running: view,
    get capacityFreed() {
      return isFreed;
    },
    isStarted: (j) => outcomes[queue[j]!]!.startUs >= 0,
    start: (j, nodes) => {
      const job = queue[j]!;
      expect(outcomes[job]!.startUs < 0, `job ${job} is started twice`);
      const placed = placeAll(cluster, fit, { shape: shapes[job]!, ...jobs[job]! }, nodes);
      if (placed === null) return false;
      outcomes[job] = { startUs: nowUs, nodes: placed.nodes };
      running.push({ job, endUs: nowUs + jobs[job]!.runUs, pods: placed.pods });
      return true;
    },
  };
  for (;;) {
    nowUs = Math.min(
      arrived < jobs.length ? jobs[arrived]!.submitUs : Number.POSITIVE_INFINITY,
      running.reduce((least, r) => Math.min(least, r.endUs), Number.POSITIVE_INFINITY),
    );
    if (nowUs === Number.POSITIVE_INFINITY) return outcomes;
    const ended = running.filter((r) => r.endUs === nowUs);
    for (const r of ended) for (const p of r.pods) cluster.remove(p);
    isFreed = ended.length > 0;
    running = running.filter((r) => r.endUs > nowUs);
    firstNew = arrived;
    while (arrived < jobs.length && jobs[arrived]!.submitUs <= nowUs) queue.push(arrived++);
    scheduler.decide(session);
    queue = queue.filter((job) => outcomes[job]!.startUs < 0);
  }
}

function runningView(
  jobs: readonly BatchJob[],
  shapes: readonly PodShape[],
  outcomes: readonly BatchOutcome[],
  running: () => readonly Running[],
): BatchRunning {
  const jobOf = (r: number): number => running()[r]!.job;
  return {
    get count() {
      return running().length;
    },
    size: (r) => jobs[jobOf(r)]!.size,
    shape: (r) => shapes[jobOf(r)]!,
    startedAtUs: (r) => outcomes[jobOf(r)]!.startUs,
    estimateUs: (r) => jobs[jobOf(r)]!.estimateUs ?? jobs[jobOf(r)]!.runUs,
    actualUs: (r) => jobs[jobOf(r)]!.runUs,
    node: (r, i) => asNode(outcomes[jobOf(r)]!.nodes[i]!),
  };
}

/** Places every pod of a job, or none; without nodes on the lowest-numbered that fit, several a node if they fit. */
function placeAll(
  cluster: TestCluster,
  fit: Feasibility,
  job: { readonly shape: PodShape; readonly size: number; readonly pod: PodBuild },
  nodes: readonly NodeIndex[] | undefined,
): { nodes: readonly number[]; pods: Running['pods'] } | null {
  expect(
    nodes === undefined || nodes.length === job.size,
    `${nodes?.length} nodes for a job of ${job.size} pods`,
  );
  const pods: ReturnType<TestCluster['place']>[] = [];
  const chosen: number[] = [];
  let next = asNode(0);
  for (let i = 0; i < job.size; i++) {
    let n = nodes?.[i] ?? next;
    if (nodes === undefined) while (n < cluster.view.nodes.count && !fit.fits(job.shape, n)) n++;
    if (n >= cluster.view.nodes.count || !fit.fits(job.shape, n)) {
      for (const p of pods) cluster.remove(p);
      return null;
    }
    next = n;
    pods.push(cluster.place(job.pod, n, lowestDevices(job.shape, n, cluster.view)));
    chosen.push(n);
  }
  return { nodes: chosen.sort((a, b) => a - b), pods };
}

/** What the batch side of the scheduling contract asks; empty questions for a profile. */
export function batchCases(make: (cluster: TestCluster) => Scheduler): ContractCase[] {
  const whole: PodBuild = { cpuMillicores: 1000, memoryMib: 1024 };
  const jobs = Array.from({ length: 40 }, (_, i) => ({
    submitUs: i * 3_000_000,
    size: 1 + ((i * 7) % 6),
    runUs: (5 + ((i * 13) % 40)) * 1_000_000,
    estimateUs: (10 + ((i * 13) % 90)) * 1_000_000,
    pod: whole,
  }));
  const run = (): readonly BatchOutcome[] | null => {
    const cluster = buildCluster([{ count: 8, cpuMillicores: 1000, memoryMib: 1024 }]);
    const scheduler = make(cluster);
    return scheduler.kind === 'batch' ? runBatch(scheduler, cluster, jobs) : null;
  };
  return [
    {
      name: 'starts every job of a queue once, on nodes that fit',
      run: () => {
        const outcomes = run();
        outcomes?.forEach((outcome, i) => {
          expect(outcome.startUs >= jobs[i]!.submitUs, `job ${i} starts at ${outcome.startUs}`);
        });
      },
    },
    {
      name: 'starts jobs at the same instants and nodes when run again',
      run: () => {
        const [first, second] = [run(), run()];
        expect(JSON.stringify(first) === JSON.stringify(second), 'two runs differ');
      },
    },
    {
      name: 'starts a job at once on an empty cluster that has room for it',
      run: () => {
        const cluster = buildCluster([{ count: 8, cpuMillicores: 1000, memoryMib: 1024 }]);
        const scheduler = make(cluster);
        if (scheduler.kind !== 'batch') return;
        const [outcome] = runBatch(scheduler, cluster, [jobs[0]!]);
        expect(outcome!.startUs === 0, `it starts at ${outcome!.startUs}`);
      },
    },
  ];
}
