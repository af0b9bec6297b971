/** The workflow of `docs/ci.md`, its commands run in a repository of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseXml } from '../builders/xml.ts';
import { type Action, readAction, runAction } from './action.ts';
import { installed, orrery } from './command.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Small pods, and large ones that need almost a whole node free: a policy that spreads the small ones keeps the large waiting. */
const SCENARIO = `orrery: 1
name: capacity
question: Do large pods still find room?
horizon: 1h
fleet:
  machineTypes:
    - {name: m, cpu: 8, memory: 32Gi, prices: {owned: "$1/h"}}
  clusters:
    - {name: east, pools: [{machineType: m, count: 3}]}
    - {name: west, pools: [{machineType: m, count: 3}]}
workloads:
  - {name: small, kind: job, arrivals: {poisson: 0.25/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: large, kind: job, arrivals: {poisson: 0.02/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 7, memory: 1Gi}}
policies: {scheduling: acme/mine}
thresholds:
  pods_lost_total: ["total == 0"]
  pod_wait_seconds:
    - "p(90) < 2m"
`;

/** A policy that packs, or spreads, by the sign of its score. */
const policy = (sign: '' | '-', comment = ''): string => `${comment}export default {
  contract: 'scheduling', name: 'acme/mine', summary: 'Packs or spreads.',
  create: () => ({ kind: 'profile', ties: 'index', scores: [{ weight: 1, score: {
    name: 'used', dependsOn: 'own-node', add(pod, candidates, count, cluster, scores) {
      for (let i = 0; i < count; i++) scores[i] += ${sign}cluster.nodes.podCount[candidates[i]];
    } } }] }),
};
`;

interface Workflow {
  readonly jobs: {
    readonly capacity: {
      readonly steps: readonly { readonly uses: string; readonly with: Record<string, string> }[];
    };
  };
}

let repository: string;
let action: Action;
let inputs: Record<string, string>;
let yaml: string;
let server: Server;
const posted: { method: string; url: string; body: { body: string } | null }[] = [];
let comments: { id: number; body: string; user: { type: string } }[] = [];

const git = (...args: string[]): void => {
  const done = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.test', ...args], {
    cwd: repository,
  });
  if (done.status !== 0) throw new Error(done.stderr.toString());
};

beforeAll(async () => {
  repository = mkdtempSync(join(tmpdir(), 'orrery-ci-'));
  action = readAction(join(ROOT, 'action.yml'));
  yaml = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/ci.md'), 'utf8'))![1]!;
  inputs = (parse(yaml) as Workflow).jobs.capacity.steps.at(-1)!.with;
  git('init', '-q', '-b', 'main');
  writeFileSync(join(repository, 'capacity.yaml'), SCENARIO);
  writeFileSync(join(repository, 'policy.js'), policy(''));
  writeFileSync(join(repository, '.gitignore'), 'reports\n');
  git('add', '.');
  git('commit', '-q', '-m', 'base');
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '' } = request;
      posted.push({ method, url, body: text === '' ? null : JSON.parse(text) });
      response.end(JSON.stringify(method === 'GET' ? comments : { html_url: 'there' }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 120_000);
afterAll(() => {
  server.close();
  rmSync(repository, { recursive: true, force: true });
});

/** Runs the action on what the working folder holds, as on a pull request from this repository. */
async function pullRequest(
  more: Readonly<Record<string, string>> = {},
  event: Readonly<Record<string, string>> = {},
) {
  const temp = mkdtempSync(join(tmpdir(), 'orrery-runner-'));
  const { port } = server.address() as AddressInfo;
  const contexts = {
    'github.base_ref': 'main',
    'github.event_name': 'pull_request',
    'github.action_path': join(await installed(), '../../..'),
    'github.token': 's3cret',
    ...event,
  };
  const env = {
    GITHUB_API_URL: `http://127.0.0.1:${port}`,
    GITHUB_REPOSITORY: 'me/fleet',
    GITHUB_REF: 'refs/pull/12/merge',
    GITHUB_EVENT_PATH: '',
    NO_COLOR: '1',
  };
  posted.length = 0;
  const job = { contexts, inputs: { ...inputs, ...more }, cwd: repository, temp, env };
  const done = await runAction(action, job, ['install']);
  const summary = readFileSync(join(temp, 'summary.md'), 'utf8');
  const outputs = readFileSync(join(temp, 'output.txt'), 'utf8');
  git('worktree', 'prune');
  rmSync(temp, { recursive: true, force: true });
  git('worktree', 'prune');
  return { ...done, summary, outputs };
}

const comment = (): string => readFileSync(join(repository, 'reports/ci/comment.md'), 'utf8');

describe('the workflow of docs/ci.md', { timeout: 180_000 }, () => {
  it('has at most ten lines, and pins what it uses', () => {
    expect(yaml.trimEnd().split('\n').length).toBeLessThanOrEqual(10);
    const uses = action.runs.steps.flatMap((step) => (step.uses === undefined ? [] : [step.uses]));
    for (const name of uses) expect(name).toMatch(/^actions\/[a-z-]+@[0-9a-f]{40}$/);
    expect(Object.keys(inputs).filter((name) => !(name in action.inputs))).toEqual([]);
  });

  it('passes a change that leaves the policy alone, and posts nothing', async () => {
    writeFileSync(join(repository, 'policy.js'), policy('', '// The same policy, explained.\n'));
    const { code, output, outputs, summary } = await pullRequest();
    expect([code, output]).toEqual([0, expect.stringContaining('CHECK  capacity')]);
    expect(outputs).toBe('code=0\n');
    expect(comment()).toMatch(
      /^<!-- orrery:comment:capacity -->\n### ✅ Capacity check: 2 thresholds hold, nothing got worse\n/,
    );
    expect(summary).toBe(comment());
    expect(posted.map(({ method }) => method)).toEqual(['GET']);
  });

  it('fails one that makes it worse, and names metric, cluster and cause', async () => {
    writeFileSync(join(repository, 'policy.js'), policy('-'));
    const { code, outputs, output } = await pullRequest();
    expect([98, 99], output).toContain(code);
    expect(outputs).toBe(`code=${code}\n`);
    const text = comment();
    expect(text).toMatch(/### ❌ Capacity check: /);
    const sentence = text.split('\n')[2]!;
    expect(sentence).toMatch(
      /^\*\*.*pod_wait_seconds.* rises .* → .*\*\* because (east|west) changes most/,
    );
    expect(sentence).toMatch(/the change is plug-ins: policy\.js/);
    expect(posted.map(({ method, url }) => [method, url.replace(/\?.*/, '')])).toEqual([
      ['GET', '/repos/me/fleet/issues/12/comments'],
      ['POST', '/repos/me/fleet/issues/12/comments'],
    ]);
    expect(posted[1]!.body!.body).toBe(text);
    const junit = readFileSync(join(repository, 'reports/ci/junit.xml'), 'utf8');
    expect(parseXml(junit.slice(junit.indexOf('?>\n') + 3).trimEnd())).toBeGreaterThan(5);
    expect(junit).toContain('<failure');
    expect(output).toMatch(/^::error /m);
  });

  it('turns its comment green once the change is mended, and keeps what had failed', async () => {
    const old = comment();
    comments = [{ id: 77, body: old, user: { type: 'Bot' } }];
    writeFileSync(join(repository, 'policy.js'), policy('', '// Mended.\n'));
    const { code } = await pullRequest();
    expect(code).toBe(0);
    expect(posted.map(({ method, url }) => [method, url.replace(/\?.*/, '')])).toEqual([
      ['GET', '/repos/me/fleet/issues/12/comments'],
      ['PATCH', '/repos/me/fleet/issues/comments/77'],
    ]);
    expect(posted[1]!.body!.body).toMatch(
      /### ✅[\s\S]*Earlier on this change: 1 failed[\s\S]*- ❌ Capacity check: /,
    );
    comments = [];
  });

  it('points at the line of a threshold that fails, and posts nothing from a fork', async () => {
    const fork = { 'github.event.pull_request.head.repo.fork': 'true' };
    const overrides = 'fleet.clusters[0].pools[0].count=1\nfleet.clusters[1].pools[0].count=1';
    const { code, output } = await pullRequest({ overrides, base: '', reps: '2' }, fork);
    expect(code).toBe(99);
    // Line 18 is the second threshold.
    expect(output).toMatch(
      /^::error file=capacity\.yaml,line=18,title=Threshold failed::pod_wait_seconds p\(90\) < 2m/m,
    );
    expect(comment()).toMatch(
      /pod_wait_seconds p\(90\) is .*because .*(east|west) is tight, 0 % of cpu free/,
    );
    expect(posted).toEqual([]);
  });

  it('ends with 2 and no comment where the scenario itself changed', async () => {
    rmSync(join(repository, 'reports'), { recursive: true });
    writeFileSync(join(repository, 'capacity.yaml'), SCENARIO.replace('0.25/s', '0.2/s'));
    const { code, output } = await pullRequest();
    writeFileSync(join(repository, 'capacity.yaml'), SCENARIO);
    expect([code, output]).toEqual([2, expect.stringContaining('--allow-different compares them')]);
    expect(existsSync(join(repository, 'reports/ci/comment.md'))).toBe(false);
  });
});

describe('a baseline in git', { timeout: 120_000 }, () => {
  const check = (baseline: string, more: readonly string[] = []) =>
    orrery(['check', 'reports/mine', '--baseline', baseline, ...more], { cwd: repository });

  beforeAll(async () => {
    const run = ['run', 'capacity.yaml', '--plugin', 'policy.js', '--seed', '42', '-q', '--out'];
    const codes = [
      await orrery([...run, 'reports/mine'], { cwd: repository }),
      await orrery([...run, 'kept/one'], { cwd: repository }),
      await orrery([...run, 'kept/other', 'name=other'], { cwd: repository }),
    ].map(({ code }) => code);
    expect(codes).toEqual([0, 0, 0]);
    mkdirSync(join(repository, 'app'));
    writeFileSync(join(repository, 'app/manifest.json'), '{"name": "an application"}');
    git('checkout', '-q', '-b', 'kept');
    git('add', 'kept', 'app');
    git('commit', '-q', '-m', 'baseline');
    rmSync(join(repository, 'kept'), { recursive: true });
  }, 120_000);

  it('is found by the name of the scenario, or named', async () => {
    const found = await check('git:kept');
    expect([found.code, found.stderr]).toEqual([0, '']);
    expect(found.stdout).toContain('COMPARE  kept:kept/one → mine');
    expect(found.stdout).toContain('same decisions (trajectories are equal)');
    expect((await check('git:kept:kept/one')).stdout).toBe(found.stdout);
    const other = await check('git:HEAD:kept/other');
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('--allow-different')]);
  });

  it('works for run too', async () => {
    const args = [
      'run',
      'capacity.yaml',
      '--plugin',
      'policy.js',
      '--seed',
      '42',
      '--out',
      'reports/two',
    ];
    const { code, stdout } = await orrery([...args, '--baseline', 'git:kept'], { cwd: repository });
    expect([code, stdout]).toEqual([0, expect.stringContaining('COMPARE  kept:kept/one → two')]);
  });

  it.each([
    [
      'git:main',
      /a bundle of scenario capacity in that revision .*git worktree add \.\.\/base main/,
    ],
    ['git:main:kept/one', /a bundle in kept\/one of that revision .*git worktree add/],
    [
      'git:nowhere',
      /a revision that this repository has \(fetch it first: git fetch origin nowhere/,
    ],
    ['git:', /a revision that this repository has/],
    ['git:--all', /a revision that this repository has/],
    ['git:kept:app', /damaged|no bundle/],
  ])('%s is refused with what to do', async (baseline, says) => {
    const { code, stdout, stderr } = await check(baseline);
    expect([2, 3]).toContain(code);
    expect([stdout, stderr]).toEqual(['', expect.stringMatching(says)]);
  });

  it('needs a repository', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'orrery-no-git-'));
    const args = ['check', join(repository, 'reports/mine'), '--baseline', 'git:main'];
    const { code, stderr } = await orrery(args, {
      cwd,
      env: { GIT_CEILING_DIRECTORIES: tmpdir() },
    });
    rmSync(cwd, { recursive: true });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('a git repository around the working folder'),
    ]);
  });
});
