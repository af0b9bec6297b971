/** Files that a scenario names: their paths, their texts (read once) and the list of inputs for the manifest. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { type Entry, type Located, mergeParts, type Place } from './located.ts';
import { shorten } from './problems.ts';
import { readYaml } from './read-yaml.ts';

/** A text that went into a scenario. The name holds no folder of this machine. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

/** The folder of a path, with forward slashes; `.` where there is none. */
export function folderOf(path: string): string {
  const clean = path.replaceAll('\\', '/');
  const slash = clean.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : clean.slice(0, slash);
}

/** Follows a relative path from a folder; absolute paths stand for themselves. */
export function joinPath(folder: string, relative: string): string {
  const clean = relative.replaceAll('\\', '/');
  if (clean.startsWith('/') || /^[A-Za-z]:\//.test(clean)) return clean;
  const whole = folder === '.' ? clean : `${folder.replace(/\/$/, '')}/${clean}`;
  const steps: string[] = [];
  for (const step of whole.split('/')) {
    if (step === '.' || (step === '' && steps.length > 0)) continue;
    if (step === '..' && steps.length > 0 && steps.at(-1) !== '..' && steps.at(-1) !== '') {
      steps.pop();
    } else steps.push(step);
  }
  return steps.join('/') || '.';
}

/** What keeps a file from being read, and where in it. */
interface Unreadable {
  readonly reason: string;
  readonly place: Pick<Place, 'line' | 'column'>;
}

/** Takes the reason out of an error, without naming the file again. */
function reasonOf(error: unknown): Unreadable {
  if (error instanceof ScenarioError) {
    const { hint, expected, line, column } = error.issues[0]!;
    return { reason: hint ?? expected, place: line === undefined ? {} : { line, column } };
  }
  return { reason: error instanceof Error ? error.message : String(error), place: {} };
}

/** Reads each file once and remembers what was read. */
export class Files {
  readonly inputs: Input[] = [];
  private readonly readText: (path: string) => string;
  private readonly texts = new Map<string, string>();
  private readonly rootFolder: string;

  /**
   * @param readText gives the text of a file, or throws
   * @param rootFolder folder of the scenario file: names of inputs are relative to it
   */
  constructor(readText: (path: string) => string, rootFolder: string) {
    this.readText = readText;
    this.rootFolder = rootFolder;
  }

  /**
   * Reads a file.
   *
   * @param path where it is
   * @param shown what it is called in the manifest; default its path below the scenario's folder, else its last part
   * @returns its text, or why it cannot be read
   */
  read(path: string, shown?: string): { text: string } | Unreadable {
    const known = this.texts.get(path);
    if (known !== undefined) return { text: known };
    let text: string;
    try {
      text = this.readText(path);
    } catch (error) {
      // Whatever keeps a file from being read is the user's to mend, and is told in the issue.
      return reasonOf(error);
    }
    this.texts.set(path, text);
    this.inputs.push({ name: shown ?? this.nameOf(path), text });
    return { text };
  }

  /**
   * Reads the first file that is there: beside the file that names it, then beside the scenario; `.yaml` may be left out.
   *
   * @returns the file, or why one that is there cannot be read; null if there is none
   */
  find(
    reference: string,
    namedIn: string | undefined,
  ): { path: string; text: string } | Unreadable | null {
    let unreadable: Unreadable | null = null;
    const folders = [namedIn === undefined ? this.rootFolder : folderOf(namedIn), this.rootFolder];
    for (const folder of new Set(folders)) {
      const path = joinPath(folder, reference);
      for (const candidate of /\.(ya?ml|json)$/.test(path) ? [path] : [`${path}.yaml`, path]) {
        const result = this.read(candidate);
        if ('text' in result) return { path: candidate, text: result.text };
        if (!/no such file|ENOENT/.test(result.reason)) unreadable ??= result;
      }
    }
    return unreadable;
  }

  private nameOf(path: string): string {
    const clean = path.replaceAll('\\', '/');
    const prefix = this.rootFolder === '.' ? '' : `${this.rootFolder.replace(/\/$/, '')}/`;
    const isBelow = clean.startsWith(prefix) && !clean.startsWith('/', prefix.length);
    const below = isBelow ? clean.slice(prefix.length) : '/';
    return /^([/]|\.\.|[A-Za-z]:)/.test(below) ? clean.slice(clean.lastIndexOf('/') + 1) : below;
  }
}

/**
 * Reads a scenario file and the parts it imports into one tree.
 *
 * Parts are merged in order, each below what comes after it and below the file that names them. A part that is named
 * twice counts once.
 *
 * @returns the tree, or null where something could not be read; issues in both cases
 */
export function readWithImports(
  path: string,
  files: Files,
): { tree: Located | null; issues: Issue[] } {
  const merger = new Merger(files);
  const result = files.read(path);
  if ('reason' in result) {
    const { reason: hint, place } = result;
    merger.issues.push({ file: path, ...place, path: '', expected: 'a readable file', hint });
    return { tree: null, issues: merger.issues };
  }
  const tree = merger.merge(path, result.text, []);
  return { tree: merger.isFatal ? null : tree, issues: merger.issues };
}

class Merger {
  readonly issues: Issue[] = [];
  isFatal = false;
  private readonly files: Files;
  private readonly done = new Set<string>();

  constructor(files: Files) {
    this.files = files;
  }

  merge(path: string, text: string, stack: readonly string[]): Located | null {
    const { node, issues } = readYaml(text, path);
    this.issues.push(...issues);
    if (node === null) this.isFatal = true;
    if (node?.kind !== 'map') return node;
    let below: Located | null = null;
    for (const [i, item] of importsOf(node).entries()) {
      const part = this.part(item, i, [...stack, path]);
      if (part !== null) below = below === null ? part : mergeParts(below, part);
    }
    const own = stack.length === 0 ? node : withoutImports(node);
    return below === null ? own : mergeParts(below, own);
  }

  private part(
    item: { text: string; place: Place },
    i: number,
    stack: readonly string[],
  ): Located | null {
    const issue = {
      ...item.place,
      path: `imports[${i}]`,
      value: shorten(JSON.stringify(item.text)),
    };
    const found = this.files.find(item.text, item.place.file);
    if (found === null || 'reason' in found) {
      this.isFatal = true;
      const hint = found?.reason ?? 'paths are relative to the file that names them';
      const expected = found === null ? 'a file that exists' : 'a file that can be read';
      this.issues.push({ ...issue, expected, hint });
      return null;
    }
    if (stack.includes(found.path)) {
      this.isFatal = true;
      const circle = [...stack.slice(stack.indexOf(found.path)), found.path].join(' imports ');
      this.issues.push({ ...issue, expected: 'imports that do not go round', hint: circle });
      return null;
    }
    if (this.done.has(found.path)) return null;
    this.done.add(found.path);
    const part = this.merge(found.path, found.text, stack);
    if (part !== null && part.kind !== 'map') {
      this.isFatal = true;
      const hint = 'a part holds fields of a scenario, such as workloads';
      this.issues.push({ ...part.place, path: '', expected: 'a map of scenario fields', hint });
      return null;
    }
    return part;
  }
}

/** The texts of `imports`; anything that is no list of texts is left to the schema. */
function importsOf(node: Located & { kind: 'map' }): { text: string; place: Place }[] {
  const list = node.entries.get('imports')?.node;
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string'
      ? [{ text: item.value, place: item.place }]
      : [],
  );
}

function withoutImports(node: Located & { kind: 'map' }): Located {
  const entries = new Map<string, Entry>(node.entries);
  entries.delete('imports');
  return { ...node, entries };
}
