/** Filters beyond the fit that every profile has. */
import type { NodeList } from '../../base/ids.ts';
import type { NodeFilter, PodAttempt } from '../../contracts/scheduling.ts';
import type { ClusterView } from '../../model/view.ts';
import { CPU_MEMORY, WeightedResources } from './weights.ts';

/** Keeps nodes with devices for pods that ask for devices. */
export const gpuNodesForGpuPods: NodeFilter = {
  name: 'gpu-nodes-for-gpu-pods',
  reason: 'reserved-for-gpu-pods',
  dependsOn: 'static',
  isPerGroup: true,
  wakes: ['node-added'],
  keep(pod: PodAttempt, candidates: NodeList, count: number, cluster: ClusterView): number {
    if (pod.shape.gpuCount > 0) return count;
    const { gpuCount } = cluster.nodes;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      if (gpuCount[n] === 0) candidates[kept++] = n;
    }
    return kept;
  },
};

/** Keeps nodes of which a share of cpu and memory stays free after placing: `free - request >= ratio * allocatable`. */
export class HeadroomFilter implements NodeFilter {
  readonly name = 'headroom';
  readonly reason = 'headroom';
  readonly dependsOn = 'own-node';
  readonly wakes = ['capacity-freed', 'node-added'] as const;
  private readonly ratio: number;
  private readonly resources: WeightedResources;

  /**
   * @param ratio share of allocatable that stays free, of [0, 1)
   */
  constructor(ratio: number, cluster: ClusterView) {
    this.ratio = ratio;
    this.resources = new WeightedResources(CPU_MEMORY, cluster);
  }

  keep(pod: PodAttempt, candidates: NodeList, count: number, cluster: ClusterView): number {
    const { ratio, resources } = this;
    resources.select(pod.shape, cluster);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const n = candidates[i]!;
      let isRoomy = true;
      for (let r = 0; r < resources.count; r++) {
        const left = resources.free[r]![n]! - resources.request[r]!;
        if (left < ratio * resources.allocatableOf(r, n)) isRoomy = false;
      }
      if (isRoomy) candidates[kept++] = n;
    }
    return kept;
  }
}
