/** The comparisons of a study: along one axis, once for every combination of the others. */

import { type Comparison, compareBundles, hasWorse } from './compare.ts';
import type { Choice } from './compare-rows.ts';
import type { PointBundle } from './study-table.ts';

/** One comparison and what its points have in common. */
export interface ComparedGroup {
  /** Labels on the other axes. */
  readonly at: Readonly<Record<string, string>>;
  /** Bundles are labelled by their value on the compared axis. */
  readonly comparison: Comparison;
}

/** All comparisons of a study, as plain data; every text of it is a view. */
export interface StudyComparison {
  readonly schema: 'orrery.study-comparison/1';
  readonly study: string;
  readonly axis: string;
  readonly baseline: string;
  readonly groups: readonly ComparedGroup[];
}

/** How to compare the points of a study. */
export interface StudyComparisonOptions {
  readonly study: string;
  readonly axis: string;
  /** Label on the axis of what the others are compared with. */
  readonly baseline: string;
  readonly allowsDifferent: boolean;
  /** Null for the usual metrics. */
  readonly choices: readonly Choice[] | null;
  readonly level: number;
}

/**
 * Compares the points of a study along an axis. Holm's adjustment covers each group by itself.
 *
 * @throws ScenarioError (exit 2) as {@link compareBundles}
 *
 * *Order*: groups as their first points; in each the baseline, then the others as given.
 */
export function compareStudy(
  points: readonly PointBundle[],
  options: StudyComparisonOptions,
): StudyComparison {
  const { study, axis, baseline, allowsDifferent, choices, level } = options;
  const groups = new Map<string, PointBundle[]>();
  for (const point of points) {
    const key = JSON.stringify(Object.entries(point.at).filter(([name]) => name !== axis));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  const compared: ComparedGroup[] = [];
  for (const [key, group] of groups) {
    const isBase = ({ at }: PointBundle): boolean => at[axis] === baseline;
    const sorted = [...group.filter(isBase), ...group.filter((point) => !isBase(point))];
    const comparison = compareBundles(
      sorted.map(({ at, bundle }) => ({ ...bundle, label: at[axis]! })),
      { level, allowDifferent: allowsDifferent, ...(choices && { choices }) },
    );
    compared.push({ at: Object.fromEntries(JSON.parse(key) as [string, string][]), comparison });
  }
  return { schema: 'orrery.study-comparison/1', study, axis, baseline, groups: compared };
}

/** True if some point of some group is worse than its baseline in some metric. */
export function hasWorsePoint({ groups }: StudyComparison): boolean {
  return groups.some(({ comparison }) => hasWorse(comparison));
}
