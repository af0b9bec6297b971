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

class DotProductScore implements NodeScore {
  readonly name = 'fgd-dot-product';
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
    const cpu = cpuOf(pod.shape, cluster) / cpuMax;
    const gpu = gpuMilliOf(pod.shape) / gpuMax;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      const dot = (((cpuFree[n]! * grain) / cpuMax) * cpu + (gpuFreeMilli[n]! / gpuMax) * gpu) / 2;
      scores[i]! += weight * Math.trunc(100 * (1 - dot));
    }
  }
}

/**
 * Takes the node with the smallest dot product of free and demanded cpu and GPU, each over the largest node:
 * `d = (c/128000 * p/128000 + G/8000 * g/8000) / 2`, score `int(100 (1 - d))`, values before placing, equal weights.
 *
 * *Order*: tie rank. *Source*: FGD (ATC'23), section 6, policy DotProd.
 */
export const fgdDotProduct = defineScheduling<ScaledParams>({
  name: 'fgd/dot-product',
  summary: 'FGD study: the smallest dot product of free and demanded cpu and GPU.',
  formula:
    'int(100 (1 - d)), d = (c/128000 * p/128000 + G/8000 * g/8000) / 2; cpu and gpu weigh the same',
  paramsHelp: { ranks: RANKS_HELP, ...SCALE_HELP },
  params: readScaledParams,
  create: (params, { cluster }) => {
    checkScales('fgd/dot-product', params, cluster);
    return {
      kind: 'profile',
      scores: [{ score: new DotProductScore(params), weight: 1 }],
      ...rankTies(params.ranks),
    };
  },
});
