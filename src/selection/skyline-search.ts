import { asNode, CPU, MEMORY, NONE, type NodeIndex } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import type { FreeScores, NodeClass } from './skyline-groups.ts';
import type { AdmittedClasses } from './skyline-plan.ts';
import { BOUND_FIELDS, LEVEL_SLOPE, MEMORY_SLOPE, type Skylines, TOP } from './skylines.ts';
import { isWholeForm, setWholeFigures, WHOLE_FIGURES, wholeScore } from './whole-shares.ts';

/**
 * Finds the best point of the skylines of all classes that may take a shape.
 *
 * *Guarantees*: the best by score, then group, free cpu, free memory, index. *Price*: a bound for each group, a comparison for
 * each point of the two or three classes that may win, a score for each point of these whose bound may.
 */
export class SkylineSearch {
  /** Points that the last call scored. */
  examined = 0;
  private readonly scores: FreeScores;
  private readonly skylines: Skylines;
  private readonly classes: readonly NodeClass[];
  private readonly step: number;
  /** Figures of the closed form by class; unused where the scores are no single whole one. */
  private figures = new Float64Array(0);
  private hasForm: boolean;
  private known = 0;
  /** What follows is of the present call. Bounds of the groups, by entry. */
  private reaches = new Float64Array(16);
  private isBounded = false;
  /** Requests: levels of cpu, grains of memory, thousandths of devices or -1. */
  private levels = 0;
  private memory = 0;
  private devices = -1;
  private bestScore = 0;
  private bestClass = NONE;
  private bestGroup = NONE;
  /** Place of the best point, or -1. */
  private bestAt = NONE;

  /**
   * @param skylines classes numbered as in `classes`
   * @param step grains of cpu in a level
   */
  constructor(scores: FreeScores, skylines: Skylines, classes: readonly NodeClass[], step: number) {
    this.scores = scores;
    this.skylines = skylines;
    this.classes = classes;
    this.step = step;
    this.hasForm = scores.whole !== null && isWholeForm(scores.whole);
  }

  /** Makes the next class of `classes` known. */
  addClass(): void {
    const { whole } = this.scores;
    const node = this.classes[this.known]!;
    const at = this.known * WHOLE_FIGURES;
    this.known++;
    if (this.known > this.reaches.length) this.reaches = new Float64Array(2 * this.known);
    if (whole === null || !this.hasForm) return;
    if (at === this.figures.length) {
      const larger = new Float64Array(Math.max(16 * WHOLE_FIGURES, 2 * at));
      larger.set(this.figures);
      this.figures = larger;
    }
    const levels = { cpu: node.cpu / this.step, memory: node.memory };
    this.hasForm = setWholeFigures(this.figures, at, whole, levels);
  }

  /**
   * The best node for a shape, or -1. *Order* of equal scores: group, free cpu, free memory, index. The group of the highest
   * bound is searched first: few others can do better then.
   */
  find(shape: PodShape, admitted: AdmittedClasses): NodeIndex | -1 {
    const { reaches, scores } = this;
    const { slack, step } = scores;
    const { groups } = admitted;
    this.isBounded = scores.hasSlopes(shape);
    this.levels = shape.requests[CPU]! / this.step;
    this.memory = shape.requests[MEMORY]!;
    this.devices = shape.gpuCount === 0 ? -1 : shape.gpuCount * shape.gpuMilliPerDevice;
    this.examined = 0;
    this.bestScore = Number.NEGATIVE_INFINITY;
    this.bestAt = NONE;
    this.bestGroup = NONE;
    const likeliest = this.boundAll(groups);
    if (groups.length > 0) this.searchGroup(admitted, likeliest);
    let least = this.bestScore - slack;
    for (let i = 0; i < groups.length; i++) {
      // In a later group an equal score does not win.
      if (reaches[i]! < (groups[i]! > this.bestGroup ? least + step : least)) continue;
      if (i === likeliest) continue;
      this.searchGroup(admitted, i);
      least = this.bestScore - slack;
    }
    const { bestAt, skylines } = this;
    if (bestAt === NONE) return NONE;
    return asNode(skylines.nodeOf(skylines.rows[bestAt]!));
  }

  /** Writes the bounds of all groups to `reaches`. @returns the entry of the highest, the first of equal ones */
  private boundAll(groups: Int32Array): number {
    const { levels, memory, reaches } = this;
    const { bounds } = this.skylines;
    let highest = Number.NEGATIVE_INFINITY;
    let likeliest = 0;
    for (let i = 0; i < groups.length; i++) {
      const at = groups[i]! * BOUND_FIELDS;
      const reach =
        bounds[at + TOP]! -
        bounds[at + LEVEL_SLOPE]! * levels -
        bounds[at + MEMORY_SLOPE]! * memory;
      reaches[i] = reach;
      if (reach > highest) {
        highest = reach;
        likeliest = i;
      }
    }
    if (!this.isBounded) reaches.fill(Number.POSITIVE_INFINITY);
    return likeliest;
  }

  /** Searches the classes of a group that may win. @param i entry of the group */
  private searchGroup(admitted: AdmittedClasses, i: number): void {
    const { classes, groups, starts } = admitted;
    const { bounds, tops } = this.skylines;
    const group = groups[i]!;
    const at = group * BOUND_FIELDS;
    // What the shape takes off a weight, and what rounding may.
    const taken = this.isBounded
      ? bounds[at + LEVEL_SLOPE]! * this.levels +
        bounds[at + MEMORY_SLOPE]! * this.memory -
        this.scores.slack
      : Number.NEGATIVE_INFINITY;
    const start = starts[i]!;
    const end = starts[i + 1]!;
    let likeliest = start;
    for (let k = start + 1; k < end; k++) {
      if (tops[classes[k]!]! > tops[classes[likeliest]!]!) likeliest = k;
    }
    for (let k = start; k < end; k++) {
      // The likeliest in the place of the first, and the first in its place.
      const c = classes[k === start ? likeliest : k === likeliest ? start : k]!;
      const gain = group > this.bestGroup ? this.scores.step : 0;
      const least = this.bestScore + taken + gain;
      if (tops[c]! >= least) this.search(c, group, taken, least);
    }
  }

  /** Scores the points of a class that may win. @param least what a weight must reach at first */
  private search(c: number, group: number, taken: number, least: number): void {
    const { figures, levels, memory, scores } = this;
    const { counts, firstRows, memories, rows, stride, weights } = this.skylines;
    const { step } = scores;
    const factor = scores.whole?.factor ?? 1;
    const hasForm = this.isBounded && this.hasForm;
    let { bestScore } = this;
    const firstRow = firstRows[c]! + levels;
    const from = c * stride;
    const end = from + counts[c]!;
    for (let at = from; at < end; at++) {
      if (weights[at]! < least) continue;
      const levelsLeft = rows[at]! - firstRow;
      if (levelsLeft < 0) break;
      const memoryLeft = memories[at]! - memory;
      if (memoryLeft < 0) continue;
      this.examined++;
      const score = hasForm
        ? factor * wholeScore(figures, c * WHOLE_FIGURES, levelsLeft, memoryLeft)
        : this.general(c, levelsLeft, memoryLeft);
      if (score < bestScore) continue;
      if (score === bestScore && !this.precedes(c, group, at)) continue;
      bestScore = score;
      this.bestScore = score;
      this.bestClass = c;
      this.bestGroup = group;
      this.bestAt = at;
      // Those that follow have less free cpu.
      least = bestScore + taken + step;
    }
  }

  /** The score of any profile. */
  private general(c: number, levelsLeft: number, memoryLeft: number): number {
    const node = this.classes[c]!;
    const devicesLeft = this.devices < 0 ? -1 : node.devicesFree - this.devices;
    return this.scores.of(levelsLeft * this.step, memoryLeft, devicesLeft, node);
  }

  /** True if a point of equal score goes before the best so far: group, free cpu, free memory, index. */
  private precedes(c: number, group: number, at: number): boolean {
    if (group !== this.bestGroup) return group < this.bestGroup;
    const { bestAt, skylines } = this;
    const { firstRows, memories, rows } = skylines;
    const level = rows[at]! - firstRows[c]! - (rows[bestAt]! - firstRows[this.bestClass]!);
    if (level !== 0) return level > 0;
    const memory = memories[at]! - memories[bestAt]!;
    if (memory !== 0) return memory > 0;
    return skylines.nodeOf(rows[at]!) < skylines.nodeOf(rows[bestAt]!);
  }
}
