/**
 * How many pods a PodDisruptionBudget lets go.
 *
 * *Source*: Kubernetes v1.34, pkg/controller/disruption.
 */
import { type CountOrPercent, roundedUp } from './counts.ts';

/** What a budget counts over the pods that it matches. */
export interface BudgetCounts {
  /** Pods matched. */
  readonly matched: number;
  /** Sum of the wanted replicas of their distinct owners. */
  readonly wanted: number;
  /** Ready, not being deleted, and not let go in the last two minutes. */
  readonly healthy: number;
}

/** The bound of a budget; exactly one is given. */
export interface BudgetRule {
  readonly minAvailable: CountOrPercent | null;
  readonly maxUnavailable: CountOrPercent | null;
}

/** What a budget says. */
export interface BudgetStatus {
  readonly expected: number;
  readonly desired: number;
  readonly allowed: number;
  readonly healthy: number;
}

/** Counts what may go. */
export function budgetStatus(rule: BudgetRule, counts: BudgetCounts): BudgetStatus {
  const { maxUnavailable, minAvailable } = rule;
  let expected = counts.wanted;
  let desired = 0;
  if (maxUnavailable !== null) {
    desired = Math.max(0, expected - roundedUp(maxUnavailable, expected));
  } else if (minAvailable !== null) {
    if (minAvailable.kind === 'count') {
      expected = counts.matched;
      desired = minAvailable.count;
    } else desired = roundedUp(minAvailable, expected);
  }
  const allowed = expected <= 0 ? 0 : Math.max(0, counts.healthy - desired);
  return { expected, desired, allowed, healthy: counts.healthy };
}
