import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SwfReader } from '../../../src/workloads/swf.ts';
import { context, dataFolder, readAll } from './build-context.ts';

/** A line of 18 fields from the few that matter. */
function job(submit: number, run: number, used: number, requested: number, estimate = -1): string {
  return `1 ${submit} -1 ${run} ${used} -1 -1 ${requested} ${estimate} -1 1 1 1 -1 1 -1 -1 -1`;
}

describe('SwfReader', () => {
  it('reads gangs of one-processor pods, requested processors first', () => {
    const world = context();
    const text = `; Version: 2\n\n${job(5, 60, 4, 8, 120)}\n  ${job(5, 60.5, 4, -1)}\n`;
    const rows = readAll(new SwfReader(world), text);
    expect(rows).toMatchObject([
      { atUs: 5e6, pods: 8, gang: true, durationUs: 60e6, estimateUs: 120e6 },
      { atUs: 5e6, pods: 4, gang: true, durationUs: 60.5e6, estimateUs: 60.5e6 },
    ]);
    expect(world.shapes.at(rows[0]!.shape).requests).toEqual([1000, 64, 1]);
  });

  it('asks for one core where the pod of the workload asks for no cpu', () => {
    const world = context({ pod: { ...context().pod, requests: [0, 0, 1] } });
    const rows = readAll(new SwfReader(world), job(0, 1, 1, 1));
    expect(world.shapes.at(rows[0]!.shape).requests).toEqual([1000, 0, 1]);
  });

  it('drops jobs that never ran, and does not count them against the limit', () => {
    const text = [job(0, 0, 1, 1), job(1, -1, 1, 1), job(2, 5, 0, -1), job(3, 5, 1, 1)].join('\n');
    const rows = readAll(new SwfReader(context({ limit: 1 })), text);
    expect(rows.map((row) => row.atUs)).toEqual([3e6]);
  });

  it.each([
    [`${job(5, 1, 1, 1)}\n${job(4, 1, 1, 1)}`, /jobs.trace:2:1 submit time: got "4".*sorted/],
    ['1 2 3', /jobs.trace:1:1 row.*18 numbers/],
    [job(0, 1, 1, 1).replace(' 1 ', ' one '), /got "one"|18 numbers/],
    [job(-5, 1, 1, 1), /submit time.*at least 0/],
    [job(0, 1, 1, 1.5), /processors: got "1.5"/],
    [job(0, 1e12, 1, 1), /run time \(field 4\)/],
  ])('refuses %j', (text, message) => {
    const reader = new SwfReader(context());
    expect(() => readAll(reader, text)).toThrow(message);
  });
});

const data = dataFolder();
describe.skipIf(data === undefined)('SwfReader on the shipped logs', () => {
  // Usable jobs as counted by an independent script: run time > 0 and processors > 0.
  it.each([
    ['NASA-iPSC-1993-3.1-cln.swf.gz', 18066],
    ['hpc2n-alea.swf', 3145],
    ['lublin_256.swf.gz', 10000],
  ])('reads %s with %i usable jobs in order of time', (name, jobs) => {
    const bytes = readFileSync(join(data!, 'traces/swf', name));
    const plain = name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    const rows = readAll(new SwfReader(context()), plain, 10_007);
    expect(rows).toHaveLength(jobs);
    expect(rows.every((row, i) => i === 0 || row.atUs >= rows[i - 1]!.atUs)).toBe(true);
  });
});
