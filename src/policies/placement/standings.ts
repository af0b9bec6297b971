/** Where every cluster stands in a question that is asked again and again, kept from one decision to the next. */
import { asCluster, type ClusterColumn, type ClusterIndex, NONE } from '../../base/ids.ts';
import type { FleetView, PlacementRequest } from '../../contracts/placement.ts';
import { ABSENT, type Standing, Tournament } from './tournament.ts';

/** Level of a cluster that could never hold the gang: it may have the pods no more than one that is out of the question. */
export const NEVER = -1;
/** Level of a cluster where the pods may wait. */
export const WAITING = 0;
/** The lowest level of a cluster with room for the pods. */
export const ROOM = 1;

/** What is asked. */
export interface Question {
  readonly request: PlacementRequest;
  readonly fleet: FleetView;
}

/** The rule of a policy: where one cluster stands. */
export interface PlacementRule {
  /** True if the rule reads `request.assigned`: then equal pods of two workloads are two questions. */
  readonly isByWorkload: boolean;
  /**
   * Writes where a cluster stands that would have `pods` pods of the request, the next one (of a gang: all) included.
   *
   * A pure function of the pods' shape, whether they are a gang, `pods`, the cluster's columns and its entry in `assigned`.
   * `ABSENT` is a cluster that is out of the question; more pods never let it stand higher.
   */
  judge(c: ClusterIndex, pods: number, question: Question, standing: Standing): void;
}

/** The standings of one question. */
interface Board {
  readonly tournament: Tournament;
  /** What was asked; -1 before the first question. */
  shape: number;
  gang: number;
  assigned: ClusterColumn | null;
  /** Position in the fleet's changes up to which the board is right, but for the touched. */
  position: number;
  /** Clusters whose standing was changed for the sake of one decision: the first `touchedCount`. */
  readonly touched: ClusterIndex[];
  touchedCount: number;
}

/** Boards kept at most and, however many clusters there are, at least; in between powers of two. */
const BOARDS_MAX = 256;
const BOARDS_MIN = 8;
/** Standings (boards x clusters) kept at most, if that is eight boards or more: 28 bytes each. */
const STANDINGS_MAX = 0x40000;
/** Pods of one request by cluster above which dealing one by one costs more than dividing at once. */
const DEALT_MAX = 16;

/**
 * Keeps a tournament for each question (shape of the pods, size of the gang), so that a decision looks only at the clusters
 * that changed since the question was asked last.
 *
 * *Guarantees*: exactly the cluster that a full pass over all clusters would choose. *Price*: O(clusters that changed since
 * x log clusters) a decision, at most O(clusters): a question that was not asked yet, or whose board went to another one,
 * costs a full pass. 28 bytes a cluster and board.
 */
export class Standings {
  private readonly rule: PlacementRule;
  private readonly clusters: number;
  /** By a hash of the question; the first is there from the start, by which checkpoints know the class. */
  private readonly boards: (Board | undefined)[];
  private fleet: FleetView | null = null;
  private readonly standing: Standing = { level: ABSENT, score: 0, second: 0 };
  /** By cluster the last catch-up that judged it. */
  private readonly stamps: Float64Array;
  private stamp = 0;

  constructor(rule: PlacementRule, clusters: number) {
    const fitting = Math.floor(STANDINGS_MAX / Math.max(1, clusters));
    const boards = Math.min(BOARDS_MAX, Math.max(BOARDS_MIN, fitting));
    this.rule = rule;
    this.clusters = clusters;
    this.stamps = new Float64Array(clusters);
    this.boards = Array.from({ length: 1 << (31 - Math.clz32(boards)) });
    this.boards[0] = blankBoard(clusters);
  }

  /** The tournament of a request, for its first pod or its whole gang; valid until the next request. */
  of(request: PlacementRequest, fleet: FleetView): Tournament {
    return this.boardOf({ request, fleet }).tournament;
  }

  /** The cluster for a gang or a single pod, or NONE: the first in the standings, the returner only if it is alone. */
  choose(request: PlacementRequest, fleet: FleetView): number {
    const { tournament } = this.boardOf({ request, fleet });
    const best = tournament.bestBut(request.returnedBy);
    const chosen = best === NONE ? request.returnedBy : best;
    return chosen !== NONE && tournament.levelOf(chosen) >= WAITING ? chosen : NONE;
  }

  /** True if {@link deal} is cheaper than dividing all pods at once. */
  dealsWell(request: PlacementRequest): boolean {
    return request.count <= DEALT_MAX * this.clusters;
  }

  /**
   * Gives the pods one at a time to who is first in the standings, which is then judged again with one more; to the returner
   * only if it is alone.
   *
   * @param counts zeroed; receives the pods of each cluster
   * @returns pods given: all, unless nobody may have any
   *
   * *Cost*: O(pods x log clusters).
   */
  deal(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    const question = { request, fleet };
    const { standing } = this;
    const board = this.boardOf(question);
    const { tournament, touched } = board;
    const returner = returnerOutside(tournament, request.returnedBy);
    if (returner !== NONE) {
      touched[board.touchedCount++] = asCluster(returner);
      standing.level = ABSENT;
      tournament.set(returner, standing);
    }
    for (let dealt = 0; dealt < request.count; dealt++) {
      const best = tournament.best();
      if (best === NONE) return dealt;
      const c = asCluster(best);
      if (counts[c] === 0) touched[board.touchedCount++] = c;
      counts[c]!++;
      this.rule.judge(c, counts[c]! + 1, question, standing);
      tournament.set(c, standing);
    }
    return request.count;
  }

  private boardOf(question: Question): Board {
    const { fleet, request } = question;
    if (fleet !== this.fleet) this.forgetAll(fleet);
    const { assigned, shape } = request;
    const gang = request.gang ? request.count : 0;
    const workload = this.rule.isByWorkload ? request.workload : 0;
    // Neighbours never share a board, nor do workloads with a shape of their own each: 1 + 30 is odd, boards are a power of two.
    const slot = (shape.index + 30 * workload + 62 * gang) % this.boards.length;
    let board = this.boards[slot];
    if (board === undefined) {
      board = blankBoard(this.clusters);
      this.boards[slot] = board;
    }
    const isKnown =
      board.shape === shape.index &&
      board.gang === gang &&
      (!this.rule.isByWorkload || board.assigned === assigned);
    const { changes } = fleet;
    const missed = changes.position - board.position;
    if (isKnown && 2 * missed <= this.clusters && !changes.isBehind(board.position)) {
      this.catchUp(board, question);
    } else {
      board.shape = shape.index;
      board.gang = gang;
      board.assigned = assigned;
      this.judgeAll(board, question);
    }
    board.touchedCount = 0;
    board.position = changes.position;
    return board;
  }

  /** Another fleet, another world. */
  private forgetAll(fleet: FleetView): void {
    this.fleet = fleet;
    for (const board of this.boards) if (board !== undefined) board.shape = NONE;
  }

  private judgeAll({ gang, tournament }: Board, question: Question): void {
    const { rule, standing } = this;
    for (let c = asCluster(0); c < this.clusters; c++) {
      rule.judge(c, gang > 0 ? gang : 1, question, standing);
      tournament.put(c, standing);
    }
    tournament.playAll();
  }

  private catchUp(board: Board, question: Question): void {
    const { changes } = question.fleet;
    this.stamp++;
    const { touched, touchedCount } = board;
    for (let i = 0; i < touchedCount; i++) this.judge(board, touched[i]!, question);
    for (let i = board.position; i < changes.position; i++) {
      this.judge(board, changes.at(i), question);
    }
  }

  /** Judges a cluster, once a catch-up. */
  private judge({ gang, tournament }: Board, c: ClusterIndex, question: Question): void {
    if (this.stamps[c] === this.stamp) return;
    this.stamps[c] = this.stamp;
    this.rule.judge(c, gang > 0 ? gang : 1, question, this.standing);
    tournament.set(c, this.standing);
  }
}

function blankBoard(clusters: number): Board {
  return {
    tournament: new Tournament(clusters),
    shape: NONE,
    gang: 0,
    assigned: null,
    position: 0,
    touched: [],
    touchedCount: 0,
  };
}

/** The cluster that gave the pods back if it takes part and is not alone: then it is not to have them. Else NONE. */
export function returnerOutside(tournament: Tournament, returnedBy: number): number {
  if (returnedBy === NONE || tournament.levelOf(returnedBy) === ABSENT) return NONE;
  return tournament.bestBut(returnedBy) === NONE ? NONE : returnedBy;
}
