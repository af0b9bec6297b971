import { NONE } from '../../../base/ids.ts';
import { RUNNING } from '../../../model/pods.ts';
import { restartsWithin } from '../crash-loop.ts';
import type { Template } from './facts.ts';
import type { ControllerHost, Syncable } from './host.ts';
import { isAvailable, type OwnedPod } from './pods.ts';
import { type VictimPod, victimOrder } from './victims.ts';

/** Pods made or deleted at most in one sync. */
const BURST = 500;

/**
 * Keeps so many pods of one template: a ReplicaSet, alone or of a Deployment.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/replicaset.
 */
export class ReplicaSetController implements Syncable {
  readonly key: number;
  readonly template: number;
  spec: number;
  /** Annotations of its Deployment's last scaling. */
  desiredBefore: number;
  mostBefore: number;
  /** Number of its revision; grows when an old template comes back. */
  revision: number;
  private readonly host: ControllerHost;
  private readonly parts: ReplicaSetParts;

  constructor(host: ControllerHost, parts: ReplicaSetParts) {
    this.host = host;
    this.parts = parts;
    this.template = parts.template;
    this.spec = parts.replicas;
    this.desiredBefore = parts.desired;
    this.mostBefore = parts.most;
    this.revision = parts.revision;
    this.key = host.add(this, 'replicaset', parts.workload);
  }

  /** Keys whose pods are its own. */
  keys(): readonly number[] {
    return [this.key];
  }

  get replicas(): number {
    return this.spec;
  }

  get wanted(): number {
    return this.spec;
  }

  /** Another number of replicas. */
  scale(replicas: number): void {
    this.spec = replicas;
    this.host.request(this.key);
  }

  /** Pods that are available now. */
  get available(): number {
    const { host, parts } = this;
    let count = 0;
    for (const pod of host.pods.active(this.key)) {
      if (isAvailable(pod, parts.minReadyUs, host.nowUs)) count++;
    }
    return count;
  }

  /** Pods that exist, terminating ones included. */
  get present(): number {
    let count = 0;
    for (const _ of this.host.pods.of(this.key)) count++;
    return count;
  }

  sync(): void {
    const { host, parts } = this;
    if (parts.owner !== null) host.request(parts.owner.key);
    this.awaitAvailable();
    if (host.isBusy(this.key)) return;
    const active = host.pods.active(this.key);
    const missing = this.spec - active.length;
    if (missing > 0) {
      const pod = { ...parts.templates[this.template]!, template: this.template, ordinal: -1 };
      host.create(
        this.key,
        Array.from({ length: Math.min(missing, BURST) }, () => pod),
      );
    } else if (missing < 0) host.remove(this.key, this.victims(active, -missing));
  }

  /** Looks again when the next pod has been ready long enough. */
  private awaitAvailable(): void {
    const { minReadyUs } = this.parts;
    if (minReadyUs === 0) return;
    let nextUs = Number.POSITIVE_INFINITY;
    for (const { readySinceUs } of this.host.pods.active(this.key)) {
      const atUs = readySinceUs + minReadyUs;
      if (readySinceUs >= 0 && atUs > this.host.nowUs) nextUs = Math.min(nextUs, atUs);
    }
    this.host.request(this.key, nextUs);
  }

  private victims(active: readonly OwnedPod[], surplus: number): OwnedPod[] {
    const count = Math.min(surplus, BURST);
    if (count >= active.length) return [...active];
    const siblings = this.parts.owner?.keys() ?? this.keys();
    return sortedVictims(this.host, active, siblings).slice(0, count);
  }
}

/** What a ReplicaSet is made from. */
export interface ReplicaSetParts {
  readonly workload: number;
  readonly templates: readonly Template[];
  readonly template: number;
  readonly replicas: number;
  readonly desired: number;
  readonly most: number;
  readonly revision: number;
  readonly minReadyUs: number;
  /** Its Deployment, which is synced when the status may have changed, and the keys of all ReplicaSets of it; or null. */
  readonly owner: { readonly key: number; keys(): readonly number[] } | null;
}

/** Sorts pods by who goes first. @param siblings keys whose pods count for the rank of a node */
export function sortedVictims(
  host: ControllerHost,
  active: readonly OwnedPod[],
  siblings: readonly number[],
): OwnedPod[] {
  const { pods } = host.run.cluster;
  const onNode = new Map<number, number>();
  for (const key of siblings) {
    for (const { p } of host.pods.active(key)) {
      onNode.set(pods.node(p), (onNode.get(pods.node(p)) ?? 0) + 1);
    }
  }
  const order = victimOrder(host.nowUs);
  return active
    .map((pod): { pod: OwnedPod; victim: VictimPod } => {
      const node = pods.node(pod.p);
      return {
        pod,
        victim: {
          isAssigned: node !== NONE,
          phase: pods.state(pod.p) === RUNNING ? 'Running' : 'Pending',
          isReady: pod.readySinceUs >= 0,
          deletionCost: 0,
          rank: node === NONE ? 0 : onNode.get(node)!,
          readySinceUs: pod.readySinceUs,
          restarts: restartsOf(pod, host.nowUs),
          createdAtUs: pod.createdAtUs,
          uid: pod.uid,
        },
      };
    })
    .sort((a, b) => order(a.victim, b.victim))
    .map(({ pod }) => pod);
}

/** A broken container is taken to die a second after each start. */
function restartsOf(pod: OwnedPod, nowUs: number): number {
  return pod.isBroken ? restartsWithin(nowUs - pod.createdAtUs, 1_000_000) : 0;
}
