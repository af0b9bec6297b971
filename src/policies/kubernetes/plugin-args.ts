import type { AnyPolicy, ParamsCheck } from '../../contracts/policy.ts';
import { interPodAffinity } from './plugins/inter-pod-affinity.ts';
import { nodeAffinity } from './plugins/node-affinity.ts';
import { nodeResourcesBalancedAllocation } from './plugins/node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './plugins/node-resources-fit.ts';
import { podTopologySpread } from './plugins/pod-topology-spread.ts';
import { volumeBinding } from './plugins/volume-binding.ts';

const CONFIGURABLE: readonly AnyPolicy[] = [
  interPodAffinity,
  nodeAffinity,
  nodeResourcesBalancedAllocation,
  nodeResourcesFit,
  podTopologySpread,
  volumeBinding,
];

/** The check of the arguments of a registered plug-in, by its registered name; undefined if it takes none. */
export function argsCheckOf(policy: string | null): ParamsCheck<unknown> | undefined {
  return CONFIGURABLE.find(({ name }) => name === policy)?.params as
    | ParamsCheck<unknown>
    | undefined;
}
