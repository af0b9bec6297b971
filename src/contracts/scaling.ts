/** Scaling: how many replicas a workload should have, from what was measured of its pods. */

/** Pods of one workload that are alike to an autoscaler. */
export interface MeasuredPods {
  readonly count: number;
  /** Of each pod, in thousandths of the metric's unit (millicores); null has no sample. */
  readonly usageMilli: number | null;
  /** What each pod requests of the resource, thousandths; null requests none. Only resource metrics read it. */
  readonly requestMilli: number | null;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  readonly isDeleting: boolean;
  readonly isReady: boolean;
  /** True if the pod's cpu sample does not count yet: its start is too recent, or it was never ready. */
  readonly isCpuSampleIgnored: boolean;
}

/** A metric with its target and what was read of it. Values are thousandths. */
export type MetricReading =
  /** A resource, against a share of what pods request, percent. */
  | { readonly kind: 'utilization'; readonly targetPercent: number }
  /** A resource, against a mean per pod. */
  | { readonly kind: 'resource-average'; readonly targetMilli: number }
  /** A metric of the pods themselves, against a mean per pod. */
  | { readonly kind: 'pods-average'; readonly targetMilli: number }
  /** One value of an object or from outside, against a value. */
  | { readonly kind: 'value'; readonly targetMilli: number; readonly valueMilli: number | null }
  /** One value of an object or from outside, against a value per replica. */
  | {
      readonly kind: 'value-average';
      readonly targetMilli: number;
      readonly valueMilli: number | null;
    };

/** A workload at the instant of a scaling decision. */
export interface ScalingMoment {
  readonly nowUs: number;
  /** Replicas that are asked for at present. */
  readonly replicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricReading[];
  /** The pods that the metric at that place of `metrics` was read from. */
  pods(metric: number): readonly MeasuredPods[];
}

/** What one metric alone proposes. */
export interface ScalingProposal {
  readonly replicas: number;
  /** What was observed, in the unit of the target: percent, or thousandths. */
  readonly observed: number;
}

/** What an autoscaler decided. */
export interface ScalingDecision {
  /** Equal to the present number if nothing changes. */
  readonly replicas: number;
  /** By metric; null where it could not be read. */
  readonly proposals: readonly (ScalingProposal | null)[];
  readonly reason: 'disabled' | 'above-max' | 'below-min' | 'no-metrics' | 'steady' | 'up' | 'down';
}

/** Decides for one workload; remembers what it needs of the past, with save and restore. */
export interface Autoscaler {
  /** Time between two decisions, microseconds. */
  readonly everyUs: number;
  decide(moment: ScalingMoment): ScalingDecision;
  /** The memory as plain data. */
  save(): unknown;
  restore(saved: unknown): void;
}

/** What a scaling policy is created with: one instance per workload and cluster. */
export interface ScalingSetup {
  readonly workload: string;
}
