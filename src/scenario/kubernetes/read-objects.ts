/** Objects of Kubernetes beside nodes and pods: budgets, autoscalers, services, namespaces, volumes, priority classes. */
import type { Requirement } from '../../base/kube.ts';
import { labelSelector, nodeSelectorTerm } from '../schema-kube-pod.ts';
import { countOrPercent } from '../schema-kube-workloads.ts';
import { listOf } from '../schema-values.ts';
import type { Fields } from './fields.ts';
import type {
  AccessMode,
  Autoscaler,
  AutoscalerMetric,
  DisruptionBudget,
  KubeNamespace,
  KubeService,
  PersistentVolume,
  ScalingRules,
  StorageClass,
  VolumeClaim,
} from './objects.ts';
import { parseQuantity } from './quantity.ts';
import { bytesOf } from './read-node.ts';
import { countOrPercentOf } from './resolve-controllers.ts';
import { type Note, resolveNodeTerms, resolveSelector } from './selectors.ts';

const SECOND_US = 1e6;

/** Name and namespace of an object. */
export function readName(fields: Fields): { name: string; namespace: string } {
  const metadata = fields.map('metadata');
  metadata.ignore('labels', 'creationTimestamp', 'ownerReferences', 'finalizers');
  return { name: metadata.name(), namespace: metadata.text('namespace') || 'default' };
}

/** Notes issues at paths below a map of an object. */
export function noteIn(fields: Fields): Note {
  return (path, expected, hint) => {
    const [key = null, ...rest] = path;
    fields.fail(
      key === null ? null : String(key),
      `${expected}${rest.length > 0 ? ` in ${rest.join('.')}` : ''}`,
      hint,
    );
  };
}

/** Reads a Service: null for one that selects nothing. */
export function readService(fields: Fields, cluster: string): KubeService | null {
  const spec = fields.map('spec');
  const selector = spec.texts('selector');
  spec.ignore('ports', 'type', 'clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy');
  spec.ignore('sessionAffinity', 'internalTrafficPolicy', 'externalTrafficPolicy', 'externalName');
  spec.ignore('allocateLoadBalancerNodePorts', 'loadBalancerIP', 'publishNotReadyAddresses');
  spec.ignore('loadBalancerClass', 'healthCheckNodePort', 'externalIPs', 'sessionAffinityConfig');
  fields.ignore('status');
  const { name, namespace } = readName(fields);
  return Object.keys(selector).length === 0 ? null : { cluster, namespace, name, selector };
}

/** Reads a Namespace. */
export function readNamespace(fields: Fields, cluster: string): KubeNamespace {
  const metadata = fields.map('metadata').ignore('creationTimestamp', 'deletionTimestamp');
  const name = metadata.name();
  fields.ignore('spec', 'status');
  const labels = { 'kubernetes.io/metadata.name': name, ...metadata.texts('labels') };
  return { cluster, name, labels };
}

/** A priority class. */
export interface ReadPriorityClass {
  readonly name: string;
  readonly value: number;
  readonly isDefault: boolean;
  readonly isPeaceful: boolean;
}

/** Reads a PriorityClass. */
export function readPriorityClass(fields: Fields): ReadPriorityClass {
  const { name } = readName(fields);
  fields.ignore('description');
  const value = fields.whole('value');
  if (value === undefined) fields.fail('value', 'a priority');
  return {
    name,
    value: value ?? 0,
    isDefault: fields.flag('globalDefault'),
    isPeaceful: fields.text('preemptionPolicy') === 'Never',
  };
}

/** Reads a PodDisruptionBudget: null where it bounds nothing. */
export function readBudget(fields: Fields, cluster: string): DisruptionBudget | null {
  const base = { cluster, ...readName(fields) };
  fields.ignore('status');
  const spec = fields.map('spec');
  const minAvailable = spec.shaped('minAvailable', countOrPercent);
  const maxUnavailable = spec.shaped('maxUnavailable', countOrPercent);
  const selector = spec.shaped('selector', labelSelector);
  const policy = spec.text('unhealthyPodEvictionPolicy') ?? 'IfHealthyBudget';
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    spec.fail('maxUnavailable', 'one of minAvailable and maxUnavailable, not both');
  }
  if (!['IfHealthyBudget', 'AlwaysAllow'].includes(policy)) {
    spec.fail('unhealthyPodEvictionPolicy', 'one of IfHealthyBudget, AlwaysAllow');
  }
  if (minAvailable === undefined && maxUnavailable === undefined) return null;
  return {
    ...base,
    selector: resolveSelector(selector, ['selector'], noteIn(spec)),
    minAvailable: minAvailable === undefined ? null : countOrPercentOf(minAvailable),
    maxUnavailable: maxUnavailable === undefined ? null : countOrPercentOf(maxUnavailable),
    evictsUnready: policy === 'AlwaysAllow',
  };
}

/** What an autoscaler scales, and how; the caller finds the workload. */
export type ReadAutoscaler = Omit<Autoscaler, 'workload'> & {
  readonly target: { readonly kind: string; readonly name: string };
};

/** Reads a HorizontalPodAutoscaler, `autoscaling/v2` or v1. */
export function readAutoscaler(fields: Fields, cluster: string): ReadAutoscaler {
  const base = { cluster, ...readName(fields) };
  fields.ignore('status');
  const spec = fields.map('spec');
  const target = spec.map('scaleTargetRef').ignore('apiVersion');
  const maxReplicas = spec.whole('maxReplicas');
  if (maxReplicas === undefined) spec.fail('maxReplicas', 'a number of replicas');
  const percent = spec.whole('targetCPUUtilizationPercentage');
  const metrics = spec.list('metrics').flatMap(readMetric);
  if (percent !== undefined) metrics.push(cpuMetric(percent));
  if (metrics.length === 0) metrics.push(cpuMetric(80));
  const behavior = spec.has('behavior') ? spec.map('behavior') : null;
  return {
    ...base,
    target: { kind: target.name('kind'), name: target.name() },
    minReplicas: spec.whole('minReplicas') ?? 1,
    maxReplicas: maxReplicas ?? 1,
    metrics,
    behavior:
      behavior === null
        ? null
        : {
            up: readRules(behavior.map('scaleUp'), UP_DEFAULT),
            down: readRules(behavior.map('scaleDown'), DOWN_DEFAULT),
          },
  };
}

function cpuMetric(percent: number): AutoscalerMetric {
  return { source: 'resource', name: 'cpu', target: { kind: 'utilization', percent } };
}

const SOURCES: readonly (readonly [string, AutoscalerMetric['source']])[] = [
  ['resource', 'resource'],
  ['containerResource', 'container-resource'],
  ['pods', 'pods'],
  ['object', 'object'],
  ['external', 'external'],
];

function readMetric(fields: Fields): AutoscalerMetric[] {
  fields.ignore('type');
  const found = SOURCES.find(([key]) => fields.has(key));
  if (found === undefined) {
    fields.fail(null, 'a metric with resource, containerResource, pods, object or external');
    return [];
  }
  const [key, source] = found;
  const metric = fields.map(key).ignore('container', 'describedObject');
  const isResource = source === 'resource' || source === 'container-resource';
  const name = (isResource ? metric : metric.map('metric').ignore('selector')).name();
  const target = metric.map('target').ignore('type');
  const percent = target.whole('averageUtilization');
  if (percent !== undefined) return [{ source, name, target: { kind: 'utilization', percent } }];
  for (const [field, kind] of [
    ['averageValue', 'average-value'],
    ['value', 'value'],
  ] as const) {
    const parsed = target.has(field) ? parseQuantity(target.any(field)) : null;
    if (parsed && 'nano' in parsed) {
      return [{ source, name, target: { kind, milli: Number(parsed.nano / 1_000_000n) } }];
    }
  }
  target.fail(null, 'a target with averageUtilization, averageValue or value');
  return [];
}

const UP_DEFAULT: ScalingRules = {
  stabilisationUs: 0,
  select: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodUs: 15 * SECOND_US },
    { type: 'Percent', value: 100, periodUs: 15 * SECOND_US },
  ],
};
const DOWN_DEFAULT: ScalingRules = {
  stabilisationUs: 300 * SECOND_US,
  select: 'Max',
  policies: [{ type: 'Percent', value: 100, periodUs: 15 * SECOND_US }],
};

function readRules(fields: Fields, otherwise: ScalingRules): ScalingRules {
  const select = fields.text('selectPolicy') ?? otherwise.select;
  if (!['Max', 'Min', 'Disabled'].includes(select)) {
    fields.fail('selectPolicy', 'one of Max, Min, Disabled');
  }
  const windowSeconds = fields.whole('stabilizationWindowSeconds');
  const policies = fields.list('policies').map((policy) => ({
    type: (policy.text('type') === 'Pods' ? 'Pods' : 'Percent') as 'Pods' | 'Percent',
    value: policy.whole('value') ?? 0,
    periodUs: (policy.whole('periodSeconds') ?? 15) * SECOND_US,
  }));
  return {
    stabilisationUs:
      windowSeconds === undefined ? otherwise.stabilisationUs : windowSeconds * SECOND_US,
    select: select as ScalingRules['select'],
    policies: policies.length === 0 ? otherwise.policies : policies,
  };
}

function accessModesOf(spec: Fields): AccessMode[] {
  const modes = spec.any('accessModes');
  return (Array.isArray(modes) ? modes : []) as AccessMode[];
}

/** Reads a PersistentVolumeClaim. */
export function readClaim(fields: Fields, cluster: string): VolumeClaim {
  const metadata = fields.map('metadata');
  const isDeleting = metadata.has('deletionTimestamp');
  metadata.ignore('deletionTimestamp', 'deletionGracePeriodSeconds');
  const base = { cluster, ...readName(fields) };
  const spec = fields.map('spec').ignore('volumeMode', 'dataSource', 'dataSourceRef', 'selector');
  const status = fields.map('status').ignore('accessModes', 'capacity', 'conditions');
  return {
    ...base,
    accessModes: accessModesOf(spec),
    requestBytes: bytesOf(
      (spec.map('resources').any('requests') as Record<string, unknown>)?.storage,
    ),
    storageClass: spec.text('storageClassName') ?? '',
    volume: spec.text('volumeName') || null,
    isLost: status.text('phase') === 'Lost',
    isDeleting,
  };
}

/** Reads a PersistentVolume. */
export function readVolume(fields: Fields, cluster: string): PersistentVolume {
  const metadata = fields.map('metadata').ignore('creationTimestamp', 'finalizers');
  fields.ignore('status');
  const spec = fields.map('spec').ignore('persistentVolumeReclaimPolicy', 'volumeMode');
  spec.ignore('mountOptions', 'gcePersistentDisk', 'awsElasticBlockStore', 'hostPath', 'local');
  spec.ignore('nfs', 'iscsi', 'rbd', 'cephfs', 'fc', 'azureDisk', 'azureFile', 'vsphereVolume');
  const csi = spec.has('csi') ? spec.map('csi') : null;
  csi?.ignore('volumeHandle', 'volumeAttributes', 'fsType', 'readOnly', 'nodeStageSecretRef');
  const affinity = spec.map('nodeAffinity').map('required');
  const terms = affinity.shaped('nodeSelectorTerms', listOf('a list of terms', nodeSelectorTerm));
  const claim = spec.has('claimRef') ? spec.map('claimRef') : null;
  claim?.ignore('apiVersion', 'kind', 'uid', 'resourceVersion', 'fieldPath');
  return {
    cluster,
    name: metadata.name(),
    labels: metadata.texts('labels'),
    nodeAffinity:
      terms === undefined ? null : resolveNodeTerms(terms, ['nodeSelectorTerms'], noteIn(affinity)),
    driver: csi?.text('driver') ?? null,
    capacityBytes: bytesOf((spec.any('capacity') as Record<string, unknown>)?.storage),
    accessModes: accessModesOf(spec),
    storageClass: spec.text('storageClassName') ?? '',
    claim: claim === null ? null : `${claim.text('namespace') ?? 'default'}/${claim.name()}`,
  };
}

/** Reads a StorageClass. */
export function readStorageClass(fields: Fields, cluster: string): StorageClass {
  const { name } = readName(fields);
  fields.ignore('parameters', 'reclaimPolicy', 'allowVolumeExpansion', 'mountOptions');
  const provisioner = fields.text('provisioner') ?? '';
  const allowedTopologies = fields.list('allowedTopologies').map((term) =>
    term.list('matchLabelExpressions').map((requirement): Requirement => {
      const values = requirement.any('values');
      return {
        key: requirement.name('key'),
        operator: 'In',
        values: (Array.isArray(values) ? values : []).map(String),
      };
    }),
  );
  return {
    cluster,
    name,
    waitsForConsumer: fields.text('volumeBindingMode') === 'WaitForFirstConsumer',
    provisioner: ['', 'kubernetes.io/no-provisioner'].includes(provisioner) ? null : provisioner,
    allowedTopologies,
  };
}

/** Reads a CSINode: volumes of each driver on the node at most. */
export function readCsiNode(fields: Fields): { node: string; limits: Record<string, number> } {
  const { name } = readName(fields);
  const limits: Record<string, number> = {};
  for (const driver of fields.map('spec').list('drivers')) {
    driver.ignore('nodeID', 'topologyKeys');
    const count = driver.map('allocatable').whole('count');
    if (count !== undefined) limits[driver.name()] = count;
    else driver.ignore('name');
  }
  return { node: name, limits };
}
