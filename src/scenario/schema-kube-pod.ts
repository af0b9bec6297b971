/** The shape of what only Kubernetes reads of a pod, in the field names of its API. */
import * as z from 'zod';
import {
  choice,
  labels,
  listOf,
  mapOf,
  name,
  resourceQuantity,
  shape,
  text,
  whole,
} from './schema-values.ts';

const INT32_MAX = 2_147_483_647;

const requirement = (operators: readonly [string, ...string[]], noun: string) =>
  shape(noun, {
    key: text('the key of a label').describe('Key of the label.'),
    operator: choice(operators).describe('NotIn holds for an absent key too.'),
    values: listOf('a list of texts', z.string({ error: 'a text\nput quotes around it' }))
      .optional()
      .describe('For In and NotIn at least one, for Exists and DoesNotExist none.'),
  });

/** A selector of labels: all of what it lists. */
export const labelSelector = shape('a label selector', {
  matchLabels: labels.optional().describe('Labels and their values.'),
  matchExpressions: listOf(
    'a list of requirements',
    requirement(['In', 'NotIn', 'Exists', 'DoesNotExist'], 'a requirement on labels'),
  )
    .optional()
    .describe('Requirements, all of which must hold.'),
}).meta({
  id: 'LabelSelector',
  description: 'A selector of labels; {} selects everything.',
  examples: [{ matchLabels: { app: 'web' } }],
});

const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;
const nodeRequirements = (noun: string) =>
  listOf('a list of requirements', requirement(NODE_OPERATORS, noun)).optional();

/** A term of a node selector. */
export const nodeSelectorTerm = shape('a term of a node selector', {
  matchExpressions: nodeRequirements('a requirement on labels of a node').describe(
    'On labels; Gt and Lt compare whole numbers.',
  ),
  matchFields: nodeRequirements('a requirement on the name of a node').describe(
    'On the key metadata.name, In or NotIn with one value.',
  ),
}).meta({
  id: 'NodeSelectorTerm',
  description: 'All of its requirements; a term without any selects nothing.',
  examples: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
});

const nodeAffinity = shape('a node affinity', {
  requiredDuringSchedulingIgnoredDuringExecution: shape('a node selector', {
    nodeSelectorTerms: listOf('a list of terms', nodeSelectorTerm).describe(
      'One of them must hold.',
    ),
  })
    .optional()
    .describe('What the node must have.'),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    'a list of weighted terms',
    shape('a weighted term of a node selector', {
      weight: whole(0, 100).describe('Added to the raw score of nodes that match.'),
      preference: nodeSelectorTerm.describe('What the node should have.'),
    }),
  )
    .optional()
    .describe('What the node should have.'),
}).meta({
  id: 'NodeAffinity',
  description: 'Which nodes the pod wants.',
  examples: [{ requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } }],
});

const labelKeys = listOf('a list of keys of labels', text('the key of a label'));

const podAffinityTerm = shape('a term of pod affinity', {
  labelSelector: labelSelector.optional().describe('Pods that it is about; none without.'),
  topologyKey: text('the key of a label of nodes').describe(
    'Nodes with equal values are together.',
  ),
  namespaces: listOf('a list of namespaces', name)
    .optional()
    .describe('Default that of the pod, unless namespaceSelector is given.'),
  namespaceSelector: labelSelector.optional().describe('Namespaces by their labels.'),
  matchLabelKeys: labelKeys
    .optional()
    .describe('Labels of the pod whose values the others must have too.'),
  mismatchLabelKeys: labelKeys
    .optional()
    .describe('Labels of the pod whose values the others must not have.'),
}).meta({
  id: 'PodAffinityTerm',
  description: 'Pods that are near, or should not be.',
  examples: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: {} }],
});

const podAffinity = shape('a pod affinity', {
  requiredDuringSchedulingIgnoredDuringExecution: listOf('a list of terms', podAffinityTerm)
    .optional()
    .describe('What must hold.'),
  preferredDuringSchedulingIgnoredDuringExecution: listOf(
    'a list of weighted terms',
    shape('a weighted term of pod affinity', {
      weight: whole(0, 100).describe('Added to the raw score, or taken off it.'),
      podAffinityTerm: podAffinityTerm.describe('What should hold.'),
    }),
  )
    .optional()
    .describe('What should hold.'),
}).meta({
  id: 'PodAffinity',
  description: 'Pods that the pod wants to be near to, or away from.',
  examples: [{ requiredDuringSchedulingIgnoredDuringExecution: [] }],
});

/** Affinity of a pod. */
export const affinity = shape('an affinity', {
  nodeAffinity: nodeAffinity.optional().describe('Nodes that it wants.'),
  podAffinity: podAffinity.optional().describe('Pods that it wants to be near.'),
  podAntiAffinity: podAffinity.optional().describe('Pods that it wants to be away from.'),
});

/** How pods are spread over domains. */
export const topologySpreadConstraint = shape('a topology spread constraint', {
  maxSkew: whole(1, INT32_MAX).describe('Pods that a domain may have more than the emptiest.'),
  topologyKey: text('the key of a label of nodes').describe('Its values are the domains.'),
  whenUnsatisfiable: choice(['DoNotSchedule', 'ScheduleAnyway']).describe(
    'DoNotSchedule must hold, ScheduleAnyway should.',
  ),
  labelSelector: labelSelector.optional().describe('Pods that are counted; none without.'),
  minDomains: whole(1, INT32_MAX)
    .optional()
    .describe('With fewer domains the emptiest counts as empty; default 1.'),
  nodeAffinityPolicy: choice(['Honor', 'Ignore'])
    .optional()
    .describe('Whether nodes that the pod’s affinity excludes count; default Honor: they do not.'),
  nodeTaintsPolicy: choice(['Honor', 'Ignore'])
    .optional()
    .describe(
      'Whether nodes with taints that it does not tolerate count; default Ignore: they do.',
    ),
  matchLabelKeys: labelKeys
    .optional()
    .describe('Labels of the pod whose values the others must have too.'),
}).meta({
  id: 'TopologySpreadConstraint',
  description: 'How evenly pods are spread.',
  examples: [
    {
      maxSkew: 1,
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
});

/** Requests by name of the resource. */
export const requests = mapOf('requests, quantities by name of the resource', resourceQuantity);

const hostPort = shape('a port of the host', {
  hostPort: whole(1, 65_535).describe('Port of the node; one pod at a time can have it.'),
  hostIP: text('an address of the node').optional().describe('Default 0.0.0.0: all of them.'),
  protocol: choice(['TCP', 'UDP', 'SCTP']).optional().describe('Default TCP.'),
});
/** Ports of the host. */
export const hostPorts = listOf('a list of ports of the host', hostPort);

const containerFields = {
  image: text('the name of an image')
    .optional()
    .describe('Image; a name without a tag means latest.'),
  requests: requests
    .optional()
    .describe('cpu, memory, ephemeral-storage or any extended resource; default none.'),
  ports: hostPorts.optional().describe('Ports of the host that it takes.'),
};
/** An app container. */
export const container = shape('a container', {
  name: name.optional().describe('By which a rollout changes it.'),
  ...containerFields,
});
/** An init container. */
export const initContainer = shape('an init container', {
  ...containerFields,
  restartPolicy: choice(['Always'])
    .optional()
    .describe('Always makes it a sidecar, which keeps running; default it ends first.'),
});

/** A volume as the scheduler sees it. */
export const volume = shape('a volume', {
  claim: name
    .optional()
    .describe('A claim of the namespace; exactly one of claim and disk is given.'),
  disk: shape('a disk', {
    type: choice(['gce', 'ebs', 'iscsi', 'rbd']).describe('Kind of disk.'),
    id: text('what tells the disk from others').describe('What tells it from others.'),
    readOnly: z.boolean({ error: 'true or false' }).optional().describe('Default false.'),
  })
    .optional()
    .describe('A disk that is written into the pod itself.'),
});
