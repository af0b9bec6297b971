/** Cases of shapes that several fields of Kubernetes' pods share: selectors, affinity, spreading. */
import type { Row } from './case.ts';

const P = 'fleet.clusters.a.pools.p';
const Q = 'fleet.clusters.a.pools.q';

const POOLS = [`${P}.labels={pool: p, size: "4"}`, `${Q}.labels={pool: q, size: "8"}`];
const node = (term: string): string =>
  `workloads=[{name: w, kind: service, replicas: 4, pod: {cpu: 1, affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [${term}]}}}}}]`;
const prefers = (weight: number, value: string): string =>
  `workloads=[{name: w, kind: service, replicas: 4, pod: {cpu: 1, affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: ${weight}, preference: {matchExpressions: [{key: pool, operator: In, values: [p]}]}}, {weight: 50, preference: {matchExpressions: [{key: pool, operator: In, values: [${value}]}]}}]}}}}]`;
const pods = (terms: string): string =>
  `workloads=[{name: u, kind: service, replicas: 3, pod: {cpu: 1, labels: {app: u, tier: a}}}, {name: w, kind: service, replicas: 3, pod: {cpu: 1, labels: {app: w, tier: b}, affinity: {podAntiAffinity: {${terms}}}}}]`;
const required = (term: string): string =>
  pods(
    `requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, ${term}}]`,
  );
const preferred = (weight: number, app: string): string =>
  pods(
    `preferredDuringSchedulingIgnoredDuringExecution: [{weight: ${weight}, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: ${app}}}}}]`,
  );
const spread = (fields: string, more = ''): string =>
  `workloads=[{name: w, kind: service, replicas: 5, pod: {cpu: 1, labels: {app: w, tier: b}${more}, topologySpreadConstraints: [{${fields}}]}}]`;
const ZONED = 'topologyKey: topology.kubernetes.io/zone';
const HARD = 'whenUnsatisfiable: DoNotSchedule';
const OWN = 'labelSelector: {matchLabels: {app: w}}';

/** Shapes that several fields share. */
export const KUBE_SHAPES: readonly Row[] = [
  [
    'LabelSelector.matchLabels',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}'),
    required('labelSelector: {matchLabels: {app: w}}'),
  ],
  [
    'LabelSelector.matchLabels',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}'),
    required('labelSelector: {matchLabels: {app: w}}'),
  ],
  ...(['key: tier', 'operator: NotIn', 'values: [w]'] as const).map((field): Row => {
    const key = field.split(':')[0]!;
    const base = ['key: app', 'operator: In', 'values: [u]'];
    const changed = base.map((own) => (own.startsWith(`${key}:`) ? field : own));
    const of = (list: readonly string[]) =>
      required(`labelSelector: {matchExpressions: [{${list.join(', ')}}]}`);
    const at = key === 'values' ? 'values[]' : key;
    return [`LabelSelector.matchExpressions[].${at}`, 'trajectory', 'kube', of(changed), of(base)];
  }),
  [
    'NodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[]',
    'trajectory',
    'kube',
    node('{matchExpressions: [{key: pool, operator: In, values: [q]}]}'),
    [...POOLS, node('{matchExpressions: [{key: pool, operator: In, values: [p]}]}')],
  ],
  [
    'NodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    'trajectory',
    'kube',
    prefers(100, 'q'),
    [...POOLS, prefers(1, 'q')],
  ],
  [
    'NodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[].preference',
    'trajectory',
    'kube',
    prefers(20, 'p'),
    [...POOLS, prefers(20, 'q')],
  ],
  ...(['key: size', 'operator: NotIn', 'values: [q]'] as const).map((field): Row => {
    const key = field.split(':')[0]!;
    const base = ['key: pool', 'operator: In', 'values: [p]'];
    const changed = base.map((own) => (own.startsWith(`${key}:`) ? field : own));
    const of = (list: readonly string[]) => node(`{matchExpressions: [{${list.join(', ')}}]}`);
    const at = key === 'values' ? 'values[]' : key;
    return [
      `NodeSelectorTerm.matchExpressions[].${at}`,
      'trajectory',
      'kube',
      of(changed),
      [...POOLS, of(base)],
    ];
  }),
  [
    'NodeSelectorTerm.matchFields[].key',
    /metadata\.name/,
    'kube',
    node('{matchFields: [{key: name, operator: In, values: [p/0]}]}'),
  ],
  [
    'NodeSelectorTerm.matchFields[].operator',
    'trajectory',
    'kube',
    node('{matchFields: [{key: metadata.name, operator: NotIn, values: [p/0]}]}'),
    node('{matchFields: [{key: metadata.name, operator: In, values: [p/0]}]}'),
  ],
  [
    'NodeSelectorTerm.matchFields[].values[]',
    'trajectory',
    'kube',
    node('{matchFields: [{key: metadata.name, operator: In, values: [p/1]}]}'),
    node('{matchFields: [{key: metadata.name, operator: In, values: [p/0]}]}'),
  ],
  [
    'PodAffinity.requiredDuringSchedulingIgnoredDuringExecution[]',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}'),
    required('labelSelector: {matchLabels: {app: w}}'),
  ],
  [
    'PodAffinity.preferredDuringSchedulingIgnoredDuringExecution[].weight',
    'trajectory',
    'kube',
    preferred(100, 'u'),
    preferred(0, 'u'),
  ],
  [
    'PodAffinity.preferredDuringSchedulingIgnoredDuringExecution[].podAffinityTerm',
    'trajectory',
    'kube',
    preferred(100, 'none'),
    preferred(100, 'u'),
  ],
  [
    'PodAffinityTerm.labelSelector',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}'),
    required('labelSelector: {matchLabels: {app: none}}'),
  ],
  [
    'PodAffinityTerm.topologyKey',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: w}}').replace(
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ),
    required('labelSelector: {matchLabels: {app: w}}'),
  ],
  [
    'PodAffinityTerm.namespaces[]',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}, namespaces: [other]'),
    required('labelSelector: {matchLabels: {app: u}}, namespaces: [default]'),
  ],
  [
    'PodAffinityTerm.namespaceSelector',
    'trajectory',
    'kube',
    required('labelSelector: {matchLabels: {app: u}}, namespaceSelector: {}'),
    required(
      'labelSelector: {matchLabels: {app: u}}, namespaceSelector: {matchLabels: {team: none}}',
    ),
  ],
  [
    'PodAffinityTerm.matchLabelKeys[]',
    'trajectory',
    'kube',
    required('labelSelector: {}, matchLabelKeys: [tier]'),
    required('labelSelector: {}'),
  ],
  [
    'PodAffinityTerm.mismatchLabelKeys[]',
    'trajectory',
    'kube',
    required('labelSelector: {}, mismatchLabelKeys: [tier]'),
    required('labelSelector: {}'),
  ],
  [
    'TopologySpreadConstraint.maxSkew',
    'trajectory',
    'kube',
    spread(`maxSkew: 3, ${ZONED}, ${HARD}, ${OWN}`, ', nodeSelector: {pool: p}'),
    [
      ...POOLS,
      spread(
        `maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, nodeAffinityPolicy: Ignore`,
        ', nodeSelector: {pool: p}',
      ),
    ],
  ],
  [
    'TopologySpreadConstraint.topologyKey',
    'trajectory',
    'kube',
    spread(`maxSkew: 1, topologyKey: none, ${HARD}, ${OWN}`),
    spread(`maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}`),
  ],
  [
    'TopologySpreadConstraint.whenUnsatisfiable',
    'trajectory',
    'kube',
    spread(`maxSkew: 1, topologyKey: none, whenUnsatisfiable: ScheduleAnyway, ${OWN}`),
    spread(`maxSkew: 1, topologyKey: none, ${HARD}, ${OWN}`),
  ],
  [
    'TopologySpreadConstraint.labelSelector',
    'trajectory',
    'kube',
    spread(
      `maxSkew: 1, ${ZONED}, ${HARD}, nodeAffinityPolicy: Ignore, labelSelector: {matchLabels: {app: none}}`,
      ', nodeSelector: {pool: p}',
    ),
    [
      ...POOLS,
      spread(
        `maxSkew: 1, ${ZONED}, ${HARD}, nodeAffinityPolicy: Ignore, ${OWN}`,
        ', nodeSelector: {pool: p}',
      ),
    ],
  ],
  [
    'TopologySpreadConstraint.minDomains',
    'trajectory',
    'kube',
    spread(`maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, minDomains: 5`),
    spread(`maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}`),
  ],
  [
    'TopologySpreadConstraint.nodeAffinityPolicy',
    'trajectory',
    'kube',
    spread(
      `maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, nodeAffinityPolicy: Ignore`,
      ', nodeSelector: {pool: p}',
    ),
    [
      ...POOLS,
      spread(
        `maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, nodeAffinityPolicy: Honor`,
        ', nodeSelector: {pool: p}',
      ),
    ],
  ],
  [
    'TopologySpreadConstraint.nodeTaintsPolicy',
    'trajectory',
    'kube',
    spread(`maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, nodeTaintsPolicy: Honor`),
    [
      `${P}.taints=[{key: k, effect: NoSchedule}]`,
      spread(`maxSkew: 1, ${ZONED}, ${HARD}, ${OWN}, nodeTaintsPolicy: Ignore`),
    ],
  ],
  [
    'TopologySpreadConstraint.matchLabelKeys[]',
    'trajectory',
    'kube',
    spread(
      `maxSkew: 1, ${ZONED}, ${HARD}, nodeAffinityPolicy: Ignore, labelSelector: {}, matchLabelKeys: [app]`,
      ', nodeSelector: {pool: p}',
    ),
    [
      ...POOLS,
      spread(
        `maxSkew: 1, ${ZONED}, ${HARD}, nodeAffinityPolicy: Ignore, labelSelector: {}`,
        ', nodeSelector: {pool: p}',
      ),
    ],
  ],
];
