import type { NodeIndex } from '../../../base/ids.ts';
import { defineScheduling, type PolicyStream } from '../../../contracts/policy.ts';
import type { DeviceChooser, PodAttempt } from '../../../contracts/scheduling.ts';
import type { ClusterView } from '../../../model/view.ts';
import { wholeDevices } from '../devices.ts';
import { isShare } from './params.ts';

/** Draws per attempt that belong to the engine's ties and samples; the last one is ours. */
const DRAWS_PER_ATTEMPT = 4096;

/** A share goes to a fitting device drawn uniformly; whole devices as everywhere. */
class RandomDevices implements DeviceChooser {
  private readonly stream: PolicyStream;

  constructor(stream: PolicyStream) {
    this.stream = stream;
  }

  choose(pod: PodAttempt, node: NodeIndex, cluster: ClusterView): number {
    if (!isShare(pod.shape)) return wholeDevices(pod.shape.gpuCount, node, cluster);
    const { nodes } = cluster;
    const base = nodes.gpuOffset[node]!;
    const milli = pod.shape.gpuMilliPerDevice;
    let fitting = 0;
    for (let i = 0; i < nodes.gpuCount[node]!; i++) {
      if (nodes.deviceFreeMilli[base + i]! >= milli) fitting++;
    }
    const draw = pod.attempt * DRAWS_PER_ATTEMPT + DRAWS_PER_ATTEMPT - 1;
    let skip = Math.floor(this.stream.uniform(pod.key, draw) * fitting);
    for (let i = 0; i < nodes.gpuCount[node]!; i++) {
      if (nodes.deviceFreeMilli[base + i]! >= milli && skip-- === 0) return 1 << i;
    }
    return 0;
  }
}

/**
 * Takes a feasible node uniformly, and for a share a fitting device uniformly.
 *
 * *Draws*: two per attempt, keyed by the pod. *Source*: FGD (ATC'23), section 6, policy Random.
 */
export const fgdRandom = defineScheduling({
  name: 'fgd/random',
  summary: 'FGD study: a node drawn uniformly, and a device drawn uniformly for shares.',
  formula: 'no score; ties uniform; shares on a uniformly drawn device',
  create: (_params, { stream }) => ({
    kind: 'profile',
    ties: 'uniform',
    devices: new RandomDevices(stream),
  }),
});
