/** What all placers share: which clusters may be chosen, how much fits, how free they are, and where pods wait. */
import { asCluster, type ClusterIndex, NONE } from '../../base/ids.ts';
import type { FleetView, PlacementRequest } from '../../contracts/placement.ts';
import { divideSeats } from './divide.ts';

/**
 * Lists the clusters that answer and could host the shape; the one that just gave the pods back only if it is the only one.
 *
 * @param isAllowed what the policy itself rules out; default nothing
 *
 * *Order*: cluster index, that is name.
 */
export function candidatesOf(
  request: PlacementRequest,
  fleet: FleetView,
  isAllowed: (c: ClusterIndex) => boolean = () => true,
): ClusterIndex[] {
  const candidates: ClusterIndex[] = [];
  let returner = -1;
  for (let i = 0; i < fleet.clusters.length; i++) {
    const c = asCluster(i);
    if (fleet.isUp[c] !== 1 || !fleet.canHost(request.shape, c) || !isAllowed(c)) continue;
    if (i === request.returnedBy) returner = i;
    else candidates.push(c);
  }
  if (candidates.length === 0 && returner >= 0) candidates.push(asCluster(returner));
  return candidates;
}

/** True if all the pods of the request go to one cluster: a gang, or a single pod. */
export function goesWhole(request: PlacementRequest): boolean {
  return request.gang || request.count === 1;
}

/** Writes that all pods of a request go to one cluster. @param cluster NONE leaves them at the fleet. @returns pods sent */
export function wholeTo(cluster: number, pods: number, counts: Int32Array): number {
  if (cluster === NONE) return 0;
  counts[cluster] = pods;
  return pods;
}

/** Room of each candidate, in pods of the shape. @param withElastic also what elastic pools could still add */
export function roomsOf(
  candidates: readonly ClusterIndex[],
  request: PlacementRequest,
  fleet: FleetView,
  withElastic: boolean,
): Float64Array {
  return Float64Array.from(candidates, (c) =>
    Math.max(0, fleet.room(request.shape, c, withElastic)),
  );
}

/**
 * The free ratio of the tightest resource that the pod asks for, if `pods` pods of it were placed: the least of
 * `(free - pods * request) / (allocatable + elastic)` over cpu, memory, pods, extended ones and GPUs. All weigh the same.
 *
 * It falls with `pods` and becomes negative where pods would wait.
 */
export function freeRatioAfter(
  pods: number,
  c: ClusterIndex,
  request: PlacementRequest,
  fleet: FleetView,
): number {
  const { requests, gpuCount, gpuMilliPerDevice } = request.shape;
  let tightest = Number.POSITIVE_INFINITY;
  for (let r = 0; r < requests.length; r++) {
    const asked = requests[r]!;
    if (asked === 0) continue;
    const capacity = fleet.allocatable[r]![c]! + fleet.elastic[r]![c]!;
    if (capacity <= 0) return -pods;
    const ratio = (fleet.free[r]![c]! - pods * asked) / capacity;
    if (ratio < tightest) tightest = ratio;
  }
  const milli = gpuCount * gpuMilliPerDevice;
  if (milli > 0 && fleet.gpuAllocatableMilli[c]! > 0) {
    const ratio = (fleet.gpuFreeMilli[c]! - pods * milli) / fleet.gpuAllocatableMilli[c]!;
    if (ratio < tightest) tightest = ratio;
  }
  return tightest;
}

/**
 * Divides pods one at a time to the candidate that stays freest after it, within caps.
 *
 * @param caps the most pods of each candidate
 * @param counts adds to `counts[cluster]`; what was there counts as placed
 * @returns pods divided
 *
 * *Order*: {@link freeRatioAfter}, then name. *Cost*: see {@link divideSeats}.
 */
export function divideToFreest(
  pods: number,
  candidates: readonly ClusterIndex[],
  caps: ArrayLike<number>,
  at: {
    readonly request: PlacementRequest;
    readonly fleet: FleetView;
    readonly counts: Int32Array;
  },
): number {
  const { request, fleet, counts } = at;
  const given = new Float64Array(candidates.length);
  const done = divideSeats(
    pods,
    {
      count: candidates.length,
      priority: (i, more) =>
        freeRatioAfter(counts[candidates[i]!]! + more + 1, candidates[i]!, request, fleet),
      cap: (i) => caps[i]!,
      tie: (a, b) => a - b,
    },
    given,
  );
  candidates.forEach((c, i) => {
    counts[c]! += given[i]!;
  });
  return done;
}

/**
 * Sends the pods that fit nowhere to wait where it is freest. A gang goes whole to the freest cluster that could hold it
 * when empty; if none could, it stays at the fleet.
 *
 * @returns pods sent
 */
export function sendToWait(
  pods: number,
  candidates: readonly ClusterIndex[],
  at: {
    readonly request: PlacementRequest;
    readonly fleet: FleetView;
    readonly counts: Int32Array;
  },
): number {
  const { request, fleet, counts } = at;
  if (!request.gang) {
    const unbounded = candidates.map(() => Number.POSITIVE_INFINITY);
    return divideToFreest(pods, candidates, unbounded, at);
  }
  let winner = -1;
  let best = Number.NEGATIVE_INFINITY;
  for (const c of candidates) {
    if (!couldHold(pods, c, request, fleet)) continue;
    const ratio = freeRatioAfter(pods, c, request, fleet);
    if (winner < 0 || ratio > best) {
      winner = c;
      best = ratio;
    }
  }
  if (winner < 0) return 0;
  counts[winner] = pods;
  return pods;
}

/** True if the sums of the cluster could hold that many pods when it is empty and grown; ignores fragmentation. */
export function couldHold(
  pods: number,
  c: ClusterIndex,
  request: PlacementRequest,
  fleet: FleetView,
): boolean {
  const { requests, gpuCount, gpuMilliPerDevice } = request.shape;
  for (let r = 0; r < requests.length; r++) {
    const capacity = fleet.allocatable[r]![c]! + fleet.elastic[r]![c]!;
    if (pods * requests[r]! > capacity) return false;
  }
  const milli = pods * gpuCount * gpuMilliPerDevice;
  // Elastic devices have no column: where a cluster may still grow, cpu and memory decide alone.
  const grows = fleet.elastic.some((column) => column[c]! > 0);
  return grows || milli <= fleet.gpuAllocatableMilli[c]!;
}
