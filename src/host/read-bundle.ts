/** A bundle directory, read back as it was in memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import { type Bundle, MANIFEST_SCHEMA, RESULT_SCHEMA, type ResultFile } from '../results/bundle.ts';
import { faultInStored } from '../results/stored.ts';
import { fileError, readText } from './files.ts';
import { decodeSeries } from './stored-series.ts';

/** The schema of `distributions.json`, as its type says. */
const DISTRIBUTIONS_SCHEMA: Bundle['distributions']['schema'] = 'orrery.distributions/1';

/**
 * Reads a bundle directory: manifest, result and distributions from JSON, the series from `series.parquet`, and what each of
 * several replications gave from `replications.ndjson`.
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
  const { series, replications } = await decodeSeries(readBytes(file), file);
  const bundle = { manifest, result, distributions, series };
  if (result.replications === 1) return bundle;
  const results = readResults(directory, result.replications);
  if (replications.length !== results.length) {
    const value = `${replications.length} replications`;
    const expected = `the series of each of ${results.length} replications`;
    throw new ScenarioError([{ file, path: '', value, expected, hint: HINT }], 3);
  }
  return {
    ...bundle,
    replications: results.map((own, r) => ({ result: own, series: replications[r]! })),
  };
}

function readResults(directory: string, count: number): readonly ResultFile[] {
  const file = join(directory, 'replications.ndjson');
  const lines = readText(file, 3).split('\n').slice(0, -1);
  if (lines.length !== count) {
    const value = `${lines.length} lines`;
    const expected = `one line for each of ${count} replications`;
    throw new ScenarioError([{ file, path: '', value, expected, hint: HINT }], 3);
  }
  return lines.map((text, i) =>
    parsedJson<ResultFile>(text, { file, line: i + 1, kind: 'result', schema: RESULT_SCHEMA }),
  );
}

const HINT = 'the bundle is damaged or was edited: run the scenario again';

function readJson<T>(
  directory: string,
  kind: 'manifest' | 'result' | 'distributions',
  schema: string,
): T {
  const file = join(directory, `${kind}.json`);
  const text = readText(file, 3);
  return parsedJson<T>(text, { file, kind, schema });
}

function parsedJson<T>(
  text: string,
  from: {
    readonly file: string;
    readonly line?: number;
    readonly kind: 'manifest' | 'result' | 'distributions';
    readonly schema: string;
  },
): T {
  const { kind, schema, ...place } = from;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ScenarioError([{ ...place, path: '', expected: 'complete JSON', hint: HINT }], 3);
  }
  const found = (parsed as { schema?: unknown } | null)?.schema;
  if (found !== schema) {
    const value = JSON.stringify(found) ?? 'none';
    const hint = 'this is no bundle, or one of another version: run the scenario again';
    throw new ScenarioError(
      [{ ...place, path: 'schema', value, expected: `"${schema}"`, hint }],
      3,
    );
  }
  const completed = withDefaults(kind, parsed as Record<string, unknown>);
  const fault = faultInStored(kind, completed);
  if (fault !== null) throw new ScenarioError([{ ...place, ...fault, hint: HINT }], 3);
  return completed as T;
}

/** Fills in what bundles of earlier versions do not have. */
function withDefaults(kind: string, parsed: Record<string, unknown>): object {
  if (kind === 'manifest') return { windows: [], study: 'terminating', ...parsed };
  const { thresholds } = parsed;
  if (kind !== 'result' || !Array.isArray(thresholds)) return parsed;
  const isObject = (t: unknown): t is object => typeof t === 'object' && t !== null;
  const filled = thresholds.map((t) =>
    isObject(t) ? { bound: null, replicationsNeeded: null, ...t } : t,
  );
  return { ...parsed, thresholds: filled };
}

function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(error, { path, expected: 'a file of a bundle', exitCode: 3 });
  }
}
