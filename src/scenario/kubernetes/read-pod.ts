/** A pod of Kubernetes, or the template of one, becomes a pod as a scenario writes it. */
import type { Path } from '../located.ts';
import type { RawPod } from '../schema.ts';
import { affinity, requests, topologySpreadConstraint } from '../schema-kube-pod.ts';
import { listOf } from '../schema-values.ts';
import { toleration } from '../schema-workloads.ts';
import type { Fields } from './fields.ts';
import { parseQuantity } from './quantity.ts';

/** Fields of a pod that say who it is and what it may do, not where it can run. */
const POD_NOISE = [
  'activeDeadlineSeconds',
  'automountServiceAccountToken',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'hostIPC',
  'hostPID',
  'hostUsers',
  'hostname',
  'imagePullSecrets',
  'os',
  'readinessGates',
  'securityContext',
  'serviceAccount',
  'serviceAccountName',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
  'subdomain',
] as const;

/** Fields of a container that say what runs in it. */
const CONTAINER_NOISE = [
  'args',
  'command',
  'env',
  'envFrom',
  'imagePullPolicy',
  'resizePolicy',
  'securityContext',
  'stdin',
  'stdinOnce',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'tty',
  'volumeDevices',
  'volumeMounts',
  'workingDir',
] as const;

type RawContainer = NonNullable<RawPod['containers']>[number] &
  NonNullable<RawPod['initContainers']>[number];
type Quantities = Record<string, string | number>;

/** A pod as far as it was read. */
export interface ReadPod {
  readonly raw: RawPod;
  /** `spec.priority`, which wins over the class. */
  readonly priority: number | undefined;
  readonly restartPolicy: string;
}

/** What the pod's status says of its containers' resources, by name of the container. */
export type InUse = ReadonlyMap<string, readonly Quantities[]>;

/**
 * Reads the spec of a pod.
 *
 * @param labels the pod's labels
 * @param inUse requests in force of a running pod, which count if they are larger
 */
export function readPodSpec(
  spec: Fields,
  about: { readonly namespace: string; readonly labels: Record<string, string> },
  inUse: InUse = new Map(),
): ReadPod {
  spec.ignore(...POD_NOISE);
  const isHostNetwork = spec.flag('hostNetwork');
  const containers = spec
    .list('containers')
    .map((container) => readContainer(container, isHostNetwork, inUse));
  if (containers.length === 0) spec.fail('containers', 'at least one container');
  const initContainers = spec.list('initContainers').map((container) => {
    const { name: _, ...rest } = readContainer(container, isHostNetwork, inUse);
    return rest;
  });
  const overhead = quantities(spec, 'overhead');
  const resources = spec.map('resources');
  const podLevel = quantities(resources, 'requests') ?? quantities(resources, 'limits');
  resources.ignore('limits');
  const grace = spec.whole('terminationGracePeriodSeconds');
  const nodeSelector = spec.texts('nodeSelector');
  const gates = spec.list('schedulingGates').map((gate) => gate.name());
  const volumes = readVolumes(spec);
  const raw = {
    namespace: about.namespace,
    labels: about.labels,
    containers,
    ...(initContainers.length === 0 ? {} : { initContainers }),
    ...(overhead === undefined ? {} : { overhead }),
    ...(podLevel === undefined ? {} : { resources: { requests: podLevel } }),
    ...(Object.keys(nodeSelector).length === 0 ? {} : { nodeSelector }),
    ...(grace === undefined ? {} : { terminationGracePeriod: `${Math.max(0, grace)}s` }),
    ...(gates.length === 0 ? {} : { schedulingGates: gates }),
    ...(volumes.length === 0 ? {} : { volumes }),
    ...defined({
      affinity: spec.shaped('affinity', affinity),
      tolerations: spec.shaped('tolerations', listOf('a list of tolerations', toleration)),
      topologySpreadConstraints: spec.shaped(
        'topologySpreadConstraints',
        listOf('a list of spread constraints', topologySpreadConstraint),
      ),
      priorityClass: spec.text('priorityClassName') || undefined,
      preemptionPolicy: spec.text('preemptionPolicy'),
      schedulerName: spec.text('schedulerName'),
      nodeName: spec.text('nodeName') || undefined,
    }),
  } as RawPod;
  const restartPolicy = spec.text('restartPolicy') ?? 'Always';
  return { raw, priority: spec.whole('priority'), restartPolicy };
}

function readContainer(fields: Fields, isHostNetwork: boolean, inUse: InUse): RawContainer {
  fields.ignore(...CONTAINER_NOISE);
  const name = fields.name();
  const resources = fields.map('resources');
  const limits = quantities(resources, 'limits');
  // The API server takes a missing request from the limit.
  const own: Quantities = { ...limits, ...quantities(resources, 'requests') };
  for (const other of inUse.get(name) ?? []) raise(own, other);
  const ports = fields.list('ports').flatMap((port) => {
    port.ignore('name', 'containerPort');
    const inside = port.whole('containerPort');
    const hostPort = port.whole('hostPort') ?? (isHostNetwork ? inside : undefined);
    const hostIP = port.text('hostIP');
    const protocol = port.text('protocol') as 'TCP' | undefined;
    if (!hostPort) return [];
    if (hostPort < 0 || hostPort > 65_535) port.fail('hostPort', 'a port from 1 to 65535');
    return [{ hostPort, ...defined({ hostIP, protocol }) }];
  });
  const restartPolicy = fields.text('restartPolicy');
  return {
    name,
    requests: own,
    ...(ports.length === 0 ? {} : { ports }),
    ...(restartPolicy === 'Always' ? { restartPolicy } : {}),
    ...defined({ image: fields.text('image') }),
  } as RawContainer;
}

/** Reads quantities by name; undefined where there are none. */
export function quantities(fields: Fields, key: string): Quantities | undefined {
  const written = fields.shaped(key, requests);
  if (written === undefined || Object.keys(written).length === 0) return undefined;
  return { ...written };
}

/** Raises requests to others where those are larger. */
function raise(own: Quantities, others: Quantities): void {
  for (const [name, written] of Object.entries(others)) {
    const [mine, other] = [parseQuantity(own[name] ?? 0), parseQuantity(written)];
    if ('nano' in mine && 'nano' in other && other.nano > mine.nano) own[name] = written;
  }
}

/** Volumes that hold files only, or that live and die with the pod. */
function readVolumes(spec: Fields): NonNullable<RawPod['volumes']> {
  return spec.list('volumes').flatMap((volume): NonNullable<RawPod['volumes']> => {
    volume.ignore('name');
    volume.ignore('configMap', 'secret', 'emptyDir', 'projected', 'downwardAPI', 'hostPath');
    if (volume.has('persistentVolumeClaim')) {
      const claim = volume.map('persistentVolumeClaim').ignore('readOnly');
      return [{ claim: claim.name('claimName') }];
    }
    for (const [key, type, idOf] of DISKS) {
      if (!volume.has(key)) continue;
      const disk = volume.map(key).ignore('fsType', 'partition');
      return [{ disk: { type, id: idOf(disk), readOnly: disk.flag('readOnly') } }];
    }
    return [];
  });
}

const DISKS = [
  ['gcePersistentDisk', 'gce', (disk: Fields) => disk.name('pdName')],
  ['awsElasticBlockStore', 'ebs', (disk: Fields) => disk.name('volumeID')],
  ['iscsi', 'iscsi', (disk: Fields) => disk.name('iqn')],
  ['rbd', 'rbd', (disk: Fields) => `${disk.text('pool') ?? 'rbd'}/${disk.name('image')}`],
] as const;

/** Leaves out what is undefined. */
export function defined<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

/** Where a field of a pod as a scenario writes it stands in the spec of Kubernetes' pod. */
export function specPath(path: Path): Path {
  const [field, index, inner, ...rest] = path;
  if ((field === 'containers' || field === 'initContainers') && inner === 'requests') {
    return [field, index!, 'resources', 'requests', ...rest];
  }
  if (field === 'priorityClass') return ['priorityClassName'];
  return path;
}
