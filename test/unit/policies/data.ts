import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../workloads/build-context.ts';

/** Finds a file of the shared data; null, loudly, where there is none (an error in CI). */
export function dataFile(name: string): string | null {
  const folder = dataFolder();
  if (folder === undefined) return null;
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`the data folder has no ${name}`);
  return path;
}
