/**
 * How pods enter a cluster: a message of the placer becomes pods, which queue for a decision. Most pods meet an empty queue and
 * a scheduler that takes no time; these are decided on at once, one after the other, without passing through the queue.
 */
import type { PodIndex } from '../base/ids.ts';
import { ENTERED } from '../contracts/observer.ts';
import { PENDING } from '../model/pods.ts';
import type { WorkloadFacts } from '../model/workloads.ts';
import type { ClusterRun } from './cluster-run.ts';
import type { Message } from './messages.ts';

/** Makes the pods of one cluster from messages and hands them to its scheduler. */
export class Entering {
  private readonly run: ClusterRun;

  constructor(run: ClusterRun) {
    this.run = run;
  }

  /** Creates the pods of a `PLACE` message and queues them; a lost cluster sends them straight back. */
  enter(message: Message): void {
    const { run } = this;
    const workload = run.workloads[message.workload]!;
    run.observer.count(ENTERED, workload.index, message.count);
    if (message.gang && message.count > 1) this.enterGang(message, workload);
    else if (run.isLost) this.refusePods(message, workload);
    else this.enterPods(message, workload);
  }

  private refusePods(message: Message, workload: WorkloadFacts): void {
    for (let i = 0; i < message.count; i++) {
      this.run.podLife.sendBack(this.create(message, i, workload));
    }
  }

  private enterGang(message: Message, workload: WorkloadFacts): void {
    const { run } = this;
    const members: PodIndex[] = [];
    for (let i = 0; i < message.count; i++) members.push(this.create(message, i, workload));
    run.gangs.form(members);
    if (run.isLost) {
      run.podLife.sendBack(members[0]!);
      return;
    }
    run.queue.enter(members[0]!, members.length);
    run.deciding.request();
  }

  /**
   * Runs of equal pods: as long as the scheduler would try each of them next and at this instant, it does so now. The
   * first that it refuses enters the queue, with all behind it. *Guarantees*: every decision, draw and count of pods that enter
   * the queue one by one; the decision event that is left out is counted.
   */
  private enterPods(message: Message, workload: WorkloadFacts): void {
    const { deciding, queue } = this.run;
    const { direct } = deciding;
    if (direct === undefined || !direct.mayDecideNow()) {
      for (let i = 0; i < message.count; i++) queue.enter(this.create(message, i, workload), 1);
      deciding.request();
      return;
    }
    let isRefused = false;
    for (let i = 0; i < message.count; i++) {
      const p = this.create(message, i, workload);
      if (!isRefused && direct.decideNow(p)) continue;
      isRefused = true;
      queue.enter(p, 1);
    }
    direct.decidedNow(isRefused);
  }

  private create(message: Message, ordinal: number, workload: WorkloadFacts): PodIndex {
    const { run } = this;
    const { pods } = run.cluster;
    const p = pods.allocate();
    pods.setWorkload(p, message.workload);
    // Members of a gang that was sent back bring their own serials and run times.
    const own = message.payload;
    pods.setSerial(p, own === null ? message.serial + ordinal : own[2 * ordinal]!);
    pods.setShape(p, message.shape);
    pods.setSinceUs(p, message.sinceUs);
    pods.setStatus(p, PENDING, message.cause, message.retries);
    let durationUs = own === null ? message.durationUs : own[2 * ordinal + 1]!;
    if (Number.isNaN(message.durationUs)) durationUs = this.drawDuration(p, message, workload);
    pods.setDurationUs(p, durationUs);
    if (pods.keepsEstimates) {
      const { estimateUs } = message;
      const isGiven = !Number.isNaN(estimateUs);
      pods.setEstimateUs(p, isGiven ? estimateUs : durationUs * workload.estimateFactor);
    }
    if (workload.isService) run.podLife.serves(p, workload.index);
    return p;
  }

  private drawDuration(p: PodIndex, message: Message, workload: WorkloadFacts): number {
    const { run } = this;
    const { duration } = workload;
    if (duration === null) return Number.POSITIVE_INFINITY;
    const key = workload.durationPerJob ? run.jobKey(message) : run.keyOf(p);
    return Math.max(1, Math.round(duration.at(run.draws.duration.uniform(key, 0))));
  }
}
