import { asPod } from '../../base/ids.ts';
import type { Requirement } from '../../base/kube.ts';
import type { PlacedPod } from '../../contracts/framework.ts';
import type { Budget } from './scheduling-cycle.ts';

/**
 * Finds the pods whose going their budgets do not allow, one after the other: each takes one of what every budget that
 * covers it has left.
 *
 * @param pods in the order of their importance
 * @returns by pod: true if it violates
 *
 * *Source*: Kubernetes v1.34 scheduler, filterPodsWithPDBViolation.
 */
export function findViolations(
  pods: readonly PlacedPod[],
  budgets: readonly Budget[],
): readonly boolean[] {
  const left = budgets.map((budget) => budget.disruptionsAllowed);
  return pods.map((pod) => {
    let violates = false;
    budgets.forEach((budget, b) => {
      if (!covers(budget, pod) || budget.isDisrupted(asPod(pod.id))) return;
      left[b]!--;
      if (left[b]! < 0) violates = true;
    });
    return violates;
  });
}

/** Here a nil and an empty selector match nothing, nor does any match a pod without labels. */
function covers(budget: Budget, { kube }: PlacedPod): boolean {
  const { namespace, selector } = budget;
  if (namespace !== kube.namespace || selector === null || selector.length === 0) return false;
  if (Object.keys(kube.labels).length === 0) return false;
  return selector.every((requirement) => meets(requirement, kube.labels));
}

function meets(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values } = requirement;
  const value = Object.hasOwn(labels, key) ? labels[key]! : null;
  switch (operator) {
    case 'In':
      return value !== null && values.includes(value);
    case 'NotIn':
      return value === null || !values.includes(value);
    case 'Exists':
      return value !== null;
    case 'DoesNotExist':
      return value === null;
    default:
      // Gt and Lt exist only in node selectors.
      return false;
  }
}
