import { parse } from 'csv-parse/sync';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { seriesCsv } from '../../../src/reports/csv.ts';
import { csvText, escapeHtml, visible } from '../../../src/reports/escape.ts';
import { seriesParquet } from '../../../src/reports/parquet.ts';
import type { SeriesFile } from '../../../src/results/bundle.ts';
import { syntheticBundle } from '../../builders/bundle.ts';

const SMALL: SeriesFile = {
  bucketSeconds: 300,
  buckets: 2,
  endSeconds: 600,
  series: [
    {
      name: 'pods_running',
      kind: 'gauge',
      unit: 'pods',
      labels: { cluster: '=cmd, "x"' },
      min: Float64Array.of(1, Number.NaN),
      mean: Float64Array.of(2.5, Number.NaN),
      max: Float64Array.of(3, Number.NaN),
    },
    {
      name: 'pods_arrived_total',
      kind: 'counter',
      unit: 'pods',
      labels: {},
      min: Float64Array.of(0, 1),
      mean: Float64Array.of(0.1, 2),
      max: Float64Array.of(1, 3),
    },
  ],
};

describe('series as CSV', () => {
  it('have one row per series, bucket and statistic, quoted and harmless to spreadsheets', () => {
    expect(seriesCsv(SMALL).split('\n')).toEqual([
      't_seconds,metric,cluster,stat,value,unit',
      `0,pods_running,"'=cmd, ""x""",min,1,pods`,
      `0,pods_running,"'=cmd, ""x""",mean,2.5,pods`,
      `0,pods_running,"'=cmd, ""x""",max,3,pods`,
      '0,pods_arrived_total,,min,0,pods/s',
      '0,pods_arrived_total,,mean,0.1,pods/s',
      '0,pods_arrived_total,,max,1,pods/s',
      '300,pods_arrived_total,,min,1,pods/s',
      '300,pods_arrived_total,,mean,2,pods/s',
      '300,pods_arrived_total,,max,3,pods/s',
      '',
    ]);
  });

  it('are read back by a strict reader', () => {
    const { series } = syntheticBundle({ clusters: 3, buckets: 4, prefix: 'a"b\n,' });
    const rows = parse(seriesCsv(series), { columns: true }) as Record<string, string>[];
    const known = series.series.flatMap((s) => [...s.mean]).filter(Number.isFinite).length;
    expect(rows).toHaveLength(known * 3);
    expect(rows.some((r) => r.cluster === 'a"b\n,c-01')).toBe(true);
  });
});

describe('series as Parquet', () => {
  it('are read back with the same numbers', async () => {
    const rows = await parquetReadObjects({ file: bufferOf(seriesParquet(SMALL)) });
    expect(rows).toEqual([
      {
        t_seconds: 0,
        metric: 'pods_running',
        cluster: '=cmd, "x"',
        min: 1,
        mean: 2.5,
        max: 3,
        unit: 'pods',
        kind: 'gauge',
      },
      {
        t_seconds: 0,
        metric: 'pods_arrived_total',
        cluster: null,
        min: 0,
        mean: 0.1,
        max: 1,
        unit: 'pods/s',
        kind: 'counter',
      },
      {
        t_seconds: 300,
        metric: 'pods_arrived_total',
        cluster: null,
        min: 1,
        mean: 2,
        max: 3,
        unit: 'pods/s',
        kind: 'counter',
      },
    ]);
  });

  it('give the same bytes twice, and survive having no rows', async () => {
    const { series } = syntheticBundle();
    const again = Buffer.from(seriesParquet(series));
    expect(again.equals(seriesParquet(series))).toBe(true);
    const none = { ...SMALL, series: [] };
    expect(await parquetReadObjects({ file: bufferOf(seriesParquet(none)) })).toEqual([]);
  });
});

describe('escaping', () => {
  it('leaves nothing that HTML would read', () => {
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe(
      '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;',
    );
  });

  it('replaces control and direction characters', () => {
    expect(visible('a\u001b\u202eb\ud800')).toBe('a\ufffd\ufffdb\ufffd');
    expect(visible('Zürich ✓ 東京 🚀')).toBe('Zürich ✓ 東京 🚀');
  });

  it.each(['=1', '+1', '-1', '@x'])('puts an apostrophe before %s', (text) => {
    expect(csvText(text)).toBe(`'${text}`);
  });
});

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}
