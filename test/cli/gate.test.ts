/** Thresholds and baselines on the command line: what is told, and with which code. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery, SMALL } from './command.ts';

let cwd: string;
const run = (...args: string[]) => orrery(['run', 'small.yaml', '--seed', '7', ...args], { cwd });
const check = (...args: string[]) => orrery(['check', ...args], { cwd });
const manifest = (bundle: string) =>
  JSON.parse(readFileSync(join(cwd, bundle, 'manifest.json'), 'utf8'));

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-gate-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
  expect((await run('-q', '--out', 'whole', 'thresholds.pods_lost_total=count == 0')).code).toBe(0);
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('a threshold with abort', { timeout: 60_000 }, () => {
  it.each([[[]], [['--reps', '2']]])(
    'ends the run with 99 and leaves a bundle that says so %s',
    async (more) => {
      const abort = 'thresholds.pods_arrived_total=count <= 20 abort';
      const { code } = await run('-q', '--out', 'lost', abort, ...more);
      expect(code).toBe(99);
      expect(manifest('lost')).toMatchObject({
        complete: false,
        stopped: 'threshold pods_arrived_total count <= 20 abort',
      });
      const again = await check('lost', '--json');
      expect([again.code, JSON.parse(again.stdout).codes]).toEqual([99, [99]]);
    },
  );
});

describe('a file of thresholds', { timeout: 60_000 }, () => {
  const text =
    'thresholds:\n  pods_arrived_total:\n    - "count > 0"\n    - "count >> 0"\n  speed: ["max < 1"]\n';

  it('is refused before anything is simulated, each mistake at its line', async () => {
    writeFileSync(join(cwd, 'wrong.yaml'), text);
    for (const found of [
      await run('--out', 'never', '--thresholds', 'wrong.yaml'),
      await check('whole', '--thresholds', 'wrong.yaml'),
    ]) {
      expect([found.code, found.stdout]).toEqual([2, '']);
      expect(found.stderr).toMatch(
        /^error: wrong\.yaml:4:\d+ thresholds\.pods_arrived_total\[1\]: .* at character 8/m,
      );
      expect(found.stderr).toMatch(
        /^error: wrong\.yaml:5:\d+ thresholds\.speed\[0\]: .*a metric of the catalogue/m,
      );
    }
  });

  it('may be another scenario, of which only the thresholds are read', async () => {
    writeFileSync(
      join(cwd, 'other.yaml'),
      `nonsense: 1\n${text.replace('>>', '<').replace('speed', 'pods_pending').replace('max < 1', 'max >= 0')}`,
    );
    const { code, stdout } = await check('whole', '--thresholds', 'other.yaml');
    expect([code, stdout]).toEqual([99, expect.stringContaining('1 fail, 2 pass')]);
  });

  it('asks a stored bundle what the run was not asked', async () => {
    writeFileSync(
      join(cwd, 'new.yaml'),
      'pod_wait_seconds: ["max < 1m over 10m", "p(90) < 1m during [10m, 20m)", "max < 1m during peak"]\n',
    );
    expect((await check('whole', '--thresholds', 'new.yaml')).code).toBe(0);
    writeFileSync(join(cwd, 'cut.yaml'), 'pod_wait_seconds: ["p(90) < 1m during [10m, 10m1s)"]\n');
    const cut = await check('whole', '--thresholds', 'cut.yaml');
    expect([cut.code, cut.stderr]).toEqual([
      2,
      expect.stringContaining('a window between series buckets'),
    ]);
  });

  it('that is empty is warned of', async () => {
    writeFileSync(join(cwd, 'empty.yaml'), 'thresholds: {}\n');
    const warning = /warning: the list of thresholds is empty, so nothing will be checked/;
    expect((await run('--out', 'x', '--thresholds', 'empty.yaml')).stderr).toMatch(warning);
    expect((await run('--out', 'x', 'thresholds={}')).stderr).toMatch(warning);
    expect((await run('--out', 'x')).stderr).not.toMatch(warning);
    expect((await check('whole', '--thresholds', 'empty.yaml')).stderr).toMatch(
      /nothing was checked/,
    );
  });
});

describe('check and comment', { timeout: 60_000 }, () => {
  it('show three examples first, and the nearest option for a wrong one', async () => {
    for (const verb of ['check', 'comment']) {
      const help = await orrery([verb, '--help'], { cwd });
      expect(help.stdout).toMatch(
        new RegExp(`^Examples:\\n( {2}orrery ${verb} .*\\n){3}\\n+Usage:`),
      );
      const wrong = await orrery([verb, 'whole', '--baselin', 'x'], { cwd });
      expect([wrong.code, wrong.stderr]).toEqual([
        2,
        expect.stringContaining('Did you mean --baseline?'),
      ]);
    }
  });

  it('refuse what is no bundle, and a key that could close the comment', async () => {
    expect((await check('.')).code).toBe(3);
    const key = await orrery(['comment', 'whole', '--key', 'a-->b'], { cwd });
    expect([key.code, key.stderr]).toEqual([2, expect.stringContaining('--key')]);
    const pr = await orrery(['comment', 'whole', '--pr', 'x'], { cwd });
    expect(pr.stderr).toMatch(/--pr: got "x".*\n.*--pr: expected --post with it/);
  });

  it('judge a whole bundle again as its run did', async () => {
    const { code, stdout, stderr } = await check('whole');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^CHECK {2}small, seed 7, one replication: 1 pass\n {2}✓ pods_lost_total {2}count == 0 {2}0 pods\nEXIT {3}0\n$/,
    );
    const junit = await orrery(['export', 'junit', 'whole'], { cwd });
    expect(junit.stdout).toContain('<testcase classname="pods_lost_total" name="count == 0"/>');
  });
});
