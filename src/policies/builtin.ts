import type { AnyPolicy } from '../contracts/policy.ts';
import { Registry } from '../contracts/registry.ts';
import { exponential } from './failures/exponential.ts';
import { weibull } from './failures/weibull.ts';
import { kubernetesDefault } from './kubernetes/default.ts';
import { imageLocality } from './kubernetes/plugins/image-locality.ts';
import { interPodAffinity } from './kubernetes/plugins/inter-pod-affinity.ts';
import { nodeAffinity } from './kubernetes/plugins/node-affinity.ts';
import { nodeName } from './kubernetes/plugins/node-name.ts';
import { nodePorts } from './kubernetes/plugins/node-ports.ts';
import { nodeResourcesBalancedAllocation } from './kubernetes/plugins/node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './kubernetes/plugins/node-resources-fit.ts';
import { nodeUnschedulable } from './kubernetes/plugins/node-unschedulable.ts';
import { nodeVolumeLimits } from './kubernetes/plugins/node-volume-limits.ts';
import { podTopologySpread } from './kubernetes/plugins/pod-topology-spread.ts';
import { schedulingGates } from './kubernetes/plugins/scheduling-gates.ts';
import { taintToleration } from './kubernetes/plugins/taint-toleration.ts';
import { volumeBinding } from './kubernetes/plugins/volume-binding.ts';
import { volumeRestrictions } from './kubernetes/plugins/volume-restrictions.ts';
import { volumeZone } from './kubernetes/plugins/volume-zone.ts';
import { mostFree } from './placement/most-free.ts';
import { roundRobin as roundRobinPlacement } from './placement/round-robin.ts';
import { spillOver } from './placement/spill-over.ts';
import { staticWeight } from './placement/static-weight.ts';
import { fifo } from './queueing/fifo.ts';
import { priority } from './queueing/priority.ts';
import { hpa } from './scaling/hpa.ts';
import { bestFit } from './scheduling/best-fit.ts';
import { dotProduct } from './scheduling/dot-product.ts';
import { easyBackfill } from './scheduling/easy-backfill.ts';
import { fgdBestFit } from './scheduling/fgd/best-fit.ts';
import { fgdDotProduct } from './scheduling/fgd/dot-product.ts';
import { fgd } from './scheduling/fgd/fgd.ts';
import { fgdGpuClustering } from './scheduling/fgd/gpu-clustering.ts';
import { fgdGpuPacking } from './scheduling/fgd/gpu-packing.ts';
import { fgdRandom } from './scheduling/fgd/random.ts';
import { firstFit } from './scheduling/first-fit.ts';
import { leastAllocated } from './scheduling/least-allocated.ts';
import { mostAllocated } from './scheduling/most-allocated.ts';
import { powerOfD } from './scheduling/power-of-d.ts';
import { profile } from './scheduling/profile.ts';
import { random } from './scheduling/random.ts';
import { roundRobin } from './scheduling/round-robin.ts';
import { worstFit } from './scheduling/worst-fit.ts';

/** Every policy that ships with the simulator. */
export const BUILT_INS: readonly AnyPolicy[] = [
  exponential,
  weibull,
  kubernetesDefault,
  imageLocality,
  interPodAffinity,
  nodeAffinity,
  nodeName,
  nodePorts,
  nodeResourcesBalancedAllocation,
  nodeResourcesFit,
  nodeUnschedulable,
  nodeVolumeLimits,
  podTopologySpread,
  schedulingGates,
  taintToleration,
  volumeBinding,
  volumeRestrictions,
  volumeZone,
  mostFree,
  roundRobinPlacement,
  spillOver,
  staticWeight,
  fifo,
  priority,
  hpa,
  bestFit,
  dotProduct,
  easyBackfill,
  fgdBestFit,
  fgdDotProduct,
  fgd,
  fgdGpuClustering,
  fgdGpuPacking,
  fgdRandom,
  firstFit,
  leastAllocated,
  mostAllocated,
  powerOfD,
  profile,
  random,
  roundRobin,
  worstFit,
];

/** Makes a registry that holds every built-in, registered through the same door as a user's policies. */
export function builtinRegistry(): Registry {
  const registry = new Registry();
  for (const policy of BUILT_INS) registry.register(policy);
  return registry;
}
