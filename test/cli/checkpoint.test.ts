/** A run that is killed at any moment and resumed writes the bundle of an undisturbed run. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Finished, orrery } from './command.ts';

/** 30 in `CHECKPOINT_KILLS=30 vitest run test/cli/checkpoint`. */
const KILLS = Number(process.env.CHECKPOINT_KILLS ?? 3);

/** Two clusters, a trace, a stateful stream, failures and an outage: about a second of work. */
const SCENARIO = `orrery: 1
name: killed
question: Does a run survive kill -9?
horizon: 8h
arrivalStream: sfc32
fleet:
  machineTypes:
    - {name: m, cpu: 16, memory: 64Gi}
  clusters:
    - {name: a, pools: [{machineType: m, count: 150}]}
    - {name: b, pools: [{machineType: m, count: 150}]}
workloads:
  - {name: jobs, kind: job, arrivals: {poisson: 2/s}, duration: {exponential: {mean: 10m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: web, kind: service, replicas: {diurnal: {mean: 300, peakToMean: 1.5, every: 5m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: old, kind: job, arrivals: {trace: {format: csv, path: old.csv}}, pod: {cpu: 1, memory: 1Gi}}
failures:
  - {model: node, mtbf: 400h, repair: {exponential: {mean: 30m}}}
  - {outage: cluster/b, at: 5h, for: 1h, name: dark}
`;

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-killed-'));
  writeFileSync(join(cwd, 'killed.yaml'), SCENARIO);
  writeFileSync(join(cwd, 'old.csv'), traceOf(7_000));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function traceOf(rows: number): string {
  const lines = ['submit_s,duration_s,pods,cpu_milli,memory_mib'];
  for (let i = 0; i < rows; i++) lines.push(`${i * 4},${60 + (i % 600)},1,1000,1024`);
  return `${lines.join('\n')}\n`;
}

const RUN = ['run', 'killed.yaml', '--seed', '7', '-q'];
const SAVED = ['--checkpoint', '50ms'];

/** Runs, and kills the process after so many milliseconds. */
async function killed(args: readonly string[], afterMs: number): Promise<Finished> {
  return orrery(args, {
    cwd,
    onStart: (child) => {
      setTimeout(() => child.kill('SIGKILL'), afterMs);
    },
  });
}

/** Every file of a bundle but the one that tells of the machine. */
function bundleOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(cwd, folder)).filter((name) => name !== 'runtime.json');
  return Object.fromEntries(
    files.sort().map((name) => [name, readFileSync(join(cwd, folder, name), 'base64')]),
  );
}

/** A checkpoint of a run that was stopped half way. */
async function stopped(name: string, more: readonly string[] = []): Promise<string> {
  const args = [...RUN, ...SAVED, '--out', name, '--time-limit', '200ms', ...more];
  expect((await orrery(args, { cwd })).code).toBe(124);
  return `${name}.checkpoint`;
}

describe('orrery run --checkpoint', { timeout: 600_000 }, () => {
  it('writes the undisturbed bundle after kills at random moments', async () => {
    const startedMs = performance.now();
    expect((await orrery([...RUN, '--out', 'whole'], { cwd })).code).toBe(0);
    const wholeMs = performance.now() - startedMs;
    const whole = bundleOf('whole');
    for (let done = 0; done < KILLS; ) {
      const args = [...RUN, ...SAVED, '--resume', '--out', 'again'];
      let last = await killed(args, Math.random() * wholeMs);
      for (done++; last.code === null; ) {
        const isKilled = done < KILLS;
        if (isKilled) done++;
        last = isKilled ? await killed(args, Math.random() * wholeMs) : await orrery(args, { cwd });
      }
      expect(last.code).toBe(0);
      expect(bundleOf('again')).toEqual(whole);
      // The checkpoint of a run that is over is gone, and nothing half written stays.
      expect(readdirSync(cwd).filter((name) => name.includes('again'))).toEqual(['again']);
      rmSync(join(cwd, 'again'), { recursive: true });
    }
  });

  it('goes on after a time limit, whose bundle was partial, with the seed of the checkpoint', async () => {
    expect((await orrery([...RUN, '--out', 'late-whole'], { cwd })).code).toBe(0);
    const checkpoint = await stopped('late');
    const partial = JSON.parse(readFileSync(join(cwd, 'late/manifest.json'), 'utf8'));
    expect(partial.complete).toBe(false);
    expect(existsSync(join(cwd, checkpoint))).toBe(true);
    const args = ['run', 'killed.yaml', ...SAVED, '--resume', '--out', 'late'];
    const done = await orrery(args, { cwd });
    expect(done.code).toBe(0);
    expect(done.stderr).toMatch(/going on from late\.checkpoint: .+, \d+ events/);
    expect(bundleOf('late')).toEqual(bundleOf('late-whole'));
  });

  it('starts at the beginning where there is no checkpoint, and says so', async () => {
    const args = ['run', 'killed.yaml', 'horizon=6h', '--seed', '7', ...SAVED, '--resume'];
    const done = await orrery([...args, '--out', 'none'], { cwd });
    expect([done.code, done.stderr]).toEqual([0, expect.stringMatching(/no checkpoint none/)]);
  });
});

describe('a checkpoint that is not of this run', { timeout: 600_000 }, () => {
  let checkpoint: string;
  beforeAll(async () => {
    checkpoint = await stopped('other');
  });

  /** Resumes from a changed copy of the checkpoint. */
  async function refused(change: (path: string) => void, more: readonly string[]): Promise<string> {
    const path = join(cwd, 'changed.checkpoint');
    copyFileSync(join(cwd, checkpoint), path);
    change(path);
    const args = ['run', 'killed.yaml', ...SAVED, '--resume', '--out', 'changed', '-q', ...more];
    const { code, stderr, stdout } = await orrery(args, { cwd });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  }

  const same = (): void => {};
  const inHeader = (from: string, to: string) => (path: string) => {
    const bytes = readFileSync(path);
    const at = bytes.indexOf(from);
    expect(at).toBeGreaterThan(0);
    bytes.write(to, at);
    writeFileSync(path, bytes);
  };
  const version = `"orreryVersion":"${JSON.parse(readFileSync('package.json', 'utf8')).version}`;

  it.each([
    ['truncated', (path: string) => truncateSync(path, 50_000), [], /truncated/],
    ['cut within its header', (path: string) => truncateSync(path, 60), [], /truncated or damaged/],
    ['empty', (path: string) => truncateSync(path, 0), [], /this is no checkpoint/],
    ['damaged', (path: string) => flip(path), [], /damaged/],
    ['no checkpoint', (path: string) => writeFileSync(path, 'hello'), [], /no checkpoint/],
    ['of another format', inHeader('"format":2', '"format":9'), [], /format 9/],
    ['of another version', inHeader(version, version.replace(/\d/, '7')), [], /version 7/],
    ['of another seed', same, ['--seed', '8'], /seed 7, this run of 8/],
    ['of other overrides', same, ['horizon=7h'], /its overrides changed/],
    ['of another scenario', same, ['name=mine'], /scenario killed, this run of mine/],
    ['of a run without --check', same, ['--check'], /without --check/],
  ])('is refused if it is %s', async (_, change, more, message) => {
    expect(await refused(change, more)).toMatch(message);
  });

  it('is refused if a trace changed', async () => {
    const path = join(cwd, 'old.csv');
    writeFileSync(path, traceOf(6_999));
    try {
      expect(await refused(same, [])).toMatch(/input old\.csv changed since/);
    } finally {
      writeFileSync(path, traceOf(7_000));
    }
  });

  it.each([
    ['--resume without --checkpoint', ['--resume'], /--checkpoint with it/],
    ['several replications', [...SAVED, '--reps', '2'], /single run/],
    ['no duration', ['--checkpoint', 'often'], /--checkpoint: got "often"/],
    ['a duration of zero', ['--checkpoint', '0s'], /above 0/],
  ])('is not even looked for with %s: exit code 2', async (_, more, message) => {
    const { code, stderr } = await orrery([...RUN, ...more], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

/** Changes one byte near the end. */
function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 100]! ^= 1;
  writeFileSync(path, bytes);
}
