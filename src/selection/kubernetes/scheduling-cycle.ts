/** What the scheduling cycle takes and gives. */
import type { NodeIndex, PodIndex } from '../../base/ids.ts';
import type { LabelSelector } from '../../base/kube.ts';
import type {
  FrameworkPlugin,
  FrameworkPod,
  FrameworkScheduler,
  NodeStatus,
  UNRESOLVABLE,
  UNSCHEDULABLE,
} from '../../contracts/framework.ts';
import type { PolicyStream } from '../../contracts/policy.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { Nominator } from './nominator.ts';

/** A pod disruption budget as preemption reads it. */
export interface Budget {
  readonly namespace: string;
  /** Null and the empty selector match nothing here. */
  readonly selector: LabelSelector;
  /** Pods that may go now. */
  readonly disruptionsAllowed: number;
  /** True if the pod is in `disruptedPods`: its going is counted already. */
  isDisrupted(p: PodIndex): boolean;
}

/** What preemption knows of the pods on nodes beyond what the scheduler's snapshot says. */
export interface VictimFacts {
  /** All budgets of the cluster, in a fixed order. */
  readonly budgets: readonly Budget[];
  /** Whole seconds of `status.startTime`; Infinity while the pod has none. */
  startSeconds(p: PodIndex): number;
  /** True if it terminates because this scheduler preempts it (`PreemptionByScheduler`). */
  isPreempted(p: PodIndex): boolean;
}

/** What a cycle is made of. */
export interface CycleParts {
  /** The policy's name, for messages. */
  readonly policy: string;
  readonly scheduler: FrameworkScheduler;
  readonly nodes: KubeNodes;
  readonly nominator: Nominator;
  readonly facts: VictimFacts;
  /** Draws of ties and of preemption's offset: entity = the pod's key, draws by attempt. */
  readonly stream: PolicyStream;
  /** Check mode: the plain cycle, which asks every node, runs beside and must give the same. */
  readonly check: boolean;
}

/** What PreFilter said when it ended a cycle. */
export interface PreFilterRejection {
  /** Null: the sets of nodes that several plug-ins allow have none in common. */
  readonly plugin: FrameworkPlugin | null;
  readonly status: typeof UNSCHEDULABLE | typeof UNRESOLVABLE;
  readonly reason: string;
}

/** Why no node was found. Valid until the next call of the cycle or the next change of the cluster. */
export interface CycleFailure {
  readonly preFilter: PreFilterRejection | null;
  /** Plug-ins that refused some node or the pod, in the profile's order: whose hints may wake the pod. */
  readonly rejectors: readonly FrameworkPlugin[];
  /** Status of a listed node in this cycle. */
  statusOf(n: NodeIndex): NodeStatus;
  /** Which plug-in refused the node first; null if none did, or the node was not looked at. */
  rejectorOf(n: NodeIndex): FrameworkPlugin | null;
  /**
   * Upstream's message, "0/5 nodes are available: 2 Insufficient cpu, ...".
   *
   * *Cost*: asks every node for its reasons.
   *
   * @param preemption what preemption adds, the empty string for nothing
   */
  message(preemption: string): string;
}

/** What came of a cycle. One object, refilled. */
export interface CycleResult {
  /** `empty`: there is no node at all, which is an error and no plug-in's refusal. */
  readonly kind: 'node' | 'refused' | 'empty';
  /** -1 unless `node`. */
  readonly node: NodeIndex | -1;
  /** Nodes filtered. */
  readonly examined: number;
  /** Feasible nodes found, at most K. */
  readonly feasible: number;
  /** Null unless `refused`. */
  readonly failure: CycleFailure | null;
}

/** What came of preemption. */
export type PreemptionResult =
  /** The pod may not preempt now; a nomination stays. */
  | { readonly kind: 'not-eligible'; readonly message: string }
  /** Nobody's going would help; a nomination is cleared. */
  | { readonly kind: 'none'; readonly message: string }
  | {
      readonly kind: 'victims';
      readonly node: NodeIndex;
      /** In order of deletion, most important first. */
      readonly victims: readonly PodIndex[];
      /** Victims that their budgets do not allow. */
      readonly violations: number;
    };

/** How one node fared, for people. */
export interface NodeExplanation {
  readonly node: NodeIndex;
  readonly status: NodeStatus;
  /** The first plug-in that refused, and why; null if the node is feasible. */
  readonly rejector: string | null;
  readonly reasons: readonly string[];
  /** By score plug-in of `CycleExplanation.scores`; null unless feasible: raw, 0..100, times weight. */
  readonly scores:
    | readonly { readonly raw: number; readonly normalised: number; readonly weighted: number }[]
    | null;
  readonly total: number | null;
}

/** How a pod's cycle goes at this moment, node by node; nothing is changed by asking. */
export interface CycleExplanation {
  readonly preFilter: PreFilterRejection | null;
  /** Score plug-ins that are not skipped, in order. */
  readonly scores: readonly { readonly plugin: string; readonly weight: number }[];
  /** Nodes looked at, in order. */
  readonly nodes: readonly NodeExplanation[];
  /** Nodes that share the best total, in the order of the search. */
  readonly best: readonly NodeIndex[];
  readonly chosen: NodeIndex | -1;
}

/** The scheduling cycle of one cluster, all profiles: keeps the start index and whatever makes it fast. */
export interface SchedulingCycle {
  /** Position in the node list where the next search starts. */
  readonly startIndex: number;
  /**
   * Finds the node for a pod: PreFilter to selectHost. Refreshes the snapshot first; assumes nothing.
   *
   * @throws PolicyError if no profile has the pod's `schedulerName`, or a plug-in breaks its contract
   */
  schedule(pod: FrameworkPod): CycleResult;
  /** PostFilter: whom to preempt for the pod whose `schedule` was refused just before. */
  findVictims(pod: FrameworkPod): PreemptionResult;
  /** As `schedule`, told node by node; moves no index. */
  explain(pod: FrameworkPod): CycleExplanation;
}

/** A pod that has a node nominated. */
export interface NominatedPod {
  readonly id: number;
  readonly shape: PodShape;
}
