import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../src/collections/histogram.ts';
import { barChart, waterfallChart } from '../../../src/reports/charts/bars.ts';
import { ccdfChart } from '../../../src/reports/charts/ccdf.ts';
import { type Chart, shorten } from '../../../src/reports/charts/frame.ts';
import { heatMapChart } from '../../../src/reports/charts/heat-map.ts';
import { lineChart } from '../../../src/reports/charts/lines.ts';
import { nodeStatesChart } from '../../../src/reports/charts/node-states.ts';
import { colorOf, PALETTE, REST_COLOR, textureOf } from '../../../src/reports/charts/palette.ts';
import { panelChart } from '../../../src/reports/charts/panels.ts';
import { stepArea, stepLine } from '../../../src/reports/charts/path.ts';
import { quantileChart } from '../../../src/reports/charts/quantiles.ts';
import { rankChart } from '../../../src/reports/charts/rank.ts';
import { gridOf, rebucket } from '../../../src/reports/charts/rebucket.ts';
import { scatterChart } from '../../../src/reports/charts/scatter.ts';
import { stackChart } from '../../../src/reports/charts/stack.ts';
import { cellText, tableCsv } from '../../../src/reports/charts/table.ts';
import { STYLE } from '../../../src/reports/html-style.ts';
import { mergeSamples } from '../../../src/results/samples.ts';
import { distribution } from '../../builders/waits.ts';
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
    nodeStatesChart(TEXT, {
      grid,
      rows: names.map((name) => ({
        name,
        nodes: 4,
        down: constant(n, value),
        draining: constant(n, 0),
        booting: constant(n, 0),
        up: constant(n, 4),
      })),
    }),
    rankChart(
      TEXT,
      n === 0
        ? []
        : names.map((name) => ({ name, resource: 'cpu', min: value, mean: value, atSeconds: 60 })),
    ),
    quantileChart(TEXT, {
      grid,
      lines: names.map((name) => ({ name, p50: constant(n, value), p99: constant(n, value) })),
    }),
    panelChart(TEXT, {
      starts: grid.starts,
      endSeconds: grid.endSeconds,
      panels: names.map((name) => ({ name, unit: 'pods', buckets: flat(n, value) })),
      shaded: n < 2 ? null : { from: 60, until: 120, name: 'dark <1>' },
    }),
    scatterChart(TEXT, {
      points: n === 0 ? [] : names.map((name) => ({ name, x: value || 0, y: 0.5, kind: 0 })),
      xName: 'x',
      yName: 'y',
      kinds: ['one & only'],
    }),
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
      for (const row of chart.table.rows) expect(row).toHaveLength(chart.table.columns.length);
      expect(tableCsv(chart.table)).not.toMatch(/NaN|undefined|Infinity/);
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
    // mean of 0.5, 0.01, 0.5, 0.5 = 1.51 / 4 = 0.3775; the second bucket starts at 60 s
    expect(chart.table.rows).toEqual([
      ['tight', 0.01, 60, 0.3775],
      ['free', 0.5, 0, 0.5],
      ['dark', null, null, null],
    ]);
  });

  it('stays small with 1,000 rows that change at every bucket', () => {
    const rows = Array.from({ length: 1000 }, (_, r) => ({
      name: `c-${r}`,
      values: Float64Array.from({ length: 96 }, (_, i) => ((r + i) % 7) / 8),
    }));
    const chart = heatMapChart(TEXT, { grid: gridFor(96), rows });
    // 96,000 cells of at most 10 characters, such as M570 0H576, and 1,000 groups of 7 paths
    expect(chart.svg.length).toBeLessThan(1.5e6);
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

describe('stepped paths', () => {
  const xs = [0, 10, 20, 30];
  const ys = [5, 5, 1, 1];
  const steps = { count: 4, x: (i: number) => xs[i]!, y: (i: number) => ys[i]! };

  it('leave out what lies on the way, and keep corners', () => {
    // level from 0 to 20 over the point at 10, down to 1, level to 30
    expect(stepLine(steps)).toBe('M0 5H20V1H30');
    expect(stepArea(steps, () => 0)).toBe('M0 5H20V1H30V0H0z');
  });

  it('keep a peak that is as thin as a pixel', () => {
    const peak = { count: 3, x: () => 7, y: (i: number) => [0, 9, 0][i]! };
    expect(stepLine(peak)).toBe('M7 0V9V0');
  });

  it('stop where nothing is known', () => {
    expect(stepLine({ ...steps, isKnown: (i) => i !== 1 })).toBe('M0 5zM20 1H30');
  });
});

describe('node states', () => {
  it('keep the worst of a stretch and rank clusters by the share they lose', () => {
    const row = (name: string, nodes: number, down: number[]) => ({
      name,
      nodes,
      down,
      draining: [1, 0, 0],
      booting: [1, 1, 0],
      up: [nodes, nodes, nodes],
    });
    const rows = [row('small', 10, [0, 0, 6]), row('large', 1000, [0, 0, 9])];
    const chart = nodeStatesChart(TEXT, { grid: gridFor(3), rows });
    // 6 of 10 nodes are 60 %, 9 of 1,000 are 0.9 %, both in the third bucket, which starts at 120 s
    expect(chart.table.rows).toEqual([
      ['small', 6, 0.6, 120],
      ['large', 9, 0.009, 120],
    ]);
    // draining is worse than booting: the first bucket is draining, the second booting
    for (const color of ['#cc79a7', '#3d9ad1', '#7f2704', '#f7dcb4']) {
      expect(chart.svg).toContain(`stroke="${color}"`);
    }
  });
});

describe('tables', () => {
  const table = {
    columns: [
      { name: 'class', unit: '' },
      { name: 'p99', unit: 'seconds' },
      { name: 'when', unit: 'instant' },
    ],
    rows: [
      ['a,"b"', { atLeast: 90 }, 3600],
      ['=1+1', null, 0],
    ],
  };

  it('print for people', () => {
    expect(table.rows[0]!.map((c, i) => cellText(c, table.columns[i]!.unit))).toEqual([
      'a,"b"',
      '≥ 1m 30s',
      'day 1 01:00',
    ]);
    expect(cellText(null, 'seconds')).toBe('–');
  });

  it('print for programs: full numbers, quoted texts, no formula', () => {
    expect(tableCsv(table)).toBe(
      'class,p99 [seconds],when [seconds]\n"a,""b""",90,3600\n\'=1+1,,0\n',
    );
  });
});

/** Contrast ratio of two colours as WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const [red, green, blue] = [1, 3, 5]
      .map((i) => Number.parseInt(color.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

describe('the palette', () => {
  it('keeps 3 : 1 against the paper of both pages', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21);
    for (const paper of ['#ffffff', '#1d2125']) {
      expect(STYLE.includes(`--card:${paper === '#ffffff' ? '#fff' : paper}`)).toBe(true);
      for (const color of [...PALETTE, REST_COLOR]) {
        expect(contrast(color, paper), `${color} on ${paper}`).toBeGreaterThanOrEqual(3);
      }
    }
  });

  it('gives the first fourteen areas pairs of colour and texture of their own, and neighbours another texture', () => {
    const pairs = Array.from({ length: 14 }, (_, i) => `${colorOf(i)} ${textureOf('x', i)}`);
    expect(new Set(pairs).size).toBe(14);
    for (let i = 1; i < 14; i++) expect(textureOf('x', i)).not.toBe(textureOf('x', i - 1));
  });
});

describe('names', () => {
  it('are cut in the middle', () => {
    expect(shorten('europe-west-cluster-017', 11)).toBe('europ…r-017');
    expect(shorten('short', 11)).toBe('short');
  });
});
