/**
 * `kubectl drain`: cordons nodes, then evicts their pods, each as its budget allows.
 *
 *   cordon all --> next node --evict every pod--> refused: again in 5 s
 *                     ^                      |
 *                     +--all gone (asked every second)
 *
 * *Source*: Kubernetes v1.34, kubectl drain with `--ignore-daemonsets --delete-emptydir-data`.
 */
import type { NodeIndex, PodHandle, PodIndex } from '../../../base/ids.ts';
import { DRAIN_STEP } from '../../kinds.ts';
import { cordon } from '../node-taints.ts';
import type { Budgets } from './budgets.ts';
import type { ControllerHost } from './host.ts';

/** A drain of the scenario. */
export interface DrainFacts {
  readonly nodes: readonly NodeIndex[];
  /** Nodes that are drained at a time. */
  readonly parallel: number;
  /** Null: the pods' own. */
  readonly gracePeriodUs: number | null;
  /** After which a node is given up; null never. */
  readonly timeoutUs: number | null;
}

const RETRY_US = 5_000_000;
const POLL_US = 1_000_000;

/** One node of a drain. */
interface NodeDrain {
  readonly drain: number;
  readonly node: NodeIndex;
  readonly startedUs: number;
  /** Pods that are to go: from when to ask, or -1 once they were evicted. */
  readonly pods: Map<PodHandle, number>;
}

/** What drains need. */
export interface DrainParts {
  readonly host: ControllerHost;
  readonly budgets: Budgets;
  readonly drains: readonly DrainFacts[];
  /** Deletes a pod that was let go. */
  evict(p: PodIndex, graceUs: number): void;
  /** True for pods that drain leaves alone: those of DaemonSets. */
  isLeft(p: PodIndex): boolean;
}

/** The drains of one cluster. */
export class Drains {
  private readonly parts: DrainParts;
  /** Nodes that wait for their turn, by drain. */
  private readonly waiting: NodeIndex[][];
  private readonly going: (NodeDrain | undefined)[] = [];

  constructor(parts: DrainParts) {
    this.parts = parts;
    this.waiting = parts.drains.map(() => []);
  }

  /** Cordons all nodes of a drain and begins with the first of them. */
  begin(drain: number): void {
    const { drains, host } = this.parts;
    const { nodes, parallel } = drains[drain]!;
    for (const n of nodes) cordon(host.run, n, true);
    this.waiting[drain] = [...nodes];
    for (let i = 0; i < parallel; i++) this.startNext(drain);
  }

  private startNext(drain: number): void {
    const node = this.waiting[drain]!.shift();
    if (node === undefined) return;
    const { host } = this.parts;
    const { cluster, nowUs } = host.run;
    const pods = new Map<PodHandle, number>();
    cluster.forEachPod(node, (p) => {
      if (!this.parts.isLeft(p)) pods.set(cluster.pods.handle(p), nowUs);
    });
    this.step(this.going.push({ drain, node, startedUs: nowUs, pods }) - 1);
  }

  /** One look at a node: evicts what may go, and asks when to look again. */
  step(id: number): void {
    const going = this.going[id]!;
    const { drains, host } = this.parts;
    const { gracePeriodUs, timeoutUs } = drains[going.drain]!;
    const { engine, nowUs } = host.run;
    const isOver = timeoutUs !== null && nowUs - going.startedUs >= timeoutUs;
    let nextUs = Number.POSITIVE_INFINITY;
    for (const [handle, askUs] of isOver ? [] : going.pods) {
      const p = host.run.cluster.pods.find(handle);
      if (p === -1 || host.run.cluster.pods.node(p) !== going.node) going.pods.delete(handle);
      else if (askUs < 0) nextUs = Math.min(nextUs, nowUs + POLL_US);
      else if (askUs > nowUs) nextUs = Math.min(nextUs, askUs);
      else if (this.parts.budgets.ask(p) === 'refused') {
        going.pods.set(handle, nowUs + RETRY_US);
        nextUs = Math.min(nextUs, nowUs + RETRY_US);
      } else {
        going.pods.set(handle, -1);
        const ownUs = host.run.kube!.nodes.kubeOf(host.run.shapeOf(p)).terminationGraceUs;
        this.parts.evict(p, gracePeriodUs ?? ownUs);
        nextUs = Math.min(nextUs, nowUs + POLL_US);
      }
    }
    if (Number.isFinite(nextUs)) engine.at(nextUs, DRAIN_STEP, id);
    else {
      this.going[id] = undefined;
      this.startNext(going.drain);
    }
  }
}
