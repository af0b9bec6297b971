/** Taints and tolerations as Kubernetes v1.34 matches them. */
import type { Taint, Toleration } from '../../base/constraints.ts';

/**
 * The first taint that counts and that no toleration covers, or null.
 *
 * @param isPreferred looks at `PreferNoSchedule` taints only; else at `NoSchedule` and `NoExecute`
 */
export function firstUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  isPreferred: boolean,
): Taint | null {
  for (const taint of taints) {
    if ((taint.effect === 'PreferNoSchedule') === isPreferred && !isTolerated(taint, tolerations)) {
      return taint;
    }
  }
  return null;
}

/** Number of `PreferNoSchedule` taints that no toleration covers. */
export function countUntoleratedPreferred(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
): number {
  let count = 0;
  for (const taint of taints) {
    if (taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations)) count++;
  }
  return count;
}

/** Says whether some toleration covers the taint; an absent effect and an empty key match any. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  for (const { effect, key, operator, value } of tolerations) {
    if (effect !== undefined && effect !== taint.effect) continue;
    if (key !== '' && key !== taint.key) continue;
    if (operator === 'Exists' || value === taint.value) return true;
  }
  return false;
}
