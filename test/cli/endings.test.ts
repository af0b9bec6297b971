/** How a run ends when something outside goes wrong: signals, a reader that leaves, an output that cannot be written. */
import { createHash } from 'node:crypto';
import {
  chmodSync,
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
  cwd = mkdtempSync(join(tmpdir(), 'orrery-endings-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const ENDLESS = ['run', 'small.yaml', 'horizon=5000w', '--seed', '1'];
const isRoot = process.getuid?.() === 0;

describe('orrery run', { timeout: 60_000 }, () => {
  it('stops at once on a second signal, and leaves no half-written folder', async () => {
    const done = await orrery([...ENDLESS, '--out', 'twice'], {
      cwd,
      onStart: (child) => {
        child.stderr!.once('data', () => {
          child.kill('SIGINT');
          // The first is answered on stderr; the second must not wait for the bundle.
          child.stderr!.on('data', (text) => {
            if (String(text).includes('SIGINT: stopping')) child.kill('SIGINT');
          });
        });
      },
    });
    expect(done.code).toBe(130);
    expect(readdirSync(cwd).filter((name) => name.includes('twice'))).toHaveLength(
      existsSync(join(cwd, 'twice')) ? 1 : 0,
    );
  });

  it('goes on when the reader of its output leaves', async () => {
    const done = await orrery(['run', 'small.yaml', '--seed', '1', '--out', 'piped'], {
      cwd,
      onStart: (child) => {
        child.stdout!.destroy();
        child.stderr!.destroy();
      },
    });
    expect(done.code).toBe(0);
    expect(JSON.parse(readFileSync(join(cwd, 'piped/manifest.json'), 'utf8')).complete).toBe(true);
  });

  it('refuses an output below a file before it simulates', async () => {
    writeFileSync(join(cwd, 'file'), 'x');
    for (const out of ['file', 'file/below']) {
      const done = await orrery([...ENDLESS, '--out', out], { cwd });
      expect([done.code, done.stdout], out).toEqual([3, '']);
      expect(done.stderr).toMatch(/^error: .*file/m);
    }
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('x');
  });

  it.skipIf(isRoot)('says that a folder cannot be written', async () => {
    mkdirSync(join(cwd, 'locked'));
    chmodSync(join(cwd, 'locked'), 0o500);
    const done = await orrery([...ENDLESS, '--out', 'locked/out'], { cwd });
    expect(done.code).toBe(3);
    expect(done.stderr).toMatch(/locked/);
  });

  it('keeps the earlier bundle when a later run fails', async () => {
    const first = await orrery(['run', 'small.yaml', '--seed', '1', '--out', 'kept'], { cwd });
    const hash = hashOf('kept/result.json');
    const args = ['run', 'small.yaml', '--seed', '1', '--out', 'kept', '--plugin', 'none.ts'];
    expect([first.code, (await orrery(args, { cwd })).code]).toEqual([0, 2]);
    expect(hashOf('kept/result.json')).toBe(hash);
    expect(readdirSync(cwd).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  });

  it('writes the same bytes twice, but for runtime.json', async () => {
    for (const out of ['first', 'second']) {
      const done = await orrery(['run', 'small.yaml', '--seed', '5', '--out', out, '-q'], { cwd });
      expect(done).toEqual({ code: 0, stdout: `bundle ${out}\n`, stderr: '' });
    }
    const files = readdirSync(join(cwd, 'first')).sort();
    expect(readdirSync(join(cwd, 'second')).sort()).toEqual(files);
    const same = files.filter((file) => hashOf(`first/${file}`) === hashOf(`second/${file}`));
    expect(same).toEqual(files.filter((file) => file !== 'runtime.json'));
  });

  it('never says where it ran, but in runtime.json', async () => {
    await orrery(['run', 'small.yaml', '--seed', '5', '--out', 'first', '-q'], { cwd });
    for (const file of readdirSync(join(cwd, 'first')).filter((name) => name !== 'runtime.json')) {
      expect(readFileSync(join(cwd, 'first', file), 'latin1'), file).not.toContain(cwd);
    }
  });
});

function hashOf(file: string): string {
  return createHash('sha256')
    .update(readFileSync(join(cwd, file)))
    .digest('hex');
}
