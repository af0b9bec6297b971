/** The verbs that read bundles and those that help to begin, as real processes. */
import { spawnSync } from 'node:child_process';
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
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-bundles-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
  const run = await orrery(['run', 'small.yaml', 'seed=1', '--out', 'out'], { cwd });
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(/NEXT .* bundle \([\d.]+ [kM]B\)/);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const read = (...path: string[]) => readFileSync(join(cwd, ...path), 'utf8');

describe('orrery report', { timeout: 60_000 }, () => {
  it('writes byte for byte the report that the run wrote', async () => {
    const written = read('out', 'report.html');
    rmSync(join(cwd, 'out', 'report.html'));
    const done = await orrery(['report', 'out'], { cwd });
    expect(done).toEqual({ code: 0, stdout: `report ${join('out', 'report.html')}\n`, stderr: '' });
    expect(read('out', 'report.html')).toBe(written);
    expect((await orrery(['report', 'out', '-o', '-'], { cwd })).stdout).toBe(written);
  });

  it('says what is wrong with a folder that is no bundle, with exit 3', async () => {
    mkdirSync(join(cwd, 'empty'));
    const { code, stdout, stderr } = await orrery(['report', 'empty'], { cwd });
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(/^error: .*manifest\.json.*no such file/);
  });
});

describe('orrery export', { timeout: 60_000 }, () => {
  it('gives result.json as it is', async () => {
    const { code, stdout } = await orrery(['export', 'json', 'out'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toBe(read('out', 'result.json'));
  });

  it('writes tables and figures into folders, and one of them to stdout', async () => {
    const [tables, pictures] = await Promise.all([
      orrery(['export', 'csv', 'out', '-o', 'tables'], { cwd }),
      orrery(['export', 'svg', 'out', '-o', 'pictures'], { cwd }),
    ]);
    expect([tables.code, pictures.code]).toEqual([0, 0]);
    const names = readdirSync(join(cwd, 'pictures')).map((file) => file.replace('.svg', ''));
    expect(names.length).toBeGreaterThan(8);
    expect(readdirSync(join(cwd, 'tables')).sort()).toEqual(
      [...names, 'metrics'].map((name) => `${name}.csv`).sort(),
    );
    const args = ['export', 'csv', 'out', '--figure', 'metrics', '-o', '-'];
    expect((await orrery(args, { cwd })).stdout).toBe(read('tables', 'metrics.csv'));
  });

  it.each([
    ['an unknown figure', ['svg', 'out', '--figure', 'wiat'], /--figure: got "wiat".*wait/],
    ['many figures for one file', ['svg', 'out', '-o', 'a.svg'], /--out: got a.svg.*--figure/],
    ['series as pictures', ['svg', 'out', '--series'], /--series: expected json, not svg/],
    ['a figure as JSON', ['json', 'out', '--figure', 'wait'], /--figure: expected csv or svg/],
    ['two contents', ['json', 'out', '--series', '--distributions'], /either --series or/],
    ['an unknown format', ['pdf', 'out'], /Allowed choices are csv, json, junit, svg/],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await orrery(['export', ...args], { cwd });
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('orrery init', { timeout: 60_000 }, () => {
  it('writes a template that validates, says what is next, and never overwrites', async () => {
    const done = await orrery(['init', 'mine/first.yaml', '--template', 'queue'], { cwd });
    expect(done.stdout).toMatch(
      /^wrote mine\/first.yaml: how long .*\nNEXT {3}orrery run mine\/first.yaml\n$/,
    );
    expect((await orrery(['validate', 'mine/first.yaml'], { cwd })).code).toBe(0);
    writeFileSync(join(cwd, 'mine/first.yaml'), 'mine');
    const again = await orrery(['init', 'mine/first.yaml'], { cwd });
    expect([again.code, again.stdout]).toEqual([2, '']);
    expect(again.stderr).toMatch(/expected a file that is new/);
    expect(read('mine/first.yaml')).toBe('mine');
  });

  it('takes a folder, and suggests the nearest template', async () => {
    await orrery(['init', 'there'], { cwd });
    expect(existsSync(join(cwd, 'there/capacity.yaml'))).toBe(true);
    const wrong = await orrery(['init', '--template', 'hybrid-brust'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toMatch(/did you mean hybrid-burst/);
  });
});

describe('orrery doctor', { timeout: 60_000 }, () => {
  it('finds this installation fit, and exits with 2 where something fails', async () => {
    const well = await orrery(['doctor'], { cwd, env: { ORRERY_DATA: '' } });
    expect(well.stdout).toMatch(/^ok {4}node {6}v/);
    expect(well.code).toBe(0);
    const ill = await orrery(['doctor', '--format', 'json'], { cwd, env: { ORRERY_DATA: 'no' } });
    expect(ill.code).toBe(2);
    expect(JSON.parse(ill.stdout)).toMatchObject({ ok: false });
  });
});

describe('orrery completion', { timeout: 60_000 }, () => {
  const hasBash = spawnSync('bash', ['--version']).status === 0;

  it.skipIf(!hasBash)('completes verbs, flags, values and files in a real bash', async () => {
    const script = (await orrery(['completion', 'bash'], { cwd })).stdout;
    writeFileSync(join(cwd, 'completion.bash'), script);
    const complete = (...words: string[]): string[] => {
      const code =
        // biome-ignore lint/suspicious/noTemplateCurlyInString: bash has such places, too.
        'source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _orrery; printf "%s\\n" "${COMPREPLY[@]}"';
      const done = spawnSync('bash', ['--norc', '-c', code, 'bash', ...words], {
        cwd,
        encoding: 'utf8',
      });
      expect(done.stderr).toBe('');
      return done.stdout
        .split('\n')
        .filter((line) => line !== '')
        .sort();
    };
    expect(complete('orrery', 're')).toEqual(['report']);
    expect(complete('orrery', 'run', 'sma')).toEqual(['small.yaml']);
    expect(complete('orrery', 'run', 'small.yaml', '--pro')).toEqual(['--progress']);
    expect(complete('orrery', 'run', '--progress', 'j')).toEqual(['json']);
    expect(complete('orrery', 'init', '--template', 'q')).toEqual(['queue']);
    // The value of an option is no position: the format is still to come, then the bundle, a folder.
    expect(complete('orrery', 'export', '--figure', 'wait', '')).toEqual([
      'csv',
      'json',
      'junit',
      'svg',
    ]);
    expect(complete('orrery', 'export', 'csv', 'ou')).toEqual(['out']);
    expect(complete('orrery', 'run', '--seed', '')).toEqual([]);
    mkdirSync(join(cwd, 'with space'));
    expect(complete('orrery', 'report', 'with')).toEqual(['with space']);
  });

  it('has a script that each other shell accepts, where that is installed', async () => {
    for (const shell of ['zsh', 'fish']) {
      const { code, stdout } = await orrery(['completion', shell], { cwd });
      expect(code).toBe(0);
      expect(stdout).toMatch(/--?progress|-l progress/);
      writeFileSync(join(cwd, `completion.${shell}`), stdout);
      if (spawnSync(shell, ['--version']).status !== 0) continue;
      const checked = spawnSync(shell, ['-n', `completion.${shell}`], { cwd, encoding: 'utf8' });
      expect([checked.status, checked.stderr]).toEqual([0, '']);
    }
  });
});
