/**
 * PodDisruptionBudgets of a cluster, and evictions that ask them.
 *
 * Pods of controllers count, whose wanted number is known. *Source*: Kubernetes v1.34, pkg/controller/disruption and the
 * eviction subresource.
 */
import type { PodHandle, PodIndex } from '../../../base/ids.ts';
import type { LabelSelector } from '../../../base/kube.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { Budget } from '../../../selection/kubernetes/scheduling-cycle.ts';
import { type BudgetRule, type BudgetStatus, budgetStatus } from './budget.ts';
import type { ControllerHost } from './host.ts';

/** A budget as the scenario has it. */
export interface BudgetFacts {
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly rule: BudgetRule;
  /** True: a pod that is not ready may be evicted whatever the budget says. */
  readonly evictsUnready: boolean;
}

/** A controller whose pods a budget may match: its key, and how many it wants. */
export interface BudgetOwner {
  /** Keys whose pods are its own. */
  keys(): readonly number[];
  readonly wanted: number;
}

/** How long an evicted pod that does not go counts as gone, microseconds. */
const DISRUPTED_US = 120_000_000;

/** What came of an eviction. */
export type EvictionAnswer = 'evicted' | 'refused';

/** All budgets of one cluster. */
export class Budgets {
  /** As preemption reads them. */
  readonly all: readonly Budget[];
  private readonly host: ControllerHost;
  private readonly facts: readonly BudgetFacts[];
  private readonly owners: readonly BudgetOwner[];
  private readonly matches: (budget: BudgetFacts, shape: PodShape) => boolean;
  /** Pods let go and not gone yet, with the instant, by budget. */
  private readonly disrupted: Map<PodHandle, number>[];

  /** @param parts what the scenario has, who owns pods, and whether a budget matches pods of a shape */
  constructor(
    host: ControllerHost,
    parts: {
      readonly facts: readonly BudgetFacts[];
      readonly owners: readonly BudgetOwner[];
      matches(budget: BudgetFacts, shape: PodShape): boolean;
    },
  ) {
    this.host = host;
    this.facts = parts.facts;
    this.owners = parts.owners;
    this.matches = (budget, shape) => parts.matches(budget, shape);
    this.disrupted = parts.facts.map(() => new Map());
    this.all = parts.facts.map((facts, i) => this.asBudget(facts, i));
  }

  private asBudget({ namespace, selector }: BudgetFacts, i: number): Budget {
    const allowed = () => this.statusOf(i).allowed;
    return {
      namespace,
      selector,
      get disruptionsAllowed() {
        return allowed();
      },
      isDisrupted: (p) => this.isDisrupted(i, p),
    };
  }

  private isDisrupted(i: number, p: PodIndex): boolean {
    const handle = this.host.run.cluster.pods.handle(p);
    const atUs = this.disrupted[i]!.get(handle);
    return atUs !== undefined && this.host.nowUs - atUs < DISRUPTED_US;
  }

  /** How many pods a budget lets go now. *Cost*: the pods of the controllers that it matches. */
  statusOf(i: number): BudgetStatus {
    const { host, owners } = this;
    const facts = this.facts[i]!;
    const counts = { matched: 0, wanted: 0, healthy: 0 };
    for (const owner of owners) {
      let isMatched = false;
      for (const key of owner.keys()) {
        for (const pod of host.pods.of(key)) {
          if (!this.matches(facts, host.run.shapeOf(pod.p))) continue;
          isMatched = true;
          counts.matched++;
          const isHealthy = !pod.isTerminating && pod.readySinceUs >= 0;
          if (isHealthy && !this.isDisrupted(i, pod.p)) counts.healthy++;
        }
      }
      if (isMatched) counts.wanted += owner.wanted;
    }
    return budgetStatus(facts.rule, counts);
  }

  /**
   * Asks whether a pod may be evicted, and spends its budget if so. Two budgets for one pod are an error upstream: refused.
   */
  ask(p: PodIndex): EvictionAnswer {
    const { host } = this;
    const shape = host.run.shapeOf(p);
    const matching = this.facts.flatMap((facts, i) => (this.matches(facts, shape) ? [i] : []));
    if (matching.length === 0) return 'evicted';
    if (matching.length > 1) return 'refused';
    const i = matching[0]!;
    const status = this.statusOf(i);
    const owned = host.pods.find(p);
    if (owned !== undefined && owned.readySinceUs < 0) {
      const isEnough = status.desired > 0 && status.healthy >= status.desired;
      if (this.facts[i]!.evictsUnready || isEnough) return 'evicted';
    }
    if (status.allowed <= 0) return 'refused';
    this.forgetOld(i);
    this.disrupted[i]!.set(host.run.cluster.pods.handle(p), host.nowUs);
    return 'evicted';
  }

  private forgetOld(i: number): void {
    const { nowUs } = this.host;
    for (const [handle, atUs] of this.disrupted[i]!) {
      if (nowUs - atUs >= DISRUPTED_US) this.disrupted[i]!.delete(handle);
    }
  }
}
