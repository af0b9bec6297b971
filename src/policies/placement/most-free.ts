import type { FleetView, PlacementRequest, Placer } from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import {
  candidatesOf,
  divideToFreest,
  goesWhole,
  roomsOf,
  sendToWait,
  wholeTo,
} from './candidates.ts';
import { FreestRule } from './freest-rule.ts';
import { Standings } from './standings.ts';

class MostFree implements Placer {
  readonly refusesUntilCapacityGrows = true;
  private readonly standings: Standings;

  constructor(clusters: number) {
    this.standings = new Standings(new FreestRule(), clusters);
  }

  choose(request: PlacementRequest, fleet: FleetView): number {
    return this.standings.choose(request, fleet);
  }

  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return wholeTo(this.choose(request, fleet), request.count, counts);
    if (this.standings.dealsWell(request)) return this.standings.deal(request, fleet, counts);
    const at = { request, fleet, counts };
    const candidates = candidatesOf(request, fleet);
    const rooms = roomsOf(candidates, request, fleet, true);
    const placed = divideToFreest(request.count, candidates, rooms, at);
    if (placed === request.count) return placed;
    return placed + sendToWait(request.count - placed, candidates, at);
  }
}

/**
 * Sends each pod to the cluster that stays freest: the largest `(free - request) / (allocatable + elastic)` of the tightest
 * resource asked for, after placing; all resources weigh the same. A gang goes whole to the freest that has room for it.
 *
 * Clusters without room are skipped while any has some; then pods wait where it is freest.
 * *Order*: ratio, then name. *Cost*: see {@link Standings}; 2 million replicas over 1,000 clusters take the same result
 * in one step of O(clusters x 64 x log replicas).
 */
export const mostFree = definePlacement({
  name: 'most-free',
  summary: 'The cluster that stays freest in its tightest resource.',
  formula:
    'max over clusters of min over asked resources of (free - request) / (allocatable + elastic)',
  create: (_, { clusters }) => new MostFree(clusters.length),
});
