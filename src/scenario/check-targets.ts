/** What an outage takes down must exist. */
import type { Context } from './context.ts';
import type { Path } from './located.ts';
import { shorten, suggestion } from './problems.ts';
import type { DomainTarget, Pool, Scenario } from './scenario.ts';

/**
 * Checks that a failure domain exists.
 *
 * A node is `node/CLUSTER/POOL/ORDINAL`, or `node/NAME` where a file names the nodes; a rack is
 * `rack/CLUSTER/POOL/NUMBER`; ordinals and numbers count from 0 and may lie in what a pool can grow to.
 */
export function checkTarget(
  target: DomainTarget,
  path: Path,
  scenario: Scenario,
  { problems }: Context,
): void {
  const known = knownTargets(target.kind, scenario);
  if (known.has(target.name)) return;
  const pools = poolsOf(scenario);
  const counted = /^(.*)\/(\d+)$/.exec(target.name);
  const pool = counted ? pools.get(counted[1]!) : undefined;
  if (pool && (target.kind === 'node' || target.kind === 'rack')) {
    const limit = target.kind === 'node' ? pool.max : Math.ceil(pool.max / pool.rackSize);
    if (Number(counted![2]) < limit) return;
    problems.at(path, `a ${target.kind} from 0 to ${limit - 1} of that pool`);
    return;
  }
  const isCounted = target.kind === 'node' || target.kind === 'rack';
  const names = isCounted && known.size === 0 ? [...pools.keys()].map((key) => `${key}/0`) : known;
  const near = suggestion(target.name, names);
  const list = shorten([...names].slice(0, 5).join(', '));
  problems.at(path, `a ${target.kind} that exists`, {
    hint: near ?? (list === '' ? `there is no ${target.kind}` : `there is ${list}`),
  });
}

function poolsOf(scenario: Scenario): Map<string, Pool> {
  return new Map(
    scenario.clusters.flatMap((cluster) =>
      cluster.pools.map((pool): [string, Pool] => [`${cluster.name}/${pool.name}`, pool]),
    ),
  );
}

/** All names of a kind, in order of clusters; those of racks and unnamed nodes are counted instead. */
function knownTargets(kind: DomainTarget['kind'], scenario: Scenario): Set<string> {
  const { clusters } = scenario;
  const pools = clusters.flatMap((cluster) => cluster.pools);
  switch (kind) {
    case 'cluster':
      return new Set(clusters.map((cluster) => cluster.name));
    case 'region':
    case 'site':
    case 'provider':
      return new Set(clusters.map((cluster) => cluster[kind]));
    case 'zone':
      return new Set(pools.map((pool) => pool.zone));
    case 'domain':
      return new Set(pools.flatMap((pool) => pool.domains));
    case 'pool':
      return new Set(poolsOf(scenario).keys());
    case 'node':
      return new Set(
        clusters.flatMap((cluster) =>
          cluster.pools.flatMap((pool) =>
            (pool.nodes ?? []).flatMap(({ name }) => [
              name,
              `${cluster.name}/${name}`,
              `${cluster.name}/${pool.name}/${name}`,
            ]),
          ),
        ),
      );
    case 'rack':
      return new Set();
  }
}
