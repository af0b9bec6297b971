/** Rows of `orrery.bench/1`, and how they are printed. */
import Table from 'cli-table3';
import type { Scenario } from '../src/scenario/scenario.ts';

/** One measured configuration; null where a column does not apply. */
export interface BenchRow {
  readonly name: string;
  readonly nodes: number | null;
  readonly policy: string | null;
  readonly tier: string | null;
  readonly queue: string | null;
  readonly podsPerSecond: number | null;
  readonly eventsPerSecond: number | null;
  readonly nsPerPod: number | null;
  /** Of the placer: a job, or a summary. */
  readonly nsPerDecision: number | null;
  readonly scoredPerPod: number | null;
  readonly bytesPerNode: number | null;
  readonly bytesPerRunningPod: number | null;
  /** Of a cluster beside its nodes and pods. */
  readonly bytesPerCluster: number | null;
  readonly trajectory: string | null;
  /** What `ratio` compares with. */
  readonly reference: string | null;
  readonly ratio: number | null;
}

/** A row with everything null that is not given. */
export function row(name: string, given: Partial<BenchRow>): BenchRow {
  return {
    name,
    nodes: null,
    policy: null,
    tier: null,
    queue: null,
    podsPerSecond: null,
    eventsPerSecond: null,
    nsPerPod: null,
    nsPerDecision: null,
    scoredPerPod: null,
    bytesPerNode: null,
    bytesPerRunningPod: null,
    bytesPerCluster: null,
    trajectory: null,
    reference: null,
    ratio: null,
    ...given,
  };
}

/** Sizes of one run of a benchmark. */
export interface BenchOptions {
  /** Nodes, or pending events of the event queue; null takes the ladder of the benchmark. */
  readonly nodes: number | null;
  readonly policy: string | null;
  /** Event queue of the scenario; null lets it choose. */
  readonly queue: Scenario['eventQueue'] | null;
  /** Folder of the C++ reference, or null. */
  readonly against: string | null;
  /** Rounds of interleaved runs; null takes the benchmark's own number. */
  readonly rounds: number | null;
  /** True: one configuration in this process, as the ladder asks of its children. */
  readonly isOnly: boolean;
  /** True: as small as it can be without saying nothing. */
  readonly isSmoke: boolean;
}

/** The middle of the values; of an even number the upper of the two. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

const COLUMNS = [
  ['nodes', 'nodes'],
  ['policy', 'policy'],
  ['tier', 'tier'],
  ['queue', 'queue'],
  ['podsPerSecond', 'pods/s'],
  ['eventsPerSecond', 'events/s'],
  ['nsPerPod', 'ns/pod'],
  ['nsPerDecision', 'ns/decision'],
  ['scoredPerPod', 'scored/pod'],
  ['bytesPerNode', 'B/node'],
  ['bytesPerRunningPod', 'B/pod'],
  ['bytesPerCluster', 'B/cluster'],
  ['reference', 'against'],
  ['ratio', 'ratio'],
] as const;

/** The rows as a table, columns that nobody fills left out. */
export function tableOf(rows: readonly BenchRow[]): string {
  const used = COLUMNS.filter(([key]) => rows.some((r) => r[key] !== null));
  const table = new Table({
    head: ['', ...used.map(([, title]) => title)],
    style: { head: [], border: [] },
  });
  for (const r of rows) table.push([r.name, ...used.map(([key]) => cell(r[key]))]);
  return table.toString();
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return value >= 100 || Number.isInteger(value)
    ? Math.round(value).toLocaleString('en-US')
    : value.toFixed(2);
}
