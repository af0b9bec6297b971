import { asCluster, type ClusterIndex, NONE } from '../../base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import { candidatesOf, goesWhole, sendToWait, wholeTo } from './candidates.ts';
import { FreestRule, RoomRule } from './freest-rule.ts';
import { ROOM, returnerOutside, Standings } from './standings.ts';

class RoundRobin implements Placer {
  readonly refusesUntilCapacityGrows = true;
  /** Who has room, in turn; if nobody has, pods wait where it is freest. */
  private readonly rooms: Standings;
  private readonly freest: Standings;

  constructor(clusters: number) {
    this.rooms = new Standings(new RoomRule(), clusters);
    this.freest = new Standings(new FreestRule(), clusters);
  }

  choose(request: PlacementRequest, fleet: FleetView): number {
    const inTurn = this.inTurn(request, fleet);
    return inTurn.length > 0 ? inTurn[0]! : this.freest.choose(request, fleet);
  }

  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return wholeTo(this.choose(request, fleet), request.count, counts);
    const inTurn = this.inTurn(request, fleet);
    const rooms = Float64Array.from(inTurn, (c) => fleet.room(request.shape, c, true));
    const placed = dealInTurn(request.count, inTurn, rooms, counts);
    if (placed === request.count) return placed;
    const candidates = candidatesOf(request, fleet);
    return placed + sendToWait(request.count - placed, candidates, { request, fleet, counts });
  }

  /**
   * The clusters with room in the order of their turn: the next one for a gang; as many as there are pods, at most, for others.
   * *Cost*: O(log clusters) each.
   */
  private inTurn(request: PlacementRequest, fleet: FleetView): ClusterIndex[] {
    const tournament = this.rooms.of(request, fleet);
    const { count, decision, gang, returnedBy } = request;
    if (tournament.size === 0) return [];
    const outside = returnerOutside(tournament, returnedBy);
    const most = gang ? 1 : count;
    const isOut = outside !== NONE;
    const turn = decision % (tournament.size - (isOut ? 1 : 0));
    // The turn counts the members without the returner.
    const first = tournament.member(turn);
    const start = isOut && first >= outside ? tournament.member(turn + 1) : first;
    const inTurn: ClusterIndex[] = [];
    const walk = (from: number, to: number): void => {
      for (let c = from; inTurn.length < most; c++) {
        c = tournament.firstOf(ROOM, c);
        if (c === NONE || c >= to) return;
        if (c !== outside) inTurn.push(asCluster(c));
      }
    };
    walk(start, tournament.count);
    walk(0, start);
    return inTurn;
  }
}

/** Deals pods around the table, whole rounds at once; who is full drops out. Returns how many were dealt. */
function dealInTurn(
  pods: number,
  inTurn: readonly ClusterIndex[],
  rooms: Float64Array,
  counts: Int32Array,
): number {
  let left = pods;
  let active = inTurn.map((_, i) => i).filter((i) => rooms[i]! >= 1);
  while (left > 0 && active.length > 0) {
    const share = Math.max(1, Math.floor(left / active.length));
    for (const i of active) {
      const dealt = Math.min(share, rooms[i]!, left);
      counts[inTurn[i]!]! += dealt;
      rooms[i]! -= dealt;
      left -= dealt;
    }
    active = active.filter((i) => rooms[i]! >= 1);
  }
  return pods - left;
}

/**
 * Deals pods around the clusters in name order; each decision starts one cluster further. A gang goes whole to the next
 * that has room for it.
 *
 * Clusters without room are skipped while any has some; then pods wait where it is freest. *Order*: name, from the
 * (decision number modulo candidates)-th. *Cost*: O(log clusters) a pod, see {@link Standings}; a cluster that fills up adds one
 * round.
 */
export const roundRobin = definePlacement({
  name: 'round-robin',
  summary: 'Pods are dealt around the clusters in turn.',
  formula: 'cluster (decision + i) modulo candidates for the i-th pod',
  create: (_, { clusters }) => new RoundRobin(clusters.length),
});
