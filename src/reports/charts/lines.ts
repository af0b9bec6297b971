import { area, curveStepAfter, line } from 'd3-shape';
import { formatInstant, formatQuantity } from '../../results/quantity.ts';
import {
  type Chart,
  type ChartText,
  colorOf,
  dashOf,
  emptyChart,
  FRAME,
  largest,
  legend,
  lineSwatch,
  svgShell,
  timeAxis,
  valueAxis,
} from './frame.ts';
import type { Buckets, Grid } from './rebucket.ts';

/** Lines over one grid, all in one unit; at most as many as the palette has colours. */
export interface LineData {
  readonly grid: Grid;
  readonly lines: readonly { readonly name: string; readonly buckets: Buckets }[];
  readonly unit: string;
}

/** Draws quantities over time: the mean as a line (colour and dash), from minimum to maximum as a band, zero-based. */
export function lineChart(text: ChartText, data: LineData): Chart {
  const { grid, lines, unit } = data;
  const head = ['time', ...lines.flatMap((l) => [`${l.name} (mean)`, `${l.name} (max)`])];
  if (grid.count === 0 || lines.length === 0) return emptyChart(text, head);
  const frame = FRAME;
  const x = timeAxis(grid.endSeconds, frame);
  const y = valueAxis(largest(lines.flatMap((l) => [...l.buckets.max])), unit, frame);
  const points = Array.from({ length: grid.count + 1 }, (_, i) => i);
  const xAt = (i: number): number => x.at(i === grid.count ? grid.endSeconds : grid.starts[i]!);
  const clip = (i: number): number => Math.min(i, grid.count - 1);
  let body = '';
  for (const [k, { buckets }] of lines.entries()) {
    const isKnown = (i: number): boolean => Number.isFinite(buckets.mean[clip(i)]!);
    const band = area<number>()
      .curve(curveStepAfter)
      .digits(1)
      .defined(isKnown)
      .x(xAt)
      .y0((i) => y.at(buckets.min[clip(i)]!))
      .y1((i) => y.at(buckets.max[clip(i)]!))(points);
    const mean = line<number>()
      .curve(curveStepAfter)
      .digits(1)
      .defined(isKnown)
      .x(xAt)
      .y((i) => y.at(buckets.mean[clip(i)]!))(points);
    if (band) body += `<path d="${band}" fill="${colorOf(k)}" opacity="0.25"/>`;
    if (mean) {
      body += `<path d="${mean}" fill="none" stroke="${colorOf(k)}" stroke-width="2" stroke-dasharray="${dashOf(k)}"/>`;
    }
  }
  const entries = lines.map((l, k) => ({ swatch: lineSwatch(k), name: l.name }));
  const svg = svgShell(text, frame, y.axis + body + x.axis + legend(entries, frame));
  const cell = (value: number): string =>
    formatQuantity(Number.isFinite(value) ? value : null, unit);
  const rows = grid.starts.map((seconds, i) => [
    formatInstant(seconds),
    ...lines.flatMap((l) => [cell(l.buckets.mean[i]!), cell(l.buckets.max[i]!)]),
  ]);
  return { title: text.title, svg, table: { head, rows } };
}
