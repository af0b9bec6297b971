import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery } from './command.ts';
import { contentOf, DUEL, STUDY } from './sweep-folder.ts';

let cwd: string;
let whole: Record<string, string>;
let wholeMs: number;
const at = (...parts: string[]) => join(cwd, ...parts);
const sweep = (...args: string[]) => orrery(['sweep', ...args], { cwd });
const planOf = (folder: string) => JSON.parse(readFileSync(at(folder, 'study.json'), 'utf8'));

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-sweep-'));
  writeFileSync(at('duel.yaml'), DUEL);
  writeFileSync(at('study.yaml'), STUDY);
  const startedMs = performance.now();
  const { code, stderr } = await sweep('study.yaml', '--out', 'whole', '--jobs', '2');
  wholeMs = performance.now() - startedMs;
  expect([code, stderr.split('\n').at(-2)]).toEqual([0, expect.stringMatching(/^runs 12 of 12 /)]);
  whole = contentOf(at('whole'));
}, 600_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('a finished study', { timeout: 600_000 }, () => {
  it('is one folder with its plan, its runs, its points and its tables', () => {
    expect(readdirSync(at('whole')).sort()).toEqual([
      'comparison.json',
      'comparison.md',
      'comparison.tex',
      'comparison.txt',
      'points',
      'points.csv',
      'report.html',
      'results.csv',
      'runs',
      'runtime.json',
      'study.json',
    ]);
    expect(readdirSync(at('whole', 'points')).sort()).toEqual([
      'pack,load=0.1-s',
      'pack,load=0.25-s',
      'spread,load=0.1-s',
      'spread,load=0.25-s',
    ]);
    expect(planOf('whole')).toMatchObject({
      schema: 'orrery.study/1',
      complete: true,
      shard: null,
      comparison: { axis: 'policy', baseline: 'spread', allowsDifferent: false },
    });
  });

  it('compares the policies at each load, in pairs', () => {
    const { groups } = JSON.parse(readFileSync(at('whole', 'comparison.json'), 'utf8'));
    expect(groups.map((group: { at: object }) => group.at)).toEqual([
      { load: '0.1/s' },
      { load: '0.25/s' },
    ]);
    for (const { comparison } of groups) {
      expect(comparison.bundles.map((b: { label: string }) => b.label)).toEqual(['spread', 'pack']);
      expect(comparison.challengers[0]).toMatchObject({ isPaired: true, mismatches: [] });
    }
  });

  it('has a row per point, metric and replication, and one per point and metric', () => {
    const rows = (file: string) => readFileSync(at('whole', file), 'utf8').trim().split('\n');
    expect(rows('results.csv')[0]).toBe(
      'point,policy,load,replication,metric,resource,stat,value,unit,at_least',
    );
    // 2 policies x 2 loads x 3 replications.
    expect(rows('results.csv').filter((row) => row.includes(',cost_dollars,'))).toHaveLength(12);
    expect(rows('points.csv').filter((row) => row.includes(',cost_dollars,'))).toHaveLength(4);
  });

  it('holds bundles that other verbs read', async () => {
    const point = 'whole/points/pack,load=0.1-s';
    const report = await orrery(['report', point, '--out', 'point.html'], { cwd });
    expect([report.code, report.stderr]).toEqual([0, '']);
    const both = [point, 'whole/points/spread,load=0.1-s'];
    const compared = await orrery(['compare', ...both], { cwd });
    expect([compared.code, compared.stdout]).toEqual([
      0,
      expect.stringContaining('3 paired replications'),
    ]);
  });

  it('comes out the same on one worker', async () => {
    expect((await sweep('study.yaml', '--out', 'single', '--jobs', '1', '-q')).code).toBe(0);
    expect(contentOf(at('single'))).toEqual(whole);
  });

  it('runs nothing again, but everything where it is told to', async () => {
    const again = await sweep('study.yaml', '--out', 'single');
    expect(again.stderr).toBe('runs 12 of 12 (12 were there)\n');
    expect(contentOf(at('single'))).toEqual(whole);
    const fresh = await sweep('study.yaml', '--out', 'single', '--no-resume');
    expect(fresh.stderr).toMatch(/^runs 0 of 12\n/);
    expect(contentOf(at('single'))).toEqual(whole);
  });

  it('grows by replications without running the first ones again', async () => {
    const { code, stderr } = await sweep('study.yaml', '--out', 'single', '--reps', '4');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^runs 12 of 16 \(12 were there\)/);
    expect(planOf('single').replications).toBe(4);
  });
});

describe('a sweep that is killed', { timeout: 600_000 }, () => {
  const kills = Number(process.env.SWEEP_KILLS ?? 3);
  it(`ends with the same bytes when it is resumed, ${kills} times`, async () => {
    for (let k = 0; k < kills; k++) {
      const folder = `killed-${k}`;
      const afterMs = wholeMs * (0.05 + 0.9 * Math.random());
      const { code } = await orrery(['sweep', 'study.yaml', '--out', folder, '--jobs', '2', '-q'], {
        cwd,
        onStart: (child) => setTimeout(() => child.kill('SIGKILL'), afterMs),
      });
      const story = `kill ${k + 1} after ${Math.round(afterMs)} ms of ${Math.round(wholeMs)}, code ${code}`;
      if (code !== 0 && existsSync(at(folder, 'study.json'))) {
        expect(planOf(folder).complete, story).toBe(false);
      }
      const resumed = await sweep('study.yaml', '--out', folder, '-q');
      expect([resumed.code, resumed.stderr], story).toEqual([0, '']);
      expect(contentOf(at(folder)), story).toEqual(whole);
      rmSync(at(folder), { recursive: true });
    }
  });

  it('stops at a signal, says how to go on, and goes on', async () => {
    const args = ['sweep', 'study.yaml', 'horizon=2000h', '--out', 'stopped', '--jobs', '2'];
    const { code, stderr } = await orrery(args, {
      cwd,
      onStart: (child) => {
        child.stderr?.once('data', () => setTimeout(() => child.kill('SIGINT'), 300));
      },
    });
    expect(code).toBe(130);
    expect(stderr).toMatch(/^SIGINT: stopping; .* the same command goes on from there$/m);
    expect(stderr).toMatch(/^stopped by SIGINT: \d+ of 12 runs are there$/m);
    expect(planOf('stopped').complete).toBe(false);
    expect(existsSync(at('stopped', 'points'))).toBe(false);
  });
});

describe('shards', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    for (const i of [1, 2, 3]) {
      const { code } = await sweep('study.yaml', '--shard', `${i}/3`, '--out', `shard-${i}`, '-q');
      expect(code).toBe(0);
    }
  }, 600_000);

  it('make every third run each, and no results', () => {
    expect(readdirSync(at('shard-2')).sort()).toEqual(['runs', 'runtime.json', 'study.json']);
    expect(readdirSync(at('shard-2', 'runs'))).toHaveLength(4);
    expect(planOf('shard-2').shard).toEqual({ index: 2, count: 3 });
  });

  it('merge into the bytes of the study in one go', async () => {
    const merged = await sweep('merge', 'shard-3', 'shard-1', 'shard-2', '-o', 'merged');
    expect([merged.code, merged.stderr]).toEqual([0, '']);
    expect(merged.stdout).toMatch(/^STUDY {4}duels .*\nstudy merged\n$/s);
    expect(contentOf(at('merged'))).toEqual(whole);
  });

  it('do not merge while some are missing, and name what is', async () => {
    const { code, stderr } = await sweep('merge', 'shard-1', 'shard-3', '--out', 'partly');
    expect(code).toBe(3);
    // Runs 1, 4, 7 and 10 of 0 to 11 are those of shard 2; a point has three.
    expect(stderr).toContain('spread,load=0.1-s, replication 1: expected its run in one of');
    expect(stderr.match(/\(shard 2\/3\)/g)).toHaveLength(4);
    expect(existsSync(at('partly'))).toBe(false);
  });

  it('may overlap where copies are equal, and name copies that differ', async () => {
    expect((await sweep('merge', 'whole', 'shard-1', '-q', '-o', 'twice')).code).toBe(0);
    expect(contentOf(at('twice'))).toEqual(whole);
    const [key] = readdirSync(at('shard-1', 'runs'));
    const sums = at('shard-1', 'runs', key!, 'SHA256SUMS');
    const manifest = at('shard-1', 'runs', key!, 'manifest.json');
    const before = readFileSync(manifest);
    const sumsBefore = readFileSync(sums, 'utf8');
    writeFileSync(manifest, `${before.toString('utf8')}\n`);
    const damaged = await sweep('merge', 'whole', 'shard-1', '-o', 'bad');
    expect([damaged.code, damaged.stderr]).toEqual([3, expect.stringContaining('manifest.json')]);
    const { createHash } = await import('node:crypto');
    const sha256 = createHash('sha256').update(readFileSync(manifest)).digest('hex');
    writeFileSync(sums, sumsBefore.replace(/^[0-9a-f]{64}(?= {2}manifest)/m, sha256));
    const differing = await sweep('merge', 'whole', 'shard-1', '-o', 'bad');
    expect(differing.code).toBe(3);
    expect(differing.stderr).toMatch(/expected byte-equal copies of .*manifest\.json differ/);
    expect(existsSync(at('bad'))).toBe(false);
  });

  it('of different studies do not merge, nor into one of their own folders', async () => {
    await sweep('study.yaml', '--shard', '1/12', '--seed', '8', '--out', 'other', '-q');
    const { code, stderr } = await sweep('merge', 'shard-2', 'other', '-o', 'mixed');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/other.*they differ in seed, runs/)]);
    const own = await sweep('merge', 'shard-2', 'shard-3', '-o', './shard-2');
    expect([own.code, own.stderr]).toEqual([2, expect.stringContaining('none of the shards')]);
  });
});

describe('a damaged run', { timeout: 600_000 }, () => {
  it('is named and run again', async () => {
    expect((await sweep('merge', 'whole', '-q', '-o', 'hurt')).code).toBe(0);
    const keys = readdirSync(at('hurt', 'runs')).sort();
    writeFileSync(at('hurt', 'runs', keys[0]!, 'result.json'), '{}');
    rmSync(at('hurt', 'runs', keys[1]!, 'series.parquet'));
    rmSync(at('hurt', 'runs', keys[2]!, 'SHA256SUMS'));
    const { code, stderr } = await sweep('study.yaml', '--out', 'hurt');
    expect(code).toBe(0);
    expect(stderr).toContain(`${keys[0]}/result.json is damaged: `);
    expect(stderr).toContain(`${keys[1]}/series.parquet is damaged: `);
    expect(stderr).toContain(`${keys[2]}/SHA256SUMS is damaged: `);
    expect(stderr).toMatch(/^runs 9 of 12 \(9 were there\)/m);
    expect(contentOf(at('hurt'))).toEqual(whole);
  });
});
