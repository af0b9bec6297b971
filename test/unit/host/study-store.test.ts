import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runsOfShard, STUDY_SCHEMA, type StudyPlan } from '../../../src/host/study-plan.ts';
import { readPlan, StudyStore } from '../../../src/host/study-store.ts';
import { seriesParquet } from '../../../src/reports/parquet.ts';
import { syntheticBundle } from '../../builders/bundle.ts';

const KEY = 'ab'.repeat(32);
const BUNDLE = syntheticBundle({ clusters: 1, buckets: 4 });
const PLAN: StudyPlan = {
  schema: STUDY_SCHEMA,
  name: 's',
  question: '',
  complete: false,
  shard: null,
  build: '0+0',
  seed: 1,
  replications: 1,
  scenarios: [],
  plugins: [],
  axes: [],
  comparison: null,
  metrics: null,
  points: [],
  runs: Array.from({ length: 7 }, (_, i) => ({ key: `k${i}`, point: 'p', replication: i })),
};

let folder: string;
let store: StudyStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-store-'));
  store = new StudyStore(join(folder, 'deep', 'study'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = () => store.writeRun(KEY, BUNDLE, (bundle) => seriesParquet(bundle.series));

describe('the folder of a study', () => {
  it('may be new, empty, or a study; anything else is refused', async () => {
    expect(await store.open()).toBeNull();
    await store.writePlan(PLAN);
    expect(await store.open()).toEqual(PLAN);
    const other = new StudyStore(folder);
    await expect(other.open()).rejects.toThrow(
      /expected a new or empty folder, or that of an earlier study/,
    );
    writeFileSync(join(store.directory, 'study.json'), '{"schema": "orrery.study/0"}');
    expect(() => readPlan(store.directory)).toThrow(/a plan of schema orrery\.study\/1/);
    writeFileSync(join(store.directory, 'study.json'), '{');
    await expect(store.open()).rejects.toMatchObject({ exitCode: 3 });
  });

  it('keeps a run as it was, and knows it', async () => {
    await store.open();
    expect(store.stateOf(KEY)).toBe('missing');
    await write();
    expect(store.stateOf(KEY)).toBe('whole');
    expect(await store.readRun(KEY)).toEqual(BUNDLE);
    expect(readdirSync(join(store.directory, 'runs'))).toEqual([KEY]);
  });

  it('takes a second copy of a run for as good', async () => {
    await store.open();
    await write();
    await write();
    expect(store.stateOf(KEY)).toBe('whole');
    expect(readdirSync(join(store.directory, 'runs'))).toEqual([KEY]);
  });

  it.each(['manifest.json', 'result.json', 'distributions.json', 'series.parquet'])(
    'finds one flipped bit in %s, and names the file',
    async (name) => {
      await store.open();
      await write();
      const file = join(store.runFolder(KEY), name);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
      expect(store.stateOf(KEY)).toEqual({ damaged: file });
    },
  );

  it('finds files and checksums that are gone or cut', async () => {
    await store.open();
    await write();
    const sums = join(store.runFolder(KEY), 'SHA256SUMS');
    const text = readFileSync(sums, 'utf8');
    writeFileSync(sums, text.slice(0, text.length >> 1));
    expect(store.stateOf(KEY)).toEqual({ damaged: sums });
    writeFileSync(sums, text);
    expect(store.stateOf(KEY)).toBe('whole');
    rmSync(join(store.runFolder(KEY), 'result.json'));
    expect(store.stateOf(KEY)).toEqual({ damaged: join(store.runFolder(KEY), 'result.json') });
    await store.dropRun(KEY);
    expect(store.stateOf(KEY)).toBe('missing');
  });

  it('loses what was half written, and nothing else', async () => {
    await store.open();
    await write();
    mkdirSync(join(store.directory, 'runs', '.partial-0011'));
    writeFileSync(join(store.directory, '.study.json.partial-0011'), '');
    writeFileSync(join(store.directory, '.hidden'), '');
    await store.dropPartials();
    expect(readdirSync(store.directory).sort()).toEqual(['.hidden', 'runs']);
    expect(readdirSync(join(store.directory, 'runs'))).toEqual([KEY]);
  });
});

describe('a shard', () => {
  it('has every n-th run; all shards together have each once', () => {
    const parts = [1, 2, 3].map((index) =>
      runsOfShard({ ...PLAN, shard: { index, count: 3 } }).map(({ key }) => key),
    );
    expect(parts).toEqual([
      ['k0', 'k3', 'k6'],
      ['k1', 'k4'],
      ['k2', 'k5'],
    ]);
    expect(runsOfShard(PLAN)).toBe(PLAN.runs);
  });
});
