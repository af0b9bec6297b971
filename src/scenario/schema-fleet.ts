/** The shape of the fleet: machine types, providers, clusters and pools; and of catalogue files, which hold the first two. */
import * as z from 'zod';
import { kubeFiles } from './schema-kube-objects.ts';
import { durationLaw } from './schema-laws.ts';
import { policyUse } from './schema-policies.ts';
import {
  choice,
  cpu,
  duration,
  flag,
  labels,
  listOf,
  mapOf,
  mapOfImages,
  memory,
  name,
  nameSet,
  positiveDuration,
  positiveRate,
  price,
  ratio,
  real,
  shape,
  text,
  whole,
} from './schema-values.ts';

/** Nodes of one pool at most; the index columns of a cluster hold far more than any real one. */
export const NODES_MAX = 10_000_000;

/** Price models by name. */
export const PRICE_MODELS = ['owned', 'on-demand', 'reserved', 'spot'] as const;

/** A machine type as written. */
export const machineType = shape('a machine type', {
  name: name.describe('Unique in its file; a type of the scenario replaces one of the catalogue.'),
  cpu: cpu.describe('Allocatable cpu.'),
  memory: memory.describe('Allocatable memory.'),
  pods: whole(1, 100_000).optional().describe('Pods at most; default 110, as kubelet has it.'),
  gpus: shape('the GPUs of a machine type', {
    model: name.describe('Model, which pods may ask for.'),
    count: whole(1, 31).describe('Devices of a node; each has 1000 thousandths to share.'),
  })
    .optional()
    .describe('Devices of a node, all of one model.'),
  extended: mapOf('extended resources, counts by name', whole(0, 1_000_000_000))
    .optional()
    .describe('Extended resources by name.'),
  ephemeralStorage: memory
    .optional()
    .describe('Allocatable local storage, for requests of ephemeral-storage; default 0.'),
  labels: labels.optional().describe('Labels of its nodes; those of the pool win.'),
  prices: shape('the prices of a machine type', {
    owned: price.optional().describe('Own hardware, amortised.'),
    'on-demand': price.optional().describe('Paid by use, no commitment.'),
    reserved: price.optional().describe('Paid by use, with a commitment.'),
    spot: price.optional().describe('Spare capacity that may be withdrawn.'),
  })
    .optional()
    .describe('Price of a node by price model; none at all means owned at $0.'),
  unverified: flag
    .optional()
    .describe('True: no source confirms its figures, and orrery validate says so.'),
});

/** A provider as written. */
export const provider = shape('a provider', {
  name: name.describe('Unique in its file; one of the scenario replaces one of the catalogue.'),
  kind: choice(['private', 'bare-metal', 'public', 'managed']).describe(
    'Private and bare metal are owned; the others are paid by use.',
  ),
  boot: durationLaw.optional().describe('From asking for a node to its being up; default 0s.'),
  quota: whole(0, 1_000_000_000)
    .optional()
    .describe('Nodes of this provider at most, over the whole fleet; default no limit.'),
  bootRate: positiveRate
    .optional()
    .describe('Nodes it starts at most, per cluster; default no limit.'),
  bootFailures: ratio
    .optional()
    .describe('Share of boots that fail and are asked for again; default 0.'),
  clusterFee: price.optional().describe('Fee of each cluster while it exists; default $0/h.'),
  unverified: flag
    .optional()
    .describe('True: no source confirms its figures, and orrery validate says so.'),
});

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const;
/** What a taint does, or a toleration bears. */
export const taintEffect = choice(EFFECTS);
const taint = shape('a taint', {
  key: name.describe('Key that a toleration names.'),
  value: text('the value of a taint').optional().describe('Default empty.'),
  effect: taintEffect.describe(
    'What it does to pods that do not tolerate it. PreferNoSchedule only matters to scores of kubernetes/default.',
  ),
});

/** A pool as written. */
export const pool = shape('a pool', {
  name: nameSet.optional().describe('Unique in the cluster; default the machine type.'),
  machineType: nameSet
    .optional()
    .describe('A machine type of the catalogue or of fleet.machineTypes. Required without nodes.'),
  count: whole(0, NODES_MAX)
    .optional()
    .describe('Nodes that exist from the start. Required without max and nodes; else default 0.'),
  max: whole(0, NODES_MAX)
    .optional()
    .describe('Nodes at most: the pool grows when pods wait. Default count: it does not grow.'),
  price: choice(PRICE_MODELS)
    .optional()
    .describe('Price model; default owned on private and bare metal, on-demand on others.'),
  zone: nameSet.optional().describe('Failure domain; default the zone of the cluster.'),
  labels: labels.optional().describe('Labels that pods may select.'),
  taints: listOf('a list of taints', taint).optional().describe('Taints of all its nodes.'),
  unschedulable: flag
    .optional()
    .describe('True: its nodes are cordoned, with Kubernetes’ taint; default false.'),
  images: mapOfImages('images, sizes by name', memory)
    .optional()
    .describe('Images that its nodes have, with their sizes.'),
  volumeLimits: mapOf('limits of volumes by CSI driver', whole(0, 1_000_000))
    .optional()
    .describe('Volumes of a CSI driver on a node at most; default no limit.'),
  rackSize: whole(1, NODES_MAX).optional().describe('Nodes per rack, in node order; default 40.'),
  idleAfter: positiveDuration
    .optional()
    .describe('Idle time after which a node above count is given back; default 10m.'),
  domains: listOf('a list of failure domains', nameSet)
    .optional()
    .describe('Failure domains of your own, for outages of domain/NAME.'),
  nodes: shape('a list of nodes from a file', {
    format: choice(['openb']).describe('openb: CSV with sn, cpu_milli, memory_mib, gpu, model.'),
    path: text('the path of a node list').describe(
      'Relative to the file that names it; $' + '{ORRERY_DATA} stands for the data folder.',
    ),
  })
    .optional()
    .describe('Explicit nodes instead of machineType and count; owned at $0.'),
});

/** A control plane as written. */
export const controlPlane = z.union(
  [
    choice(['ideal']),
    shape('a control plane', {
      attempt: duration.optional().describe('Scheduler time per attempt; default 0s.'),
      perNode: duration.optional().describe('Added per node that it examined; default 0s.'),
      bindsPerSecond: real(0, 1_000_000, true)
        .optional()
        .describe('Token bucket of binds; default no limit.'),
      bindBurst: whole(1, 1_000_000_000)
        .optional()
        .describe('Size of that bucket; default twice the rate, as kube-scheduler’s 50 and 100.'),
    }),
  ],
  { error: '"ideal", or a map with attempt, perNode, bindsPerSecond, bindBurst' },
);

/** A cluster, or a set of them, as written. */
export const cluster = shape('a cluster', {
  name: nameSet.describe('Unique in the fleet; {name} in other fields stands for it.'),
  region: nameSet.optional().describe('Failure domain; default local.'),
  site: nameSet.optional().describe('Failure domain; default the zone.'),
  zone: nameSet.optional().describe('Failure domain; default the name of the cluster.'),
  provider: nameSet
    .optional()
    .describe('A provider of the catalogue or of fleet.providers; default private.'),
  weight: real(0, 1_000_000).optional().describe('Weight for static division; default 1.'),
  labels: labels.optional().describe('Labels that placement policies may read.'),
  domains: listOf('a list of failure domains', nameSet)
    .optional()
    .describe('Failure domains of your own, of all its pools.'),
  pools: z
    .array(pool, { error: 'a list of pools' })
    .min(1, { error: 'at least one pool' })
    .optional()
    .describe('Groups of equal nodes. Required without snapshot.'),
  snapshot: kubeFiles
    .optional()
    .describe('Files of a Kubernetes cluster: its nodes, its workloads and the pods that run.'),
  scheduling: policyUse.optional().describe('Instead of policies.scheduling, in this cluster.'),
  queueing: policyUse.optional().describe('Instead of policies.queueing, in this cluster.'),
  controlPlane: controlPlane.optional().describe('Instead of controlPlane, in this cluster.'),
});

/** The fleet as written. */
export const fleet = shape('a fleet', {
  catalog: z
    .union([text('the path of a catalogue'), listOf('paths of catalogues', text('a path'))], {
      error: 'the path of a catalogue, or a list of paths',
    })
    .optional()
    .describe(
      'Files with machine types and providers, relative to this file; .yaml may be left out.',
    ),
  machineTypes: listOf('a list of machine types', machineType)
    .optional()
    .describe('Machine types of this scenario; they replace those of the catalogue by name.'),
  providers: listOf('a list of providers', provider)
    .optional()
    .describe('Providers of this scenario; they replace those of the catalogue by name.'),
  clusters: z
    .array(cluster, { error: 'a list of clusters' })
    .min(1, { error: 'at least one cluster' })
    .describe('Clusters, alone or as sets such as c-{1..140}.'),
});

/** A catalogue file: dated machine types and providers, with prices. */
export const catalogFile = shape('a catalogue file', {
  catalog: shape('the head of a catalogue', {
    name: name.describe('Name in the manifest of a result.'),
    date: z
      .string({ error: 'a date such as "2026-07-20"' })
      .regex(/^\d{4}-\d{2}(-\d{2})?$/, { error: 'a date such as "2026-07-20"' })
      .describe('Day or month of the prices.'),
    source: text('where the figures come from').describe('Where the figures come from.'),
    currency: z
      .literal('USD', { error: 'USD\nbills are in US dollars: convert the prices' })
      .describe('Currency of all prices.'),
  }),
  machineTypes: listOf('a list of machine types', machineType).optional(),
  providers: listOf('a list of providers', provider).optional(),
});
