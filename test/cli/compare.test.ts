import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery } from './command.ts';

/** Small pods, and large ones that need almost a whole node free: where the small ones go matters. */
const SCENARIO = `orrery: 1
name: duel
question: Who keeps room for large pods?
horizon: 2h
fleet:
  machineTypes:
    - {name: m, cpu: 8, memory: 32Gi}
  clusters:
    - {name: one, pools: [{machineType: m, count: 4}]}
workloads:
  - {name: small, kind: job, arrivals: {poisson: 0.25/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 1, memory: 1Gi}}
  - {name: large, kind: job, arrivals: {poisson: 0.01/s}, duration: {exponential: {mean: 1m}}, pod: {cpu: 7, memory: 1Gi}}
`;

let cwd: string;
const run = (out: string, ...more: string[]) =>
  orrery(['run', 'duel.yaml', '--seed', '7', '-q', '--out', out, ...more], { cwd });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-compare-'));
  writeFileSync(join(cwd, 'duel.yaml'), SCENARIO);
  const codes = [
    await run('pack', 'policies.scheduling=most-allocated'),
    await run('spread', 'policies.scheduling=least-allocated'),
    await run('short', 'horizon=1h'),
  ].map((finished) => finished.code);
  expect(codes).toEqual([0, 0, 0]);
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('orrery compare', { timeout: 60_000 }, () => {
  it('shows what another policy does to the same pods', async () => {
    const { code, stdout, stderr } = await orrery(['compare', 'pack', 'spread'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^COMPARE {2}pack → spread {4}scenario duel\n/);
    expect(stdout).toContain('one replication, the same seed');
    expect(stdout).toContain('CHANGED  scheduling: most-allocated → least-allocated');
    expect(stdout).toMatch(/pod_wait_seconds avg .*\+[\d,.]+ % +~ one replication/);
    expect(stdout).toMatch(/RESULT .*decisions differ, first in cluster one within .* from day 1 /);
  });

  it('finds a bundle identical to itself', async () => {
    const { code, stdout } = await orrery(['compare', 'pack', './pack', '--json'], { cwd });
    const comparison = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(comparison.schema).toBe('orrery.comparison/1');
    expect(comparison.challengers[0]).toMatchObject({ isPaired: true, isSameTrajectory: true });
    const verdicts = comparison.metrics.map(
      (m: { contrasts: { verdict: string }[] }) => m.contrasts[0]!.verdict,
    );
    expect(new Set(verdicts)).toEqual(new Set(['identical']));
  });

  it('writes Markdown and LaTeX, of chosen metrics, to a file', async () => {
    const metrics = ['--metrics', 'pod_wait_seconds', 'pod_wait_seconds{workload="large"} p(90)'];
    const md = await orrery(['compare', 'pack', 'spread', '--md', '-o', 'c.md', ...metrics], {
      cwd,
    });
    expect([md.code, md.stdout]).toEqual([0, '']);
    const text = readFileSync(join(cwd, 'c.md'), 'utf8');
    expect(text).toContain('pod_wait_seconds{workload="large"} p(90)');
    expect(text.split('\n').filter((line) => line.startsWith('| ➖'))).toHaveLength(2);
    const tex = await orrery(['compare', 'pack', 'spread', '--latex', ...metrics], { cwd });
    expect(tex.stdout).toContain('pod\\_wait\\_seconds avg & ');
  });

  it('refuses other scenarios unless allowed, and then says so', async () => {
    const refused = await orrery(['compare', 'spread', 'short'], { cwd });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toMatch(/short overrides: got horizon=1h, expected none, as in spread/);
    const allowed = await orrery(['compare', 'spread', 'short', '--allow-different'], { cwd });
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).toContain('!!       DIFFERENT SCENARIOS');
  });

  it('fails a gate on what is worse in every replication, and only then', async () => {
    const gate = ['--fail-on', 'worse'];
    const single = await orrery(['compare', 'pack', 'spread', ...gate], { cwd });
    expect(single.code).toBe(0);
    const packed = 'policies.scheduling=most-allocated';
    const spread = 'policies.scheduling=least-allocated';
    for (const [name, policy] of [
      ['packs', packed],
      ['spreads', spread],
    ] as const) {
      expect((await run(name, policy, '--reps', '6')).code).toBe(0);
    }
    const wait = ['--metrics', 'pod_wait_seconds'];
    const replicated = await orrery(['compare', 'packs', 'spreads', ...wait, ...gate], { cwd });
    expect(replicated.stdout).toMatch(/pod_wait_seconds .*✗ worse/);
    expect(replicated.code).toBe(98);
  });

  it('tells wrong metrics, formats and folders apart', async () => {
    const metric = await orrery(['compare', 'pack', 'spread', '--metrics', 'cost'], { cwd });
    expect(metric.code).toBe(2);
    expect(metric.stderr).toMatch(/--metrics, character 1: got cost, expected a metric/);
    const formats = await orrery(['compare', 'pack', 'spread', '--md', '--latex'], { cwd });
    expect(formats.code).toBe(2);
    const folder = await orrery(['compare', 'pack', 'nowhere'], { cwd });
    expect(folder.code).toBe(3);
    expect((await orrery(['compare', 'pack'], { cwd })).code).toBe(2);
  });
});
