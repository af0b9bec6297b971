/**
 * A scenario after loading: plain data, every quantity a number in the unit of its name, every default filled in, every
 * name set expanded. `schema.ts` produces it, `run/build.ts` consumes it; nothing else knows the YAML.
 *
 * Times are integer microseconds, cpu millicores, memory bytes, GPUs thousandths of a device, money dollars.
 */
import type { Taint, Toleration } from '../base/constraints.ts';
import type { Distribution } from '../base/distribution.ts';
import type { KubePod } from '../base/kube.ts';
import type { KubernetesObjects } from './kubernetes/objects.ts';

/** A kind of node: what it holds and costs. */
export interface MachineType {
  readonly name: string;
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly pods: number;
  readonly gpus: { readonly model: string; readonly count: number } | null;
  /** Extended resources by name, counts. */
  readonly extended: Readonly<Record<string, number>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Dollars per node-hour by price model: `owned`, `on-demand`, `reserved`, `spot`. */
  readonly prices: Readonly<Record<string, number>>;
}

/** Who gives the nodes of a cluster, how fast and how many. */
export interface Provider {
  readonly name: string;
  readonly kind: 'private' | 'bare-metal' | 'public' | 'managed';
  /** Time from asking for a node to its being up, microseconds. */
  readonly bootUs: Distribution;
  /** Nodes the provider gives at most over the whole fleet; null is unlimited. */
  readonly quotaNodes: number | null;
  /** Nodes it starts per second at most, per cluster; null is unlimited. */
  readonly bootsPerSecond: number | null;
  /** Share of boots that fail (and are asked for again after the boot time). */
  readonly bootFailureRatio: number;
  /** Fee per cluster and hour while the cluster exists, dollars. */
  readonly clusterFeeDollarsPerHour: number;
}

/** Nodes of one pool; `nodes` lists them one by one where they come from a file. */
export interface Pool {
  readonly name: string;
  readonly machineType: string;
  /** Nodes that exist from the start. */
  readonly count: number;
  /** Nodes at most; equal to `count` for a pool that does not grow. */
  readonly max: number;
  /** Price model of its nodes: a key of the machine type's `prices`. */
  readonly price: string;
  readonly zone: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Nodes per rack; racks are numbered from 0 in node order. */
  readonly rackSize: number;
  /** Idle time after which an elastic node is given back, microseconds. */
  readonly idleAfterUs: number;
  /** Custom failure domains that the pool (with its cluster's) belongs to. */
  readonly domains: readonly string[];
  /** Explicit nodes, in order; `count` is their number. Machine types may differ. */
  readonly nodes: readonly ListedNode[] | null;
  /** True: its labels are all that its nodes have, none is added. Absent is false. */
  readonly isComplete?: boolean;
  /** True: cordoned; its taint is among `taints`. Absent is false. */
  readonly unschedulable?: boolean;
  /** Bytes of the images that its nodes have, by name. Absent is none. */
  readonly images?: Readonly<Record<string, number>>;
  /** Volumes that a node takes at most, by CSI driver; absent is no limit. */
  readonly volumeLimits?: Readonly<Record<string, number>>;
}

/** A node of a list, with what it has beyond its pool. */
export interface ListedNode {
  readonly name: string;
  readonly machineType: string;
  /** Place in the order of the cluster's nodes, where it is not that of the pools. */
  readonly order?: number;
  /** On top of the pool's. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly images?: Readonly<Record<string, number>>;
}

/** A cluster: where it is, whose it is, its pools, and what it decides differently. */
export interface Cluster {
  readonly name: string;
  readonly region: string;
  readonly site: string;
  readonly zone: string;
  readonly provider: string;
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly pools: readonly Pool[];
  /** Overrides `policies.scheduling` and `policies.queueing` for this cluster. */
  readonly scheduling: PolicyUse | null;
  readonly queueing: PolicyUse | null;
  readonly controlPlane: ControlPlane | null;
}

/** A policy by name, with its parameters. */
export interface PolicyUse {
  readonly use: string;
  /** As written in the file; the policy checks it. */
  readonly params: unknown;
}

/** What the scheduler and the API server can do; absent fields cost nothing. */
export interface ControlPlane {
  /** Scheduler time per attempt, microseconds; one pod at a time. */
  readonly attemptUs: number;
  /** Added per node that the attempt examined, microseconds. */
  readonly perNodeUs: number;
  /** Token bucket of binds: rate per second and burst; null is unlimited. */
  readonly bindsPerSecond: number | null;
  readonly bindBurst: number;
}

/** What a pod asks for, before interning. */
export interface PodSpec {
  readonly cpuMillicores: number;
  readonly memoryBytes: number;
  readonly gpus: {
    readonly count: number;
    readonly milliPerDevice: number;
    readonly models: readonly string[];
  } | null;
  readonly extended: Readonly<Record<string, number>>;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  readonly priorityClass: string;
  readonly priority: number;
  /** What only Kubernetes reads; absent for a pod that asks for nothing but the above. */
  readonly kube?: KubePod;
}

/** Replicas of a service over time. */
export type Replicas =
  | { readonly kind: 'constant'; readonly count: number }
  /** Sorted by `atUs`; before the first step the count is 0. */
  | {
      readonly kind: 'steps';
      readonly steps: readonly { readonly atUs: number; readonly count: number }[];
    }
  /** Raised cosine around `mean` with max = mean * peakToMean, peak at `peakAtUs` of each period, sampled every `everyUs`. */
  | {
      readonly kind: 'diurnal';
      readonly mean: number;
      readonly peakToMean: number;
      readonly peakAtUs: number;
      readonly periodUs: number;
      readonly everyUs: number;
    };

/** Formats of trace files. */
export type TraceFormat = 'openb' | 'swf' | 'batsim' | 'csv';

/** A trace file and how to read it. */
export interface TraceUse {
  readonly format: TraceFormat;
  /** As resolved for reading: `${ORRERY_DATA}` replaced, relative to the file that names it. */
  readonly path: string;
  /** First rows to use; null is all. */
  readonly limit: number | null;
  /** Divides all instants: 2 replays twice as fast. */
  readonly speedup: number;
  /** OpenB as the FGD paper replays it: shuffled, resampled to this share of GPU capacity, one arrival per second, no end. */
  readonly inflateTo: number | null;
}

/** When jobs arrive. */
export type Arrivals =
  | { readonly kind: 'poisson'; readonly perSecond: number }
  | {
      readonly kind: 'diurnal';
      readonly perSecond: number;
      readonly peakToMean: number;
      readonly peakAtUs: number;
      readonly periodUs: number;
    }
  /** Fixed gaps, the first arrival after one gap. */
  | { readonly kind: 'regular'; readonly everyUs: number }
  /** Renewal process with any law of gaps, microseconds. */
  | { readonly kind: 'renewal'; readonly gapUs: Distribution }
  | { readonly kind: 'trace'; readonly trace: TraceUse }
  /** None but what a controller of Kubernetes makes. */
  | { readonly kind: 'none' };

/** What an eviction does to the work done. */
export type OnEviction =
  | { readonly kind: 'restart' }
  | { readonly kind: 'resume' }
  /** Work up to the last checkpoint is kept; each checkpoint costs `costUs` of run time. */
  | { readonly kind: 'checkpoint'; readonly everyUs: number; readonly costUs: number };

interface WorkloadCommon {
  readonly name: string;
  readonly team: string;
  readonly pod: PodSpec;
  readonly onEviction: OnEviction;
  /** Evictions after which a pod is lost; null retries for ever. */
  readonly retryLimit: number | null;
  /** Wait before the k-th retry: min(base * 2^(k-1), cap), microseconds. */
  readonly retryBackoffUs: { readonly base: number; readonly cap: number };
  /** From bind to running: image pull and container start, microseconds. */
  readonly startupUs: Distribution;
  /** The only cluster that takes its pods; absent for one that the placer places. */
  readonly cluster?: string;
  /** True: a controller of `kubernetes.controllers` makes its pods, or they are only there at the start. Absent is false. */
  readonly isControlled?: boolean;
}

/** Pods that run until their service is scaled down. */
export interface ServiceWorkload extends WorkloadCommon {
  readonly kind: 'service';
  readonly replicas: Replicas;
}

/** Jobs that arrive, run and end. */
export interface JobWorkload extends WorkloadCommon {
  /** `gang`: all pods of a job start together or none does. */
  readonly kind: 'job' | 'gang';
  readonly arrivals: Arrivals;
  /** Pods per job, rounded to whole numbers and at least 1. */
  readonly podsPerJob: Distribution;
  /** Run time of each pod; `perJob` gives all pods of a job the same draw. */
  readonly durationUs: Distribution;
  readonly durationPerJob: boolean;
  /** Walltime the user asks for, as a multiple of the run time. */
  readonly estimateFactor: number;
  /** What becomes of a pod (or gang) that finds no room when it is tried: `lose` makes a loss system. */
  readonly onRefusal: 'wait' | 'lose';
  /** Pods that are there from the start, and what they still have to run; absent without any. */
  readonly initial?: {
    readonly pods: number;
    readonly residual: 'equilibrium' | 'full';
    /** They arrive evenly over this time, microseconds; absent is a second. */
    readonly overUs?: number;
  };
  /** Instants outside [fromUs, untilUs) do not arrive. */
  readonly fromUs: number;
  readonly untilUs: number;
}

/** What arrives. */
export type Workload = ServiceWorkload | JobWorkload;

/** `zone/idc-b` and friends: what an outage takes down. */
export interface DomainTarget {
  readonly kind:
    | 'node'
    | 'rack'
    | 'pool'
    | 'cluster'
    | 'zone'
    | 'site'
    | 'region'
    | 'provider'
    | 'domain';
  /** Path after the kind: `idc-b`, `cluster/pool/3`. */
  readonly name: string;
}

/** What breaks: single nodes again and again, or a failure domain once. */
export type Failure =
  | {
      readonly kind: 'nodes';
      readonly model: PolicyUse;
      readonly clusters: readonly string[] | null;
      /** Nodes of each cluster under repair at a time at most; null is no limit. */
      readonly repairers: number | null;
    }
  | {
      readonly kind: 'outage';
      readonly name: string;
      readonly target: DomainTarget;
      readonly atUs: number;
      readonly forUs: number;
    };

/** One threshold as written; `results/thresholds.ts` owns its grammar. */
export interface ThresholdEntry {
  /** `metric{label="value"}`. */
  readonly selector: string;
  readonly expr: string;
  readonly because: string | null;
  readonly warn: boolean;
  /** Where it was written, for messages. */
  readonly path: string;
}

/** The whole question, resolved. */
export interface Scenario {
  readonly name: string;
  readonly question: string;
  readonly horizonUs: number;
  /** Statistics start here; decisions and conservation count from 0. */
  readonly warmupUs: number;
  /** How the horizon goes from its start, or how it goes on once that is forgotten. */
  readonly study: 'terminating' | 'steady';
  /** Null: none given in the file. */
  readonly seed: number | null;
  readonly machineTypes: readonly MachineType[];
  readonly providers: readonly Provider[];
  /** Sorted by name: the order of merging and of the trajectory. */
  readonly clusters: readonly Cluster[];
  readonly workloads: readonly Workload[];
  readonly policies: {
    readonly placement: PolicyUse;
    readonly scheduling: PolicyUse;
    readonly queueing: PolicyUse;
  };
  readonly placement: {
    /** From the decision of the placer to the pod's being in the cluster's queue, and back; at least 1. */
    readonly latencyUs: number;
    /** How often clusters publish their summary. */
    readonly summaryEveryUs: number;
    /** Pending time after which a cluster gives a pod back to the placer; null keeps it for ever. */
    readonly returnAfterUs: number | null;
    /** Darkness of a whole cluster after which the placer starts its pods elsewhere; null never. */
    readonly failoverAfterUs: number | null;
  };
  readonly nodeLifecycle: {
    /** From a node's death to the control plane's noticing (grace period). */
    readonly detectAfterUs: number;
    /** From noticing to the eviction of its pods (toleration). */
    readonly evictAfterUs: number;
    /** Null: `kubernetes` where the cluster's scheduling policy is of that vendor, else `plain`. */
    readonly controller: 'plain' | 'kubernetes' | null;
    /** The rest belongs to Kubernetes' controller. */
    readonly monitorEveryUs: number;
    /** Nodes a second, in a zone, and in a large zone most of which is silent. */
    readonly evictionsPerSecond: number;
    readonly slowEvictionsPerSecond: number;
    readonly unhealthyRatio: number;
    readonly largeZone: number;
    /** Calls of each controller; null is ideal. */
    readonly api: { readonly perSecond: number; readonly burst: number } | null;
  };
  readonly controlPlane: ControlPlane;
  readonly failures: readonly Failure[];
  readonly thresholds: readonly ThresholdEntry[];
  readonly series: { readonly everyUs: number };
  /** Named priority classes, by name. */
  readonly priorityClasses: Readonly<Record<string, number>>;
  /** Draws of the gaps between arrivals: keyed, or one stateful stream per workload. */
  readonly arrivalStream:
    | 'keyed'
    | 'sfc32'
    | 'seedrandom:arc4'
    | 'seedrandom:alea'
    | 'seedrandom:tychei';
  /** The queue of every engine, or `auto`: by the number of nodes; the result never depends on it. */
  readonly eventQueue: 'auto' | 'heap' | 'calendar' | 'fastpriorityqueue';
  /** Machine types and providers in use whose figures no source confirms, by name. */
  readonly unverified: readonly string[];
  /** Dates and sources of the catalogues used, for the manifest. */
  readonly catalogs: readonly {
    readonly name: string;
    readonly date: string;
    readonly source: string;
  }[];
  /** What only Kubernetes has; absent in a scenario that uses none of it. */
  readonly kubernetes?: KubernetesObjects;
}
