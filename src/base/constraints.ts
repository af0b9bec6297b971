/** Taints and tolerations, as plain data with Kubernetes' meaning. */

/** A taint on the nodes of a pool. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** A pod's tolerance of taints; an empty key with `Exists` tolerates every key, an absent effect every effect. */
export interface Toleration {
  readonly key: string;
  readonly operator: 'Equal' | 'Exists';
  readonly value: string;
  readonly effect?: Taint['effect'];
  /** How long it bears a `NoExecute` taint, microseconds; absent is for ever. */
  readonly tolerationUs?: number;
}

/** What a pod asks of the pool that takes it. */
export interface PoolDemand {
  /** Required labels, `key=value` pairs. */
  readonly nodeSelector: readonly (readonly [key: string, value: string])[];
  readonly tolerations: readonly Toleration[];
}

/** What a pool's nodes have in common. */
export interface PoolOffer {
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Says why a pool may never take a pod, `node-selector` or `taint`; the empty string if it may. */
export function poolRefusal(pod: PoolDemand, pool: PoolOffer): '' | 'node-selector' | 'taint' {
  for (const [key, value] of pod.nodeSelector) {
    if (pool.labels[key] !== value) return 'node-selector';
  }
  const isTolerated = (taint: Taint): boolean =>
    taint.effect === 'PreferNoSchedule' || pod.tolerations.some((t) => tolerates(t, taint));
  return pool.taints.every(isTolerated) ? '' : 'taint';
}

/** Says whether a toleration covers a taint. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect, key, operator, value } = toleration;
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key !== taint.key && !(key === '' && operator === 'Exists')) return false;
  return operator === 'Exists' || value === taint.value;
}
