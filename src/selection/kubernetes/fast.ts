import { asNode, asNodeList, type NodeIndex, type NodeList } from '../../base/ids.ts';
import type { FeasibleNodes, FrameworkPod } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import { type Board, BoardShelf, STALE } from './board.ts';
import { ClassRepresentatives, type ClassScores } from './class-scores.ts';
import { type FilterRun, filterOf } from './filter-run.ts';
import { FreshFilters, FreshScores } from './fresh.ts';
import { SCORE_MAX } from './normalise.ts';
import type { CycleRunner, Outcome, RunnerParts } from './plain.ts';
import { ShapePlan } from './plan.ts';
import { Refusal } from './refusal.ts';
import { searchSize } from './search-size.ts';

/** Entries (nodes times shapes) kept at most per cluster and profile, 2^20: 2 bytes each for usual weights, so 2 MiB. */
const ENTRIES_MAX = 0x100000;

/** The feasible nodes by list position, and as the plug-ins see them: node indices, written only when one asks. */
class FoundNodes implements FeasibleNodes {
  count = 0;
  readonly positions: Int32Array;
  private readonly buffer: NodeList;
  private readonly nodes: KubeNodes;
  private isWritten = false;
  /** False while the positions of a plain search are not written. */
  isPlaced = true;
  /** Writes them. */
  place: () => void = () => {};

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
    this.positions = new Int32Array(nodes.slots);
    this.buffer = asNodeList(new Int32Array(nodes.slots));
  }

  begin(): void {
    this.count = 0;
    this.isWritten = false;
    this.isPlaced = true;
  }

  get list(): NodeList {
    if (!this.isWritten) {
      this.place();
      const { list } = this.nodes;
      for (let i = 0; i < this.count; i++) this.buffer[i] = asNode(list[this.positions[i]!]!);
      this.isWritten = true;
    }
    return this.buffer;
  }
}

/**
 * The scheduling cycle that asks a plug-in only where its answer may have changed: per shape a board over the node list,
 * scores of classes once per class, and in every cycle only what depends on the cluster.
 *
 * *Guarantees*: node, start index and codes of the plain cycle. *Price*: a walk over the window that compares versions,
 * plus the plug-ins at the nodes in it that changed; no allocation while a node is found.
 */
export class FastCycle implements CycleRunner {
  filters: FilterRun;
  private readonly parts: RunnerParts;
  private readonly nodes: KubeNodes;
  private readonly shelf: BoardShelf;
  private readonly planFor: (pod: FrameworkPod) => ShapePlan;
  private readonly representatives: ClassRepresentatives;
  private readonly found: FoundNodes;
  private readonly freshFilters: FreshFilters;
  private readonly freshScores: FreshScores;
  private readonly refusal: Refusal;
  /** By list position, for the positions of a search that is not plain: a code, negative if fresh filters may come first. */
  private readonly codes: Int32Array;
  private readonly narrowed: number[] = [];
  /** By feasible node of the cycle: its total. */
  private readonly totals: Float64Array;
  /** Classes of the feasible nodes, and by class the cycle in which it was seen last. */
  private readonly present: number[] = [];
  private readonly presentAt: number[] = [];
  private cycle = 0;
  /** Best sum of the walk, position of the first that has it, and how many do; right only where nothing else scores. */
  private top = 0;
  private topAt = 0;
  private ties = 0;
  /** Where the search started, and how many it looks for. */
  private start = 0;
  private most = 0;
  /** The board of this cycle, once nodes are found. */
  private board: Board | null = null;
  /** True if the board answers everything of this cycle's search. */
  private isPlain = true;
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
    this.freshFilters = new FreshFilters(nodes);
    this.freshScores = new FreshScores(policy, nodes);
    this.refusal = new Refusal(nodes);
    this.codes = new Int32Array(nodes.slots);
    this.totals = new Float64Array(nodes.slots);
    this.filters = undefined as unknown as FilterRun;
    this.found.place = () => this.writePositions(this.board!);
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
    this.cycle++;
    const board = this.shelf.get(pod, this.planFor);
    const { run } = board.plan;
    this.filters = run;
    run.begin(pod);
    found.begin();
    if (run.rejection !== null) return this.refuse(pod, board, null);
    this.freshFilters.begin(pod, board.plan);
    this.isPlain =
      this.parts.nominator.count === 0 && run.names === null && this.freshFilters.count === 0;
    if (this.isPlain) this.searchPlain(pod, board);
    else this.searchAny(pod, board);
    outcome.feasible = found.count;
    if (found.count === 0) return this.refuse(pod, board, this.isPlain);
    outcome.kind = 'node';
    outcome.node = this.best(pod, board);
    return outcome;
  }

  private sizeOf(many: number): number {
    const { percentageOfNodesToScore, scores } = this.parts.profile;
    return scores.length === 0 ? 1 : searchSize(many, percentageOfNodesToScore);
  }

  /** All nodes, and nothing but the board to ask: the common case. */
  private searchPlain(pod: FrameworkPod, board: Board): void {
    const { found, outcome } = this;
    const { listed } = this.nodes;
    const start = outcome.startIndex;
    this.most = this.sizeOf(listed);
    this.top = -1;
    this.ties = 0;
    let stop = this.walk(pod, board, start, listed);
    if (stop < 0) stop = this.walk(pod, board, 0, start);
    found.isPlaced = false;
    this.start = start;
    outcome.startIndex = stop < 0 ? start : stop;
    outcome.examined = stop < 0 ? listed : ((stop - start + listed) % listed) + 1;
  }

  /** @returns the position of the feasible node past the last one to keep, or -1 */
  private walk(pod: FrameworkPod, board: Board, from: number, to: number): number {
    const { found, most } = this;
    const { value } = board;
    let { count } = found;
    let { ties, top, topAt } = this;
    let stop = -1;
    for (let i = from; i < to; i++) {
      let sum = value[i]!;
      if (sum < 0) {
        if (sum !== STALE) continue;
        sum = board.evaluate(pod, i);
        if (sum < 0) continue;
      }
      if (count === most) {
        stop = i;
        break;
      }
      count++;
      if (sum < top) continue;
      if (sum === top) ties++;
      else {
        top = sum;
        ties = 1;
        topAt = i;
      }
    }
    found.count = count;
    this.top = top;
    this.topAt = topAt;
    this.ties = ties;
    return stop;
  }

  /** Writes the positions that a plain search found, where more than the best is asked for. */
  private writePositions(board: Board): void {
    const { found } = this;
    if (found.isPlaced) return;
    const { value } = board;
    const { listed } = this.nodes;
    let i = this.start;
    for (let k = 0; k < found.count; i = i + 1 === listed ? 0 : i + 1) {
      if (value[i]! >= 0) found.positions[k++] = i;
    }
    found.isPlaced = true;
  }

  /** The best node of a plain search in which nothing but the board scores. */
  private bestOnBoard(pod: FrameworkPod, board: Board): NodeIndex {
    const { list, listed } = this.nodes;
    const { value } = board;
    const { top } = this;
    let i = this.topAt;
    for (let skip = this.skipOf(pod); skip > 0; ) {
      i = i + 1 === listed ? 0 : i + 1;
      if (value[i] === top) skip--;
    }
    return asNode(list[i]!);
  }

  /** With nominated pods, a narrowed list or filters that are asked in every cycle. */
  private searchAny(pod: FrameworkPod, board: Board): void {
    const { codes, found, nodes, outcome } = this;
    if (this.takesNominated(pod)) return;
    const narrowed = board.plan.run.positions(this.narrowed);
    const many = narrowed === null ? nodes.listed : narrowed.length;
    const most = this.sizeOf(many);
    const start = outcome.startIndex;
    // A nominated node that failed is counted once, whether the search meets it again or not.
    let failed = this.nominatedAt < 0 ? 0 : 1;
    for (let j = 0; j < many; j++) {
      const k = (start + j) % many;
      const i = narrowed === null ? k : narrowed[k]!;
      const code = this.examine(pod, board, i);
      outcome.examined++;
      if (code !== 0) {
        codes[i] = code;
        if (i !== this.nominatedAt) failed++;
      } else if (found.count === most) break;
      else found.positions[found.count++] = i;
    }
    outcome.startIndex = (start + found.count + failed) % nodes.listed;
  }

  /** Tries the node that the pod is nominated to; notes its failure. */
  private takesNominated(pod: FrameworkPod): boolean {
    const { codes, found, nodes, outcome } = this;
    this.nominatedAt = -1;
    const n = this.parts.nominator.nodeOf(pod.id);
    if (n === -1 || !nodes.isListed(n)) return false;
    const i = nodes.positionOf[n]!;
    const code = this.filters.testNominated(pod, n);
    outcome.examined++;
    if (code === 0) found.positions[found.count++] = i;
    else {
      codes[i] = code;
      this.nominatedAt = i;
    }
    return code === 0;
  }

  /** 0, a code, or minus a code that a filter of every cycle may come before. */
  private examine(pod: FrameworkPod, board: Board, i: number): number {
    const { nominator } = this.parts;
    const n = asNode(this.nodes.list[i]!);
    if (nominator.count > 0 && nominator.concerns(n, pod.id, pod.shape.priority)) {
      return this.filters.testNominated(pod, n);
    }
    const sum = board.look(pod, i);
    return sum < 0 ? sum : this.freshFilters.test(pod, i, ALL);
  }

  /** @param isPlain null if no node was looked at */
  private refuse(pod: FrameworkPod, board: Board, isPlain: boolean | null): Outcome {
    const { nodes, outcome, refusal } = this;
    const codes = refusal.begin(pod, board.plan.run, this.parts.profile.filters);
    outcome.kind = 'refused';
    outcome.refusal = refusal;
    if (isPlain === true) {
      for (let i = 0; i < nodes.listed; i++) codes[i] = -board.value[i]!;
    } else if (isPlain === false) {
      const narrowed = board.plan.run.positions(this.narrowed);
      const many = narrowed === null ? nodes.listed : narrowed.length;
      for (let k = 0; k < many; k++) {
        const i = narrowed === null ? k : narrowed[k]!;
        codes[i] = this.firstCode(pod, i);
      }
      if (this.nominatedAt >= 0) codes[this.nominatedAt] = this.firstCode(pod, this.nominatedAt);
    }
    refusal.finish();
    return outcome;
  }

  private firstCode(pod: FrameworkPod, i: number): number {
    const code = this.codes[i]!;
    if (code > 0) return code;
    return this.freshFilters.test(pod, i, filterOf(-code)) || -code;
  }

  private best(pod: FrameworkPod, board: Board): NodeIndex {
    const { freshScores, found, nodes } = this;
    const { classScores } = board.plan;
    if (found.count === 1) {
      this.writePositions(board);
      return asNode(nodes.list[found.positions[0]!]!);
    }
    this.board = board;
    freshScores.begin(pod, board.plan, found);
    this.representatives.refresh();
    classScores.refresh(pod, this.representatives);
    if (this.isPlain && freshScores.count === 0 && classScores.isUniform) {
      return this.bestOnBoard(pod, board);
    }
    this.writePositions(board);
    this.addUp(pod, board);
    return this.bestOfTotals(pod);
  }

  /** How many of those that tie for the best stand before the chosen one. */
  private skipOf(pod: FrameworkPod): number {
    return this.ties === 1 ? 0 : Math.floor(this.parts.drawTie(pod) * this.ties);
  }

  /** Totals of the feasible nodes. */
  private addUp(pod: FrameworkPod, board: Board): void {
    const { found, freshScores, totals } = this;
    const { positions } = found;
    for (let k = 0; k < found.count; k++) totals[k] = board.look(pod, positions[k]!);
    if (!board.plan.classScores.isUniform) this.addClasses(board.plan.classScores);
    if (freshScores.count > 0) freshScores.addTo(pod, found, positions, totals);
  }

  private addClasses(scores: ClassScores): void {
    const { found, present, presentAt, totals } = this;
    const { classAt } = this.nodes;
    const { positions } = found;
    const cycle = ++this.cycle;
    while (presentAt.length < this.nodes.classes.count) presentAt.push(0);
    let count = 0;
    for (let k = 0; k < found.count; k++) {
      const c = classAt[positions[k]!]!;
      if (presentAt[c] === cycle) continue;
      presentAt[c] = cycle;
      present[count++] = c;
    }
    scores.settle(present, count);
    for (let k = 0; k < found.count; k++) totals[k]! += scores.sumOf(classAt[positions[k]!]!);
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
    this.ties = ties;
    let skip = this.skipOf(pod);
    let k = 0;
    while (totals[k] !== top || skip-- > 0) k++;
    return asNode(nodes.list[found.positions[k]!]!);
  }
}

/** Past the index of every filter. */
const ALL = 0x7fffffff;
