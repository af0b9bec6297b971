/** Gathers everything wrong with a scenario, each with its place in the file, and turns the schema's findings into issues. */
import type * as z from 'zod';
import type { Issue } from '../base/errors.ts';
import { formatIssue, ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { formatPath, type Located, type Path, type Places, placesOf, plain } from './located.ts';
import { fieldsOf, unpack } from './schema-values.ts';

type SchemaIssue = z.core.$ZodIssue;

/** What may be said beyond path and expectation. */
export interface IssueMore {
  readonly hint?: string;
  /** The value to show instead of the one in the file. */
  readonly value?: string;
  /** True for data files: exit 3 instead of 2. */
  readonly isData?: boolean;
  /** True where the key is wrong, not its value. */
  readonly atKey?: boolean;
}

/** All issues of one tree. */
export class Problems {
  readonly places: Places;
  /** The tree as plain data. */
  readonly raw: unknown;
  private readonly issues: Issue[] = [];
  private readonly seen = new Set<string>();
  private readonly broken: Path[] = [];
  /** Maps with an unknown key, and the fields that such keys stand for. */
  private readonly explained = new Set<string>();
  private hasData = false;

  constructor(tree: Located) {
    this.places = placesOf(tree);
    this.raw = plain(tree);
  }

  /** True if something was found. */
  get any(): boolean {
    return this.issues.length > 0;
  }

  /** Notes an issue; the same expectation at the same path is noted once. */
  at(path: Path, expected: string, more: IssueMore = {}): void {
    const text = formatPath(path);
    const id = `${text}\n${expected}`;
    const isExplained = this.explained.has(text) && valueAt(this.raw, path) === undefined;
    if (this.seen.has(id) || isExplained) return;
    this.seen.add(id);
    if (more.isData) this.hasData = true;
    const place = more.atKey ? this.places.ofKey(path) : this.places.ofValue(path);
    const value = more.atKey ? undefined : (more.value ?? this.show(path));
    this.issues.push({
      ...place,
      path: text,
      ...(value === undefined ? {} : { value }),
      expected,
      ...(more.hint === undefined ? {} : { hint: more.hint }),
    });
  }

  /** Notes an issue of another file, as it is. */
  foreign(issue: Issue, isData = false): void {
    // A file that a set of clusters names is wrong once, not once a cluster.
    const id = formatIssue(issue);
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.issues.push(issue);
    if (isData) this.hasData = true;
  }

  /** Notes what the schema found. */
  schema(issues: readonly SchemaIssue[]): void {
    const flat = issues.flatMap((issue) => flatten(issue, []));
    // A mistyped key is also a missing one: the first explains the second.
    for (const { issue, path } of flat) {
      if (issue.code === 'unrecognized_keys') this.unknownKeys(issue, path);
    }
    for (const { issue, path } of flat) {
      if (issue.code !== 'unrecognized_keys') this.schemaIssue(issue, path);
    }
  }

  /** True if an issue was noted at a path or below it. */
  hasIssueIn(path: Path): boolean {
    const text = formatPath(path);
    return this.issues.some(
      (issue) =>
        issue.path === text ||
        issue.path.startsWith(`${text}.`) ||
        issue.path.startsWith(`${text}[`),
    );
  }

  /** True if the shape at a path, or at something above or below it, is wrong: it must not be read. */
  isBroken(path: Path): boolean {
    return this.broken.some((other) => {
      const length = Math.min(other.length, path.length);
      for (let i = 0; i < length; i++) if (other[i] !== path[i]) return false;
      return true;
    });
  }

  /** True if the shape at a path, or at something above it, is wrong. */
  isBrokenAt(path: Path): boolean {
    return this.broken.some(
      (other) => other.length <= path.length && other.every((step, i) => step === path[i]),
    );
  }

  /** Takes over the issues of another file. */
  adopt(other: Problems, isData: boolean): void {
    for (const issue of other.issues) this.foreign(issue, isData);
  }

  /** @throws ScenarioError with all issues in file order, if there are any */
  fail(): void {
    if (this.issues.length === 0) return;
    throw new ScenarioError(sortIssues(this.issues), this.hasData ? 3 : 2);
  }

  private schemaIssue(issue: SchemaIssue, path: Path): void {
    if (issue.code === 'invalid_key') {
      const inner = issue.issues[0];
      const { expected } = unpack(inner?.message ?? issue.message);
      const known = inner?.code === 'invalid_value' ? inner.values.map(String) : [];
      this.at(path, expected, { atKey: true, hint: suggestion(String(path.at(-1)), known) });
      return;
    }
    const value = valueAt(this.raw, path);
    const isScalar = value === undefined || value === null || typeof value !== 'object';
    if (issue.code !== 'custom' || !isScalar) this.broken.push(path);
    const isUnknownAlternative = isOneOf(issue) && this.explained.has(formatPath(path));
    if (!isUnknownAlternative) this.at(path, ...this.explain(issue, path, value));
  }

  private explain(issue: SchemaIssue, path: Path, value: unknown): [string, IssueMore] {
    const { expected, hint } = unpack(issue.message);
    const isFieldsIssue = issue.code === 'invalid_type' && fieldsOf(expected).length > 0;
    const wanted = isFieldsIssue
      ? `${expected}: a map with ${fieldsOf(expected).join(', ')}`
      : expected;
    if (value === undefined && path.length > 0) {
      return [wanted, { hint: `add ${String(path.at(-1))}, which is required` }];
    }
    if (issue.code === 'invalid_value' && typeof value === 'string') {
      return [wanted, { hint: suggestion(value, issue.values.map(String)) }];
    }
    if (issue.code === 'invalid_union' && 'options' in issue && typeof value === 'string') {
      return [wanted, { hint: suggestion(value, (issue.options as unknown[]).map(String)) }];
    }
    return [wanted, { hint }];
  }

  private unknownKeys(issue: SchemaIssue & { code: 'unrecognized_keys' }, path: Path): void {
    const noun = issue.message;
    const fields = fieldsOf(noun);
    this.explained.add(formatPath(path));
    for (const key of issue.keys) {
      const near = nearest(key, fields);
      const hint =
        near === undefined ? `fields are ${fields.join(', ')}` : `did you mean "${near}"?`;
      this.at([...path, key], `a field of ${noun}`, { atKey: true, hint });
      if (near !== undefined) this.explained.add(formatPath([...path, near]));
    }
  }

  private show(path: Path): string | undefined {
    const value = valueAt(this.raw, path);
    if (value === undefined) return undefined;
    if (typeof value === 'string') return shorten(JSON.stringify(value));
    if (value === null) return 'nothing';
    if (Array.isArray(value)) return `a list of ${value.length}`;
    if (typeof value === 'object') return shorten(`{${Object.keys(value).join(', ')}}`);
    return shorten(this.places.textAt(path) ?? String(value));
  }
}

/** Makes the hint for a mistyped name, or undefined where nothing is near. */
export function suggestion(name: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(name, candidates);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** Sorts issues by file and place; those without a place last, in the order they were found. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  const files = [...new Set(issues.map((issue) => issue.file))];
  const rank = (issue: Issue) =>
    issue.file === undefined ? files.length : files.indexOf(issue.file);
  return issues
    .map((issue, i) => ({ issue, i }))
    .sort(
      (a, b) =>
        rank(a.issue) - rank(b.issue) ||
        (a.issue.line ?? 0) - (b.issue.line ?? 0) ||
        (a.issue.column ?? 0) - (b.issue.column ?? 0) ||
        a.i - b.i,
    )
    .map(({ issue }) => issue);
}

/** Replaces failed unions by what is wrong with the alternative that was meant, with whole paths. */
function flatten(issue: SchemaIssue, prefix: Path): { issue: SchemaIssue; path: Path }[] {
  const path = [...prefix, ...(issue.path as (string | number)[])];
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const branch = bestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => flatten(inner, path));
  }
  return [{ issue, path }];
}

/** True for "exactly one of", the issue of a map of alternatives. */
function isOneOf(issue: SchemaIssue): boolean {
  return issue.code === 'custom' && issue.message.includes('exactly one of');
}

/**
 * Picks the alternative of a union that the user most likely meant: the one with the least to correct, unless every
 * one is wrong at its root.
 */
function bestBranch(branches: readonly (readonly SchemaIssue[])[]): readonly SchemaIssue[] | null {
  let best: readonly SchemaIssue[] | null = null;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const branch of branches) {
    const cost = branch.reduce((sum, issue) => sum + costOf(issue), 0);
    if (cost < bestCost) {
      best = branch;
      bestCost = cost;
    }
  }
  return bestCost < ROOT_COST ? best : null;
}

/** An issue at the root of an alternative means that another kind of value was written. */
const ROOT_COST = 1000;

function costOf(issue: SchemaIssue): number {
  if (issue.code === 'unrecognized_keys') return issue.keys.length;
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const cheapest = Math.min(...issue.errors.map((b) => b.reduce((sum, i) => sum + costOf(i), 0)));
    return issue.path.length === 0 ? cheapest : 1;
  }
  const isRoot = issue.path.length === 0;
  // A wrong number of alternatives (`oneOf`) is at the root, but the kind of value was right.
  if (isRoot && isOneOf(issue)) return 1;
  if (isRoot && issue.code === 'custom' && issue.message.includes(' with either ')) return 1;
  return isRoot ? ROOT_COST : 1;
}

/** The value at a path of plain data; undefined where there is none. */
function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

const SHOWN_MAX = 60;

/** Shortens a value for messages. */
export function shorten(text: string): string {
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`;
}
