import type { ClusterIndex } from '../../base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import { candidatesOf, goesWhole, roomsOf, sendToWait } from './candidates.ts';

class RoundRobin implements Placer {
  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    const candidates = candidatesOf(request, fleet);
    if (candidates.length === 0) return 0;
    const turn = request.decision % candidates.length;
    const at = { request, fleet, counts };
    if (goesWhole(request)) {
      for (let i = 0; i < candidates.length; i++) {
        const c = candidates[(turn + i) % candidates.length]!;
        if (fleet.room(request.shape, c, true) < request.count) continue;
        counts[c] = request.count;
        return request.count;
      }
      return sendToWait(request.count, candidates, at);
    }
    const inTurn = [...candidates.slice(turn), ...candidates.slice(0, turn)];
    const rooms = roomsOf(inTurn, request, fleet, true);
    const placed = dealInTurn(request.count, inTurn, rooms, counts);
    if (placed === request.count) return placed;
    return placed + sendToWait(request.count - placed, candidates, at);
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
 * (decision number modulo candidates)-th. *Cost*: O(clusters) a decision; a cluster that fills up adds one round.
 */
export const roundRobin = definePlacement({
  name: 'round-robin',
  summary: 'Pods are dealt around the clusters in turn.',
  formula: 'cluster (decision + i) modulo candidates for the i-th pod',
  create: () => new RoundRobin(),
});
