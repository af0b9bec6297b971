/** Documents are checked like code: their links lead somewhere, and what they promise is there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONSOLES, GENERATED, withGenerated } from './tools/docs.ts';
import { commandsOf, renderConsole } from './tools/docs-console.ts';
import { splitDefault } from './tools/docs-schema.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git']);

/** Paths of all files of the project with one of the endings, relative to the checkout, in path order. */
function list(endings: readonly string[], folder = ''): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name) && join(folder, entry.name) !== 'reports')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return list(endings, path);
      return endings.some((e) => path.endsWith(e)) ? [path] : [];
    })
    .sort();
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Text with its code, in fences and in line, blanked: what looks like a link there is none. */
function proseOf(markdown: string): string {
  return markdown.replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');
}

/** Addresses of anchors that a page makes from its headings, as GitHub does. */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^(`{3,})[\s\S]*?^\1/gm, '').matchAll(/^#+ +(.+)$/gm);
  return new Set(
    [...headings].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Relative links of a page that lead nowhere: no such file, or no such heading in it. */
function brokenLinks(path: string, markdown: string): string[] {
  const targets = [...proseOf(markdown).matchAll(/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g)].map(
    (m) => m[1]!,
  );
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const page = file === '' ? path : join(dirname(path), decodeURI(file));
    if (file !== '' && !existsSync(join(root, page))) return true;
    if (anchor === undefined || !page.endsWith('.md')) return false;
    return !anchorsOf(page === path ? markdown : read(page)).has(anchor);
  });
}

/** Absolute paths in a text that belong to somebody's machine. */
function machinePaths(text: string): string[] {
  const paths =
    /(?<![\w.$}/-])(?:\/(?:work|tmp|home|root|Users|mnt|opt|var)\/|[A-Z]:\\)[^\s"'`)]*/g;
  return text.match(paths) ?? [];
}

/** Licence of an installed package; older ones list several by type. */
function licenceOf(name: string): string {
  const { license, licenses } = JSON.parse(read(`node_modules/${name}/package.json`)) as {
    license?: string;
    licenses?: { type: string }[];
  };
  return (license ?? licenses?.map((l) => l.type).join(' or ') ?? '').replace(' OR ', ' or ');
}

const pages = list(['.md']);

describe('the documents', () => {
  it.each([
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SCOPE.md',
    'LICENSE',
    'docs/sources.md',
  ])('have %s', (page) => {
    expect(existsSync(join(root, page))).toBe(true);
  });
  it.each(pages)('have only links that lead somewhere in %s', (page) => {
    expect(brokenLinks(page, read(page))).toEqual([]);
  });
  it('name no path of anybody’s machine', () => {
    const texts = list(['.md', '.yaml', '.yml']).concat(
      list(['.ts'], 'src'),
      list(['.ts'], 'bench'),
    );
    const found = texts.flatMap((path) => machinePaths(read(path)).map((p) => `${path}: ${p}`));
    expect(found).toEqual([]);
  });
  it('give the two commands of the set-up in the README', () => {
    const readme = read('README.md');
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
  });
  it.each(Object.keys(GENERATED))(
    'hold an up-to-date generated part in %s (else: npm run docs)',
    async (path) => {
      expect(read(path)).toBe(withGenerated(read(path), await GENERATED[path]!()));
    },
  );
  it('show in the README what the command prints (else: npm run docs)', async () => {
    expect(read('README.md')).toBe(await renderConsole(read('README.md'), root));
  }, 60_000);
  it.each(CONSOLES)('show commands with their output in %s', (path) => {
    expect(commandsOf(read(path)).length).toBeGreaterThan(0);
    expect(read(path)).not.toMatch(/^\$ .*\n(\$ |```)/m);
  });
  it('show files as they are', () => {
    const shown = (path: string): string => read(path).replace(/^# yaml-language-server.*\n/, '');
    expect(read('README.md')).toContain(shown('docs/examples/first.yaml'));
    expect(read('docs/tutorial-planner.md')).toContain(shown('docs/examples/hybrid.yaml'));
    expect(read('docs/write-a-policy.md')).toContain(shown('docs/examples/quiet-rack.ts'));
  });
  it('name data by ORRERY_DATA in the README', () => {
    expect(read('README.md')).toContain('ORRERY_DATA');
    expect(read('README.md')).not.toContain('../shared');
  });
  it('list every dependency with its version and its licence', () => {
    const page = read('docs/dependencies.md');
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const missing = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([name, version]) => {
        // Packages of types share one row; they are MIT, as the row says.
        if (name.startsWith('@types/')) return !page.includes(version);
        return !page.includes(`| ${name} | ${version} | ${licenceOf(name)} |`);
      },
    );
    expect(missing).toEqual([]);
  });
  it('number the decisions without a gap, each with its five parts', () => {
    const decisions = list(['.md'], 'docs/decisions');
    for (const [i, path] of decisions.entries()) {
      expect(path).toMatch(new RegExp(`/${String(i + 1).padStart(4, '0')}-[a-z-]+\\.md$`));
      for (const part of ['Motivation', 'Non-goals', 'Decision', 'Alternatives', 'Edge cases']) {
        expect(read(path), path).toContain(`\n## ${part}\n`);
      }
    }
  });
});

describe('the checks of documents', () => {
  it('find links to missing files and headings', () => {
    const page = '# One two\n[a](missing.md) [b](#one-two) [c](#three) [d](https://example.com)';
    expect(brokenLinks('README.md', page)).toEqual(['missing.md', '#three']);
  });
  it('take no code for a link', () => {
    expect(brokenLinks('README.md', '`a[0](b)`\n```\n[a](missing.md)\n```\n')).toEqual([]);
  });
  it('refuse a page without a place for its generated part', () => {
    expect(() => withGenerated('# Page', 'part')).toThrow('lacks');
  });
  it('take defaults out of descriptions', () => {
    expect(splitDefault('Pods at most; default 110, as kubelet has it.')).toEqual({
      meaning: 'Pods at most.',
      fallback: '110, as kubelet has it',
    });
    expect(splitDefault('For people.')).toEqual({ meaning: 'For people.', fallback: '' });
  });
  it('find the commands of terminal blocks', () => {
    expect(commandsOf('```console\n$ a b\nout\n$ c\n```\n```\n$ d\n```\n')).toEqual(['a b', 'c']);
  });
  it('find paths of machines and let relative and web addresses pass', () => {
    // Written from parts, so that this file does not hold what it looks for.
    const bad = ['', 'home', 'ada', 'data'].join('/');
    expect(machinePaths(`see ${bad} or (${bad})`)).toEqual([bad, bad]);
    expect(machinePaths('../home/x a/work/b https://example.com/tmp/x ./opt/x')).toEqual([]);
  });
});
