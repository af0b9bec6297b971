/**
 * Scheduling: which nodes are feasible, how good is each, and, for batch policies, which job starts next.
 *
 * A policy chooses and never mutates. It gets indices and read-only columns, writes into the caller's buffers, and keeps
 * no state of the cluster: everything it needs is in the view. Most policies are a {@link SchedulingProfile}: filters and
 * scores from which the engine derives the full scan, the per-shape index and the batched kernel. A policy that must see
 * the whole queue (backfilling) is a {@link BatchScheduler}.
 */
import type { NodeIndex, NodeList, PodIndex, ShapeIndex } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import type { ClusterView } from '../model/view.ts';
import type { FrameworkPlugin, FrameworkScheduler } from './framework.ts';
import type { FreeShares } from './free-shares.ts';
import type { PolicyStream } from './policy.ts';

/** The pod that is being decided. One object per cluster, refilled for each attempt: do not keep it. */
export interface PodAttempt {
  readonly shape: PodShape;
  /** Stable key of the pod, the same in every policy and replication: entity of keyed draws. */
  readonly key: number;
  /** How often this pod was evicted before: a new placement is a new draw. */
  readonly attempt: number;
}

/** What a filter or a score reads of a node: decides when a cached value must be computed again. */
export type DependsOn =
  /** Only what never changes in a run: pool labels, taints, machine type. */
  | 'static'
  /** The node's own columns and pods. */
  | 'own-node'
  /** Anything else in the cluster: never cached, always scanned. */
  | 'cluster';

/** An event that may lift a filter's "no": pods waiting for that reason are tried again when it happens. */
export type WakeEvent = 'capacity-freed' | 'node-added';

/** Removes nodes that cannot take the pod. */
export interface NodeFilter {
  /** Unique within a profile; letters, digits and dashes. */
  readonly name: string;
  /** Why a pod waits when this filter removed the most nodes: a metric label, such as `insufficient-cpu`. */
  readonly reason: string;
  readonly dependsOn: DependsOn;
  /** True if its answer is the same for all nodes of a group ({@link ClusterView.nodes}), whatever their state. */
  readonly isPerGroup?: boolean;
  /** Events that may turn its "no" into "yes"; empty means *never* while the fleet stays as it is. */
  readonly wakes: readonly WakeEvent[];
  /**
   * Keeps the feasible ones of `candidates[0..count)`, compacted to the front in their order.
   *
   * @returns how many were kept
   */
  keep(pod: PodAttempt, candidates: NodeList, count: number, cluster: ClusterView): number;
}

/** Rates feasible nodes; higher is better. */
export interface NodeScore {
  readonly name: string;
  readonly dependsOn: DependsOn;
  /** True if more free resources never lower it: an index over free resources may answer it. */
  readonly risesWithFree?: boolean;
  /** What `add` computes, if it is this form: an index then scores nodes without reading them. */
  readonly freeShares?: FreeShares;
  /**
   * Adds `weight * score` of `candidates[i]` to `scores[i]` for every i below `count`.
   *
   * Scores are finite. The same (shape, node state) must always give the same bits: no clock, no draw.
   */
  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void;
}

/**
 * Which of several best nodes wins.
 *
 * - `index`: the lowest node index.
 * - `rank`: the lowest of a permutation drawn once a run (or given).
 * - `uniform`: one keyed draw u per attempt; the floor(u * T)-th of the T tied nodes in index order.
 * - `capacity`: lowest group of equal nodes, most free cpu, most free memory, lowest index; the order an index can answer.
 * - `rotate`: the first at or after the node following the last choice, wrapping around.
 */
export type TieOrder = 'index' | 'rank' | 'uniform' | 'capacity' | 'rotate';

/** Chooses the devices of a GPU pod inside the chosen node. */
export interface DeviceChooser {
  /**
   * @returns a bit mask of `shape.gpuCount` devices that each have `gpuMilliPerDevice` left on `node`
   */
  choose(pod: PodAttempt, node: NodeIndex, cluster: ClusterView): number;
}

/** One way to schedule pods one at a time: fit always holds; filters, then the weighted sum of scores, then the ties. */
export interface SchedulingProfile {
  readonly kind: 'profile';
  /** Beyond resource fit, selector, taints and GPU model, which every profile has. */
  readonly filters?: readonly NodeFilter[];
  /** None scores every feasible node equal. */
  readonly scores?: readonly { readonly score: NodeScore; readonly weight: number }[];
  readonly ties: TieOrder;
  /** With ties `rank`: the rank of each node in node order; absent draws a permutation from the policy's stream. */
  readonly ranks?: readonly number[];
  /**
   * Looks only at `size` nodes drawn uniformly (with replacement) per try; after `tries` tries without a feasible one
   * every node is scanned, so that a pod that fits is never refused.
   */
  readonly sample?: { readonly size: number; readonly tries: number };
  /** Default: whole devices lowest index first; a share on the fitting device with least left, lowest index on ties. */
  readonly devices?: DeviceChooser;
}

/** A job of the queue as a batch scheduler sees it: pods that start together. Dense index in queue order. */
export interface BatchQueue {
  readonly count: number;
  /** Pods of job `j`, all of one shape. */
  size(j: number): number;
  shape(j: number): PodShape;
  /** The user's bound on the run time (walltime), or the actual run time where the trace has none; microseconds. */
  estimateUs(j: number): number;
  /** The actual run time in microseconds: only for policies that say so (`estimate: actual`). */
  actualUs(j: number): number;
  /** Instant it entered the queue, microseconds. */
  enteredAtUs(j: number): number;
  /** True if it entered since the last decision. */
  isNew(j: number): boolean;
}

/** Running jobs as a batch scheduler sees them, in the order of their start. */
export interface BatchRunning {
  readonly count: number;
  size(r: number): number;
  shape(r: number): PodShape;
  startedAtUs(r: number): number;
  estimateUs(r: number): number;
  actualUs(r: number): number;
  /** The node of its `i`-th pod, in ascending node order. */
  node(r: number, i: number): NodeIndex;
}

/** One decision instant of a batch scheduler. */
export interface BatchSession {
  readonly nowUs: number;
  readonly cluster: ClusterView;
  readonly queue: BatchQueue;
  readonly running: BatchRunning;
  /** True if capacity came back (a job ended, a node came up) since the last decision. */
  readonly capacityFreed: boolean;
  /**
   * Starts job `j` of the queue on the given nodes, one per pod; the job stays in `queue` (marked started) until the
   * session ends. Omitting `nodes` takes the lowest-numbered nodes that fit.
   *
   * @returns false, changing nothing, if the nodes do not fit
   */
  start(j: number, nodes?: readonly NodeIndex[]): boolean;
  isStarted(j: number): boolean;
}

/** Sees the whole queue at each decision instant and starts jobs. */
export interface BatchScheduler {
  readonly kind: 'batch';
  decide(session: BatchSession): void;
}

/** What a scheduling policy makes: decides pod by pod, for the whole queue, or as Kubernetes' framework does. */
export type Scheduler = SchedulingProfile | BatchScheduler | FrameworkScheduler;

/** What a scheduling policy is created with. */
export interface SchedulingSetup {
  readonly cluster: ClusterView;
  /** The policy's own draws, keyed by (policy, cluster): entity and draw number are the policy's choice. */
  readonly stream: PolicyStream;
  /** Shapes that the scenario declares up front (a trace adds more while it runs). */
  readonly shapes: readonly PodShape[];
  /**
   * Pods of a trace that is read whole, by shape; else empty. Read it at the first decision: when the policy is created no
   * trace has been read yet.
   */
  readonly shapeCounts: ReadonlyMap<ShapeIndex, number>;
  /**
   * Makes a plug-in of the scheduling framework by its registered name, with its arguments as written.
   *
   * @throws ScenarioError for an unknown name or wrong arguments
   */
  framework(name: string, args: unknown): FrameworkPlugin;
}

/** A pod on a node, for policies that walk a node's pods. */
export type { NodeIndex, PodIndex };
