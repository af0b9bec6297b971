/** An attempt of Kubernetes' scheduler as people read it. */
import type { PodIndex } from '../../base/ids.ts';
import type {
  CycleExplanation,
  CycleFailure,
  PreemptionResult,
} from '../../selection/kubernetes/scheduling-cycle.ts';
import { podNameOf, type TriedPod } from '../attempt-watch.ts';
import type { ClusterRun } from '../cluster-run.ts';
import type { KubeState } from './kube-state.ts';

/** What is known of an attempt once it is decided. */
export interface Decided {
  readonly explained: CycleExplanation;
  readonly attempt: number;
  /** Null unless it was refused. */
  readonly failure: CycleFailure | null;
  readonly preemption: PreemptionResult | null;
}

/** Tells an attempt by names. */
export function tellCycle(run: ClusterRun, kube: KubeState, decided: Decided): TriedPod {
  const { attempt, explained, failure, preemption } = decided;
  const nameOf = (n: number): string => run.cluster.nodeName(n as never);
  const { preFilter } = explained;
  return {
    cluster: run.cluster.name,
    atUs: run.nowUs,
    attempt,
    nodes: kube.nodes.listed,
    preFilter:
      preFilter === null
        ? null
        : { plugin: preFilter.plugin?.name ?? null, reason: preFilter.reason },
    scores: explained.scores.map(({ plugin, weight }) => ({ name: plugin, weight })),
    tried: onceEach(explained.nodes).map(({ node, reasons, rejector, scores, total }) => ({
      node: nameOf(node),
      refusedBy: rejector,
      reasons,
      scores,
      total,
    })),
    best: explained.best.map(nameOf),
    node: explained.chosen === -1 ? null : nameOf(explained.chosen),
    message: messageOf(failure, preemption),
    preempts:
      preemption?.kind === 'victims'
        ? {
            node: nameOf(preemption.node),
            victims: preemption.victims.map((p: PodIndex) => podNameOf(run, p)),
          }
        : null,
  };
}

/** A nominated node that no longer fits was looked at twice: first alone, then with all others. */
function onceEach(nodes: CycleExplanation['nodes']): CycleExplanation['nodes'] {
  const first = nodes[0]?.node;
  return nodes.slice(1).some(({ node }) => node === first) ? nodes.slice(1) : nodes;
}

/** Upstream's message of a refusal; null if there was none. */
export function messageOf(
  failure: CycleFailure | null,
  preemption: PreemptionResult | null,
): string | null {
  if (failure === null) return null;
  const said = preemption === null || preemption.kind === 'victims' ? '' : preemption.message;
  return failure.message(said);
}
