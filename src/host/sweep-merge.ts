/** Puts the shards of a study together: complete, and without a contradiction. */
import { isDeepStrictEqual } from 'node:util';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { type PlannedRun, runsOfShard, type StudyPlan } from './study-plan.ts';
import { readPlan, StudyStore } from './study-store.ts';

interface Part {
  readonly directory: string;
  readonly plan: StudyPlan;
  readonly store: StudyStore;
}

/** Missing runs that are listed by name; the rest are counted. */
const LISTED_MAX = 20;

/**
 * Reads the plans of several folders of one study.
 *
 * @returns the plan of the whole study, not complete yet
 * @throws ScenarioError: exit 3 for a folder that is no study; exit 2 for folders of different studies, naming what differs
 */
export function commonPlan(directories: readonly string[]): StudyPlan {
  const plans = directories.map((directory) => readPlan(directory));
  const first = whole(plans[0]!);
  for (const [i, plan] of plans.entries()) {
    const other = whole(plan);
    const fields = Object.keys(first) as (keyof StudyPlan)[];
    const differing = fields.filter((field) => !isDeepStrictEqual(first[field], other[field]));
    if (differing.length === 0) continue;
    const expected = `a shard of the same study as ${directories[0]}`;
    const hint = `they differ in ${differing.join(', ')}`;
    throw new ScenarioError([{ path: '', value: directories[i]!, expected, hint }]);
  }
  return first;
}

function whole(plan: StudyPlan): StudyPlan {
  return { ...plan, complete: false, shard: null };
}

/**
 * Finds every run of a study in one of several folders.
 *
 * @returns by key, where to copy it from
 * @throws ScenarioError (exit 3): runs that no folder has, by point, replication and shard; damaged runs; runs of which two
 *   folders have different copies
 */
export function sourcesOf(
  plan: StudyPlan,
  directories: readonly string[],
): ReadonlyMap<string, StudyStore> {
  const parts = directories.map((directory): Part => {
    return { directory, plan: readPlan(directory), store: new StudyStore(directory) };
  });
  const issues: Issue[] = [];
  const missing: PlannedRun[] = [];
  const sources = new Map<string, StudyStore>();
  for (const run of plan.runs) {
    const source = sourceOf(run, parts, issues);
    if (source === null) missing.push(run);
    else sources.set(run.key, source);
  }
  issues.push(...missingIssues(missing, plan, parts));
  if (issues.length > 0) throw new ScenarioError(issues, 3);
  return sources;
}

/** Copies runs into a study; what is there and whole stays. @throws ScenarioError (exit 3) */
export async function copyRuns(
  sources: ReadonlyMap<string, StudyStore>,
  target: StudyStore,
): Promise<void> {
  for (const [key, source] of sources) {
    const state = target.stateOf(key);
    if (state === 'whole') continue;
    if (state !== 'missing') await target.dropRun(key);
    await target.copyRun(key, source);
  }
}

/** The first folder that has a whole copy; every other copy must be equal to it. */
function sourceOf(run: PlannedRun, parts: readonly Part[], issues: Issue[]): StudyStore | null {
  let found: { readonly store: StudyStore; readonly sums: string } | null = null;
  let isNoted = false;
  for (const { store } of parts) {
    const state = store.stateOf(run.key);
    if (state === 'missing') continue;
    if (state !== 'whole') {
      const hint = 'sweep that shard again: it makes what is damaged anew';
      issues.push({ file: state.damaged, path: '', expected: 'a file as its run wrote it', hint });
      isNoted = true;
      continue;
    }
    const sums = store.sumsOf(run.key);
    if (found === null) found = { store, sums };
    else if (sums !== found.sums) {
      const [a, b] = [found.store.runFolder(run.key), store.runFolder(run.key)];
      const expected = `byte-equal copies of ${nameOf(run)}`;
      const hint = `${differingFiles(found.sums, sums).join(', ')} differ; one of the two was not made by this build`;
      issues.push({ file: b, path: '', value: `other bytes than ${a}`, expected, hint });
    }
  }
  // A damaged run is told as such, not as missing.
  return found?.store ?? (isNoted ? parts[0]!.store : null);
}

function differingFiles(a: string, b: string): string[] {
  const lines = new Set(a.split('\n'));
  return b
    .split('\n')
    .filter((line) => !lines.has(line))
    .map((line) => line.slice(66));
}

/** `fgd, replication 3`. */
function nameOf({ point, replication }: PlannedRun): string {
  return `${point}, replication ${replication}`;
}

function missingIssues(
  missing: readonly PlannedRun[],
  plan: StudyPlan,
  parts: readonly Part[],
): Issue[] {
  const counts = new Set(parts.flatMap(({ plan: { shard } }) => (shard ? [shard.count] : [])));
  const count = counts.size === 1 ? [...counts][0]! : null;
  const issues = missing.slice(0, LISTED_MAX).map((run): Issue => {
    const index = plan.runs.indexOf(run);
    const shard = count === null ? '' : ` (shard ${(index % count) + 1}/${count})`;
    return { path: nameOf(run), expected: `its run in one of the folders${shard}` };
  });
  if (missing.length > LISTED_MAX) {
    const rest = missing.length - LISTED_MAX;
    issues.push({ path: '', value: `${rest} more that miss`, expected: 'all runs of the study' });
  }
  for (const { directory, plan: part, store } of missing.length > 0 ? parts : []) {
    const own = runsOfShard(part);
    const there = own.filter(({ key }) => store.stateOf(key) === 'whole').length;
    if (there === own.length) continue;
    const expected = `${own.length} runs in ${directory}`;
    issues.push({
      path: '',
      value: `${there}`,
      expected,
      hint: 'its sweep did not end: repeat it',
    });
  }
  return issues;
}
