import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orrery, SMALL } from './command.ts';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-cli-'));
  writeFileSync(join(cwd, 'small.yaml'), SMALL);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe('the other verbs', { timeout: 60_000 }, () => {
  it('validate counts the fleet and the demand', async () => {
    const { code, stdout, stderr } = await orrery(['validate', 'small.yaml'], { cwd });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^VALID {2}small/);
    expect(stdout).toMatch(/1 cluster, 4 nodes/);
    // 0.1/s x 3600 s = 360 pods; 0.1/s x 60 s = 6 running, of 4 x 8 cores: 18.8 %
    expect(stdout).toMatch(/360 pods, 6 running on average/);
    expect(stdout).toMatch(/18\.[78]\d? %/);
  });

  it('validate warns of demand above capacity, as data too', async () => {
    const args = ['validate', 'small.yaml', 'workloads[0].pod.cpu=8', '--format', 'json'];
    const { code, stdout } = await orrery(args, { cwd });
    expect(code).toBe(0);
    const file = JSON.parse(stdout);
    expect(file).toMatchObject({ scenario: 'small', nodes: 4, pods: 360 });
    // 6 running x 8 cores = 48 of 32
    expect(file.warnings).toContain('mean demand for cpu is above the capacity of the whole fleet');
  });

  it('validate finds all problems at once', async () => {
    writeFileSync(join(cwd, 'bad.yaml'), SMALL.replace('1h', 'soon').replace('cpu: 8', 'cpu: -8'));
    const { code, stdout, stderr } = await orrery(['validate', 'bad.yaml'], { cwd });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/bad.yaml:4:10 horizon/);
    expect(stderr).toMatch(/bad.yaml:7:\d+ .*cpu/);
  });

  it('schema prints JSON Schema, to a file too', async () => {
    const printed = await orrery(['schema'], { cwd });
    const written = await orrery(['schema', '--out', 'deep/schema.json'], { cwd });
    expect([printed.code, written.code, written.stdout]).toEqual([0, 0, '']);
    expect(readFileSync(join(cwd, 'deep/schema.json'), 'utf8')).toBe(printed.stdout);
    expect(JSON.parse(printed.stdout)).toHaveProperty('properties.horizon');
  });

  it('policies lists by contract, explains one and prints JSON', async () => {
    const [all, one, data, none] = await Promise.all([
      orrery(['policies'], { cwd }),
      orrery(['policies', 'best-fit'], { cwd }),
      orrery(['policies', 'scheduling', '--format', 'json'], { cwd }),
      orrery(['policies', 'best-fid'], { cwd }),
    ]);
    expect(all.stdout).toMatch(/^placement\n/m);
    expect(all.stdout).toMatch(/^ {2}first-fit {2,}The lowest/m);
    expect(one.stdout).toMatch(/^best-fit \(scheduling\)/);
    expect(one.stdout).toMatch(/formula:/);
    const policies: { contract: string }[] = JSON.parse(data.stdout);
    expect(policies.every((policy) => policy.contract === 'scheduling')).toBe(true);
    expect(none).toMatchObject({ code: 2 });
    expect(none.stderr).toMatch(/did you mean best-fit/);
  });

  it('help shows examples first and exits with 0', async () => {
    const [top, run, version] = await Promise.all([
      orrery(['--help'], { cwd }),
      orrery(['run', '--help'], { cwd }),
      orrery(['--version'], { cwd }),
    ]);
    for (const { code, stdout } of [top, run]) {
      expect(code).toBe(0);
      expect(stdout.startsWith('Examples:\n  orrery run')).toBe(true);
    }
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
