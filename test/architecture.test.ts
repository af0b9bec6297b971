/** Style as a test: the rules hold for the code base, and each check is shown to bite on an invented bad file. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Finding } from './tools/architecture.ts';
import {
  checkBannedGlobals,
  checkBarrels,
  checkCycles,
  checkDocstrings,
  checkFileLengths,
  checkFileNames,
  checkFunctionLengths,
  checkLayers,
  checkLeftovers,
  checkUnused,
  FILE_LINES_MAX,
  FUNCTION_LINES_MAX,
} from './tools/architecture.ts';
import { ENTRIES, LAYERS } from './tools/layers.ts';
import type { CodeFile } from './tools/syntax.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every TypeScript file below a folder of the checkout, in path order, with paths relative to that folder. */
function read(folder: string): CodeFile[] {
  if (!existsSync(`${root}/${folder}`)) return [];
  return readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(`${root}/${folder}/${path}`, 'utf8') }));
}

/** Findings as lines that an editor can open. */
function show(findings: readonly Finding[], folder = 'src'): string[] {
  return findings.map((f) => `${folder}/${f.path}:${f.line} ${f.message}`);
}

const source = read('src');

describe('the code base', () => {
  it('is there to be checked', () => {
    expect(source.length).toBeGreaterThan(10);
  });
  it('imports only along the table of layers, and packages only where the table has them', () => {
    expect(show(checkLayers(source))).toEqual([]);
  });
  it('has no import that goes round', () => {
    expect(show(checkCycles(source))).toEqual([]);
  });
  it('uses no clock, chance, timer, promise or inexact mathematics below run/', () => {
    expect(show(checkBannedGlobals(source))).toEqual([]);
  });
  it('has no file or function over the limit', () => {
    expect(show(checkFileLengths(source))).toEqual([]);
    expect(show(checkFunctionLengths(source))).toEqual([]);
  });
  it('has no test or benchmark file over the limit', () => {
    for (const folder of ['test', 'bench']) {
      expect(show(checkFileLengths(read(folder)), folder)).toEqual([]);
    }
  });
  it('has no drawers and no barrels', () => {
    expect(show(checkFileNames(source))).toEqual([]);
    expect(show(checkBarrels(source, ENTRIES))).toEqual([]);
  });
  it('puts no work off in a comment', () => {
    for (const folder of ['src', 'test', 'bench']) {
      expect(show(checkLeftovers(read(folder)), folder)).toEqual([]);
    }
  });
  it('reaches every file from an entry', () => {
    expect(show(checkUnused(source, ENTRIES))).toEqual([]);
  });
  it('documents every export', () => {
    expect(show(checkDocstrings(source))).toEqual([]);
  });
});

describe('the table of layers', () => {
  it('has no cycle: each layer imports only layers above it in the table', () => {
    const names = LAYERS.map((l) => l.name);
    for (const [i, layer] of LAYERS.entries()) {
      for (const other of layer.layers) {
        expect(names.slice(0, i), `${layer.name} imports ${other}`).toContain(other);
      }
    }
  });
});

/** Lines of the findings about one invented file. */
function lines(check: (files: CodeFile[]) => Finding[], path: string, text: string): number[] {
  return check([{ path, text }]).map((f) => f.line);
}

describe('the check of layers', () => {
  it('finds a forbidden folder behind every form of import', () => {
    const text = [
      "import { a } from '../run/build.ts';",
      "import type { B } from '../host/files.ts';",
      "export { c } from '../cli/main.ts';",
      "type D = import('../reports/text.ts').D;",
      "const e = import('../metrics/recorder.ts');",
      "const f = new Worker(new URL('../host/worker.js', import.meta.url));",
    ].join('\n');
    expect(lines(checkLayers, 'model/nodes.ts', text)).toEqual([1, 2, 3, 4, 5, 6]);
  });
  it('lets a folder import its own files and what the table allows', () => {
    const text = "import { a } from './view.ts';\nimport type { B } from '../base/ids.ts';";
    expect(lines(checkLayers, 'model/nodes.ts', text)).toEqual([]);
  });
  it('shows a policy the views of model and nothing else of it', () => {
    const text = "import '../../model/view.ts';\nimport '../../model/cluster.ts';";
    expect(lines(checkLayers, 'policies/scheduling/x.ts', text)).toEqual([2]);
    expect(lines(checkLayers, 'processes/pod-life/x.ts', text)).toEqual([]);
  });
  it('keeps each package and Node itself in their layers', () => {
    const text = "import seedrandom from 'seedrandom';\nimport { open } from 'node:fs';";
    expect(lines(checkLayers, 'random/stream.ts', text)).toEqual([2]);
    expect(lines(checkLayers, 'host/files.ts', text)).toEqual([1]);
    expect(lines(checkLayers, 'reports/x.ts', "import { line } from 'd3-shape';")).toEqual([]);
  });
  it('finds a folder that the table does not know, and a path out of src', () => {
    expect(lines(checkLayers, 'plumbing/x.ts', '')).toEqual([1]);
    expect(lines(checkLayers, 'base/x.ts', "import '../../test/tools/x.ts';")).toEqual([1]);
  });
  it('does not take a comment or a string for an import', () => {
    const text = "// import '../run/run.ts';\nconst s = \"import '../run/run.ts'\";";
    expect(lines(checkLayers, 'base/x.ts', text)).toEqual([]);
  });
});

describe('the check of cycles', () => {
  const a = { path: 'base/a.ts', text: "import './b.ts';" };
  it('finds files that import each other, at any distance', () => {
    const b = { path: 'base/b.ts', text: "import './c.ts';" };
    const c = { path: 'base/c.ts', text: "\nimport { a } from './a.ts';" };
    expect(checkCycles([a, b, c])).toEqual([
      {
        path: 'base/c.ts',
        line: 2,
        message: 'imports go round: base/a.ts > base/b.ts > base/c.ts > base/a.ts',
      },
    ]);
  });
  it('lets erased imports of types go back', () => {
    expect(
      checkCycles([a, { path: 'base/b.ts', text: "import type { A } from './a.ts';" }]),
    ).toEqual([]);
  });
});

describe('the check of banned globals', () => {
  it.each([
    'const a = Math.random();',
    'const a = Math.sin(1);',
    'const a = Math.pow(2, 3);',
    'const a = 2 ** 3;',
    'a **= 2;',
    'const { cos } = Math;',
    "const a = Math['random']();",
    'const a = Date.now();',
    'const a = new Date();',
    'const a = performance.now();',
    'setTimeout(f, 1);',
    'setInterval(f, 1);',
    'const a = process.env.SEED;',
    'const a = globalThis.Date;',
    'async function f() {}',
    'const f = async () => 1;',
    'const a = await f();',
    'function f(): Promise<void> {}',
    'names.sort((a, b) => a.localeCompare(b));',
    'const a = n.toLocaleString();',
    "console.log('x');",
  ])('finds %s', (text) => {
    expect(checkBannedGlobals([{ path: 'engine/x.ts', text }]).length).toBeGreaterThan(0);
    expect(checkBannedGlobals([{ path: 'run/x.ts', text }]).length).toBeGreaterThan(0);
    expect(checkBannedGlobals([{ path: 'host/x.ts', text }])).toEqual([]);
  });
  it.each([
    'const a = Math.exp(Math.log(2) * 3) + Math.sqrt(2);',
    '// Date.now() and Math.random() and 2 ** 3',
    "const a = 'process.env';",
    'interface A { date: number; process: string }',
    'const a = event.process;',
    'function run(process: () => void) { process(); }',
  ])('lets pass %s', (text) => {
    expect(checkBannedGlobals([{ path: 'engine/x.ts', text }])).toEqual([]);
  });
});

describe('the checks of lengths and names', () => {
  it('finds the file with one line too many', () => {
    expect(lines(checkFileLengths, 'base/x.ts', 'a;\n'.repeat(FILE_LINES_MAX))).toEqual([]);
    expect(lines(checkFileLengths, 'base/x.ts', 'a;\n'.repeat(FILE_LINES_MAX + 1))).toEqual([
      FILE_LINES_MAX + 1,
    ]);
  });
  it('finds the function with one line too many', () => {
    // Head and closing brace are two lines of the function.
    const make = (count: number): string => `\nfunction f() {\n${'a;\n'.repeat(count - 2)}}\n`;
    expect(lines(checkFunctionLengths, 'base/x.ts', make(FUNCTION_LINES_MAX))).toEqual([]);
    expect(lines(checkFunctionLengths, 'base/x.ts', make(FUNCTION_LINES_MAX + 1))).toEqual([2]);
  });
  it('finds drawers by their names', () => {
    const paths = [
      'base/utils.ts',
      'run/helpers.ts',
      'base/common.ts',
      'cli/types.ts',
      'base/ids.ts',
    ];
    const found = checkFileNames(paths.map((path) => ({ path, text: '' })));
    expect(found.map((f) => f.path)).toEqual(paths.slice(0, 4));
  });
  it('finds barrels that are no entries', () => {
    const text = "export * from './a.ts';\nexport { b } from './b.ts';";
    const found = checkBarrels(
      [
        { path: 'base/all.ts', text },
        { path: 'index.ts', text },
      ],
      ENTRIES,
    );
    expect(found.map((f) => f.path)).toEqual(['base/all.ts']);
  });
});

describe('the check of leftovers', () => {
  it('finds the words in comments, wherever they stand', () => {
    const text =
      'const a = 1; // TODO later\n/**\n * FIXME\n */\nfunction f() {\n  // XXX\n}\n/* HACK */';
    expect(lines(checkLeftovers, 'base/x.ts', text)).toEqual([1, 3, 6, 8]);
  });
  it('lets strings, templates and patterns have them', () => {
    // The invented line holds a template with a hole, so it is put together from parts.
    const hole = ['$', '{1}'].join('');
    const text = `const a = '// TODO' + \`// TODO ${hole} // FIXME\`; const b = /\\/\\/ XXX/;`;
    expect(lines(checkLeftovers, 'base/x.ts', text)).toEqual([]);
  });
});

describe('the check of unused files', () => {
  it('finds files that no entry reaches, also when they reach each other', () => {
    const files = [
      { path: 'index.ts', text: "import './base/a.ts';" },
      { path: 'base/a.ts', text: "const w = new URL('./w.js', import.meta.url);" },
      { path: 'base/w.ts', text: '' },
      { path: 'base/b.ts', text: "import './c.ts';" },
      { path: 'base/c.ts', text: "import './b.ts';" },
    ];
    const found = checkUnused(files, ENTRIES);
    expect(found.map((f) => f.path)).toEqual(['base/b.ts', 'base/c.ts']);
  });
});

describe('the check of docstrings', () => {
  it('finds each kind of export that has none', () => {
    const text = [
      'export function a() {}',
      'export class B {}',
      'export const c = 1;',
      '',
      'export interface D {}',
      'export type E = number;',
      '// A comment is no docstring.',
      'export const f = 2;',
      '',
      'export default { name: 1 };',
    ].join('\n');
    expect(lines(checkDocstrings, 'base/x.ts', text)).toEqual([1, 2, 3, 5, 6, 8, 10]);
  });
  it('accepts docstrings, runs of constants, overloads and what is not exported', () => {
    const text = [
      '/** Adds. */',
      'export function a(): void;',
      'export function a(b?: number): void {}',
      '/** States. */',
      'export const OFF = 0;',
      'export const UP = 1;',
      'const c = 1;',
      "export { d } from './d.ts';",
    ].join('\n');
    expect(lines(checkDocstrings, 'base/x.ts', text)).toEqual([]);
  });
});
