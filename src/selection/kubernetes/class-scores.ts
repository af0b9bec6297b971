import { asNode, NONE } from '../../base/ids.ts';
import type { FrameworkPod } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { SCORE_MAX } from './normalise.ts';
import { checkScore } from './plain.ts';
import type { PlannedScore } from './plan.ts';
import type { PresentClasses } from './present-classes.ts';

/** A node of every class that is listed; made anew when the fleet changes. */
export class ClassRepresentatives {
  /** Classes of listed nodes, in the order of the list. */
  readonly classes: number[] = [];
  /** By class: list position of its first node, or -1. */
  readonly positions: number[] = [];
  private fleetVersion = -1;
  private epoch = -1;
  private readonly nodes: KubeNodes;

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
  }

  /** *Cost*: O(1), or O(nodes) after the fleet changed. */
  refresh(): void {
    const { classes, nodes, positions } = this;
    if (this.fleetVersion === nodes.fleetVersion && this.epoch === nodes.epoch) return;
    this.fleetVersion = nodes.fleetVersion;
    this.epoch = nodes.epoch;
    classes.length = 0;
    positions.length = 0;
    while (positions.length < nodes.classes.count) positions.push(NONE);
    for (let i = 0; i < nodes.listed; i++) {
      const c = nodes.classAt[i]!;
      if (positions[c] !== NONE) continue;
      positions[c] = i;
      classes.push(c);
    }
  }
}

/**
 * The scores of one shape that are functions of the node's class: raw values by class, and their normalised sum over the
 * classes of a cycle's feasible nodes.
 *
 * *Guarantees*: `addTo` adds what normalising over the feasible nodes one by one gives, since that looks only at the largest
 * raw value there. *Price*: 8 bytes a class and score; asked anew when the fleet changes.
 */
export class ClassScores {
  /** True if all listed classes score alike: nothing is added to anybody. */
  isUniform = true;
  private readonly raws: number[][];
  private fleetVersion = -1;
  private epoch = -1;
  private readonly scores: readonly PlannedScore[];
  private readonly nodes: KubeNodes;
  private readonly policy: string;

  constructor(parts: {
    readonly policy: string;
    readonly nodes: KubeNodes;
    readonly scores: readonly PlannedScore[];
  }) {
    this.policy = parts.policy;
    this.nodes = parts.nodes;
    this.scores = parts.scores;
    this.raws = parts.scores.map(() => []);
  }

  /** Asks every listed class again if the fleet changed. */
  refresh(pod: FrameworkPod, { classes, positions }: ClassRepresentatives): void {
    const { nodes } = this;
    if (this.fleetVersion === nodes.fleetVersion && this.epoch === nodes.epoch) return;
    this.fleetVersion = nodes.fleetVersion;
    this.epoch = nodes.epoch;
    this.isUniform = true;
    for (let s = 0; s < this.scores.length; s++) {
      const { plugin, point, state } = this.scores[s]!;
      const raws = this.raws[s]!;
      while (raws.length < nodes.classes.count) raws.push(0);
      for (const c of classes) {
        const raw = point.score(pod, asNode(nodes.list[positions[c]!]!), nodes, state);
        if (point.normalise === 'none') checkScore(this.policy, plugin, raw);
        raws[c] = raw;
        if (raw !== raws[classes[0]!]) this.isUniform = false;
      }
    }
  }

  /** Normalises over the classes of the feasible nodes, and adds to their sums. */
  addTo({ classes, count, sums }: PresentClasses): void {
    for (let s = 0; s < this.scores.length; s++) {
      const { plugin, point, weight } = this.scores[s]!;
      const raws = this.raws[s]!;
      let max = 0;
      for (let k = 0; k < count; k++) max = Math.max(max, raws[classes[k]!]!);
      for (let k = 0; k < count; k++) {
        const c = classes[k]!;
        let score = raws[c]!;
        if (point.normalise !== 'none') {
          if (max > 0) score = Math.trunc((SCORE_MAX * score) / max);
          if (point.normalise === 'reversed') score = max > 0 ? SCORE_MAX - score : SCORE_MAX;
          checkScore(this.policy, plugin, score);
        }
        sums[c]! += weight * score;
      }
    }
  }
}
