import type { NodeIndex, NodeList } from '../../../base/ids.ts';
import { defineScheduling } from '../../../contracts/policy.ts';
import type { NodeScore, PodAttempt } from '../../../contracts/scheduling.ts';
import type { PodShape } from '../../../model/shapes.ts';
import type { ClusterView } from '../../../model/view.ts';
import { type FgdParams, RANKS_HELP, rankTies, readFgdParams } from './params.ts';

/** Devices of a node at most: device masks are 32-bit. */
const DEVICES_MAX = 32;

class GpuPackingScore implements NodeScore {
  readonly name = 'fgd-gpu-packing';
  readonly dependsOn = 'own-node';
  private readonly lefts = new Int32Array(DEVICES_MAX);

  add(
    pod: PodAttempt,
    candidates: NodeList,
    count: number,
    cluster: ClusterView,
    scores: Float64Array,
    weight: number,
  ): void {
    if (pod.shape.gpuCount === 0) return;
    for (let i = 0; i < count; i++) {
      scores[i]! += weight * this.scoreOf(pod.shape, candidates[i]!, cluster);
    }
  }

  private scoreOf(shape: PodShape, n: NodeIndex, cluster: ClusterView): number {
    const { nodes } = cluster;
    const wholeFree = nodes.gpuWholeFree[n]!;
    if (wholeFree === nodes.gpuCount[n]!) return Math.max(33 - wholeFree, wholeFree);
    const fitting = this.sortFitting(shape.gpuMilliPerDevice, n, cluster);
    const chosen = Math.min(shape.gpuCount, fitting);
    let whole = 0;
    let rest = 0;
    for (let i = 0; i < chosen; i++) {
      const left = this.lefts[i]!;
      if (left === 1000) whole++;
      rest += Math.trunc((left * 100) / 1000);
    }
    return whole > 0 ? Math.max(50 - whole, 33) : Math.max(100 - Math.trunc(rest / 10), 50);
  }

  /** Fills `lefts` with the thousandths left of the fitting devices, ascending; returns how many. Insertion sort: few. */
  private sortFitting(milli: number, n: NodeIndex, cluster: ClusterView): number {
    const { lefts } = this;
    const { deviceFreeMilli, gpuOffset, gpuCount } = cluster.nodes;
    const base = gpuOffset[n]!;
    let fitting = 0;
    for (let i = 0; i < gpuCount[n]!; i++) {
      const left = deviceFreeMilli[base + i]!;
      if (left < milli) continue;
      let at = fitting++;
      while (at > 0 && lefts[at - 1]! > left) {
        lefts[at] = lefts[at - 1]!;
        at--;
      }
      lefts[at] = left;
    }
    return fitting;
  }
}

/**
 * Prefers devices in use, then free devices of nodes in use, then idle nodes. ff = fully free devices of the node:
 * (a) ff = all: `max(33-ff, ff)`. Else the pod's devices are the fitting ones with least left; k = how many of them are fully
 * free: (b) k > 0: `max(50-k, 33)`; (c) k = 0: `max(100 - int(R/10), 50)`, R = sum of `int(left*100/1000)` over the chosen.
 * Pods without devices score 0 everywhere.
 *
 * *Order*: tie rank. *Source*: FGD (ATC'23), section 6, policy GpuPacking.
 */
export const fgdGpuPacking = defineScheduling<FgdParams>({
  name: 'fgd/gpu-packing',
  summary: 'FGD study: devices in use first, then free devices of nodes in use, then idle nodes.',
  formula:
    'idle node max(33-ff, ff); k fully free devices chosen max(50-k, 33); none max(100-int(R/10), 50); cpu pods 0',
  paramsHelp: { ranks: RANKS_HELP },
  params: readFgdParams,
  create: ({ ranks }) => ({
    kind: 'profile',
    scores: [{ score: new GpuPackingScore(), weight: 1 }],
    ...rankTies(ranks),
  }),
});
