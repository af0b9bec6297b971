/**
 * The closed form of one whole score over cpu and memory, as Kubernetes' LeastAllocated: three multiplications in the place
 * of three divisions, the same number. {@link wholeScore} of the figures of {@link setWholeFigures} is what `FreeScores.of` gives.
 */

/** A score of weighted shares that are rounded down: how cpu and memory weigh. */
export interface WholeShares {
  readonly cpu: number;
  readonly memory: number;
}

// Figures: inverses of what a node has, the weights, the inverse of their sum; 0 for what does not count.
const CPU_INVERSE = 0;
const MEMORY_INVERSE = 1;
const CPU_WEIGHT = 2;
const MEMORY_WEIGHT = 3;
const WEIGHTS_INVERSE = 4;
/** Numbers that the figures of a kind of nodes take. */
export const WHOLE_FIGURES = 8;

/** Nodes up to 4 TiB in bytes, and weights up to 1,000, are far inside what doubles round right. */
const AMOUNT_MOST = 4_398_046_511_104;
const WEIGHT_MOST = 1000;

/** True if the closed form is exact for these weights. */
export function isWholeForm(weights: WholeShares): boolean {
  return [weights.cpu, weights.memory].every(
    (weight) => Number.isInteger(weight) && weight >= 0 && weight <= WEIGHT_MOST,
  );
}

/**
 * Writes the figures of a kind of nodes to `figures[at..]`.
 *
 * @param allocatable what a node has, in whole units, 0 for what it has not
 * @returns false if it has so much that the closed form may round wrongly
 */
export function setWholeFigures(
  figures: Float64Array,
  at: number,
  weights: WholeShares,
  allocatable: WholeShares,
): boolean {
  const cpu = allocatable.cpu > 0 ? weights.cpu : 0;
  const memory = allocatable.memory > 0 ? weights.memory : 0;
  figures[at + CPU_INVERSE] = cpu > 0 ? 1 / allocatable.cpu : 0;
  figures[at + MEMORY_INVERSE] = memory > 0 ? 1 / allocatable.memory : 0;
  figures[at + CPU_WEIGHT] = cpu;
  figures[at + MEMORY_WEIGHT] = memory;
  figures[at + WEIGHTS_INVERSE] = cpu + memory > 0 ? 1 / (cpu + memory) : 0;
  return allocatable.cpu <= AMOUNT_MOST && allocatable.memory <= AMOUNT_MOST;
}

/**
 * The score, 0..100, of what would be left on a node: `floor((a * floor(100 * cpuLeft / cpu) + b * floor(...)) / (a + b))`.
 *
 * Exact: for a whole `x` and a whole `c` up to 2^42, (x + 1/2) / c is at least 1 / 2c away from any whole number; the two
 * roundings of a product by an inverse move a quotient of up to 101 by less than 2^-45.
 *
 * @param cpuLeft 0 to what the node has, in the units of the figures
 * @param memoryLeft the same
 */
export function wholeScore(
  figures: Float64Array,
  at: number,
  cpuLeft: number,
  memoryLeft: number,
): number {
  const cpu = ((100 * cpuLeft + 0.5) * figures[at + CPU_INVERSE]!) | 0;
  const memory = ((100 * memoryLeft + 0.5) * figures[at + MEMORY_INVERSE]!) | 0;
  const total = figures[at + CPU_WEIGHT]! * cpu + figures[at + MEMORY_WEIGHT]! * memory;
  return ((total + 0.5) * figures[at + WEIGHTS_INVERSE]!) | 0;
}
