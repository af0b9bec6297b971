/** Files of Kubernetes objects: YAML with any number of documents, JSON, and the lists that `kubectl get` prints. */
import type { Issue } from '../../base/errors.ts';
import { formatPath, type Located, type Path, type Place, placesOf, plain } from '../located.ts';
import { readYamlDocuments } from '../read-yaml.ts';

/** One object as it was written. */
export interface WrittenObject {
  /** `Deployment`; of an item of a `PodList` that says nothing itself, `Pod`. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Steps from its document to it: empty, or `items` and a number. */
  readonly path: Path;
  readonly document: WrittenDocument;
}

/** A document of a file; it knows where its values stand. */
export class WrittenDocument {
  readonly file: string;
  /** From 1, in the file. */
  readonly number: number;
  private readonly locate: () => Located | null;
  private places: ReturnType<typeof placesOf> | null = null;

  constructor(file: string, number: number, locate: () => Located | null) {
    this.file = file;
    this.number = number;
    this.locate = locate;
  }

  /** Where a value was written, or its nearest ancestor that was. */
  placeOf(path: Path): Place {
    if (this.places === null) {
      const node = this.locate();
      if (node === null) return { file: this.file };
      this.places = placesOf(node);
    }
    return this.places.ofValue(path);
  }

  /** An issue at a value of the document: with its number, if the file is not one object alone. */
  issueAt(path: Path, expected: string, more: { value?: string; hint?: string } = {}): Issue {
    const text = formatPath(path);
    const where =
      this.number > 1 ? `document ${this.number}${text === '' ? '' : `: ${text}`}` : text;
    return { ...this.placeOf(path), path: where, expected, ...more };
  }
}

/** Objects of a file in order, and what is wrong with it. */
export interface WrittenFile {
  readonly objects: readonly WrittenObject[];
  readonly issues: readonly Issue[];
}

/** Objects of one file at most: far above any cluster that is real. */
const OBJECTS_MAX = 5_000_000;

/** Reads the objects of a file. JSON is read as such, which is much faster; the text is read again if a line is asked for. */
export function readObjects(text: string, file: string): WrittenFile {
  const isJson = /^\s*\{/.test(text);
  if (isJson) {
    const value = parseJson(text);
    if (value !== undefined) {
      let located: Located | null | undefined;
      const document = new WrittenDocument(file, 1, () => {
        located ??= readYamlDocuments(text, file).documents[0]?.node ?? null;
        return located;
      });
      return objectsOf([{ document, value }]);
    }
  }
  const { documents, issues } = readYamlDocuments(text, file);
  if (issues.length > 0) return { objects: [], issues };
  return objectsOf(
    documents.map(({ number, node }) => ({
      document: new WrittenDocument(file, number, () => node),
      value: plain(node),
    })),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, withoutOwnNames);
  } catch {
    // The reader of YAML, which reads JSON too, says where the fault is.
    return undefined;
  }
}

/** Keys that would reach into JavaScript's own objects are left out: no field of Kubernetes has such a name. */
function withoutOwnNames(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

function objectsOf(
  documents: readonly { readonly document: WrittenDocument; readonly value: unknown }[],
): WrittenFile {
  const objects: WrittenObject[] = [];
  const issues: Issue[] = [];
  const take = (
    value: unknown,
    document: WrittenDocument,
    path: Path,
    kindOfList: string,
  ): void => {
    if (!isMap(value)) {
      issues.push(document.issueAt(path, 'an object of Kubernetes: a map with kind and metadata'));
      return;
    }
    const { kind = kindOfList, items } = value;
    if (typeof kind !== 'string' || kind === '') {
      issues.push(document.issueAt(path, 'an object of Kubernetes', { hint: 'add its kind' }));
    } else if (/List$/.test(kind) && Array.isArray(items)) {
      if (objects.length + items.length > OBJECTS_MAX) {
        issues.push(document.issueAt(path, `at most ${OBJECTS_MAX} objects in a file`));
        return;
      }
      items.forEach((item, i) => {
        take(item, document, [...path, 'items', i], kind.slice(0, -'List'.length));
      });
    } else objects.push({ kind, fields: value, path, document });
  };
  for (const { document, value } of documents) take(value, document, [], '');
  return { objects, issues };
}

/** True for a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
