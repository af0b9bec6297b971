import { asNode, asNodeList, type NodeIndex, type NodeList } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ClusterView } from '../model/view.ts';
import type { Feasibility } from './feasibility.ts';
import type { NodeSelector } from './selector.ts';
import type { TieBreak } from './ties.ts';

/** What all selectors of one profile share. */
export interface SelectorParts {
  readonly cluster: ClusterView;
  readonly profile: SchedulingProfile;
  readonly feasibility: Feasibility;
  readonly tieBreak: TieBreak;
  /** One value in (0, 1) per attempt, for ties `uniform`. */
  readonly drawTie: (pod: PodAttempt) => number;
}

/**
 * The plain full scan: filters every node, scores the feasible ones, takes the best.
 *
 * *Guarantees*: the definition of the profile; every other selector must give its node. *Price*: O(nodes) a decision.
 */
export class ScanSelector implements NodeSelector {
  readonly tier = 'scan';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly candidates: NodeList;
  private readonly scores: Float64Array;
  /** With ties `rotate`: where the search starts. */
  private cursor = 0;

  constructor(parts: SelectorParts) {
    this.parts = parts;
    this.candidates = asNodeList(new Int32Array(parts.cluster.nodes.count));
    this.scores = new Float64Array(parts.cluster.nodes.count);
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const { cluster, feasibility, profile } = this.parts;
    const { candidates, scores } = this;
    for (let n = asNode(0); n < cluster.nodes.count; n++) candidates[n] = n;
    this.examined = cluster.nodes.count;
    const count = feasibility.keep(pod, candidates, cluster.nodes.count);
    if (count === 0) return -1;
    scores.fill(0, 0, count);
    for (const { score, weight } of profile.scores ?? []) {
      score.add(pod, candidates, count, cluster, scores, weight);
    }
    return this.best(pod, count);
  }

  private best(pod: PodAttempt, count: number): NodeIndex {
    const { candidates, scores } = this;
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < count; i++) if (scores[i]! > top) top = scores[i]!;
    switch (this.parts.profile.ties) {
      case 'uniform': {
        let ties = 0;
        for (let i = 0; i < count; i++) if (scores[i] === top) ties++;
        let skip = Math.floor(this.parts.drawTie(pod) * ties);
        for (let i = 0; i < count; i++) {
          if (scores[i] === top && skip-- === 0) return candidates[i]!;
        }
        break;
      }
      case 'rotate': {
        let chosen = -1;
        for (let i = 0; i < count; i++) {
          if (scores[i] !== top) continue;
          if (chosen === -1) chosen = candidates[i]!;
          if (candidates[i]! >= this.cursor) {
            chosen = candidates[i]!;
            break;
          }
        }
        this.cursor = chosen + 1;
        return asNode(chosen);
      }
      default: {
        let chosen = -1;
        for (let i = 0; i < count; i++) {
          if (scores[i] !== top) continue;
          if (chosen === -1 || this.parts.tieBreak(candidates[i]!, asNode(chosen)) < 0) {
            chosen = candidates[i]!;
          }
        }
        return asNode(chosen);
      }
    }
    return -1 as NodeIndex;
  }
}
