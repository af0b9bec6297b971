/** Reads and checks the scenario of every point of a study, and plans its runs. */
import { formatIssue, type Issue, ScenarioError } from '../base/errors.ts';
import type { RunTask } from '../host/run-task.ts';
import {
  type PlannedPoint,
  type PlannedRun,
  STUDY_SCHEMA,
  type StudyPlan,
} from '../host/study-plan.ts';
import type { SweepRun } from '../host/sweep.ts';
import { buildIdentity, runKey } from '../host/sweep-key.ts';
import { orreryVersion } from '../host/version.ts';
import { parseChoices } from '../results/compare-rows.ts';
import type { Registry } from '../run/registry.ts';
import { type PointTable, type StudyPoint, studyPoints } from '../run/study-points.ts';
import { sortIssues } from '../scenario/problems.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Setting, Study } from '../scenario/study.ts';
import {
  checkPolicies,
  type HashedInput,
  hashTraces,
  type LoadedScenario,
  readScenario,
} from './inputs.ts';
import { comparisonOf } from './sweep-study.ts';

/** The policies that points may name. */
export interface PolicyFiles {
  readonly registry: Registry;
  readonly files: readonly string[];
  readonly plugins: readonly HashedInput[];
}

/** A study with the scenario of every point. */
export interface PreparedStudy {
  readonly plan: StudyPlan;
  /** All runs of the plan, in its order. */
  readonly runs: readonly SweepRun[];
  /** In the order of the plan's points. */
  readonly scenarios: readonly Scenario[];
}

/** What a study is called and which seed it has of its own; null for none. */
export interface StudyHead {
  readonly name: string;
  readonly seed: number | null;
}

/**
 * Finds the name and the seed of a study: its own, else those of its first scenario.
 *
 * @throws ScenarioError as {@link readScenario} where the study has not both and its first scenario cannot be read
 */
export function headOf(study: Study): StudyHead {
  if (study.name !== '' && study.seed !== null) return { name: study.name, seed: study.seed };
  // A scenario may need what its axes set: the first value of each will do.
  const first = study.axes.flatMap((axis) =>
    axis.kind === 'list'
      ? axis.points[0]!.settings
      : [{ key: axis.key, value: `${axis.range.from}${axis.range.unit}`, place: axis.place }],
  );
  const settings = [...study.set, ...first];
  const { scenario, seed } = placing(settings, () =>
    readScenario(study.scenarios[0]!.text, settings.map(overrideOf)),
  );
  return {
    name: study.name === '' ? `${scenario.name}-sweep` : study.name,
    seed: study.seed ?? seed,
  };
}

/**
 * Plans a study.
 *
 * @throws ScenarioError with every issue of every point, each once, at its place in the scenario or in the study
 */
export async function planStudy(
  study: Study,
  { name, seed }: { readonly name: string; readonly seed: number },
  policies: PolicyFiles,
): Promise<PreparedStudy> {
  const table = studyPoints(study, seed, stemsOf(study.scenarios.map(({ text }) => text)));
  const comparison = comparisonOf(study, table);
  checkMetrics(study);
  const loaded = readPoints(study, table, policies.registry);
  const build = buildIdentity(orreryVersion());
  const traces = new TraceHashes();
  const points: PlannedPoint[] = [];
  const runs: SweepRun[] = [];
  for (const [p, point] of table.points.entries()) {
    const { scenario, sha256, worldSha256, inputs: parts, overrides } = loaded[p]!;
    const inputs = [...parts, ...(await traces.of(scenario))];
    const at = Object.fromEntries(table.axes.map((axis, a) => [axis, point.at[a]!]));
    points.push({ name: point.name, scenario: scenario.name, at, overrides });
    const manifest = {
      scenarioSha256: sha256,
      worldSha256,
      inputs,
      overrides,
      plugins: policies.plugins,
      orreryVersion: orreryVersion(),
    };
    for (let replication = 0; replication < study.replications; replication++) {
      const key = runKey({ ...manifest, build, seed, replication });
      const task: RunTask = {
        scenario,
        seed,
        replication,
        plugins: policies.files,
        check: false,
        manifest,
      };
      runs.push({ run: { key, point: point.name, replication }, task });
    }
  }
  const scenarios = [...new Map(loaded.map(({ scenario, sha256 }) => [sha256, scenario.name]))];
  const plan: StudyPlan = {
    schema: STUDY_SCHEMA,
    name,
    question: study.question,
    complete: false,
    shard: null,
    build,
    seed,
    replications: study.replications,
    scenarios: scenarios.map(([sha256, ofFile]) => ({ name: ofFile, sha256 })),
    plugins: policies.plugins,
    axes: table.axes,
    comparison,
    metrics: study.metrics?.map(({ text }) => text) ?? null,
    points,
    runs: runs.map(({ run }): PlannedRun => run),
  };
  return { plan, runs, scenarios: loaded.map(({ scenario }) => scenario) };
}

/** Reads a metric that is misspelt at once, at its place in the study. */
function checkMetrics({ metrics }: Study): void {
  const issues: Issue[] = [];
  for (const { text, place } of metrics ?? []) {
    try {
      parseChoices([text]);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      const isInFile = place.file !== undefined;
      for (const issue of error.issues) {
        const path = isInFile ? issue.path.replace('--metrics', 'metrics') : issue.path;
        issues.push({ ...issue, ...place, path });
      }
    }
  }
  if (issues.length > 0) throw new ScenarioError(issues);
}

function readPoints(study: Study, table: PointTable, registry: Registry): LoadedScenario[] {
  const issues = new Map<string, Issue>();
  let exitCode: 2 | 3 = 2;
  const loaded: LoadedScenario[] = [];
  for (const point of table.points) {
    try {
      loaded.push(readPoint(study, point, registry));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      if (error.exitCode === 3) exitCode = 3;
      // What is wrong in the scenario is wrong at every point, and told once.
      for (const issue of error.issues) issues.set(formatIssue(issue), issue);
    }
  }
  if (issues.size > 0) throw new ScenarioError(sortIssues([...issues.values()]), exitCode);
  return loaded;
}

function readPoint(study: Study, { scenario, settings }: StudyPoint, registry: Registry) {
  return placing(settings, () => {
    const loaded = readScenario(study.scenarios[scenario]!.text, settings.map(overrideOf));
    checkPolicies(loaded, registry);
    refuseOpenWarmup(loaded);
    return loaded;
  });
}

/** Each point would find another warm-up, and be measured over another span than those it is compared with. */
function refuseOpenWarmup({ scenario, locate }: LoadedScenario): void {
  if (scenario.study !== 'steady' || scenario.warmupUs > 0) return;
  const hint = 'one for all points, such as warmup=2h; run --reps 10 --warmup mser5 finds it';
  const expected = 'the warm-up of a steady study';
  throw new ScenarioError([{ ...locate('warmup'), path: 'warmup', expected, hint }]);
}

function overrideOf({ key, value }: Setting): string {
  return `${key}=${value}`;
}

/** Runs a reader; issues about a value that the study sets get its place in the study. */
function placing<T>(settings: readonly Setting[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const issues = error.issues.map((issue) =>
      issue.file === undefined ? { ...placeOf(issue.path, settings), ...issue } : issue,
    );
    throw new ScenarioError(issues, error.exitCode);
  }
}

/** The setting that an issue is about: one is above the other, else by its last field, `pod.cpu` of `workloads[0].pod.cpu`. */
function placeOf(path: string, settings: readonly Setting[]): Partial<Issue> {
  const starts = (text: string, start: string): boolean =>
    text === start || text.startsWith(`${start}.`) || text.startsWith(`${start}[`);
  const isAbout = ({ key }: Setting): boolean => starts(path, key) || starts(key, path);
  const last = (text: string): string => text.slice(text.lastIndexOf('.') + 1);
  const found =
    settings.find(isAbout) ?? settings.find(({ key }) => last(key) === last(path)) ?? null;
  return found?.place ?? {};
}

/** What scenarios are called on their axis: the names of their files, whole paths where these are equal. */
function stemsOf(paths: readonly string[]): readonly string[] {
  const stems = paths.map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, ''));
  return new Set(stems).size === stems.length ? stems : paths;
}

/** Hashes the traces of scenarios, each file once for the whole study. */
class TraceHashes {
  private readonly known = new Map<string, Promise<readonly HashedInput[]>>();

  of(scenario: Scenario): Promise<readonly HashedInput[]> {
    const paths = scenario.workloads.flatMap((workload) =>
      workload.kind !== 'service' && workload.arrivals.kind === 'trace'
        ? [workload.arrivals.trace.path]
        : [],
    );
    const key = JSON.stringify(paths);
    const hashes = this.known.get(key) ?? hashTraces(scenario);
    this.known.set(key, hashes);
    return hashes;
  }
}
