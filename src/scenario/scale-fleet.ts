/** The fleet of a part of a world: every cluster stays, with fewer nodes. */
import { leastScale, type Refuse } from '../base/scale.ts';
import type { Cluster, ControlPlane, Pool, Provider, Scenario } from './scenario.ts';

/** Nodes that should have been given so far, and were: what rounding owes goes to the next pool of the kind. */
interface Account {
  wanted: number;
  given: number;
}

/**
 * Scales clusters and providers.
 *
 * Pools of equal nodes (machine type and price) are rounded together, over all clusters in the order of their names: the fleet
 * has the right number of each kind within one half, and a kind that makes less than a node in each cluster is in some of them.
 */
export function scaleFleet(
  scenario: Scenario,
  factor: number,
  refuse: Refuse,
): Pick<Scenario, 'clusters' | 'providers'> {
  const accounts = new Map<string, Account>();
  const clusters = scenario.clusters.map((cluster) =>
    scaleCluster(cluster, factor, accounts, refuse),
  );
  return {
    clusters,
    providers: scenario.providers.map((one) => scaleProvider(one, factor, refuse)),
  };
}

function scaleCluster(
  cluster: Cluster,
  factor: number,
  accounts: Map<string, Account>,
  refuse: Refuse,
): Cluster {
  const path = `fleet.clusters.${cluster.name}`;
  const pools = cluster.pools.map((pool) => {
    if (pool.nodes !== null) refuse(`${path}.pools`, 'no list of nodes: each of them is itself');
    return scalePool(pool, factor, accounts);
  });
  const before = cluster.pools.reduce((sum, pool) => sum + pool.max, 0);
  const after = pools.reduce((sum, pool) => sum + pool.max, 0);
  if (after === 0 && before > 0) {
    refuse(path, `${leastScale(before)}, or the cluster has no node`);
  }
  const { controlPlane } = cluster;
  return {
    ...cluster,
    pools,
    controlPlane:
      controlPlane === null
        ? null
        : scaleControlPlane(controlPlane, factor, `${path}.controlPlane`, refuse),
  };
}

function scalePool(pool: Pool, factor: number, accounts: Map<string, Account>): Pool {
  const take = (of: string, nodes: number): number => {
    const key = JSON.stringify([of, pool.machineType, pool.price]);
    const account = accounts.get(key) ?? { wanted: 0, given: 0 };
    accounts.set(key, account);
    account.wanted += nodes * factor;
    const whole = Math.max(0, Math.round(account.wanted - account.given));
    account.given += whole;
    return whole;
  };
  const count = take('there', pool.count);
  return { ...pool, count, max: count + take('elastic', pool.max - pool.count) };
}

function scaleProvider(provider: Provider, factor: number, refuse: Refuse): Provider {
  const { bootsPerSecond, name, quotaNodes } = provider;
  const quota = quotaNodes === null ? null : Math.round(quotaNodes * factor);
  if (quotaNodes !== null && quotaNodes > 0 && quota === 0) {
    refuse(`fleet.providers.${name}.quota`, `${leastScale(quotaNodes)}, or it gives no node`);
  }
  return {
    ...provider,
    quotaNodes: quota,
    bootsPerSecond: bootsPerSecond === null ? null : bootsPerSecond * factor,
  };
}

/**
 * Scales what a scheduler can do: a backlog that is as much smaller takes as long as the whole one.
 *
 * @param path where it is, for refusals
 */
export function scaleControlPlane(
  plane: ControlPlane,
  factor: number,
  path: string,
  refuse: Refuse,
): ControlPlane {
  if (plane.perNodeUs > 0) {
    refuse(`${path}.perNode`, 'no time per node: how many nodes an attempt examines has no scale');
  }
  return {
    attemptUs: Math.round(plane.attemptUs / factor),
    perNodeUs: plane.perNodeUs,
    bindsPerSecond: plane.bindsPerSecond === null ? null : plane.bindsPerSecond * factor,
    bindBurst: Math.max(1, Math.round(plane.bindBurst * factor)),
  };
}
