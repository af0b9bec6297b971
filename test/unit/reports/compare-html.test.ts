import { describe, expect, it } from 'vitest';
import { comparisonHtml } from '../../../src/reports/compare-html.ts';
import { comparisonFigures } from '../../../src/reports/figures/comparison.ts';
import { batchRows, effortFigures } from '../../../src/reports/figures/effort.ts';
import { reportHtml } from '../../../src/reports/html.ts';
import { studyHtml } from '../../../src/reports/study-html.ts';
import { compareBundles } from '../../../src/results/compare.ts';
import { compareStudy } from '../../../src/results/study-comparison.ts';
import { studyTable } from '../../../src/results/study-table.ts';
import { syntheticBundle } from '../../builders/bundle.ts';
import { replicatedBundle } from '../../builders/replicated.ts';

const waits = (shift: number) => ({
  name: 'pod_wait_seconds',
  samples: [0, 1, 2, 3].map((r) => [1, 2, 3, 4].map((s) => s + shift + r / 10)),
});

/** Costs fall by 10 in each pair, arrivals stay, waits grow by 1 s at every quantile. */
const BASE = replicatedBundle({
  label: 'base <b>',
  trajectory: '00000000000000aa',
  rows: [
    { name: 'cost_dollars', values: [100, 110, 120, 130] },
    { name: 'pods_completed_total', values: [1000, 1010, 1020, 1030] },
    { name: 'pod_wait_seconds', values: [2.5, 2.6, 2.7, 2.8] },
  ],
  sampled: [waits(0)],
});
const HEAD = replicatedBundle({
  label: 'head',
  trajectory: '00000000000000bb',
  scheduling: 'first-fit',
  rows: [
    { name: 'cost_dollars', values: [90, 101, 109, 120] },
    { name: 'pods_completed_total', values: [1000, 1011, 1019, 1030] },
    { name: 'pod_wait_seconds', values: [3.5, 3.6, 3.7, 3.8] },
  ],
  sampled: [waits(1)],
});
const COMPARISON = compareBundles([BASE, HEAD]);

describe('the page of a comparison', () => {
  const figures = comparisonFigures(COMPARISON, [BASE, HEAD], 'f');

  it('draws a dot per pair, with the ends of the pairs in the table', () => {
    const { chart } = figures[0]!;
    expect(chart.title).toBe('head against base <b>: 2 worse, 1 better, 1 unclear');
    // 4 pairs of each of the 4 rows: cost, completed, mean and p99 of the wait.
    expect(chart.svg.match(/<circle cx="[\d.]+" cy="[\d.]+" r="2.2"/g)).toHaveLength(16);
    const cost = chart.table.rows.find((row) => row[0] === 'cost_dollars')!;
    // 90 - 100, 101 - 110, 109 - 120, 120 - 130: mean -10.
    expect(cost.slice(0, 3)).toEqual(['cost_dollars', 4, '-$10.00']);
    expect(cost.slice(5, 7)).toEqual(['-$11.00', '-$9.00']);
    expect(cost.at(-1)).toBe('✓ better');
    const completed = chart.table.rows.find((row) => row[0] === 'pods_completed_total')!;
    expect(String(completed.at(-1))).toMatch(/^~ not significant/);
  });

  it('draws how far each quantile moved', () => {
    const { chart } = figures[1]!;
    expect(chart.title).toMatch(/^head waits .* longer at p/);
    expect(chart.table.rows.map((row) => row[0])).toEqual([
      ...['p10', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'],
    ]);
    // Every sample is 1 s longer, within the 0.4 % of the histogram's bins.
    for (const [, difference] of chart.table.rows) expect(difference).toBeCloseTo(1, 1);
  });

  it('draws a slope per metric and says what of it is decided', () => {
    const { chart, note } = figures[2]!;
    expect(chart.title).toBe('3 of 4 metrics change with the policy beyond interval and floor');
    expect(chart.table.rows).toHaveLength(8);
    expect(note).toContain('n = 4');
  });

  it('sets nothing in bold that is inside its interval, and escapes names', () => {
    const html = comparisonHtml(COMPARISON, [BASE, HEAD]);
    const bold = [...html.matchAll(/<strong>(\w+)<\/strong> <code>([^<]+)<\/code>/g)];
    expect(bold.map(([, verdict]) => verdict).sort()).toEqual(['better', 'worse', 'worse']);
    expect(bold.map(([, , metric]) => metric)).not.toContain('pods_completed_total');
    expect(html).not.toContain('<b>');
    expect(html).toContain('base &lt;b&gt;');
    expect(html).toContain('4 paired replications');
  });

  it('shows no pairs and no interval for single runs', () => {
    const one = (label: string, cost: number) =>
      replicatedBundle({ label, rows: [{ name: 'cost_dollars', values: [cost] }] });
    const bundles = [one('a', 1), one('b', 2)];
    const html = comparisonHtml(compareBundles(bundles), bundles);
    expect(html).toContain('one replication');
    expect(html).not.toContain('<strong>');
  });

  it('is written for every group of a study', () => {
    const points = ['low', 'high'].flatMap((load) =>
      [BASE, HEAD].map((bundle, i) => ({
        name: `${load}-${i}`,
        at: { policy: i === 0 ? 'one' : 'two', load },
        bundle,
      })),
    );
    const options = { choices: null, level: 0.95 };
    const table = studyTable(points, { ...options, axes: ['policy', 'load'] });
    const comparison = compareStudy(points, {
      ...options,
      study: 's',
      axis: 'policy',
      baseline: 'one',
      allowsDifferent: false,
    });
    const head = { name: 'my <study>', question: 'Which?', seed: 1, replications: 4 };
    const html = studyHtml(head, table, { points, comparison });
    for (const id of ['g1-differences-1', 'g2-differences-1', 'g2-slopes']) {
      expect(html).toContain(`id="f-${id}"`);
    }
    expect(html).not.toContain('<study>');
    const alone = studyHtml(head, table, { points, comparison: null });
    expect(alone).not.toContain('id="compare"');
    expect(alone).toContain('4 replications of each point');
  });
});

describe('figures of the methods page', () => {
  it('are there for several replications only', () => {
    const one = syntheticBundle({ clusters: 1, buckets: 24 });
    expect(effortFigures(one)).toEqual([]);
    expect(reportHtml(one)).not.toContain('How precise each mean is');
  });

  it('show where the mean course becomes steady and how the estimate settles', () => {
    const plain = syntheticBundle({ clusters: 1, buckets: 60 });
    const replications = [0, 1, 2].map((r) => ({
      result: plain.result,
      series: {
        ...plain.series,
        series: plain.series.series.map((s) => ({
          ...s,
          // Ten buckets of filling, then level: what MSER-5 cuts is a multiple of 5 buckets, so 10.
          mean: s.mean.map((_, b) => Math.min(b, 10) * 100 + ((b * 7 + r * 3) % 5)),
        })),
      },
    }));
    const waitsOf = plain.result.metrics.map((m) =>
      m.name === 'pod_wait_seconds' && Object.keys(m.labels).length === 0
        ? { ...m, perReplication: [1, 2, 3] }
        : m,
    );
    const bundle = {
      ...plain,
      replications,
      result: { ...plain.result, replications: 3, metrics: waitsOf },
    };
    const figures = effortFigures(bundle);
    const welch = figures.find(({ name }) => name === 'welch-pods-running')!;
    expect(welch.chart.title).toMatch(/^pods_running is steady (only )?after /);
    expect(welch.chart.svg).toContain('cut of MSER-5');
    expect(welch.note).toContain('n = 3');
    const settling = figures.find(({ name }) => name === 'settling')!;
    // Mean of 1, 2, 3 is 2; s = 1; t(0.975; 2) = 4.303, so 4.303 / sqrt(3) = 2.484.
    expect(settling.chart.title).toContain('Mean wait of 3 replications');
    expect(settling.chart.table.rows[2]!.slice(1, 3)).toEqual([3, 2]);
    expect(Number(settling.chart.table.rows[2]![4])).toBeCloseTo(4.484, 3);
  });

  it('take a steady single run apart into batches', () => {
    const plain = syntheticBundle({ clusters: 1, buckets: 96 });
    const steady = { ...plain, manifest: { ...plain.manifest, study: 'steady' as const } };
    expect(reportHtml(plain)).not.toContain('Batch means');
    const html = reportHtml(steady);
    expect(html).toContain('One long run');
    // 96 buckets are 20 batches of 4, less the warm-up.
    expect(batchRows(steady)[0]![1]).toMatch(/^20 of /);
    const short = syntheticBundle({ clusters: 1, buckets: 24 });
    const few = { ...short, manifest: { ...short.manifest, study: 'steady' as const } };
    expect(reportHtml(few)).toContain('Too short for batch means');
  });
});
