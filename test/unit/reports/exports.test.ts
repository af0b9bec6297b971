import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { figures } from '../../../src/reports/figures.ts';
import { metricsCsv } from '../../../src/reports/metrics-csv.ts';
import { seriesJson } from '../../../src/reports/series-json.ts';
import { standaloneSvg } from '../../../src/reports/standalone-svg.ts';
import { metricResult, syntheticBundle } from '../../builders/bundle.ts';
import { parseXml } from '../../builders/xml.ts';

const HOSTILE = syntheticBundle({ clusters: 3, buckets: 12, prefix: '<a href="x">&\'"\n=1' });

describe('metrics as CSV', () => {
  it('have one row per statistic, named as in thresholds, absent ones left out', () => {
    const wait = metricResult(
      'pod_wait_seconds',
      { class: '=critical' },
      {
        n: 4,
        sum: 10,
        mean: 2.5,
        min: 1,
        max: 4,
        quantiles: { '0.5': 2, '0.999': 4, '0.07': null },
        quantilesAtLeast: ['0.999'],
        censored: 1,
      },
    );
    expect(metricsCsv([wait]).split('\n')).toEqual([
      'metric,class,stat,value,unit,at_least,direction',
      "pod_wait_seconds,'=critical,count,4,,false,lower",
      "pod_wait_seconds,'=critical,sum,10,seconds,true,lower",
      "pod_wait_seconds,'=critical,avg,2.5,seconds,true,lower",
      "pod_wait_seconds,'=critical,min,1,seconds,false,lower",
      "pod_wait_seconds,'=critical,max,4,seconds,true,lower",
      "pod_wait_seconds,'=critical,p(50),2,seconds,false,lower",
      "pod_wait_seconds,'=critical,p(99.9),4,seconds,true,lower",
      "pod_wait_seconds,'=critical,censored,1,,false,lower",
      '',
    ]);
  });

  it('are read back by a strict reader, and gauges have their time-weighted mean', () => {
    const rows: Record<string, string>[] = parse(metricsCsv(HOSTILE.result.metrics), {
      columns: true,
    });
    const gauge = HOSTILE.result.metrics.find((m) => m.kind === 'gauge' && m.mean !== null)!;
    expect(rows.some((row) => row.metric === gauge.name && row.stat === 'twavg')).toBe(true);
    expect(rows.every((row) => Number.isFinite(Number(row.value)))).toBe(true);
  });
});

describe('series as JSON', () => {
  it('say the same as the series, with null where nothing was observed', () => {
    const { series } = HOSTILE;
    const parsed = JSON.parse(seriesJson(series));
    const plain = (values: Float64Array) => JSON.parse(JSON.stringify(Array.from(values)));
    expect(parsed).toEqual({
      schema: 'orrery.series/1',
      ...series,
      series: series.series.map((s) => ({
        ...s,
        min: plain(s.min),
        mean: plain(s.mean),
        max: plain(s.max),
      })),
    });
  });

  it('may be none', () => {
    expect(JSON.parse(seriesJson({ ...HOSTILE.series, series: [] })).series).toEqual([]);
  });
});

describe('a figure that stands alone', () => {
  it('is strict XML with size, ink, background, title and description', () => {
    const all = figures(HOSTILE);
    expect(all.length).toBeGreaterThan(10);
    for (const { svg, name } of all) {
      const file = standaloneSvg(svg);
      const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
      expect(file.startsWith(`${declaration}<svg xmlns="http://www.w3.org/2000/svg"`), name).toBe(
        true,
      );
      expect(parseXml(file.slice(declaration.length).trimEnd()), name).toBeGreaterThan(3);
      expect(file, name).toMatch(
        /^<svg [^>]* width="[\d.]+" height="[\d.]+" color="#\w{6}"><title[^>]*>[^<]+<\/title>(<desc[^>]*>[^<]+<\/desc>)?<rect width="[\d.]+" height="[\d.]+" fill="#ffffff"\/>/m,
      );
    }
  });

  it('must be a chart', () => {
    expect(() => standaloneSvg('<p>')).toThrow(/viewBox/);
  });
});
