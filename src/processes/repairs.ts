/**
 * Which failure model breaks a node next, and who repairs it.
 *
 *   up --fails--> waiting for a repairer --one is free--> under repair --done--> up
 *
 * Each failure entry has its own repairers in each cluster; without a limit repair starts at once.
 */
import type { NodeIndex } from '../base/ids.ts';
import type { FailureModel } from '../contracts/failures.ts';
import type { ClusterRun } from './cluster-run.ts';
import { NODE_REPAIRED } from './kinds.ts';

/** One failure entry of a scenario as a cluster feels it. */
export interface NodeFailures {
  readonly model: FailureModel;
  /** Nodes of the cluster that can be under repair at a time; Infinity for no limit. */
  readonly repairers: number;
}

/** Breaks and repairs the nodes of one cluster. *Order*: nodes are repaired in the order of their failures. */
export class Repairs {
  private readonly run: ClusterRun;
  private readonly failures: readonly NodeFailures[];
  /** Repairers at work, by entry. */
  private readonly working: number[];
  /** Nodes that wait for a repairer, by entry. */
  private readonly waiting: NodeIndex[][];

  constructor(run: ClusterRun, failures: readonly NodeFailures[]) {
    this.run = run;
    this.failures = failures;
    this.working = failures.map(() => 0);
    this.waiting = failures.map(() => []);
  }

  /** Time up of a node that came up now, microseconds; Infinity if nothing breaks it. */
  upUs(n: NodeIndex): number {
    const { nodes } = this.run.cluster;
    return this.failures.length === 0
      ? Number.POSITIVE_INFINITY
      : this.upUsOf(this.causeOf(n, nodes.failures[n]!), n, nodes.failures[n]!);
  }

  /** The node broke: it is repaired by the entry that broke it, as soon as one of its repairers is free. */
  failed(n: NodeIndex): void {
    const { nodes } = this.run.cluster;
    const entry = this.causeOf(n, nodes.failures[n]!);
    nodes.failures[n] = nodes.failures[n]! + 1;
    if (this.working[entry]! < this.failures[entry]!.repairers) this.begin(entry, n);
    else this.waiting[entry]!.push(n);
  }

  /** The repair of a node is done: its repairer takes the next. */
  repaired(n: NodeIndex): void {
    const entry = this.causeOf(n, this.run.cluster.nodes.failures[n]! - 1);
    this.working[entry]!--;
    const next = this.waiting[entry]!.shift();
    if (next !== undefined) this.begin(entry, next);
  }

  private begin(entry: number, n: NodeIndex): void {
    const { cluster, engine, nowUs } = this.run;
    const cycle = cluster.nodes.failures[n]! - 1;
    this.working[entry]!++;
    const downUs = this.failures[entry]!.model.downUs(cluster.nodes.key[n]!, cycle);
    engine.at(nowUs + downUs, NODE_REPAIRED, n);
  }

  /** The entry that breaks a node first in a cycle: draws are keyed, so that it can be asked again. *Order* of ties: file. */
  private causeOf(n: NodeIndex, cycle: number): number {
    let cause = 0;
    for (let i = 1; i < this.failures.length; i++) {
      if (this.upUsOf(i, n, cycle) < this.upUsOf(cause, n, cycle)) cause = i;
    }
    return cause;
  }

  private upUsOf(entry: number, n: NodeIndex, cycle: number): number {
    return this.failures[entry]!.model.upUs(this.run.cluster.nodes.key[n]!, cycle);
  }
}
