/**
 * Reads the fields of a Kubernetes object and remembers which: what nobody asked for is not modelled, and is counted by kind
 * and field.
 */
import type * as z from 'zod';
import type { Issue } from '../../base/errors.ts';
import type { Path } from '../located.ts';
import { shorten } from '../problems.ts';
import { unpack } from '../schema-values.ts';
import { isMap, type WrittenDocument, type WrittenObject } from './documents.ts';
import type { Losses } from './losses.ts';

/** Where findings go. */
export interface Findings {
  readonly losses: Losses;
  issue(issue: Issue): void;
}

/** Fields without effect on anything that a simulator of clusters could look at. */
const METADATA_NOISE = [
  'uid',
  'resourceVersion',
  'generation',
  'managedFields',
  'selfLink',
  'generateName',
  'annotations',
];

/** A map inside an object. */
export class Fields {
  readonly path: Path;
  private readonly raw: Readonly<Record<string, unknown>>;
  private readonly root: { readonly object: WrittenObject; readonly findings: Findings };
  private readonly asked = new Set<string>();
  /** Maps below by field, or by field and number. */
  private readonly below = new Map<string, Fields>();

  constructor(
    raw: Readonly<Record<string, unknown>>,
    path: Path,
    root: { readonly object: WrittenObject; readonly findings: Findings },
  ) {
    this.raw = raw;
    this.path = path;
    this.root = root;
  }

  /** The fields of a whole object. */
  static of(object: WrittenObject, findings: Findings): Fields {
    const fields = new Fields(object.fields, object.path, { object, findings });
    fields.ignore('apiVersion', 'kind');
    fields.map('metadata').ignore(...METADATA_NOISE);
    return fields;
  }

  get document(): WrittenDocument {
    return this.root.object.document;
  }

  /** True if a field is written. */
  has(key: string): boolean {
    return this.raw[key] !== undefined && this.raw[key] !== null;
  }

  /** Marks fields that need no mention. */
  ignore(...keys: readonly string[]): this {
    for (const key of keys) this.asked.add(key);
    return this;
  }

  /** The field as it was written; all of it counts as read. */
  any(key: string): unknown {
    this.asked.add(key);
    return this.raw[key] ?? undefined;
  }

  /** Notes that the object cannot be what it says. */
  fail(key: string | null, expected: string, hint?: string): void {
    const path = key === null ? this.path : [...this.path, key];
    const written = key === null ? undefined : this.raw[key];
    const isShort = written !== undefined && (typeof written !== 'object' || written === null);
    this.root.findings.issue(
      this.document.issueAt(path, expected, {
        ...(isShort ? { value: shorten(JSON.stringify(written)) } : {}),
        ...(hint === undefined ? {} : { hint }),
      }),
    );
  }

  /** A text; undefined where there is none. */
  text(key: string): string | undefined {
    const value = this.any(key);
    if (value === undefined || typeof value === 'string') return value;
    this.fail(key, 'a text');
    return undefined;
  }

  /** A text that must be there. */
  name(key = 'name'): string {
    const value = this.text(key);
    if (value === undefined && !this.has(key)) this.fail(null, `a map with ${key}`);
    return value ?? '';
  }

  /** A whole number; undefined where there is none. */
  whole(key: string): number | undefined {
    const value = this.any(key);
    if (value === undefined || Number.isSafeInteger(value)) return value as number | undefined;
    this.fail(key, 'a whole number');
    return undefined;
  }

  /** True or false; false where it is not written. */
  flag(key: string): boolean {
    const value = this.any(key);
    if (value !== undefined && typeof value !== 'boolean') this.fail(key, 'true or false');
    return value === true;
  }

  /** A map below; an empty one where there is none. */
  map(key: string): Fields {
    const value = this.any(key);
    if (value !== undefined && !isMap(value)) this.fail(key, 'a map');
    return this.child(isMap(value) ? value : {}, key);
  }

  /** The maps of a list below; none where there is no list. */
  list(key: string): Fields[] {
    const value = this.any(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.fail(key, 'a list');
      return [];
    }
    return value.flatMap((item, i) => {
      if (isMap(item)) return [this.child(item, key, i)];
      this.fail(key, 'a list of maps');
      return [];
    });
  }

  /** A map of texts; numbers and truth values are taken as they were meant. */
  texts(key: string): Record<string, string> {
    const value = this.any(key);
    if (value === undefined) return {};
    if (!isMap(value)) {
      this.fail(key, 'a map of texts');
      return {};
    }
    const texts: Record<string, string> = {};
    for (const [name, text] of Object.entries(value)) {
      if (typeof text === 'string') texts[name] = text;
      else this.fail(key, 'a map of texts', `put quotes around the value of ${shorten(name)}`);
    }
    return texts;
  }

  /** A field that a schema describes; what the schema does not know is lost, what it refuses is an issue. */
  shaped<T extends z.ZodType>(key: string, schema: T): z.infer<T> | undefined {
    const value = this.any(key);
    if (value === undefined) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    let isWrong = false;
    for (const issue of result.error.issues) {
      const path = [...this.path, key, ...(issue.path as (string | number)[])];
      if (issue.code === 'unrecognized_keys') {
        for (const name of issue.keys) this.lose([...path, name]);
        continue;
      }
      isWrong = true;
      const { expected, hint } = unpack(issue.message);
      this.root.findings.issue(this.document.issueAt(path, expected, { hint }));
    }
    return isWrong ? undefined : (value as z.infer<T>);
  }

  /** Counts what was written and not read, here and below. */
  finish(): void {
    for (const key of Object.keys(this.raw)) {
      if (!this.asked.has(key) && this.has(key)) this.lose([...this.path, key]);
    }
    for (const fields of this.below.values()) fields.finish();
  }

  /** The same map is the same object, however often it is asked for. */
  private child(raw: Readonly<Record<string, unknown>>, key: string, item?: number): Fields {
    const id = item === undefined ? key : `${key}[${item}]`;
    let fields = this.below.get(id);
    if (fields === undefined) {
      const path = item === undefined ? [...this.path, key] : [...this.path, key, item];
      fields = new Fields(raw, path, this.root);
      this.below.set(id, fields);
    }
    return fields;
  }

  private lose(path: Path): void {
    const { object, findings } = this.root;
    findings.losses.field(object.kind, path.slice(object.path.length));
  }
}
