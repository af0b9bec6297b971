/**
 * Free shares: the one declaration of scores that look at what a node would have left. From it the full scan takes its terms,
 * and an index over free resources the score of a node and an upper bound of it, without reading the node.
 */
import { CPU, MEMORY } from '../base/ids.ts';

/** The place of a node's devices among the resources of {@link FreeShares}; their amounts are thousandths. */
export const DEVICES = -1;

/**
 * score = sum(weight * share) / sum(weight), share = 100 * (free - request) / allocatable; `isWhole` rounds each share and
 * the quotient down, as Kubernetes does.
 *
 * Resources of which the node has none do not count; of those beyond cpu and memory only those that the pod asks for.
 */
export interface FreeShares {
  readonly isWhole: boolean;
  /** Resource index or {@link DEVICES}, with its weight above 0; *order* of summing. */
  readonly entries: readonly { readonly resource: number; readonly weight: number }[];
}

/** The part of one resource in the sum. @param left free minus request, at least 0 */
export function shareOf(
  isWhole: boolean,
  weight: number,
  left: number,
  allocatable: number,
): number {
  return isWhole ? weight * Math.floor((left * 100) / allocatable) : (weight * left) / allocatable;
}

/** The score from the sum of parts and of the weights that counted. */
export function meanOfShares(isWhole: boolean, total: number, weights: number): number {
  if (weights === 0) return 0;
  return isWhole ? Math.floor(total / weights) : (100 * total) / weights;
}

/** The weights of cpu, memory and devices, or null if other resources count too. */
export function weightsOfCore(
  shares: FreeShares,
): { readonly cpu: number; readonly memory: number; readonly devices: number } | null {
  let cpu = 0;
  let memory = 0;
  let devices = 0;
  for (const { resource, weight } of shares.entries) {
    if (resource === CPU) cpu = weight;
    else if (resource === MEMORY) memory = weight;
    else if (resource === DEVICES) devices = weight;
    else return null;
  }
  return { cpu, memory, devices };
}
