import { type Issue, ScenarioError } from '../../base/errors.ts';
import type { ClusterIndex } from '../../base/ids.ts';
import type {
  ClusterFacts,
  FleetView,
  PlacementRequest,
  Placer,
} from '../../contracts/placement.ts';
import { definePlacement } from '../../contracts/policy.ts';
import { type FieldReader, paramsOf } from '../params.ts';
import {
  candidatesOf,
  divideToFreest,
  freeRatioAfter,
  goesWhole,
  roomsOf,
  sendToWait,
  wholeTo,
} from './candidates.ts';
import { divideSeats } from './divide.ts';
import { levelToWait } from './freest-rule.ts';
import { type PlacementRule, type Question, ROOM, Standings } from './standings.ts';
import { ABSENT, type Standing } from './tournament.ts';

/** Cluster names or `key=value` selectors, one tier each; or owned clusters before those paid by use. */
type Order = 'private-first' | readonly string[];

interface SpillOverParams {
  readonly order: Order;
  readonly fillTo: number;
}

/**
 * Tier by tier up to the marks, then tier by tier with the margin: each is a level of its own; then where pods could wait.
 * Inside a level freest first.
 */
class TierRule implements PlacementRule {
  readonly isByWorkload = false;
  private readonly fillTo: number;
  private readonly tierOf: Int32Array;
  private readonly tiers: number;

  constructor(fillTo: number, tierOf: Int32Array, tiers: number) {
    this.fillTo = fillTo;
    this.tierOf = tierOf;
    this.tiers = tiers;
  }

  judge(c: ClusterIndex, pods: number, question: Question, standing: Standing): void {
    const { fleet, request } = question;
    const tier = this.tierOf[c]!;
    standing.second = 0;
    if (tier < 0) standing.level = ABSENT;
    else if (fleet.room(request.shape, c, true) < pods) standing.level = levelToWait(c, question);
    else standing.level = ROOM + this.levelOf(tier, this.isBelow(tier, pods, c, question));
    if (standing.level !== ABSENT) standing.score = freeRatioAfter(pods, c, request, fleet);
  }

  private isBelow(tier: number, pods: number, c: ClusterIndex, { fleet, request }: Question) {
    return tier === this.tiers - 1 || roomBelow(this.fillTo, c, request, fleet) >= pods;
  }

  /** The first tier below its mark is the highest level, the last tier with its margin is 0. */
  private levelOf(tier: number, isBelow: boolean): number {
    return 2 * this.tiers - 1 - (isBelow ? tier : this.tiers + tier);
  }
}

class SpillOver implements Placer {
  readonly refusesUntilCapacityGrows = true;
  private readonly fillTo: number;
  /** Tier of each cluster, -1 for a cluster that no tier names. */
  private readonly tierOf: Int32Array;
  private readonly tiers: number;
  private readonly standings: Standings;

  constructor(fillTo: number, tierOf: Int32Array) {
    this.fillTo = fillTo;
    this.tierOf = tierOf;
    this.tiers = tierOf.reduce((most, tier) => Math.max(most, tier + 1), 0);
    this.standings = new Standings(new TierRule(fillTo, tierOf, this.tiers), tierOf.length);
  }

  choose(request: PlacementRequest, fleet: FleetView): number {
    return this.standings.choose(request, fleet);
  }

  divide(request: PlacementRequest, fleet: FleetView, counts: Int32Array): number {
    if (goesWhole(request)) return wholeTo(this.choose(request, fleet), request.count, counts);
    if (this.standings.dealsWell(request)) return this.standings.deal(request, fleet, counts);
    const candidates = candidatesOf(request, fleet, (c) => this.tierOf[c]! >= 0);
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

  withdraw(request: PlacementRequest, _fleet: FleetView, counts: Int32Array): void {
    const { assigned } = request;
    let left = request.count;
    for (let tier = this.tiers - 1; tier >= -1 && left > 0; tier--) {
      const members: number[] = [];
      this.tierOf.forEach((t, c) => {
        if (t === tier) members.push(c);
      });
      const given = new Float64Array(members.length);
      const held = members.map((c) => assigned[c as ClusterIndex]!);
      left -= divideSeats(
        left,
        {
          count: members.length,
          priority: (i, more) => held[i]! - more,
          cap: (i) => held[i]!,
          tie: (a, b) => b - a,
        },
        given,
      );
      members.forEach((c, i) => {
        counts[c] = given[i]!;
      });
    }
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

/**
 * Fills tiers of clusters in order: each up to `fillTo` of its capacity, the last without a mark; inside a tier as `most-free`.
 *
 * `allocated + requested <= fillTo * (allocatable + elastic)` in every resource asked for; when every tier is full the margin
 * is used, tier by tier; then pods wait where it is freest. A gang goes whole to the first tier with a cluster for it.
 * Scale-down gives back from the last tier first, there from the cluster with most pods of the workload.
 * *Order*: tier, then free ratio, then name; giving back: most pods, then last name.
 */
export const spillOver = definePlacement<SpillOverParams>({
  name: 'spill-over',
  summary: 'Private clusters first, bursting to the public ones; or your own order of tiers.',
  formula:
    'tier by tier while allocated + requested <= fillTo * (allocatable + elastic); inside a tier as most-free',
  paramsHelp: {
    order:
      'private-first (default), or a list with one tier an entry: a cluster name, or region=, zone=, provider= or label=value; clusters in no tier get nothing',
    fillTo: 'share of capacity to which all tiers but the last are filled; default 0.95',
  },
  params: paramsOf((fields) => ({
    order: readOrder(fields),
    fillTo: fields.number('fillTo', 0.95, 0, 1),
  })),
  create: ({ order, fillTo }, { clusters }) => new SpillOver(fillTo, tiersOf(order, clusters)),
});

function readOrder(fields: FieldReader): Order {
  const raw = fields.any('order');
  if (raw === undefined || raw === 'private-first') return 'private-first';
  const isList = Array.isArray(raw) && raw.length > 0 && raw.every((e) => typeof e === 'string');
  if (isList && new Set(raw).size === raw.length) return raw as readonly string[];
  fields.fail('order', 'private-first, or a list of cluster names or key=value, each once');
  return 'private-first';
}

/** Numbers the tiers that have clusters from 0; a cluster belongs to the first entry that names it. */
function tiersOf(order: Order, clusters: readonly ClusterFacts[]): Int32Array {
  const tierOf = new Int32Array(clusters.length).fill(-1);
  if (order === 'private-first') {
    const hasPrivate = clusters.some((cluster) => !cluster.isPublic);
    clusters.forEach((cluster, c) => {
      tierOf[c] = cluster.isPublic && hasPrivate ? 1 : 0;
    });
    return tierOf;
  }
  const issues: Issue[] = [];
  let tier = 0;
  order.forEach((entry, i) => {
    let found = 0;
    clusters.forEach((cluster, c) => {
      if (tierOf[c] !== -1 || !isNamedBy(entry, cluster)) return;
      tierOf[c] = tier;
      found++;
    });
    if (found > 0) tier++;
    else {
      issues.push({
        path: `policies.placement.params.order[${i}]`,
        value: entry,
        expected: 'the name, or key=value, of a cluster that no earlier entry names',
      });
    }
  });
  if (issues.length > 0) throw new ScenarioError(issues);
  return tierOf;
}

function isNamedBy(entry: string, cluster: ClusterFacts): boolean {
  const equals = entry.indexOf('=');
  if (equals < 0) return cluster.name === entry;
  const key = entry.slice(0, equals);
  const value = entry.slice(equals + 1);
  if (key === 'region') return cluster.region === value;
  if (key === 'zone') return cluster.zone === value;
  if (key === 'provider') return cluster.provider === value;
  return Object.hasOwn(cluster.labels, key) && cluster.labels[key] === value;
}
