/** This installation: its version and the files that come with it. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Names a file or folder of the package: `package.json` lies two folders above, in sources and in the build alike. */
export function packagePath(...parts: readonly string[]): string {
  return join(dirname(fileURLToPath(import.meta.url)), '..', '..', ...parts);
}

/** Reads the version from the package's own `package.json`. */
export function orreryVersion(): string {
  const text = readFileSync(packagePath('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
