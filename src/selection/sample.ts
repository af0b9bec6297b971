import { asNode, asNodeList, type NodeIndex, type NodeList } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';

/** Draws of one attempt's candidates: uniform in (0, 1), the `draw`-th of this attempt. */
export type DrawCandidate = (pod: PodAttempt, draw: number) => number;

/**
 * Looks at a few nodes drawn uniformly, with replacement, and takes the best feasible one of a try.
 *
 * *Guarantees*: after `tries` tries without a feasible node the exact selector decides, so a pod that fits is never
 * refused. *Order*: score, then the profile's ties among the drawn. *Price*: O(size) a try, whatever the number of nodes.
 */
export class SampleSelector implements NodeSelector {
  readonly tier = 'sample';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly sample: NonNullable<SchedulingProfile['sample']>;
  private readonly makeFallback: () => NodeSelector;
  private fallback: NodeSelector | null = null;
  private readonly drawCandidate: DrawCandidate;
  private readonly candidates: NodeList;
  private readonly scores: Float64Array;

  constructor(
    parts: SelectorParts,
    sample: NonNullable<SchedulingProfile['sample']>,
    makeFallback: () => NodeSelector,
    drawCandidate: DrawCandidate,
  ) {
    this.parts = parts;
    this.sample = sample;
    this.makeFallback = makeFallback;
    this.drawCandidate = drawCandidate;
    this.candidates = asNodeList(new Int32Array(sample.size));
    this.scores = new Float64Array(sample.size);
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const { cluster, feasibility } = this.parts;
    const { candidates } = this;
    const { size, tries } = this.sample;
    this.examined = 0;
    for (let t = 0; t < tries; t++) {
      for (let i = 0; i < size; i++) {
        candidates[i] = asNode(
          Math.floor(this.drawCandidate(pod, t * size + i) * cluster.nodes.count),
        );
      }
      this.examined += size;
      const kept = feasibility.keep(pod, candidates, size);
      if (kept > 0) return this.best(pod, kept);
    }
    this.fallback ??= this.makeFallback();
    const chosen = this.fallback.choose(pod);
    this.examined += this.fallback.examined;
    return chosen;
  }

  private best(pod: PodAttempt, count: number): NodeIndex {
    const { candidates, scores } = this;
    const { cluster, profile, tieBreak } = this.parts;
    scores.fill(0, 0, count);
    for (const { score, weight } of profile.scores ?? []) {
      score.add(pod, candidates, count, cluster, scores, weight);
    }
    let best = 0;
    for (let i = 1; i < count; i++) {
      if (
        scores[i]! > scores[best]! ||
        (scores[i] === scores[best] && tieBreak(candidates[i]!, candidates[best]!) < 0)
      ) {
        best = i;
      }
    }
    return candidates[best]!;
  }
}
