import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  largest,
  legend,
  svgShell,
  timeAxis,
  valueAxis,
  walkTime,
} from './frame.ts';
import { colorOf, dashOf, lineSwatch } from './palette.ts';
import { type Steps, stepArea, stepLine } from './path.ts';
import type { Buckets, Grid } from './rebucket.ts';
import { column, known } from './table.ts';

/** Lines over one grid, all in one unit; at most as many as the palette has colours. */
export interface LineData {
  readonly grid: Grid;
  readonly lines: readonly { readonly name: string; readonly buckets: Buckets }[];
  readonly unit: string;
}

/** Draws quantities over time: the mean as a line (colour and dash), from minimum to maximum as a band, zero-based. */
export function lineChart(text: ChartText, data: LineData): Chart {
  const { grid, lines, unit } = data;
  const columns = [
    column('time', 'instant'),
    ...lines.flatMap((l) => [column(`${l.name} (mean)`, unit), column(`${l.name} (max)`, unit)]),
  ];
  if (grid.count === 0 || lines.length === 0) return emptyChart(text, columns);
  const frame = FRAME;
  const x = timeAxis(grid, frame);
  const y = valueAxis(largest(lines.flatMap((l) => [...l.buckets.max])), unit, frame);
  const xAt = (i: number): number => x.at(i === grid.count ? grid.endSeconds : grid.starts[i]!);
  const clip = (i: number): number => Math.min(i, grid.count - 1);
  let body = '';
  for (const [k, { buckets }] of lines.entries()) {
    const isKnown = (i: number): boolean => Number.isFinite(buckets.mean[clip(i)]!);
    const steps = (values: Float64Array): Steps => ({
      count: grid.count + 1,
      x: xAt,
      y: (i) => y.at(values[clip(i)]!),
      isKnown,
    });
    const band = stepArea(steps(buckets.max), steps(buckets.min).y);
    const mean = stepLine(steps(buckets.mean));
    if (band) body += `<path d="${band}" fill="${colorOf(k)}" opacity="0.25"/>`;
    if (mean) {
      body += `<path d="${mean}" fill="none" stroke="${colorOf(k)}" stroke-width="2" stroke-dasharray="${dashOf(k)}"/>`;
    }
  }
  const entries = lines.map((l, k) => ({ swatch: lineSwatch(k), name: l.name }));
  const drawing = y.axis + body + x.axis + legend(entries, frame);
  const rows = grid.starts.map((seconds, i) => [
    seconds,
    ...lines.flatMap((l) => [known(l.buckets.mean[i]!), known(l.buckets.max[i]!)]),
  ]);
  const svg = svgShell(text, frame, drawing, walkTime(frame));
  return { title: text.title, svg, table: { columns, rows } };
}
