import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery } from './command.ts';

/**
 * Pods of half a node, one every five minutes: the first meets empty nodes, where both policies take the first one; the
 * second finds it half full, packs into it or goes elsewhere. With nodes of equal names the choice is the only difference.
 */
const SCENARIO = `orrery: 1
name: parting
question: Where do they part?
horizon: 30m
series: {every: 1m}
fleet:
  machineTypes:
    - {name: m, cpu: 8, memory: 32Gi}
  clusters:
    - {name: one, pools: [{name: p, machineType: m, count: 3}]}
workloads:
  - {name: half, kind: job, arrivals: {poisson: 0.003/s}, duration: {exponential: {mean: 1h}}, pod: {cpu: 3, memory: 1Gi}}
`;

let cwd: string;
const NAMING = ['--name-divergence', '--scenario', 'parting.yaml'];

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-parting-'));
  writeFileSync(join(cwd, 'parting.yaml'), SCENARIO);
  const run = async (out: string, policy: string, ...more: string[]) => {
    const scheduling = `policies.scheduling=${policy}`;
    const args = ['run', 'parting.yaml', scheduling, '--seed', '3', '-q', '--out', out, ...more];
    expect((await orrery(args, { cwd })).code).toBe(0);
  };
  await run('pack', 'most-allocated');
  await run('spread', 'least-allocated');
  await run('pack-3', 'most-allocated', '--reps', '3');
  await run('spread-3', 'least-allocated', '--reps', '3');
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** What two bundles part by, as data. */
async function parting(base: string, head: string) {
  const { stdout } = await orrery(['compare', base, head, '--json', ...NAMING], { cwd });
  return JSON.parse(stdout).challengers[0].divergence;
}

describe('orrery compare --name-divergence', { timeout: 60_000 }, () => {
  it('names the second pod, which one policy packs and the other spreads', async () => {
    const { fromSeconds, untilSeconds, decision } = await parting('pack', 'spread');
    // The first pod meets three equal nodes: only the second can part them, in a bucket after the first.
    expect(fromSeconds).toBeGreaterThan(0);
    expect(decision.base).toMatchObject({ kind: 'bind', pod: 'half/1' });
    expect(decision.head).toMatchObject({ kind: 'bind', pod: 'half/1' });
    expect(decision.base.node).not.toBe(decision.head.node);
    expect(decision.base.atSeconds).toBe(decision.head.atSeconds);
    expect(decision.base.atSeconds).toBeGreaterThan(fromSeconds);
    expect(decision.base.atSeconds).toBeLessThanOrEqual(untilSeconds);
    const { stdout } = await orrery(['compare', 'pack', 'spread', ...NAMING], { cwd });
    expect(stdout).toMatch(
      /decisions differ, .*: day 1 00:\d\d:\d\d\.\d+, pod half\/1: \S+ → \S+\n/,
    );
  });

  it('simulates the replication that parts first', async () => {
    const { replication, decision } = await parting('pack-3', 'spread-3');
    expect(replication).toBe(0);
    expect(decision).toEqual((await parting('pack', 'spread')).decision);
  });

  it('refuses a file that is not what the bundles ran, and options that do nothing', async () => {
    writeFileSync(join(cwd, 'other.yaml'), SCENARIO);
    appendFileSync(join(cwd, 'other.yaml'), '# changed\n');
    const refused = async (...args: string[]) => {
      const { code, stderr } = await orrery(['compare', 'pack', 'spread', ...args], { cwd });
      expect(code).toBe(2);
      return stderr;
    };
    const changed = await refused('--name-divergence', '--scenario', 'other.yaml');
    expect(changed).toContain('the scenario of pack: parting with SHA-256');
    // Of two files the one that fits is taken.
    const both = ['--name-divergence', '--scenario', 'other.yaml', '--scenario', 'parting.yaml'];
    expect((await orrery(['compare', 'pack', 'spread', ...both], { cwd })).code).toBe(0);
    expect(await refused('--name-divergence')).toContain('bundles hold no paths');
    expect(await refused('--scenario', 'parting.yaml')).toContain('--name-divergence beside it');
    writeFileSync(join(cwd, 'mine.js'), '');
    expect(await refused('--plugin', 'mine.js')).toContain('--name-divergence beside it');
  });

  it('writes a page with figures', async () => {
    const args = ['compare', 'pack-3', 'spread-3', '--html', 'page.html'];
    expect((await orrery(args, { cwd })).code).toBe(0);
    const page = readFileSync(join(cwd, 'page.html'), 'utf8');
    expect(page).toMatch(/^<!doctype html>/);
    for (const id of ['fdifferences-1', 'fquantiles', 'fslopes'])
      expect(page).toContain(`id="f-${id}"`);
  });
});
