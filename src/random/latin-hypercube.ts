/** Latin hypercube samples: points that cover every axis evenly, whatever the number of axes. */
import { KeyedDraws, keyOf } from './draw.ts';

/**
 * Samples the unit cube: along each axis the interval [0, 1) is cut into `points` strata of equal width, and every stratum
 * holds exactly one point, at a place drawn in it.
 *
 * @param axes their names: the coordinates of an axis depend on seed, name and number of points only, so that an axis more
 *   or less leaves the others as they are
 * @param points at least 1
 * @param seed an integer in [0, 2^53)
 * @returns by point, a coordinate in [0, 1) for each axis
 *
 * *Draws*: purpose `study/lhs`, entity the axis; the first `points` draws order the strata, the next are places in them.
 * *Cost*: O(axes x points x log points). *Source*: McKay, Beckman and Conover 1979.
 */
export function latinHypercube(
  axes: readonly string[],
  points: number,
  seed: number,
): readonly (readonly number[])[] {
  const draws = new KeyedDraws(seed, 0, 'study/lhs');
  const columns = axes.map((axis) => {
    const entity = keyOf(axis);
    const order = Array.from({ length: points }, (_, i) => i);
    const ranks = order.map((i) => draws.uniform(entity, i));
    order.sort((a, b) => ranks[a]! - ranks[b]! || a - b);
    return order.map((stratum, i) => (stratum + draws.uniform(entity, points + i)) / points);
  });
  return Array.from({ length: points }, (_, p) => columns.map((column) => column[p]!));
}
