/** One change for every field of a scenario, and what it must show in. */
import type { Case } from './case.ts';
import { CLUSTERS, MACHINES } from './fleet-cases.ts';
import { KUBE_CONTROLLERS, KUBE_EVENTS, KUBE_FILES } from './kube-object-cases.ts';
import { KUBE_PODS } from './kube-pod-cases.ts';
import { KUBE_SCALING } from './kube-scaling-cases.ts';
import { KUBE_SHAPES } from './kube-shape-cases.ts';
import { LAW_ROWS } from './law-cases.ts';
import { DECISIONS, FAILURES, HEAD, THRESHOLDS } from './run-cases.ts';
import { PODS, WORKLOADS } from './workload-cases.ts';

const list = (overrides: string | readonly string[]): readonly string[] =>
  typeof overrides === 'string' ? [overrides] : overrides;

/** Every case; a field may have several. */
export const CASES: readonly Case[] = [
  ...HEAD,
  ...MACHINES,
  ...CLUSTERS,
  ...PODS,
  ...WORKLOADS,
  ...DECISIONS,
  ...FAILURES,
  ...THRESHOLDS,
  ...KUBE_SCALING,
  ...LAW_ROWS,
  ...KUBE_PODS,
  ...KUBE_FILES,
  ...KUBE_EVENTS,
  ...KUBE_CONTROLLERS,
  ...KUBE_SHAPES,
].map(([field, shows, base, change, given = []]) => ({
  field,
  shows,
  base,
  change: list(change),
  given: list(given),
}));
