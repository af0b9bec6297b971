/** One run on several threads, as a command: the same files, signals, limits, checkpoints and errors. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery, SMALL } from './command.ts';

/** Three clusters, services, jobs, failures and an outage: a second or two of work. */
const SCENARIO = `orrery: 1
name: threads
question: Are three clusters the same on three cores?
horizon: 8h
fleet:
  machineTypes:
    - {name: m, cpu: 16, memory: 64Gi}
  clusters:
    - {name: "{a,b,c}", pools: [{machineType: m, count: 100}]}
workloads:
  - {name: jobs, kind: job, arrivals: {poisson: 2/s}, duration: {exponential: {mean: 10m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: web, kind: service, replicas: {diurnal: {mean: 300, peakToMean: 1.5, every: 5m}}, pod: {cpu: 1, memory: 1Gi}}
policies: {placement: most-free}
failures:
  - {model: node, mtbf: 400h, repair: {exponential: {mean: 30m}}}
  - {outage: cluster/b, at: 5h, for: 1h, name: dark}
`;

/** A policy that breaks its contract after a while. */
const BROKEN = `let asked = 0;
export default { contract: 'scheduling', name: 'acme/broken', summary: 'Breaks.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'none', dependsOn: 'own-node', add() { if (++asked > 500) throw new Error('my bug'); } } }] }) };\n`;

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-threads-'));
  writeFileSync(join(cwd, 'threads.yaml'), SCENARIO);
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
  writeFileSync(join(cwd, 'broken.mjs'), BROKEN);
  expect((await orrery([...RUN, '--out', 'one'], { cwd })).code).toBe(0);
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const RUN = ['run', 'threads.yaml', '--seed', '7', '-q'];
const ENDLESS = ['run', 'threads.yaml', 'horizon=500w', '--seed', '7', '--threads', '2'];

/** Every file of a bundle but the one that tells of the machine. */
function bundleOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(join(cwd, folder)).filter((name) => name !== 'runtime.json');
  return Object.fromEntries(
    files.sort().map((name) => [name, readFileSync(join(cwd, folder, name), 'base64')]),
  );
}

const json = (folder: string, file: string) =>
  JSON.parse(readFileSync(join(cwd, folder, file), 'utf8'));

describe('orrery run --threads', { timeout: 300_000 }, () => {
  it.each([2, 3])('writes the bundle of one thread with %i', async (threads) => {
    const out = `on-${threads}`;
    const done = await orrery([...RUN, '--threads', String(threads), '--out', out], { cwd });
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(bundleOf(out)).toEqual(bundleOf('one'));
    expect(json(out, 'runtime.json').threads).toBe(threads);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops on %s with %i and a bundle marked incomplete', async (signal, exit) => {
    const done = await orrery([...ENDLESS, '--out', signal], {
      cwd,
      onStart: (child) => {
        setTimeout(() => child.kill(signal), 2_000);
      },
    });
    expect(done.code).toBe(exit);
    expect(json(signal, 'manifest.json')).toMatchObject({ complete: false, stopped: signal });
    expect(json(signal, 'result.json').reachedSeconds).toBeGreaterThan(0);
  });

  it('stops at the time limit and goes on from its checkpoint, killed in between', async () => {
    const saved = [...RUN, '--threads', '2', '--checkpoint', '50ms', '--out', 'late'];
    expect((await orrery([...saved, '--time-limit', '400ms'], { cwd })).code).toBe(124);
    expect(existsSync(join(cwd, 'late.checkpoint'))).toBe(true);
    const killed = await orrery([...saved, '--resume'], {
      cwd,
      onStart: (child) => {
        setTimeout(() => child.kill('SIGKILL'), 900);
      },
    });
    expect(killed.code).toBe(null);
    const other = await orrery([...saved, '--resume', '--threads', '3'], { cwd });
    expect([other.code, other.stderr]).toEqual([
      3,
      expect.stringMatching(/was written with --threads 2, this run has 3/),
    ]);
    // Without --threads it takes those of the checkpoint.
    const rest = ['--checkpoint', '1h', '--resume', '--out', 'late'];
    const done = await orrery([...RUN, ...rest], { cwd });
    expect(done.code).toBe(0);
    expect(json('late', 'runtime.json').threads).toBe(2);
    expect(bundleOf('late')).toEqual(bundleOf('one'));
  });

  it('shows how far it is', async () => {
    const shown = await orrery([...RUN.slice(0, -1), '--threads', '2', '--progress', 'json'], {
      cwd,
    });
    const lines = shown.stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const last = lines.at(-1);
    expect(last.events).toBe(json('one', 'runtime.json').events);
    expect(last.waitP99Seconds).toBeGreaterThan(0);
    expect(last.nodesUp).toBeGreaterThan(200);
  });

  it('ends with the code and the words of one thread if a policy breaks', async () => {
    const use = ['--plugin', 'broken.mjs', 'policies.scheduling=acme/broken'];
    const one = await orrery([...RUN, ...use, '--out', 'broken'], { cwd });
    const two = await orrery([...RUN, ...use, '--out', 'broken', '--threads', '2'], { cwd });
    expect([one.code, two.code]).toEqual([7, 7]);
    expect(two.stderr).toMatch(/acme\/broken.*my bug/);
    expect(existsSync(join(cwd, 'broken'))).toBe(false);
  });

  it('says so where one thread must do', async () => {
    const done = await orrery(['run', 'small.yaml', '--seed', '1', '--threads', '2'], { cwd });
    expect([done.code, done.stderr]).toEqual([
      0,
      expect.stringMatching(/^--threads 2: one cluster runs in one thread$/m),
    ]);
  });

  it.each([
    ['no number', ['--threads', 'many'], /--threads: got "many".* or auto/],
    ['none', ['--threads', '0'], /from 1 to 1024, or auto/],
    ['several replications', ['--threads', '2', '--reps', '3'], /single run.*--parallel/],
  ])('is refused with %s: exit code 2', async (_, more, message) => {
    const { code, stderr } = await orrery([...RUN, ...more], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
