/**
 * The shape of a scenario file, strict: types come from here, and so does the JSON Schema, which is the reference.
 * Defaults are filled in by `resolve.ts`; rules that span fields are in `check.ts`.
 */
import * as z from 'zod';
import { catalogFile, controlPlane, fleet } from './schema-fleet.ts';
import { imagePulls, loads } from './schema-kube-load.ts';
import { kubeNamespace, kubeService, maintenance, rollout } from './schema-kube-objects.ts';
import { autoscalers, budgets } from './schema-kube-scaling.ts';
import { failure, nodeLifecycle, placement, policies, thresholds } from './schema-policies.ts';
import {
  choice,
  duration,
  listOf,
  mapOf,
  name,
  positiveDuration,
  shape,
  text,
  whole,
} from './schema-values.ts';
import { type pod, podChanges, workload } from './schema-workloads.ts';

/** Kubernetes' bound for the priorities of users. */
const PRIORITY_MAX = 1_000_000_000;

/** A scenario file. */
export const scenarioSchema = shape('a scenario', {
  orrery: z
    .literal(1, { error: '1, the version of the format' })
    .optional()
    .describe('Version of the format; default 1.'),
  name: name.describe('Name of the scenario and of its folder of results.'),
  question: text('the question that the scenario answers').optional().describe('For people.'),
  imports: listOf('a list of files', text('the path of a file'))
    .optional()
    .describe(
      'Parts of scenarios, relative to this file. Maps join, lists add up, this file wins over its parts.',
    ),
  horizon: positiveDuration.describe('How much time is simulated.'),
  warmup: duration.optional().describe('Statistics start here; default 0s.'),
  study: choice(['terminating', 'steady'])
    .optional()
    .describe(
      'What replications ask: `terminating` (default), how the horizon goes from its start; `steady`, how it goes on in the long run: without a warmup they cut off what `orrery run` finds by MSER-5.',
    ),
  seed: whole(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Seed of all luck; without one the command draws and prints it.'),
  fleet: fleet.describe('What there is: clusters of pools of nodes.'),
  workloads: listOf('a list of workloads', workload)
    .min(1, { error: 'at least one workload' })
    .optional()
    .describe('What arrives. Required unless a cluster has a snapshot.'),
  policies: policies.optional().describe('How it is decided.'),
  placement: placement.optional().describe('Timing of decisions between clusters.'),
  nodeLifecycle: nodeLifecycle.optional().describe('How dead nodes are noticed.'),
  controlPlane: controlPlane.optional().describe('Speed of schedulers and binds; default ideal.'),
  priorityClasses: mapOf('priority classes, numbers by name', whole(-PRIORITY_MAX, PRIORITY_MAX))
    .optional()
    .describe('Priorities by class; higher goes first.'),
  services: listOf('a list of services', kubeService)
    .optional()
    .describe('Kubernetes’ Services, by whose selectors pods are spread if they do not say how.'),
  namespaces: listOf('a list of namespaces', kubeNamespace)
    .optional()
    .describe('Namespaces with their labels, for selectors of namespaces.'),
  rollouts: listOf('a list of rollouts', rollout(podChanges))
    .optional()
    .describe('New releases of workloads, and their undoing.'),
  maintenance: listOf('a list of maintenance', maintenance)
    .optional()
    .describe('Nodes that are drained or cordoned.'),
  budgets: budgets.optional().describe('Pods that drains and preemption must leave.'),
  autoscalers: autoscalers.optional().describe('Who scales deployments, after their loads.'),
  loads: loads.optional().describe('What workloads are asked for, for autoscalers.'),
  imagePulls: imagePulls
    .optional()
    .describe('Images that nodes pull before pods start; default none: all are there.'),
  failures: listOf('a list of failures', failure).optional().describe('What breaks.'),
  thresholds: thresholds.optional().describe('What must hold.'),
  series: shape('the time series', {
    every: positiveDuration.optional().describe('Width of a bucket; default about 1/288 horizon.'),
  })
    .optional()
    .describe('Resolution of time series.'),
  arrivalStream: choice([
    'keyed',
    'sfc32',
    'seedrandom:arc4',
    'seedrandom:alea',
    'seedrandom:tychei',
  ])
    .optional()
    .describe(
      'Where the gaps between arrivals come from: keyed draws without state (default), or one stateful stream per workload.',
    ),
  eventQueue: choice(['auto', 'heap', 'calendar', 'fastpriorityqueue'])
    .optional()
    .describe(
      'Event queue; never changes a result. Default auto: calendar for clusters of 2,000 nodes and more, else heap.',
    ),
});

/** A catalogue file. */
export const catalogSchema = catalogFile;

/** A scenario as written, once its shape is right. */
export type RawScenario = z.infer<typeof scenarioSchema>;
/** A catalogue as written, once its shape is right. */
export type RawCatalog = z.infer<typeof catalogFile>;
/** The fleet as written. */
export type RawFleet = RawScenario['fleet'];
/** A cluster as written. */
export type RawCluster = RawFleet['clusters'][number];
/** A pool as written. */
export type RawPool = NonNullable<RawCluster['pools']>[number];
/** A machine type as written. */
export type RawMachineType = NonNullable<RawFleet['machineTypes']>[number];
/** A provider as written. */
export type RawProvider = NonNullable<RawFleet['providers']>[number];
/** A workload as written. */
export type RawWorkload = NonNullable<RawScenario['workloads']>[number];
/** What a pod asks for, as written. */
export type RawPod = z.infer<typeof pod>;
/** A failure as written. */
export type RawFailure = NonNullable<RawScenario['failures']>[number];

/**
 * Gives the JSON Schema of scenario files (draft 2020-12) with descriptions, units and examples: what editors check
 * with, and the reference of all fields.
 */
export function scenarioJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(scenarioSchema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Orrery scenario',
    description: 'A question about a fleet of clusters, its workloads, policies and failures.',
    ...schema,
  };
}
