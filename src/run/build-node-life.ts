/** Who watches the nodes of a cluster: the plain watch, or Kubernetes' controllers. */
import { type Taint, tolerates } from '../base/constraints.ts';
import { asPod, type NodeIndex, type PodIndex } from '../base/ids.ts';
import type { PodShape } from '../model/shapes.ts';
import type { ClusterRun } from '../processes/cluster-run.ts';
import { NodeLifecycle } from '../processes/kubernetes/node-lifecycle.ts';
import { setTaints } from '../processes/kubernetes/node-taints.ts';
import type { NodeLife } from '../processes/node-life.ts';
import { type NodeWatch, PlainWatch } from '../processes/node-watch.ts';
import { KeyedDraws } from '../random/draw.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ClusterPlan } from './fleet-plan.ts';

/** What a watch is made from. */
export interface WatchParts {
  readonly scenario: Scenario;
  readonly plan: ClusterPlan;
  readonly seed: number;
  readonly replication: number;
  readonly run: ClusterRun;
  readonly life: NodeLife;
}

const SECOND_US = 1_000_000;

/** The taint of a node that does not answer. */
const UNREACHABLE: Taint = {
  key: 'node.kubernetes.io/unreachable',
  value: '',
  effect: 'NoExecute',
};

/** Makes the watch that the scenario asks for. */
export function makeWatch(parts: WatchParts): NodeWatch {
  const { life, plan, run, scenario } = parts;
  const { nodeLifecycle } = scenario;
  const scheduling = plan.cluster.scheduling ?? scenario.policies.scheduling;
  const isKubernetes = scheduling.use.startsWith('kubernetes/');
  const controller = nodeLifecycle.controller ?? (isKubernetes ? 'kubernetes' : 'plain');
  if (controller === 'plain') {
    return new PlainWatch(run, {
      evictAfterUs: nodeLifecycle.detectAfterUs + nodeLifecycle.evictAfterUs,
      evictAll: (n) => life.evictAll(n),
    });
  }
  const zones = plan.pools.map((pool) => `${plan.cluster.region}/${pool.zone}`);
  return new NodeLifecycle(run, {
    times: {
      monitorPeriodUs: nodeLifecycle.monitorEveryUs,
      gracePeriodUs: nodeLifecycle.detectAfterUs,
      leasePeriodUs: 10 * SECOND_US,
      leaseJitter: 0.04,
      statusPeriodUs: 10 * SECOND_US,
    },
    zones: {
      ratePerSecond: nodeLifecycle.evictionsPerSecond,
      slowRatePerSecond: nodeLifecycle.slowEvictionsPerSecond,
      unhealthyRatio: nodeLifecycle.unhealthyRatio,
      largeZone: nodeLifecycle.largeZone,
    },
    api: nodeLifecycle.api,
    zoneOf: (n) => zones[run.cluster.nodes.pool[n]!]!,
    draws: new KeyedDraws(parts.seed, parts.replication, `node-lifecycle/${plan.cluster.name}`),
    effects: {
      tainted: (n, taints) => {
        if (run.kube === null) return;
        const { noExecute, noSchedule } = taints;
        const effects: Taint['effect'][] = noSchedule ? ['NoSchedule'] : [];
        if (noExecute) effects.push('NoExecute');
        setTaints(run, n, UNREACHABLE.key, effects);
      },
      readyChanged: (n, isReady) => run.kube?.controllers?.nodeReadyChanged(n, isReady),
      toleratesUs: (p) => toleratedUs(run.shapeOf(asPod(p)), nodeLifecycle.evictAfterUs),
      evict: (p: number, n: NodeIndex) => {
        if (run.kube?.controllers?.giveUp(p as PodIndex) === true) return;
        life.evictOne(p as PodIndex, n);
      },
    },
  });
}

/**
 * How long a pod bears the taint of an unreachable node: the shortest of the tolerations that match it, else what
 * admission gives every pod.
 */
function toleratedUs(shape: PodShape, otherwiseUs: number): number {
  let shortestUs = Number.POSITIVE_INFINITY;
  let isNamed = false;
  for (const toleration of shape.tolerations) {
    if (!tolerates(toleration, UNREACHABLE)) continue;
    isNamed = true;
    shortestUs = Math.min(shortestUs, toleration.tolerationUs ?? Number.POSITIVE_INFINITY);
  }
  return isNamed ? shortestUs : otherwiseUs;
}
