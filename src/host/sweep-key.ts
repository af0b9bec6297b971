/** What names a run of a study: the hash of everything that its result depends on. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Everything that a run's bundle depends on, and nothing of the machine. */
export interface RunIdentity {
  /** Version and code of this installation: see {@link buildIdentity}. */
  readonly build: string;
  /** Hash of the scenario file's text. */
  readonly scenarioSha256: string;
  /** Files that the scenario names: imports, catalogues, node lists, traces. */
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  /** `key=value` in the canonical form of values, in the order of application. */
  readonly overrides: readonly string[];
  readonly plugins: readonly { readonly name: string; readonly sha256: string }[];
  readonly seed: number;
  readonly replication: number;
}

/**
 * Names a run by its content: 64 hexadecimal digits, equal on every machine for equal runs.
 *
 * Runs with equal keys have byte-equal bundles; the other way round, overrides in another order are another key.
 */
export function runKey(identity: RunIdentity): string {
  const { build, scenarioSha256, inputs, overrides, plugins, seed, replication } = identity;
  const pair = ({ name, sha256 }: { name: string; sha256: string }) => [name, sha256];
  const text = JSON.stringify([
    'orrery.run-key/1',
    build,
    scenarioSha256,
    inputs.map(pair),
    overrides,
    plugins.map(pair),
    seed,
    replication,
  ]);
  return createHash('sha256').update(text).digest('hex');
}

const DIGITS = 12;

/**
 * Names the code that runs: the version and a hash of its files, so that results of other code are never taken for those of
 * this one.
 *
 * *Cost*: all files of the installation are read once, about 2 MB.
 */
export function buildIdentity(version: string): string {
  const own = fileURLToPath(import.meta.url);
  const folder = dirname(dirname(own));
  const hash = createHash('sha256');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => extname(path) === extname(own) && !path.endsWith('.d.ts'))
    .sort();
  for (const path of files) hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  return `${version}+${hash.digest('hex').slice(0, DIGITS)}`;
}
