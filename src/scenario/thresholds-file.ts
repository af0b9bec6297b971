/** Thresholds in a file of their own, or those of a scenario file: only that part is read. */
import { ScenarioError } from '../base/errors.ts';
import { Files, folderOf, readWithImports } from './files.ts';
import type { Located, Place } from './located.ts';
import { Problems, sortIssues } from './problems.ts';
import { resolveThresholds } from './resolve-policies.ts';
import type { ThresholdEntry } from './scenario.ts';
import { thresholds as schema } from './schema-policies.ts';

/** The thresholds of a file, and where each was written. */
export interface LoadedThresholds {
  readonly entries: readonly ThresholdEntry[];
  /** By `ThresholdEntry.path`. */
  readonly locate: (path: string) => Place;
}

/**
 * Loads thresholds: what is under `thresholds`, imports included; a file without that key is a map of thresholds by selector.
 *
 * @param options the file as the user named it, and what gives the text of a file
 * @throws ScenarioError with every issue of that part
 */
export function loadThresholds(options: {
  readonly path: string;
  readonly readText: (path: string) => string;
}): LoadedThresholds {
  const { path, readText } = options;
  const { tree, issues } = readWithImports(path, new Files(readText, folderOf(path)));
  if (tree === null) throw new ScenarioError(sortIssues(issues));
  const node = tree.kind === 'map' ? (tree.entries.get('thresholds')?.node ?? tree) : tree;
  const entries = new Map([['thresholds', { keyPlace: node.place, node }]]);
  const part: Located = { kind: 'map', place: tree.place, entries };
  const problems = new Problems(part);
  for (const issue of issues) problems.foreign(issue);
  const raw = (problems.raw as { readonly thresholds: unknown }).thresholds;
  const shape = schema.safeParse(raw);
  if (!shape.success) {
    const found = shape.error.issues;
    problems.schema(found.map((issue) => ({ ...issue, path: ['thresholds', ...issue.path] })));
  }
  problems.fail();
  return {
    entries: resolveThresholds(shape.data!),
    locate: (at) => problems.places.ofText(at),
  };
}
