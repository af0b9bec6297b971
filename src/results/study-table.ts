/** The points of a study in one table: each metric of each point, per replication and as a mean with its interval. */
import type { Labels } from './bundle.ts';
import {
  type Choice,
  defaultChoices,
  type NamedBundle,
  type RowKey,
  rowsOf,
  valuesOf,
} from './compare-rows.ts';
import { type Interval, meanInterval, momentsOf } from './statistics.ts';

/** A point of a study with its merged bundle, labelled by its name. */
export interface PointBundle {
  readonly name: string;
  /** Label of its value on each axis. */
  readonly at: Readonly<Record<string, string>>;
  readonly bundle: NamedBundle;
}

/** A metric's value at one point. */
export interface PointValue {
  /** One value per replication; null where nothing was observed. */
  readonly values: readonly (number | null)[];
  readonly n: number;
  readonly mean: number | null;
  /** At the table's level; null below two values. */
  readonly interval: Interval | null;
  /** True where a value is only a lower bound. */
  readonly isAtLeast: boolean;
}

/** A metric with its value at every point, null where a point does not have it. */
export interface StudyRow extends RowKey {
  readonly labels: Labels;
  readonly points: readonly (PointValue | null)[];
}

/** All metrics of all points. */
export interface StudyTable {
  readonly level: number;
  readonly axes: readonly string[];
  readonly points: readonly Omit<PointBundle, 'bundle'>[];
  readonly rows: readonly StudyRow[];
}

/**
 * Makes the table of a study.
 *
 * @param options `choices`: what the user wants to see, null for every metric with a better side; `level` in (0, 1)
 * @throws ScenarioError (exit 2) where a choice picks nothing from any point
 *
 * *Order*: points as given, rows in the order of the choices.
 */
export function studyTable(
  points: readonly PointBundle[],
  options: {
    readonly axes: readonly string[];
    readonly choices: readonly Choice[] | null;
    readonly level: number;
  },
): StudyTable {
  const { axes, choices, level } = options;
  const bundles = points.map(({ bundle }) => bundle);
  const keys = rowsOf(bundles, choices ?? defaultChoices(), choices !== null);
  return {
    level,
    axes,
    points: points.map(({ name, at }) => ({ name, at })),
    rows: keys.map((key) => ({
      ...key,
      points: bundles.map((bundle) => pointValue(bundle, key, level)),
    })),
  };
}

function pointValue(bundle: NamedBundle, key: RowKey, level: number): PointValue | null {
  const found = valuesOf(bundle, key);
  if (found === null) return null;
  const known = found.values.filter((value) => value !== null);
  const { n, mean } = momentsOf(known);
  const interval = meanInterval(known, level)?.interval ?? null;
  return { ...found, n, mean, interval };
}
