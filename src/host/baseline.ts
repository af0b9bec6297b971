/** A baseline: a bundle directory, or one that a git revision holds. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import { type Bundle, MANIFEST_SCHEMA } from '../results/bundle.ts';
import { readBundle } from './read-bundle.ts';

/** A bundle under the name by which people know it. */
export interface Baseline {
  readonly bundle: Bundle;
  readonly label: string;
}

/** What a bundle is read from; views of it stay where they are. */
const BUNDLE_FILES = [
  'manifest.json',
  'result.json',
  'distributions.json',
  'series.parquet',
  'replications.ndjson',
];
const OUTPUT_BYTES_MAX = 2 ** 31;
const LFS_POINTER = 'version https://git-lfs';

/**
 * Reads a baseline.
 *
 * @param text a bundle directory, or `git:REF`, or `git:REF:path/of/the/bundle`
 * @param scenario whose bundle to take where a revision holds several; null takes the only one
 * @param cwd folder inside the repository; default the working folder
 * @throws ScenarioError (exit 2) where the revision cannot be found or holds no such bundle; (exit 3) for a damaged bundle
 */
export async function readBaseline(
  text: string,
  scenario: string | null,
  cwd = process.cwd(),
): Promise<Baseline> {
  if (!text.startsWith('git:')) return { bundle: await readBundle(text), label: basename(text) };
  const [, ref = '', path] = /^git:([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const repository = new Repository(text, cwd);
  const commit = repository.commitOf(ref);
  const folder = path === undefined ? repository.findBundle(commit, scenario) : tidy(path);
  return { bundle: await extract(repository, commit, folder), label: `${ref}:${folder}` };
}

/** Git knows paths with slashes, relative to the root of the repository. */
function tidy(path: string): string {
  return posix.normalize(path.replaceAll('\\', '/')).replace(/^\.\/|\/$/g, '');
}

async function extract(repository: Repository, commit: string, folder: string): Promise<Bundle> {
  const target = mkdtempSync(join(tmpdir(), 'orrery-baseline-'));
  try {
    const names = repository
      .filesIn(commit, folder)
      .filter((name) => BUNDLE_FILES.includes(posix.basename(name)));
    if (!names.some((name) => posix.basename(name) === 'manifest.json')) {
      throw repository.wrong(`a bundle in ${folder} of that revision`, repository.howToMake());
    }
    for (const name of names) {
      const file = join(target, posix.basename(name));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, repository.contentOf(commit, name));
    }
    return await readBundle(target);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

/** Asks git; every failure names the baseline as the user wrote it. */
class Repository {
  private readonly text: string;
  private readonly cwd: string;

  constructor(text: string, cwd: string) {
    this.text = text;
    this.cwd = cwd;
  }

  commitOf(ref: string): string {
    const found = this.git([
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${ref}^{commit}`,
    ]);
    if (ref !== '' && found.status === 0) return found.stdout.toString('utf8').trim();
    if (this.git(['rev-parse', '--git-dir']).status !== 0) {
      throw this.wrong('a git repository around the working folder');
    }
    const hint = `fetch it first: git fetch origin ${ref === '' ? 'REF' : ref}; a workflow checks out with fetch-depth: 0`;
    throw this.wrong('a revision that this repository has', hint);
  }

  /** Paths of all files below a folder of a revision, from the root of the repository. */
  filesIn(commit: string, folder: string): readonly string[] {
    const listed = this.git([
      'ls-tree',
      '-r',
      '-z',
      '--name-only',
      '--full-tree',
      commit,
      '--',
      folder,
    ]);
    if (listed.status !== 0) throw this.wrong('a folder of that revision', listed.stderr);
    const below = (name: string): boolean => posix.dirname(name) === (folder === '' ? '.' : folder);
    return listed.stdout
      .toString('utf8')
      .split('\0')
      .filter((name) => name !== '' && below(name));
  }

  contentOf(commit: string, path: string): Buffer {
    const shown = this.git(['cat-file', 'blob', `${commit}:${path}`]);
    if (shown.status !== 0) throw this.wrong(`${path} in that revision`, shown.stderr);
    if (shown.stdout.subarray(0, LFS_POINTER.length).toString('latin1') === LFS_POINTER) {
      const hint =
        'it is a pointer to large-file storage: check that revision out and name the folder';
      throw this.wrong(`the content of ${path}`, hint);
    }
    return shown.stdout;
  }

  findBundle(commit: string, scenario: string | null): string {
    const listed = this.git(['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit]);
    const manifests = listed.stdout
      .toString('utf8')
      .split('\0')
      .filter((name) => posix.basename(name) === 'manifest.json');
    const bundles = manifests
      .map((name) => ({ folder: posix.dirname(name), scenario: this.scenarioOf(commit, name) }))
      .filter((found) => found.scenario !== null);
    const fitting = bundles.filter((found) => scenario === null || found.scenario === scenario);
    if (fitting.length === 1) return fitting[0]!.folder;
    const ref = this.text.split(':')[1]!;
    if (fitting.length > 1) {
      const folders = fitting.map((found) => found.folder);
      const hint = `name one, such as git:${ref}:${folders[0]}; there are ${folders.join(', ')}`;
      throw this.wrong('one bundle of this scenario in that revision', hint);
    }
    const what = scenario === null ? 'a bundle' : `a bundle of scenario ${scenario}`;
    throw this.wrong(`${what} in that revision`, this.howToMake());
  }

  /** How to get a baseline from a revision that holds the scenario but no bundle. */
  howToMake(): string {
    const ref = this.text.split(':')[1]!;
    return `it holds none; make one: git worktree add ../base ${ref}, run the scenario there with --out ../base-bundle, and give --baseline ../base-bundle`;
  }

  wrong(expected: string, hint?: string | Buffer): ScenarioError {
    const text = hint?.toString('utf8').trim();
    return new ScenarioError([
      { path: '--baseline', value: this.text, expected, ...(text ? { hint: text } : {}) },
    ]);
  }

  private scenarioOf(commit: string, manifest: string): string | null {
    const { status, stdout } = this.git(['cat-file', 'blob', `${commit}:${manifest}`]);
    if (status !== 0) return null;
    try {
      const parsed = JSON.parse(stdout.toString('utf8')) as {
        schema?: unknown;
        scenario?: { name?: unknown };
      } | null;
      const name = parsed?.scenario?.name;
      return parsed?.schema === MANIFEST_SCHEMA && typeof name === 'string' ? name : null;
    } catch {
      // A manifest of something else: browsers' extensions and web applications have files of this name.
      return null;
    }
  }

  private git(args: readonly string[]): { status: number | null; stdout: Buffer; stderr: Buffer } {
    const { error, status, stdout, stderr } = spawnSync('git', args, {
      cwd: this.cwd,
      maxBuffer: OUTPUT_BYTES_MAX,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (error !== undefined) {
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      throw this.wrong(isMissing ? 'git to be installed' : 'git to answer', error.message);
    }
    return { status, stdout, stderr };
  }
}
