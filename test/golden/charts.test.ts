/**
 * One small golden picture per chart, `test/golden/charts/<name>.svg`, to be looked at in review: coordinates are rounded to a
 * tenth of a pixel. A difference lands beside it as `<name>-changed.svg`; `npm run golden:update` takes what is new.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/collections/histogram.ts';
import { barChart, waterfallChart } from '../../src/reports/charts/bars.ts';
import { ccdfChart } from '../../src/reports/charts/ccdf.ts';
import type { Chart } from '../../src/reports/charts/frame.ts';
import { heatMapChart } from '../../src/reports/charts/heat-map.ts';
import { lineChart } from '../../src/reports/charts/lines.ts';
import { nodeStatesChart } from '../../src/reports/charts/node-states.ts';
import { panelChart } from '../../src/reports/charts/panels.ts';
import { quantileChart } from '../../src/reports/charts/quantiles.ts';
import { rankChart } from '../../src/reports/charts/rank.ts';
import { gridOf } from '../../src/reports/charts/rebucket.ts';
import { scatterChart } from '../../src/reports/charts/scatter.ts';
import { stackChart } from '../../src/reports/charts/stack.ts';
import { mergeSamples } from '../../src/results/samples.ts';
import { distribution } from '../builders/waits.ts';
import { parseXml } from '../builders/xml.ts';

const FOLDER = fileURLToPath(new URL('charts/', import.meta.url));
const isUpdate = process.env.ORRERY_GOLDEN_UPDATE === '1';
const HOURS = 12;
const grid = gridOf({ bucketSeconds: 3600, buckets: HOURS, endSeconds: HOURS * 3600 }, 288, 7200);
const hours = (of: (hour: number) => number): Float64Array =>
  Float64Array.from({ length: HOURS }, (_, i) => of(i));
/** Minimum, mean and maximum a tenth apart. */
const band = (of: (hour: number) => number) => ({
  min: hours((i) => of(i) * 0.9),
  mean: hours(of),
  max: hours((i) => of(i) * 1.1),
});
const dark = (hour: number): boolean => hour >= 5 && hour < 7;

function samples(factor: number, waiting: number) {
  const done = new Histogram();
  const open = new Histogram();
  for (let i = 1; i <= 200; i++) done.record(Math.round((factor * 1e6 * 100) / (201 - i)));
  for (let i = 1; i <= waiting; i++) open.record(i * 60e6);
  return mergeSamples([distribution({}, done, open, 'run')]);
}

const CHARTS: Readonly<Record<string, (id: string) => Chart>> = {
  bars: (id) =>
    barChart(
      { id, title: 'search takes 61.5 % of all cost', desc: 'Dollars by team.' },
      [
        { name: 'search', value: 800 },
        { name: 'analytics', value: 400 },
        { name: '7 others', value: 100, isRest: true },
      ],
      'dollars',
    ),
  waterfall: (id) =>
    waterfallChart(
      { id, title: '30 % of $1,000 pays for idle capacity', desc: 'Parts and their sum.' },
      [
        { name: 'workload', value: 650 },
        { name: 'idle', value: 300 },
        { name: 'overhead', value: 50 },
      ],
      'dollars',
    ),
  lines: (id) =>
    lineChart(
      { id, title: 'Pods wait most for memory', desc: 'Pending pods by reason.' },
      {
        grid,
        lines: [
          { name: 'insufficient-memory', buckets: band((i) => (dark(i) ? 900 : 100)) },
          { name: 'insufficient-cpu', buckets: band((i) => (i === 3 ? Number.NaN : 60)) },
        ],
        unit: 'pods',
      },
    ),
  stack: (id) =>
    stackChart(
      { id, title: 'Requested memory reaches 90 % of allocatable', desc: 'By cluster.' },
      {
        grid,
        layers: [
          ...['c-1', 'c-2', 'c-3'].map((name, k) => ({
            name,
            values: hours((i) => (dark(i) && k === 1 ? 0 : 2 ** 40 * (i + k + 1))),
          })),
          { name: '4 others', values: hours(() => 2 ** 41), color: '#858d96', isPlain: true },
        ],
        limit: { name: 'allocatable', values: hours((i) => 2 ** 40 * (dark(i) ? 30 : 45)) },
        unit: 'bytes',
      },
    ),
  'heat-map': (id) =>
    heatMapChart(
      { id, title: '1 of 3 clusters falls below 5 % headroom', desc: 'Headroom.' },
      {
        grid,
        rows: [
          { name: 'free', values: hours((i) => 0.7 - i / 40) },
          { name: 'tight', values: hours((i) => 0.3 - i / 40) },
          { name: 'dark', values: hours((i) => (dark(i) ? Number.NaN : 0.15)) },
        ],
      },
    ),
  'node-states': (id) =>
    nodeStatesChart(
      { id, title: '1 of 2 clusters loses half of its nodes', desc: 'Worst states.' },
      {
        grid,
        rows: [
          {
            name: 'steady',
            nodes: 1000,
            down: hours((i) => (i === 4 ? 3 : 0)),
            draining: hours((i) => (i === 8 ? 9 : 0)),
            booting: hours((i) => (i === 9 ? 9 : 0)),
            up: hours(() => 990),
          },
          {
            name: 'hit',
            nodes: 1000,
            down: hours((i) => (dark(i) ? 1000 : i === 7 ? 200 : i === 8 ? 50 : 0)),
            draining: hours(() => 0),
            booting: hours(() => 0),
            up: hours((i) => (dark(i) || i > 9 ? 0 : 1000)),
          },
        ],
      },
    ),
  rank: (id) =>
    rankChart(
      { id, title: 'At its tightest, c-0 has 2 % left', desc: 'Ranks.' },
      Array.from({ length: 9 }, (_, i) => ({
        name: `c-${i}`,
        resource: 'cpu',
        min: 0.02 + i * 0.03,
        mean: 0.3 + (i % 3) * 0.05,
        atSeconds: 3600,
      })),
    ),
  ccdf: (id) =>
    ccdfChart({ id, title: 'standard waits longest', desc: 'Share of pods that wait longer.' }, [
      { name: 'standard', samples: samples(2, 4) },
      { name: 'critical', samples: samples(0.2, 0) },
    ]),
  quantiles: (id) =>
    quantileChart(
      { id, title: 'Waits peak at day 1 05:00', desc: 'p50 and p99 over time.' },
      {
        grid,
        lines: [
          {
            name: 'standard',
            p50: hours((i) => (dark(i) ? 300 : 3)),
            p99: hours((i) => (dark(i) ? 3000 : 20)),
          },
          {
            name: 'critical',
            p50: hours((i) => (i % 4 === 1 ? 0.2 : Number.NaN)),
            p99: hours((i) => (i % 4 === 1 ? 0.9 : Number.NaN)),
          },
        ],
      },
    ),
  panels: (id) =>
    panelChart(
      { id, title: '900 pods wait; the queue is back within 2h', desc: 'Recovery.' },
      {
        starts: grid.starts,
        endSeconds: grid.endSeconds,
        panels: [
          { name: 'running pods', unit: 'pods', buckets: band((i) => (dark(i) ? 7000 : 9000)) },
          { name: 'pending pods', unit: 'pods', buckets: band((i) => (dark(i) ? 900 : 10)) },
        ],
        shaded: { from: 5 * 3600, until: 7 * 3600, name: '1,000 nodes down' },
      },
    ),
  scatter: (id) =>
    scatterChart(
      { id, title: 'More memory is left over', desc: 'Free cpu against free memory.' },
      {
        points: [
          { name: 'c-1', x: 0.2, y: 0.5, kind: 0 },
          { name: 'c-2', x: 0.4, y: 0.45, kind: 1 },
          { name: 'c-3', x: 0.7, y: 0.9, kind: 2 },
        ],
        xName: 'cpu free',
        yName: 'memory free',
        kinds: ['below 20 %', '20 to 50 %', '50 % or more'],
      },
    ),
};

/** One element a line, so that a difference can be read. */
const perLine = (svg: string): string => `${svg.replaceAll('><', '>\n<')}\n`;

describe('golden charts', () => {
  it.each(Object.keys(CHARTS))('%s looks as it did', (name) => {
    const actual = perLine(CHARTS[name]!(name).svg);
    expect(() => parseXml(actual.trim())).not.toThrow();
    const file = `${FOLDER}${name}.svg`;
    const changed = `${FOLDER}${name}-changed.svg`;
    if (isUpdate) {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(file, actual);
    }
    const expected = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (actual === expected) rmSync(changed, { force: true });
    else writeFileSync(changed, actual);
    expect(actual).toBe(expected);
  });

  it('has a picture for every chart and no other', () => {
    const charts = readdirSync(FOLDER).filter((name) => !name.endsWith('-changed.svg'));
    expect(charts.sort()).toEqual(
      Object.keys(CHARTS)
        .map((name) => `${name}.svg`)
        .sort(),
    );
  });
});
