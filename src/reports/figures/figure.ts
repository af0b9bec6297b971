/** What all figures share: their shape, and how they find numbers in a bundle. */
import type {
  Bundle,
  Conservation,
  Labels,
  MetricResult,
  ResultFile,
  Series,
} from '../../results/bundle.ts';
import { compareText } from '../../results/catalog.ts';
import type { Chart } from '../charts/frame.ts';
import { type Grid, gridOf } from '../charts/rebucket.ts';

/** A chart of the report under its name, and what to know about it. */
export interface Figure {
  /** Unique in a report, a letter first: letters, digits and hyphens. */
  readonly name: string;
  readonly chart: Chart;
  /** One or two sentences below the chart; empty for none. */
  readonly note: string;
}

/** Most buckets that a chart over time shows: a third of its pixels. */
export const BUCKETS_MAX = 288;
/** Most buckets of a chart with a row per cluster. */
export const ROW_BUCKETS_MAX = 96;
/** Resources that get charts: pod slots and extended resources would only repeat the picture. */
export const RESOURCES = ['cpu', 'memory', 'gpu'];

/** Names a resource as people write it. */
export const resourceName = (resource: string): string => (resource === 'gpu' ? 'GPU' : resource);

/** Finds a metric by name and exactly these labels. */
export function metricOf(
  bundle: Bundle,
  name: string,
  labels: Labels = {},
): MetricResult | undefined {
  return bundle.result.metrics.find((m) => m.name === name && hasLabels(m.labels, labels));
}

/** Finds a time series by name and exactly these labels. */
export function seriesOf(bundle: Bundle, name: string, labels: Labels = {}): Series | undefined {
  return bundle.series.series.find((s) => s.name === name && hasLabels(s.labels, labels));
}

/**
 * Lists what carries a name and, beside fixed labels, exactly one more.
 *
 * *Order*: by the value of that label.
 */
export function splitBy<T extends { readonly name: string; readonly labels: Labels }>(
  items: readonly T[],
  name: string,
  label: string,
  fixed: Labels = {},
): T[] {
  return items
    .filter((item) => {
      const value = item.labels[label];
      return (
        item.name === name &&
        value !== undefined &&
        hasLabels(item.labels, { ...fixed, [label]: value })
      );
    })
    .sort((a, b) => compareText(a.labels[label]!, b.labels[label]!));
}

function hasLabels(labels: Labels, wanted: Labels): boolean {
  const keys = Object.keys(wanted);
  return Object.keys(labels).length === keys.length && keys.every((k) => labels[k] === wanted[k]);
}

/** Cuts the series of a bundle into the buckets of a chart, at most `countMax`. */
export function gridFor(bundle: Bundle, countMax: number): Grid {
  return gridOf(bundle.series, countMax, bundle.result.warmupSeconds);
}

/**
 * Index of the first bucket after the warm-up, where findings start: filling an empty fleet is none. 0 where the whole chart
 * is warm-up.
 */
export function firstCounted(grid: Grid): number {
  return Math.max(
    0,
    grid.starts.findIndex((s) => s >= grid.warmupSeconds),
  );
}

/** Index of the largest finite value from an index on, or -1. *Order*: the first of equals. */
export function indexOfMax(values: ArrayLike<number>, from = 0): number {
  let at = -1;
  for (let i = from; i < values.length; i++) {
    if (Number.isFinite(values[i]!) && (at < 0 || values[i]! > values[at]!)) at = i;
  }
  return at;
}

/** Gives 0 for what is not finite. */
export const orZero = (value: number | undefined): number =>
  value !== undefined && Number.isFinite(value) ? value : 0;

/** Keeps the first of a sorted list and adds the rest up; one more than fits is kept rather than made a rest of one. */
export function topAndRest<T>(
  sorted: readonly T[],
  most: number,
): { readonly top: readonly T[]; readonly rest: readonly T[] } {
  const shown = sorted.length === most + 1 ? sorted.length : most;
  return { top: sorted.slice(0, shown), rest: sorted.slice(shown) };
}

/** The cost of one replication on average: nobody pays for all of them. */
export function costOfOne({ conservation, replications }: ResultFile): Conservation['cost'] {
  const { total, workload, idle, overhead } = conservation.cost;
  return {
    total: total / replications,
    workload: workload / replications,
    idle: idle / replications,
    overhead: overhead / replications,
  };
}
