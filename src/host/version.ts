/** The version of this installation. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Reads the version from the package's own `package.json`, two folders above, in sources and in the build alike. */
export function orreryVersion(): string {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
