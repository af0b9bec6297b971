/** Looks at the machine and the installation: can the command do its work here, and what to do if not. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { getHeapStatistics } from 'node:v8';
import { transformSync } from 'esbuild';
import { formatMemory } from '../base/units.ts';
import { scenarioJsonSchema } from '../scenario/schema.ts';
import { templateNames } from './templates.ts';
import { packagePath } from './version.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly text: string;
  /** What to do; null where all is well. */
  readonly fix: string | null;
}

/** Where to look. */
export interface Surroundings {
  /** Working folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nodeVersion: string;
}

const GIB = 1024 ** 3;
/** A fleet of 100,000 nodes with two million pods runs in less. */
const MEMORY_WANTED_BYTES = 2 * GIB;
/** The oldest Node that is tested, as in package.json. */
const NODE_WANTED = [20, 19] as const;

/** Looks at everything. *Order*: fixed. */
export function checkUp(around: Surroundings): Finding[] {
  return [
    checkNode(around.nodeVersion),
    checkFiles(),
    checkBuild(),
    checkSchema(),
    checkMemory(),
    checkCpus(),
    checkReports(around.folder),
    checkPlugins(),
    checkData(around),
  ];
}

const ok = (name: string, text: string): Finding => ({ name, status: 'ok', text, fix: null });
const warn = (name: string, text: string, fix: string): Finding => ({
  name,
  status: 'warn',
  text,
  fix,
});
const fail = (name: string, text: string, fix: string): Finding => ({
  name,
  status: 'fail',
  text,
  fix,
});

/** Is this Node new enough? @param version such as `v20.19.0` */
export function checkNode(version: string): Finding {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  const isNew = major! > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor! >= NODE_WANTED[1]);
  if (isNew) return ok('node', version);
  const wanted = NODE_WANTED.join('.');
  return fail('node', `${version}, older than ${wanted}`, `install Node ${wanted} or later`);
}

const NEEDED = ['package.json', 'schema/scenario.schema.json', 'scenarios/catalog'];

function checkFiles(): Finding {
  const missing = NEEDED.filter((path) => !existsSync(packagePath(path)));
  const templates = templateNames().length;
  if (templates === 0) missing.push('scenarios/templates');
  if (missing.length === 0) return ok('files', `complete, ${templates} templates`);
  const fix = 'install orrery again; in a checkout: git status, then npm run build';
  return fail('files', `missing: ${missing.join(', ')}`, fix);
}

/** In a checkout the build may lag behind the sources; an installed package has no sources. */
function checkBuild(): Finding {
  const built = packagePath('dist', 'cli', 'main.js');
  if (!existsSync(built)) {
    return fail('build', 'dist/ is not there: orrery is not built', 'npm run build');
  }
  const sources = packagePath('src');
  if (!existsSync(sources)) return ok('build', 'as installed');
  const builtMs = statSync(built).mtimeMs;
  const newer = readdirSync(sources, { recursive: true, encoding: 'utf8' }).find(
    (file) => file.endsWith('.ts') && statSync(join(sources, file)).mtimeMs > builtMs,
  );
  if (newer === undefined) return ok('build', 'newer than the sources');
  return warn('build', `older than src/${newer}`, 'npm run build');
}

function checkSchema(): Finding {
  const path = packagePath('schema', 'scenario.schema.json');
  const fix = 'orrery schema --out schema/scenario.schema.json, or npm run build';
  if (!existsSync(path)) return fail('schema', 'schema/scenario.schema.json is not there', fix);
  const isSame =
    readFileSync(path, 'utf8') === `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
  if (isSame) return ok('schema', 'as this version reads scenarios');
  return warn('schema', 'of another version: editors check by the wrong rules', fix);
}

function checkMemory(): Finding {
  // A container's limit where there is one; Node gives 0 or a huge number where there is none.
  const limit = process.constrainedMemory();
  const total = limit > 0 && limit < totalmem() ? limit : totalmem();
  const free = Math.min(freemem(), total);
  const heap = getHeapStatistics().heap_size_limit;
  const text = `${formatMemory(free)} free of ${formatMemory(total)}, heap of at most ${formatMemory(heap)}`;
  if (Math.min(total, heap) >= MEMORY_WANTED_BYTES) return ok('memory', text);
  const fix =
    heap < MEMORY_WANTED_BYTES && total >= MEMORY_WANTED_BYTES
      ? 'NODE_OPTIONS=--max-old-space-size=4096 gives Node more'
      : 'enough for small fleets; orrery validate says what a scenario needs';
  return warn('memory', text, fix);
}

function checkCpus(): Finding {
  const count = availableParallelism();
  return ok('cpus', `${count} (a run uses one)`);
}

function checkReports(folder: string): Finding {
  const reports = join(folder, 'reports');
  const place = existsSync(reports) ? reports : folder;
  const shown = relative(folder, place) || '.';
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
  } catch {
    const fix = 'go to a folder of yours, or name another one with run --out DIR';
    return fail('reports', `${shown === '.' ? 'this folder' : shown} cannot be written`, fix);
  }
  return ok('reports', place === reports ? 'reports/ can be written' : 'reports/ will be made');
}

/** Plug-ins in TypeScript are translated by a program that is made for each platform. */
function checkPlugins(): Finding {
  try {
    transformSync('const one: number = 1', { loader: 'ts' });
    return ok('plug-ins', 'TypeScript can be loaded');
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return fail('plug-ins', `TypeScript cannot be loaded: ${why}`, 'npm install on this machine');
  }
}

const OPENB = [
  'traces/openb/openb_node_list_gpu_node.csv',
  'traces/openb/openb_pod_list_default.csv',
];

function checkData({ env, folder }: Surroundings): Finding {
  const data = env.ORRERY_DATA;
  if (data === undefined || data === '') {
    return ok('data', 'ORRERY_DATA is not set: only scenarios that replay traces need it');
  }
  const root = resolve(folder, data);
  if (!existsSync(root)) {
    return fail('data', `ORRERY_DATA names ${data}, which is not there`, 'correct or unset it');
  }
  const traces = join(root, 'traces');
  const found = existsSync(traces)
    ? readdirSync(traces, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];
  const text = found.length === 0 ? 'no traces/ in ORRERY_DATA' : `traces: ${found.join(', ')}`;
  const missing = OPENB.filter((path) => !existsSync(join(root, path)));
  if (missing.length === 0) return ok('data', text);
  const fix = `openb needs ${missing.join(' and ')}: see the template (orrery init - --template openb)`;
  return warn('data', text, fix);
}
