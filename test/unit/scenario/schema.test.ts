import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scenarioJsonSchema } from '../../../src/scenario/schema.ts';
import { isName } from '../../../src/scenario/schema-values.ts';

interface Node {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
  readonly items?: Node;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
}

const schema = scenarioJsonSchema() as unknown as Node & {
  readonly $defs: Readonly<Record<string, Node>>;
};

/** Calls `visit` for a node of the schema and all below it. */
function walk(node: Node, path: string, visit: (node: Node, path: string) => void): void {
  visit(node, path);
  for (const [key, inner] of Object.entries(node.properties ?? {}))
    walk(inner, `${path}.${key}`, visit);
  for (const inner of [...(node.anyOf ?? []), ...(node.oneOf ?? [])])
    walk(inner, `${path}|`, visit);
  if (node.items) walk(node.items, `${path}[]`, visit);
  if (typeof node.additionalProperties === 'object') {
    walk(node.additionalProperties, `${path}{}`, visit);
  }
}

describe('the JSON Schema', () => {
  it('is draft 2020-12 and requires what the loader requires', () => {
    expect(scenarioJsonSchema().$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.required).toEqual(['name', 'horizon', 'fleet']);
  });

  it('allows no unknown field in any map with fixed fields', () => {
    const open: string[] = [];
    walk(schema, '', (node, path) => {
      if (node.properties && node.additionalProperties !== false) open.push(path);
    });
    expect(open).toEqual([]);
  });

  it('describes every top-level field, and every one of clusters, pools and workloads', () => {
    const bare: string[] = [];
    const wanted = /^\.\w+$|^\.fleet\.\w+(\[\]\.\w+)?$|\.pools\[\]\.\w+$|^\.workloads\[\]\|\.\w+$/;
    walk(schema, '', (node, path) => {
      if (wanted.test(path) && node.description === undefined) bare.push(path);
    });
    expect(bare).toEqual([]);
  });

  it('resolves each reference, and gives examples that fit their own patterns', () => {
    const missing: string[] = [];
    const visit = (node: Node, path: string): void => {
      const target = node.$ref?.replace('#/$defs/', '');
      if (target !== undefined && !(target in schema.$defs)) missing.push(path);
    };
    walk(schema, '', visit);
    for (const [name, definition] of Object.entries(schema.$defs)) walk(definition, name, visit);
    expect(missing).toEqual([]);
    for (const [name, definition] of Object.entries(schema.$defs)) {
      const patterns = [definition, ...(definition.anyOf ?? [])].flatMap((d) => d.pattern ?? []);
      for (const example of definition.examples ?? []) {
        if (typeof example !== 'string' || patterns.length === 0) continue;
        const fits = patterns.some((pattern) => new RegExp(pattern).test(example));
        const isWord = example === 'never' || example === 'forever';
        expect(fits || isWord, `${name}: ${example}`).toBe(true);
      }
    }
  });

  it('is the same at every call', () => {
    expect(JSON.stringify(scenarioJsonSchema())).toBe(JSON.stringify(schema));
  });

  it('is what the shipped scenarios point editors to', () => {
    const file = fileURLToPath(new URL('../../../scenarios/quickstart.yaml', import.meta.url));
    expect(readFileSync(file, 'utf8')).toMatch(/\$schema=\.\.\/schema\/scenario\.schema\.json/);
  });
});

describe('a name', () => {
  it('is safe as a label, a key and part of a file name', () => {
    for (const name of ['web', 'm5.large', 'D2s_v3', 'kubernetes/default', '7']) {
      expect(isName(name), name).toBe(true);
    }
    for (const name of ['', '-a', '.a', 'a b', 'ä', 'a"b', '../a', 'constructor', 'a\n']) {
      expect(isName(name), name).toBe(false);
    }
  });
});
