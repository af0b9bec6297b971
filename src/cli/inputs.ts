/** What every verb reads: the scenario with its overrides and seed, the plug-ins. */
import { basename } from 'node:path';
import { Option } from 'commander';
import { type Issue, ScenarioError } from '../base/errors.ts';
import { readStdin, readText, sha256OfFile, sha256OfText } from '../host/files.ts';
import { checkThresholds } from '../results/thresholds.ts';
import { resolvePolicies } from '../run/policies.ts';
import type { Registry } from '../run/registry.ts';
import { runFactsOf } from '../run/windows.ts';
import { loadScenario } from '../scenario/load.ts';
import type { Place } from '../scenario/located.ts';
import { scaleScenario } from '../scenario/scale.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { worldText } from '../scenario/world-text.ts';

/** A name and the hash of what it named, for the manifest. */
export interface HashedInput {
  readonly name: string;
  readonly sha256: string;
}

/** Makes the option `--plugin FILE`, which may be repeated. */
export function pluginOption(): Option {
  return new Option('--plugin <file>', 'a file of your own policies; may be repeated')
    .argParser((file: string, files: string[]) => [...files, file])
    .default([], 'none');
}

/** Makes the option `--scale 1/1000`. */
export function scaleOption(): Option {
  return new Option('--scale <part>', 'a part of the world, such as 1/1000: nodes and load alike');
}

/** A scenario as the command line asks for it. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** The seed of the command line, else of the file; null if there is none. */
  readonly seed: number | null;
  /** Overrides but for the seed, as written; the scale is the last. */
  readonly overrides: readonly string[];
  readonly sha256: string;
  /** Of the world without its policies and thresholds. */
  readonly worldSha256: string;
  /** Files that the scenario imports. */
  readonly inputs: readonly HashedInput[];
  /** Where a field was written, by its path. */
  readonly locate: (path: string) => Place;
}

/**
 * Reads a scenario file, `-` for stdin, and applies `key=value` overrides. `seed=7` and `--seed 7` are the same thing, and so
 * are `scale=1/10` and `--scale 1/10`, which comes last.
 *
 * @throws ScenarioError with all problems of the file; for a seed or scale that is none or is given twice with two values
 */
export function readScenario(
  file: string,
  assignments: readonly string[],
  seedOption?: string,
  partOption?: string,
): LoadedScenario {
  const seeds = valuesOf('seed', assignments, seedOption);
  const scale = oneScale(valuesOf('scale', assignments, partOption));
  const overrides = assignments.filter((text) => !/^(seed|scale)=/.test(text));
  checkAssignments(overrides);
  const given = seeds.map(parseSeed);
  if (given.some((seed) => seed !== given[0])) {
    const value = seeds.join(' and ');
    throw new ScenarioError([{ path: 'seed', value, expected: 'one seed', hint: 'give it once' }]);
  }
  const loaded = loadScenario({
    path: file,
    readText: (path: string) => (path === '-' ? readStdin() : readText(path)),
    overrides,
    env: process.env,
  });
  const { locate } = loaded;
  const scenario = scale === null ? loaded.scenario : scaleScenario(loaded.scenario, scale);
  const wrong = checkThresholds(scenario.thresholds, runFactsOf(scenario));
  if (wrong.length > 0) throw new ScenarioError(wrong.map((issue) => placed(issue, locate)));
  const [root, ...parts] = loaded.inputs.map(({ name, text }) => ({
    name,
    sha256: sha256OfText(text),
  }));
  const seed = given[0] ?? scenario.seed;
  if (scale !== null) overrides.push(`scale=${scale}`);
  const worldSha256 = sha256OfText(worldText(scenario));
  return { scenario, seed, overrides, sha256: root!.sha256, worldSha256, inputs: parts, locate };
}

/** Everything that is said of one name: as `name=value`, then by its option. */
function valuesOf(name: string, assignments: readonly string[], option?: string): string[] {
  const start = `${name}=`;
  const values = assignments.filter((text) => text.startsWith(start));
  return [
    ...values.map((text) => text.slice(start.length)),
    ...(option === undefined ? [] : [option]),
  ];
}

function oneScale(scales: readonly string[]): string | null {
  if (scales.some((scale) => scale !== scales[0])) {
    const value = scales.join(' and ');
    throw new ScenarioError([
      { path: 'scale', value, expected: 'one scale', hint: 'give it once' },
    ]);
  }
  return scales[0] ?? null;
}

/**
 * Checks the policies that a scenario names and their parameters.
 *
 * @throws ScenarioError with all problems, each with its place in the file
 */
export function checkPolicies(loaded: LoadedScenario, registry: Registry): void {
  try {
    resolvePolicies(loaded.scenario, registry);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new ScenarioError(error.issues.map((issue) => placed(issue, loaded.locate)));
  }
}

function placed(issue: Issue, locate: (path: string) => Place): Issue {
  return issue.line === undefined ? { ...locate(issue.path), ...issue } : issue;
}

/** Hashes the traces of a scenario, each file once, in order of the workloads. */
export async function hashTraces(scenario: Scenario): Promise<readonly HashedInput[]> {
  const paths = new Set<string>();
  for (const workload of scenario.workloads) {
    if (workload.kind !== 'service' && workload.arrivals.kind === 'trace') {
      paths.add(workload.arrivals.trace.path);
    }
  }
  const hashed: HashedInput[] = [];
  for (const path of paths) hashed.push({ name: basename(path), sha256: await sha256OfFile(path) });
  return hashed;
}

function checkAssignments(assignments: readonly string[]): void {
  const issues = assignments
    .filter((text) => !/^[^=\s]+=/.test(text))
    .map((text) => ({
      path: '',
      value: JSON.stringify(text),
      expected: 'an override key=value after the file',
      hint: 'such as horizon=6h or policies.scheduling=best-fit',
    }));
  if (issues.length > 0) throw new ScenarioError(issues);
}

function parseSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(seed)) return seed;
  const expected = 'a whole number from 0 to 2^53 - 1';
  throw new ScenarioError([{ path: 'seed', value: JSON.stringify(text), expected }]);
}
