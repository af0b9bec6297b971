/** The shape of everything that names a policy: the three contracts and failures. */
import * as z from 'zod';
import { durationLaw } from './schema-laws.ts';
import {
  choice,
  duration,
  durationOrNever,
  listOf,
  name,
  nameSet,
  positiveDuration,
  positiveRate,
  ratio,
  real,
  shape,
  text,
  whole,
} from './schema-values.ts';

const params = z
  .unknown()
  .optional()
  .describe('Parameters of the policy, which checks them: see orrery policies.');

/** The use of a policy: its name, or name and parameters. */
export const policyUse = z
  .union([name, shape('a policy with parameters', { use: name.describe('Its name.'), params })], {
    error: 'the name of a policy, or {use: NAME, params: {...}}',
  })
  .meta({
    id: 'PolicyUse',
    description: 'A policy by name, alone or with parameters; orrery policies lists them.',
    examples: ['first-fit', { use: 'power-of-d', params: { d: 2 } }],
  });

/** The policies of the fleet. */
export const policies = shape('the policies', {
  placement: policyUse.optional().describe('Which clusters get the pods; default most-free.'),
  scheduling: policyUse
    .optional()
    .describe(
      'Which node gets a pod; default least-allocated, or kubernetes/default with controllers of Kubernetes.',
    ),
  queueing: policyUse.optional().describe('Which pod is next; default priority.'),
});

/** Timing of placement. */
export const placement = shape('the timing of placement', {
  latency: positiveDuration
    .optional()
    .describe('From decision to queue, and back; default 1us with one cluster, else 1s.'),
  summaryEvery: positiveDuration
    .optional()
    .describe('How often clusters publish their summary; default 10s.'),
  returnAfter: durationOrNever
    .optional()
    .describe('Waiting after which a cluster gives a pod back; default 60s, never with one.'),
  failoverAfter: durationOrNever
    .optional()
    .describe('Darkness after which pods start elsewhere; default 5m, never with one cluster.'),
});

/** Timing of the node lifecycle. */
export const nodeLifecycle = shape('the node lifecycle', {
  detectAfter: duration
    .optional()
    .describe('From death to its being noticed; default 50s (grace period of Kubernetes 1.32).'),
  evictAfter: duration
    .optional()
    .describe('From there to the eviction of its pods; default 300s (Kubernetes’ toleration).'),
  controller: choice(['plain', 'kubernetes'])
    .optional()
    .describe(
      'plain: exactly these times. kubernetes: leases, passes, taints and rates per zone. ' +
        'Default kubernetes with kubernetes/* scheduling, else plain.',
    ),
  monitorEvery: positiveDuration
    .optional()
    .describe('Time between two passes over all nodes; default 5s. For controller: kubernetes.'),
  evictionRate: positiveRate
    .optional()
    .describe('Nodes given up in a zone; default 0.1/s. For controller: kubernetes.'),
  slowEvictionRate: positiveRate
    .optional()
    .describe(
      'The same in a large zone most of which is silent; default 0.01/s. For controller: kubernetes.',
    ),
  unhealthyRatio: ratio
    .optional()
    .describe('Share of silent nodes from which a zone counts as such; default 55%.'),
  largeZone: whole(0, 1_000_000_000)
    .optional()
    .describe(
      'Nodes above which a zone is large; in smaller ones such eviction stops; default 50.',
    ),
  api: z
    .union(
      [
        choice(['ideal']),
        shape('a limit of API calls', {
          perSecond: real(0.001, 1_000_000).describe('Calls a second of each controller.'),
          burst: whole(1, 1_000_000).describe('Calls at once.'),
        }),
      ],
      { error: 'ideal, or {perSecond, burst}' },
    )
    .optional()
    .describe(
      'Calls of each controller; default {perSecond: 20, burst: 30}. For controller: kubernetes.',
    ),
});

const outage = shape('an outage', {
  outage: text('a failure domain such as zone/idc-b').describe(
    'What goes dark: KIND/NAME with node, rack, pool, cluster, zone, site, region, provider, domain.',
  ),
  at: duration.describe('When.'),
  for: positiveDuration.describe('How long.'),
  name: name.optional().describe('Name for thresholds; default the target.'),
});
const modelled = shape('a failure model', {
  model: name.describe('node: each node fails on its own, again and again. Else a failure policy.'),
  mtbf: positiveDuration
    .optional()
    .describe('Mean time from repair (or start) to the next failure of a node. For model: node.'),
  repair: durationLaw.optional().describe('Time from failure to being up. For model: node.'),
  law: choice(['exponential', 'weibull'])
    .optional()
    .describe('Law of the time between failures; default exponential. For model: node.'),
  shape: real(0.1, 100)
    .optional()
    .describe('Shape of the Weibull law; below 1 failures come early. For law: weibull.'),
  params: z.unknown().optional().describe('Parameters of the failure policy. Not for model: node.'),
  repairers: whole(1, 1_000_000_000)
    .optional()
    .describe('Nodes of each cluster under repair at a time; the others wait; default no limit.'),
  clusters: listOf('a list of clusters', nameSet)
    .optional()
    .describe('Only nodes of these clusters, names or sets; default all.'),
});

/** An outage, failures of nodes, or the failure model of a plug-in. */
export const failure = z.union([outage, modelled], {
  error: 'a failure: {model: node, mtbf, repair}, {outage, at, for} or {model, params}',
});

const thresholdEntry = shape('a threshold with its reason', {
  expr: text('a threshold such as "p(99) < 30s"').describe('The threshold.'),
  because: text('the reason for a threshold').optional().describe('Why it matters.'),
  warn: z.boolean({ error: 'true or false' }).optional().describe('True: a miss only warns.'),
});
const threshold = z.union([text('a threshold such as "p(99) < 30s"'), thresholdEntry], {
  error: 'a threshold such as "p(99) < 30s", or {expr, because, warn}',
});

/** Thresholds by metric selector; `results/` owns their grammar. */
export const thresholds = z
  .record(z.string(), z.union([threshold, z.array(threshold)], { error: 'a list of thresholds' }), {
    error: 'a map of thresholds by metric, such as pod_wait_seconds: ["p(99) < 30s"]',
  })
  .meta({
    description: 'Thresholds by metric selector; orrery metrics lists the metrics.',
    examples: [{ 'pod_wait_seconds{class="critical"}': ['p(99) < 15m during outage(any)'] }],
  });
