/**
 * What Kubernetes' API lets a pod ask for, as plain data with its defaults filled in.
 *
 * *Source*: Kubernetes v1.34 API, as read in the scheduler's code. Times are microseconds.
 */

/** Operators of a requirement; `Gt` and `Lt` only in node selectors. */
export type SelectorOperator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';

/** One requirement on a label. `NotIn` holds for an absent key. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/**
 * An AND of requirements (`matchLabels` are `In` with one value). Null is the API's nil, which matches nothing; an empty
 * list is `{}`, which matches everything.
 */
export type LabelSelector = readonly Requirement[] | null;

/** A term of a node selector: all expressions and all fields; a term without any matches nothing. */
export interface NodeSelectorTerm {
  readonly expressions: readonly Requirement[];
  /** Only `metadata.name`, `In` or `NotIn` with exactly one value. */
  readonly fields: readonly Requirement[];
}

/** Node affinity; `required` null asks for nothing, an empty list matches nothing. */
export interface NodeAffinity {
  readonly required: readonly NodeSelectorTerm[] | null;
  readonly preferred: readonly { readonly weight: number; readonly term: NodeSelectorTerm }[];
}

/** A term of pod (anti-)affinity. */
export interface PodAffinityTerm {
  readonly selector: LabelSelector;
  readonly topologyKey: string;
  readonly namespaces: readonly string[];
  /** Null is nil: with no `namespaces` either, the namespace of the term's owner. */
  readonly namespaceSelector: LabelSelector;
}

/** Required and preferred terms of pod affinity or of anti-affinity. */
export interface PodAffinity {
  readonly required: readonly PodAffinityTerm[];
  readonly preferred: readonly { readonly weight: number; readonly term: PodAffinityTerm }[];
}

/** A topology spread constraint; `matchLabelKeys` are merged into the selector already. */
export interface SpreadConstraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  /** True is `DoNotSchedule`, false `ScheduleAnyway`. */
  readonly isHard: boolean;
  readonly selector: LabelSelector;
  /** Null is nil, which counts as 1. */
  readonly minDomains: number | null;
  readonly nodeAffinityPolicy: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy: 'Honor' | 'Ignore';
}

/** A port of the host; `ip` is `0.0.0.0` and `protocol` `TCP` where none is written. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A volume as the scheduler sees it: a claim of the pod's namespace, or an inline disk. */
export type PodVolume =
  | { readonly kind: 'claim'; readonly claim: string }
  | {
      readonly kind: 'disk';
      readonly type: 'gce' | 'ebs' | 'iscsi' | 'rbd';
      readonly id: string;
      readonly readOnly: boolean;
    };

/** All of a pod that only Kubernetes' scheduler and controllers read; equal for all pods of a shape. */
export interface KubePod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Which profile schedules it; default `default-scheduler`. */
  readonly schedulerName: string;
  /** `spec.nodeName` as written; null lets the scheduler choose. */
  readonly nodeName: string | null;
  readonly nodeAffinity: NodeAffinity | null;
  readonly podAffinity: PodAffinity | null;
  readonly podAntiAffinity: PodAffinity | null;
  readonly spread: readonly SpreadConstraint[];
  /** What the system's default spreading selects by: the services and the controller of the pod; null if there is none. */
  readonly defaultSpreadSelector: LabelSelector;
  /** Of app containers and sidecars. */
  readonly hostPorts: readonly HostPort[];
  /** Images of init and app containers, one per container, with their tag. */
  readonly images: readonly string[];
  /** App and init containers. */
  readonly containers: number;
  readonly volumes: readonly PodVolume[];
  readonly preemptionPolicy: 'PreemptLowerPriority' | 'Never';
  readonly schedulingGates: readonly string[];
  readonly terminationGraceUs: number;
  /**
   * Non-zero requests of scoring, millicores and bytes: what a placed pod adds to its node, and what the pod being scored
   * adds (they differ only for pods with pod-level requests).
   */
  readonly nonZeroPlaced: { readonly cpuMillicores: number; readonly memoryBytes: number };
  readonly nonZeroScored: { readonly cpuMillicores: number; readonly memoryBytes: number };
}
