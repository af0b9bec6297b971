/** The way in: a file or an object becomes a resolved scenario, or an error with everything that is wrong. */
import type { Issue } from '../base/errors.ts';
import { ScenarioError } from '../base/errors.ts';
import { Files, folderOf, type Input, readWithImports } from './files.ts';
import type { Located, Place } from './located.ts';
import { applyOverrides } from './override.ts';
import { Problems, sortIssues } from './problems.ts';
import { readObject } from './read-yaml.ts';
import { resolveScenario } from './resolve.ts';
import type { Scenario } from './scenario.ts';

/** What a load needs; nothing is read behind its back. */
export interface LoadOptions {
  /** The scenario file, as the user named it. */
  readonly path: string;
  /** Gives the text of a file, or throws. */
  readonly readText: (path: string) => string;
  /** `key=value`, applied in order after imports. */
  readonly overrides?: readonly string[];
  /** Environment: only `ORRERY_DATA` is looked at, and only by scenarios that need data files. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A scenario with what it was made of. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  /** The scenario file first, then what it imports and the catalogues and node lists it names. No traces. */
  readonly inputs: readonly Input[];
  /** Where a field was written, by its path as in `Issue.path`; the nearest written field above it where it is not. */
  readonly locate: (path: string) => Place;
}

/**
 * Loads a scenario file with its imports, catalogues and overrides.
 *
 * @throws ScenarioError with every issue: file, line, column, value, expectation and hint. Its exit code is 3 if a data
 *   file (catalogue, node list, data folder) is among them, else 2
 */
export function loadScenario(options: LoadOptions): LoadedScenario {
  const files = new Files(options.readText, folderOf(options.path));
  const { tree, issues } = readWithImports(options.path, files);
  if (tree === null) throw new ScenarioError(sortIssues(issues));
  const { scenario, problems } = finish(tree, issues, {
    overrides: options.overrides ?? [],
    files,
    env: options.env ?? {},
  });
  return { scenario, inputs: files.inputs, locate: (path) => problems.places.ofText(path) };
}

/** What {@link parseScenario} may read, if anything. */
export interface ParseOptions {
  readonly overrides?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** For scenarios that name catalogues or node lists: gives the text of a file, or throws. */
  readonly readText?: (path: string) => string;
  /** Folder that relative paths start from; default the working folder. */
  readonly folder?: string;
}

/**
 * Resolves a scenario that is given as plain data, in the shape of the file.
 *
 * @throws ScenarioError with every issue, without lines
 */
export function parseScenario(raw: unknown, options: ParseOptions = {}): Scenario {
  const { node, issues } = readObject(raw);
  if (node === null) throw new ScenarioError(issues);
  if (node.kind === 'map' && node.entries.has('imports')) {
    const hint = 'only a scenario that is read from a file has parts';
    throw new ScenarioError([{ path: 'imports', expected: 'a scenario without imports', hint }]);
  }
  const files = options.readText ? new Files(options.readText, options.folder ?? '.') : null;
  return finish(node, issues, {
    overrides: options.overrides ?? [],
    files,
    env: options.env ?? {},
  }).scenario;
}

function finish(
  read: Located,
  found: readonly Issue[],
  options: {
    readonly overrides: readonly string[];
    readonly files: Files | null;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): { scenario: Scenario; problems: Problems } {
  const { tree, issues } = applyOverrides(read, options.overrides);
  const problems = new Problems(tree);
  for (const issue of [...found, ...issues]) problems.foreign(issue);
  return { scenario: resolveScenario(tree, problems, options), problems };
}
