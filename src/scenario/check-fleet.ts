/** Rules of the fleet: what clusters and pools refer to exists, and counts agree with each other. */
import type { Context } from './context.ts';
import type { Path } from './located.ts';
import { suggestion } from './problems.ts';
import type { Cluster, Pool, Scenario } from './scenario.ts';

/** Nodes of a whole fleet at most. */
const FLEET_NODES_MAX = 50_000_000;

/** Checks clusters, pools, prices and quotas. */
export function checkFleet(scenario: Scenario, context: Context): void {
  const { problems, stock } = context;
  for (const cluster of scenario.clusters) {
    const path = context.originOf(cluster);
    if (context.isStockComplete && !stock.providers.has(cluster.provider)) {
      const names = [...stock.providers.keys()];
      problems.at([...path, 'provider'], 'a provider of the catalogue or of fleet.providers', {
        hint: suggestion(cluster.provider, names) ?? `there is ${names.join(', ')}`,
      });
    }
    for (const pool of cluster.pools) checkPool(pool, context);
  }
  const nodes = sum(scenario.clusters.flatMap((c) => c.pools).map((pool) => pool.max));
  if (nodes > FLEET_NODES_MAX && !problems.hasIssueIn(['fleet'])) {
    problems.at(['fleet'], `at most ${FLEET_NODES_MAX} nodes in all`, { value: `${nodes} nodes` });
  }
  checkQuotas(scenario.clusters, context);
}

function checkPool(pool: Pool, context: Context): void {
  const { problems } = context;
  const path = context.originOf(pool);
  if (pool.max < pool.count) problems.at([...path, 'max'], 'a number of at least count');
  if (pool.nodes === null && pool.machineType !== '') checkMachineType(pool, path, context);
}

function checkMachineType(pool: Pool, path: Path, context: Context): void {
  const { problems, stock } = context;
  const type = stock.machineTypes.get(pool.machineType);
  if (type === undefined) {
    if (!context.isStockComplete) return;
    const names = [...stock.machineTypes.keys()];
    const hint =
      suggestion(pool.machineType, names) ??
      (names.length === 0 ? 'there is none: add fleet.catalog or fleet.machineTypes' : undefined);
    const expected = 'a machine type of the catalogue or of fleet.machineTypes';
    problems.at([...path, 'machineType'], expected, { hint });
    return;
  }
  if (type === null || Object.hasOwn(type.prices, pool.price)) return;
  const models = Object.keys(type.prices).join(', ');
  problems.at([...path, 'price'], `a price model of ${type.name}: ${models}`, {
    value: `"${pool.price}"`,
    hint: 'set price, or add that price to the machine type',
  });
}

function checkQuotas(clusters: readonly Cluster[], context: Context): void {
  const { problems, stock } = context;
  const totals = new Map<string, number>();
  for (const cluster of clusters) {
    const quota = stock.providers.get(cluster.provider)?.quotaNodes ?? null;
    const before = totals.get(cluster.provider) ?? 0;
    const total = before + sum(cluster.pools.map((pool) => pool.count));
    totals.set(cluster.provider, total);
    if (quota !== null && before <= quota && total > quota) {
      const expected = `at most ${quota} nodes of ${cluster.provider}, its quota`;
      problems.at([...context.originOf(cluster), 'pools'], expected, { value: `${total} nodes` });
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
