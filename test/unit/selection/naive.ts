/** The naive twin of every selector: one node after the other, as the contract's words say it. */
import { poolRefusal } from '../../../src/base/constraints.ts';
import { asNode, asNodeList, CPU, MEMORY } from '../../../src/base/ids.ts';
import type { PolicyStream } from '../../../src/contracts/policy.ts';
import type { PodAttempt, SchedulingProfile } from '../../../src/contracts/scheduling.ts';
import { type ClusterView, UP } from '../../../src/model/view.ts';

/** True if node `i` can take the pod, filters of the profile included. */
export function isFeasible(
  pod: PodAttempt,
  i: number,
  profile: SchedulingProfile,
  cluster: ClusterView,
): boolean {
  const { nodes } = cluster;
  const n = asNode(i);
  const { shape } = pod;
  if (nodes.state[n] !== UP || poolRefusal(shape, cluster.pools[nodes.pool[n]!]!) !== '') {
    return false;
  }
  if (shape.requests.some((request, r) => nodes.free[r]![n]! < request)) return false;
  if (shape.gpuCount > 0) {
    const model = cluster.gpuModels[nodes.gpuModel[n]!];
    if (model === undefined) return false;
    if (shape.gpuModels.length > 0 && !shape.gpuModels.includes(model)) return false;
    let fitting = 0;
    for (let d = 0; d < nodes.gpuCount[n]!; d++) {
      if (nodes.deviceFreeMilli[nodes.gpuOffset[n]! + d]! >= shape.gpuMilliPerDevice) fitting++;
    }
    if (fitting < shape.gpuCount) return false;
  }
  return (profile.filters ?? []).every(
    (filter) => filter.keep(pod, asNodeList(Int32Array.of(i)), 1, cluster) === 1,
  );
}

/** Score of node `i`. */
export function scoreOf(
  pod: PodAttempt,
  i: number,
  profile: SchedulingProfile,
  cluster: ClusterView,
): number {
  const scores = new Float64Array(1);
  for (const { score, weight } of profile.scores ?? []) {
    score.add(pod, asNodeList(Int32Array.of(i)), 1, cluster, scores, weight);
  }
  return scores[0]!;
}

/** Chooses as the full scan should. */
export class NaiveSelector {
  private readonly cluster: ClusterView;
  private readonly profile: SchedulingProfile;
  private readonly stream: PolicyStream;
  private last = -1;

  constructor(cluster: ClusterView, profile: SchedulingProfile, stream: PolicyStream) {
    this.cluster = cluster;
    this.profile = profile;
    this.stream = stream;
  }

  choose(pod: PodAttempt): number {
    const { cluster, profile, stream } = this;
    const { nodes } = cluster;
    const all = Array.from({ length: nodes.count }, (_, i) => i);
    const feasible = all.filter((i) => isFeasible(pod, i, profile, cluster));
    if (feasible.length === 0) return -1;
    const scores = new Map(feasible.map((i) => [i, scoreOf(pod, i, profile, cluster)]));
    const top = Math.max(...scores.values());
    const tied = feasible.filter((i) => scores.get(i) === top);
    switch (profile.ties) {
      case 'index':
        return tied[0]!;
      case 'uniform':
        return tied[Math.floor(stream.uniform(pod.key, pod.attempt * 4096) * tied.length)]!;
      case 'rotate':
        this.last = tied.find((i) => i > this.last) ?? tied[0]!;
        return this.last;
      case 'rank': {
        const rank = (i: number) => profile.ranks?.[i] ?? stream.uniform(nodes.key[asNode(i)]!, 0);
        return tied.reduce((best, i) => (rank(i) < rank(best) ? i : best));
      }
      case 'capacity': {
        const key = (i: number) => [
          nodes.group[asNode(i)]!,
          -nodes.free[CPU]![asNode(i)]!,
          -nodes.free[MEMORY]![asNode(i)]!,
          i,
        ];
        return tied.sort((a, b) => compareKeys(key(a), key(b)))[0]!;
      }
    }
  }
}

function compareKeys(a: readonly number[], b: readonly number[]): number {
  const k = a.findIndex((value, i) => value !== b[i]);
  return k < 0 ? 0 : a[k]! - b[k]!;
}
