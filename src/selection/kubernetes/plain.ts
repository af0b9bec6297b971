import { PolicyError } from '../../base/errors.ts';
import { asNode, asNodeList, type NodeIndex } from '../../base/ids.ts';
import type {
  FeasibleNodes,
  FrameworkPod,
  FrameworkProfile,
  ScorePoint,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { FilterRun } from './filter-run.ts';
import type { Nominator } from './nominator.ts';
import { normalise, SCORE_MAX } from './normalise.ts';
import { Refusal } from './refusal.ts';
import { searchSize } from './search-size.ts';

/** What a way to run cycles works on. */
export interface RunnerParts {
  readonly policy: string;
  readonly profile: FrameworkProfile;
  readonly nodes: KubeNodes;
  readonly nominator: Nominator;
  /** One value in (0, 1) per attempt, drawn only where several nodes are best. */
  readonly drawTie: (pod: FrameworkPod) => number;
}

/** What one cycle gave, and where the next search starts. */
export interface Outcome {
  kind: 'node' | 'refused' | 'empty';
  node: NodeIndex | -1;
  examined: number;
  feasible: number;
  startIndex: number;
  refusal: Refusal | null;
}

/** Runs cycles of one profile. All implementations give the same; the plain one is the definition. */
export interface CycleRunner {
  /** @param startIndex list position where the search starts; the outcome's is where the next one does */
  decide(pod: FrameworkPod, startIndex: number): Outcome;
  /** The filters as the last cycle left them. */
  readonly filters: FilterRun;
}

/** The score of one plug-in over the feasible nodes. */
export interface PlainScore {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  readonly normalised: readonly number[];
}

/** What the plain cycle thought, for explanations. */
export interface PlainThoughts {
  /** List positions looked at, in order, with the code of each. */
  readonly examined: number[];
  readonly codes: number[];
  feasible: NodeIndex[];
  scores: PlainScore[];
  totals: number[];
}

/**
 * The scheduling cycle as it is written down: every node is asked by every plug-in, in order.
 *
 * *Guarantees*: the definition of a profile; the fast one must give its node, its start index and its codes. *Price*:
 * O(nodes x plug-ins) a decision.
 *
 * *Source*: Kubernetes v1.34 scheduler, schedulePod.
 */
export class PlainCycle implements CycleRunner {
  readonly filters: FilterRun;
  readonly thoughts: PlainThoughts = {
    examined: [],
    codes: [],
    feasible: [],
    scores: [],
    totals: [],
  };
  private readonly parts: RunnerParts;
  private readonly refusal: Refusal;

  constructor(parts: RunnerParts) {
    this.parts = parts;
    this.filters = new FilterRun(parts);
    this.refusal = new Refusal(parts.nodes);
  }

  decide(pod: FrameworkPod, startIndex: number): Outcome {
    const { nodes } = this.parts;
    const { thoughts } = this;
    thoughts.examined.length = 0;
    thoughts.codes.length = 0;
    thoughts.feasible = [];
    thoughts.scores = [];
    thoughts.totals = [];
    const outcome: Outcome = {
      kind: 'empty',
      node: -1,
      examined: 0,
      feasible: 0,
      startIndex,
      refusal: null,
    };
    if (nodes.listed === 0) return outcome;
    this.filters.begin(pod);
    if (this.filters.rejection !== null) return this.refuse(pod, outcome);
    if (!this.tryNomination(pod, outcome)) this.search(pod, outcome);
    outcome.feasible = thoughts.feasible.length;
    if (outcome.feasible === 0) return this.refuse(pod, outcome);
    outcome.kind = 'node';
    outcome.node = outcome.feasible === 1 ? thoughts.feasible[0]! : this.best(pod);
    return outcome;
  }

  /** The node that the pod is nominated to goes first, alone. */
  private tryNomination(pod: FrameworkPod, outcome: Outcome): boolean {
    const { nodes, nominator } = this.parts;
    const n = nominator.nodeOf(pod.id);
    if (n === -1 || !nodes.isListed(n)) return false;
    outcome.examined++;
    return this.examine(pod, nodes.positionOf[n]!);
  }

  private examine(pod: FrameworkPod, position: number): boolean {
    const { thoughts } = this;
    const n = asNode(this.parts.nodes.list[position]!);
    const code = this.filters.testNominated(pod, n);
    thoughts.examined.push(position);
    thoughts.codes.push(code);
    if (code === 0) thoughts.feasible.push(n);
    return code === 0;
  }

  private search(pod: FrameworkPod, outcome: Outcome): void {
    const { nodes, profile } = this.parts;
    const { thoughts } = this;
    const narrowed = this.filters.positions([]);
    const many = narrowed === null ? nodes.listed : narrowed.length;
    const most =
      profile.scores.length === 0 ? 1 : searchSize(many, profile.percentageOfNodesToScore);
    const start = outcome.startIndex;
    for (let j = 0; j < many; j++) {
      const i = (start + j) % many;
      outcome.examined++;
      if (!this.examine(pod, narrowed === null ? i : narrowed[i]!)) continue;
      if (thoughts.feasible.length <= most) continue;
      thoughts.feasible.pop();
      // The node after the last one kept is looked at and left for the next search.
      thoughts.examined.pop();
      thoughts.codes.pop();
      break;
    }
    // A nominated node that failed is recorded once, whether the search meets it again or not.
    const failed = new Set(thoughts.examined.filter((_, k) => thoughts.codes[k] !== 0));
    outcome.startIndex = (start + thoughts.feasible.length + failed.size) % nodes.listed;
  }

  private refuse(pod: FrameworkPod, outcome: Outcome): Outcome {
    const codes = this.refusal.begin(pod, this.filters, this.parts.profile.filters);
    this.thoughts.examined.forEach((position, k) => {
      codes[position] = this.thoughts.codes[k]!;
    });
    outcome.kind = 'refused';
    outcome.refusal = this.refusal.finish();
    return outcome;
  }

  private best(pod: FrameworkPod): NodeIndex {
    const { thoughts } = this;
    const { feasible } = thoughts;
    thoughts.scores = this.score(pod, {
      list: asNodeList(Int32Array.from(feasible)),
      count: feasible.length,
    });
    thoughts.totals = feasible.map((_, i) =>
      thoughts.scores.reduce((sum, { weight, normalised }) => sum + weight * normalised[i]!, 0),
    );
    const top = Math.max(...thoughts.totals);
    const best = feasible.filter((_, i) => thoughts.totals[i] === top);
    return best.length === 1 ? best[0]! : best[Math.floor(this.parts.drawTie(pod) * best.length)]!;
  }

  private score(pod: FrameworkPod, feasible: FeasibleNodes): PlainScore[] {
    const { nodes, policy, profile } = this.parts;
    const made: PlainScore[] = [];
    for (const { plugin, weight } of profile.scores) {
      const point: ScorePoint = plugin.score!;
      const asked = point.preScore ? point.preScore(pod, feasible, nodes) : NO_STATE;
      if (asked === null) continue;
      const scores = new Float64Array(feasible.count);
      for (let i = 0; i < feasible.count; i++) {
        scores[i] = point.score(pod, feasible.list[i]!, nodes, asked.state);
      }
      const raw = Array.from(scores);
      normalise(point.normalise, scores, feasible, asked.state);
      for (const score of scores) checkScore(policy, plugin.name, score);
      made.push({ plugin: plugin.name, weight, raw, normalised: Array.from(scores) });
    }
    return made;
  }
}

/** The state of a score without PreScore. */
export const NO_STATE: { readonly state: unknown } = { state: undefined };

/**
 * Checks a score after normalisation.
 *
 * @throws PolicyError unless it is an integer in 0..100
 */
export function checkScore(policy: string, plugin: string, score: number): void {
  if (score >= 0 && score <= SCORE_MAX && Number.isInteger(score)) return;
  throw new PolicyError(
    policy,
    `plug-in ${plugin} gives a node the score ${score}, after normalisation it must be a whole ` +
      `number in 0..${SCORE_MAX}`,
  );
}
