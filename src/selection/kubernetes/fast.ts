import { asNode, type NodeIndex } from '../../base/ids.ts';
import type { FrameworkPod } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { type Board, BoardShelf } from './board.ts';
import { BoardWalk } from './board-walk.ts';
import { ClassRepresentatives } from './class-scores.ts';
import { type FilterRun, filterOf } from './filter-run.ts';
import { FoundNodes } from './found-nodes.ts';
import { ALL, FreshFilters, FreshScores } from './fresh.ts';
import { SCORE_MAX } from './normalise.ts';
import type { CycleRunner, Outcome, RunnerParts } from './plain.ts';
import { ShapePlan } from './plan.ts';
import { PresentClasses } from './present-classes.ts';
import { Refusal } from './refusal.ts';
import { searchSize } from './search-size.ts';

/** Entries (nodes times shapes) kept at most per cluster and profile, 2^20: 2 bytes each for usual weights, so 2 MiB. */
const ENTRIES_MAX = 0x100000;

/**
 * The scheduling cycle that asks a plug-in only where its answer may have changed: per shape a board over the node list,
 * scores of classes once per class, and in every cycle only what depends on the cluster.
 *
 * *Guarantees*: node, start index and codes of the plain cycle. *Price*: a walk over the window by blocks, plus
 * the plug-ins at the nodes in it that changed; no allocation while a node is found.
 */
export class FastCycle implements CycleRunner {
  filters: FilterRun;
  private readonly parts: RunnerParts;
  private readonly nodes: KubeNodes;
  private readonly shelf: BoardShelf;
  private readonly planFor: (pod: FrameworkPod) => ShapePlan;
  private readonly representatives: ClassRepresentatives;
  private readonly found: FoundNodes;
  private readonly walk: BoardWalk;
  private readonly freshFilters: FreshFilters;
  private readonly freshScores: FreshScores;
  private readonly refusal: Refusal;
  private readonly narrowed: number[] = [];
  /** By feasible node of the cycle: its total. */
  private readonly totals: Float64Array;
  private readonly present: PresentClasses;
  /** The board of this cycle, once nodes are found. */
  private board: Board | null = null;
  /** True if the board's walk searched: it knows the best. */
  private isTracked = true;
  /** List position of the node that the pod is nominated to and that failed, or -1. */
  private nominatedAt = -1;
  private readonly outcome: Outcome = {
    kind: 'empty',
    node: -1,
    examined: 0,
    feasible: 0,
    startIndex: 0,
    refusal: null,
  };

  constructor(parts: RunnerParts) {
    const { nodes, policy, profile } = parts;
    this.parts = parts;
    this.nodes = nodes;
    const weights = profile.scores.reduce((sum, { weight }) => sum + weight, 0);
    this.shelf = new BoardShelf({
      policy,
      nodes,
      entries: ENTRIES_MAX,
      sumMax: weights * SCORE_MAX,
    });
    this.planFor = (pod) => new ShapePlan(parts, pod);
    this.representatives = new ClassRepresentatives(nodes);
    this.found = new FoundNodes(nodes);
    this.walk = new BoardWalk(nodes, this.found);
    this.freshFilters = new FreshFilters(nodes);
    this.freshScores = new FreshScores(policy, nodes);
    this.refusal = new Refusal(nodes);
    this.present = new PresentClasses(nodes);
    this.totals = new Float64Array(nodes.slots);
    this.filters = undefined as unknown as FilterRun;
    this.found.place = () => this.walk.writePositions(this.board!);
  }

  decide(pod: FrameworkPod, startIndex: number): Outcome {
    const { found, nodes, outcome } = this;
    outcome.kind = 'empty';
    outcome.node = -1;
    outcome.examined = 0;
    outcome.feasible = 0;
    outcome.startIndex = startIndex;
    outcome.refusal = null;
    if (nodes.listed === 0) return outcome;
    const board = this.shelf.get(pod, this.planFor);
    const { run } = board.plan;
    this.filters = run;
    run.begin(pod);
    found.begin();
    if (run.rejection !== null) return this.refuse(pod, board);
    this.freshFilters.begin(pod, board.plan);
    this.search(pod, board);
    outcome.feasible = found.count;
    if (found.count === 0) return this.refuse(pod, board);
    outcome.kind = 'node';
    outcome.node = this.best(pod, board);
    return outcome;
  }

  private sizeOf(many: number): number {
    const { percentageOfNodesToScore, scores } = this.parts.profile;
    return scores.length === 0 ? 1 : searchSize(many, percentageOfNodesToScore);
  }

  private search(pod: FrameworkPod, board: Board): void {
    const { freshFilters } = this;
    const isWhole = this.parts.nominator.count === 0 && board.plan.run.names === null;
    this.isTracked = isWhole && freshFilters.areByClass;
    if (this.isTracked) this.searchWhole(pod, board);
    else this.searchAny(pod, board);
  }

  /** All nodes, and nothing to ask but the board and, in this cycle, classes: the common case. */
  private searchWhole(pod: FrameworkPod, board: Board): void {
    const { outcome } = this;
    const { listed } = this.nodes;
    const start = outcome.startIndex;
    const stop = this.walk.run(pod, board, {
      start,
      most: this.sizeOf(listed),
      classes: this.freshFilters.count === 0 ? null : this.freshFilters,
    });
    outcome.startIndex = stop < 0 ? start : stop;
    outcome.examined = stop < 0 ? listed : ((stop - start + listed) % listed) + 1;
  }

  /** With nominated pods, a narrowed list or filters that are asked at every node in every cycle. */
  private searchAny(pod: FrameworkPod, board: Board): void {
    const { found, nodes, outcome } = this;
    if (this.takesNominated(pod)) return;
    const narrowed = board.plan.run.positions(this.narrowed);
    const many = narrowed === null ? nodes.listed : narrowed.length;
    const most = this.sizeOf(many);
    const start = outcome.startIndex;
    // A nominated node that failed is counted once, whether the search meets it again or not.
    let failed = this.nominatedAt < 0 ? 0 : 1;
    let k = many === 0 ? 0 : start % many;
    for (let j = 0; j < many; j++) {
      const i = narrowed === null ? k : narrowed[k]!;
      k = k + 1 === many ? 0 : k + 1;
      outcome.examined++;
      if (!this.takes(pod, board, i)) {
        if (i !== this.nominatedAt) failed++;
      } else if (found.count === most) break;
      else found.positions[found.count++] = i;
    }
    outcome.startIndex = (start + found.count + failed) % nodes.listed;
  }

  /** Tries the node that the pod is nominated to; notes its failure. */
  private takesNominated(pod: FrameworkPod): boolean {
    const { found, nodes, outcome } = this;
    this.nominatedAt = -1;
    const n = this.parts.nominator.nodeOf(pod.id);
    if (n === -1 || !nodes.isListed(n)) return false;
    const i = nodes.positionOf[n]!;
    const isFeasible = this.filters.testNominated(pod, n) === 0;
    outcome.examined++;
    if (isFeasible) found.positions[found.count++] = i;
    else this.nominatedAt = i;
    return isFeasible;
  }

  private isConcerned(pod: FrameworkPod, i: number): boolean {
    const { nominator } = this.parts;
    if (nominator.count === 0) return false;
    return nominator.concerns(asNode(this.nodes.list[i]!), pod.id, pod.shape.priority);
  }

  private takes(pod: FrameworkPod, board: Board, i: number): boolean {
    if (this.isConcerned(pod, i)) {
      return this.filters.testNominated(pod, asNode(this.nodes.list[i]!)) === 0;
    }
    return board.look(pod, i) >= 0 && this.freshFilters.test(pod, i, ALL) === 0;
  }

  /** The code of a position: the first refusal in the profile's order. */
  private codeAt(pod: FrameworkPod, board: Board, i: number): number {
    if (this.isConcerned(pod, i)) {
      return this.filters.testNominated(pod, asNode(this.nodes.list[i]!));
    }
    const code = Math.max(0, -board.look(pod, i));
    return this.freshFilters.test(pod, i, code === 0 ? ALL : filterOf(code)) || code;
  }

  private refuse(pod: FrameworkPod, board: Board): Outcome {
    const { nodes, outcome, refusal } = this;
    const { run } = board.plan;
    const codes = refusal.begin(pod, run, this.parts.profile.filters);
    outcome.kind = 'refused';
    outcome.refusal = refusal;
    if (run.rejection === null) {
      const narrowed = run.positions(this.narrowed);
      const many = narrowed === null ? nodes.listed : narrowed.length;
      for (let k = 0; k < many; k++) {
        const i = narrowed === null ? k : narrowed[k]!;
        codes[i] = this.codeAt(pod, board, i);
      }
      const at = this.isTracked ? -1 : this.nominatedAt;
      if (at >= 0) codes[at] = this.codeAt(pod, board, at);
    }
    refusal.finish();
    return outcome;
  }

  private best(pod: FrameworkPod, board: Board): NodeIndex {
    const { freshScores, found, nodes } = this;
    const { classScores } = board.plan;
    if (found.count === 1) {
      this.walk.writePositions(board);
      return asNode(nodes.list[found.positions[0]!]!);
    }
    this.board = board;
    freshScores.begin(pod, board.plan, found);
    this.representatives.refresh();
    classScores.refresh(pod, this.representatives);
    if (this.isTracked && freshScores.count === 0 && classScores.isUniform) {
      return this.walk.best(board, this.skipOf(pod, this.walk.ties));
    }
    this.walk.writePositions(board);
    this.addUp(pod, board);
    return this.bestOfTotals(pod);
  }

  /** How many of those that tie for the best stand before the chosen one. */
  private skipOf(pod: FrameworkPod, ties: number): number {
    return ties === 1 ? 0 : Math.floor(this.parts.drawTie(pod) * ties);
  }

  /** Totals of the feasible nodes: what the board holds, what their classes add, what is asked node by node. */
  private addUp(pod: FrameworkPod, board: Board): void {
    const { found, freshScores, present, totals } = this;
    const { count, positions } = found;
    const { classScores } = board.plan;
    if (classScores.isUniform && freshScores.byClass === 0) {
      for (let k = 0; k < count; k++) totals[k] = board.look(pod, positions[k]!);
    } else {
      present.find(positions, count);
      if (!classScores.isUniform) classScores.addTo(present);
      if (freshScores.byClass > 0) freshScores.addToClasses(pod, present);
      const { classAt } = this.nodes;
      const { sums } = present;
      const { value } = board.columns;
      for (let k = 0; k < count; k++) {
        const i = positions[k]!;
        // A search that is tracked looked at all that it found.
        const own = this.isTracked ? value[i]! : board.look(pod, i);
        totals[k] = own + sums[classAt[i]!]!;
      }
    }
    if (freshScores.count > freshScores.byClass) freshScores.addToNodes(pod, found, totals);
  }

  private bestOfTotals(pod: FrameworkPod): NodeIndex {
    const { found, nodes, totals } = this;
    let top = -1;
    let ties = 0;
    for (let k = 0; k < found.count; k++) {
      const total = totals[k]!;
      if (total > top) {
        top = total;
        ties = 1;
      } else if (total === top) ties++;
    }
    let skip = this.skipOf(pod, ties);
    let k = 0;
    while (totals[k] !== top || skip-- > 0) k++;
    return asNode(nodes.list[found.positions[k]!]!);
  }
}
