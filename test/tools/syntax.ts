/** Texts of the code base as syntax trees, and what they import. */
import { posix } from 'node:path';
import ts from 'typescript';

/** One file of the code base: its path and its whole text. */
export interface CodeFile {
  readonly path: string;
  readonly text: string;
}

/** One import, re-export, dynamic import or worker address of a file. */
export interface ImportEdge {
  /** As written: `../base/ids.ts`, `zod`, `node:fs`. */
  readonly specifier: string;
  readonly line: number;
  /** True if the compiler erases it: it then orders nothing at run time. */
  readonly isTypeOnly: boolean;
}

const parsed = new WeakMap<CodeFile, ts.SourceFile>();

/** The syntax tree of a file, made once. */
export function parse(file: CodeFile): ts.SourceFile {
  let tree = parsed.get(file);
  if (tree === undefined) {
    tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true);
    parsed.set(file, tree);
  }
  return tree;
}

/** The 1-based line of a position. */
export function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

/** Calls `see` for a node and all below it, in order of the text. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function specifierOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return ts.isStringLiteral(node.argument.literal) ? node.argument.literal : undefined;
  }
  if (ts.isCallExpression(node)) {
    const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
    return isImport || node.expression.getText() === 'require' ? node.arguments[0] : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
    const isOfModule = node.arguments?.[1]?.getText() === 'import.meta.url';
    return isOfModule ? node.arguments?.[0] : undefined;
  }
  return undefined;
}

function isErased(node: ts.Node): boolean {
  if (ts.isImportTypeNode(node)) return true;
  if (ts.isImportDeclaration(node)) {
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
  }
  return ts.isExportDeclaration(node) && node.isTypeOnly;
}

/** Lists what a file imports, re-exports, loads dynamically or starts as a worker, in order of the text. */
export function importsOf(file: CodeFile): ImportEdge[] {
  const tree = parse(file);
  const edges: ImportEdge[] = [];
  visit(tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    edges.push({
      specifier: specifier.text,
      line: lineOf(tree, node.getStart(tree)),
      isTypeOnly: isErased(node),
    });
  });
  return edges;
}

/** Resolves a relative import to a path below `src/`; `.js` of a compiled worker means its `.ts`. */
export function resolve(from: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(from), specifier)).replace(/\.js$/, '.ts');
}
