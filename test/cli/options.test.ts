/** Each option of each verb does something that can be seen, or is refused. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { checkCommand } from '../../src/cli/check.ts';
import { commentCommand } from '../../src/cli/comment.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { exportCommand } from '../../src/cli/export.ts';
import { initCommand } from '../../src/cli/init.ts';
import { policiesCommand } from '../../src/cli/policies.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { runCommand } from '../../src/cli/run.ts';
import { schemaCommand } from '../../src/cli/schema.ts';
import { validateCommand } from '../../src/cli/validate.ts';
import { type Finished, orrery, SMALL } from './command.ts';
import { gateFlags, prepareGate } from './gate-flags.ts';

let cwd: string;
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-flags-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
  await orrery([...RUN, 'seed=1', '-q', '--out', BUNDLE], { cwd });
  await prepareGate(cwd);
  writeFileSync(join(cwd, 'mine.js'), pluginOf(''));
  writeFileSync(join(cwd, 'liar.js'), pluginOf('cluster.nodes.podCount[0]++;'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** A policy that scores all nodes equal, and may do worse. */
const pluginOf = (body: string): string => `export default {
  contract: 'scheduling', name: 'acme/mine', summary: 'All equal.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'none', dependsOn: 'own-node', add(pod, candidates, count, cluster) { ${body} } } }] }),
};\n`;

/** Written once, for the verbs that read bundles. */
const BUNDLE = 'stored';
const RUN = ['run', 'small.yaml', 'horizon=10m'];
const STOPPED = [...RUN, 'horizon=5000w', 'seed=1', '--time-limit', '300ms'];
const MINE = [...RUN, 'seed=1', 'policies.scheduling=acme/mine', '-q'];

interface Flag {
  readonly verb: string;
  readonly flag: string;
  readonly without: readonly string[];
  readonly with: readonly string[];
  readonly shows: (before: Finished, after: Finished) => void;
}

const differs = (part: 'stdout' | 'stderr') => (before: Finished, after: Finished) => {
  expect([before.code, after.code]).toEqual([0, 0]);
  expect(after[part]).not.toBe(before[part]);
};
const exits = (first: number, second: number) => (before: Finished, after: Finished) => {
  expect([before.code, after.code]).toEqual([first, second]);
};
const isThere = (file: string) => () => expect(existsSync(join(cwd, file))).toBe(true);

const flag = (
  name: string,
  without: readonly string[],
  added: readonly string[],
  shows: Flag['shows'],
): Flag => ({
  verb: name.split(' ')[0]!,
  flag: name.split(' ')[1]!,
  without,
  with: [...without, ...added],
  shows,
});

const FLAGS: readonly Flag[] = [
  flag('run --seed', [...RUN, '--json', '-q'], ['--seed', '3'], (_, after) =>
    expect(JSON.parse(after.stdout).seed).toBe(3),
  ),
  flag('run --out', [...RUN, 'seed=1'], ['--out', 'there'], isThere('there/result.json')),
  flag('run --plugin', MINE, ['--plugin', 'mine.js'], exits(2, 0)),
  flag('run --json', [...RUN, 'seed=1'], ['--json'], (_, after) =>
    expect(JSON.parse(after.stdout).schema).toBe('orrery.result/1'),
  ),
  // A policy that writes into the columns is only found out where they are watched.
  flag('run --check', [...MINE, '--plugin', 'liar.js'], ['--check'], (_, after) =>
    expect([after.code, after.stderr]).toEqual([7, expect.stringMatching(/acme\/mine/)]),
  ),
  // A run that would never end by itself.
  flag(
    'run --time-limit',
    [...RUN, 'seed=1'],
    ['horizon=5000w', '--time-limit', '300ms'],
    exits(0, 124),
  ),
  flag('run --checkpoint', [...STOPPED, '--out', 'saved'], ['--checkpoint', '1h'], (_, after) => {
    expect(after.code).toBe(124);
    expect(existsSync(join(cwd, 'saved.checkpoint'))).toBe(true);
  }),
  flag(
    'run --resume',
    [...STOPPED, '--out', 'going', '--checkpoint', '1h'],
    ['--resume'],
    (_, after) => expect(after.stderr).toMatch(/going on from going\.checkpoint/),
  ),
  flag('run --progress', [...RUN, 'seed=1'], ['--progress', 'none'], differs('stderr')),
  flag('run --progress', [...RUN, 'seed=1'], ['--progress', 'json'], (_, after) => {
    for (const line of after.stderr.trim().split('\n'))
      expect(JSON.parse(line)).toBeTypeOf('object');
  }),
  flag('run --quiet', [...RUN, 'seed=1'], ['--quiet'], (before, after) => {
    expect(before.stdout.split('\n').length).toBeGreaterThan(3);
    expect(after).toEqual({ code: 0, stdout: 'bundle reports/small\n', stderr: '' });
  }),
  flag('run --verbose', [...RUN, 'seed=1'], ['--verbose'], (_, after) =>
    expect(after.stderr).toMatch(/^clusters 1, nodes at most 4, workloads 1$/m),
  ),
  flag('run --reps', [...RUN, 'seed=1', '--json', '-q'], ['--reps', '2'], (_, after) =>
    expect(JSON.parse(after.stdout).replications).toBe(2),
  ),
  flag(
    'run --precision',
    [...RUN, 'seed=1', '--reps', '2'],
    ['--precision', 'pods_running 5%'],
    (before, after) => {
      expect(before.stdout).not.toMatch(/^REPS/m);
      expect(after.stdout).toMatch(/^REPS +pods_running 5%/m);
    },
  ),
  flag(
    'run --max-reps',
    [...RUN, 'seed=1', '--json', '-q', '--precision', 'pods_running 8%'],
    ['--max-reps', '3'],
    (before, after) => {
      expect(JSON.parse(before.stdout).replications).toBeGreaterThanOrEqual(10);
      expect(JSON.parse(after.stdout).replications).toBe(3);
    },
  ),
  // The bundle is the same, so it shows in the one file that tells of the machine.
  flag(
    'run --parallel',
    [...RUN, 'seed=1', '--reps', '3'],
    ['--parallel', '3'],
    (before, after) => {
      expect(after.stdout).toBe(before.stdout);
      const runtime = readFileSync(join(cwd, 'reports/small/runtime.json'), 'utf8');
      expect(JSON.parse(runtime).threads).toBe(3);
    },
  ),
  flag('run --threads', [...RUN, 'seed=1'], ['--threads', '2'], (before, after) => {
    expect(after.stdout).toBe(before.stdout);
    expect(after.stderr).toMatch(/^--threads 2: one cluster runs in one thread$/m);
  }),
  flag('run --warmup', [...RUN, 'seed=1', '--json', '-q'], ['--warmup', '2m'], (_, after) =>
    expect(JSON.parse(after.stdout).warmupSeconds).toBe(120),
  ),
  flag('run --scale', [...RUN, 'seed=1', '-q'], ['--scale', '1/2'], () => {
    const manifest = JSON.parse(readFileSync(join(cwd, 'reports/small/manifest.json'), 'utf8'));
    expect(manifest.overrides).toEqual(['horizon=10m', 'scale=1/2']);
    expect(manifest.fleet.nodes).toBe(2);
  }),
  flag('run --max-memory', [...RUN, 'seed=1'], ['--max-memory', '1Mi'], (before, after) => {
    expect([before.code, after.code]).toEqual([0, 2]);
    expect(after.stderr).toMatch(/needs about \d+Mi of memory, --max-memory allows 1Mi/);
  }),
  flag('validate --scale', ['validate', 'small.yaml'], ['--scale', '1/2'], (before, after) => {
    expect(before.stdout).toMatch(/1 cluster, 4 nodes/);
    expect(after.stdout).toMatch(/1 cluster, 2 nodes/);
  }),
  flag('validate --seed', ['validate', 'small.yaml'], ['--seed', '3'], (_, after) =>
    expect(after.stdout).toMatch(/seed 3$/m),
  ),
  flag(
    'validate --plugin',
    ['validate', 'small.yaml', 'policies.scheduling=acme/mine'],
    ['--plugin', 'mine.js'],
    exits(2, 0),
  ),
  flag('validate --format', ['validate', 'small.yaml'], ['--format', 'json'], (_, after) =>
    expect(JSON.parse(after.stdout)).toMatchObject({ scenario: 'small', seed: null }),
  ),
  flag('schema --study', ['schema'], ['--study'], (before, after) => {
    expect(JSON.parse(before.stdout).title).toBe('Orrery scenario');
    expect(JSON.parse(after.stdout).title).toBe('Orrery study');
  }),
  flag('schema --out', ['schema'], ['--out', 'schema.json'], isThere('schema.json')),
  flag('policies --plugin', ['policies'], ['--plugin', 'mine.js'], (before, after) => {
    expect(before.stdout).not.toMatch(/acme/);
    expect(after.stdout).toMatch(/acme\/mine +All equal\./);
  }),
  flag('policies --format', ['policies'], ['--format', 'json'], (_, after) =>
    expect(JSON.parse(after.stdout).length).toBeGreaterThan(10),
  ),
  flag('init --template', ['init', '-'], ['--template', 'queue'], differs('stdout')),
  flag('init --list', ['init', '-'], ['--list'], (_, after) =>
    expect(after.stdout).toMatch(/^queue +how long do jobs wait/m),
  ),
  flag('report --out', ['report', BUNDLE], ['--out', 'page.html'], isThere('page.html')),
  flag(
    'export --out',
    ['export', 'json', BUNDLE],
    ['--out', 'result.json'],
    isThere('result.json'),
  ),
  flag('export --series', ['export', 'json', BUNDLE], ['--series'], (_, after) =>
    expect(JSON.parse(after.stdout).schema).toBe('orrery.series/1'),
  ),
  flag('export --distributions', ['export', 'json', BUNDLE], ['--distributions'], (_, after) =>
    expect(JSON.parse(after.stdout).schema).toBe('orrery.distributions/1'),
  ),
  flag('export --figure', ['export', 'csv', BUNDLE], ['--figure', 'metrics'], (before, after) => {
    expect(before.stdout.split('\n').length).toBeGreaterThan(5);
    expect(after.stdout).toBe(`${join(BUNDLE, 'csv', 'metrics.csv')}\n`);
  }),
  flag('doctor --format', ['doctor'], ['--format', 'json'], (_, after) =>
    expect(JSON.parse(after.stdout)).toMatchObject({ ok: true }),
  ),
  ...gateFlags(() => cwd).map(([name, without, added, shows]) => flag(name, without, added, shows)),
];

/** Needs a terminal, so it is tried in this process. */
const IN_PROCESS = 'run --no-color';

const known = new Map<string, Finished>();

describe('the options of the command', { timeout: 60_000 }, () => {
  it('all have a case here', () => {
    const verbs = [
      runCommand(),
      validateCommand(),
      schemaCommand(),
      policiesCommand(),
      initCommand(),
      reportCommand(),
      exportCommand(),
      checkCommand(),
      commentCommand(),
      doctorCommand(),
    ];
    const options = verbs.flatMap((verb) =>
      verb.options.map((option) => `${verb.name()} ${option.long}`),
    );
    const covered = new Set(FLAGS.map(({ verb, flag }) => `${verb} ${flag}`));
    expect([...new Set(options)].filter((one) => !covered.has(one))).toEqual([IN_PROCESS]);
    expect([...covered].filter((one) => !options.includes(one))).toEqual([]);
  });

  it.each(FLAGS.map((one): [string, Flag] => [one.with.join(' '), one]))(
    'orrery %s differs from the same without',
    async (_, one) => {
      // One after the other: both write the same bundle.
      const key = one.without.join(' ');
      const before = known.get(key) ?? (await orrery(one.without, { cwd }));
      known.set(key, before);
      one.shows(before, await orrery(one.with, { cwd }));
    },
  );

  it.each([
    ['run', '--progress', 'loud'],
    ['run', '--inconclusive', 'maybe'],
    ['validate', '--format', 'xml'],
    ['policies', '--format', 'xml'],
  ])('orrery %s refuses %s %s', async (verb, option, value) => {
    const { code, stdout } = await orrery([verb, 'small.yaml', option, value], { cwd });
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('--no-color', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });

  const printedOn = async (terminal: boolean, args: readonly string[]): Promise<string> => {
    let printed = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      printed += String(chunk);
      return true;
    });
    const isTTY = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
    const { NO_COLOR } = process.env;
    delete process.env.NO_COLOR;
    Object.defineProperty(process.stdout, 'isTTY', { value: terminal, configurable: true });
    try {
      const file = join(cwd, 'small.yaml');
      const out = ['--seed', '1', '--progress', 'none', '--out', join(cwd, 'colored')];
      await runCommand().parseAsync([file, 'horizon=10m', ...out, ...args], { from: 'user' });
    } finally {
      if (isTTY) Object.defineProperty(process.stdout, 'isTTY', isTTY);
      else Reflect.deleteProperty(process.stdout, 'isTTY');
      if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
      vi.restoreAllMocks();
    }
    return printed;
  };

  it('takes the colours from a terminal, which a pipe never gets', async () => {
    const color = '\u001b[';
    expect(await printedOn(true, [])).toContain(color);
    expect(await printedOn(true, ['--no-color'])).not.toContain(color);
    expect(await printedOn(false, [])).not.toContain(color);
    expect(JSON.parse(readFileSync(join(cwd, 'colored/result.json'), 'utf8')).seed).toBe(1);
  });
});
