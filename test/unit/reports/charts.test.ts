import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../src/collections/histogram.ts';
import { barChart, waterfallChart } from '../../../src/reports/charts/bars.ts';
import { ccdfChart } from '../../../src/reports/charts/ccdf.ts';
import { type Chart, shorten } from '../../../src/reports/charts/frame.ts';
import { heatMapChart } from '../../../src/reports/charts/heat-map.ts';
import { lineChart } from '../../../src/reports/charts/lines.ts';
import { gridOf, rebucket } from '../../../src/reports/charts/rebucket.ts';
import { stackChart } from '../../../src/reports/charts/stack.ts';
import { mergeSamples } from '../../../src/results/samples.ts';
import { distribution } from '../../builders/bundle.ts';
import { parseXml } from '../../builders/xml.ts';

const TEXT = { id: 'x', title: 'A <finding> & "more"', desc: "what's shown" };
const gridFor = (buckets: number) =>
  gridOf({ bucketSeconds: 60, buckets, endSeconds: buckets * 60 }, 288);
const constant = (n: number, value: number) => new Float64Array(n).fill(value);
const flat = (n: number, value: number) => {
  const values = constant(n, value);
  return { min: values, mean: values, max: values };
};
const samples = (...seconds: number[]) => {
  const histogram = new Histogram();
  for (const s of seconds) histogram.record(s * 1e6);
  return mergeSamples([distribution({}, histogram, new Histogram(), 'run')]);
};

/** One chart of each kind over `n` buckets of a constant value; bars, which cannot be unknown, have 0 for NaN. */
function chartsOf(n: number, value: number, count: number): Chart[] {
  const names = Array.from({ length: count }, (_, i) => `name-${i}`);
  const grid = gridFor(n);
  const layers = names.map((name) => ({ name, values: constant(n, value) }));
  return [
    stackChart(TEXT, { grid, layers, limit: null, unit: 'cores' }),
    stackChart(TEXT, {
      grid,
      layers,
      limit: { name: 'allocatable', values: constant(n, value) },
      unit: 'bytes',
    }),
    lineChart(TEXT, {
      grid,
      lines: names.map((name) => ({ name, buckets: flat(n, value) })),
      unit: 'ratio',
    }),
    heatMapChart(TEXT, { grid, rows: layers }),
    ccdfChart(
      TEXT,
      names.map((name) => ({
        name,
        samples: samples(...(n === 0 || Number.isNaN(value) ? [] : [value])),
      })),
    ),
    barChart(
      TEXT,
      names.map((name) => ({ name, value: value || 0 })),
      'dollars',
    ),
    waterfallChart(
      TEXT,
      names.map((name) => ({ name, value: value || 0 })),
      'dollars',
    ),
  ];
}

describe('every chart', () => {
  it.each([
    ['no bucket and no line', 0, 0, 0],
    ['buckets but no line', 5, 1, 0],
    ['a single point', 1, 0.5, 1],
    ['a constant zero', 12, 0, 2],
    ['a constant', 12, 0.4, 3],
    ['more lines than colours', 12, 0.4, 13],
    ['unknown values only', 12, Number.NaN, 2],
    ['huge values', 12, 1e15, 2],
  ])('is well-formed XML with title and description: %s', (_, n, value, count) => {
    for (const [i, chart] of chartsOf(n, value, count).entries()) {
      expect(() => parseXml(chart.svg), `chart ${i}`).not.toThrow();
      expect(chart.svg).toContain('role="img"');
      expect(chart.svg).toContain(
        '<title id="x-t">A &lt;finding&gt; &amp; &quot;more&quot;</title>',
      );
      expect(chart.svg).toContain('<desc id="x-d">what&#39;s shown</desc>');
      for (const row of chart.table.rows) expect(row).toHaveLength(chart.table.head.length);
    }
  });

  it('says so where there is no data', () => {
    for (const chart of chartsOf(0, 0, 0)) expect(chart.svg).toContain('no data in this run');
  });
});

describe('the heat map', () => {
  it('puts the tightest row on top and those without nodes last', () => {
    const rows = [
      { name: 'dark', values: constant(4, Number.NaN) },
      { name: 'free', values: constant(4, 0.5) },
      { name: 'tight', values: Float64Array.of(0.5, 0.01, 0.5, 0.5) },
    ];
    const chart = heatMapChart(TEXT, { grid: gridFor(4), rows });
    // mean of 0.5, 0.01, 0.5, 0.5 = 1.51 / 4 = 37.75 %
    expect(chart.table.rows).toEqual([
      ['tight', '1 %', 'day 1 00:01', '37.8 %'],
      ['free', '50 %', 'day 1 00:00', '50 %'],
      ['dark', '–', '–', '–'],
    ]);
  });

  it('stays small with 1,000 rows that change at every bucket', () => {
    const rows = Array.from({ length: 1000 }, (_, r) => ({
      name: `c-${r}`,
      values: Float64Array.from({ length: 96 }, (_, i) => ((r + i) % 7) / 8),
    }));
    const chart = heatMapChart(TEXT, { grid: gridFor(96), rows });
    // 96,000 rectangles of at most 30 characters
    expect(chart.svg.length).toBeLessThan(2.9e6);
  });
});

describe('rebucketing', () => {
  it('keeps peaks and skips what is unknown', () => {
    const grid = gridOf({ bucketSeconds: 10, buckets: 5, endSeconds: 47 }, 3);
    expect(grid).toMatchObject({ count: 3, group: 2, bucketSeconds: 20, starts: [0, 20, 40] });
    const values = {
      min: Float64Array.of(1, 0, Number.NaN, Number.NaN, 4),
      mean: Float64Array.of(2, 4, Number.NaN, Number.NaN, 5),
      max: Float64Array.of(9, 5, Number.NaN, Number.NaN, 6),
    };
    const out = rebucket(values, grid);
    expect([...out.min]).toEqual([0, Number.NaN, 4]);
    expect([...out.mean]).toEqual([3, Number.NaN, 5]);
    expect([...out.max]).toEqual([9, Number.NaN, 6]);
  });
});

describe('names', () => {
  it('are cut in the middle', () => {
    expect(shorten('europe-west-cluster-017', 11)).toBe('europ…r-017');
    expect(shorten('short', 11)).toBe('short');
  });
});
