/** From the axes of a study to its points: every combination of lists, crossed with a sample of the ranges. */
import { ScenarioError } from '../base/errors.ts';
import { latinHypercube } from '../random/latin-hypercube.ts';
import { SCENARIO_AXIS, type Setting, type Study } from '../scenario/study.ts';
import { sampledValue } from '../scenario/study-values.ts';

/** One combination: a scenario with overrides. */
export interface StudyPoint {
  /** Unique in the study and safe as the name of a folder. */
  readonly name: string;
  /** Which scenario of the study. */
  readonly scenario: number;
  /** Label of the value on each axis, in the order of {@link PointTable.axes}. */
  readonly at: readonly string[];
  /** What this point sets, in order. */
  readonly settings: readonly Setting[];
}

/** All points of a study. */
export interface PointTable {
  /** Names of the axes; several scenarios are the first. */
  readonly axes: readonly string[];
  readonly points: readonly StudyPoint[];
}

/** Points of a study at most. */
const POINTS_MAX = 100_000;
/** Longest name of a folder that every file system takes, with room for what is put behind it. */
const NAME_LENGTH_MAX = 150;

interface Draft {
  readonly scenario: number;
  readonly at: readonly string[];
  readonly settings: readonly Setting[];
}

/**
 * Lists the points of a study.
 *
 * @param seed of the study, for a hypercube without a seed of its own
 * @param scenarioNames names of the scenarios, in the order of the study
 * @throws ScenarioError (exit 2) for more points than can be run
 *
 * *Order*: the first axis changes slowest, the sample of a hypercube fastest.
 */
export function studyPoints(
  study: Study,
  seed: number,
  scenarioNames: readonly string[],
): PointTable {
  const { axes, design } = study;
  const lists = axes.filter((axis) => axis.kind === 'list');
  const ranges = axes.filter((axis) => axis.kind === 'range');
  const samples = design.kind === 'lhs' && ranges.length > 0 ? design.points : 1;
  const count = lists.reduce((product, { points }) => product * points.length, 1);
  const total = count * samples * study.scenarios.length;
  if (total > POINTS_MAX) {
    const hint = 'fewer values, or design: {lhs: {points: ...}} over ranges';
    const expected = `a study of at most ${POINTS_MAX} points`;
    throw new ScenarioError([{ path: 'axes', value: `${total} points`, expected, hint }]);
  }
  const hasScenarios = study.scenarios.length > 1;
  let drafts: Draft[] = study.scenarios.map((_, scenario) => ({
    scenario,
    at: hasScenarios ? [scenarioNames[scenario]!] : [],
    settings: study.set,
  }));
  for (const { points } of lists) {
    drafts = drafts.flatMap((draft) =>
      points.map(({ label, settings }) => ({
        ...draft,
        at: [...draft.at, label],
        settings: [...draft.settings, ...settings],
      })),
    );
  }
  if (design.kind === 'lhs' && ranges.length > 0) {
    const names = ranges.map(({ name }) => name);
    const cube = latinHypercube(names, design.points, design.seed ?? seed);
    drafts = drafts.flatMap((draft) =>
      cube.map((shares) => {
        const settings = ranges.map(({ key, range, place }, r) => ({
          key,
          value: sampledValue(range, shares[r]!),
          place,
        }));
        return {
          ...draft,
          at: [...draft.at, ...settings.map(({ value }) => value)],
          settings: [...draft.settings, ...settings],
        };
      }),
    );
  }
  const names = [
    ...(hasScenarios ? [SCENARIO_AXIS] : []),
    ...lists.map(({ name }) => name),
    ...ranges.map(({ name }) => name),
  ];
  const listed = names.length - (samples > 1 ? ranges.length : 0);
  const labels = namesOf(drafts, names.slice(0, listed), samples);
  return { axes: names, points: drafts.map((draft, i) => ({ ...draft, name: labels[i]! })) };
}

/**
 * Names points by their labels: `fgd-fgd`, `best-fit,load=0.9`; samples by their number: `best-fit,007`.
 *
 * @param axes those that name a point, the first of each draft
 * @param samples points of the hypercube, 1 for a grid
 */
function namesOf(drafts: readonly Draft[], axes: readonly string[], samples: number): string[] {
  const isAlone = axes.length === 1;
  const taken = new Map<string, number>();
  return drafts.map(({ at }, i) => {
    const parts = axes.map((axis, a) => {
      const label = at[a]!;
      return isAlone || !/^-?\d/.test(label) ? label : `${lastWord(axis)}=${label}`;
    });
    const digits = String(samples).length;
    if (samples > 1) parts.push(String((i % samples) + 1).padStart(digits, '0'));
    const safe = parts
      .join(',')
      .replaceAll('%', 'pct')
      .replaceAll(/[^A-Za-z0-9._=,+-]+/g, '-')
      .replace(/^[.-]+/, '');
    const name = safe.length > NAME_LENGTH_MAX || safe === '' ? `point-${i + 1}` : safe;
    const before = taken.get(name) ?? 0;
    taken.set(name, before + 1);
    return before === 0 ? name : `${name}~${before + 1}`;
  });
}

/** `poisson` of `workloads.web.arrivals.poisson`. */
function lastWord(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}
