/** From the scenario's fleet to lists of nodes, pools and failure domains: plain data, before any column exists. */
import type { NodeIndex } from '../base/ids.ts';
import { asNode } from '../base/ids.ts';
import type { ClusterFacts } from '../contracts/placement.ts';
import { HOSTNAME, type KubeNode } from '../model/kube-classes.ts';
import type { NodeSpec } from '../model/nodes.ts';
import type { ResourceTable } from '../model/resources.ts';
import type { PoolView } from '../model/view.ts';
import { keyOf } from '../random/draw.ts';
import { labelsOfPool } from '../scenario/kubernetes/node-labels.ts';
import type { Cluster, DomainTarget, MachineType, Pool, Scenario } from '../scenario/scenario.ts';
import { allocatableOf, usedTypes } from './quantities.ts';

/** The nodes of one pool in the cluster's numbering, `first .. last`. */
export interface PoolRange {
  readonly pool: Pool;
  readonly first: number;
  readonly last: number;
  /** First elastic node; past `last` if there is none. */
  readonly firstElastic: number;
}

/** One machine type in one pool: what the bill tells apart. */
export interface NodeKind {
  readonly pool: Pool;
  readonly type: MachineType;
}

/** Everything about one cluster's nodes that the scenario fixes. */
export interface ClusterPlan {
  readonly cluster: Cluster;
  readonly specs: readonly NodeSpec[];
  /** Name inside the cluster: `pool/ordinal`, or as listed. */
  readonly names: readonly string[];
  readonly pools: readonly PoolView[];
  readonly ranges: readonly PoolRange[];
  readonly kinds: readonly NodeKind[];
  readonly kindOf: Int32Array;
}

/** Gives what Kubernetes reads of each node; nodes that are as their pool says share one object. */
export function kubeNodesOf(plan: ClusterPlan): KubeNode[] {
  return plan.ranges.flatMap(({ pool, first, last }, p) => {
    const shared: KubeNode = {
      labels: plan.pools[p]!.labels,
      taints: pool.taints,
      unschedulable: pool.unschedulable ?? false,
      images: pool.images ?? {},
      volumeLimits: pool.volumeLimits ?? {},
    };
    return Array.from({ length: last - first + 1 }, (_, i): KubeNode => {
      const listed = pool.nodes?.[i];
      if (!listed || (!pool.isComplete && !listed.labels && !listed.images)) return shared;
      const { [HOSTNAME]: hostname, ...labels } = { ...shared.labels, ...listed.labels };
      const isOwn = hostname !== undefined && hostname !== listed.name;
      return {
        ...shared,
        labels: isOwn ? { ...labels, [HOSTNAME]: hostname } : labels,
        images: { ...shared.images, ...listed.images },
        lacksHostname: (pool.isComplete ?? false) && hostname === undefined,
      };
    });
  });
}

/** Nodes in the order in which they were added to the cluster, which is where Kubernetes' list of nodes starts from. */
export function nodeOrderOf(plan: ClusterPlan): NodeIndex[] {
  const orders = plan.ranges.flatMap(({ pool, first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => pool.nodes?.[i]?.order ?? first + i),
  );
  return orders
    .map((order, n) => ({ order, n }))
    .sort((a, b) => a.order - b.order || a.n - b.n)
    .map(({ n }) => asNode(n));
}

/** Numbers the nodes of a cluster: pools in file order, nodes by ordinal. */
export function planCluster(
  cluster: Cluster,
  scenario: Scenario,
  resources: ResourceTable,
): ClusterPlan {
  const types = new Map(scenario.machineTypes.map((type) => [type.name, type]));
  const models = gpuModelsOf(scenario);
  const specs: NodeSpec[] = [];
  const names: string[] = [];
  const ranges: PoolRange[] = [];
  const kinds: NodeKind[] = [];
  /** Allocatable by kind: nodes of a kind share one list. */
  const quantities: number[][] = [];
  const kindNumbers: number[] = [];
  let racks = 0;
  cluster.pools.forEach((pool, p) => {
    const first = specs.length;
    const count = pool.nodes?.length ?? pool.max;
    const fixed = pool.nodes?.length ?? pool.count;
    for (let i = 0; i < count; i++) {
      const listed = pool.nodes?.[i];
      const type = types.get(listed?.machineType ?? pool.machineType)!;
      const name = listed?.name ?? `${pool.name}/${i}`;
      let kind = kinds.findIndex((k) => k.pool === pool && k.type === type);
      if (kind < 0) {
        kind = kinds.push({ pool, type }) - 1;
        quantities.push(allocatableOf(type, resources));
      }
      kindNumbers.push(kind);
      names.push(name);
      specs.push({
        allocatable: quantities[kind]!,
        pool: p,
        machineType: kind,
        rack: racks + Math.floor(i / pool.rackSize),
        key: keyOf(`${cluster.name}/${name}`),
        gpuCount: type.gpus?.count ?? 0,
        gpuModel: type.gpus === null ? -1 : models.indexOf(type.gpus.model),
        isElastic: i >= fixed,
      });
    }
    racks += Math.ceil(count / pool.rackSize);
    ranges.push({ pool, first, last: specs.length - 1, firstElastic: first + fixed });
  });
  return {
    cluster,
    specs,
    names,
    pools: cluster.pools.map((pool) => ({
      name: pool.name,
      machineType: pool.machineType,
      zone: pool.zone,
      labels: { ...types.get(pool.machineType)?.labels, ...labelsOfPool(cluster, pool) },
      taints: pool.taints,
    })),
    ranges,
    kinds,
    kindOf: Int32Array.from(kindNumbers),
  };
}

/**
 * Forgets single nodes, where they are another thread's: what is left tells their number, pools and kinds, and the nodes of
 * outages.
 */
export function withoutNodes(plan: ClusterPlan, { failures }: Scenario): ClusterPlan {
  const isNamed = failures.some((f) => f.kind === 'outage' && f.target.kind === 'node');
  // Without elements an array of any length takes no room.
  const specs = new Array<NodeSpec>(plan.specs.length);
  return { ...plan, specs, names: isNamed ? plan.names : [], kindOf: new Int32Array(0) };
}

/** GPU models of the fleet by name, sorted. */
export function gpuModelsOf(scenario: Scenario): string[] {
  return [...new Set(usedTypes(scenario).flatMap((t) => (t.gpus ? [t.gpus.model] : [])))].sort();
}

/** What the placer knows of a cluster. */
export function factsOf(cluster: Cluster, index: number, scenario: Scenario): ClusterFacts {
  const provider = scenario.providers.find((p) => p.name === cluster.provider)!;
  return {
    index: index as ClusterFacts['index'],
    name: cluster.name,
    region: cluster.region,
    zone: cluster.zone,
    provider: cluster.provider,
    isPublic: provider.kind === 'public' || provider.kind === 'managed',
    weight: cluster.weight,
    labels: cluster.labels,
  };
}

/** Nodes of a cluster that a failure domain takes down, and whether the cluster's control plane goes with them. */
export function nodesOfTarget(
  plan: ClusterPlan,
  target: DomainTarget,
): { readonly nodes: readonly NodeIndex[]; readonly coversCluster: boolean } {
  const { cluster } = plan;
  const isWhole =
    (target.kind === 'cluster' && cluster.name === target.name) ||
    (target.kind === 'site' && cluster.site === target.name) ||
    (target.kind === 'region' && cluster.region === target.name) ||
    (target.kind === 'provider' && cluster.provider === target.name);
  const nodes: NodeIndex[] = [];
  for (const range of plan.ranges) {
    for (let i = range.first; i <= range.last; i++) {
      if (isWhole || isInTarget(plan, range, i, target)) nodes.push(asNode(i));
    }
  }
  return { nodes, coversCluster: nodes.length > 0 && nodes.length === plan.specs.length };
}

function isInTarget(
  plan: ClusterPlan,
  range: PoolRange,
  node: number,
  target: DomainTarget,
): boolean {
  const pool = `${plan.cluster.name}/${range.pool.name}`;
  switch (target.kind) {
    case 'zone':
      return range.pool.zone === target.name;
    case 'pool':
      return pool === target.name;
    case 'domain':
      return range.pool.domains.includes(target.name);
    case 'rack':
      return `${pool}/${Math.floor((node - range.first) / range.pool.rackSize)}` === target.name;
    case 'node':
      return (
        `${plan.cluster.name}/${plan.names[node]}` === target.name ||
        plan.names[node] === target.name
      );
    default:
      return false;
  }
}
