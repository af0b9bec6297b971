import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reproduceEasy } from '../tools/reproduce/easy.ts';
import { reproduceFgd } from '../tools/reproduce/fgd.ts';
import { describeWithData } from './data.ts';

describeWithData('published studies', (data) => {
  it('replays the FGD study value by value: default list, two seeds, all policies', () => {
    const report = reproduceFgd({
      data: join(data, 'traces', 'openb'),
      nodes: null,
      variant: 'default',
      policy: null,
      seeds: [42, 47],
      onCase: () => {},
    });
    const gated = report.cases.filter((done) => done.gated);
    expect(gated.map((done) => done.policy)).toEqual([
      'BestFit',
      'DotProd',
      'FGD',
      'GpuClustering',
      'GpuPacking',
    ]);
    for (const done of gated) {
      // 28 columns of two seeds
      expect(done).toMatchObject({ ok: true, seeds: 2, points: 56 });
    }
    expect(report.ok).toBe(true);
  });

  it('says which file of the study is missing, with exit code 3', () => {
    const data = join('no', 'such', 'folder');
    const options = { data, nodes: null, variant: 'all', policy: null, seeds: null };
    expect(() => reproduceFgd({ ...options, onCase: () => {} })).toThrowError(
      expect.objectContaining({
        exitCode: 3,
        message: expect.stringContaining('per_seed_alloc.csv'),
      }),
    );
  });

  it('replays EASY backfilling: all 801 starts and all 801 sets of hosts', () => {
    const report = reproduceEasy(join(data, 'traces', 'batsim-easy'));
    expect(report).toMatchObject({ ok: true, jobs: 801, startsEqual: 801, hostsEqual: 801 });
    // Published totals of the schedule.
    expect(report.makespanSeconds).toBeCloseTo(16_088.51, 5);
    expect(report.meanWaitSeconds).toBeCloseTo(9.516326, 5);
  });
});
