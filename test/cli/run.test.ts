import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery, SMALL } from './command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-cli-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const json = (...path: string[]) => JSON.parse(readFileSync(join(cwd, ...path), 'utf8'));

describe('orrery run', { timeout: 60_000 }, () => {
  it('writes the bundle to reports/<name> and names it on the last line', async () => {
    const { code, stdout, stderr } = await orrery(['run', 'small.yaml', '--seed', '7'], { cwd });
    expect(stderr).toMatch(/^ {2}0 %/m);
    expect(code).toBe(0);
    expect(stdout.endsWith('\nbundle reports/small\n')).toBe(true);
    expect(readdirSync(join(cwd, 'reports/small')).sort()).toEqual([
      'distributions.json',
      'manifest.json',
      'report.html',
      'result.json',
      'runtime.json',
      'series.csv',
      'series.parquet',
    ]);
    expect(json('reports/small/manifest.json')).toMatchObject({ complete: true, seed: 7 });
  });

  it('takes seed=7, --seed 7 and the file’s seed as one thing, byte for byte but for the scenario’s hash', async () => {
    writeFileSync(join(cwd, 'seeded.yaml'), `${SMALL}seed: 7\n`);
    const [a, b, c] = await Promise.all([
      orrery(['run', 'small.yaml', 'seed=7', '--out', 'a', '--json', '-q'], { cwd }),
      orrery(['run', 'small.yaml', '--seed', '7', '--out', 'b', '--json', '-q'], { cwd }),
      orrery(['run', 'seeded.yaml', '--out', 'c', '--json', '-q'], { cwd }),
    ]);
    expect([a.code, b.code, c.code]).toEqual([0, 0, 0]);
    expect(a.stderr).toBe('');
    expect(JSON.parse(a.stdout)).toMatchObject({ schema: 'orrery.result/1', seed: 7 });
    expect(b.stdout).toBe(a.stdout);
    expect(c.stdout).toBe(a.stdout);
    for (const file of readdirSync(join(cwd, 'a')).filter((name) => name !== 'runtime.json')) {
      const left = readFileSync(join(cwd, 'a', file));
      expect(left.equals(readFileSync(join(cwd, 'b', file))), file).toBe(true);
    }
  });

  it('draws a seed and prints it before anything else, and reads stdin', async () => {
    const done = await orrery(['run', '-', '--out', 'stdin'], { cwd, stdin: SMALL });
    expect(done.stderr).toMatch(/^seed \d+ \(drawn; repeat this run with --seed \d+\)\n/);
    expect(done.code).toBe(0);
  });

  it('applies overrides, and fails a threshold with 99', async () => {
    const threshold = `${SMALL}thresholds:\n  pods_arrived_total: ["count < 1"]\n`;
    writeFileSync(join(cwd, 'failing.yaml'), threshold);
    const args = ['run', 'failing.yaml', 'horizon=10m', '--seed', '1', '--out', 'failing'];
    const { code, stdout } = await orrery(args, { cwd });
    expect(code).toBe(99);
    expect(stdout).toMatch(/✗/);
    expect(json('failing/result.json')).toMatchObject({ horizonSeconds: 600 });
    expect(json('failing/manifest.json').overrides).toEqual(['horizon=10m']);
  });

  it('replaces its own bundle and refuses another folder before it simulates', async () => {
    const again = await orrery(['run', 'small.yaml', '--seed', '8', '-q'], { cwd });
    expect([again.code, again.stdout]).toEqual([0, 'bundle reports/small\n']);
    mkdirSync(join(cwd, 'mine'));
    writeFileSync(join(cwd, 'mine', 'notes.txt'), 'x');
    const refused = await orrery(['run', 'small.yaml', '--seed', '8', '--out', 'mine'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/^error: --out: got mine, expected a new or empty folder/);
    expect(readdirSync(join(cwd, 'mine'))).toEqual(['notes.txt']);
  });

  it('stops at the time limit with 124 and a bundle marked incomplete', async () => {
    const args = ['run', 'small.yaml', 'horizon=5000w', '--seed', '1', '--out', 'late'];
    const done = await orrery([...args, '--time-limit', '1s'], { cwd });
    expect(done.code).toBe(124);
    expect(json('late/manifest.json')).toMatchObject({ complete: false, stopped: 'time limit' });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('stops on %s with %i and a bundle marked incomplete', async (signal, exit) => {
    const out = `stopped-${signal}`;
    const done = await orrery(['run', 'small.yaml', 'horizon=5000w', '--seed', '1', '--out', out], {
      cwd,
      onStart: (child) => {
        child.stderr!.once('data', () => child.kill(signal));
      },
    });
    expect(done.code).toBe(exit);
    expect(json(out, 'result.json')).toMatchObject({ complete: false });
    expect(existsSync(join(cwd, out, 'report.html'))).toBe(true);
  });

  it.each([
    ['an unknown key', ['run', 'small.yaml', 'horizn=6h'], /horizn.*horizon/],
    ['an override without =', ['run', 'small.yaml', 'horizon'], /key=value/],
    ['a seed that is none', ['run', 'small.yaml', 'seed=x'], /seed: got "x"/],
    ['two seeds', ['run', 'small.yaml', 'seed=1', '--seed', '2'], /one seed/],
    ['an unknown flag', ['run', 'small.yaml', '--sed', '1'], /Did you mean --seed/],
    ['an unknown verb', ['rnu'], /Did you mean run/],
    ['a missing file', ['run', 'none.yaml'], /none.yaml.*no such file/],
    [
      'an unknown policy',
      ['run', 'small.yaml', 'seed=1', 'policies.scheduling=best-fir'],
      /best-fit/,
    ],
    ['a missing plug-in', ['run', 'small.yaml', 'seed=1', '--plugin', 'none.ts'], /none.ts/],
    ['a time limit that is none', ['run', 'small.yaml', '--time-limit', 'soon'], /--time-limit/],
  ])('refuses %s with exit 2 and one clear error', async (_, args, message) => {
    const { code, stdout, stderr } = await orrery(args, { cwd });
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).not.toMatch(/\n {4}at /);
  });

  it('gives a malformed trace exit 3 with its line', async () => {
    writeFileSync(
      join(cwd, 'jobs.csv'),
      'submit_s,duration_s,pods,cpu_milli,memory_mib\n5,1,1,1,1\n4,1,1,1,1\n',
    );
    const trace = SMALL.replace('{poisson: 0.1/s}', '{trace: {format: csv, path: jobs.csv}}');
    writeFileSync(join(cwd, 'trace.yaml'), trace);
    const { code, stderr } = await orrery(['run', 'trace.yaml', '--seed', '1'], { cwd });
    expect(stderr).toMatch(/jobs.csv:3:1 submit_s: got "4"/);
    expect(code).toBe(3);
  });

  it('runs a plug-in written in TypeScript and names it in the manifest', async () => {
    const source = `import { defineScheduling } from 'orrery';
      const highest: string = 'acme/last-fit';
      export default defineScheduling({ name: highest, summary: 'The highest index.', create: () => ({
        kind: 'profile', ties: 'index',
        scores: [{ weight: 1, score: { name: 'index', dependsOn: 'static',
          add(pod, candidates, count, cluster, scores, weight) {
            for (let i = 0; i < count; i++) scores[i] += weight * candidates[i];
          } } }],
      }) });\n`;
    writeFileSync(join(cwd, 'last-fit.ts'), source);
    const args = [
      'run',
      'small.yaml',
      'seed=1',
      'policies.scheduling=acme/last-fit',
      '--out',
      'plug',
    ];
    const { code, stderr } = await orrery([...args, '--plugin', 'last-fit.ts', '--check'], { cwd });
    expect(stderr).not.toMatch(/error/);
    expect(code).toBe(0);
    const manifest = json('plug/manifest.json');
    expect(manifest.plugins[0].name).toBe('last-fit.ts');
    expect(manifest.policies[0].scheduling).toBe('acme/last-fit');
  });
});
