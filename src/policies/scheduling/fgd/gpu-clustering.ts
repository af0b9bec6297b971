import { asPod, NONE, type NodeIndex, type NodeList, type ShapeIndex } from '../../../base/ids.ts';
import { defineScheduling } from '../../../contracts/policy.ts';
import type { NodeScore, PodAttempt } from '../../../contracts/scheduling.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { ClusterView } from '../../../model/view.ts';
import { paramsOf } from '../../params.ts';
import {
  checkScales,
  isShare,
  RANKS_HELP,
  rankTies,
  readGpuMax,
  readRanks,
  SCALE_HELP,
  type ScaledParams,
} from './params.ts';

/** Class of a GPU pod as one bit: bit 0 a share, bit k a pod of k whole devices. */
function classBit(shape: PodShape): number {
  return isShare(shape) ? 1 : 1 << shape.gpuCount;
}

/** The classes of the GPU pods on a node. *Cost*: O(pods on the node). */
function classesOn(n: NodeIndex, cluster: ClusterView): number {
  const { nodes, pods } = cluster;
  let classes = 0;
  for (let p = nodes.firstPod[n]!; p !== NONE; p = pods.next(asPod(p))) {
    const shape = cluster.shape(pods.shape(asPod(p)) as ShapeIndex);
    if (shape.gpuCount > 0) classes |= classBit(shape);
  }
  return classes;
}

class GpuClusteringScore implements NodeScore {
  readonly name = 'fgd-gpu-clustering';
  readonly dependsOn = 'own-node';
  private readonly gpuMax: number;

  constructor(gpuMax: number) {
    this.gpuMax = gpuMax;
  }

  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void {
    if (pod.shape.gpuCount === 0) return;
    const { gpuMax } = this;
    const { gpuFreeMilli, gpuCount } = cluster.nodes;
    const own = classBit(pod.shape);
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      const base = Math.trunc((25 * (gpuMax - gpuFreeMilli[n]!)) / gpuMax);
      // A node whose devices are all free has no GPU pod: no walk.
      const isEmpty = gpuFreeMilli[n] === gpuCount[n]! * 1000;
      const classes = isEmpty ? 0 : classesOn(n, cluster);
      let bonus = 0;
      if (classes === 0) bonus = 25;
      else if ((classes & own) !== 0) bonus = classes === own ? 75 : 50;
      scores[i]! += weight * (base + bonus);
    }
  }
}

/**
 * Takes nodes that already hold pods of the same class (a share, or the number of whole devices):
 * `b = int(25 (8000-G)/8000)`; b+75 if the class is the only one there, b+50 if it is there with others, b+25 on a node without
 * GPU pods, else b. Pods without devices score 0 everywhere.
 *
 * *Order*: tie rank. *Source*: FGD (ATC'23), section 6, policy GpuClustering.
 */
export const fgdGpuClustering = defineScheduling<Omit<ScaledParams, 'cpuMax'>>({
  name: 'fgd/gpu-clustering',
  summary: 'FGD study: nodes that already hold GPU pods of the same class.',
  formula:
    'b = int(25 (8000-G)/8000); b+75 own class alone, b+50 with others, b+25 no GPU pods, else b; cpu pods 0',
  paramsHelp: { ranks: RANKS_HELP, gpuMaxMilli: SCALE_HELP.gpuMaxMilli },
  params: paramsOf((fields) => ({
    ranks: readRanks(fields),
    gpuMax: readGpuMax(fields),
  })),
  create: (params, { cluster }) => {
    const bounds = { ...params, cpuMax: Number.MAX_VALUE };
    checkScales('fgd/gpu-clustering', bounds, cluster);
    return {
      kind: 'profile',
      scores: [{ score: new GpuClusteringScore(params.gpuMax), weight: 1 }],
      ...rankTies(params.ranks),
    };
  },
});
