/** Nodes of a snapshot become pools: nodes that are alike in size, place, taints and kind share one. */
import type { Taint } from '../../base/constraints.ts';
import type { ListedNode, MachineType, Pool } from '../scenario.ts';
import { isName } from '../schema-values.ts';
import type { Fields } from './fields.ts';
import type { Losses } from './losses.ts';
import { taggedImage } from './pod.ts';
import { ceilTo, NANO_PER_MILLI, NANO_PER_ONE, parseQuantity } from './quantity.ts';
import { quantities } from './read-pod.ts';
import { isScheduledResource } from './requests.ts';

/** Labels that say what kind of node it is, by which people group them; the first that a node has names its pool. */
const POOL_LABELS = [
  'karpenter.sh/nodepool',
  'cloud.google.com/gke-nodepool',
  'eks.amazonaws.com/nodegroup',
  'kubernetes.azure.com/agentpool',
  'agentpool',
  'node-pool',
  'pool',
];
const ZONES = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];
const REGIONS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region'];
const INSTANCE_TYPES = ['node.kubernetes.io/instance-type', 'beta.kubernetes.io/instance-type'];
const GPU = 'nvidia.com/gpu';
const GPU_MODEL = 'nvidia.com/gpu.product';
const GPUS_MAX = 31;
const CPU_MILLICORES_MAX = 2_147_483_647;

/** A node as it was read. */
export interface ReadNode {
  readonly name: string;
  readonly type: MachineType;
  readonly zone: string | null;
  readonly region: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly images: Readonly<Record<string, number>>;
}

/** Reads a Node. */
export function readNode(fields: Fields, losses: Losses): ReadNode {
  const metadata = fields.map('metadata');
  metadata.ignore('creationTimestamp', 'finalizers', 'ownerReferences', 'deletionTimestamp');
  const name = metadata.name();
  const labels = metadata.texts('labels');
  const spec = fields.map('spec').ignore('providerID', 'podCIDR', 'podCIDRs', 'externalID');
  const status = fields
    .map('status')
    .ignore('addresses', 'capacity', 'daemonEndpoints', 'nodeInfo', 'features', 'runtimeHandlers')
    .ignore('volumesInUse', 'volumesAttached', 'phase', 'config', 'declaredFeatures');
  const taints = spec.list('taints').flatMap((taint): Taint[] => {
    taint.ignore('timeAdded');
    const effect = taint.text('effect') ?? '';
    if (!isEffect(effect)) {
      taint.fail('effect', 'one of NoSchedule, PreferNoSchedule, NoExecute');
      return [];
    }
    return [{ key: taint.name('key'), value: taint.text('value') ?? '', effect }];
  });
  const unschedulable = spec.flag('unschedulable');
  const isReady = readConditions(status);
  addTaint(taints, 'node.kubernetes.io/unschedulable', unschedulable);
  addTaint(taints, 'node.kubernetes.io/not-ready', !isReady);
  if (!isReady) losses.note('nodes that are not ready: kept, with their taints, as if they ran on');
  const first = (keys: readonly string[]): string | null =>
    keys.map((key) => labels[key]).find((value) => value !== undefined && value !== '') ?? null;
  return {
    name,
    type: machineTypeOf(status, labels, first(INSTANCE_TYPES)),
    zone: first(ZONES),
    region: first(REGIONS),
    labels,
    taints,
    unschedulable,
    images: imagesOf(status),
  };
}

function isEffect(text: string): text is Taint['effect'] {
  return ['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(text);
}

function addTaint(taints: Taint[], key: string, isNeeded: boolean): void {
  if (!isNeeded || taints.some((taint) => taint.key === key)) return;
  taints.push({ key, value: '', effect: 'NoSchedule' });
}

/** True if the node is ready, or does not say. */
function readConditions(status: Fields): boolean {
  let isReady = true;
  for (const condition of status.list('conditions')) {
    condition.ignore('lastHeartbeatTime', 'lastTransitionTime', 'message', 'reason');
    const type = condition.text('type');
    const state = condition.text('status');
    if (type === 'Ready') isReady = state === 'True';
  }
  return isReady;
}

function imagesOf(status: Fields): Record<string, number> {
  const images: Record<string, number> = {};
  for (const image of status.list('images')) {
    const size = image.whole('sizeBytes') ?? 0;
    const names = image.any('names');
    for (const name of Array.isArray(names) ? names : []) {
      if (typeof name === 'string') images[taggedImage(name)] = size;
    }
  }
  return images;
}

function machineTypeOf(
  status: Fields,
  labels: Readonly<Record<string, string>>,
  instanceType: string | null,
): MachineType {
  const written = quantities(status, 'allocatable');
  if (!status.has('allocatable')) {
    status.fail('allocatable', 'what pods may use: cpu, memory and pods');
  }
  const amount = (name: string, unit: bigint): number => {
    const parsed = parseQuantity(written?.[name] ?? 0);
    // What is left of an allocatable amount below one unit serves nobody.
    return 'nano' in parsed ? Number(parsed.nano / unit) : 0;
  };
  const extended: Record<string, number> = {};
  for (const name of Object.keys(written ?? {}).sort()) {
    if (['cpu', 'memory', 'pods'].includes(name) || !isScheduledResource(name)) continue;
    const count = amount(name, NANO_PER_ONE);
    if (count > 0) extended[name] = count;
  }
  const devices = extended[GPU] ?? 0;
  const isDevices = devices > 0 && devices <= GPUS_MAX;
  if (isDevices) delete extended[GPU];
  const cpuMillicores = amount('cpu', NANO_PER_MILLI);
  if (cpuMillicores > CPU_MILLICORES_MAX) status.fail('allocatable', 'at most 2147483 cores');
  return {
    name: instanceType ?? 'node',
    cpuMillicores,
    memoryBytes: amount('memory', NANO_PER_ONE),
    pods: amount('pods', NANO_PER_ONE),
    gpus: isDevices ? { model: labels[GPU_MODEL] ?? 'gpu', count: devices } : null,
    extended,
    labels: {},
    prices: { owned: 0 },
  };
}

/** Where nodes without a label of their place are. */
export interface NodePlace {
  readonly zone: string;
  /** Machine types that the scenario has already: their names are taken, and their prices are those of nodes of that type. */
  readonly known: ReadonlyMap<string, MachineType | null>;
  readonly price: (type: MachineType) => string;
  /** Images that some pod names: of the others nobody asks. */
  readonly images: ReadonlySet<string>;
  /** By node: volumes of each CSI driver at most. */
  readonly volumeLimits: ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** Pools with the machine types that they use. */
export interface NodePools {
  readonly pools: readonly Pool[];
  readonly machineTypes: readonly MachineType[];
}

/**
 * Groups nodes into pools. Nodes of one pool have equal sizes, zones, taints and limits; labels and images that only some of
 * them have stay with the node.
 *
 * *Order*: pools and nodes as they were first seen.
 */
export function poolsOf(nodes: readonly ReadNode[], place: NodePlace): NodePools {
  const types = new TypeNames(place.known);
  const groups = new Map<
    string,
    { type: MachineType; nodes: { node: ReadNode; order: number }[] }
  >();
  for (const [order, node] of nodes.entries()) {
    const type = types.intern(node.type);
    const limits = place.volumeLimits.get(node.name) ?? {};
    const key = JSON.stringify([
      baseNameOf(node),
      type.name,
      node.zone,
      node.region,
      node.taints,
      node.unschedulable,
      Object.entries(limits).sort(),
    ]);
    const group = groups.get(key);
    if (group) group.nodes.push({ node, order });
    else groups.set(key, { type, nodes: [{ node, order }] });
  }
  const names = new Set<string>();
  const pools = [...groups.values()].map((group) => poolOf(group, place, names));
  return { pools, machineTypes: types.all() };
}

function baseNameOf({ labels, type }: ReadNode): string {
  const key = POOL_LABELS.find((label) => labels[label]);
  const name = key === undefined ? type.name : labels[key]!;
  return isName(name) ? name : 'nodes';
}

function poolOf(
  group: { readonly type: MachineType; readonly nodes: { node: ReadNode; order: number }[] },
  place: NodePlace,
  names: Set<string>,
): Pool {
  const { type, nodes } = group;
  const first = nodes[0]!.node;
  const zone = first.zone !== null && isName(first.zone) ? first.zone : place.zone;
  const name = freeName(baseNameOf(first), zone, names);
  const labels = sharedBy(nodes.map(({ node }) => node.labels));
  const limits = place.volumeLimits.get(first.name);
  return {
    name,
    machineType: type.name,
    count: nodes.length,
    max: nodes.length,
    price: place.price(type),
    zone,
    labels,
    taints: first.taints,
    rackSize: 40,
    idleAfterUs: 600_000_000,
    domains: [],
    nodes: nodes.map(({ node, order }): ListedNode => {
      const own = without(node.labels, labels);
      const images = Object.entries(node.images).filter(([image]) => place.images.has(image));
      return {
        name: node.name,
        machineType: type.name,
        order,
        ...(Object.keys(own).length === 0 ? {} : { labels: own }),
        ...(images.length === 0 ? {} : { images: Object.fromEntries(images) }),
      };
    }),
    isComplete: true,
    ...(first.unschedulable ? { unschedulable: true } : {}),
    ...(limits === undefined ? {} : { volumeLimits: limits }),
  };
}

/** A name that no other pool has: with its zone, then with a number. */
function freeName(base: string, zone: string, names: Set<string>): string {
  const candidates = [base, `${base}-${zone}`];
  let name = candidates.find((candidate) => !names.has(candidate) && isName(candidate));
  for (let i = 2; name === undefined; i++) {
    const numbered = `${base.slice(0, 50)}-${i}`;
    if (!names.has(numbered)) name = numbered;
  }
  names.add(name);
  return name;
}

function sharedBy(all: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const [first = {}, ...others] = all;
  return Object.fromEntries(
    Object.keys(first)
      .sort()
      .filter((key) => others.every((labels) => labels[key] === first[key]))
      .map((key) => [key, first[key]!]),
  );
}

function without(
  labels: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.keys(labels).filter((key) => !Object.hasOwn(known, key));
  return Object.fromEntries(own.sort().map((key) => [key, labels[key]!]));
}

/** Names machine types: nodes of one instance type may differ in what is left for pods. */
class TypeNames {
  private readonly byKey = new Map<string, MachineType>();
  private readonly known: NodePlace['known'];

  constructor(known: NodePlace['known']) {
    this.known = known;
  }

  intern(type: MachineType): MachineType {
    const base = isName(type.name) ? type.name : 'node';
    const key = JSON.stringify([{ ...type, name: base }]);
    let found = this.byKey.get(key);
    if (found === undefined) {
      const prices = this.known.get(base)?.prices ?? type.prices;
      let name = base;
      for (let i = 2; this.isTaken(name); i++) name = `${base.slice(0, 56)}-${i}`;
      found = { ...type, name, prices };
      this.byKey.set(key, found);
    }
    return found;
  }

  private isTaken(name: string): boolean {
    return this.known.has(name) || [...this.byKey.values()].some((type) => type.name === name);
  }

  all(): MachineType[] {
    return [...this.byKey.values()];
  }
}

/** Rounds an exact amount up to whole bytes. */
export function bytesOf(written: unknown): number {
  const parsed = parseQuantity(written ?? 0);
  return 'nano' in parsed ? ceilTo(parsed.nano, NANO_PER_ONE) : 0;
}
