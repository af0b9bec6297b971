/** Runs the command in a child process: built from its sources once per test file, because each start costs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Lays the command out as an installation: `dist/` beside `package.json`, `scenarios`, `schema` and `node_modules`. */
async function install(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'orrery-installed-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  for (const part of ['node_modules', 'scenarios', 'schema']) {
    symlinkSync(join(ROOT, part), join(folder, part));
  }
  await build({
    entryPoints: [
      'cli/main.ts',
      'index.ts',
      'testing.ts',
      'host/run-worker.ts',
      'host/thread-worker.ts',
    ].map((file) => join(ROOT, 'src', file)),
    outbase: join(ROOT, 'src'),
    outdir: join(folder, 'dist'),
    // Shared code lies two folders below the root, like the files that look for the installation.
    chunkNames: 'host/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
  });
  return join(folder, 'dist/cli/main.js');
}

const main = install();

/** The file that Node runs as the command, for tests that start it from a shell. */
export const installed = (): Promise<string> => main;

/** What a child printed and how it ended. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What surrounds a child. */
export interface Surroundings {
  readonly cwd: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called once with the child, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Runs `orrery ARGS` to its end. */
export async function orrery(args: readonly string[], around: Surroundings): Promise<Finished> {
  const child = spawn(process.execPath, [await main, ...args], {
    cwd: around.cwd,
    env: { ...process.env, NO_COLOR: '1', ORRERY_DEBUG: '', ...around.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(around.stdin ?? '');
  around.onStart?.(child);
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** A scenario that runs in a moment: one cluster of 4 nodes, about 360 pods in an hour. */
export const SMALL = `orrery: 1
name: small
question: Does one pod every ten seconds fit on four nodes?
horizon: 1h
fleet:
  machineTypes:
    - {name: m, cpu: 8, memory: 32Gi}
  clusters:
    - {name: one, pools: [{machineType: m, count: 4}]}
workloads:
  - {name: jobs, kind: job, arrivals: {poisson: 0.1/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 1, memory: 1Gi}}
`;
