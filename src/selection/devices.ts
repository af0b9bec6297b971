import type { NodeIndex } from '../base/ids.ts';
import type { DeviceChooser, PodAttempt } from '../contracts/scheduling.ts';
import type { ClusterView } from '../model/view.ts';

/**
 * The default choice of devices inside a node. *Order*: whole devices lowest index first; a share goes to the fitting
 * device with least left, lowest index on ties.
 *
 * *Source*: docs/sources.md, FGD protocol.
 */
export const tightestDevices: DeviceChooser = {
  choose(pod: PodAttempt, node: NodeIndex, cluster: ClusterView): number {
    const { nodes } = cluster;
    const { gpuCount, gpuMilliPerDevice } = pod.shape;
    const base = nodes.gpuOffset[node]!;
    const count = nodes.gpuCount[node]!;
    if (gpuMilliPerDevice < 1000) {
      let best = -1;
      for (let i = 0; i < count; i++) {
        const left = nodes.deviceFreeMilli[base + i]!;
        if (left < gpuMilliPerDevice) continue;
        if (best < 0 || left < nodes.deviceFreeMilli[base + best]!) best = i;
      }
      return best < 0 ? 0 : 1 << best;
    }
    let mask = 0;
    let missing = gpuCount;
    for (let i = 0; i < count && missing > 0; i++) {
      if (nodes.deviceFreeMilli[base + i] !== 1000) continue;
      mask |= 1 << i;
      missing--;
    }
    return mask;
  },
};
