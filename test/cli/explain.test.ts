/** `orrery explain pod`: what it says of a pod that was placed, of one that was refused, and each of its options. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainCommand } from '../../src/cli/explain.ts';
import { orrery } from './command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-explain-'));
  writeFileSync(join(cwd, 'full.yaml'), FULL);
  writeFileSync(join(cwd, 'mine.js'), MINE);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** Two nodes of 4 cores: `a` takes one at 10 s, `b` the other; `c` wants 4 at 30 s, `low` first, which `c` may evict. */
const FULL = `orrery: 1
name: full
question: Who gets what?
horizon: 10m
priorityClasses: {low: 0, high: 100}
fleet:
  machineTypes: [{name: m, cpu: 4, memory: 16Gi}]
  clusters: [{name: one, pools: [{name: p, machineType: m, count: 2}]}]
workloads:
  - {name: a, kind: job, arrivals: {regular: {every: 10s}}, until: 11s, duration: 1h, pod: {cpu: 3, memory: 1Gi, priorityClass: high}}
  - {name: low, kind: job, arrivals: {regular: {every: 20s}}, until: 21s, duration: 1h, pod: {cpu: 3, memory: 1Gi, priorityClass: low}}
  - {name: c, kind: job, arrivals: {regular: {every: 30s}}, until: 31s, duration: 1h, pod: {cpu: 2, memory: 1Gi, priorityClass: high}}
  - {name: tall, kind: job, arrivals: {regular: {every: 40s}}, until: 41s, duration: 1h, pod: {cpu: 4, memory: 1Gi, priorityClass: low}}
policies: {scheduling: kubernetes/default}
`;

/** A plug-in of the framework that likes the node called p/1. */
const MINE = `export default { contract: 'framework', name: 'acme/likes', summary: 'Likes p/1.',
  create: () => ({ name: 'Likes', hints: [], score: { dependsOn: 'own-node', normalise: 'none',
    score: (pod, n, nodes) => nodes.name(n) === 'p/1' ? 100 : 0 } }) };
`;
const WITH_MINE =
  'policies.scheduling={use: kubernetes/default, params: {profiles: [{plugins: {score: {enabled: [{name: acme/likes, weight: 9}]}}}]}}';

const explain = (...args: readonly string[]) => orrery(['explain', 'pod', ...args], { cwd });
const FIRST = ['a/0', 'full.yaml', '--seed', '1'];

describe('orrery explain pod', { timeout: 60_000 }, () => {
  it('tells scores raw and normalised, totals, and the tie', async () => {
    const { code, stdout } = await explain(...FIRST);
    expect(code).toBe(0);
    expect(stdout).toContain('POD     a/0 in one at 10 s, its first attempt: goes to p/');
    expect(stdout).toContain('2 of 2 nodes looked at, 2 feasible');
    // Free cpu 1 of 4 and memory 15 of 16: (25 + 93) div 2 = 59; |0.75 - 0.0625| / 2 = 0.34375: trunc(65.6) = 65
    expect(stdout).toMatch(/p\/0 +0→100 +59 +65 +0 +424/);
    expect(stdout).toContain('TIE     2 nodes share the best total');
  });

  it('tells a refusal in Kubernetes’ words, and whom it preempts', async () => {
    const { stdout } = await explain('c/0', 'full.yaml', '--seed', '1', '--at', '31s');
    expect(stdout).toContain('refused\n        0/2 nodes are available: 2 Insufficient cpu.');
    expect(stdout).toMatch(/PREEMPT on p\/[01]: low\/0/);
    expect(stdout).toMatch(/NodeResourcesFit removes 2: p\/0, p\/1\n {10}2 Insufficient cpu/);
  });

  it('tells a pod that nobody makes room for, to the end of the run', async () => {
    const { stdout } = await explain('tall/0', 'full.yaml', '--seed', '1');
    expect(stdout).toContain('preemption: 0/2 nodes are available: 2 No preemption victims found');
  });

  it('works for profiles of filters and scores', async () => {
    const { stdout } = await explain(...FIRST, 'policies.scheduling=best-fit');
    expect(stdout).toMatch(/SCORE {3}node {2}best-fit x1/);
    const refused = await explain(
      'tall/0',
      'full.yaml',
      '--seed',
      '1',
      'policies.scheduling=best-fit',
    );
    expect(refused.stdout).toContain('insufficient-cpu removes 2: p/0, p/1');
  });

  it.each([
    [['nobody/0', 'full.yaml', '--seed', '1'], /pod: got nobody\/0.*workloads are a, low, c, tall/],
    [['a/7', 'full.yaml', '--seed', '1'], /pod: got a\/7, expected a pod that was tried/],
    [['a/0', 'full.yaml'], /seed: expected the seed of the run in question/],
    [['a/0', 'full.yaml', '--seed', '1', '--at', 'noon'], /--at/],
    [['a/0', 'full.yaml', '--seed', '1', '--nodes', 'all'], /--nodes/],
  ])('refuses %j with one clear message', async (args, message) => {
    const { code, stderr } = await explain(...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});

describe('each option of explain pod', { timeout: 60_000 }, () => {
  const OPTIONS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['--at', ['c/0', 'full.yaml', '--seed', '1'], ['--at', '31s']],
    ['--seed', ['a/0', 'full.yaml', 'seed=1', 'workloads[0].arrivals={poisson: 1/s}'], []],
    ['--plugin', [...FIRST, WITH_MINE], ['--plugin', 'mine.js']],
    ['--nodes', FIRST, ['--nodes', '1']],
    ['--format', FIRST, ['--format', 'json']],
  ];

  it('has a case here', () => {
    const options = explainCommand().commands[0]!.options.map(({ long }) => long);
    expect(options).toEqual(OPTIONS.map(([long]) => long));
  });

  it.each(OPTIONS.filter(([long]) => long !== '--seed'))('%s shows', async (_, without, added) => {
    const before = await explain(...without);
    const after = await explain(...without, ...added);
    expect(after.stdout).not.toBe(before.stdout);
    expect(after.code).toBe(0);
  });

  it('--seed is that of the file or the command line', async () => {
    const [file, option] = [
      await explain('a/0', 'full.yaml', 'seed=1'),
      await explain('a/0', 'full.yaml', '--seed', '1'),
    ];
    expect(file.stdout).toBe(option.stdout);
  });

  it('--format json has the same facts', async () => {
    const { stdout } = await explain(...FIRST, '--format', 'json');
    const told = JSON.parse(stdout);
    expect(told).toMatchObject({
      schema: 'orrery.explain/1',
      pod: 'a/0',
      cluster: 'one',
      nodes: 2,
    });
    expect(told.tried[0].scores[0]).toEqual({ raw: 0, normalised: 100, weighted: 300 });
  });

  it('--plugin brings a plug-in whose score is told beside the others', async () => {
    const { stdout } = await explain(...FIRST, WITH_MINE, '--plugin', 'mine.js');
    expect(stdout).toContain('Likes x9');
    expect(stdout).toContain('goes to p/1');
  });
});
