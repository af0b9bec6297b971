/** What the worked examples of the specification have in common. */
import type { PodAffinityTerm, SpreadConstraint } from '../../../../src/base/kube.ts';
import { DEFAULT_PLUGINS } from '../../../../src/policies/kubernetes/plugin-list.ts';
import type { KubeNodeBuild, KubePodBuild } from '../../../../src/testing/kube.ts';
import { type KubeWorld, makePlugin } from '../../../builders/kube-world.ts';

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;
export const ZONE = 'topology.kubernetes.io/zone';
export const HOSTNAME = 'kubernetes.io/hostname';
export const A4 = { cpu: 4000, memory: 16 * GIB };
export const A8 = { cpu: 8000, memory: 32 * GIB };

/** A node of a name. */
export const node = (name: string, more: KubeNodeBuild = {}): KubeNodeBuild => ({
  name,
  allocatable: A4,
  ...more,
});

/** A pod of one container that names what it requests. */
export function pod(cpu: number, memoryMib: number, more: KubePodBuild = {}): KubePodBuild {
  const nonZero = { cpuMillicores: cpu, memoryBytes: memoryMib * MIB };
  return {
    requests: { cpu, memory: memoryMib * MIB },
    nonZeroPlaced: nonZero,
    nonZeroScored: nonZero,
    ...more,
  };
}

export const is = (key: string, value: string) => ({
  key,
  operator: 'In' as const,
  values: [value],
});

/** Statuses by node of the default filters, the first that is not 0. */
export function filter(world: KubeWorld, asked: KubePodBuild): readonly number[] {
  const statuses = world.listed.map(() => 0);
  for (const { points, policy } of DEFAULT_PLUGINS) {
    if (policy === null || !points.includes('filter')) continue;
    const plugin = makePlugin(policy.replace('kubernetes/', ''), world.nodes);
    world.filter(plugin, asked).statuses.forEach((status, i) => {
      if (statuses[i] === 0) statuses[i] = status;
    });
  }
  return statuses;
}

/** Weighted totals of the default scores over feasible nodes, by name. */
export function totals(world: KubeWorld, asked: KubePodBuild): Record<string, number> {
  const statuses = filter(world, asked);
  const feasible = world.listed.filter((_, i) => statuses[i] === 0).map(({ index }) => index);
  const sums = feasible.map(() => 0);
  for (const { points, policy, weight } of DEFAULT_PLUGINS) {
    if (policy === null || !points.includes('score')) continue;
    const plugin = makePlugin(policy.replace('kubernetes/', ''), world.nodes);
    if (plugin.score === undefined) continue;
    world.score(plugin, asked, feasible)?.normalised.forEach((score, i) => {
      sums[i]! += weight * score;
    });
  }
  return Object.fromEntries(feasible.map((n, i) => [world.plainNodes[n]!.name, sums[i]!]));
}

/** Raw and normalised scores of one plug-in. */
export const scores = (
  world: KubeWorld,
  name: string,
  asked: KubePodBuild,
  feasible?: readonly number[],
) => world.score(makePlugin(name, world.nodes), asked, feasible);

/** A constraint on app=w. */
export const spread = (
  topologyKey: string,
  maxSkew: number,
  more: Partial<SpreadConstraint> = {},
): SpreadConstraint => ({
  maxSkew,
  topologyKey,
  isHard: false,
  selector: [is('app', 'w')],
  minDomains: null,
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
  ...more,
});

export const W = { labels: { app: 'w' } };

export const term = (key: string, app: string): PodAffinityTerm => ({
  topologyKey: key,
  selector: [is('app', app)],
  namespaces: [],
  namespaceSelector: null,
});
