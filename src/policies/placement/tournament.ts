import { NONE } from '../../base/ids.ts';

/** Level of a contender that takes no part. */
export const ABSENT = -2;

/** Where a contender stands: the higher level goes first, then the higher score, then the higher `second`. */
export interface Standing {
  /** A whole number, {@link ABSENT} or above. */
  level: number;
  score: number;
  second: number;
}

/**
 * Contenders in a tournament tree: who stands first is known at once, and a change plays one path to the root again.
 *
 * *Guarantees*: the order is total: level, score, `second`, lowest number. *Price*: 20 bytes a contender and 8 a leaf, leaves
 * being the power of two above the contenders; a change is O(log contenders), most end after a few steps.
 */
export class Tournament {
  readonly count: number;
  private readonly leaves: number;
  private readonly levels: Int32Array;
  private readonly scores: Float64Array;
  private readonly seconds: Float64Array;
  /** Winner of each place of a complete binary tree, root at 1, contender `c` at `leaves + c`; NONE if nobody is there. */
  private readonly winners: Int32Array;
  /** Everybody who takes part, ascending; the first `present` are right unless `present` is NONE. */
  private readonly roster: Int32Array;
  private present = 0;

  /** @param count contenders, all absent at first */
  constructor(count: number) {
    let leaves = 2;
    while (leaves < count) leaves *= 2;
    this.count = count;
    this.leaves = leaves;
    this.levels = new Int32Array(count).fill(ABSENT);
    this.scores = new Float64Array(count);
    this.seconds = new Float64Array(count);
    this.winners = new Int32Array(2 * leaves).fill(NONE);
    this.roster = new Int32Array(count);
  }

  levelOf(c: number): number {
    return this.levels[c]!;
  }

  /** Sets where a contender stands, to be followed by {@link playAll} before anybody asks. */
  put(c: number, { level, score, second }: Standing): void {
    if ((level === ABSENT) !== (this.levels[c] === ABSENT)) this.present = NONE;
    this.levels[c] = level;
    this.scores[c] = score;
    this.seconds[c] = second;
    this.winners[this.leaves + c] = level === ABSENT ? NONE : c;
  }

  /** Plays everything again. *Cost*: O(contenders). */
  playAll(): void {
    for (let i = this.leaves - 1; i >= 1; i--) this.play(i);
  }

  /** Sets where a contender stands and plays its way to the root again. */
  set(c: number, standing: Standing): void {
    if (
      this.levels[c] === standing.level &&
      this.scores[c] === standing.score &&
      this.seconds[c] === standing.second
    ) {
      return;
    }
    this.put(c, standing);
    const { winners } = this;
    for (let i = (this.leaves + c) >> 1; i >= 1; i >>= 1) {
      const before = winners[i]!;
      const after = this.play(i);
      // The same winner, unchanged itself: nothing above can change.
      if (after === before && after !== c) return;
    }
  }

  private play(i: number): number {
    const { winners } = this;
    const winner = this.first(winners[2 * i]!, winners[2 * i + 1]!);
    winners[i] = winner;
    return winner;
  }

  /** Who of two stands first; either may be NONE. */
  private first(a: number, b: number): number {
    if (b === NONE) return a;
    if (a === NONE) return b;
    const { levels, scores, seconds } = this;
    if (levels[a] !== levels[b]) return levels[a]! > levels[b]! ? a : b;
    if (scores[a] !== scores[b]) return scores[a]! > scores[b]! ? a : b;
    if (seconds[a] !== seconds[b]) return seconds[a]! > seconds[b]! ? a : b;
    return Math.min(a, b);
  }

  /** Who stands first, or NONE. */
  best(): number {
    return this.winners[1]!;
  }

  /** Who stands first without one contender, or NONE. @param but a contender, or NONE. *Cost*: O(log contenders) */
  bestBut(but: number): number {
    if (but === NONE) return this.winners[1]!;
    let best = NONE;
    for (let i = this.leaves + but; i > 1; i >>= 1) best = this.first(best, this.winners[i ^ 1]!);
    return best;
  }

  /** The first contender at or after `from` of a level or above, or NONE. *Cost*: O(log contenders) */
  firstOf(level: number, from: number): number {
    if (from >= this.count) return NONE;
    let i = this.leaves + from;
    if (this.reaches(i, level)) return from;
    while (i > 1 && (i % 2 === 1 || !this.reaches(i + 1, level))) i >>= 1;
    if (i === 1) return NONE;
    i++;
    while (i < this.leaves) i = this.reaches(2 * i, level) ? 2 * i : 2 * i + 1;
    return i - this.leaves;
  }

  private reaches(i: number, level: number): boolean {
    const winner = this.winners[i]!;
    return winner !== NONE && this.levels[winner]! >= level;
  }

  /** How many take part. */
  get size(): number {
    if (this.present === NONE) this.callRoster();
    return this.present;
  }

  /** The `i`-th of those who take part, by number. *Cost*: O(1), O(contenders) after somebody came or went. */
  member(i: number): number {
    if (this.present === NONE) this.callRoster();
    return this.roster[i]!;
  }

  private callRoster(): void {
    let present = 0;
    for (let c = 0; c < this.count; c++) {
      if (this.levels[c] !== ABSENT) this.roster[present++] = c;
    }
    this.present = present;
  }
}
