import { CPU, type NodeList } from '../../../base/ids.ts';
import { defineScheduling } from '../../../contracts/policy.ts';
import type { NodeScore, PodAttempt } from '../../../contracts/scheduling.ts';
import type { ClusterView } from '../../../model/view.ts';
import {
  checkScales,
  cpuOf,
  gpuMilliOf,
  RANKS_HELP,
  rankTies,
  readScaledParams,
  SCALE_HELP,
  type ScaledParams,
} from './params.ts';

/*
 * The study normalises raw scores over the feasible nodes: f(raw) = floor((raw - min) * 100 / (max - min)), 0 if all are equal.
 * Raw scores are integers of 0..100, so max - min <= 100 and one step of raw raises the argument of floor by
 * 100 / (max - min) >= 1: f is strictly increasing. Hence the same nodes are best and the same nodes tie with raw scores, and
 * the score stays a function of the node alone, which an index can keep.
 */
class BestFitScore implements NodeScore {
  readonly name = 'fgd-best-fit';
  readonly dependsOn = 'own-node';
  private readonly params: ScaledParams;

  constructor(params: ScaledParams) {
    this.params = params;
  }

  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void {
    const { cpuMax, gpuMax } = this.params;
    const { gpuFreeMilli } = cluster.nodes;
    const cpuFree = cluster.nodes.free[CPU]!;
    const grain = cluster.resources.all[CPU]!.grain;
    const cpu = cpuOf(pod.shape, cluster);
    const gpu = gpuMilliOf(pod.shape);
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      const left =
        (0.5 * (cpuFree[n]! * grain - cpu)) / cpuMax + (0.5 * (gpuFreeMilli[n]! - gpu)) / gpuMax;
      scores[i]! += weight * Math.trunc((1 - left) * 100);
    }
  }
}

/**
 * Takes the node with the least left after placing: `s = 0.5 (c-p)/128000 + 0.5 (G-g)/8000`, score `int((1-s) 100)`; cpu and
 * GPU weigh 0.5 each. The study's normalisation over the feasible nodes changes neither the best nor the ties (see above).
 *
 * *Order*: tie rank. *Source*: FGD (ATC'23), section 6, policy BestFit.
 */
export const fgdBestFit = defineScheduling<ScaledParams>({
  name: 'fgd/best-fit',
  summary: 'FGD study: the least cpu and GPU left, each over the largest node.',
  formula: 'int((1 - s) 100), s = 0.5 (c-p)/128000 + 0.5 (G-g)/8000',
  paramsHelp: { ranks: RANKS_HELP, ...SCALE_HELP },
  params: readScaledParams,
  create: (params, { cluster }) => {
    checkScales('fgd/best-fit', params, cluster);
    return {
      kind: 'profile',
      scores: [{ score: new BestFitScore(params), weight: 1 }],
      ...rankTies(params.ranks),
    };
  },
});
