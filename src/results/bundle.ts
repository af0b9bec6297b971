/**
 * The versioned shape of a result bundle, as plain data. `run/` fills it, `host/` writes it, every report reads it.
 *
 * Absent is null, never NaN; metrics are sorted by (name, labels); times are seconds in files, money dollars.
 */

export const RESULT_SCHEMA = 'orrery.result/1';
export const MANIFEST_SCHEMA = 'orrery.manifest/1';

/** How a metric adds up: increments, a level over time, or one value per event. */
export type MetricKind = 'counter' | 'gauge' | 'sample';
/** Which way is better; neutral has no better. */
export type Direction = 'lower' | 'higher' | 'neutral';
/** Label names and values; names are those of the catalogue. */
export type Labels = Readonly<Record<string, string>>;

/** One metric under one label set, over the whole run after warm-up. */
export interface MetricResult {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly direction: Direction;
  /** Empty is the whole fleet and is always there. */
  readonly labels: Labels;
  /** Samples, increments, or 1 for a gauge that was observed; of all replications together, as everything up to `last`. */
  readonly n: number;
  readonly sum: number | null;
  /** Gauges: the time-weighted mean. Counters of several replications: the mean of their totals. */
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly stddev: number | null;
  /** By quantile as text, `"0.99"`; samples only. */
  readonly quantiles: Readonly<Record<string, number | null>>;
  /** Quantiles (keys as above) that lie inside the censored part: the value is "at least". */
  readonly quantilesAtLeast: readonly string[];
  /** Bound of the relative error of the quantiles. */
  readonly quantileErrorRatio: number | null;
  /** Samples that are lower bounds: pods still pending at the end. */
  readonly censored: number;
  /** Gauges: the last value, the mean of it over replications. */
  readonly last: number | null;
  /** Gauges: the instant of the minimum and of the maximum, seconds. */
  readonly minAtSeconds: number | null;
  readonly maxAtSeconds: number | null;
  /** Counters: the total; else the mean; null where nothing was observed. */
  readonly perReplication: readonly (number | null)[];
  /** Interval of the mean of `perReplication`; null below two values. */
  readonly ci: { readonly level: number; readonly mean: readonly [number, number] } | null;
}

/** One threshold and what came of it. */
export interface ThresholdResult {
  readonly metric: string;
  readonly expr: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly observed: number | null;
  /** `at least` marks an observed value that is a lower bound. */
  readonly observedIsAtLeast: boolean;
  readonly unit: string;
  /** What it was held against, in `unit`; null where it depends on a baseline and there is none. */
  readonly bound: number | null;
  /** Of the mean over replications, at the confidence of the threshold; null for one replication. */
  readonly ci: readonly [number, number] | null;
  /** Which labels and when: `cluster c-093 at day 22 14:00`. */
  readonly where: string | null;
  /** One sentence on the cause, where one is known. */
  readonly why: string | null;
  readonly because: string | null;
  readonly warn: boolean;
  /** Inconclusive: how many replications should decide it; null where unknown or needless. */
  readonly replicationsNeeded: number | null;
}

/** The laws that were checked, with their sides. */
export interface Conservation {
  readonly ok: boolean;
  readonly pods: {
    readonly arrived: number;
    readonly completed: number;
    readonly running: number;
    readonly pending: number;
    readonly lost: number;
  };
  readonly nodeSeconds: {
    readonly byState: Readonly<Record<string, number>>;
    readonly total: number;
  };
  readonly cost: {
    readonly total: number;
    readonly workload: number;
    readonly idle: number;
    readonly overhead: number;
  };
  /** How often the laws were checked in the run. */
  readonly checks: number;
  /** Little's law: time-average of pods in the system against rate times mean time in it; null if it does not apply. */
  readonly littlesLaw: { readonly l: number; readonly lambdaW: number } | null;
}

/** `result.json`: metrics, verdicts and the laws that were checked. */
export interface ResultFile {
  readonly schema: typeof RESULT_SCHEMA;
  readonly scenario: string;
  readonly question: string;
  readonly complete: boolean;
  readonly seed: number;
  readonly replications: number;
  readonly horizonSeconds: number;
  /** Virtual time reached, seconds; below the horizon only if incomplete. */
  readonly reachedSeconds: number;
  readonly warmupSeconds: number;
  /** 16 hexadecimal digits. */
  readonly trajectory: string;
  readonly metrics: readonly MetricResult[];
  readonly thresholds: readonly ThresholdResult[];
  readonly conservation: Conservation;
  /** Pods that wait at the end in clusters that Kubernetes schedules, most first; absent if there are none. */
  readonly pending?: readonly PendingPods[];
}

/** Pods of one workload that wait in one cluster for the same reason. */
export interface PendingPods {
  readonly cluster: string;
  readonly workload: string;
  readonly pods: number;
  /** In Kubernetes' words: `0/5 nodes are available: 5 Insufficient cpu. ...`. */
  readonly message: string;
}

/** `manifest.json`: where a result comes from; no path, host or date. */
export interface ManifestFile {
  readonly schema: typeof MANIFEST_SCHEMA;
  readonly orrery: string;
  readonly scenario: {
    readonly name: string;
    /** Of the file. */
    readonly sha256: string;
    /** Of the world that it resolves to, policies and thresholds left out: equal worlds may be compared. */
    readonly worldSha256?: string;
  };
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  /** What became of files of Kubernetes objects; absent in a scenario that names none. */
  readonly kubernetes?: readonly KubernetesInput[];
  readonly catalogs: readonly {
    readonly name: string;
    readonly date: string;
    readonly source: string;
  }[];
  readonly seed: number;
  readonly replications: number;
  readonly overrides: readonly string[];
  readonly plugins: readonly { readonly name: string; readonly sha256: string }[];
  readonly policies: readonly {
    readonly cluster: string;
    readonly scheduling: string;
    readonly queueing: string;
    readonly tier: string;
  }[];
  readonly placement: string;
  readonly trajectory: string;
  /** Per cluster and series bucket the folded hash so far, 16 hexadecimal digits each. */
  readonly trajectories: readonly {
    readonly cluster: string;
    /** Absent for a single replication: 0. */
    readonly replication?: number;
    readonly buckets: readonly string[];
  }[];
  readonly fleet: {
    readonly clusters: number;
    readonly nodes: number;
    readonly regions: number;
    readonly zones: number;
  };
  /** The named stretches of the run: each outage, `any` for all of them, the intervals that thresholds name. */
  readonly windows: readonly StoredWindow[];
  /** What replications ask: how the horizon goes from its start, or how it goes on once that is forgotten. */
  readonly study: 'terminating' | 'steady';
  /** How warm-up and number of replications came about; absent for a single run. */
  readonly effort?: Effort;
  readonly complete: boolean;
  readonly stopped: string | null;
}

/** What was read of files of Kubernetes objects, and what is not modelled and was left out. */
export interface KubernetesInput {
  readonly cluster: string;
  readonly files: readonly string[];
  /** Objects by kind. */
  readonly read: readonly { readonly kind: string; readonly count: number }[];
  /** Objects of kinds that are not modelled. */
  readonly ignored: readonly { readonly kind: string; readonly count: number }[];
  /** Fields that are not modelled, with the number of times that they were written. */
  readonly fields: readonly {
    readonly kind: string;
    readonly field: string;
    readonly count: number;
  }[];
  /** What was taken otherwise than written. */
  readonly notes: readonly { readonly note: string; readonly count: number }[];
}

/** What decided on the length of an experiment. */
export interface Effort {
  /** `scenario`: as the file has it; `given`: by the command line; `mser5`: found in a pilot. */
  readonly warmup: 'scenario' | 'given' | 'mser5';
  /** What had to be precise; null where the number of replications was given and no precision. */
  readonly precision: {
    /** As written: `pod_wait_seconds p(99) 5%`. */
    readonly goal: string;
    /** Wanted relative error, 0 to 1. */
    readonly gamma: number;
    /** Half-width of the 95 % interval over |mean|; null where there is none. */
    readonly relative: number | null;
    readonly isReached: boolean;
    /** Replications in all that should do; null where unknown. */
    readonly replicationsNeeded: number | null;
  } | null;
}

/** A named stretch of virtual time: the scope `window:<name>` of distributions. */
export interface StoredWindow {
  readonly name: string;
  /** Start and end in seconds, disjoint, ascending. */
  readonly spans: readonly (readonly [from: number, until: number])[];
}

/** One time series: per bucket the minimum, the mean and the maximum (counters: mean is the rate per second). */
export interface Series {
  readonly name: string;
  readonly kind: MetricKind;
  readonly unit: string;
  readonly labels: Labels;
  readonly min: Float64Array;
  readonly mean: Float64Array;
  readonly max: Float64Array;
}

/** The time series of a bundle. */
export interface SeriesFile {
  /** Start of bucket `i` in seconds: `i * bucketSeconds`; the last may be shorter. */
  readonly bucketSeconds: number;
  readonly buckets: number;
  readonly endSeconds: number;
  readonly series: readonly Series[];
}

/** One mergeable histogram: see `collections/histogram.ts` for the meaning of indices. */
export interface DistributionEntry {
  readonly metric: string;
  readonly labels: Labels;
  readonly replication: number;
  /** `run`, `window:<name>` or `bucket:<i>`. */
  readonly scope: string;
  /** Bin indices ascending, and their counts. */
  readonly bins: readonly number[];
  readonly counts: readonly number[];
  /** Same for censored samples (lower bounds). */
  readonly censoredBins: readonly number[];
  readonly censoredCounts: readonly number[];
  readonly n: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Population variance of all samples, squared seconds; absent for no samples, and in bundles of before it was kept. */
  readonly variance?: number;
}

/** The distributions of a bundle. */
export interface DistributionsFile {
  readonly schema: 'orrery.distributions/1';
  readonly unit: 'seconds';
  readonly binsPerOctave: number;
  readonly relativeError: number;
  readonly entries: readonly DistributionEntry[];
}

/** What one replication of several gave by itself. */
export interface Replication {
  readonly result: ResultFile;
  readonly series: SeriesFile;
}

/** A bundle in memory: everything but `runtime.json`. */
export interface Bundle {
  readonly manifest: ManifestFile;
  readonly result: ResultFile;
  readonly series: SeriesFile;
  readonly distributions: DistributionsFile;
  /** From two replications on, each by itself in the order of their numbers; absent for one. */
  readonly replications?: readonly Replication[];
}
