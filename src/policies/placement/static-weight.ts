import { asCluster, type ClusterIndex } from '../../base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import { candidatesOf, goesWhole, roomsOf, wholeTo } from './candidates.ts';
import { levelToWait } from './freest-rule.ts';
import { type PlacementRule, type Question, ROOM, Standings } from './standings.ts';
import { ABSENT, type Standing } from './tournament.ts';
import { webster, websterWithdraw } from './webster.ts';

/** The next seat to the largest quotient, among clusters with room, else among those where pods could wait. */
class WebsterRule implements PlacementRule {
  readonly isByWorkload = true;

  judge(c: ClusterIndex, pods: number, question: Question, standing: Standing): void {
    const { fleet, request } = question;
    const { weight } = fleet.clusters[c]!;
    if (weight <= 0) {
      standing.level = ABSENT;
      return;
    }
    // A gang is one seat.
    const seats = request.assigned[c]! + (request.gang ? 0 : pods - 1);
    standing.score = weight / (2 * seats + 1);
    standing.second = -seats;
    standing.level = fleet.room(request.shape, c, true) >= pods ? ROOM : levelToWait(c, question);
  }
}

class StaticWeight implements Placer {
  readonly refusesUntilCapacityGrows = true;
  private readonly standings: Standings;

  constructor(clusters: number) {
    this.standings = new Standings(new WebsterRule(), clusters);
  }

  choose(request: PlacementRequest, fleet: FleetView): number {
    return this.standings.choose(request, fleet);
  }

  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return wholeTo(this.choose(request, fleet), request.count, counts);
    if (this.standings.dealsWell(request)) return this.standings.deal(request, fleet, counts);
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
  create: (_, { clusters }) => new StaticWeight(clusters.length),
});
