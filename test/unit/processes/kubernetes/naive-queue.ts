/** The queue once more, written straight from its rules: a list of pods, every rule a search, every pod asked by itself. */

import type {
  ClusterEvent,
  FrameworkPlugin,
  FrameworkPod,
  FrameworkScheduler,
} from '../../../../src/contracts/framework.ts';
import { ADD, DELETE, UPDATE_NODE_TAINT } from '../../../../src/contracts/framework.ts';
import type { PodShape } from '../../../../src/model/shapes.ts';
import { SECOND } from './queue-world.ts';

interface NaivePod {
  readonly id: number;
  readonly shape: PodShape;
  readonly sequence: number;
  place: 'active' | 'backoff' | 'error' | 'pool' | 'in-flight' | 'assumed';
  timestampUs: number;
  unschedulableCount: number;
  consecutiveErrors: number;
  rejectors: string[];
  gate: string | null;
}

export class NaiveQueue {
  nowUs = 0;
  readonly pods: NaivePod[] = [];
  readonly preempting = new Set<number>();
  private missed: ClusterEvent[] = [];
  private sequence = 0;
  private readonly scheduler: FrameworkScheduler;
  private readonly plugins: readonly FrameworkPlugin[];

  constructor(scheduler: FrameworkScheduler, plugins: readonly FrameworkPlugin[]) {
    this.scheduler = scheduler;
    this.plugins = plugins;
  }

  enter(id: number, shape: PodShape): void {
    const pod: NaivePod = {
      id,
      shape,
      sequence: this.sequence++,
      place: 'active',
      timestampUs: this.nowUs,
      unschedulableCount: 0,
      consecutiveErrors: 0,
      rejectors: [],
      gate: null,
    };
    this.pods.push(pod);
    this.toActive(pod);
  }

  remove(id: number): void {
    const i = this.pods.findIndex((pod) => pod.id === id);
    if (this.pods[i]!.place === 'in-flight') this.missed = [];
    this.pods.splice(i, 1);
  }

  private expiry(pod: NaivePod): number {
    const count = pod.consecutiveErrors > 0 ? pod.consecutiveErrors : pod.unschedulableCount;
    if (count === 0) return -1;
    let seconds = this.scheduler.podInitialBackoffUs / SECOND;
    for (let i = 1; i < count; i++) seconds *= 2;
    const us = Math.min(seconds * SECOND, this.scheduler.podMaxBackoffUs);
    return Math.floor((pod.timestampUs + us) / SECOND);
  }

  private backsOff(pod: NaivePod): boolean {
    return this.expiry(pod) >= Math.floor(this.nowUs / SECOND);
  }

  private passes(pod: NaivePod): boolean {
    const gate =
      this.scheduler.profiles[0]!.preEnqueue.find((p) => p.preEnqueue!(asked(pod)) !== null)
        ?.name ?? (this.preempting.has(pod.id) ? 'DefaultPreemption' : null);
    pod.gate = gate;
    if (gate === null) return true;
    if (!pod.rejectors.includes(gate)) pod.rejectors.push(gate);
    pod.place = 'pool';
    return false;
  }

  private toActive(pod: NaivePod): void {
    if (this.passes(pod)) pod.place = 'active';
  }

  private afterBackoff(pod: NaivePod): void {
    if (!this.backsOff(pod)) this.toActive(pod);
    else if (this.passes(pod)) pod.place = pod.rejectors.length === 0 ? 'error' : 'backoff';
  }

  private first(place: NaivePod['place']): NaivePod | undefined {
    const before = (a: NaivePod, b: NaivePod): number =>
      (place === 'active' ? 0 : this.expiry(a) - this.expiry(b)) ||
      b.shape.priority - a.shape.priority ||
      a.timestampUs - b.timestampUs ||
      a.sequence - b.sequence;
    return this.pods.filter((pod) => pod.place === place).sort(before)[0];
  }

  /** Who would be popped. */
  next(): NaivePod | undefined {
    return this.first('active') ?? this.first('backoff');
  }

  pop(): NaivePod | null {
    const pod = this.next();
    if (pod === undefined) return null;
    pod.place = 'in-flight';
    pod.rejectors = [];
    pod.gate = null;
    return pod;
  }

  assumed(pod: NaivePod): void {
    pod.place = 'assumed';
    this.missed = [];
  }

  failed(pod: NaivePod, rejectors: readonly string[]): void {
    pod.rejectors = [...rejectors];
    if (rejectors.length === 0) pod.consecutiveErrors++;
    else {
      pod.unschedulableCount++;
      pod.consecutiveErrors = 0;
    }
    pod.timestampUs = this.nowUs;
    const { missed } = this;
    this.missed = [];
    if (rejectors.length === 0 || missed.some((event) => this.wakes(pod, event))) {
      this.afterBackoff(pod);
    } else pod.place = 'pool';
  }

  happened(event: ClusterEvent, mostPriority = Number.POSITIVE_INFINITY): void {
    if (!this.registrations().some(({ name }) => this.hears(name, event))) return;
    for (const pod of this.pods) {
      if (pod.place !== 'pool' || pod.shape.priority > mostPriority) continue;
      if (pod.gate !== null && !this.hears(pod.gate, event)) continue;
      if (this.wakes(pod, event)) this.afterBackoff(pod);
    }
    if (this.pods.some((pod) => pod.place === 'in-flight')) this.missed.push(event);
  }

  private registrations(): readonly FrameworkPlugin[] {
    const preemption = { resource: 'Pod', actions: DELETE, queue: () => false } as const;
    return [...this.plugins, { name: 'DefaultPreemption', hints: [preemption] }];
  }

  private hears(name: string, event: ClusterEvent): boolean {
    return this.matching(name, event).length > 0;
  }

  private matching(name: string, event: ClusterEvent) {
    const plugin = this.registrations().find((one) => one.name === name);
    if (plugin === undefined) return [];
    const forNodes = (action: number): boolean =>
      plugin.hints.some((hint) => hint.resource === 'Node' && (hint.actions & action) !== 0);
    const isImplicit = forNodes(ADD) && !forNodes(UPDATE_NODE_TAINT);
    const implicit = { resource: 'Node', actions: UPDATE_NODE_TAINT, queue: () => true } as const;
    const hints = isImplicit ? [...plugin.hints, implicit] : plugin.hints;
    return hints.filter(
      (hint) =>
        hint.resource === event.resource &&
        (hint.actions & event.action) !== 0 &&
        event.action <= hint.actions,
    );
  }

  private wakes(pod: NaivePod, event: ClusterEvent): boolean {
    if (pod.rejectors.length === 0) return true;
    return pod.rejectors.some((name) =>
      this.matching(name, event).some(
        (hint) => hint.queue?.(asked(pod), event, null as never) ?? true,
      ),
    );
  }

  /** Every second of the way: who backs off no more; on the 30 s grid: who waits too long. */
  until(us: number): void {
    for (let second = Math.floor(this.nowUs / SECOND) + 1; second * SECOND <= us; second++) {
      this.nowUs = second * SECOND;
      for (const pod of this.pods) {
        const isBacking = pod.place === 'backoff' || pod.place === 'error';
        if (isBacking && !this.backsOff(pod)) pod.place = 'active';
      }
      if (second % 30 !== 0) continue;
      for (const pod of this.pods) {
        const isOld = this.nowUs - pod.timestampUs > this.scheduler.poolTimeoutUs;
        if (pod.place === 'pool' && pod.gate === null && isOld) this.afterBackoff(pod);
      }
    }
    this.nowUs = us;
  }
}

function asked(pod: NaivePod): FrameworkPod {
  return { shape: pod.shape, kube: {} as never, id: pod.id, key: pod.id, attempt: 0 };
}
