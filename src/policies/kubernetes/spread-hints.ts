/** Which events wake pods that PodTopologySpread rejected. */
import type { NodeIndex } from '../../base/ids.ts';
import type { KubePod, SpreadConstraint } from '../../base/kube.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type FrameworkNodes,
  type FrameworkPod,
  type QueueingHint,
  UPDATE_NODE_LABEL,
  UPDATE_NODE_TAINT,
  UPDATE_POD_LABEL,
  UPDATE_POD_TOLERATION,
} from '../../contracts/framework.ts';
import { HOSTNAME, labelValue, matchesSelector } from './selectors.ts';

/** @param hardOf the hard constraints that hold for a pod */
export function spreadHints(
  hardOf: (kube: KubePod) => readonly SpreadConstraint[],
): readonly QueueingHint[] {
  return [
    {
      resource: 'Pod',
      actions: ADD | DELETE | UPDATE_POD_LABEL | UPDATE_POD_TOLERATION,
      queue: (pod, event) => mayPodHelp(pod, event, hardOf(pod.kube)),
    },
    {
      resource: 'Node',
      actions: ADD | DELETE | UPDATE_NODE_LABEL | UPDATE_NODE_TAINT,
      queue: (pod, event, nodes) => mayNodeHelp(event, nodes, hardOf(pod.kube)),
    },
  ];
}

/** Only the pod itself and assigned pods of its namespace count. */
function mayPodHelp(
  waiting: FrameworkPod,
  { action, node, pod, podBefore }: ClusterEvent,
  hard: readonly SpreadConstraint[],
): boolean {
  if (pod === undefined) return false;
  const isItself = pod.id === waiting.id;
  const isNeighbour = node >= 0 && pod.kube.namespace === waiting.kube.namespace;
  if (!isItself && !isNeighbour) return false;
  if ((action & UPDATE_POD_TOLERATION) !== 0) {
    return isItself && hard.some(({ nodeTaintsPolicy }) => nodeTaintsPolicy === 'Honor');
  }
  const matches = ({ selector }: SpreadConstraint, { kube }: { readonly kube: KubePod }): boolean =>
    matchesSelector(selector, kube.labels);
  if ((action & UPDATE_POD_LABEL) !== 0) {
    return podBefore !== undefined && hard.some((c) => matches(c, pod) !== matches(c, podBefore));
  }
  return hard.some((c) => matches(c, pod));
}

/** A node that comes or goes with all keys, or whose having them all, their values or its taints changed. */
function mayNodeHelp(
  { classBefore, node }: ClusterEvent,
  nodes: FrameworkNodes,
  hard: readonly SpreadConstraint[],
): boolean {
  const n = node as NodeIndex;
  const now = (key: string): string | undefined => nodes.label(n, key);
  const hasAll = (label: (key: string) => string | undefined): boolean =>
    hard.every(({ topologyKey }) => label(topologyKey) !== undefined);
  if (classBefore === undefined) return hasAll(now);
  const before = (key: string): string | undefined =>
    key === HOSTNAME ? now(key) : labelValue(classBefore.labels, key);
  if (hasAll(now) !== hasAll(before)) return true;
  if (!hasAll(now)) return false;
  if (hard.some(({ topologyKey }) => now(topologyKey) !== before(topologyKey))) return true;
  return JSON.stringify(nodes.classOf(n).taints) !== JSON.stringify(classBefore.taints);
}
