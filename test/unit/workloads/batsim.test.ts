import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BatsimReader } from '../../../src/workloads/batsim.ts';
import { WHOLE_FILE_BYTES_MAX } from '../../../src/workloads/whole-file.ts';
import { context, dataFolder, feed, readAll } from './build-context.ts';

const PROFILES = {
  short: { type: 'delay', delay: 10.5 },
  long: { type: 'delay', delay: 100 },
  network: { type: 'msg_par' },
};

function file(...jobs: object[]): string {
  return JSON.stringify({ nb_res: 4, jobs, profiles: PROFILES });
}

describe('BatsimReader', () => {
  it('sorts by submission, ties in file order, and runs to the delay or the walltime', () => {
    const text = file(
      { id: 'c', subtime: 20, res: 3, walltime: 60, profile: 'long' },
      { id: 'a', subtime: 1.25, res: 2, walltime: 60, profile: 'short' },
      { id: 'b', subtime: 1.25, res: 1, profile: 'short' },
      { id: 'd', subtime: 30, res: 1, walltime: -1, profile: 'long' },
    );
    const world = context();
    const rows = readAll(new BatsimReader(world), text, 7);
    expect(rows.map(({ shape, ...row }) => row)).toEqual([
      { atUs: 1.25e6, pods: 2, gang: true, durationUs: 10.5e6, estimateUs: 60e6 },
      { atUs: 1.25e6, pods: 1, gang: true, durationUs: 10.5e6, estimateUs: 10.5e6 },
      { atUs: 20e6, pods: 3, gang: true, durationUs: 60e6, estimateUs: 60e6 },
      { atUs: 30e6, pods: 1, gang: true, durationUs: 100e6, estimateUs: 100e6 },
    ]);
    expect(world.shapes.at(rows[0]!.shape).requests).toEqual([1000, 64, 1]);
  });

  it('fills a host where the pod of the workload asks for no cpu, and says so where hosts differ', () => {
    const pod = { ...context().pod, requests: [0, 0, 1] };
    const job = { id: 1, subtime: 0, res: 1, profile: 'short' };
    const world = context({ pod, wholeHost: [32000, 4096, 1] });
    const rows = readAll(new BatsimReader(world), file(job));
    expect(world.shapes.at(rows[0]!.shape).requests).toEqual([32000, 4096, 1]);
    expect(() => new BatsimReader(context({ pod }))).toThrow(/whole host/);
  });

  it.each([
    ['{"jobs": [', /JSON/],
    ['[]', /jobs.*list/],
    ['{"jobs": [], "profiles": []}', /profiles.*object/],
    [file({ id: 1, subtime: 0, res: 1, profile: 'none' }), /jobs\[0\].profile: got "\\"none/],
    [file({ id: 1, subtime: 0, res: 1, profile: 'toString' }), /profile/],
    [file({ id: 1, subtime: 0, res: 1, profile: 'network' }), /profiles.network.type.*delay/],
    [file({ id: 1, subtime: 0, res: 0, profile: 'short' }), /jobs\[0\].res: got "0"/],
    [file({ id: 1, subtime: 0, res: 1.5, profile: 'short' }), /res.*whole/],
    [file({ id: 1, subtime: '0', res: 1, profile: 'short' }), /subtime/],
    [file({ id: 1, res: 1, profile: 'short' }), /subtime: got "nothing"/],
    [JSON.stringify({ jobs: [3], profiles: {} }), /jobs\[0\].*object/],
  ])('refuses %s', (text, message) => {
    expect(() => readAll(new BatsimReader(context()), text)).toThrow(message);
  });

  it('refuses more bytes than it may hold, before it holds them', () => {
    const reader = new BatsimReader(context());
    const chunk = new Uint8Array(WHOLE_FILE_BYTES_MAX + 1);
    expect(() => feed(reader, chunk, chunk.length)).toThrow(/Orrery CSV/);
  });
});

const data = dataFolder();
describe.skipIf(data === undefined)('BatsimReader on the shipped workload', () => {
  it('reads its 801 jobs in order of time', () => {
    const bytes = readFileSync(join(data!, 'traces/batsim-easy/medium_late.json'));
    const rows = readAll(new BatsimReader(context()), bytes);
    expect(rows).toHaveLength(801);
    expect(rows.every((row, i) => i === 0 || row.atUs >= rows[i - 1]!.atUs)).toBe(true);
    // The list's own total: 256450.464 computing host-seconds.
    const seconds = rows.reduce((sum, row) => sum + (row.pods * row.durationUs) / 1e6, 0);
    expect(seconds).toBeCloseTo(256450.464, 3);
  });
});
