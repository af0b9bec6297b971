/** `study.json`: the plan of a study, which is all that its results depend on besides the runs. */

/** Version of the plan's shape. */
export const STUDY_SCHEMA = 'orrery.study/1';
/** Name of the plan's file; a folder that has it is the folder of a study. */
export const PLAN_FILE = 'study.json';

/** One point of a study. */
export interface PlannedPoint {
  /** Unique; the name of its folder. */
  readonly name: string;
  /** Name of its scenario. */
  readonly scenario: string;
  /** Label of its value on each axis. */
  readonly at: Readonly<Record<string, string>>;
  readonly overrides: readonly string[];
}

/** One run of a study. */
export interface PlannedRun {
  /** Hash of all that it depends on; the name of its folder. */
  readonly key: string;
  readonly point: string;
  readonly replication: number;
}

/** Which points are compared with which. */
export interface PlannedComparison {
  readonly axis: string;
  /** Label on that axis of what the others are compared with. */
  readonly baseline: string;
  /** True if points that are not the same scenario are compared all the same, under a banner. */
  readonly allowsDifferent: boolean;
}

/** The plan; without paths, hosts and dates. */
export interface StudyPlan {
  readonly schema: typeof STUDY_SCHEMA;
  readonly name: string;
  readonly question: string;
  /** False until all results are there: an unfinished folder is known by it. */
  readonly complete: boolean;
  /** Which part of the runs this folder is for; null for all of them. */
  readonly shard: { readonly index: number; readonly count: number } | null;
  /** Version and code that ran. */
  readonly build: string;
  readonly seed: number;
  readonly replications: number;
  readonly scenarios: readonly { readonly name: string; readonly sha256: string }[];
  readonly plugins: readonly { readonly name: string; readonly sha256: string }[];
  readonly axes: readonly string[];
  readonly comparison: PlannedComparison | null;
  /** As in `compare --metrics`; null for the usual metrics. */
  readonly metrics: readonly string[] | null;
  readonly points: readonly PlannedPoint[];
  /** All runs of the study, those of other shards too. */
  readonly runs: readonly PlannedRun[];
}

/**
 * Lists the runs that a folder is for: every `count`-th one, so that points which take longer are spread over all shards.
 *
 * *Order*: as planned.
 */
export function runsOfShard(plan: StudyPlan): readonly PlannedRun[] {
  const { shard, runs } = plan;
  return shard === null ? runs : runs.filter((_, i) => i % shard.count === shard.index - 1);
}
