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
}
