/** The version of this installation. */
import { readFileSync } from 'node:fs';

/** Reads the version from the package's own `package.json`, two folders above, in sources and in the build alike. */
export function orreryVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
