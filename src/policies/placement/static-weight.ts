import { asCluster, type ClusterIndex } from '../../base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import { candidatesOf, couldHold, goesWhole, roomsOf, takesWhole } from './candidates.ts';
import { webster, websterWithdraw } from './webster.ts';

class StaticWeight implements Placer {
  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return placeWhole(request, fleet, counts);
    const candidates = candidatesOf(request, fleet, (c) => fleet.clusters[c]!.weight > 0);
    if (candidates.length === 0) return 0;
    const rooms = roomsOf(candidates, request, fleet, true);
    const votes = candidates.map((c) => fleet.clusters[c]!.weight);
    const held = candidates.map((c) => request.assigned[c]!);
    const within = webster({ seats: request.count, votes, initial: held, caps: rooms });
    const placed = within.reduce((sum, seats) => sum + seats, 0);
    const after = held.map((seats, i) => seats + within[i]!);
    // Where no cluster has room left the weights still say where pods wait.
    const waiting = webster({ seats: request.count - placed, votes, initial: after });
    candidates.forEach((c, i) => {
      counts[c] = within[i]! + waiting[i]!;
    });
    return request.count;
  }

  withdraw(request: PlacementRequest, fleet: FleetView, counts: Int32Array): void {
    const votes = fleet.clusters.map((cluster) => cluster.weight);
    const held = votes.map((_, i) => request.assigned[asCluster(i)]!);
    counts.set(websterWithdraw(request.count, votes, held));
  }
}

/** All pods go to the winner of the next seat, among clusters with room, else among those that could hold them. */
function placeWhole(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
  let winner = winnerOf(request, fleet, (c) => takesWhole(c, request, fleet));
  if (winner < 0) {
    const waiting = candidatesOf(request, fleet, (c) => fleet.clusters[c]!.weight > 0);
    const isAble = (c: ClusterIndex) =>
      waiting.includes(c) && (!request.gang || couldHold(request.count, c, request, fleet));
    winner = winnerOf(request, fleet, isAble);
  }
  if (winner < 0) return 0;
  counts[winner] = request.count;
  return request.count;
}

/** The cluster with the largest quotient, or -1. *Order*: quotient, fewer pods, name. */
function winnerOf(
  request: PlacementRequest,
  fleet: FleetView,
  isAble: (c: ClusterIndex) => boolean,
): number {
  let winner = -1;
  let best = 0;
  let bestHeld = 0;
  for (let i = 0; i < fleet.clusters.length; i++) {
    const c = asCluster(i);
    const { weight } = fleet.clusters[i]!;
    if (weight <= 0 || !isAble(c)) continue;
    const held = request.assigned[c]!;
    const quotient = weight / (2 * held + 1);
    if (winner < 0 || quotient > best || (quotient === best && held < bestHeld)) {
      winner = i;
      best = quotient;
      bestHeld = held;
    }
  }
  return winner;
}

/**
 * Divides by the clusters' weights with Webster's method, pods assigned earlier counting as seats: one pod at a time to the
 * largest `weight / (2 * pods + 1)`. A gang goes whole to the winner of the next seat. Weight 0 gets nothing.
 *
 * Clusters without room are skipped while any has some; then pods wait by weight. Scale-down takes back the seats that would
 * have been given last. *Order*: quotient, fewer pods, name. *Source*: Karmada, static weights, here with history and room.
 */
export const staticWeight = definePlacement({
  name: 'static-weight',
  summary: 'By the weights of the clusters, pod by pod (Webster).',
  formula: 'next pod to max weight / (2 * pods of the workload there + 1)',
  create: () => new StaticWeight(),
});
