/** One change for every field of a scenario, and what it must show in. */
import type { Case } from './case.ts';
import { CLUSTERS, MACHINES } from './fleet-cases.ts';
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
  ...LAW_ROWS,
].map(([field, shows, base, change, given = []]) => ({
  field,
  shows,
  base,
  change: list(change),
  given: list(given),
}));
