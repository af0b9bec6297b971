/** What each option of the verbs that gate does: for `options.test.ts`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Finished, orrery } from './command.ts';

type Row = readonly [
  name: string,
  without: readonly string[],
  added: readonly string[],
  shows: (before: Finished, after: Finished) => void,
];

const BUNDLE = 'stored';
const SHORT = 'short';
const RUN = ['run', 'small.yaml', 'horizon=10m', 'seed=1', '-q'];
const COMMENT = ['comment', BUNDLE, '--comment-when', 'always'];

/** Writes what the cases read. */
export async function prepareGate(cwd: string): Promise<void> {
  writeFileSync(join(cwd, 'strict.yaml'), 'pods_arrived_total: ["count < 1"]\n');
  writeFileSync(join(cwd, 'relative.yaml'), 'pods_arrived_total: ["count <= baseline"]\n');
  writeFileSync(
    join(cwd, 'old.md'),
    '<!-- orrery:comment:capacity -->\n### ❌ Capacity check: x\n',
  );
  await orrery(['run', 'small.yaml', 'horizon=5m', 'seed=1', '-q', '--out', SHORT], { cwd });
}

const exits = (first: number, second: number) => (before: Finished, after: Finished) => {
  expect([before.code, after.code, before.stderr === after.stderr]).toEqual([first, second, false]);
};
const prints = (text: string) => (before: Finished, after: Finished) => {
  expect(before.stdout).not.toContain(text);
  expect(after.stdout).toContain(text);
};

/** One row per option. @param cwd the folder, asked when a case runs */
export function gateFlags(cwd: () => string): readonly Row[] {
  const writes = (file: string, text: string) => () => {
    expect(existsSync(join(cwd(), file))).toBe(true);
    expect(readFileSync(join(cwd(), file), 'utf8')).toContain(text);
  };
  const fails = (before: Finished, after: Finished) => {
    expect([before.code, after.code]).toEqual([0, 99]);
  };
  return [
    ['run --thresholds', RUN, ['--thresholds', 'strict.yaml'], fails],
    ['run --baseline', RUN.slice(0, -1), ['--baseline', BUNDLE], prints('COMPARE  stored → small')],
    ['run --allow-different', [...RUN, '--baseline', SHORT], ['--allow-different'], exits(2, 0)],
    [
      'run --inconclusive',
      [...RUN, '--thresholds', 'relative.yaml'],
      ['--inconclusive', 'fail'],
      (before, after) => expect([before.code, after.code]).toEqual([0, 97]),
    ],
    ['check --json', ['check', BUNDLE], ['--json'], prints('"schema": "orrery.check/1"')],
    [
      'check --junit',
      ['check', BUNDLE],
      ['--junit', 'j.xml'],
      writes('j.xml', '<testsuite name="small"'),
    ],
    [
      'check --summary',
      ['check', BUNDLE],
      ['--summary', 's.md'],
      writes('s.md', '### ✅ Capacity check'),
    ],
    [
      'check --github',
      ['check', BUNDLE, '--thresholds', 'strict.yaml'],
      ['--github'],
      prints('::error file=strict.yaml,line=1,title=Threshold failed::'),
    ],
    ['check --thresholds', ['check', BUNDLE], ['--thresholds', 'strict.yaml'], fails],
    [
      'check --baseline',
      ['check', BUNDLE],
      ['--baseline', SHORT, '--allow-different'],
      prints('DIFFERENT SCENARIOS'),
    ],
    [
      'check --allow-different',
      ['check', BUNDLE, '--baseline', SHORT],
      ['--allow-different'],
      exits(2, 0),
    ],
    [
      'check --inconclusive',
      ['check', BUNDLE, '--thresholds', 'relative.yaml'],
      ['--inconclusive', 'fail'],
      exits(0, 97),
    ],
    ['comment --key', COMMENT, ['--key', 'nightly'], prints('<!-- orrery:comment:nightly -->')],
    ['comment --comment-when', ['comment', BUNDLE], ['--comment-when', 'always'], prints('### ✅')],
    [
      'comment --previous',
      COMMENT,
      ['--previous', 'old.md'],
      prints('Earlier on this change: 1 failed'),
    ],
    ['comment --out', COMMENT, ['--out', 'c.md'], writes('c.md', '### ✅')],
    [
      'comment --thresholds',
      COMMENT,
      ['--thresholds', 'strict.yaml'],
      prints('1 threshold failed'),
    ],
    [
      'comment --baseline',
      COMMENT,
      ['--baseline', SHORT, '--allow-different'],
      prints('decisions differ'),
    ],
    [
      'comment --allow-different',
      ['comment', BUNDLE, '--baseline', SHORT],
      ['--allow-different'],
      exits(2, 0),
    ],
    [
      'comment --post',
      COMMENT,
      ['--post'],
      (_, after) =>
        expect([after.code, after.stderr]).toEqual([2, expect.stringContaining('GITHUB_TOKEN')]),
    ],
    [
      'comment --pr',
      [...COMMENT, '--post'],
      ['--pr', '12'],
      (before, after) => {
        expect(before.stderr).toContain('--pr: expected the number of a pull request');
        expect(after.stderr).not.toContain('--pr:');
      },
    ],
  ];
}
