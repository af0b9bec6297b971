/** Two scenario files of one world may be compared: what decides and what judges may differ, what happens may not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { orrery } from './command.ts';

const TEXT = `name: one
horizon: 1h
seed: 7
fleet:
  machineTypes: [{name: m, cpu: 4, memory: 16Gi}]
  providers: [{name: own, kind: private}]
  clusters: [{name: a, provider: own, pools: [{name: p, machineType: m, count: 4}]}]
workloads:
  - {name: w, kind: job, arrivals: {poisson: 0.1/s}, duration: {exponential: {mean: 2m}}, pod: {cpu: 1, memory: 1Gi}}
policies: {scheduling: first-fit}
thresholds: {pod_wait_seconds: ["max < 1h"]}
`;

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'orrery-worlds-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

async function compared(text: string): Promise<[code: number | null, stderr: string]> {
  writeFileSync(join(cwd, 'base.yaml'), TEXT);
  writeFileSync(join(cwd, 'head.yaml'), text);
  for (const side of ['base', 'head']) {
    const { code } = await orrery(['run', `${side}.yaml`, '--out', side, '-q'], { cwd });
    expect([0, 99]).toContain(code);
    rmSync(join(cwd, `${side}.yaml`));
  }
  const { code, stderr } = await orrery(['compare', 'base', 'head'], { cwd });
  for (const side of ['base', 'head']) rmSync(join(cwd, side), { recursive: true });
  return [code, stderr];
}

it.each([
  ['another policy', TEXT.replace('first-fit', 'best-fit')],
  ['another threshold', TEXT.replace('max < 1h', 'max < 2h')],
  ['other words', `# a comment\nquestion: Why?\n${TEXT}`],
])(
  '%s in the file leaves the world the same',
  async (_, text) => {
    expect(await compared(text)).toEqual([0, '']);
  },
  120_000,
);

it.each([
  ['another horizon', TEXT.replace('horizon: 1h', 'horizon: 2h')],
  ['another load', TEXT.replace('0.1/s', '0.11/s')],
])(
  '%s makes another world',
  async (_, text) => {
    const [code, stderr] = await compared(text);
    expect(code).toBe(2);
    expect(stderr).toContain('head scenario: got one');
  },
  120_000,
);
