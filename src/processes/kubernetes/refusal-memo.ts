import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { Nominator } from '../../selection/kubernetes/nominator.ts';

/** A refusal that does not depend on which pod of its shape was refused. */
export interface KnownRefusal {
  readonly rejectors: readonly string[];
  readonly reason: string;
  readonly isHopeless: boolean;
  /** -1 where nobody's going would help, null where the pod may not preempt. */
  readonly nominate: -1 | null;
  /** Nodes looked at: what the attempt costs. */
  readonly examined: number;
}

interface Kept {
  readonly refusal: KnownRefusal;
  readonly pods: number;
  readonly fleet: number;
  readonly nominations: number;
}

/**
 * Refusals by shape, for as long as nothing of the cluster changes: pods of one shape that are woken together are refused
 * together.
 *
 * *Guarantees*: what is found is what a cycle would give again, for a pod without a nomination. *Cost*: O(1).
 */
export class RefusalMemo {
  private readonly nodes: KubeNodes;
  private readonly nominator: Nominator;
  private readonly kept = new Map<PodShape, Kept>();

  constructor(nodes: KubeNodes, nominator: Nominator) {
    this.nodes = nodes;
    this.nominator = nominator;
  }

  /** The refusal of an equal pod since which nothing changed, or null. */
  find(shape: PodShape): KnownRefusal | null {
    const kept = this.kept.get(shape);
    const isFresh =
      kept !== undefined &&
      kept.pods === this.nodes.podLog.position &&
      kept.fleet === this.nodes.fleetVersion &&
      kept.nominations === this.nominator.version;
    return isFresh ? kept.refusal : null;
  }

  keep(shape: PodShape, refusal: KnownRefusal): void {
    this.kept.set(shape, {
      refusal,
      pods: this.nodes.podLog.position,
      fleet: this.nodes.fleetVersion,
      nominations: this.nominator.version,
    });
  }
}
