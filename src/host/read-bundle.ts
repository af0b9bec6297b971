/** A bundle directory, read back as it was in memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import { type Bundle, MANIFEST_SCHEMA, RESULT_SCHEMA } from '../results/bundle.ts';
import { faultInStored } from '../results/stored.ts';
import { fileError, readText } from './files.ts';
import { decodeSeries } from './stored-series.ts';

/** The schema of `distributions.json`, as its type says. */
const DISTRIBUTIONS_SCHEMA: Bundle['distributions']['schema'] = 'orrery.distributions/1';

/**
 * Reads a bundle directory: manifest, result and distributions from JSON, the series from `series.parquet`.
 *
 * @returns what the run had in memory, so that every view of it comes out the same
 * @throws ScenarioError (exit 3) naming the file: missing, damaged, or of another schema
 */
export async function readBundle(directory: string): Promise<Bundle> {
  const manifest = readJson<Bundle['manifest']>(directory, 'manifest', MANIFEST_SCHEMA);
  const result = readJson<Bundle['result']>(directory, 'result', RESULT_SCHEMA);
  const distributions = readJson<Bundle['distributions']>(
    directory,
    'distributions',
    DISTRIBUTIONS_SCHEMA,
  );
  const file = join(directory, 'series.parquet');
  return { manifest, result, distributions, series: await decodeSeries(readBytes(file), file) };
}

const HINT = 'the bundle is damaged or was edited: run the scenario again';

function readJson<T>(
  directory: string,
  kind: 'manifest' | 'result' | 'distributions',
  schema: string,
): T {
  const file = join(directory, `${kind}.json`);
  const text = readText(file, 3);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ScenarioError([{ file, path: '', expected: 'complete JSON', hint: HINT }], 3);
  }
  const found = (parsed as { schema?: unknown } | null)?.schema;
  if (found !== schema) {
    const value = JSON.stringify(found) ?? 'none';
    const hint = 'this is no bundle, or one of another version: run the scenario again';
    throw new ScenarioError([{ file, path: 'schema', value, expected: `"${schema}"`, hint }], 3);
  }
  const fault = faultInStored(kind, parsed);
  if (fault !== null) throw new ScenarioError([{ file, ...fault, hint: HINT }], 3);
  return parsed as T;
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(error, { path, expected: 'a file of a bundle', exitCode: 3 });
  }
}
