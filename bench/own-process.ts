/** Runs a benchmark in a process of its own: several policies in one make the same call sites slow for all. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRow } from './rows.ts';

/** Runs `bench/main.ts` with arguments and gives its rows. @throws Error if it fails */
export function rowsOfOwnProcess(args: readonly string[]): BenchRow[] {
  const directory = mkdtempSync(join(tmpdir(), 'orrery-bench-'));
  const file = join(directory, 'rows.json');
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const all = ['--import', 'tsx', '--max-old-space-size=8192', main, ...args, '--json', file];
  try {
    const { status } = spawnSync(process.execPath, all, { stdio: ['ignore', 'ignore', 'inherit'] });
    if (status !== 0) throw new Error(`the benchmark ${args.join(' ')} ended with ${status}`);
    return JSON.parse(readFileSync(file, 'utf8')).rows;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
