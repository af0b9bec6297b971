/** The fleet as written becomes clusters as data: catalogues read, sets expanded, defaults filled in. */
import type { Taint } from '../base/constraints.ts';
import {
  parseCpu,
  parseDuration,
  parseMemory,
  parsePrice,
  parseRate,
  parseRatio,
} from '../base/units.ts';
import type { Context } from './context.ts';
import { dataHint } from './context.ts';
import { fillName } from './expand.ts';
import { snapshotPools } from './kubernetes/inputs.ts';
import { taggedImage } from './kubernetes/pod.ts';
import type { Path } from './located.ts';
import { readNodeList } from './node-list.ts';
import type { Problems } from './problems.ts';
import { read, resolveLaw } from './resolve-laws.ts';
import { resolveControlPlane, resolvePolicy } from './resolve-policies.ts';
import type { Cluster, MachineType, PolicyUse, Pool, Provider } from './scenario.ts';
import type { RawCluster, RawMachineType, RawPool, RawProvider } from './schema.ts';

const PODS_DEFAULT = 110;
const RACK_SIZE_DEFAULT = 40;
const IDLE_AFTER_US_DEFAULT = 600_000_000;

/** Resolves a machine type. One without prices is owned and free. */
export function resolveMachineType(raw: RawMachineType): MachineType {
  const prices = Object.entries(raw.prices ?? {}).map(
    ([model, price]) => [model, read(parsePrice, price)] as const,
  );
  return {
    name: raw.name,
    cpuMillicores: read(parseCpu, raw.cpu),
    memoryBytes: read(parseMemory, raw.memory),
    pods: raw.pods ?? PODS_DEFAULT,
    gpus: raw.gpus ?? null,
    extended: {
      ...raw.extended,
      ...(raw.ephemeralStorage === undefined
        ? {}
        : { 'ephemeral-storage': read(parseMemory, raw.ephemeralStorage) }),
    },
    labels: raw.labels ?? {},
    prices: prices.length === 0 ? { owned: 0 } : Object.fromEntries(prices),
  };
}

/** Resolves a provider. */
export function resolveProvider(raw: RawProvider, problems: Problems, path: Path): Provider {
  const at = { problems, path: [...path, 'boot'], parse: parseDuration };
  return {
    name: raw.name,
    kind: raw.kind,
    bootUs: raw.boot === undefined ? { law: 'constant', value: 0 } : resolveLaw(raw.boot, at),
    quotaNodes: raw.quota ?? null,
    bootsPerSecond: raw.bootRate === undefined ? null : read(parseRate, raw.bootRate),
    bootFailureRatio: read((ratio) => parseRatio(ratio), raw.bootFailures ?? 0),
    clusterFeeDollarsPerHour: read(parsePrice, raw.clusterFee ?? 0),
  };
}

/** Resolves all clusters whose shape is right, sorted by name. */
export function resolveClusters(raws: readonly RawCluster[], context: Context): Cluster[] {
  const clusters: Cluster[] = [];
  const seen = new Set<string>();
  for (const [i, raw] of raws.entries()) {
    const path = ['fleet', 'clusters', i];
    if (context.problems.isBroken(path)) {
      context.isFleetComplete = false;
      continue;
    }
    const names = context.expand(raw.name, [...path, 'name']);
    if (names.length === 0) context.isFleetComplete = false;
    for (const name of names) {
      if (seen.has(name)) {
        context.problems.at([...path, 'name'], 'cluster names that differ', {
          hint: `"${name}" is there twice`,
        });
        continue;
      }
      seen.add(name);
      const cluster = resolveCluster(fillName({ ...raw, name }, name), context, path);
      context.origins.set(cluster, path);
      clusters.push(cluster);
    }
  }
  return clusters.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function resolveCluster(raw: RawCluster, context: Context, path: Path): Cluster {
  const domain = (field: 'region' | 'zone' | 'site' | 'provider', otherwise: string): string => {
    const written = raw[field];
    return written === undefined ? otherwise : context.named(written, [...path, field]);
  };
  const zone = domain('zone', raw.name);
  const provider = domain('provider', 'private');
  const domains = (raw.domains ?? []).map((name, i) =>
    context.named(name, [...path, 'domains', i]),
  );
  const place = { zone, domains, kind: context.stock.providers.get(provider)?.kind ?? 'private' };
  const snapshot = resolveSnapshot(raw, { zone, kind: place.kind, path }, context);
  const pools: Pool[] = [...snapshot.pools];
  const seen = new Set<string>(pools.map((pool) => pool.name));
  const nodeNames = new Set<string>(pools.flatMap(({ nodes }) => nodes!.map((n) => n.name)));
  for (const [i, rawPool] of (raw.pools ?? []).entries()) {
    const at = [...path, 'pools', i];
    const set = rawPool.name ?? rawPool.machineType ?? 'nodes';
    const nameAt = [...at, rawPool.name === undefined ? 'machineType' : 'name'];
    for (const name of context.expand(set, nameAt)) {
      if (seen.has(name)) {
        const hint = `"${name}" is there twice; give them names`;
        context.problems.at(nameAt, 'pool names that differ within a cluster', { hint });
        continue;
      }
      seen.add(name);
      const pool = resolvePool({ ...rawPool, name }, context, { ...place, path: at });
      for (const node of pool.nodes ?? []) {
        if (nodeNames.has(node.name)) {
          const hint = `"${node.name}" is in two pools`;
          context.problems.at([...at, 'nodes'], 'node names that differ in a cluster', { hint });
        }
        nodeNames.add(node.name);
      }
      context.origins.set(pool, at);
      pools.push(pool);
    }
  }
  return {
    name: raw.name,
    region: domain('region', 'local'),
    site: domain('site', zone),
    zone,
    provider,
    weight: raw.weight ?? 1,
    labels: raw.labels ?? {},
    pools,
    scheduling: raw.scheduling === undefined ? snapshot.scheduling : resolvePolicy(raw.scheduling),
    queueing: raw.queueing === undefined ? null : resolvePolicy(raw.queueing),
    controlPlane: raw.controlPlane === undefined ? null : resolveControlPlane(raw.controlPlane),
  };
}

/** The pools of a cluster's snapshot, if it has one, and the configuration of its scheduler. */
function resolveSnapshot(
  raw: RawCluster,
  place: { readonly zone: string; readonly kind: Provider['kind']; readonly path: Path },
  context: Context,
): { pools: readonly Pool[]; scheduling: PolicyUse | null } {
  const { kind, path, zone } = place;
  if (raw.snapshot === undefined) {
    if (raw.pools === undefined) {
      const hint = 'add pools, or snapshot for the files of a Kubernetes cluster';
      context.problems.at([...path, 'pools'], 'a list of pools', { hint });
    }
    return { pools: [], scheduling: null };
  }
  const at = [...path, 'snapshot'];
  const use = { cluster: raw.name, isSnapshot: true, path: at };
  const input = context.kube.read(raw.snapshot, use, context);
  const price = (type: MachineType): string => defaultPrice(kind, type);
  const { pools, params } = snapshotPools(input, { zone, price }, context);
  for (const pool of pools) context.origins.set(pool, at);
  return { pools, scheduling: params === null ? null : { use: 'kubernetes/default', params } };
}

interface PoolPlace {
  readonly zone: string;
  readonly domains: readonly string[];
  readonly kind: Provider['kind'];
  readonly path: Path;
}

function resolvePool(raw: RawPool & { name: string }, context: Context, place: PoolPlace): Pool {
  const { path } = place;
  checkPoolFields(raw, context, path);
  const nodes = raw.nodes ? resolveNodes(raw.nodes, context, [...path, 'nodes']) : null;
  const type = context.stock.machineTypes.get(raw.machineType ?? '') ?? null;
  const count = nodes ? nodes.length : (raw.count ?? 0);
  return {
    name: raw.name,
    machineType: raw.machineType ?? nodes?.[0]?.machineType ?? '',
    count,
    max: raw.max ?? count,
    price: raw.price ?? defaultPrice(place.kind, nodes ? null : type),
    zone: raw.zone === undefined ? place.zone : context.named(raw.zone, [...path, 'zone']),
    labels: { ...type?.labels, ...raw.labels },
    taints: taintsOf(raw),
    rackSize: raw.rackSize ?? RACK_SIZE_DEFAULT,
    idleAfterUs:
      raw.idleAfter === undefined ? IDLE_AFTER_US_DEFAULT : read(parseDuration, raw.idleAfter),
    domains: [
      ...place.domains,
      ...(raw.domains ?? []).map((name, i) => context.named(name, [...path, 'domains', i])),
    ],
    nodes,
    ...(raw.unschedulable === true ? { unschedulable: true } : {}),
    ...(raw.images === undefined ? {} : { images: imagesOf(raw.images) }),
    ...(raw.volumeLimits === undefined ? {} : { volumeLimits: raw.volumeLimits }),
  };
}

/** What the node controller adds to cordoned nodes. */
const CORDONED: Taint = {
  key: 'node.kubernetes.io/unschedulable',
  value: '',
  effect: 'NoSchedule',
};

function taintsOf(raw: RawPool): Taint[] {
  const taints = (raw.taints ?? []).map((taint) => ({ ...taint, value: taint.value ?? '' }));
  const isMarked = taints.some(({ key }) => key === CORDONED.key);
  return raw.unschedulable === true && !isMarked ? [...taints, CORDONED] : taints;
}

function imagesOf(raw: NonNullable<RawPool['images']>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(raw).map(([name, size]) => [taggedImage(name), read(parseMemory, size)]),
  );
}

/** Owned where the hardware is one's own, by use elsewhere; a type without prices is owned everywhere. */
function defaultPrice(kind: Provider['kind'], type: MachineType | null): string {
  if (kind === 'private' || kind === 'bare-metal' || type === null) return 'owned';
  const isFree = Object.keys(type.prices).join() === 'owned' && type.prices.owned === 0;
  return isFree ? 'owned' : 'on-demand';
}

/** Either a machine type with a number, or nodes from a file. */
function checkPoolFields(raw: RawPool, { problems }: Context, path: Path): void {
  if (raw.nodes) {
    for (const field of ['machineType', 'count', 'max', 'price'] as const) {
      if (raw[field] !== undefined) {
        problems.at([...path, field], 'no such field beside nodes, which are all in the file', {
          atKey: true,
        });
      }
    }
    return;
  }
  if (raw.machineType === undefined) {
    problems.at([...path, 'machineType'], 'the name of a machine type', {
      hint: 'add machineType, or nodes to read them from a file',
    });
  }
  if (raw.count === undefined && raw.max === undefined) {
    problems.at([...path, 'count'], 'a whole number of nodes', {
      hint: 'add count, or max for a pool that starts empty',
    });
  }
}

function resolveNodes(
  raw: NonNullable<RawPool['nodes']>,
  context: Context,
  path: Path,
): NonNullable<Pool['nodes']> {
  const at = [...path, 'path'];
  const found = context.dataPath(raw.path, at);
  const result =
    found === null
      ? null
      : context.files === null
        ? { reason: 'a scenario given as an object reads no files without readText' }
        : context.files.read(found, raw.path.startsWith('$') ? raw.path : undefined);
  if (result === null || 'reason' in result) {
    context.isFleetComplete = false;
    if (result !== null) {
      const hint = `${result.reason}; ${dataHint(raw.path)}`;
      context.problems.at(at, 'a readable node list', { hint, isData: true });
    }
    return [];
  }
  const list = readNodeList(result.text, found!);
  for (const issue of list.issues) context.problems.foreign(issue, true);
  if (list.issues.length > 0) context.isFleetComplete = false;
  for (const type of list.machineTypes) context.stock.machineTypes.set(type.name, type);
  return list.nodes;
}
