/** Each option of `orrery sweep` and `sweep merge` does something that can be seen, or is refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepCommand } from '../../src/cli/sweep.ts';
import { type Finished, orrery } from './command.ts';
import { DUEL } from './sweep-folder.ts';

let cwd: string;
const at = (...parts: string[]) => join(cwd, ...parts);
const planOf = (folder: string) => JSON.parse(readFileSync(at(folder, 'study.json'), 'utf8'));
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-sweeps-'));
  writeFileSync(at('duel.yaml'), DUEL);
  writeFileSync(
    at('mine.js'),
    `export default {
  contract: 'scheduling', name: 'acme/mine', summary: 'All equal.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'none', dependsOn: 'own-node', add() {} } }] }),
};\n`,
  );
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const AXIS = 'policies.scheduling=most-allocated,least-allocated';
const BASE = ['sweep', 'duel.yaml', AXIS, 'horizon=10m', '--seed', '3', '--jobs', '1'];
const OUT = 'reports/duel-sweep';

type Shows = (before: Finished, after: Finished) => void;
/** Flag, arguments without it, what is added, what that shows in. */
type Row = readonly [string, readonly string[], readonly string[], Shows];
const exits = (first: number, second: number) => (before: Finished, after: Finished) =>
  expect([before.code, after.code]).toEqual([first, second]);

const FLAGS: readonly Row[] = [
  ['--seed', BASE.slice(0, 4), ['--seed', '9'], () => expect(planOf(OUT).seed).toBe(9)],
  ['--reps', BASE, ['--reps', '2'], () => expect(planOf(OUT).runs).toHaveLength(4)],
  ['--out', BASE, ['--out', 'there'], () => expect(planOf('there').complete).toBe(true)],
  [
    '--jobs',
    [...BASE.slice(0, -2), '--dry-run', '--out', 'none', '--reps', '4'],
    ['--jobs', '3'],
    (_, after) => expect(after.stdout).toContain(' on 3 cores'),
  ],
  [
    '--shard',
    BASE,
    ['--shard', '2/2', '--out', 'part'],
    () => expect(planOf('part').shard).toEqual({ index: 2, count: 2 }),
  ],
  [
    '--dry-run',
    BASE,
    ['--dry-run', '--out', 'never'],
    (_, after) => {
      expect(after.stdout).toMatch(/^PLAN {5}duel-sweep {4}2 points x 1 replication, seed 3$/m);
      expect(after.stdout).toMatch(/^runs {5}2, of which 0 are there$/m);
      expect(after.stdout).toMatch(/^ {2}[0-9a-f]{12} {2}least-allocated {2}replication 0$/m);
      expect(existsSync(at('never'))).toBe(false);
    },
  ],
  [
    '--resume',
    [...BASE, '--no-resume'],
    ['--resume'],
    (_, after) => expect(after.stderr).toBe('runs 2 of 2 (2 were there)\n'),
  ],
  [
    '--no-resume',
    BASE,
    ['--no-resume'],
    (_, after) => expect(after.stderr).not.toMatch(/were there/),
  ],
  [
    '--baseline',
    BASE,
    ['--baseline', 'least-allocated'],
    () => expect(planOf(OUT).comparison.baseline).toBe('least-allocated'),
  ],
  [
    '--metrics',
    BASE,
    ['--metrics', 'cost_dollars'],
    (_, after) => {
      expect(after.stdout).toContain('cost_dollars');
      expect(after.stdout).not.toContain('pod_wait_seconds');
    },
  ],
  [
    '--fail-on',
    [...BASE.map((word) => word.replace('10m', '1h')), '--reps', '4', '--out', 'gate'],
    ['--fail-on', 'worse'],
    exits(0, 98),
  ],
  [
    '--plugin',
    [
      ...BASE.slice(0, 2),
      'policies.scheduling=first-fit,acme/mine',
      ...BASE.slice(3),
      '--out',
      'own',
    ],
    ['--plugin', 'mine.js'],
    exits(2, 0),
  ],
  [
    '--json',
    BASE,
    ['--json'],
    (_, after) => expect(JSON.parse(after.stdout).schema).toBe('orrery.study-comparison/1'),
  ],
  [
    '--quiet',
    BASE,
    ['--quiet'],
    (_, after) => expect(after).toEqual({ code: 0, stdout: `study ${OUT}\n`, stderr: '' }),
  ],
  [
    'merge --out',
    ['sweep', 'merge', 'part'],
    ['--out', 'merged'],
    (before, after) => {
      expect([before.code, before.stderr]).toEqual([2, expect.stringContaining('--out')]);
      expect(after.code).toBe(3);
    },
  ],
  [
    'merge --quiet',
    ['sweep', 'merge', 'there', '--out', 'copy'],
    ['--quiet'],
    (_, after) => expect(after.stdout).toBe('study copy\n'),
  ],
];

describe('the options of sweep', { timeout: 600_000 }, () => {
  it('all have a case here', () => {
    const verb = sweepCommand();
    const merge = verb.commands[0]!;
    const options = [
      ...verb.options.map(({ long }) => String(long)),
      ...merge.options.map(({ long }) => `merge ${long}`),
    ];
    expect(FLAGS.map(([flag]) => flag).sort()).toEqual(options.sort());
  });

  it.each(FLAGS)('%s differs from the same without', async (_, without, added, shows) => {
    const before = await orrery(without, { cwd });
    shows(before, await orrery([...without, ...added], { cwd }));
  });

  it.each([
    [['--seed', '-1'], /--seed: got "-1", expected a whole number from 0/],
    [['--reps', '0'], /--reps: got "0", expected a whole number from 1 to 10000/],
    [['--jobs', '1.5'], /--jobs: got "1\.5", expected a whole number/],
    [['--shard', '3/2'], /--shard: got "3\/2", expected a part i\/n with 1 <= i <= n/],
    [['--fail-on', 'better'], /Allowed choices are worse/],
    [['--baseline', 'most'], /baseline: got "most", expected the label of a value of an axis/],
    [['--metrics', 'cost'], /--metrics, character 1: got cost/],
    [['seed=1'], /seed: got 1 and 3, expected one seed/],
    [['seed=1,2'], /seed: got 1,2, expected one seed/],
    [['horizon=1h,2h'], /horizon: expected each field only once/],
    [['warmup=range(0m,5m)'], /warmup: got range\(0m,5m\), expected range\(from,to,step\)/],
    [['--plugin', 'none.js'], /none\.js/],
  ])('%s is refused before anything runs', async (words, message) => {
    const options = words[0]!.startsWith('--')
      ? [...BASE, ...words]
      : [...BASE.slice(0, 4), ...words, ...BASE.slice(4)];
    const { code, stdout, stderr } = await orrery(options, { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});

describe('a sweep without what it needs', { timeout: 600_000 }, () => {
  it.each([
    [['duel.yaml'], /expected an axis: key=a,b,c or key=range\(0,1,0\.1\), or a study file/],
    [['-', AXIS], /got -, expected a file/],
    [['none.yaml', AXIS], /none\.yaml/],
    [['duel.yaml', 'horizon=10m,20m', '--json'], /--json: expected a study with a comparison/],
    [['duel.yaml', 'horizon=10m,20m', '--fail-on', 'worse'], /--fail-on: expected a study with/],
  ])('%s is refused', async (words, message) => {
    const { code, stderr } = await orrery(['sweep', ...words], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('leaves a folder alone that holds something else, or another study', async () => {
    writeFileSync(at('mine.txt'), '');
    const foreign = await orrery([...BASE, '--out', '.'], { cwd });
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      expect.stringMatching(/--out: got \., expected a new or empty folder, or that of an earlier/),
    ]);
    await orrery([...BASE, '-q', '--out', 'first'], { cwd });
    writeFileSync(at('other.yaml'), DUEL.replace('name: duel', 'name: other'));
    const other = await orrery(['sweep', 'other.yaml', AXIS, '--seed', '3', '--out', 'first'], {
      cwd,
    });
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringMatching(/it holds the study duel-sweep; choose another folder/),
    ]);
  });

  it('keeps the seed that was drawn, so that it can go on', async () => {
    const args = ['sweep', 'duel.yaml', AXIS, 'horizon=10m', '--out', 'drawn'];
    const first = await orrery(args, { cwd });
    expect(first.stderr).toMatch(/^seed \d+ \(drawn; repeat this study with --seed \d+\)$/m);
    const again = await orrery(args, { cwd });
    expect(again.stderr).toMatch(/^seed \d+, of the study that is in drawn\nruns 2 of 2 \(2 were/);
  });

  it('compares scenarios that differ only where a baseline asks for it, under a banner', async () => {
    const args = ['sweep', 'duel.yaml', 'horizon=10m,20m', '--seed', '3', '--out', 'plain'];
    const plain = await orrery(args, { cwd });
    expect([plain.code, existsSync(at('plain', 'comparison.json'))]).toEqual([0, false]);
    const forced = await orrery([...args, '--baseline', '10m'], { cwd });
    expect(forced.code).toBe(0);
    expect(readFileSync(at('plain', 'comparison.txt'), 'utf8')).toContain('DIFFERENT SCENARIOS');
  });

  it('names the run that a plug-in breaks', async () => {
    const liar = `export default {
  contract: 'scheduling', name: 'acme/liar', summary: 'Scores nothing.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'nan', dependsOn: 'own-node', add() { throw new Error('no idea'); } } }] }),
};\n`;
    writeFileSync(at('liar.js'), liar);
    const args = ['policies.scheduling=first-fit,acme/liar', '--plugin', 'liar.js', '--seed', '1'];
    const { code, stderr } = await orrery(['sweep', 'duel.yaml', ...args, '--out', 'lies'], {
      cwd,
    });
    expect(code).toBe(7);
    expect(stderr).toMatch(/^failed: acme-liar, replication 0; finished runs stay$/m);
    expect(planOf('lies').complete).toBe(false);
  });
});

describe('the help of sweep', { timeout: 60_000 }, () => {
  it('starts with three examples, as that of merge', async () => {
    for (const words of [['sweep'], ['sweep', 'merge']]) {
      const { code, stdout } = await orrery([...words, '--help'], { cwd });
      expect(code).toBe(0);
      expect(stdout.match(/^ {2}orrery sweep /gm)?.length, words.join(' ')).toBeGreaterThanOrEqual(
        3,
      );
      expect(stdout).toMatch(/^Examples:\n/);
    }
  });
});
