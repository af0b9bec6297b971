/**
 * The rules of the code base as pure functions on texts: each takes files and returns what breaks the rule.
 *
 * Paths are relative to `src/`, with forward slashes. Every check reads the syntax tree, so comments and strings never
 * count as code.
 */
import ts from 'typescript';
import type { Layer } from './layers.ts';
import { FILE_LIBRARIES, LAYERS, MODEL_VIEWS } from './layers.ts';
import type { CodeFile } from './syntax.ts';
import { importsOf, lineOf, parse, resolve, visit } from './syntax.ts';

/** One place that breaks a rule. */
export interface Finding {
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
}

/** Most lines of a file, and of a function of `src/`. */
export const FILE_LINES_MAX = 400;
/** Most lines of one function of `src/`, from its name to its closing brace. */
export const FUNCTION_LINES_MAX = 70;

function layerOf(path: string): Layer | undefined {
  return LAYERS.find((layer) => layer.name === path.split('/')[0]);
}

function mayUsePackage(layer: Layer, name: string): boolean {
  return layer.packages.some((p) =>
    p.endsWith('*') ? name.startsWith(p.slice(0, -1)) : name === p || name.startsWith(`${p}/`),
  );
}

function importProblem(path: string, layer: Layer, specifier: string): string | null {
  if (specifier.startsWith('node:')) {
    const isAllowed = layer.usesNode || FILE_LIBRARIES.includes(path);
    return isAllowed ? null : `${layer.name} may not use Node (${specifier})`;
  }
  if (!specifier.startsWith('.')) {
    return mayUsePackage(layer, specifier)
      ? null
      : `${layer.name} may not use the package ${specifier}`;
  }
  const target = resolve(path, specifier);
  const other = layerOf(target);
  if (other === undefined) return `${specifier} is outside the layers`;
  if (other === layer) return null;
  if (!layer.layers.includes(other.name)) return `${layer.name} may not import ${other.name}`;
  if (layer.viewsOnly && other.name === 'model' && !MODEL_VIEWS.includes(target)) {
    return `${layer.name} may see only the views of model, not ${target}`;
  }
  return null;
}

/** Finds imports that the table of layers forbids, types included, and files that belong to no layer. */
export function checkLayers(files: readonly CodeFile[]): Finding[] {
  return files.flatMap((file) => {
    const layer = layerOf(file.path);
    if (layer === undefined) {
      return [{ path: file.path, line: 1, message: 'belongs to no layer' }];
    }
    return importsOf(file).flatMap(({ specifier, line }) => {
      const message = importProblem(file.path, layer, specifier);
      return message === null ? [] : [{ path: file.path, line, message }];
    });
  });
}

/**
 * Finds cycles of imports between files that survive compilation. Erased imports may go round inside a folder;
 * between folders the table of layers, itself without a cycle, already forbids it.
 */
export function checkCycles(files: readonly CodeFile[]): Finding[] {
  const edges = new Map(
    files.map((f) => [
      f.path,
      importsOf(f)
        .filter((e) => e.specifier.startsWith('.') && !e.isTypeOnly)
        .map((e) => ({ to: resolve(f.path, e.specifier), line: e.line })),
    ]),
  );
  const findings: Finding[] = [];
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): void => {
    if (done.has(path)) return;
    for (const { to, line } of edges.get(path) ?? []) {
      const start = [...trail, path].indexOf(to);
      if (start >= 0) {
        const round = [...trail, path].slice(start).concat(to);
        findings.push({ path, line, message: `imports go round: ${round.join(' > ')}` });
      } else {
        walk(to, [...trail, path]);
      }
    }
    done.add(path);
  };
  for (const file of files) walk(file.path, []);
  return findings;
}

/** Finds files that no entry reaches, by any kind of import. */
export function checkUnused(files: readonly CodeFile[], entries: readonly string[]): Finding[] {
  const byPath = new Map(files.map((f) => [f.path, f]));
  const reached = new Set<string>();
  const next = [...entries];
  for (let path = next.pop(); path !== undefined; path = next.pop()) {
    const file = byPath.get(path);
    if (file === undefined || reached.has(path)) continue;
    reached.add(path);
    for (const { specifier } of importsOf(file)) {
      if (specifier.startsWith('.')) next.push(resolve(path, specifier));
    }
  }
  return files
    .filter((f) => !reached.has(f.path))
    .map((f) => ({ path: f.path, line: 1, message: 'no entry reaches this file' }));
}

/** Names whose value differs between two runs, machines or browsers. */
const BANNED_NAMES = new Set([
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'process',
  'globalThis',
  'Buffer',
  'require',
  '__dirname',
  '__filename',
  'console',
  'fetch',
  'crypto',
  'Promise',
  'Intl',
  'WeakRef',
  'FinalizationRegistry',
  'eval',
]);

/** Members that depend on the locale of the machine. */
const BANNED_MEMBERS = new Set([
  'localeCompare',
  'toLocaleString',
  'toLocaleUpperCase',
  'toLocaleLowerCase',
  'toLocaleDateString',
  'toLocaleTimeString',
]);

/** What is left of Math: exact, or bit-identical on every supported Node (docs/decisions/0004-keyed-draws.md). */
const ALLOWED_MATH = new Set(
  (
    'abs ceil clz32 exp expm1 floor fround imul log log10 log1p log2 max min round sign sqrt trunc ' +
    'E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'
  ).split(' '),
);

function declaredNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  visit(tree, (node) => {
    const isDeclaration =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isImportSpecifier(node);
    if (isDeclaration && node.name !== undefined && ts.isIdentifier(node.name)) {
      names.add(node.name.text);
    }
  });
  return names;
}

/** True for the name of a member, a property or a label: it stands for itself, not for a global. */
function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isPropertyAccessExpression(parent) ? parent.name : parent.right) === node;
  }
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isGetAccessorDeclaration(parent)) &&
    parent.name === node
  );
}

function bannedMath(node: ts.Identifier): string | null {
  const parent = node.parent;
  if (!ts.isPropertyAccessExpression(parent)) return 'Math other than by Math.name';
  return ALLOWED_MATH.has(parent.name.text) ? null : `Math.${parent.name.text}`;
}

function bannedThing(node: ts.Node, declared: ReadonlySet<string>): string | null {
  switch (node.kind) {
    case ts.SyntaxKind.AsyncKeyword:
      return 'async';
    case ts.SyntaxKind.AwaitExpression:
    case ts.SyntaxKind.AwaitKeyword:
      return 'await';
    case ts.SyntaxKind.AsteriskAsteriskToken:
    case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      return 'the operator **';
  }
  if (!ts.isIdentifier(node)) return null;
  if (isMemberName(node)) {
    const isMember = BANNED_MEMBERS.has(node.text) && ts.isPropertyAccessExpression(node.parent);
    return isMember ? `.${node.text}` : null;
  }
  if (declared.has(node.text)) return null;
  if (node.text === 'Math') return bannedMath(node);
  return BANNED_NAMES.has(node.text) ? node.text : null;
}

/** Finds clocks, chance, timers, asynchronous code and inexact mathematics in layers that must be deterministic. */
export function checkBannedGlobals(files: readonly CodeFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    if (layerOf(file.path)?.usesNode || FILE_LIBRARIES.includes(file.path)) continue;
    const tree = parse(file);
    const declared = declaredNames(tree);
    visit(tree, (node) => {
      const thing = bannedThing(node, declared);
      if (thing === null) return;
      const line = lineOf(tree, node.getStart(tree));
      findings.push({ path: file.path, line, message: `${thing} is banned below run/` });
    });
  }
  return findings;
}

/** Finds files that are longer than {@link FILE_LINES_MAX}. */
export function checkFileLengths(files: readonly CodeFile[]): Finding[] {
  return files.flatMap((file) => {
    const lines = file.text.split('\n').length - (file.text.endsWith('\n') ? 1 : 0);
    const message = `has ${lines} lines, at most ${FILE_LINES_MAX}`;
    return lines > FILE_LINES_MAX ? [{ path: file.path, line: FILE_LINES_MAX + 1, message }] : [];
  });
}

/** Finds functions that are longer than {@link FUNCTION_LINES_MAX}. */
export function checkFunctionLengths(files: readonly CodeFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    const tree = parse(file);
    visit(tree, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const first = lineOf(tree, node.getStart(tree));
      const lines = lineOf(tree, node.end) - first + 1;
      if (lines <= FUNCTION_LINES_MAX) return;
      const message = `a function of ${lines} lines, at most ${FUNCTION_LINES_MAX}`;
      findings.push({ path: file.path, line: first, message });
    });
  }
  return findings;
}

/** Finds drawers: files whose name says nothing about what they hold. */
export function checkFileNames(files: readonly CodeFile[]): Finding[] {
  return files
    .filter((f) => /(^|\/)(utils?|helpers?|common|types|misc|shared)(\.ts|\/)/.test(f.path))
    .map((f) => ({ path: f.path, line: 1, message: 'a drawer: name it by what it holds' }));
}

/** Finds barrel files: nothing but re-exports; only the entries may be one. */
export function checkBarrels(files: readonly CodeFile[], entries: readonly string[]): Finding[] {
  return files
    .filter((f) => !entries.includes(f.path))
    .filter((f) => {
      const code = parse(f).statements.filter((s) => !ts.isImportDeclaration(s));
      return code.length > 0 && code.every((s) => ts.isExportDeclaration(s));
    })
    .map((f) => ({ path: f.path, line: 1, message: 'a barrel: import from the file itself' }));
}

/** The comments of a file in their places; all code and every literal is blanked. */
function commentsOnly(file: CodeFile): string {
  const tree = parse(file);
  let text = file.text;
  const blank = (from: number, to: number): void => {
    text = text.slice(0, from) + text.slice(from, to).replace(/[^\n]/g, ' ') + text.slice(to);
  };
  visit(tree, (node) => {
    const isLiteral =
      ts.isStringLiteralLike(node) ||
      ts.isRegularExpressionLiteral(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddleOrTemplateTail(node);
    if (isLiteral) blank(node.getStart(tree), node.end);
  });
  let comments = text.replace(/[^\n]/g, ' ');
  for (const { 0: comment, index } of text.matchAll(/\/\*[\s\S]*?\*\/|\/\/.*/g)) {
    comments = comments.slice(0, index) + comment + comments.slice(index + comment.length);
  }
  return comments;
}

/** Finds comments that put work off. */
export function checkLeftovers(files: readonly CodeFile[]): Finding[] {
  return files.flatMap((file) =>
    commentsOnly(file)
      .split('\n')
      .flatMap((text, i) => {
        const word = /\b(FIXME|TODO|XXX|HACK)\b/.exec(text);
        return word === null
          ? []
          : [{ path: file.path, line: i + 1, message: `leftover ${word[1]}` }];
      }),
  );
}

function exportedName(statement: ts.Statement): string | null {
  if (ts.isExportAssignment(statement)) return 'default';
  if (!ts.canHaveModifiers(statement)) return null;
  const modifiers = ts.getModifiers(statement) ?? [];
  if (!modifiers.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) return null;
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations[0]?.name.getText() ?? null;
  }
  const named = statement as ts.Statement & { readonly name?: ts.Node };
  return named.name?.getText() ?? 'default';
}

/**
 * Finds exports without a docstring. Constants on adjacent lines share the docstring of the first, and overloads that
 * of the first signature; re-exports have theirs where they are declared.
 */
export function checkDocstrings(files: readonly CodeFile[]): Finding[] {
  const findings: Finding[] = [];
  for (const file of files) {
    const tree = parse(file);
    let documentedEnd = -1;
    let documentedName = '';
    for (const statement of tree.statements) {
      const name = exportedName(statement);
      if (name === null) continue;
      const comments = ts.getLeadingCommentRanges(file.text, statement.pos) ?? [];
      const last = comments.at(-1);
      const start = lineOf(tree, statement.getStart(tree));
      const isConstantInRun = ts.isVariableStatement(statement) && start === documentedEnd + 1;
      const isDocumented =
        (last !== undefined && file.text.startsWith('/**', last.pos)) ||
        isConstantInRun ||
        name === documentedName;
      if (isDocumented) {
        documentedName = name;
        documentedEnd = ts.isVariableStatement(statement) ? lineOf(tree, statement.end) : -1;
      } else {
        findings.push({ path: file.path, line: start, message: `${name} has no docstring` });
      }
    }
  }
  return findings;
}
