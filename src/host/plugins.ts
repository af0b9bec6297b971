/**
 * Policies from a user's file: TypeScript or JavaScript, on every supported Node.
 *
 * The file is bundled, so that TypeScript needs no flag; `orrery` and `orrery/testing` mean this very installation, other
 * packages are found from the file's own folder. It is loaded in a worker first: a file that throws, exits or never
 * returns costs an error message and not the process.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { BuildFailure, Plugin } from 'esbuild';
import { ScenarioError } from '../base/errors.ts';
import { type AnyPolicy, CONTRACTS, type Registry, registryWith } from '../run/registry.ts';
import { fileError } from './files.ts';

/** Policies of one file, and what the manifest says of it. */
export interface LoadedPlugin {
  /** Name of the file, without its folder. */
  readonly name: string;
  /** Hash of its source; of all sources that it is made of, where it imports others. */
  readonly sha256: string;
  readonly policies: readonly AnyPolicy[];
}

/** Loads the built-in policies and those of `files`. @throws ScenarioError as {@link loadPlugin} */
export async function loadRegistry(files: readonly string[]): Promise<{
  registry: Registry;
  plugins: readonly { readonly name: string; readonly sha256: string }[];
}> {
  const loaded: LoadedPlugin[] = [];
  for (const file of files) loaded.push(await loadPlugin(file));
  const plugins = loaded.map(({ name, sha256 }) => ({ name, sha256 }));
  return { registry: registryWith(loaded.flatMap((plugin) => plugin.policies)), plugins };
}

/**
 * Loads in a worker what the run that sent it had loaded.
 *
 * @throws ScenarioError (exit 2) as {@link loadPlugin}, and for a file that changed since the manifest was made
 */
export async function registryFor({
  manifest,
  plugins,
}: {
  readonly plugins: readonly string[];
  readonly manifest: { readonly plugins: readonly { readonly sha256: string }[] };
}): Promise<Registry> {
  const loaded = await loadRegistry(plugins);
  loaded.plugins.forEach(({ name, sha256 }, i) => {
    if (sha256 === manifest.plugins[i]?.sha256) return;
    const issue = { path: '--plugin', value: name, expected: 'a file that stays as it is' };
    throw new ScenarioError([{ ...issue, hint: 'it changed while the runs were under way' }]);
  });
  return loaded.registry;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const LOAD_MS_MAX = 10_000;

/**
 * Loads the policies that a file exports by default: one, or an array.
 *
 * @param path a `.ts`, `.mts`, `.js` or `.mjs` file
 * @param loadMsMax how long it may take to load, in milliseconds of wall clock
 * @throws ScenarioError (exit 2) naming the file: missing, not compiling, throwing or hanging while it loads, no policy
 *   as default export, a name without `vendor/`
 */
export async function loadPlugin(path: string, loadMsMax = LOAD_MS_MAX): Promise<LoadedPlugin> {
  await checkFile(path);
  const { code, sha256 } = await compile(path);
  const folder = await mkdtemp(join(tmpdir(), 'orrery-plugin-'));
  try {
    const file = join(folder, `${basename(path, extname(path))}.mjs`);
    await writeFile(file, code);
    const url = pathToFileURL(file).href;
    await rehearse(url, path, loadMsMax);
    const loaded = (await import(url)) as { default?: unknown };
    return { name: basename(path), sha256, policies: policiesOf(loaded.default, path) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function refuse(path: string, expected: string, hint?: string): never {
  const issue = { path: '--plugin', value: path, expected };
  throw new ScenarioError([hint === undefined ? issue : { ...issue, hint }]);
}

async function checkFile(path: string): Promise<void> {
  if (!EXTENSIONS.includes(extname(path)))
    refuse(path, `a file ending in ${EXTENSIONS.join(', ')}`);
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (error) {
    throw fileError(error, { path, expected: 'a plug-in file that can be read', exitCode: 2 });
  }
  if (!isFile) refuse(path, 'a plug-in file', 'this is a folder');
}

/** Bundles the plug-in into one module. */
async function compile(path: string): Promise<{ code: string; sha256: string }> {
  const { build } = await import('esbuild');
  const folder = dirname(resolve(path));
  try {
    const result = await build({
      absWorkingDir: folder,
      entryPoints: [resolve(path)],
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'silent',
      // Packages in CommonJS ask for `require`, which a module does not have.
      banner: {
        js: `import { createRequire as orreryRequire } from 'node:module';\nconst require = orreryRequire(${JSON.stringify(pathToFileURL(resolve(path)).href)});`,
      },
      plugins: [resolveOrrery],
    });
    const sources = Object.keys(result.metafile.inputs).map((input) => resolve(folder, input));
    return { code: result.outputFiles[0]!.text, sha256: await hashOf(sources, folder) };
  } catch (error) {
    const [first] = (error as BuildFailure).errors ?? [];
    if (first === undefined) throw error;
    const where = first.location ? `${first.location.file}:${first.location.line}: ` : '';
    return refuse(path, 'a file that compiles', `${where}${first.text}`);
  }
}

const SOURCE_FOLDER = dirname(dirname(fileURLToPath(import.meta.url)));
const IS_BUILT = import.meta.url.endsWith('.js');

/**
 * `orrery` is the library that runs. A built installation is imported where it lies, so that there is one copy of it; from
 * source, where Node 20 cannot import TypeScript, the parts that the plug-in uses are compiled in.
 */
const resolveOrrery: Plugin = {
  name: 'orrery',
  setup(build) {
    build.onResolve({ filter: /^orrery(\/testing)?$/ }, ({ path }) => {
      const entry = path === 'orrery' ? 'index' : 'testing';
      if (!IS_BUILT) return { path: join(SOURCE_FOLDER, `${entry}.ts`), sideEffects: false };
      const url = pathToFileURL(join(SOURCE_FOLDER, `${entry}.js`)).href;
      return { path: url, external: true };
    });
  },
};

/** The hash of one source as it is; of several, of the list of their hashes and relative paths, sorted. */
async function hashOf(sources: readonly string[], folder: string): Promise<string> {
  const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest('hex');
  const own = sources.filter((source) => !isInside(source, SOURCE_FOLDER)).sort();
  const hashes = await Promise.all(own.map(async (source) => sha256(await readFile(source))));
  if (hashes.length === 1) return hashes[0]!;
  const lines = own.map((source, i) => `${hashes[i]}  ${relative(folder, source)}\n`);
  return sha256(lines.join(''));
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}

const REHEARSAL = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData).then(
  () => parentPort.postMessage(null),
  (error) => parentPort.postMessage(String(error?.message ?? error)),
);`;

/** Loads the module in a worker, which can be stopped. */
async function rehearse(url: string, path: string, loadMsMax: number): Promise<void> {
  const worker = new Worker(REHEARSAL, {
    eval: true,
    workerData: url,
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const outcome = await new Promise<string | null>((done) => {
    timer = setTimeout(() => done(`it took more than ${loadMsMax / 1000} s`), loadMsMax);
    worker.once('message', done);
    worker.once('error', (error) => done(String((error as Error).message)));
    worker.once('exit', (code) => done(`it ended the process with code ${code}`));
  });
  clearTimeout(timer);
  await worker.terminate();
  if (outcome !== null) refuse(path, 'a file that loads', outcome);
}

function policiesOf(exported: unknown, path: string): readonly AnyPolicy[] {
  const expected = 'a default export that is a policy or an array of policies';
  const hint = 'export default defineScheduling({ name: "vendor/name", summary, create })';
  const policies = Array.isArray(exported) ? exported : [exported];
  if (policies.length === 0) refuse(path, expected, 'the array is empty');
  for (const policy of policies as readonly (Partial<AnyPolicy> | null | undefined)[]) {
    if (typeof policy !== 'object' || policy === null) refuse(path, expected, hint);
    const { contract, name, create } = policy;
    if (contract === undefined || !CONTRACTS.includes(contract)) refuse(path, expected, hint);
    if (typeof create !== 'function') refuse(path, 'a policy with a function create', hint);
    if (typeof name !== 'string' || !/^[^/]+\/.+$/.test(name)) {
      const shown = typeof name === 'string' ? JSON.stringify(name) : 'no name';
      refuse(path, 'a policy with a name such as "acme/quiet-rack"', `it has ${shown}`);
    }
  }
  return policies as AnyPolicy[];
}
