/** Outputs that cannot be written and plug-ins that misbehave, through the command: exit code, one message, nothing lost. */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installed, orrery, SMALL } from '../cli/command.ts';

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-outputs-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
  writeFileSync(join(cwd, 'file'), 'x');
  mkdirSync(join(cwd, 'other'));
  writeFileSync(join(cwd, 'other/notes.txt'), 'mine');
  symlinkSync('loop-b', join(cwd, 'loop-a'));
  symlinkSync('loop-a', join(cwd, 'loop-b'));
  const done = await orrery(['run', 'small.yaml', '--seed', '1', '-q', '--out', 'good'], { cwd });
  expect(done.code).toBe(0);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const RUN = ['run', 'small.yaml', '--seed', '1', '-q', '--out'];
const HINT = /choose another folder/;

describe('an output', { timeout: 60_000 }, () => {
  // biome-ignore format: a table reads by lines
  it.each([
    ['a bundle that is a file', [...RUN, 'file'], 3, HINT],
    ['a bundle below a file', [...RUN, 'file/out'], 3, HINT],
    ['a bundle in a loop of links', [...RUN, 'loop-a/out'], 3, /loop of links.*choose another/],
    ['a bundle of 300 letters', [...RUN, 'x'.repeat(300)], 3, /too long.*choose another/],
    ['a bundle where notes are', [...RUN, 'other'], 2, /an earlier bundle.*another file; choose another/],
    ['a bundle in the folder of scenarios', [...RUN, '.'], 2, /other files; choose another/],
    ['a report below a file', ['report', 'good', '--out', 'file/a.html'], 3, /a file that can be written/],
    ['a report that is a folder', ['report', 'good', '--out', 'other'], 3, /this is a folder/],
    ['tables below a file', ['export', 'csv', 'good', '--out', 'file'], 3, /file\/metrics\.csv.*can be written/],
    ['a schema below a file', ['schema', '--out', 'file/x'], 3, /a file that can be written/],
    ['a new scenario over a file', ['init', 'small.yaml'], 2, /a file that is new.*nothing was written/],
    ['a report of nothing', ['report', 'none'], 3, /none\/manifest\.json.*no such file/],
    ['a report of a file', ['report', 'file'], 3, /is a file, not a folder/],
    ['an unknown figure', ['export', 'svg', 'good', '--figure', 'nope'], 2, /a figure.*there are/],
    ['a table where json is', ['export', 'json', 'good', '--figure', 'metrics'], 2, /csv or svg, not json/],
  ] as const)('such as %s is refused, and what is there stays', async (_, args, code, says) => {
    const done = await orrery(args, { cwd });
    expect(done.stderr).toMatch(says);
    expect([done.code, done.stdout]).toEqual([code, '']);
    expect(done.stderr.trim().split('\n')).toHaveLength(1);
    expect(done.stderr).not.toMatch(/bug of orrery/);
    expect(readFileSync(join(cwd, 'file'), 'utf8')).toBe('x');
    expect(readdirSync(join(cwd, 'other'))).toEqual(['notes.txt']);
    expect(readdirSync(cwd).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self'))(
    'where no folder can be made is refused without waiting',
    async () => {
      const done = await orrery([...RUN, '/proc/none/out'], { cwd });
      expect(done.code).toBe(3);
      expect(done.stderr).toMatch(HINT);
    },
  );

  it.skipIf(!existsSync('/dev/full'))(
    'to a full disk is told with 3, and the bundle is whole',
    async () => {
      for (const args of [
        [...RUN, 'full'],
        [...RUN, 'full', '--json'],
        ['schema'],
        ['export', 'json', 'good'],
      ]) {
        const { code, stderr } = await shell('"$@" > /dev/full', args);
        expect([code, stderr], args.join(' ')).toEqual([
          3,
          'error: got stdout, expected an output that can be written (no space left on the device)\n',
        ]);
      }
      expect(JSON.parse(readFileSync(join(cwd, 'full/manifest.json'), 'utf8')).complete).toBe(true);
    },
  );

  it.skipIf(!existsSync('/dev/full'))(
    'of messages to a full disk does not stop a run',
    async () => {
      const { code } = await shell('"$@" 2> /dev/full', [
        'run',
        'small.yaml',
        '--seed',
        '1',
        '--out',
        'mute',
      ]);
      expect(code).toBe(0);
      expect(existsSync(join(cwd, 'mute/report.html'))).toBe(true);
    },
  );

  it('past the limit of the file size leaves nothing half written, and the earlier bundle', async () => {
    const before = readFileSync(join(cwd, 'good/manifest.json'), 'utf8');
    const args = ['run', 'small.yaml', '--seed', '2', '-q', '--out', 'good'];
    // Blocks of 1,024 bytes in bash: 8 KiB are less than the series.
    const { code, stderr } = await shell('ulimit -f 8; "$@"', args);
    expect(stderr).toMatch(
      /error: got good, .*larger than the system allows; choose another folder/,
    );
    expect(code).toBe(3);
    expect(readFileSync(join(cwd, 'good/manifest.json'), 'utf8')).toBe(before);
    expect(readdirSync(cwd).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('to a reader that left does not stop the bundle', async () => {
    const { code } = await shell('set -o pipefail; "$@" | true', [
      'run',
      'small.yaml',
      '--seed',
      '1',
      '--json',
      '--out',
      'piped',
    ]);
    expect(code).toBe(0);
    expect(existsSync(join(cwd, 'piped/result.json'))).toBe(true);
  });
});

/** Runs the command inside a line of bash, as its `"$@"`. */
async function shell(
  line: string,
  args: readonly string[],
): Promise<{ code: number | null; stderr: string }> {
  const command = [process.execPath, await installed(), ...args];
  const child = spawn('bash', ['-c', line, 'bash', ...command], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', ORRERY_DEBUG: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

describe('a plug-in', { timeout: 60_000 }, () => {
  const policy = (create: string) =>
    `export default { contract: 'queueing', name: 'acme/q', summary: 's', create: ${create} };\n`;
  // biome-ignore format: a table reads by lines
  it.each([
    ['does not compile', 'export default {', 2, /--plugin: got p\.js, .*compiles.*p\.js:1/],
    ['throws at load', 'throw new Error("no licence"); export default 1;', 2, /--plugin: got p\.js, .*loads.*no licence/],
    ['throws nothing at load', 'throw undefined; export default 1;', 2, /--plugin: got p\.js/],
    ['ends the process', 'process.exit(0); export default 1;', 2, /ended the process with code 0/],
    ['exports nothing', 'export const x = 1;', 2, /a default export.*export default define/],
    ['exports a promise', 'export default Promise.resolve({});', 2, /a default export/],
    ['exports a number', 'export default 7;', 2, /a default export/],
    ['has no vendor in its name', policy('() => ({})').replace('acme/q', 'q'), 2, /such as "acme\/quiet-rack"/],
    ['has the name of an own one', policy('() => ({})').replace('acme/q', '__proto__/x'), 2, /acme|policy/],
    ['throws when it is made', policy('() => { throw new Error("no luck"); }'), 7, /policy acme\/q.*no luck/],
    ['makes nothing', policy('() => undefined'), 7, /policy acme\/q/],
    ['makes nonsense', policy('() => ({ compare: 5 })'), 7, /policy acme\/q/],
  ] as const)('that %s ends in one message', async (_, source, code, says) => {
    writeFileSync(join(cwd, 'p.js'), source);
    const args = [...RUN, 'never', '--plugin', 'p.js', 'policies.queueing=acme/q'];
    const done = await orrery(args, { cwd });
    expect(done.stderr).toMatch(says);
    expect([done.code, done.stdout]).toEqual([code, '']);
    expect(done.stderr).not.toMatch(/bug of orrery|\n {4}at /);
    expect(existsSync(join(cwd, 'never'))).toBe(false);
  });
});
