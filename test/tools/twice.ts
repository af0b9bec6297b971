/**
 * Runs scenarios twice, each in its own process, and compares every byte of the two bundles but `runtime.json`.
 *
 *   npm run twice -- [scenario file ...]      default: every shipped scenario
 *
 * Prints one line a scenario; exit code 1 if any differs or fails.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SEED = '42';

/** What one process said. */
interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function run(file: string, out: string): Promise<Ended> {
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'run', file, '--seed', SEED, '--out', out];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...dataEnv() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

/** Traces lie in `$ORRERY_DATA`, else in `../shared` beside the checkout. */
function dataEnv(): Record<string, string> {
  const beside = join(root, '..', 'shared');
  const isGiven = process.env.ORRERY_DATA !== undefined;
  return isGiven || !existsSync(join(beside, 'traces')) ? {} : { ORRERY_DATA: beside };
}

/** Files of a bundle but the one with wall-clock facts, sorted. */
function filesOf(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name !== 'runtime.json')
    .sort();
}

/** Says where two bundles differ, or null. */
function difference(a: string, b: string): string | null {
  const [ours, theirs] = [filesOf(a), filesOf(b)];
  if (ours.join() !== theirs.join()) return `files ${ours.join(' ')} and ${theirs.join(' ')}`;
  for (const name of ours) {
    const [x, y] = [readFileSync(join(a, name)), readFileSync(join(b, name))];
    if (x.equals(y)) continue;
    let at = 0;
    while (x[at] === y[at]) at++;
    return `${name} at byte ${at}`;
  }
  return null;
}

/** Runs one scenario twice; prints its line; true if all is equal. */
async function twice(file: string): Promise<boolean> {
  const name = basename(file).replace(/\.ya?ml$/, '');
  const directory = mkdtempSync(join(tmpdir(), 'orrery-twice-'));
  try {
    const outs = [join(directory, 'a'), join(directory, 'b')];
    const ended = await Promise.all(outs.map((out) => run(file, out)));
    // 0 and 1 are runs that ended, with thresholds that hold or not.
    const broken = ended.find(({ code }) => code !== 0 && code !== 1);
    if (broken !== undefined) {
      console.log(`${name}: exit ${broken.code}: ${broken.stderr.trim().split('\n').at(-1) ?? ''}`);
      return false;
    }
    const where = difference(outs[0]!, outs[1]!);
    const { trajectory } = JSON.parse(readFileSync(join(outs[0]!, 'result.json'), 'utf8'));
    const files = filesOf(outs[0]!).length;
    console.log(
      `${name}: ${where === null ? `equal, ${files} files, trajectory ${trajectory}` : `DIFFERS in ${where}`}`,
    );
    return where === null;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const given = process.argv.slice(2);
const shipped = readdirSync(join(root, 'scenarios')).filter((name) => name.endsWith('.yaml'));
const files = given.length > 0 ? given : shipped.sort().map((name) => `scenarios/${name}`);
let isGood = true;
for (const file of files) isGood = (await twice(file)) && isGood;
process.exitCode = isGood ? 0 : 1;
