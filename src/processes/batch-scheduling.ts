/**
 * The scheduler of one cluster that sees the whole queue: a batch policy such as backfilling decides which jobs start.
 *
 *   jobs enter --+
 *   capacity ----+--> DECIDE (once an instant, after all completions and arrivals) --> policy starts jobs --> bind
 *
 * A job is a single pod or a gang; all its pods start in the decision that starts it.
 */

import { PolicyError } from '../base/errors.ts';
import { NONE, type NodeIndex, type PodIndex } from '../base/ids.ts';
import type {
  BatchQueue,
  BatchRunning,
  BatchScheduler,
  BatchSession,
} from '../contracts/scheduling.ts';
import { FREE, PENDING } from '../model/pods.ts';
import type { PodShape } from '../model/shapes.ts';
import { tightestDevices } from '../selection/devices.ts';
import type { Feasibility } from '../selection/feasibility.ts';
import type { NodeSelector } from '../selection/selector.ts';
import type { ClusterRun, Deciding, WaitingPods } from './cluster-run.ts';
import { DECIDE } from './kinds.ts';

const REASON = 'batch-queue';

interface QueuedJob {
  readonly leader: PodIndex;
  readonly size: number;
  readonly ticket: number;
  isNew: boolean;
  isStarted: boolean;
}

interface RunningJob {
  readonly members: readonly PodIndex[];
  readonly generations: readonly number[];
  readonly nodes: readonly NodeIndex[];
  readonly shape: PodShape;
  readonly startedAtUs: number;
  readonly estimateUs: number;
  readonly actualUs: number;
}

/** The waiting jobs of a batch cluster, in order of entering. */
export class JobQueue implements WaitingPods {
  pods = 0;
  entered = 0;
  readonly requests: Float64Array;
  readonly jobs: QueuedJob[] = [];
  private readonly run: ClusterRun;

  constructor(run: ClusterRun) {
    this.run = run;
    this.requests = new Float64Array(run.cluster.resources.count + 1);
  }

  enter(p: PodIndex, size: number): void {
    this.run.cluster.pods.setState(p, PENDING);
    this.jobs.push({ leader: p, size, ticket: this.entered++, isNew: true, isStarted: false });
    this.account(p, size, 1);
  }

  remove(p: PodIndex): void {
    const i = this.jobs.findIndex((job) => job.leader === p);
    this.account(p, this.jobs[i]!.size, -1);
    this.jobs.splice(i, 1);
  }

  /** Drops the jobs that a decision started. */
  dropStarted(): void {
    let kept = 0;
    for (const job of this.jobs) {
      if (job.isStarted) continue;
      job.isNew = false;
      this.jobs[kept++] = job;
    }
    this.jobs.length = kept;
  }

  /** Counts a job out of the queue when it starts. */
  leave(job: QueuedJob): void {
    job.isStarted = true;
    this.account(job.leader, job.size, -1);
  }

  forEachUnit(visit: (p: PodIndex) => void): void {
    for (const job of [...this.jobs]) visit(job.leader);
  }

  forEachOverdue(beforeTicket: number, visit: (p: PodIndex) => void): void {
    for (const job of [...this.jobs]) if (job.ticket < beforeTicket) visit(job.leader);
  }

  forEachDemand(visit: (shape: PodShape, pods: number) => void): void {
    for (const job of this.jobs) visit(this.run.shapeOf(job.leader), job.size);
  }

  private account(p: PodIndex, size: number, sign: 1 | -1): void {
    const shape = this.run.shapeOf(p);
    for (let r = 0; r < shape.requests.length; r++) {
      this.requests[r]! += sign * size * shape.requests[r]!;
    }
    this.requests[shape.requests.length]! += sign * size * shape.gpuCount * shape.gpuMilliPerDevice;
    this.pods += sign * size;
    this.run.observer.pendingChanged(REASON, this.run.workloadOf(p).index, sign * size);
  }
}

/** Runs a batch policy on one cluster. */
export class BatchScheduling implements Deciding {
  examined = 0;
  private readonly session: BatchSession;
  private isFreedSinceLast = false;
  private readonly run: ClusterRun;
  private readonly policy: string;
  private readonly scheduler: BatchScheduler;
  private readonly jobs: JobQueue;
  private readonly selector: NodeSelector;
  private readonly feasibility: Feasibility;
  private runningJobs: RunningJob[] = [];
  private isRequested = false;

  constructor(
    run: ClusterRun,
    parts: {
      readonly policy: string;
      readonly scheduler: BatchScheduler;
      readonly jobs: JobQueue;
      /** First fit: for jobs that are started without naming nodes. */
      readonly selector: NodeSelector;
      readonly feasibility: Feasibility;
    },
  ) {
    this.run = run;
    this.policy = parts.policy;
    this.scheduler = parts.scheduler;
    this.jobs = parts.jobs;
    this.selector = parts.selector;
    this.feasibility = parts.feasibility;
    this.session = this.openSession();
  }

  request(): void {
    if (this.isRequested || this.run.isDark || this.jobs.jobs.length === 0) return;
    this.isRequested = true;
    this.run.engine.soon(DECIDE, 0);
  }

  capacityFreed(): void {
    this.isFreedSinceLast = true;
    this.request();
  }

  /** The decision event. */
  decide(): void {
    this.isRequested = false;
    if (this.run.isDark) return;
    this.forgetEnded();
    this.scheduler.decide(this.session);
    this.jobs.dropStarted();
    this.isFreedSinceLast = false;
    this.run.elastic?.considerGrowth();
  }

  /** A job leaves when all its pods are gone from their slots. */
  private forgetEnded(): void {
    const { pods } = this.run.cluster;
    this.runningJobs = this.runningJobs.filter((job) =>
      job.members.some(
        (p, i) =>
          pods.generation(p) === job.generations[i] &&
          pods.state(p) !== FREE &&
          pods.node(p) !== NONE,
      ),
    );
  }

  private start(j: number, nodes?: readonly NodeIndex[]): boolean {
    const { run } = this;
    const job = this.jobs.jobs[j];
    if (job === undefined || job.isStarted) {
      throw new PolicyError(this.policy, `starts job ${j}, which does not wait`, run.nowUs);
    }
    const members = run.gangs.membersOf(job.leader);
    if (nodes !== undefined && nodes.length !== members.length) {
      throw new PolicyError(
        this.policy,
        `gives ${nodes.length} nodes to a job of ${members.length} pods`,
        run.nowUs,
      );
    }
    const chosen: NodeIndex[] = [];
    for (let i = 0; i < members.length; i++) {
      const n =
        nodes === undefined ? this.firstFit(members[i]!) : this.ifFits(members[i]!, nodes[i]!);
      if (n === -1) {
        for (let k = 0; k < i; k++) {
          run.podLife.unassume(members[k]!);
          run.cluster.pods.setState(members[k]!, PENDING);
        }
        return false;
      }
      chosen.push(n);
      this.assume(members[i]!, n);
    }
    this.jobs.leave(job);
    this.remember(members, chosen);
    for (const m of members) run.podLife.bind(m);
    return true;
  }

  private remember(members: readonly PodIndex[], nodes: readonly NodeIndex[]): void {
    const { pods } = this.run.cluster;
    const first = members[0]!;
    this.runningJobs.push({
      members,
      generations: members.map((p) => pods.generation(p)),
      nodes: [...nodes].sort((a, b) => a - b),
      shape: this.run.shapeOf(first),
      startedAtUs: this.run.nowUs,
      estimateUs: pods.estimateUs(first),
      actualUs: pods.durationUs(first),
    });
  }

  private assume(p: PodIndex, n: NodeIndex): void {
    const shape = this.run.shapeOf(p);
    const attempt = { shape, key: 0, attempt: 0 };
    const devices = shape.gpuCount === 0 ? 0 : tightestDevices.choose(attempt, n, this.run.cluster);
    this.run.podLife.assume(p, n, devices);
  }

  private firstFit(p: PodIndex): NodeIndex | -1 {
    const node = this.selector.choose({ shape: this.run.shapeOf(p), key: 0, attempt: 0 });
    this.examined += this.selector.examined;
    return node;
  }

  private ifFits(p: PodIndex, n: NodeIndex): NodeIndex | -1 {
    return this.feasibility.fits(this.run.shapeOf(p), n) ? n : -1;
  }

  private openSession(): BatchSession {
    const { jobs, run } = this;
    const isFreed = (): boolean => this.isFreedSinceLast;
    return {
      get nowUs() {
        return run.nowUs;
      },
      cluster: run.cluster,
      queue: this.queueView(),
      running: this.runningView(),
      get capacityFreed() {
        return isFreed();
      },
      start: (j, nodes) => this.start(j, nodes),
      isStarted: (j) => jobs.jobs[j]!.isStarted,
    };
  }

  private queueView(): BatchQueue {
    const { run } = this;
    const { jobs } = this.jobs;
    return {
      get count() {
        return jobs.length;
      },
      size: (j) => jobs[j]!.size,
      shape: (j) => run.shapeOf(jobs[j]!.leader),
      estimateUs: (j) => run.cluster.pods.estimateUs(jobs[j]!.leader),
      actualUs: (j) => run.cluster.pods.durationUs(jobs[j]!.leader),
      enteredAtUs: (j) => run.cluster.pods.sinceUs(jobs[j]!.leader),
      isNew: (j) => jobs[j]!.isNew,
    };
  }

  private runningView(): BatchRunning {
    const list = (): readonly RunningJob[] => this.runningJobs;
    return {
      get count() {
        return list().length;
      },
      size: (r) => list()[r]!.members.length,
      shape: (r) => list()[r]!.shape,
      startedAtUs: (r) => list()[r]!.startedAtUs,
      estimateUs: (r) => list()[r]!.estimateUs,
      actualUs: (r) => list()[r]!.actualUs,
      node: (r, i) => list()[r]!.nodes[i]!,
    };
  }
}
