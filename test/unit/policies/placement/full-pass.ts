/**
 * The placement policies as full passes over all clusters, decision by decision: the naive twins of those that keep standings.
 */
import { asCluster, type ClusterIndex } from '../../../../src/base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../../../../src/contracts/placement.ts';
import {
  candidatesOf,
  couldHold,
  divideToFreest,
  freeRatioAfter,
  goesWhole,
  roomsOf,
  sendToWait,
} from '../../../../src/policies/placement/candidates.ts';
import { webster } from '../../../../src/policies/placement/webster.ts';

/** True if a cluster is not the one that just gave the pods back and has room for all of them. */
function takesWhole(c: ClusterIndex, request: PlacementRequest, fleet: FleetView): boolean {
  return c !== request.returnedBy && fleet.room(request.shape, c, true) >= request.count;
}

/** `most-free`. */
export class MostFree implements Placer {
  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    const at = { request, fleet, counts };
    if (goesWhole(request)) {
      const winner = freestWithRoom(request, fleet);
      if (winner < 0) return sendToWait(request.count, candidatesOf(request, fleet), at);
      counts[winner] = request.count;
      return request.count;
    }
    const candidates = candidatesOf(request, fleet);
    const rooms = roomsOf(candidates, request, fleet, true);
    const placed = divideToFreest(request.count, candidates, rooms, at);
    if (placed === request.count) return placed;
    return placed + sendToWait(request.count - placed, candidates, at);
  }
}

/** The cluster that stays freest with all the pods, or -1. *Order*: free ratio, then name. */
function freestWithRoom(request: PlacementRequest, fleet: FleetView): number {
  let winner = -1;
  let best = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < fleet.clusters.length; i++) {
    const c = asCluster(i);
    if (!takesWhole(c, request, fleet)) continue;
    const ratio = freeRatioAfter(request.count, c, request, fleet);
    if (winner < 0 || ratio > best) {
      winner = i;
      best = ratio;
    }
  }
  return winner;
}

/** `round-robin`. */
export class RoundRobin implements Placer {
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

/** `static-weight`, without scale-down. */
export class StaticWeight implements Placer {
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

/** `spill-over` with private clusters before public ones, without scale-down. */
export class SpillOver implements Placer {
  private readonly fillTo: number;
  /** Tier of each cluster, -1 for a cluster that no tier names. */
  private readonly tierOf: Int32Array;
  private readonly tiers: number;
  /** Scratch of `placeWhole`: best cluster and its free ratio, by tier below the marks, then by tier above. */
  private readonly winners: Int32Array;
  private readonly best: Float64Array;

  constructor(fillTo: number, tierOf: Int32Array) {
    this.fillTo = fillTo;
    this.tierOf = tierOf;
    this.tiers = tierOf.reduce((most, tier) => Math.max(most, tier + 1), 0);
    this.winners = new Int32Array(2 * this.tiers);
    this.best = new Float64Array(2 * this.tiers);
  }

  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return this.placeWhole(request, fleet, counts);
    const candidates = this.candidatesOf(request, fleet);
    const at = { request, fleet, counts };
    let left = request.count;
    // First each tier up to its mark, then each up to its room: the margin is used when all else is full.
    for (const upTo of [this.fillTo, Number.POSITIVE_INFINITY]) {
      for (let tier = 0; tier < this.tiers && left > 0; tier++) {
        const members = candidates.filter((c) => this.tierOf[c] === tier);
        const mark = tier === this.tiers - 1 ? Number.POSITIVE_INFINITY : upTo;
        const rooms = roomsOf(members, request, fleet, true);
        const caps = members.map((c, i) =>
          Math.max(0, Math.min(rooms[i]!, roomBelow(mark, c, request, fleet)) - counts[c]!),
        );
        left -= divideToFreest(left, members, caps, at);
      }
    }
    if (left > 0) left -= sendToWait(left, candidates, at);
    return request.count - left;
  }

  /** The same rule for pods that go to one cluster, in one loop without lists. */
  private placeWhole(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    const { best, tierOf, tiers, winners } = this;
    winners.fill(-1);
    for (let i = 0; i < tierOf.length; i++) {
      const c = asCluster(i);
      const tier = tierOf[c]!;
      if (tier < 0 || !takesWhole(c, request, fleet)) continue;
      const isBelow =
        tier === tiers - 1 || roomBelow(this.fillTo, c, request, fleet) >= request.count;
      // Winners below the marks first, tier by tier; then those that would use the margin.
      const slot = isBelow ? tier : tiers + tier;
      const ratio = freeRatioAfter(request.count, c, request, fleet);
      if (winners[slot]! < 0 || ratio > best[slot]!) {
        winners[slot] = c;
        best[slot] = ratio;
      }
    }
    for (let slot = 0; slot < winners.length; slot++) {
      if (winners[slot]! < 0) continue;
      counts[winners[slot]!] = request.count;
      return request.count;
    }
    const candidates = this.candidatesOf(request, fleet);
    return sendToWait(request.count, candidates, { request, fleet, counts });
  }

  private candidatesOf(request: PlacementRequest, fleet: FleetView): ClusterIndex[] {
    return candidatesOf(request, fleet, (c) => this.tierOf[c]! >= 0);
  }
}

/**
 * How many pods keep `allocated + requested <= mark * capacity` in every resource asked for, capacity = allocatable + what
 * elastic pools could add; may be negative.
 */
function roomBelow(
  mark: number,
  c: ClusterIndex,
  request: PlacementRequest,
  fleet: FleetView,
): number {
  if (mark === Number.POSITIVE_INFINITY) return mark;
  const { requests, gpuCount, gpuMilliPerDevice } = request.shape;
  let pods = Number.POSITIVE_INFINITY;
  for (let r = 0; r < requests.length; r++) {
    if (requests[r] === 0) continue;
    const allocatable = fleet.allocatable[r]![c]!;
    const allocated = allocatable - fleet.free[r]![c]!;
    const allowed = mark * (allocatable + fleet.elastic[r]![c]!) - allocated;
    pods = Math.min(pods, Math.floor(allowed / requests[r]!));
  }
  const milli = gpuCount * gpuMilliPerDevice;
  const gpus = fleet.gpuAllocatableMilli[c]!;
  if (milli > 0 && gpus > 0) {
    const allowed = mark * gpus - (gpus - fleet.gpuFreeMilli[c]!);
    pods = Math.min(pods, Math.floor(allowed / milli));
  }
  return pods;
}
