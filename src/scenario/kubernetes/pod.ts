/** The part of a pod that only Kubernetes reads: containers and their requests, constraints on other pods, and the rest. */
import type { HostPort, KubePod, LabelSelector, PodVolume, Requirement } from '../../base/kube.ts';
import { parseCpu, parseDuration, parseMemory } from '../../base/units.ts';
import type { Path } from '../located.ts';
import { read } from '../resolve-laws.ts';
import type { PodSetting } from '../resolve-pod.ts';
import type { RawPod } from '../schema.ts';
import { NANO_PER_MILLI, NANO_PER_ONE, type Nano, parseQuantity } from './quantity.ts';
import type { Amounts, RequestingContainer } from './requests.ts';
import { isPodLevelResource, isScheduledResource, requestsOf } from './requests.ts';
import { type Note, resolveNodeAffinity, resolvePodAffinity, resolveSpread } from './selectors.ts';

const GRACE_US_DEFAULT = 30_000_000;
const GPU = 'nvidia.com/gpu';
const GPUS_MAX = 31;

/** Fields of a pod that make it one of Kubernetes; the others mean the same everywhere. */
const KUBE_FIELDS = [
  'namespace',
  'labels',
  'containers',
  'initContainers',
  'resources',
  'overhead',
  'hostPorts',
  'affinity',
  'topologySpreadConstraints',
  'preemptionPolicy',
  'schedulingGates',
  'terminationGracePeriod',
  'schedulerName',
  'nodeName',
  'volumes',
] as const satisfies readonly (keyof RawPod)[];

type RawContainer = NonNullable<RawPod['initContainers']>[number];

/** What Kubernetes' fields of a pod say. */
export interface ResolvedKube {
  /** Null: the pod is no more than its requests and constraints that everybody knows. */
  readonly kube: KubePod | null;
  /** Requests of its containers; null where the short fields `cpu` and `memory` hold. */
  readonly cpuMillicores: number | null;
  readonly memoryBytes: number | null;
  readonly extended: Readonly<Record<string, number>>;
  /** Whole devices that containers ask for as an extended resource, thousandths. */
  readonly gpuMilli: number;
}

/** Resolves Kubernetes' fields of a pod. */
export function resolveKube(
  raw: RawPod,
  setting: Pick<PodSetting, 'services' | 'peaceful'>,
  path: Path,
  note: Note,
): ResolvedKube {
  const isWrittenZero = isZero(raw.cpu) || isZero(raw.memory);
  if (!isWrittenZero && KUBE_FIELDS.every((field) => raw[field] === undefined)) {
    const isPeaceful = setting.peaceful?.has(raw.priorityClass ?? '') ?? false;
    if (!isPeaceful) return PLAIN;
  }
  checkShortFields(raw, path, note);
  const containers = containersOf(raw, path, note);
  const requests = requestsOf({
    containers: containers.app,
    initContainers: containers.init,
    podLevel: raw.resources ? podLevelOf(raw.resources.requests, path, note) : null,
    overhead: amountsOf(raw.overhead, [...path, 'overhead'], note),
  });
  const { [GPU]: devices = 0, ...extended } = requests.others;
  if (devices > GPUS_MAX) {
    note([...path, 'containers'], `at most ${GPUS_MAX} devices of ${GPU} in a pod`);
  }
  return {
    kube: {
      ...constraintsOf(raw, setting, path, note),
      hostPorts: containers.ports,
      images: containers.images,
      containers: containers.app.length + containers.init.length,
      nonZeroPlaced: requests.nonZeroPlaced,
      nonZeroScored: requests.nonZeroScored,
    },
    cpuMillicores: requests.cpuMillicores,
    memoryBytes: requests.memoryBytes,
    extended,
    gpuMilli: Math.min(devices, GPUS_MAX) * 1000,
  };
}

const PLAIN: ResolvedKube = {
  kube: null,
  cpuMillicores: null,
  memoryBytes: null,
  extended: {},
  gpuMilli: 0,
};

type Constraints = Omit<
  KubePod,
  'hostPorts' | 'images' | 'containers' | 'nonZeroPlaced' | 'nonZeroScored'
>;

function constraintsOf(
  raw: RawPod,
  setting: Pick<PodSetting, 'services' | 'peaceful'>,
  path: Path,
  note: Note,
): Constraints {
  const namespace = raw.namespace ?? 'default';
  const labels = sorted(raw.labels ?? {});
  const at = [...path, 'affinity'];
  const { nodeAffinity, podAffinity, podAntiAffinity } = raw.affinity ?? {};
  const isPeaceful = setting.peaceful?.has(raw.priorityClass ?? '') ?? false;
  return {
    namespace,
    labels,
    schedulerName: raw.schedulerName ?? 'default-scheduler',
    nodeName: raw.nodeName ?? null,
    nodeAffinity: resolveNodeAffinity(nodeAffinity, [...at, 'nodeAffinity'], note),
    podAffinity: resolvePodAffinity(podAffinity, labels, [...at, 'podAffinity'], note),
    podAntiAffinity: resolvePodAffinity(podAntiAffinity, labels, [...at, 'podAntiAffinity'], note),
    spread: resolveSpread(
      raw.topologySpreadConstraints,
      labels,
      [...path, 'topologySpreadConstraints'],
      note,
    ),
    defaultSpreadSelector: defaultSpreadOf(namespace, labels, setting.services),
    volumes: volumesOf(raw.volumes, [...path, 'volumes'], note),
    preemptionPolicy: raw.preemptionPolicy ?? (isPeaceful ? 'Never' : 'PreemptLowerPriority'),
    schedulingGates: raw.schedulingGates ?? [],
    terminationGraceUs:
      raw.terminationGracePeriod === undefined
        ? GRACE_US_DEFAULT
        : read(parseDuration, raw.terminationGracePeriod),
  };
}

/** The AND of the selectors of all services that select a pod; null if none does. A controller adds its own. */
export function defaultSpreadOf(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  services: readonly {
    readonly namespace: string;
    readonly selector: Readonly<Record<string, string>>;
  }[],
): LabelSelector {
  const merged: Record<string, string> = {};
  for (const { namespace: own, selector } of services) {
    const keys = Object.keys(selector);
    const isSelected = keys.length > 0 && keys.every((key) => labels[key] === selector[key]);
    if (own === namespace && isSelected) Object.assign(merged, selector);
  }
  const keys = Object.keys(merged).sort();
  if (keys.length === 0) return null;
  return keys.map((key): Requirement => ({ key, operator: 'In', values: [merged[key]!] }));
}

/** A written zero is not the same as nothing: scoring assumes something of a container that says nothing. */
function isZero(written: string | number | undefined): boolean {
  return written !== undefined && /^0+(\.0+)?[A-Za-z]*$/.test(String(written));
}

function checkShortFields(raw: RawPod, path: Path, note: Note): void {
  if (raw.containers === undefined) return;
  for (const field of ['cpu', 'memory', 'extended'] as const) {
    if (raw[field] !== undefined) {
      note([...path, field], 'no such field beside containers', `write it into their requests`);
    }
  }
}

interface Containers {
  readonly app: readonly RequestingContainer[];
  readonly init: readonly RequestingContainer[];
  readonly ports: readonly HostPort[];
  readonly images: readonly string[];
}

function containersOf(raw: RawPod, path: Path, note: Note): Containers {
  const ports: HostPort[] = [];
  const images: string[] = [];
  const each = (list: readonly RawContainer[], field: string): RequestingContainer[] =>
    list.map((container, i) => {
      const isSidecar = field === 'initContainers' && container.restartPolicy === 'Always';
      if (container.image !== undefined) images.push(taggedImage(container.image));
      if (field === 'containers' || isSidecar) addPorts(ports, container.ports);
      const at = [...path, field, i, 'requests'];
      return { requests: amountsOf(container.requests, at, note), isSidecar };
    });
  const init = each(raw.initContainers ?? [], 'initContainers');
  const app =
    raw.containers === undefined ? [shortContainer(raw)] : each(raw.containers, 'containers');
  addPorts(ports, raw.hostPorts);
  return { app, init, ports, images };
}

/** The one container of the short form. */
function shortContainer(raw: RawPod): RequestingContainer {
  const requests = new Map<string, Nano>();
  if (raw.cpu !== undefined) {
    requests.set('cpu', BigInt(read(parseCpu, raw.cpu)) * NANO_PER_MILLI);
  }
  if (raw.memory !== undefined) {
    requests.set('memory', BigInt(read(parseMemory, raw.memory)) * NANO_PER_ONE);
  }
  for (const [name, count] of Object.entries(raw.extended ?? {})) {
    requests.set(name, BigInt(count) * NANO_PER_ONE);
  }
  return { requests, isSidecar: false };
}

function addPorts(ports: HostPort[], raws: RawPod['hostPorts']): void {
  for (const { hostPort, hostIP, protocol } of raws ?? []) {
    ports.push({ ip: hostIP || '0.0.0.0', protocol: protocol ?? 'TCP', port: hostPort });
  }
}

function amountsOf(
  raw: Readonly<Record<string, string | number>> | undefined,
  path: Path,
  note: Note,
): Amounts {
  const amounts = new Map<string, Nano>();
  for (const [name, written] of Object.entries(raw ?? {})) {
    const parsed = parseQuantity(written);
    if (!('nano' in parsed)) continue;
    if (isScheduledResource(name)) amounts.set(name, parsed.nano);
    else note([...path, name], 'cpu, memory, ephemeral-storage or a name with a /');
  }
  return amounts;
}

function podLevelOf(
  raw: Readonly<Record<string, string | number>>,
  path: Path,
  note: Note,
): Amounts {
  const at = [...path, 'resources', 'requests'];
  for (const name of Object.keys(raw)) {
    if (!isPodLevelResource(name)) note([...at, name], 'cpu, memory or hugepages-*');
  }
  return amountsOf(raw, at, () => {});
}

function volumesOf(raws: RawPod['volumes'], path: Path, note: Note): PodVolume[] {
  return (raws ?? []).flatMap((raw, i): PodVolume[] => {
    if ((raw.claim === undefined) === (raw.disk === undefined)) {
      note([...path, i], 'a volume: exactly one of claim, disk');
      return [];
    }
    if (raw.claim !== undefined) return [{ kind: 'claim', claim: raw.claim }];
    const { type, id, readOnly } = raw.disk!;
    return [{ kind: 'disk', type, id, readOnly: readOnly ?? false }];
  });
}

/** The full name of an image: without a tag or digest it is the latest. */
export function taggedImage(name: string): string {
  const last = name.slice(name.lastIndexOf('/') + 1);
  return last.includes(':') || last.includes('@') ? name : `${name}:latest`;
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.keys(labels)
      .sort()
      .map((key) => [key, labels[key]!]),
  );
}
