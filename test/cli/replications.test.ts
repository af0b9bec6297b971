import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestFile, ResultFile } from '../../src/results/bundle.ts';
import { orrery, SMALL } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'orrery-replications-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'small.yaml'), SMALL);
});

const run = (...args: string[]) =>
  orrery(['run', 'small.yaml', '--seed', '7', '--progress', 'none', ...args], { cwd: folder });
const read = <T>(out: string, file: string): T =>
  JSON.parse(readFileSync(join(folder, out, file), 'utf8')) as T;
const result = (out: string) => read<ResultFile>(out, 'result.json');
const manifest = (out: string) => read<ManifestFile>(out, 'manifest.json');

describe('orrery run --reps', () => {
  it('writes the same bytes on one core and on two', async () => {
    for (const threads of ['1', '2']) {
      const { code, stderr } = await run('--reps', '3', '--parallel', threads, '--out', threads);
      expect([code, stderr]).toEqual([0, '']);
    }
    const files = readdirSync(join(folder, '1'));
    expect(files).toContain('replications.ndjson');
    expect(readdirSync(join(folder, '2'))).toEqual(files);
    for (const file of files.filter((name) => name !== 'runtime.json')) {
      const [one, two] = ['1', '2'].map((out) => readFileSync(join(folder, out, file)));
      expect([file, one!.equals(two!)]).toEqual([file, true]);
    }
    expect(result('1')).toMatchObject({ replications: 3, complete: true });
  });

  it('begins with the run without it', async () => {
    await run('--out', 'single');
    await run('--reps', '2', '--out', 'pair');
    const single = readFileSync(join(folder, 'single/result.json'), 'utf8');
    const [first, second] = readFileSync(join(folder, 'pair/replications.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as ResultFile);
    expect(first).toEqual(JSON.parse(single));
    expect(second!.trajectory).not.toBe(first!.trajectory);
    for (const metric of result('pair').metrics) {
      const own = first!.metrics.find(
        (m) => m.name === metric.name && JSON.stringify(m.labels) === JSON.stringify(metric.labels),
      );
      expect(metric.perReplication[0]).toEqual(own === undefined ? null : own.perReplication[0]);
    }
  });

  it('goes on until the precision is reached, and no further', async () => {
    const goal = 'pods_running 10%';
    const { code, stdout } = await run('--reps', 'auto', '--precision', goal, '--out', 'auto');
    expect(code).toBe(0);
    const { effort, replications } = manifest('auto');
    expect(effort!.precision).toMatchObject({ goal, gamma: 0.1, isReached: true });
    expect(effort!.precision!.relative).toBeLessThanOrEqual(0.1 / 1.1);
    expect(stdout).toContain(`${replications} reps, terminating 1h, 95 % CI`);
    expect(stdout).toMatch(/REPS +pods_running 10%: ±[\d.]+ %, reached/);
    // The same number again, whatever runs beside it.
    await run('--precision', goal, '--parallel', '3', '--out', 'again');
    expect(result('again')).toEqual(result('auto'));
  });

  it('stops at --max-reps where it is not', async () => {
    const goal = ['--precision', 'pod_wait_seconds max 0.1%', '--max-reps', '3'];
    const { stdout } = await run('workloads[0].arrivals.poisson=0.5/s', ...goal, '--out', 'most');
    expect(manifest('most').replications).toBe(3);
    expect(stdout).toMatch(/not reached/);
  });

  it('cuts off a warm-up: given, none, or by MSER-5 over a pilot', async () => {
    await run('--reps', '2', '--warmup', '10m', '--out', 'given');
    expect(result('given').warmupSeconds).toBe(600);
    expect(manifest('given').overrides).toEqual(['warmup=10m']);
    await run('warmup=20m', '--warmup', 'none', '--out', 'none');
    expect(result('none').warmupSeconds).toBe(0);
    // The fleet is empty at first: about a minute, the length of a job, is no steady state.
    const found = ['--precision', 'pods_running 5%', '--reps', '10'];
    await run(...found, '--warmup', 'mser5', '--out', 'mser5');
    expect(manifest('mser5').effort!.warmup).toBe('mser5');
    const { warmupSeconds } = result('mser5');
    expect(warmupSeconds).toBeGreaterThan(0);
    expect(warmupSeconds).toBeLessThan(1800);
    // A steady study without a warm-up asks for the same by itself.
    await run('study=steady', ...found, '--out', 'steady');
    expect(result('steady').warmupSeconds).toBe(warmupSeconds);
    expect(manifest('steady').study).toBe('steady');
  });

  it('refuses a run that is too short for a warm-up', async () => {
    const { code, stderr } = await run('series.every=5m', '--reps', '2', '--warmup', 'mser5');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--warmup: .*run too short/);
  });

  it('says what is wrong with its options, with the character', async () => {
    const cases: [args: string[], message: RegExp][] = [
      [['--precision', 'pod_wait_seconds p(100) 5%'], /--precision, character 19: .*percentage/],
      [['--precision', 'pod_wait 5%'], /--precision, character 1: .*catalogue/],
      [['--reps', '0'], /--reps: got "0", expected a whole number from 1/],
      [['--reps', '3', '--max-reps', '5'], /--max-reps: .*--reps auto/],
      [['--warmup', 'mser5'], /--warmup: .*several replications/],
      [['--warmup', 'soon'], /--warmup: got "soon"/],
      [['--reps', '2', '--parallel', 'all'], /--parallel: got "all"/],
      [['--reps', '1', '--precision', 'pods_running 5%'], /--precision: .*--reps auto/],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await run(...args);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toMatch(message);
    }
  });

  it('writes what is finished when it is interrupted', async () => {
    const endless = ['horizon=20d', 'series.every=1d', '--reps', '40', '--parallel', '2'];
    const args = ['run', 'small.yaml', '--seed', '7', ...endless, '--out', 'stopped'];
    const progress = ['--progress', 'json'];
    const { code, stdout, stderr } = await orrery([...args, ...progress], {
      cwd: folder,
      onStart: (child) => {
        let seen = '';
        child.stderr!.on('data', (chunk) => {
          const before = seen;
          seen += String(chunk);
          const isUnderWay = /"done":[1-9]/.test(seen);
          if (isUnderWay && !/"done":[1-9]/.test(before)) child.kill('SIGINT');
        });
      },
    });
    expect(stderr).toContain('waiting for the replications that are under way');
    expect(code).toBe(130);
    expect(stdout).toMatch(/STOP +stopped after \d+ replications? \(SIGINT\): more were wanted/);
    const { complete, replications } = result('stopped');
    expect(complete).toBe(false);
    expect(replications).toBeGreaterThanOrEqual(1);
    expect(replications).toBeLessThan(40);
    expect(manifest('stopped').stopped).toBe('SIGINT');
  });

  it('ends at the time limit with a part of the first, where nothing else is there', async () => {
    const limit = ['horizon=100000d', 'series.every=1000d', '--reps', '4', '--time-limit', '1s'];
    const { code } = await run(...limit, '--out', 'limit');
    expect(code).toBe(124);
    expect(result('limit')).toMatchObject({ complete: false, replications: 1 });
  });

  it('tells an error of a worker as if it were its own', async () => {
    const code = `export default { contract: 'scheduling', name: 'test/throws', summary: 's',
      create: () => { throw new Error('I broke'); } };`;
    writeFileSync(join(folder, 'throws.js'), code);
    const plugin = ['--plugin', 'throws.js', 'policies.scheduling=test/throws'];
    const alone = await run(...plugin);
    const several = await run(...plugin, '--reps', '2');
    expect(several.code).toBe(7);
    expect(several.stderr).toBe(alone.stderr);
  });
});

describe('replications of two policies', () => {
  it('share their luck: pairs, their correlation and the cut of the variance are told', async () => {
    for (const policy of ['first-fit', 'worst-fit']) {
      await run('--reps', '5', `policies.scheduling=${policy}`, '--out', policy);
    }
    const { code, stdout } = await orrery(['compare', 'first-fit', 'worst-fit'], { cwd: folder });
    expect(code).toBe(0);
    const told =
      /5 paired replications · shared luck: mean correlation ([\d.]+), variance × ([\de.-]+)/;
    const [, correlation, ratio] = told.exec(stdout)!;
    // Both place the same pods at once, so nothing but the nodes differs.
    expect(Number(correlation)).toBeGreaterThan(0.9);
    expect(Number(ratio)).toBeLessThan(0.2);
    expect(stdout).toMatch(/first in cluster one of replication 0 within/);
  });
});
