/**
 * What Kubernetes' controllers work on, as plain data with its defaults filled in: workloads' controllers, budgets,
 * autoscalers, services, namespaces, the pods that are there at the start, and what is done to the cluster later.
 *
 * A controller's pods belong to a workload of the scenario (same `workload` name), which says how long they run, what an
 * eviction costs them and how long they take to start. Times are microseconds, instants count from the start of the run.
 *
 * *Source*: Kubernetes v1.34 API.
 */
import type { LabelSelector, NodeSelectorTerm, Requirement } from '../../base/kube.ts';
import type { DomainTarget, PodSpec, Replicas } from '../scenario.ts';
import type { LossReport } from './losses.ts';

/** A number of pods, or a share of all of them in whole percent; who reads it knows which way it is rounded. */
export type CountOrPercent =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'percent'; readonly percent: number };

/** What every namespaced object has. */
export interface KubeObject {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

interface ControllerCommon extends KubeObject {
  /** The workload of the scenario that its pods belong to; unique. */
  readonly workload: string;
  /** Pods that it looks after; null for Jobs, whose pods are known by their owner. */
  readonly selector: LabelSelector;
  /** What a new pod asks for; labels of its own revision (`pod-template-hash` and the like) are the controller's to add. */
  readonly template: PodSpec;
  /** Instant of creation, 0 or before. */
  readonly createdAtUs: number;
}

/** A revision of a Deployment that exists at the start: one ReplicaSet. */
export interface Revision {
  /** Name of the ReplicaSet. */
  readonly name: string;
  readonly number: number;
  readonly template: PodSpec;
  /** `spec.replicas` of the ReplicaSet. */
  readonly replicas: number;
  readonly createdAtUs: number;
}

/** A Deployment. */
export interface Deployment extends ControllerCommon {
  readonly kind: 'deployment';
  readonly replicas: number;
  readonly strategy:
    | { readonly kind: 'recreate' }
    | {
        readonly kind: 'rolling-update';
        readonly maxSurge: CountOrPercent;
        readonly maxUnavailable: CountOrPercent;
      };
  readonly minReadyUs: number;
  readonly isPaused: boolean;
  /** By number, ascending; empty for one that is created at the start. */
  readonly revisions: readonly Revision[];
}

/** A ReplicaSet without a Deployment. */
export interface ReplicaSet extends ControllerCommon {
  readonly kind: 'replicaset';
  readonly replicas: number;
  readonly minReadyUs: number;
}

/** A StatefulSet. */
export interface StatefulSet extends ControllerCommon {
  readonly kind: 'statefulset';
  readonly replicas: number;
  /** Ordinal of its first pod. */
  readonly firstOrdinal: number;
  readonly isParallel: boolean;
  readonly update:
    | { readonly kind: 'on-delete' }
    | { readonly kind: 'rolling-update'; readonly partition: number };
  readonly minReadyUs: number;
}

/** A DaemonSet. Its template has the tolerations that its controller adds. */
export interface DaemonSet extends ControllerCommon {
  readonly kind: 'daemonset';
  readonly update:
    | { readonly kind: 'on-delete' }
    | {
        readonly kind: 'rolling-update';
        readonly maxSurge: CountOrPercent;
        readonly maxUnavailable: CountOrPercent;
      };
  readonly minReadyUs: number;
}

/** What a Job, or each Job of a CronJob, does. */
export interface JobSpec {
  /** Null makes a work queue: it is complete when any pod has succeeded and all have ended. */
  readonly completions: number | null;
  readonly parallelism: number;
  readonly isIndexed: boolean;
  readonly backoffLimit: number;
  readonly backoffLimitPerIndex: number | null;
  readonly maxFailedIndexes: number | null;
  readonly activeDeadlineUs: number | null;
  /** True: a pod is replaced only once it has failed, not while it terminates. */
  readonly replacesOnlyFailed: boolean;
  readonly isSuspended: boolean;
}

/** A Job. */
export interface KubeJob extends ControllerCommon {
  readonly kind: 'kube-job';
  readonly job: JobSpec;
}

/** A set of values of one field of a cron schedule. */
export interface CronSchedule {
  /** As written. */
  readonly text: string;
  /** Sorted. */
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** True if the day of month and the day of week are both restricted: then either is enough. */
  readonly isEitherDay: boolean;
}

/** A CronJob. */
export interface CronJob extends ControllerCommon {
  readonly kind: 'cronjob';
  readonly schedule: CronSchedule;
  readonly concurrency: 'Allow' | 'Forbid' | 'Replace';
  readonly startingDeadlineUs: number | null;
  readonly isSuspended: boolean;
  /** Null: never ran. */
  readonly lastScheduledAtUs: number | null;
  readonly job: JobSpec;
}

/** Whatever creates and replaces pods. */
export type Controller = Deployment | ReplicaSet | StatefulSet | DaemonSet | KubeJob | CronJob;

/** A PodDisruptionBudget; exactly one of the two bounds is given. */
export interface DisruptionBudget extends KubeObject {
  readonly selector: LabelSelector;
  readonly minAvailable: CountOrPercent | null;
  readonly maxUnavailable: CountOrPercent | null;
  /** True: a pod that is not ready may be evicted whatever the budget says. */
  readonly evictsUnready: boolean;
}

/** One metric of an autoscaler with its target; amounts are thousandths of the metric's unit. */
export interface AutoscalerMetric {
  readonly source: 'resource' | 'container-resource' | 'pods' | 'object' | 'external';
  /** Of the resource or the metric. */
  readonly name: string;
  readonly target:
    | { readonly kind: 'utilization'; readonly percent: number }
    | { readonly kind: 'average-value'; readonly milli: number }
    | { readonly kind: 'value'; readonly milli: number };
}

/** How fast an autoscaler may go one way. */
export interface ScalingRules {
  readonly stabilisationUs: number;
  readonly select: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly {
    readonly type: 'Pods' | 'Percent';
    readonly value: number;
    readonly periodUs: number;
  }[];
}

/** A HorizontalPodAutoscaler. */
export interface Autoscaler extends KubeObject {
  /** The workload that it scales. */
  readonly workload: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly AutoscalerMetric[];
  /** Null: no `behavior` is given, which is not the same as its defaults. */
  readonly behavior: { readonly up: ScalingRules; readonly down: ScalingRules } | null;
}

/** A Service: only what it selects. */
export interface KubeService {
  /** Null is in every cluster. */
  readonly cluster: string | null;
  readonly namespace: string;
  readonly name: string;
  readonly selector: Readonly<Record<string, string>>;
}

/** A namespace with its labels, its name among them. */
export interface KubeNamespace {
  /** Null is in every cluster. */
  readonly cluster: string | null;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** How pods may use a claim. */
export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';

/** A PersistentVolumeClaim. */
export interface VolumeClaim extends KubeObject {
  readonly accessModes: readonly AccessMode[];
  readonly requestBytes: number;
  /** Empty without. */
  readonly storageClass: string;
  /** Name of the volume that it is bound to; null while unbound. */
  readonly volume: string | null;
  /** Its volume is gone. */
  readonly isLost: boolean;
  /** It has a deletion timestamp. */
  readonly isDeleting: boolean;
}

/** A PersistentVolume. */
export interface PersistentVolume {
  readonly cluster: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Null: every node reaches it. */
  readonly nodeAffinity: readonly NodeSelectorTerm[] | null;
  /** CSI driver; null for another kind of volume. */
  readonly driver: string | null;
  readonly capacityBytes: number;
  readonly accessModes: readonly AccessMode[];
  /** Empty without. */
  readonly storageClass: string;
  /** `namespace/name` of its claim; null while it is free. */
  readonly claim: string | null;
}

/** A StorageClass. */
export interface StorageClass {
  readonly cluster: string;
  readonly name: string;
  /** True for `WaitForFirstConsumer`: volumes are chosen once a pod is scheduled. */
  readonly waitsForConsumer: boolean;
  /** Null for `kubernetes.io/no-provisioner`. */
  readonly provisioner: string | null;
  /** Any term with all its requirements; empty is any node. */
  readonly allowedTopologies: readonly (readonly Requirement[])[];
}

/** A pod that is there at the start. */
export interface InitialPod extends KubeObject {
  readonly workload: string;
  /** May differ from the workload's template: an older revision. */
  readonly pod: PodSpec;
  /** Node that it is bound to; null if it waits in the queue. */
  readonly node: string | null;
  /** `status.startTime`, 0 or before; null if it never started. */
  readonly startedAtUs: number | null;
  readonly createdAtUs: number;
  readonly isReady: boolean;
  /** Time until it is gone, for a pod that is being deleted; null for others. */
  readonly leavesAfterUs: number | null;
  /** `status.nominatedNodeName`. */
  readonly nominatedNode: string | null;
  /** Of a Deployment's pod: name of its ReplicaSet; of a Job's: of the Job; null otherwise. */
  readonly owner: string | null;
}

/** Something that is done to a cluster or a workload at an instant. */
export type KubeEvent =
  /** The template of a workload changes. */
  | {
      readonly kind: 'rollout';
      readonly atUs: number;
      readonly workload: string;
      readonly template: PodSpec;
      /** True: the containers of this release never become ready. */
      readonly isBroken: boolean;
    }
  /** `kubectl rollout undo`; revision 0 is the one before. */
  | {
      readonly kind: 'rollback';
      readonly atUs: number;
      readonly workload: string;
      readonly revision: number;
    }
  | { readonly kind: 'cordon' | 'uncordon'; readonly atUs: number; readonly target: DomainTarget }
  /** `kubectl drain`, node after node: cordons all of the target first. */
  | {
      readonly kind: 'drain';
      readonly atUs: number;
      readonly target: DomainTarget;
      /** Nodes that are drained at a time. */
      readonly parallel: number;
      /** Null: the pods' own. */
      readonly gracePeriodUs: number | null;
      /** After which it gives up a node; null never does. */
      readonly timeoutUs: number | null;
    };

/** What a workload is asked for over time: the signal of autoscalers, shared by its ready pods. */
export interface Load {
  readonly workload: string;
  /** Of the resource or metric, as autoscalers name it. */
  readonly metric: string;
  /** Amounts are thousandths of the metric's unit, over all pods. */
  readonly curve: Replicas;
}

/** Images that nodes pull before pods start. */
export interface ImagePulls {
  readonly bytesPerSecond: number;
  /** By name with tag. */
  readonly bytes: Readonly<Record<string, number>>;
}

/** Everything of a scenario that only Kubernetes has. Lists are in the order of the files. */
export interface KubernetesObjects {
  readonly controllers: readonly Controller[];
  readonly budgets: readonly DisruptionBudget[];
  readonly autoscalers: readonly Autoscaler[];
  readonly services: readonly KubeService[];
  /** Absent is none. */
  readonly loads?: readonly Load[];
  /** Absent: every node has every image. */
  readonly imagePulls?: ImagePulls;
  readonly namespaces: readonly KubeNamespace[];
  readonly volumes: {
    readonly claims: readonly VolumeClaim[];
    readonly persistent: readonly PersistentVolume[];
    readonly classes: readonly StorageClass[];
  };
  readonly initialPods: readonly InitialPod[];
  /** By instant. */
  readonly events: readonly KubeEvent[];
  /** What became of files of Kubernetes objects, cluster by cluster as they were named. */
  readonly inputs: readonly InputReport[];
}

/** What became of the files that one cluster, or one entry of manifests, names. */
export interface InputReport extends LossReport {
  readonly cluster: string;
  /** As the scenario names them. */
  readonly files: readonly string[];
}
