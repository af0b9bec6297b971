/** A look at the attempts of one pod, node by node: for people, on re-simulation, so that a run stores nothing. */
import type { PodIndex } from '../base/ids.ts';
import type { ClusterRun } from './cluster-run.ts';

/** How one node fared. */
export interface TriedNode {
  readonly node: string;
  /** The filter that refused it, and why; null if it is feasible. */
  readonly refusedBy: string | null;
  readonly reasons: readonly string[];
  /** By score of `TriedPod.scores`; null unless feasible. */
  readonly scores:
    | readonly { readonly raw: number; readonly normalised: number; readonly weighted: number }[]
    | null;
  readonly total: number | null;
}

/** One attempt. */
export interface TriedPod {
  readonly cluster: string;
  readonly atUs: number;
  /** From 1, in this stay in the queue; null where attempts are not counted. */
  readonly attempt: number | null;
  /** Nodes that there were. */
  readonly nodes: number;
  /** What ended the attempt before any node was looked at; null if nothing did. */
  readonly preFilter: { readonly plugin: string | null; readonly reason: string } | null;
  readonly scores: readonly { readonly name: string; readonly weight: number }[];
  /** Nodes looked at, in the order of the search. */
  readonly tried: readonly TriedNode[];
  /** Nodes that share the best total. */
  readonly best: readonly string[];
  /** The node that was chosen; null if it was refused. */
  readonly node: string | null;
  /** Why it was refused, in one sentence; null if it was not. */
  readonly message: string | null;
  /** Whom it preempts where; null if nobody. */
  readonly preempts: { readonly node: string; readonly victims: readonly string[] } | null;
}

/** Hears of the attempts of one pod. */
export interface AttemptWatch {
  readonly workload: number;
  readonly serial: number;
  attempted(tried: TriedPod): void;
}

/** The watch of a cluster if it looks at this pod, else null. */
export function watchOf(run: ClusterRun, p: PodIndex): AttemptWatch | null {
  const { watch } = run;
  if (watch === null) return null;
  const { pods } = run.cluster;
  return pods.workload(p) === watch.workload && pods.serial(p) === watch.serial ? watch : null;
}

/** A pod's name: its workload and its number there. */
export function podNameOf(run: ClusterRun, p: PodIndex): string {
  return `${run.workloadOf(p).name}/${run.cluster.pods.serial(p)}`;
}
