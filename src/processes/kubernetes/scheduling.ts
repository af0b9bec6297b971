/**
 * Kubernetes' scheduler of one cluster: one pod at a time.
 *
 *   events --> queue --pop--> cycle on the snapshot --node--> assume --(attempt time, bind token)--> bind
 *                ^                  |
 *                +--(attempt time)--+--refused--> whom to preempt? --> back to the queue, nomination, deletions
 *
 * An attempt reads the state at its start; what it decides against is carried out at its end, and what happened meanwhile is
 * held against it. Inside one instant: events, then timers, then pops. *Source*: Kubernetes v1.34, `pkg/scheduler`.
 */
import { PolicyError } from '../../base/errors.ts';
import {
  type EventHandle,
  NONE,
  type NodeIndex,
  type PodHandle,
  type PodIndex,
} from '../../base/ids.ts';
import type { FrameworkPod, FrameworkScheduler } from '../../contracts/framework.ts';
import { REFUSED } from '../../contracts/observer.ts';
import { PENDING } from '../../model/pods.ts';
import { tightestDevices } from '../../selection/devices.ts';
import type {
  CycleExplanation,
  CycleFailure,
  CycleResult,
  PreemptionResult,
  SchedulingCycle,
} from '../../selection/kubernetes/scheduling-cycle.ts';
import { watchOf } from '../attempt-watch.ts';
import type { ClusterRun, Deciding } from '../cluster-run.ts';
import type { ControlPlane } from '../control-plane.ts';
import { DECIDE, POD_BIND, QUEUE_TIMER } from '../kinds.ts';
import { KubeHearing } from './hearing.ts';
import type { KubeState } from './kube-state.ts';
import { Preemption } from './preemption.ts';
import type { KubeQueue } from './queue.ts';
import type { QueuedPod } from './queued-pod.ts';
import { type KnownRefusal, RefusalMemo } from './refusal-memo.ts';
import { NO_NODE, RefusalReasons } from './refusal-reason.ts';
import { tellCycle } from './tell.ts';

/** What the scheduler is made of. */
export interface KubeSchedulingParts {
  readonly policy: string;
  readonly scheduler: FrameworkScheduler;
  readonly cycle: SchedulingCycle;
  readonly queue: KubeQueue;
  readonly kube: KubeState;
  readonly controlPlane: ControlPlane;
  /** True: a pod that no node of this cluster could ever take goes back to the placer at once. */
  readonly returnsHopeless: boolean;
  /** Check mode: what is remembered is decided again. */
  readonly check: boolean;
}

/** What came of an attempt that found no node, until its time is over. */
interface Refused {
  readonly pod: QueuedPod;
  readonly rejectors: readonly string[];
  readonly reason: string;
  readonly isHopeless: boolean;
  /** What becomes of the nomination: -1 ends it, null leaves it as it is. */
  readonly nominate: NodeIndex | -1 | null;
  readonly victims: readonly PodHandle[];
}

/** Reason of pods that wait for their victims to go. */
const PREEMPTING = 'preemption';

/** Decides with Kubernetes' framework. */
export class KubeScheduling implements Deciding {
  readonly hearing: KubeHearing;
  readonly preemption: Preemption;
  examined = 0;
  private readonly run: ClusterRun;
  private readonly parts: KubeSchedulingParts;
  private readonly reasons: RefusalReasons;
  private readonly memo: RefusalMemo;
  private refusal: Refused | null = null;
  private isRequested = false;
  private freeAtUs = 0;
  private timer: EventHandle = NONE as EventHandle;
  private timerUs = Number.POSITIVE_INFINITY;

  constructor(run: ClusterRun, parts: KubeSchedulingParts) {
    const { controlPlane, kube, queue } = parts;
    this.run = run;
    this.parts = parts;
    this.hearing = new KubeHearing(run, kube, queue);
    this.preemption = new Preemption(run, { kube, queue, controlPlane });
    this.reasons = new RefusalReasons(kube.nodes);
    this.memo = new RefusalMemo(kube.nodes, kube.nominator);
  }

  request(): void {
    const { run } = this;
    const { queue } = this.parts;
    // In the dark nothing is flushed: whoever lights the cluster up again asks for a decision.
    if (run.isDark) return;
    this.awaitTimer();
    if (this.isRequested) return;
    const isDue = queue.nextTimerUs <= run.nowUs;
    if (!queue.hasNext && this.refusal === null && !isDue) return;
    this.isRequested = true;
    if (this.freeAtUs <= run.nowUs) run.engine.soon(DECIDE, 0);
    else run.engine.at(this.freeAtUs, DECIDE, 0);
  }

  /** Nothing: the queue hears of the events themselves. */
  capacityFreed(): void {}

  private awaitTimer(): void {
    const { engine } = this.run;
    const us = this.parts.queue.nextTimerUs;
    if (us >= this.timerUs) return;
    engine.cancel(this.timer);
    this.timerUs = us;
    this.timer = engine.at(Math.max(us, this.run.nowUs), QUEUE_TIMER, 0);
  }

  /** The timer event. */
  timed(): void {
    this.timerUs = Number.POSITIVE_INFINITY;
    if (this.run.isDark) return;
    this.parts.queue.flush();
    this.request();
  }

  /** The decision event. */
  decide(): void {
    const { controlPlane, queue } = this.parts;
    this.isRequested = false;
    if (this.run.isDark) return;
    this.finish();
    queue.flush();
    let mayBeMore = true;
    for (let pod = queue.pop(); pod !== null; pod = queue.pop()) {
      const isKnown = this.attempt(pod);
      if (controlPlane.isTimed) break;
      this.finish();
      if (isKnown && mayBeMore) this.examined += queue.refuseKnown((q) => this.knownOf(q));
      // Only another real attempt makes more refusals known.
      mayBeMore = !isKnown;
    }
    this.request();
    this.run.elastic?.considerGrowth();
  }

  /** @returns true if an equal pod had been refused, so that this one was not tried */
  private attempt(pod: QueuedPod): boolean {
    if (pod.size > 1) {
      this.attemptGang(pod);
      return false;
    }
    const { check, policy } = this.parts;
    const known = this.knownOf(pod);
    if (known !== null && !check) {
      this.charge(known.examined);
      this.refusal = { pod, ...known, victims: [] };
      return true;
    }
    const watch = watchOf(this.run, pod.p);
    const asked = this.parts.queue.asFramework(pod);
    const explained = watch === null ? null : this.parts.cycle.explain(asked);
    const result = this.parts.cycle.schedule(asked);
    if (known !== null && result.kind !== 'refused') {
      throw new PolicyError(policy, 'an equal pod is refused, and this one is not', this.run.nowUs);
    }
    const doneUs = this.charge(result.examined);
    if (result.kind !== 'node') {
      this.refusal = this.refuse(pod, asked, result, explained);
      if (this.isPlain(pod)) this.remember(this.refusal, result);
      return false;
    }
    const n = result.node as NodeIndex;
    if (explained !== null) this.tell(pod, explained, null, null);
    this.take(pod.p, n, asked);
    this.parts.queue.assumed(pod, n);
    this.bindAt(pod.p, doneUs);
    return false;
  }

  /** True if the pod's fate is that of its shape: it has no nomination, it is no gang, nobody looks at it. */
  private isPlain(pod: QueuedPod): boolean {
    const { nominator } = this.parts.kube;
    if (pod.size > 1 || watchOf(this.run, pod.p) !== null) return false;
    return nominator.count === 0 || nominator.nodeOf(pod.p) === -1;
  }

  /** The refusal of an equal pod since which nothing changed, where that is this pod's as well. */
  private knownOf(pod: QueuedPod): KnownRefusal | null {
    const known = this.isPlain(pod) ? this.memo.find(pod.shape) : null;
    if (known === null || known.isHopeless || this.run.workloadOf(pod.p).losesRefused) return null;
    // Others of its shape, such as gangs, may have found another reason since; one that is due is found by an attempt.
    const reason = this.reasons.current(pod.shape, this.run.nowUs);
    if (reason === null || reason === known.reason) return reason === null ? null : known;
    return { ...known, reason };
  }

  /** Places the members one after the other, the leader last; a gang preempts nobody. */
  private attemptGang(pod: QueuedPod): void {
    const { run } = this;
    const { cycle, queue } = this.parts;
    const members = run.gangs.membersOf(pod.p);
    let doneUs = run.nowUs;
    let n = NONE as NodeIndex;
    for (let i = members.length - 1; i >= 0; i--) {
      const asked = queue.aim(members[i]!, pod);
      const result = cycle.schedule(asked);
      doneUs = this.charge(result.examined);
      if (result.kind !== 'node') {
        this.refusal = this.refuse(pod, asked, result);
        for (const m of members.slice(i + 1)) {
          run.podLife.unassume(m);
          run.cluster.pods.setState(m, PENDING);
        }
        return;
      }
      n = result.node as NodeIndex;
      this.take(members[i]!, n, asked);
    }
    queue.assumed(pod, n);
    this.bindAt(pod.p, doneUs);
  }

  private take(p: PodIndex, n: NodeIndex, asked: FrameworkPod): void {
    const devices = this.devicesFor(asked, n);
    this.hearing.podAssumed(p);
    this.run.podLife.assume(p, n, devices);
  }

  private devicesFor(asked: FrameworkPod, n: NodeIndex): number {
    if (asked.shape.gpuCount === 0) return 0;
    return tightestDevices.choose(asked, n, this.run.cluster);
  }

  /** The scheduler is busy for the attempt's time; returns when the attempt is done. */
  private charge(examined: number): number {
    this.examined += examined;
    const { controlPlane } = this.parts;
    if (!controlPlane.isTimed) return this.run.nowUs;
    this.freeAtUs = Math.max(this.run.nowUs, this.freeAtUs) + controlPlane.attemptUs(examined);
    return this.freeAtUs;
  }

  /** Binds a pod, or its whole gang, when the attempt is done and every bind has its token. */
  private bindAt(leader: PodIndex, doneUs: number): void {
    const { run } = this;
    const { controlPlane } = this.parts;
    if (!controlPlane.isTimed) {
      this.bind(leader);
      return;
    }
    let atUs = doneUs;
    for (let i = run.gangs.sizeOf(leader); i > 0; i--) atUs = controlPlane.bindAtUs(doneUs);
    run.cluster.pods.setTicket(leader, run.engine.at(atUs, POD_BIND, leader));
  }

  /** The bind event of a pod, or of a gang by its leader. */
  bind(leader: PodIndex): void {
    for (const m of this.run.gangs.membersOf(leader)) this.run.podLife.bind(m);
  }

  // ------------------------------------------------------------------ refusals

  private refuse(
    pod: QueuedPod,
    asked: FrameworkPod,
    result: CycleResult,
    explained: CycleExplanation | null = null,
  ): Refused {
    const { failure } = result;
    if (failure === null) {
      const reason = NO_NODE;
      return { pod, rejectors: [], reason, isHopeless: false, nominate: NONE as -1, victims: [] };
    }
    const { nowUs } = this.run;
    const reason = this.reasons.of(asked, failure, nowUs);
    const isReturned = this.parts.returnsHopeless && !this.run.isPinned(pod.p);
    const isHopeless = isReturned && this.reasons.isHopeless(asked, failure, nowUs);
    const rejectors = failure.rejectors.map(({ name }) => name);
    const base = { pod, rejectors, reason, isHopeless, victims: [] };
    const profile = this.parts.scheduler.profiles[pod.profile]!;
    if (profile.preemption === null || pod.size > 1) {
      if (explained !== null) this.tell(pod, explained, failure, null);
      return { ...base, nominate: null };
    }
    const found = this.parts.cycle.findVictims(asked);
    if (explained !== null) this.tell(pod, explained, failure, found);
    if (found.kind === 'not-eligible') return { ...base, nominate: null };
    if (found.kind === 'none') return { ...base, nominate: NONE as -1 };
    const { pods } = this.run.cluster;
    const victims = found.victims.map((p) => pods.handle(p));
    return { ...base, reason: PREEMPTING, isHopeless: false, nominate: found.node, victims };
  }

  /** Tells an attempt to the watch that looks at its pod. */
  private tell(
    pod: QueuedPod,
    explained: CycleExplanation,
    failure: CycleFailure | null,
    preemption: PreemptionResult | null,
  ): void {
    const { attempts: attempt, p } = pod;
    const decided = { explained, attempt, failure, preemption };
    watchOf(this.run, p)!.attempted(tellCycle(this.run, this.parts.kube, decided));
  }

  /** Keeps a refusal for equal pods: one after a search of every node, which leaves its start where it was. */
  private remember(refusal: Refused, { examined, failure }: CycleResult): void {
    const { isHopeless, nominate, pod, reason, rejectors } = refusal;
    if (failure === null || (nominate !== null && nominate >= 0)) return;
    if (failure.preFilter === null && examined !== this.parts.kube.nodes.listed) return;
    this.memo.keep(pod.shape, {
      rejectors,
      reason,
      isHopeless,
      examined,
      nominate: nominate as -1 | null,
    });
  }

  /** The attempt that found no node is over: the pod comes back, then its nomination changes, then victims are deleted. */
  private finish(): void {
    const { refusal, run } = this;
    const { queue } = this.parts;
    this.refusal = null;
    if (refusal === null || queue.inFlight !== refusal.pod) return;
    const { isHopeless, nominate, pod, reason, rejectors, victims } = refusal;
    const { index, losesRefused } = run.workloadOf(pod.p);
    run.observer.count(REFUSED, index, pod.size);
    if (victims.length === 0 && (losesRefused || isHopeless)) {
      queue.remove(pod.p);
      if (losesRefused) run.evictions.lose(pod.p);
      else run.podLife.sendBack(pod.p);
      return;
    }
    queue.failed(pod, rejectors, reason);
    if (nominate === -1) this.hearing.clearNomination(pod.p);
    else if (nominate !== null) {
      this.hearing.nominate(pod.p, nominate);
      this.preemption.begin(pod, nominate, victims);
    }
  }

  /**
   * The profile of a shape.
   *
   * @throws PolicyError if there is none of its `schedulerName`
   */
  static profileOf(policy: string, scheduler: FrameworkScheduler, schedulerName: string): number {
    const i = scheduler.profiles.findIndex((profile) => profile.schedulerName === schedulerName);
    if (i >= 0) return i;
    throw new PolicyError(policy, `has no profile ${schedulerName}, which a pod asks for`);
  }
}
