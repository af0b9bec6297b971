import { cronTurn } from './cron.ts';
import type { CronJobFacts } from './facts.ts';
import type { ControllerHost, Syncable } from './host.ts';
import { JobController } from './job-controller.ts';

/** A CronJob wakes so long after each of its times. */
const WAKE_AFTER_US = 100_000;

/** Makes a Job at each of its times. *Source*: Kubernetes v1.34, pkg/controller/cronjob. */
export class CronJobController implements Syncable {
  readonly key: number;
  private readonly host: ControllerHost;
  private readonly facts: CronJobFacts;
  private readonly jobs: JobController[] = [];
  /** Since 1970: the last time that was run, else the creation. */
  private sinceUs: number;

  constructor(host: ControllerHost, facts: CronJobFacts, sinceUs: number) {
    this.host = host;
    this.facts = facts;
    this.sinceUs = facts.epochUs + sinceUs;
    this.key = host.add(this, 'cronjob', facts.workload);
  }

  /** Keys whose pods are its own. */
  keys(): readonly number[] {
    return this.jobs.map(({ key }) => key);
  }

  get wanted(): number {
    return this.jobs.reduce((sum, job) => sum + job.wanted, 0);
  }

  sync(): void {
    const { facts, host } = this;
    if (facts.isSuspended) return;
    const nowUs = facts.epochUs + host.nowUs;
    const state = { sinceUs: this.sinceUs, deadlineUs: facts.startingDeadlineUs };
    const turn = cronTurn(facts.cron, state, nowUs);
    if (turn.kind === 'wait') {
      this.wakeAt(turn.untilUs);
      return;
    }
    const isTooLate =
      facts.startingDeadlineUs !== null && turn.timeUs + facts.startingDeadlineUs < nowUs;
    const active = this.jobs.filter((job) => job.condition === null);
    // Every end of a Job syncs again, so that a time that was forbidden runs as soon as it may.
    if (facts.concurrency === 'Forbid' && active.length > 0 && !isTooLate) {
      this.wakeAt(cronTurn(facts.cron, { sinceUs: nowUs, deadlineUs: null }, nowUs));
      return;
    }
    this.sinceUs = turn.timeUs;
    if (!isTooLate) {
      if (facts.concurrency === 'Replace') for (const job of active) job.cancel();
      this.start();
    }
    host.request(this.key);
  }

  private wakeAt(until: number | ReturnType<typeof cronTurn>): void {
    const untilUs = typeof until === 'number' ? until : until.kind === 'wait' ? until.untilUs : 0;
    this.host.request(this.key, untilUs - this.facts.epochUs + WAKE_AFTER_US);
  }

  private start(): void {
    const { facts, host } = this;
    const job = new JobController(host, {
      workload: facts.workload,
      template: facts.templates[0]!,
      rule: facts.job,
      owner: this.key,
    });
    this.jobs.push(job);
    host.request(job.key, host.write(this.key, 1));
  }
}
