/** Cases of what only Kubernetes reads of pods and pools. */
import type { Row } from './case.ts';

const M = 'fleet.machineTypes.m';
const N = 'fleet.machineTypes.n';
const P = 'fleet.clusters.a.pools.p';
const Q = 'fleet.clusters.a.pools.q';
const W = 'workloads.w';

const pod = (fields: string): string => `${W}.pod={${fields}}`;
const labelled = (more: string): string => pod(`cpu: 1, memory: 1Gi, labels: {app: w}${more}`);
const container = (fields: string): string => pod(`containers: [{requests: {cpu: 1}, ${fields}}]`);
const init = (fields: string): string =>
  pod(`cpu: 500m, memory: 1Gi, initContainers: [{${fields}}]`);

/** A single pod of each kind, so that nothing else moves them. */
const two = (first: string, second: string): string =>
  `workloads=[{name: u, kind: service, replicas: 3, pod: {cpu: 1, labels: {app: u}${first}}}, {name: w, kind: service, replicas: 3, pod: {cpu: 1, labels: {app: w}${second}}}]`;

/** Pods and pools. */
export const KUBE_PODS: readonly Row[] = [
  [
    'fleet.machineTypes[].ephemeralStorage',
    'trajectory',
    'kube',
    `${M}.ephemeralStorage=1Gi`,
    [
      `${M}.ephemeralStorage=10Gi`,
      `${N}.ephemeralStorage=10Gi`,
      pod('containers: [{requests: {cpu: 1, ephemeral-storage: 1Gi}}]'),
    ],
  ],
  [
    'fleet.clusters[].pools[].images.*',
    'trajectory',
    'kube',
    `${P}.images={"r/a:1": 1Mi}`,
    [`${P}.images={"r/a:1": 2Gi}`, container('image: r/a:1')],
  ],
  ['fleet.clusters[].pools[].unschedulable', 'trajectory', 'kube', `${P}.unschedulable=true`],
  [
    'fleet.clusters[].pools[].taints[].effect',
    'trajectory',
    'kube',
    `${P}.taints=[{key: k, effect: PreferNoSchedule}]`,
    `${P}.taints=[{key: k, effect: NoSchedule}]`,
  ],
  [
    'workloads[].pod.containers[].requests.*',
    'trajectory',
    'kube',
    pod('containers: [{requests: {cpu: 2}}]'),
    pod('containers: [{requests: {cpu: 1}}]'),
  ],
  [
    'workloads[].pod.containers[].image',
    'trajectory',
    'kube',
    container('image: r/b:1'),
    [`${P}.images={"r/a:1": 2Gi}`, container('image: r/a:1')],
  ],
  [
    'workloads[].pod.containers[].name',
    'trajectory',
    'rolling',
    'workloads.web.pod={containers: [{name: b, requests: {cpu: 500m}}]}',
    [
      'workloads.web.pod={containers: [{name: a, requests: {cpu: 500m}}]}',
      'rollouts=[{workload: web, at: 10m, pod: {containers: [{name: a, requests: {cpu: 900m}}]}}]',
    ],
  ],
  [
    'workloads[].pod.containers[].ports[].hostPort',
    'trajectory',
    'kube',
    ports('containers', 'hostPort: 81'),
    ports('containers', 'hostPort: 80'),
  ],
  [
    'workloads[].pod.containers[].ports[].hostIP',
    'trajectory',
    'kube',
    ports('containers', 'hostIP: 10.0.0.2'),
    ports('containers', 'hostIP: 10.0.0.1'),
  ],
  [
    'workloads[].pod.containers[].ports[].protocol',
    'trajectory',
    'kube',
    ports('containers', 'protocol: UDP'),
    ports('containers', 'protocol: TCP'),
  ],
  [
    'workloads[].pod.hostPorts[].hostPort',
    'trajectory',
    'kube',
    shortPorts('hostPort: 81'),
    shortPorts('hostPort: 80'),
  ],
  [
    'workloads[].pod.hostPorts[].hostIP',
    'trajectory',
    'kube',
    shortPorts('hostPort: 80, hostIP: 10.0.0.2'),
    shortPorts('hostPort: 80, hostIP: 10.0.0.1'),
  ],
  [
    'workloads[].pod.hostPorts[].protocol',
    'trajectory',
    'kube',
    shortPorts('hostPort: 80, protocol: UDP'),
    shortPorts('hostPort: 80, protocol: TCP'),
  ],
  [
    'workloads[].pod.initContainers[].requests.*',
    'trajectory',
    'kube',
    init('requests: {cpu: 3}'),
    init('requests: {cpu: 1}'),
  ],
  [
    'workloads[].pod.initContainers[].image',
    'trajectory',
    'kube',
    init('image: r/b:1'),
    [`${P}.images={"r/a:1": 3Gi}`, init('image: r/a:1')],
  ],
  [
    'workloads[].pod.initContainers[].restartPolicy',
    'trajectory',
    'kube',
    init('requests: {cpu: 1}, restartPolicy: Always'),
    init('requests: {cpu: 1}'),
  ],
  ...(['hostPort: 81', 'hostIP: 10.0.0.2', 'protocol: UDP'] as const).map((field): Row => {
    const key = field.split(':')[0]!;
    const before = {
      hostPort: 'hostPort: 80',
      hostIP: 'hostIP: 10.0.0.1',
      protocol: 'protocol: TCP',
    }[key as 'hostIP'];
    return [
      `workloads[].pod.initContainers[].ports[].${key}`,
      'trajectory',
      'kube',
      ports('initContainers', field),
      ports('initContainers', before),
    ];
  }),
  [
    'workloads[].pod.overhead.*',
    'trajectory',
    'kube',
    pod('cpu: 1, overhead: {cpu: 1500m}'),
    pod('cpu: 1, overhead: {cpu: 10m}'),
  ],
  [
    'workloads[].pod.resources.requests.*',
    'trajectory',
    'kube',
    pod('cpu: 1, resources: {requests: {cpu: 3}}'),
    pod('cpu: 1, resources: {requests: {cpu: 1}}'),
  ],
  ['workloads[].pod.labels', 'trajectory', 'kube', anti('{app: other}'), anti('{app: w}')],
  [
    'workloads[].pod.namespace',
    'trajectory',
    'kube',
    `${anti('{app: w}').replace('cpu: 1, labels: {app: w}', 'cpu: 1, namespace: other, labels: {app: w}')}`,
    anti('{app: w}'),
  ],
  [
    'workloads[].pod.affinity.nodeAffinity',
    'trajectory',
    'kube',
    nodeAffinity('q'),
    [`${P}.labels={pool: p}`, `${Q}.labels={pool: q}`, nodeAffinity('p')],
  ],
  [
    'workloads[].pod.affinity.podAffinity',
    'trajectory',
    'kube',
    near('podAffinity', 'w'),
    near('podAffinity', 'u'),
  ],
  [
    'workloads[].pod.affinity.podAntiAffinity',
    'trajectory',
    'kube',
    near('podAntiAffinity', 'w'),
    near('podAntiAffinity', 'u'),
  ],
  [
    'workloads[].pod.topologySpreadConstraints[]',
    'trajectory',
    'kube',
    spread('maxSkew: 1'),
    labelled(''),
  ],
  [
    'workloads[].pod.preemptionPolicy',
    'trajectory',
    'kube',
    `${W}.pod.preemptionPolicy=Never`,
    [
      'workloads=[{name: u, kind: service, replicas: 16, pod: {cpu: 1, priorityClass: low}}, {name: w, kind: job, arrivals: {regular: {every: 10m}}, duration: 5m, pod: {cpu: 1, priorityClass: critical}}]',
    ],
  ],
  [
    'workloads[].pod.terminationGracePeriod',
    'trajectory',
    'kube',
    'workloads.u.pod.terminationGracePeriod=2m',
    [
      'workloads=[{name: u, kind: service, replicas: 16, pod: {cpu: 1, priorityClass: low}}, {name: w, kind: job, arrivals: {regular: {every: 10m}}, duration: 5m, pod: {cpu: 1, priorityClass: critical}}]',
    ],
  ],
  ['workloads[].pod.schedulingGates[]', 'trajectory', 'kube', `${W}.pod.schedulingGates=[held]`],
  [
    'workloads[].pod.schedulerName',
    /schedulerName of a profile/,
    'kube',
    `${W}.pod.schedulerName=mine`,
  ],
  ['workloads[].pod.nodeName', 'trajectory', 'kube', `${W}.pod.nodeName=p/0`],
  [
    'workloads[].pod.tolerations[].tolerationSeconds',
    'trajectory',
    'kube',
    `${W}.pod.tolerations=[{operator: Exists, effect: NoExecute, tolerationSeconds: 600}]`,
    [
      `${W}.pod.tolerations=[{operator: Exists, effect: NoExecute, tolerationSeconds: 10}]`,
      'failures=[{outage: pool/a/p, at: 10m, for: 30m}]',
    ],
  ],
  ['workloads[].pod.volumes[].claim', 'trajectory', 'kube', pod('cpu: 1, volumes: [{claim: c}]')],
  ...(['id: y', 'type: ebs', 'readOnly: true'] as const).map((field): Row => {
    const key = field.split(':')[0]!;
    const base = ['id: x', 'type: gce', 'readOnly: false'];
    const changed = base.map((own) => (own.startsWith(`${key}:`) ? field : own));
    return [
      `workloads[].pod.volumes[].disk.${key}`,
      'trajectory',
      'kube',
      disks(changed),
      disks(base),
    ];
  }),
  [
    'services[].selector',
    'trajectory',
    'kube',
    'services=[{name: s, selector: {app: none}}]',
    [labelled(''), 'services=[{name: s, selector: {app: w}}]'],
  ],
  [
    'services[].namespace',
    'trajectory',
    'kube',
    'services=[{name: s, namespace: other, selector: {app: w}}]',
    [labelled(''), 'services=[{name: s, selector: {app: w}}]'],
  ],
  [
    'services[].name',
    'same',
    'kube',
    'services=[{name: t, selector: {app: w}}]',
    ['services=[{name: s, selector: {app: w}}]', labelled('')],
  ],
  [
    'namespaces[].name',
    'trajectory',
    'kube',
    'namespaces=[{name: mine, labels: {team: w}}]',
    [byTeam(), 'namespaces=[{name: other, labels: {team: w}}]'],
  ],
  [
    'namespaces[].labels',
    'trajectory',
    'kube',
    'namespaces=[{name: other, labels: {team: v}}]',
    [byTeam(), 'namespaces=[{name: other, labels: {team: w}}]'],
  ],
];

/** Two pods that want the port 80 of their node; the second has another field. */
function ports(list: 'containers' | 'initContainers', field: string): string {
  const port = field.startsWith('hostPort') ? field : `hostPort: 80, ${field}`;
  const first = '{cpu: 1, hostPorts: [{hostPort: 80, hostIP: 10.0.0.1}]}';
  const second =
    list === 'containers'
      ? `{containers: [{requests: {cpu: 1}, ports: [{${port}}]}]}`
      : `{cpu: 1, initContainers: [{restartPolicy: Always, ports: [{${port}}]}]}`;
  return `workloads=[{name: u, kind: service, replicas: 3, pod: ${first}}, {name: w, kind: service, replicas: 3, pod: ${second}}]`;
}

function shortPorts(port: string): string {
  const first = '{cpu: 1, hostPorts: [{hostPort: 80, hostIP: 10.0.0.1}]}';
  return `workloads=[{name: u, kind: service, replicas: 3, pod: ${first}}, {name: w, kind: service, replicas: 3, pod: {cpu: 1, hostPorts: [{${port}}]}}]`;
}

/** A pod that keeps away from others with the label app: w. */
function anti(labels: string): string {
  const term = '{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: w}}}';
  const first = `{cpu: 1, affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [${term}]}}}`;
  return `workloads=[{name: u, kind: service, replicas: 3, pod: ${first}}, {name: w, kind: service, replicas: 3, pod: {cpu: 1, labels: ${labels}}}]`;
}

function nodeAffinity(value: string): string {
  const term = `{matchExpressions: [{key: pool, operator: In, values: [${value}]}]}`;
  return pod(
    `cpu: 1, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${term}]}}}`,
  );
}

/** Two services of which the second is near to, or away from, one of them. */
function near(kind: 'podAffinity' | 'podAntiAffinity', app: string): string {
  const term = `{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${app}}}}`;
  return two(
    '',
    `, affinity: {${kind}: {requiredDuringSchedulingIgnoredDuringExecution: [${term}]}}`,
  );
}

/** The constraint of a pod with the label app: w. */
export function spread(fields: string): string {
  return labelled(
    `, topologySpreadConstraints: [{topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: w}}, ${fields}}]`,
  );
}

/** Pods that keep away from those of namespaces of the team w. */
function byTeam(): string {
  const term =
    '{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: w}}, namespaceSelector: {matchLabels: {team: w}}}';
  const second = `{cpu: 1, affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [${term}]}}}`;
  return `workloads=[{name: u, kind: service, replicas: 3, pod: {cpu: 1, namespace: other, labels: {app: w}}}, {name: w, kind: service, replicas: 3, pod: ${second}}]`;
}

/** Two services with a disk each, which they may not share on a node. */
function disks(second: readonly string[]): string {
  const first = ['id: x', 'type: gce', 'readOnly: true'];
  const of = (disk: readonly string[]) => `{cpu: 1, volumes: [{disk: {${disk.join(', ')}}}]}`;
  return `workloads=[{name: u, kind: service, replicas: 3, pod: ${of(first)}}, {name: w, kind: service, replicas: 3, pod: ${of(second)}}]`;
}
