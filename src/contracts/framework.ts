/**
 * Kubernetes' scheduling framework: a cycle made of plug-ins.
 *
 * A plug-in is a pure function of the pod's shape and of what the snapshot says; it keeps nothing between cycles. It
 * declares what its answers depend on, so that the engine may keep them per (shape, class of node) or per (shape, node) and
 * ask again only where something changed. The plain cycle asks every node; both give the same node.
 *
 * *Source*: Kubernetes v1.34 scheduler.
 */
import type { NodeIndex, NodeList } from '../base/ids.ts';
import type { KubePod } from '../base/kube.ts';
import type { FrameworkNodes, NodeClass, PlacedPod } from '../model/kube-view.ts';
import type { PodShape } from '../model/shapes.ts';

export type { FrameworkNodes, NodeClass, PlacedPod, PodLog } from '../model/kube-view.ts';
export {
  POD_PLACED,
  POD_REMOVED,
  POD_TERMINATED,
  POD_TERMINATING,
} from '../model/kube-view.ts';

/** The pod that is being scheduled. Refilled for each attempt: do not keep it. */
export interface FrameworkPod {
  readonly shape: PodShape;
  readonly kube: KubePod;
  readonly id: number;
  /** Stable key, entity of keyed draws. */
  readonly key: number;
  /** Attempts before this one. */
  readonly attempt: number;
}

/** A node's answer to a filter. */
export const PASS = 0;
/** Not now: another pod's leaving, or preemption, may change it. */
export const UNSCHEDULABLE = 1;
/** Not by removing pods: preemption does not try the node. */
export const UNRESOLVABLE = 2;
/** What a filter says of a node. */
export type NodeStatus = typeof PASS | typeof UNSCHEDULABLE | typeof UNRESOLVABLE;

/**
 * What an answer is a function of, besides the pod's shape. PreFilter and PreScore of a plug-in that is neither `cluster` nor `cluster-class` are
 * functions of the shape alone, and asked once.
 */
export type Dependence =
  /** The node's class; a score may also read number, classes and images of the listed nodes (`fleetVersion`). */
  | 'class'
  /** The node's own columns, name and pods. */
  | 'own-node'
  /** As 'cluster', but equal for all nodes of a class within one cycle: asked anew in every cycle, once per class. */
  | 'cluster-class'
  /** Other nodes or their pods: asked anew in every cycle. */
  | 'cluster';

/**
 * A dependence that differs by pod or cycle: asked after PreFilter or PreScore made the state, where they do not skip. A
 * function that declares the pod as its only parameter is one of the shape: asked once, whether they skip or not.
 */
export type DependenceOf = (pod: FrameworkPod, state: unknown) => Dependence;

/**
 * A filter or score that is this function of a node's cpu, memory and room for pods, and of nothing else: the engine may
 * compute it itself. Quantities in grains.
 */
export type ResourceTerm =
  /** Filter: room for one more pod, and `cpu` and `memory` free; unresolvable where the allocatable itself is short. */
  | { readonly kind: 'room'; readonly cpu: number; readonly memory: number }
  /**
   * Score: the mean by weights, rounded down, of the percentages (rounded down) of cpu and memory that are free, or used,
   * with the non-zero requests of the node's pods, `cpu` and `memory` taken away; a resource without capacity is left out.
   */
  | {
      readonly kind: 'share';
      readonly isLeast: boolean;
      readonly cpu: number;
      readonly memory: number;
      readonly cpuWeight: number;
      readonly memoryWeight: number;
    }
  /** Score: 100 less half the distance, in percent, of the shares of cpu and memory requested with this pod; rounded down. */
  | { readonly kind: 'balance'; readonly cpu: number; readonly memory: number };

/** What PreFilter says. */
export type PreFilterResult<State> =
  /** The filter, and its part in dry runs, is off for this cycle. */
  | { readonly kind: 'skip' }
  /** `nodes` narrows the search to nodes of these names. */
  | { readonly kind: 'run'; readonly state: State; readonly nodes?: readonly string[] }
  | {
      readonly kind: 'reject';
      readonly status: typeof UNSCHEDULABLE | typeof UNRESOLVABLE;
      readonly reason: string;
    };

/** Filter, with PreFilter. Cycle state is made by `preFilter` and owned by the cycle; without one it is undefined. */
export interface FilterPoint<State = unknown> {
  readonly dependsOn: Dependence | DependenceOf;
  preFilter?(pod: FrameworkPod, nodes: FrameworkNodes): PreFilterResult<State>;
  test(pod: FrameworkPod, n: NodeIndex, nodes: FrameworkNodes, state: State): NodeStatus;
  /** What `test` computes, where that is declared; null or absent is not. */
  termFor?(pod: FrameworkPod): ResourceTerm | null;
  /** Why `test` refuses, in upstream's words; only asked after a refusal. */
  reasons(pod: FrameworkPod, n: NodeIndex, nodes: FrameworkNodes, state: State): readonly string[];
  /** An independent copy, for a dry run; with it go `addPod` and `removePod`. Absent: the state does not know pods. */
  cloneState?(state: State): State;
  addPod?(state: State, pod: FrameworkPod, added: PlacedPod, at: DryRunNode): void;
  removePod?(state: State, pod: FrameworkPod, removed: PlacedPod, at: DryRunNode): void;
}

/** Where a dry run adds or removes a pod. */
export interface DryRunNode {
  readonly node: NodeIndex;
  readonly nodes: FrameworkNodes;
}

/** How raw scores become 0..100 over exactly the feasible nodes. */
export type Normalisation<State> =
  /** Raw scores are final. */
  | 'none'
  /** 100 * raw div max; all 0 if max is 0. */
  | 'default'
  /** 100 - (100 * raw div max); all 100 if max is 0. */
  | 'reversed'
  /** Rewrites `scores[0..feasible.count)` in place. */
  | ((scores: Float64Array, feasible: FeasibleNodes, state: State) => void);

/** The feasible nodes of a cycle in the order in which they were found. */
export interface FeasibleNodes {
  readonly list: NodeList;
  readonly count: number;
}

/** Score, with PreScore and NormalizeScore. */
export interface ScorePoint<State = unknown> {
  readonly dependsOn: Dependence | DependenceOf;
  /** Null skips the score for this cycle; else its state. Absent: never skipped, state undefined. */
  preScore?(
    pod: FrameworkPod,
    feasible: FeasibleNodes,
    nodes: FrameworkNodes,
  ): { readonly state: State } | null;
  /** The raw score: an integer. */
  score(pod: FrameworkPod, n: NodeIndex, nodes: FrameworkNodes, state: State): number;
  /** What `score` computes, where that is declared; null or absent is not. */
  termFor?(pod: FrameworkPod): ResourceTerm | null;
  readonly normalise: Normalisation<State>;
  /**
   * True for a normalisation that is a function and whose result for a node depends only on which raw scores there are, not
   * on how many nodes have each: where a score is equal within classes, it is then called on one node of each.
   */
  readonly normalisesBySet?: boolean;
}

/** Objects that events are about. */
export type EventResource =
  | 'Pod'
  | 'Node'
  | 'PersistentVolume'
  | 'PersistentVolumeClaim'
  | 'StorageClass'
  | 'CSINode'
  | 'CSIDriver'
  | 'CSIStorageCapacity'
  | 'VolumeAttachment';

/** Action bits of an event, in upstream's order: a registration matches if bits intersect and none is above its mask. */
export const ADD = 1;
export const DELETE = 2;
export const UPDATE_NODE_ALLOCATABLE = 4;
export const UPDATE_NODE_LABEL = 8;
export const UPDATE_NODE_TAINT = 16;
export const UPDATE_NODE_CONDITION = 32;
export const UPDATE_NODE_ANNOTATION = 64;
export const UPDATE_POD_LABEL = 128;
export const UPDATE_POD_SCALE_DOWN = 256;
export const UPDATE_POD_TOLERATION = 512;
export const UPDATE_POD_GATES_ELIMINATED = 1024;
export const UPDATE_POD_GENERATED_CLAIM = 2048;
export const UPDATE_OTHER = 4096;

/** Something that happened and may let a pod pass. */
export interface ClusterEvent {
  readonly resource: EventResource;
  readonly action: number;
  /** Pod events: the pod concerned, and its node or the one that it is nominated to, or -1 while it has none. */
  readonly pod?: PlacedPod;
  readonly node: NodeIndex | -1;
  /** Pod updates: the pod before. */
  readonly podBefore?: PlacedPod;
  /** Events about storage: name of the object, `namespace/name` for a claim. */
  readonly object?: string;
  /** Node updates: class and allocatable (by resource index, grains) before; absent for an added node. */
  readonly classBefore?: NodeClass;
  readonly allocatableBefore?: readonly number[];
}

/** Which event wakes which pod that this plug-in rejected. */
export interface QueueingHint {
  readonly resource: EventResource;
  /** Bits of actions. */
  readonly actions: number;
  /** True moves the pod out of the pool; absent always does. */
  queue?(pod: FrameworkPod, event: ClusterEvent, nodes: FrameworkNodes): boolean;
}

/** A plug-in of the framework: the points that it implements. */
export interface FrameworkPlugin {
  /** As in a configuration: `NodeResourcesFit`. */
  readonly name: string;
  /** PreEnqueue: null lets the pod into the active queue, else why not. */
  preEnqueue?(pod: FrameworkPod): string | null;
  readonly filter?: FilterPoint;
  readonly score?: ScorePoint;
  readonly hints: readonly QueueingHint[];
  /**
   * What its functions keep from call to call, such as counts that follow the pods: it goes into checkpoints, so it is data
   * and objects of classes, no functions. Absent: nothing, or only what a first call would find again.
   */
  readonly memory?: readonly object[];
}

/** Arguments of the preemption plug-in. */
export interface PreemptionArgs {
  readonly minCandidateNodesPercentage: number;
  readonly minCandidateNodesAbsolute: number;
}

/** One profile after expansion: which plug-in at which point, in order. */
export interface FrameworkProfile {
  readonly schedulerName: string;
  /** 0 is adaptive. */
  readonly percentageOfNodesToScore: number;
  readonly preEnqueue: readonly FrameworkPlugin[];
  readonly preFilters: readonly FrameworkPlugin[];
  readonly filters: readonly FrameworkPlugin[];
  /** Weights are at least 1. */
  readonly scores: readonly { readonly plugin: FrameworkPlugin; readonly weight: number }[];
  /** Null: no PostFilter, pods never preempt. */
  readonly preemption: PreemptionArgs | null;
}

/** A scheduler made of profiles; they share one queue, one start index and one snapshot. */
export interface FrameworkScheduler {
  readonly kind: 'framework';
  /** At least one; by `schedulerName`. */
  readonly profiles: readonly FrameworkProfile[];
  /** Backoff of refused pods, microseconds: the first and the largest. */
  readonly podInitialBackoffUs: number;
  readonly podMaxBackoffUs: number;
  /** Longest stay in the unschedulable pool before a retry without a hint, microseconds. */
  readonly poolTimeoutUs: number;
}

/** What a plug-in is created with. */
export interface FrameworkSetup {
  readonly nodes: FrameworkNodes;
}
