/**
 * Two or more bundles against each other, the first being the base: difference, interval and verdict of each metric.
 *
 * A verdict needs both significance (Holm's adjustment over all metrics and challengers) and a difference above the metric's
 * floor. One replication has no interval, hence no verdict: only the difference for that seed.
 */
import { ScenarioError } from '../base/errors.ts';
import type { Direction, Labels } from './bundle.ts';
import { findMetric } from './catalog.ts';
import {
  changesOf,
  type Divergence,
  firstDivergence,
  type Mismatch,
  mismatchesOf,
  sharesLuck,
} from './comparable.ts';
import {
  type Choice,
  defaultChoices,
  type NamedBundle,
  type RowKey,
  type RowValues,
  rowsOf,
  valuesOf,
} from './compare-rows.ts';
import { replicationsFor } from './effort.ts';
import {
  type Estimate,
  holmAdjusted,
  type Interval,
  meanInterval,
  momentsOf,
  pairedInterval,
  type SharedLuck,
  sharedLuck,
  welchInterval,
} from './statistics.ts';

/** What came of one metric: `changed` has no better side, or is an exact count of a single run. */
export type ContrastVerdict = 'better' | 'worse' | 'changed' | 'identical' | 'unclear';
/** Why there is no verdict. */
export type UnclearReason =
  | 'missing'
  | 'one replication'
  | 'not significant'
  | 'below the floor'
  | 'lower bound';

/** One metric of one challenger against the base. */
export interface Contrast {
  /** Pairs, or the smaller group. */
  readonly n: number;
  /** Mean of head less mean of base, in the unit of the metric. */
  readonly difference: number | null;
  /** The difference over |mean of base|, taken as fixed; null where that is 0. */
  readonly relative: number | null;
  /** Of the difference, at the comparison's level, for this metric alone. */
  readonly interval: Interval | null;
  /** The interval over |mean of base|. */
  readonly relativeInterval: Interval | null;
  readonly pValue: number | null;
  /** By Holm over the whole comparison. */
  readonly adjustedPValue: number | null;
  /** The smallest difference that counts, in the unit of the metric. */
  readonly floor: number;
  /** The floor over |mean of base|; null where that is 0. */
  readonly relativeFloor: number | null;
  readonly luck: SharedLuck | null;
  readonly verdict: ContrastVerdict;
  readonly reason: UnclearReason | null;
  /** Replications that should tell a difference as large as the floor from none; null where unknown or needless. */
  readonly replicationsNeeded: number | null;
}

/** A metric's value in one bundle. */
export interface ComparedValue {
  readonly n: number;
  readonly mean: number | null;
  readonly isAtLeast: boolean;
  readonly interval: Interval | null;
}

/** One row: a value per bundle, a contrast per challenger. */
export interface ComparedMetric {
  readonly name: string;
  readonly labels: Labels;
  readonly statistic: string;
  readonly unit: string;
  readonly direction: Direction;
  readonly values: readonly ComparedValue[];
  readonly contrasts: readonly Contrast[];
}

/** What is known of a bundle as a whole. */
export interface ComparedBundle {
  readonly label: string;
  readonly scenario: string;
  readonly seed: number;
  readonly replications: number;
  readonly trajectory: string;
}

/** A challenger against the base, metrics apart. */
export interface Challenger {
  readonly label: string;
  readonly isPaired: boolean;
  /** What makes the bundles incomparable; not empty only where that was allowed. */
  readonly mismatches: readonly Mismatch[];
  readonly changes: readonly Mismatch[];
  /** Mean over the metrics that vary on both sides; null without pairs. */
  readonly luck: SharedLuck | null;
  readonly isSameTrajectory: boolean;
  /** Null for equal trajectories, different seeds, or where the bundles cannot tell. */
  readonly divergence: Divergence | null;
}

/** The comparison as plain data; every text of it is a view. */
export interface Comparison {
  readonly schema: 'orrery.comparison/1';
  readonly level: number;
  /** Tests that Holm's adjustment covers. */
  readonly tests: number;
  readonly bundles: readonly ComparedBundle[];
  readonly challengers: readonly Challenger[];
  readonly metrics: readonly ComparedMetric[];
}

/** How to compare. */
export interface CompareOptions {
  /** In (0, 1); default 0.95. */
  readonly level?: number;
  /** Compares different scenarios too. */
  readonly allowDifferent?: boolean;
  /** Default: {@link defaultChoices}. */
  readonly choices?: readonly Choice[];
}

interface Floor {
  /** Share of the base's mean. */
  readonly relative: number;
  /** In the unit of the metric. */
  readonly absolute: number;
}

const DEFAULT_FLOOR: Floor = { relative: 0.01, absolute: 0 };
/** Shares of a whole are compared in points: 1 % of a small share is nothing. */
const RATIO_FLOOR: Floor = { relative: 0, absolute: 0.01 };
const FLOORS: ReadonlyMap<string, Floor> = new Map([
  // Waiting times spread widely, and nobody feels a millisecond.
  ['pod_wait_seconds', { relative: 0.05, absolute: 0.001 }],
  ['pod_startup_seconds', { relative: 0.05, absolute: 0.001 }],
  // A lost pod is a lost pod.
  ['pods_lost_total', { relative: 0, absolute: 0 }],
]);

/**
 * Compares bundles with the first of them.
 *
 * Pairs are formed where scenario, seed and number of replications are the same, so that replication i met the same luck
 * under each policy; else the groups count as independent (Welch).
 *
 * @param bundles at least two
 * @returns plain data, metrics in the order of the choices
 * @throws ScenarioError (exit 2) where scenarios, traces, catalogues or overrides differ and that is not allowed, or a choice
 *   picks nothing; (exit 3) for a bundle that contradicts itself
 */
export function compareBundles(
  bundles: readonly NamedBundle[],
  options: CompareOptions = {},
): Comparison {
  const { level = 0.95, allowDifferent = false } = options;
  const [base, ...heads] = bundles;
  if (base === undefined || heads.length === 0) {
    const value = String(bundles.length);
    throw new ScenarioError([{ path: '', value, expected: 'at least two bundles' }]);
  }
  if (!allowDifferent) refuseDifferent(base, heads);
  const rows = rowsOf(bundles, options.choices ?? defaultChoices(), options.choices !== undefined);
  const pairing = heads.map((head) => sharesLuck(base, head));
  const drafts = rows.map((row) => {
    const values = bundles.map((bundle) => valuesOf(bundle, row));
    return {
      row,
      values,
      contrasts: heads.map((head, h) =>
        draftContrast(row, values[0]!, values[h + 1]!, {
          level,
          isPaired: pairing[h]!,
          isSameRun: base.result.trajectory === head.result.trajectory && pairing[h]!,
        }),
      ),
    };
  });
  const tested = drafts.flatMap((d) => d.contrasts).filter((c) => c.pValue !== null);
  const adjusted = holmAdjusted(tested.map((c) => c.pValue!));
  const adjustedOf = new Map(tested.map((c, i) => [c, adjusted[i]!]));
  const metrics = drafts.map(({ row, values, contrasts }) => ({
    name: row.name,
    labels: row.labels,
    statistic: row.statistic,
    unit: row.unit,
    direction: row.direction,
    values: values.map((v) => comparedValue(v, level)),
    contrasts: contrasts.map((c) => judged(c, row, adjustedOf.get(c) ?? null, level)),
  }));
  return {
    schema: 'orrery.comparison/1',
    level,
    tests: tested.length,
    bundles: bundles.map((b) => ({
      label: b.label,
      scenario: b.result.scenario,
      seed: b.manifest.seed,
      replications: b.result.replications,
      trajectory: b.result.trajectory,
    })),
    challengers: heads.map((head, h) => ({
      ...challenger(base, head, pairing[h]!),
      luck: meanLuck(metrics.map((m) => m.contrasts[h]!.luck)),
    })),
    metrics,
  };
}

/** Tells whether some metric of some challenger got worse: what a gate asks. */
export function hasWorse(comparison: Comparison): boolean {
  return comparison.metrics.some((m) => m.contrasts.some((c) => c.verdict === 'worse'));
}

function refuseDifferent(base: NamedBundle, heads: readonly NamedBundle[]): void {
  const issues = heads.flatMap((head) =>
    mismatchesOf(base, head).map((m) => ({
      file: head.label,
      path: m.what,
      value: m.head,
      expected: m.what === 'completed' ? 'finished runs' : `${m.base}, as in ${base.label}`,
      hint: '--allow-different compares them all the same',
    })),
  );
  if (issues.length > 0) throw new ScenarioError(issues);
}

function challenger(base: NamedBundle, head: NamedBundle, isPaired: boolean) {
  const isSameTrajectory = base.result.trajectory === head.result.trajectory;
  const { bucketSeconds } = base.series;
  const canBracket =
    !isSameTrajectory &&
    base.manifest.seed === head.manifest.seed &&
    bucketSeconds === head.series.bucketSeconds;
  return {
    label: head.label,
    isPaired,
    mismatches: mismatchesOf(base, head),
    changes: changesOf(base, head),
    isSameTrajectory,
    divergence: canBracket ? firstDivergence(base.manifest, head.manifest, bucketSeconds) : null,
  };
}

/** A contrast before the adjustment over all of them. */
interface Draft {
  readonly n: number;
  readonly difference: number | null;
  readonly baseMean: number | null;
  readonly estimate: Estimate | null;
  readonly pValue: number | null;
  readonly floor: number;
  readonly luck: SharedLuck | null;
  readonly isIdentical: boolean;
  /** True where the sign of the difference could turn once the censored values are known. */
  readonly isBounded: boolean;
}

/** True if two values differ at most in how their sums were rounded. */
function isSameNumber(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

function draftContrast(
  row: RowKey,
  base: RowValues | null,
  head: RowValues | null,
  how: { readonly level: number; readonly isPaired: boolean; readonly isSameRun: boolean },
): Draft {
  const { b, h } = observedValues(base, head, how.isPaired);
  const baseMean = momentsOf(b).mean;
  const headMean = momentsOf(h).mean;
  const difference = baseMean === null || headMean === null ? null : headMean - baseMean;
  const hasBounds = base?.isAtLeast === true || head?.isAtLeast === true;
  const isEqual =
    b.length > 0 && b.length === h.length && b.every((value, i) => isSameNumber(value, h[i]!));
  const estimate = how.isPaired ? pairedInterval(b, h, how.level) : welchInterval(b, h, how.level);
  return {
    n: Math.min(b.length, h.length),
    // Of the pairs: a difference of means may round another way.
    difference: estimate !== null && difference !== null ? estimate.mean : difference,
    baseMean,
    estimate,
    pValue: estimate?.pValue ?? null,
    floor: floorOf(row, baseMean),
    luck: how.isPaired ? sharedLuck(b, h) : null,
    isIdentical: isEqual && (how.isSameRun || !hasBounds),
    isBounded:
      difference !== null &&
      ((base!.isAtLeast && difference >= 0) || (head!.isAtLeast && difference <= 0)),
  };
}

/** Values that were observed: of pairs, those with both sides. */
function observedValues(
  base: RowValues | null,
  head: RowValues | null,
  isPaired: boolean,
): { readonly b: readonly number[]; readonly h: readonly number[] } {
  const isNumber = (value: number | null | undefined): value is number => typeof value === 'number';
  const from = base?.values ?? [];
  const to = head?.values ?? [];
  if (!isPaired) return { b: from.filter(isNumber), h: to.filter(isNumber) };
  return {
    b: from.filter((value, i): value is number => isNumber(value) && isNumber(to[i])),
    h: to.filter((value, i): value is number => isNumber(value) && isNumber(from[i])),
  };
}

function floorOf(row: RowKey, baseMean: number | null): number {
  const own = FLOORS.get(row.name) ?? (row.unit === 'ratio' ? RATIO_FLOOR : DEFAULT_FLOOR);
  return Math.max(own.absolute, own.relative * Math.abs(baseMean ?? 0));
}

function judged(draft: Draft, row: RowKey, adjustedPValue: number | null, level: number): Contrast {
  const { n, difference, baseMean, estimate, pValue, floor, luck } = draft;
  const { verdict, reason } = verdictOf(draft, row, adjustedPValue, level);
  const isOpen = reason === 'not significant' && estimate !== null && floor > 0;
  const size = baseMean ? Math.abs(baseMean) : null;
  const interval = estimate?.interval ?? null;
  return {
    n,
    difference,
    relative: difference === null || size === null ? null : difference / size,
    interval,
    relativeInterval:
      interval === null || size === null ? null : [interval[0] / size, interval[1] / size],
    pValue,
    adjustedPValue,
    floor,
    relativeFloor: size === null ? null : floor / size,
    luck,
    verdict,
    reason,
    replicationsNeeded: isOpen
      ? replicationsFor(estimate.standardError * Math.sqrt(n), floor, level)
      : null,
  };
}

function verdictOf(
  draft: Draft,
  row: RowKey,
  adjustedPValue: number | null,
  level: number,
): { readonly verdict: ContrastVerdict; readonly reason: UnclearReason | null } {
  const { difference, floor } = draft;
  const unclear = (reason: UnclearReason) => ({ verdict: 'unclear' as const, reason });
  if (draft.isIdentical) return { verdict: 'identical', reason: null };
  if (difference === null) return unclear('missing');
  if (draft.isBounded) return unclear('lower bound');
  if (adjustedPValue === null) {
    const isExact = findMetric(row.name)!.isExact && row.statistic === 'total';
    return isExact ? { verdict: 'changed', reason: 'one replication' } : unclear('one replication');
  }
  if (adjustedPValue > 1 - level) return unclear('not significant');
  if (Math.abs(difference) <= floor) return unclear('below the floor');
  if (row.direction === 'neutral') return { verdict: 'changed', reason: null };
  const isBetter = difference < 0 === (row.direction === 'lower');
  return { verdict: isBetter ? 'better' : 'worse', reason: null };
}

function comparedValue(row: RowValues | null, level: number): ComparedValue {
  const values = (row?.values ?? []).filter((value) => value !== null);
  const { n, mean } = momentsOf(values);
  const interval = meanInterval(values, level)?.interval ?? null;
  return { n, mean, isAtLeast: row?.isAtLeast ?? false, interval };
}

function meanLuck(all: readonly (SharedLuck | null)[]): SharedLuck | null {
  const known = all.filter((luck) => luck !== null);
  const correlation = momentsOf(known.map((luck) => luck.correlation)).mean;
  const varianceRatio = momentsOf(known.map((luck) => luck.varianceRatio)).mean;
  return correlation === null || varianceRatio === null ? null : { correlation, varianceRatio };
}
