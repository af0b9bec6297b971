/**
 * Reads YAML text into a located tree. Only plain data passes: one document, string keys that are unique and harmless,
 * no tags beyond YAML's core, and aliases that stay small when written out.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { Issue } from '../base/errors.ts';
import type { Entry, Located, Place, Scalar } from './located.ts';

/** Keys that would reach into JavaScript's own objects. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
]);

/** Bytes of text, nesting and written-out values that are read at most: far above any scenario, far below harm. */
const TEXT_LENGTH_MAX = 64 * 1024 * 1024;
/** Levels of nesting at most. */
export const DEPTH_MAX = 64;
const ALIASED_VALUES_MAX = 10_000;

/** What came of a text: a tree where it could be read at all, and everything wrong with it. */
export interface YamlResult {
  readonly node: Located | null;
  readonly issues: readonly Issue[];
}

/**
 * Reads one YAML document.
 *
 * @param text the whole text
 * @param file its name in messages; absent for a value on the command line
 * @returns the tree, or null where the text is no YAML; issues carry line and column
 */
export function readYaml(text: string, file?: string): YamlResult {
  if (text.length > TEXT_LENGTH_MAX) {
    return { node: null, issues: [{ file, path: '', expected: 'a file of at most 64 MiB' }] };
  }
  const control = text.search(CONTROL);
  if (control >= 0) return { node: null, issues: [controlIssue(text, control, file)] };
  const reader = new Reader(file);
  const document = reader.parse(text);
  const node = reader.isFatal ? null : reader.read(document.contents as Node | null, '', 0);
  return { node: reader.isFatal ? null : node, issues: reader.issues };
}

/**
 * Reads all documents of a text; empty ones are left out.
 *
 * @param text the whole text
 * @param file its name in messages
 * @returns the documents in order, each with its number from 1; issues of those that cannot be read
 */
export function readYamlDocuments(
  text: string,
  file: string,
): { documents: { number: number; node: Located }[]; issues: Issue[] } {
  if (text.length > TEXT_LENGTH_MAX) {
    return { documents: [], issues: [{ file, path: '', expected: 'a file of at most 64 MiB' }] };
  }
  const control = text.search(CONTROL);
  if (control >= 0) return { documents: [], issues: [controlIssue(text, control, file)] };
  const lineCounter = new LineCounter();
  const issues: Issue[] = [];
  const documents: { number: number; node: Located }[] = [];
  const parsed = parseAllDocuments(text, { ...OPTIONS, lineCounter });
  if (!Array.isArray(parsed)) return { documents, issues };
  for (const [i, document] of parsed.entries()) {
    const reader = new Reader(file, lineCounter);
    reader.take(document as ReturnType<typeof parseDocument>);
    if (!reader.isFatal && document.contents !== null) {
      const node = reader.read(document.contents as Node, '', 0);
      if (!reader.isFatal) documents.push({ number: i + 1, node });
    }
    issues.push(...reader.issues);
  }
  return { documents, issues };
}

const OPTIONS = {
  prettyErrors: false,
  uniqueKeys: true,
  version: '1.2',
  schema: 'core',
  // `silent` would also keep it from saying that there are several documents.
  logLevel: 'error',
} as const;

/** Control characters but tab and line breaks, and halves of surrogate pairs: no text that people write has them. */
const CONTROL = /[^\P{Cc}\t\n\r]|\p{Cs}/u;
const NO_CONTROL = 'text without control characters';

function controlIssue(text: string, at: number, file: string | undefined): Issue {
  const code = text.codePointAt(at)!.toString(16).toUpperCase().padStart(4, '0');
  const isNul = code === '0000';
  const hint = isNul ? 'there is a NUL; save the file as UTF-8 text' : `remove U+${code}`;
  if (file === undefined) return { path: '', expected: NO_CONTROL, hint };
  const line = text.slice(0, at).split('\n').length;
  const column = at - text.lastIndexOf('\n', at - 1);
  return { file, line, column, path: '', expected: NO_CONTROL, hint };
}

class Reader {
  readonly issues: Issue[] = [];
  isFatal = false;
  private readonly file: string | undefined;
  private readonly lines: LineCounter;
  private document: ReturnType<typeof parseDocument> | null = null;
  /** Lists and maps that are being read, to find aliases inside themselves. */
  private readonly open = new Set<Node>();
  /** The outermost alias that is being written out. */
  private alias: { readonly place: Place; readonly path: string } | null = null;
  private aliasedValues = 0;

  constructor(file: string | undefined, lines = new LineCounter()) {
    this.file = file;
    this.lines = lines;
  }

  parse(text: string): ReturnType<typeof parseDocument> {
    return this.take(parseDocument(text, { ...OPTIONS, lineCounter: this.lines }));
  }

  /** Takes a parsed document and reports what is wrong with it. */
  take(document: ReturnType<typeof parseDocument>): ReturnType<typeof parseDocument> {
    this.document = document;
    for (const error of [...document.errors, ...document.warnings]) {
      this.fault(error);
      // What follows the first fault of syntax is guesswork.
      if (this.isFatal) break;
    }
    return document;
  }

  /** Turns a fault of the YAML library into an issue; all but duplicate keys leave nothing to read. */
  private fault(error: YAMLError): void {
    const place = this.placeAt(error.pos[0]);
    if (error.code === 'DUPLICATE_KEY') {
      this.report(place, '', 'each key only once in a map', 'remove or rename one of the two');
      return;
    }
    this.isFatal = true;
    if (error.code === 'RESOURCE_EXHAUSTION') {
      this.report(place, '', `at most ${DEPTH_MAX} levels of nesting`);
    } else if (error.code === 'MULTIPLE_DOCS') {
      this.report(place, '', 'one YAML document in a file', 'remove the line "---"');
    } else if (error.code === 'TAG_RESOLVE_FAILED') {
      this.report(place, '', 'plain values without tags', error.message);
    } else {
      this.report(place, '', 'valid YAML', error.message);
    }
  }

  read(node: Node | null, path: string, depth: number): Located {
    const place = this.placeAt(node?.range?.[0] ?? 0);
    if (depth > DEPTH_MAX) {
      return this.stop(place, path, `at most ${DEPTH_MAX} levels of nesting`);
    }
    if (this.alias !== null && ++this.aliasedValues > ALIASED_VALUES_MAX) {
      const expected = `aliases that stand for at most ${ALIASED_VALUES_MAX} values`;
      return this.stop(this.alias.place, this.alias.path, expected);
    }
    if (node === null) return { kind: 'scalar', place, value: null };
    if (isAlias(node)) return this.follow(node, path, depth);
    if (isScalar(node)) {
      const text = node.type === 'PLAIN' ? node.source : undefined;
      return this.scalar(node.value, text, place, path);
    }
    this.open.add(node);
    const collection = this.collection(node, place, path, depth);
    this.open.delete(node);
    return collection;
  }

  private collection(node: Node, place: Place, path: string, depth: number): Located {
    if (isSeq(node)) {
      const items: Located[] = [];
      for (const [i, item] of node.items.entries()) {
        if (this.isFatal) break;
        items.push(this.read(item as Node, `${path}[${i}]`, depth + 1));
      }
      return { kind: 'list', place, items };
    }
    if (!isMap(node)) return this.stop(place, path, 'plain values');
    const entries = new Map<string, Entry>();
    for (const pair of node.items) {
      if (this.isFatal) break;
      this.entry(pair as Pair<Node, Node | null>, entries, path, depth);
    }
    return { kind: 'map', place, entries };
  }

  private entry(
    pair: Pair<Node, Node | null>,
    entries: Map<string, Entry>,
    path: string,
    depth: number,
  ): void {
    const keyPlace = this.placeAt(pair.key?.range?.[0] ?? 0);
    if (!isScalar(pair.key) || typeof pair.key.value === 'object') {
      this.report(keyPlace, path, 'a plain word as key');
      return;
    }
    // `1.30` is a key as written, not the number 1.3.
    const key = pair.key.source ?? String(pair.key.value);
    const below = path === '' ? key : `${path}.${key}`;
    if (RESERVED_NAMES.has(key)) {
      this.report(keyPlace, below, 'a key that is not one of JavaScript’s own names');
      return;
    }
    // The library reported the duplicate; the first one stands.
    if (entries.has(key)) return;
    const node = this.read(pair.value, below, depth + 1);
    // An empty value has no range of its own: it is where its key is.
    const isEmpty = pair.value === null || pair.value.range === undefined;
    entries.set(key, { keyPlace, node: isEmpty ? { ...node, place: keyPlace } : node });
  }

  private follow(node: Node, path: string, depth: number): Located {
    const place = this.placeAt(node.range?.[0] ?? 0);
    const target = isAlias(node) ? node.resolve(this.document!) : undefined;
    if (!target) return this.stop(place, path, 'an alias whose anchor exists above it');
    if (this.open.has(target)) return this.stop(place, path, 'an alias that is not inside itself');
    const outer = this.alias;
    this.alias ??= { place, path };
    const read = this.read(target, path, depth + 1);
    this.alias = outer;
    return { ...read, place };
  }

  private scalar(value: unknown, text: string | undefined, place: Place, path: string): Located {
    const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
    if (!isPlain) return this.stop(place, path, 'plain values without tags');
    // Escapes such as "\e" bring in what the text itself may not hold.
    if (typeof value === 'string' && CONTROL.test(value)) {
      return this.stop(place, path, NO_CONTROL, 'write it without escapes such as "\\0"');
    }
    return { kind: 'scalar', place, value: value as Scalar, text };
  }

  /** Reports something that makes the rest unreadable, once. */
  private stop(place: Place, path: string, expected: string, hint?: string): Located {
    if (!this.isFatal) this.report(place, path, expected, hint);
    this.isFatal = true;
    return { kind: 'scalar', place, value: null };
  }

  private report(place: Place, path: string, expected: string, hint?: string): void {
    this.issues.push({ ...place, path, expected, hint });
  }

  private placeAt(offset: number): Place {
    if (this.file === undefined) return {};
    const { line, col } = this.lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }
}

/**
 * Takes a plain object as a located tree without places, for scenarios that a program makes.
 *
 * @returns the tree and what is not plain data: cycles, functions, class instances, reserved keys
 */
export function readObject(raw: unknown): YamlResult {
  const issues: Issue[] = [];
  const node = takeObject(raw, '', new Set(), issues);
  return { node: issues.length > 0 ? null : node, issues };
}

function takeObject(raw: unknown, path: string, open: Set<unknown>, issues: Issue[]): Located {
  const place = {};
  const nothing: Located = { kind: 'scalar', place, value: null };
  if (raw === null || ['string', 'number', 'boolean'].includes(typeof raw)) {
    return { kind: 'scalar', place, value: raw as Scalar };
  }
  const prototype = typeof raw === 'object' ? Object.getPrototypeOf(raw) : undefined;
  const isPlain = Array.isArray(raw) || prototype === Object.prototype || prototype === null;
  if (!isPlain || open.has(raw) || open.size > DEPTH_MAX) {
    issues.push({
      path,
      value: typeof raw,
      expected: 'plain data: maps, lists, texts, numbers and booleans without cycles',
    });
    return nothing;
  }
  open.add(raw);
  let node: Located;
  if (Array.isArray(raw)) {
    // `map` would pass over holes.
    const items = Array.from(raw, (item, i) => takeObject(item, `${path}[${i}]`, open, issues));
    node = { kind: 'list', place, items };
  } else {
    const entries = new Map<string, Entry>();
    for (const [key, value] of Object.entries(raw as object)) {
      const below = path === '' ? key : `${path}.${key}`;
      if (RESERVED_NAMES.has(key)) {
        issues.push({ path: below, expected: 'a key that is not one of JavaScript’s own names' });
      } else if (value !== undefined) {
        entries.set(key, { keyPlace: place, node: takeObject(value, below, open, issues) });
      }
    }
    node = { kind: 'map', place, entries };
  }
  open.delete(raw);
  return node;
}
