/** The study that a command line asks for: a study file, or a scenario with axes. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { readText } from '../host/files.ts';
import type { PlannedComparison } from '../host/study-plan.ts';
import { isPolicyOverride } from '../results/comparable.ts';
import type { PointTable } from '../run/study-points.ts';
import { suggestion } from '../scenario/problems.ts';
import { SCENARIO_AXIS, type Study, type StudyAxis } from '../scenario/study.ts';
import { isStudyText, keysOf, loadStudy, readAssignments } from '../scenario/study-load.ts';

/** What the command line says of a study. */
export interface StudyRequest {
  readonly file: string;
  /** `key=value`, `key=a,b`, without the seed. */
  readonly assignments: readonly string[];
  /** Of `--seed` or `seed=7`; null for none. */
  readonly seed: number | null;
  readonly replications: number | null;
  readonly baseline: string | null;
  readonly metrics: readonly string[] | null;
}

/**
 * Reads the study. One that is made of a scenario and axes has no name yet.
 *
 * @throws ScenarioError (exit 2) with every issue of the file, or of the words after it
 */
export function readStudy(request: StudyRequest): Study {
  const { file, replications, baseline, metrics } = request;
  if (file === '-') {
    const hint = 'a sweep reads its scenario once for every point';
    throw new ScenarioError([{ path: '', value: '-', expected: 'a file', hint }]);
  }
  const text = readText(file);
  const { axes, set } = readAssignments(request.assignments);
  const isStudy = isStudyText(text);
  if (!isStudy && axes.length === 0) {
    const hint = 'such as policies.scheduling=best-fit,first-fit; a single run is orrery run';
    const expected = 'an axis: key=a,b,c or key=range(0,1,0.1), or a study file';
    throw new ScenarioError([{ path: '', value: file, expected, hint }]);
  }
  const base = isStudy ? loadStudy(file, text) : ofScenario(file);
  const owned = new Set([...base.set.map(({ key }) => key), ...base.axes.flatMap(keysOf)]);
  const twice = [...set.map(({ key }) => key), ...axes.flatMap(keysOf)].filter((k) => owned.has(k));
  if (twice.length > 0) {
    const expected = `a field that ${file} itself does not set`;
    throw new ScenarioError(twice.map((path) => ({ path, expected })));
  }
  const placed = (text: string) => ({ text, place: {} });
  return {
    ...base,
    set: [...base.set, ...set],
    axes: [...base.axes, ...axes],
    seed: request.seed ?? base.seed,
    replications: replications ?? base.replications,
    baseline: baseline === null ? base.baseline : placed(baseline),
    metrics: metrics === null ? base.metrics : metrics.map(placed),
  };
}

function ofScenario(file: string): Study {
  return {
    name: '',
    question: '',
    scenarios: [{ text: file, place: {} }],
    set: [],
    axes: [],
    design: { kind: 'grid' },
    replications: 1,
    seed: null,
    baseline: null,
    metrics: null,
  };
}

/**
 * Chooses which points of a study are compared with which: along the axis that has the baseline's label; without a baseline
 * along the first axis that varies nothing but policies, with its first value.
 *
 * @returns null where there is no baseline and no such axis
 * @throws ScenarioError (exit 2) for a baseline that is no label, or one of several axes
 */
export function comparisonOf(study: Study, table: PointTable): PlannedComparison | null {
  const { axes, baseline } = study;
  const labels = new Map<string, readonly string[]>();
  if (table.axes[0] === SCENARIO_AXIS && study.scenarios.length > 1) {
    labels.set(SCENARIO_AXIS, [...new Set(table.points.map(({ at }) => at[0]!))]);
  }
  for (const axis of axes) {
    if (axis.kind === 'list')
      labels.set(
        axis.name,
        axis.points.map(({ label }) => label),
      );
  }
  if (baseline === null) {
    const axis = axes.find((a) => a.kind === 'list' && a.points.length > 1 && isPolicyAxis(a));
    if (axis === undefined) return null;
    return { axis: axis.name, baseline: labels.get(axis.name)![0]!, allowsDifferent: false };
  }
  const { text, place } = baseline;
  const found = [...labels].flatMap(([axis, own]) =>
    own
      .filter((label) => label === text || `${axis}=${label}` === text)
      .map((label) => ({ axis, label })),
  );
  if (found.length === 1) {
    const { axis, label } = found[0]!;
    const varied = axes.find(({ name }) => name === axis);
    const isPolicies = varied !== undefined && isPolicyAxis(varied);
    return { axis, baseline: label, allowsDifferent: !isPolicies };
  }
  const all = [...labels.values()].flat();
  const issue: Issue = {
    ...place,
    path: 'baseline',
    value: JSON.stringify(text),
    expected: found.length === 0 ? 'the label of a value of an axis' : 'a label of one axis',
    hint:
      found.length === 0
        ? (suggestion(text, all) ?? `labels are ${all.slice(0, 12).join(', ')}`)
        : `write ${found.map(({ axis, label }) => `${axis}=${label}`).join(' or ')}`,
  };
  throw new ScenarioError([issue]);
}

/** True if every point of an axis sets nothing but policies: then all of them meet the same scenario. */
function isPolicyAxis(axis: StudyAxis): boolean {
  return keysOf(axis).every((key) => isPolicyOverride(`${key}=`));
}
