/**
 * The metric catalogue: what every number in a bundle means. Recorder, thresholds and reports read it; a metric that is
 * not here does not exist.
 */
import { nearest } from '../base/nearest.ts';
import type { Direction, Labels, MetricKind } from './bundle.ts';

/** Everything that is known about a metric before a run. */
export interface MetricInfo {
  readonly name: string;
  readonly kind: MetricKind;
  /** Plural noun of the base unit; `resource` depends on the label `resource`, see {@link unitOf}. */
  readonly unit: string;
  /** Which way is worse in a comparison: `lower` means that lower is better. */
  readonly direction: Direction;
  /** Labels that a result of this metric may carry, in reading order. */
  readonly labels: readonly string[];
  /** Labels that never add up: a selector that leaves them out means "in each of their values". */
  readonly inherent: readonly string[];
  /** True where values are whole numbers, so that `==` makes sense. */
  readonly isExact: boolean;
  readonly definition: string;
  readonly source: string;
}

const PLACE = ['cluster', 'workload'];
const DESIGN = 'design, section 8';

interface Draft {
  readonly unit: string;
  readonly direction: Direction;
  readonly labels: readonly string[];
  readonly inherent?: readonly string[];
  readonly definition: string;
  readonly source?: string;
}

const counter = (name: string, draft: Draft): MetricInfo => entry(name, 'counter', draft);
const gauge = (name: string, draft: Draft): MetricInfo => entry(name, 'gauge', draft);
const sample = (name: string, draft: Draft): MetricInfo => entry(name, 'sample', draft);

function entry(name: string, kind: MetricKind, draft: Draft): MetricInfo {
  const isExact = ['pods', 'nodes', 'events', 'decisions', 'failures'].includes(draft.unit);
  return { inherent: [], source: DESIGN, ...draft, name, kind, isExact };
}

/** All metrics, sorted by name. */
export const CATALOG: readonly MetricInfo[] = [
  gauge('allocatable', {
    unit: 'resource',
    direction: 'neutral',
    labels: ['resource', 'cluster'],
    inherent: ['resource'],
    definition: 'Amount of a resource on nodes that are up, in the unit of the resource.',
  }),
  gauge('allocated', {
    unit: 'resource',
    direction: 'neutral',
    labels: ['resource', 'cluster'],
    inherent: ['resource'],
    definition:
      'Amount of a resource requested by pods that are bound, in the unit of the resource.',
  }),
  gauge('allocation_ratio', {
    unit: 'ratio',
    direction: 'higher',
    labels: ['resource', 'cluster'],
    inherent: ['resource'],
    definition: 'Sum of requests over sum of allocatable, on nodes that are up.',
    source: 'facts, H4 (allocation)',
  }),
  counter('cost_dollars', {
    unit: 'dollars',
    direction: 'lower',
    labels: ['part', 'price', 'cluster', 'pool', 'workload', 'team'],
    definition:
      'Total cost of the fleet: workload (requested), idle (allocatable less requested) and overhead.',
    source: 'OpenCost specification 0.1',
  }),
  counter('decisions_total', {
    unit: 'decisions',
    direction: 'neutral',
    labels: ['cluster'],
    definition: 'Scheduling attempts that ended with a verdict: a node, not now, or never.',
  }),
  counter('events_total', {
    unit: 'events',
    direction: 'neutral',
    labels: ['cluster'],
    definition: 'Events that the engine dispatched.',
  }),
  gauge('fragmentation_ratio', {
    unit: 'ratio',
    direction: 'lower',
    labels: ['resource', 'cluster'],
    inherent: ['resource'],
    definition:
      'Share of the free amount of a resource on nodes that are too full for the largest pod shape (by cpu) seen so far, sampled at bucket ends.',
    source: 'Stranded resources as in Borg (EuroSys 2015), section 5; FGD has its own measure',
  }),
  gauge('headroom_ratio', {
    unit: 'ratio',
    direction: 'higher',
    labels: ['resource', 'cluster'],
    inherent: ['resource'],
    definition: 'Free share of a resource on nodes that are up: one less the allocation ratio.',
  }),
  counter('node_failures_total', {
    unit: 'failures',
    direction: 'lower',
    labels: ['cluster'],
    definition: 'Nodes that went down, by a failure of their own or with their failure domain.',
  }),
  gauge('nodes', {
    unit: 'nodes',
    direction: 'neutral',
    labels: ['state', 'cluster'],
    definition: 'Nodes by state: booting, up, draining or down.',
  }),
  counter('placements_total', {
    unit: 'pods',
    direction: 'neutral',
    labels: PLACE,
    definition: 'Pods that the placer assigned to a cluster; a pod given back counts again.',
  }),
  sample('pod_startup_seconds', {
    unit: 'seconds',
    direction: 'lower',
    labels: ['class'],
    definition: 'Time from bind to running: image pull and container start.',
  }),
  sample('pod_wait_seconds', {
    unit: 'seconds',
    direction: 'lower',
    labels: ['class', 'cause', ...PLACE],
    definition:
      'Time from entering the queue to bind, one sample per pending episode, dated by its start; pods still pending count with their age as a lower bound.',
  }),
  counter('pods_arrived_total', {
    unit: 'pods',
    direction: 'neutral',
    labels: PLACE,
    definition: 'Pods that entered the system.',
  }),
  counter('pods_completed_total', {
    unit: 'pods',
    direction: 'higher',
    labels: PLACE,
    definition: 'Pods that finished, or were no longer wanted by their service.',
  }),
  counter('pods_evicted_total', {
    unit: 'pods',
    direction: 'lower',
    labels: ['cause', ...PLACE],
    definition: 'Evictions; an evicted pod that is retried is the same pod, pending again.',
  }),
  counter('pods_lost_total', {
    unit: 'pods',
    direction: 'lower',
    labels: PLACE,
    definition: 'Pods that ran out of retries, or that nothing in the fleet can ever hold.',
  }),
  gauge('pods_pending', {
    unit: 'pods',
    direction: 'lower',
    labels: ['reason', ...PLACE],
    definition: 'Pods in the system that are not bound, by the reason of the last attempt.',
  }),
  counter('pods_returned_total', {
    unit: 'pods',
    direction: 'lower',
    labels: PLACE,
    definition: 'Pods that a cluster gave back to the placer.',
  }),
  gauge('pods_running', {
    unit: 'pods',
    direction: 'neutral',
    labels: PLACE,
    definition: 'Pods that are bound to a node.',
  }),
];

const BY_NAME: ReadonlyMap<string, MetricInfo> = new Map(CATALOG.map((m) => [m.name, m]));

/** Finds a metric by name; undefined if the catalogue has none. */
export function findMetric(name: string): MetricInfo | undefined {
  return BY_NAME.get(name);
}

/** Suggests the nearest metric name for a wrong one, or null where none is near. */
export function suggestMetric(name: string): string | null {
  const names = CATALOG.map((m) => m.name);
  return nearest(name, names) ?? null;
}

/**
 * Tells the unit of a metric under a label set: `resource` becomes cores, bytes, gpus or count by the label.
 *
 * @param info entry of the catalogue
 * @param labels labels of the result
 */
export function unitOf(info: MetricInfo, labels: Labels): string {
  if (info.unit !== 'resource') return info.unit;
  const resource = labels.resource;
  if (resource === 'cpu') return 'cores';
  if (resource === 'memory') return 'bytes';
  if (resource === 'gpu') return 'gpus';
  return resource === 'pods' ? 'pods' : 'count';
}

/** Prints a label set in key order, `{class="prod",cluster="c-1"}`; the empty string for no labels. */
export function labelText(labels: Labels): string {
  const keys = Object.keys(labels).sort();
  if (keys.length === 0) return '';
  return `{${keys.map((k) => `${k}=${JSON.stringify(labels[k])}`).join(',')}}`;
}

/**
 * Compares two results for the order of a bundle: by name, then label by label in key order, fewer labels first.
 *
 * *Order*: total on (name, labels); strings by code unit.
 */
export function compareMetrics(
  a: { readonly name: string; readonly labels: Labels },
  b: { readonly name: string; readonly labels: Labels },
): number {
  return compareText(a.name, b.name) || compareLabels(a.labels, b.labels);
}

/** Compares label sets: fewer labels first, then keys, then values, by code unit. */
export function compareLabels(a: Labels, b: Labels): number {
  const keysA = Object.keys(a).sort();
  const keysB = Object.keys(b).sort();
  if (keysA.length !== keysB.length) return keysA.length - keysB.length;
  for (let i = 0; i < keysA.length; i++) {
    const order = compareText(keysA[i]!, keysB[i]!);
    if (order !== 0) return order;
  }
  for (const key of keysA) {
    const order = compareText(a[key]!, b[key]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares two strings by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
