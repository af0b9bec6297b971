import { NONE } from '../../../base/ids.ts';
import { RUNNING } from '../../../model/pods.ts';
import type { StatefulSetFacts } from './facts.ts';
import type { ControllerHost, Syncable } from './host.ts';
import { isAvailable } from './pods.ts';
import { type StatefulPod, syncStateful } from './stateful.ts';

/** Keeps the ordinals of a StatefulSet. *Source*: Kubernetes v1.34, pkg/controller/statefulset. */
export class StatefulSetController implements Syncable {
  readonly key: number;
  readonly waitsUntilGone = true;
  replicas: number;
  private current = 0;
  private update = 0;
  private readonly host: ControllerHost;
  private readonly facts: StatefulSetFacts;

  constructor(host: ControllerHost, facts: StatefulSetFacts) {
    this.host = host;
    this.facts = facts;
    this.replicas = facts.replicas;
    this.key = host.add(this, 'statefulset', facts.workload);
  }

  /** Another template: pods are replaced from the highest ordinal down. */
  setTemplate(template: number): void {
    this.update = template;
    this.host.request(this.key);
  }

  /** Goes back to the template before. */
  rollBack(): void {
    this.setTemplate(this.current);
  }

  scale(replicas: number): void {
    this.replicas = replicas;
    this.host.request(this.key);
  }

  /** Keys whose pods are its own. */
  keys(): readonly number[] {
    return [this.key];
  }

  get wanted(): number {
    return this.replicas;
  }

  sync(): void {
    const { facts, host } = this;
    if (host.isBusy(this.key)) return;
    const pods = [...host.pods.of(this.key)];
    const { nowUs } = host;
    const view = pods.map((pod): StatefulPod => {
      const state = host.run.cluster.pods.state(pod.p);
      return {
        ordinal: pod.ordinal,
        revision: pod.template,
        phase: pod.readySinceUs >= 0 || state === RUNNING ? 'Running' : 'Pending',
        isTerminating: pod.isTerminating,
        isReady: pod.readySinceUs >= 0,
        isAvailable: isAvailable(pod, facts.minReadyUs, nowUs),
      };
    });
    const step = syncStateful({
      replicas: this.replicas,
      firstOrdinal: facts.firstOrdinal,
      isParallel: facts.isParallel,
      partition: facts.partition,
      currentRevision: this.current,
      updateRevision: this.update,
      pods: view,
    });
    this.completeUpdate(view);
    this.awaitAvailable(view);
    host.settle(facts.workload, Math.max(0, this.replicas - pods.length));
    host.create(
      this.key,
      step.create.map(({ ordinal, revision }) => ({
        ...facts.templates[revision]!,
        template: revision,
        ordinal,
      })),
    );
    host.remove(
      this.key,
      pods.filter(({ ordinal }) => step.remove.includes(ordinal)),
    );
  }

  /** All pods have the new revision: it is the present one, to which a missing pod comes back. */
  private completeUpdate(view: readonly StatefulPod[]): void {
    const isDone =
      view.length === this.replicas &&
      view.every((pod) => pod.revision === this.update && pod.isReady && !pod.isTerminating);
    if (isDone && this.facts.partition === 0) this.current = this.update;
  }

  private awaitAvailable(view: readonly StatefulPod[]): void {
    const { minReadyUs } = this.facts;
    if (minReadyUs > 0 && view.some((pod) => pod.isReady && !pod.isAvailable)) {
      this.host.request(this.key, this.host.nowUs + minReadyUs);
    }
  }
}

/** Ordinal of a pod that was there at the start, from the end of its name; -1 if it has none. */
export function ordinalOf(name: string): number {
  const match = /-(\d+)$/.exec(name);
  return match === null ? NONE : Number(match[1]);
}
