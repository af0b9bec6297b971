import { describe, expect, it } from 'vitest';
import { buildIdentity, type RunIdentity, runKey } from '../../../src/host/sweep-key.ts';

const RUN: RunIdentity = {
  build: '0.1.0+abc',
  scenarioSha256: 'aa',
  inputs: [{ name: 'catalog.yaml', sha256: 'bb' }],
  overrides: ['a=1', 'b=2'],
  plugins: [{ name: 'mine.js', sha256: 'cc' }],
  seed: 7,
  replication: 0,
};

describe('the key of a run', () => {
  it('is the same for the same run, whatever else its object holds', () => {
    const more = { ...RUN, orreryVersion: '9.9.9' };
    expect(runKey(more)).toBe(runKey(RUN));
    expect(runKey(RUN)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each<Partial<RunIdentity>>([
    { build: '0.1.0+abd' },
    { scenarioSha256: 'ab' },
    { inputs: [] },
    { inputs: [{ name: 'catalog.yaml', sha256: 'bc' }] },
    { overrides: ['a=1'] },
    { overrides: ['b=2', 'a=1'] },
    { overrides: ['a=1,b=2'] },
    { plugins: [] },
    { seed: 8 },
    { replication: 1 },
  ])('differs with %o', (change) => {
    expect(runKey({ ...RUN, ...change })).not.toBe(runKey(RUN));
  });
});

describe('the identity of a build', () => {
  it('is its version and its code, and does not change between calls', () => {
    expect(buildIdentity('1.2.3')).toMatch(/^1\.2\.3\+[0-9a-f]{12}$/);
    expect(buildIdentity('1.2.3')).toBe(buildIdentity('1.2.3'));
  });
});
