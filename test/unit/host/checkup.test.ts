import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../../src/cli/doctor.ts';
import { checkNode, checkUp } from '../../../src/host/checkup.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'orrery-checkup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const finding = (name: string, env: Record<string, string> = {}) =>
  checkUp({ folder, env, nodeVersion: 'v20.19.0' }).find((one) => one.name === name)!;

describe('checkUp', () => {
  it('knows which Node is too old', () => {
    expect(checkNode('v20.19.0').status).toBe('ok');
    expect(checkNode('v24.0.0').status).toBe('ok');
    expect(checkNode('v20.18.9')).toMatchObject({
      status: 'fail',
      fix: 'install Node 20.19 or later',
    });
    expect(checkNode('v8.20.0').status).toBe('fail');
  });

  it('says what to do wherever not all is well, and only there', () => {
    for (const one of checkUp({ folder, env: {}, nodeVersion: 'v20.19.0' })) {
      expect(one.fix === null, one.name).toBe(one.status === 'ok');
    }
  });

  it('finds the traces of ORRERY_DATA, and what openb lacks', () => {
    expect(finding('data')).toMatchObject({ status: 'ok', text: expect.stringMatching(/not set/) });
    expect(finding('data', { ORRERY_DATA: 'none' }).status).toBe('fail');
    mkdirSync(join(folder, 'data/traces/openb'), { recursive: true });
    const half = finding('data', { ORRERY_DATA: 'data' });
    expect(half).toMatchObject({ status: 'warn', text: 'traces: openb' });
    expect(half.fix).toMatch(/openb_node_list_gpu_node.csv and /);
    for (const name of ['openb_node_list_gpu_node.csv', 'openb_pod_list_default.csv']) {
      writeFileSync(join(folder, 'data/traces/openb', name), '');
    }
    expect(finding('data', { ORRERY_DATA: 'data' }).status).toBe('ok');
  });

  it('knows whether reports can be written', () => {
    expect(finding('reports').text).toBe('reports/ will be made');
    mkdirSync(join(folder, 'reports'));
    expect(finding('reports').text).toBe('reports/ can be written');
  });

  it.skipIf(process.getuid?.() === 0)('fails where nothing can be written', () => {
    chmodSync(folder, 0o500);
    expect(finding('reports')).toMatchObject({ status: 'fail' });
    chmodSync(folder, 0o700);
  });
});

describe('the text of a checkup', () => {
  it('has a line each, the remedy below, and a verdict', () => {
    const text = textOf([
      { name: 'node', status: 'ok', text: 'v20.19.0', fix: null },
      { name: 'plug-ins', status: 'fail', text: 'broken', fix: 'mend it' },
      { name: 'data', status: 'warn', text: 'none', fix: 'get some' },
    ]);
    expect(text.split('\n')).toEqual([
      'ok    node      v20.19.0',
      'fail  plug-ins  broken',
      '                fix: mend it',
      'warn  data      none',
      '                fix: get some',
      '1 failure, 1 warning',
      '',
    ]);
  });
});
