import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runGroundTruth } from '../tools/ground-truth/cases.ts';
import type { CaseResult } from '../tools/ground-truth/report.ts';
import { describeWithData } from './data.ts';

type Take = (raw: Readonly<Record<string, unknown>>) => boolean;

describeWithData('ground truth', (data) => {
  const run = (only: string | null, takes: Take): readonly CaseResult[] =>
    runGroundTruth({
      folder: join(data, 'ground-truth'),
      traces: null,
      only,
      takes,
      onCase: () => {},
    }).files.flatMap((file) => file.cases);

  it('schedules job logs first come first served, and by EASY with a reservation of counts', () => {
    const cases = run('swf-backfill-reference.json', ({ trace }) => !/lublin/.test(String(trace)));
    expect(cases.length).toBeGreaterThan(0);
    for (const done of cases) expect(done).toMatchObject({ status: 'passed', reason: null });
  });

  it('agrees with the exact values of queues and machines that take little time', () => {
    const isFast: Take = ({ kind, params }) => {
      const { c, lambda } = params as { c?: number; lambda?: number };
      if (String(kind).startsWith('M/M/c')) return c === 1;
      if (String(kind).startsWith('M/G/1')) return lambda === 0.5;
      return !/ErlangB|priority/.test(String(kind)) || (c ?? 99) <= 10;
    };
    const cases = run('analytic-queueing.json', isFast);
    const failed = cases.filter((done) => done.status === 'failed');
    expect(failed).toEqual([]);
    expect(cases.filter((done) => done.status === 'passed').length).toBeGreaterThanOrEqual(10);
  });

  it('agrees with the transcribed cases of Kubernetes, scheduler and autoscaler, none skipped', () => {
    const cases = run(null, (raw) => 'plugin' in raw || 'metricType' in raw);
    expect(cases.length).toBeGreaterThan(0);
    for (const done of cases) expect(done).toMatchObject({ status: 'passed', reason: null });
  });

  it('skips by name what no registered policy answers, and never passes it', () => {
    const fields = ['kind', 'policy', 'trace_ms', 'plugin', 'metricType'];
    const isForeign: Take = (raw) => !fields.some((field) => field in raw);
    const cases = run(null, isForeign);
    expect(cases.length).toBeGreaterThan(0);
    for (const done of cases) {
      expect(done).toMatchObject({ status: 'skipped', reason: expect.stringMatching(/policy/) });
    }
  });
});
