/** Which events wake pods that InterPodAffinity rejected. */
import type { NodeIndex } from '../../base/ids.ts';
import type { KubePod, PodAffinityTerm } from '../../base/kube.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type FrameworkNodes,
  type FrameworkPod,
  type QueueingHint,
  UPDATE_NODE_LABEL,
  UPDATE_POD_LABEL,
} from '../../contracts/framework.ts';
import { isTermMatched } from './affinity-counts.ts';
import { HOSTNAME, labelValue } from './selectors.ts';

/** The hints. A pod that another's anti-affinity keeps out is not woken when that one goes: so it is upstream. */
export const AFFINITY_HINTS: readonly QueueingHint[] = [
  {
    resource: 'Pod',
    actions: ADD | DELETE | UPDATE_POD_LABEL,
    queue: mayPodHelp,
  },
  {
    resource: 'Node',
    actions: ADD | UPDATE_NODE_LABEL,
    queue: (pod, event, nodes) => mayNodeHelp(pod.kube, event, nodes),
  },
];

function mayPodHelp(
  waiting: FrameworkPod,
  { action, node, pod, podBefore }: ClusterEvent,
  nodes: FrameworkNodes,
): boolean {
  if (pod === undefined || node < 0) return false;
  const matchesAll = (terms: readonly PodAffinityTerm[], other: KubePod): boolean =>
    terms.length > 0 && terms.every((term) => isTermMatched(term, waiting.kube, other, nodes));
  const affinity = waiting.kube.podAffinity?.required ?? [];
  const anti = waiting.kube.podAntiAffinity?.required ?? [];
  if ((action & UPDATE_POD_LABEL) !== 0) {
    if (podBefore === undefined) return false;
    const starts = !matchesAll(affinity, podBefore.kube) && matchesAll(affinity, pod.kube);
    return starts || (matchesAll(anti, podBefore.kube) && !matchesAll(anti, pod.kube));
  }
  return (action & ADD) !== 0 ? matchesAll(affinity, pod.kube) : matchesAll(anti, pod.kube);
}

function mayNodeHelp(
  { podAffinity, podAntiAffinity }: KubePod,
  { classBefore, node }: ClusterEvent,
  nodes: FrameworkNodes,
): boolean {
  const n = node as NodeIndex;
  const before = (key: string): string | undefined => {
    if (classBefore === undefined) return undefined;
    return key === HOSTNAME ? nodes.label(n, key) : labelValue(classBefore.labels, key);
  };
  for (const { topologyKey } of podAffinity?.required ?? []) {
    const value = nodes.label(n, topologyKey);
    if (value !== undefined && value !== before(topologyKey)) return true;
  }
  for (const { topologyKey } of podAntiAffinity?.required ?? []) {
    if (classBefore === undefined) return true;
    const value = before(topologyKey);
    if (value !== undefined && value !== nodes.label(n, topologyKey)) return true;
  }
  return false;
}
