import { area, curveStepAfter, line } from 'd3-shape';
import { formatInstant, formatQuantity } from '../../results/quantity.ts';
import {
  boxSwatch,
  type Chart,
  type ChartText,
  colorOf,
  emptyChart,
  FRAME,
  type LegendEntry,
  largest,
  legend,
  PALETTE,
  svgShell,
  timeAxis,
  valueAxis,
} from './frame.ts';
import type { Grid } from './rebucket.ts';

/** One layer of a stack, a value per bucket of the grid; not finite counts as 0. */
export interface Layer {
  readonly name: string;
  /** Fixed colour where it carries a meaning; by position otherwise. */
  readonly color?: string;
  readonly values: ArrayLike<number>;
}

/** Layers over one grid, all in one unit. */
export interface StackData {
  readonly grid: Grid;
  /** From the bottom up. */
  readonly layers: readonly Layer[];
  /** A line above the stack, such as what is allocatable; null for none. */
  readonly limit: Layer | null;
  readonly unit: string;
}

/**
 * Draws layers over time, stacked from zero, with a dashed limit. Layers beyond the palette are hatched: colour is never the
 * only cue, and neighbours are parted by a line.
 */
export function stackChart(text: ChartText, data: StackData): Chart {
  const { grid, layers, limit, unit } = data;
  const head = ['time', ...layers.map((l) => l.name), ...(limit ? [limit.name] : [])];
  if (grid.count === 0 || layers.length === 0) return emptyChart(text, head);
  const legendLines = layers.length + (limit ? 1 : 0);
  const frame = { ...FRAME, height: Math.max(FRAME.height, legendLines * 19 + 70) };
  const x = timeAxis(grid.endSeconds, frame);
  const tops = Array.from({ length: grid.count }, (_, i) =>
    layers.reduce((sum, l) => sum + finite(l.values[i]!), 0),
  );
  const highest = largest([...tops, ...(limit ? Array.from(limit.values) : [])]);
  const y = valueAxis(highest, unit, frame);
  const points = Array.from({ length: grid.count + 1 }, (_, i) => i);
  const xAt = (i: number): number => x.at(i === grid.count ? grid.endSeconds : grid.starts[i]!);
  const below = new Float64Array(grid.count);
  let body = '';
  const entries: LegendEntry[] = [];
  for (const [k, layer] of layers.entries()) {
    const base = Float64Array.from(below);
    for (let i = 0; i < grid.count; i++) below[i]! += finite(layer.values[i]!);
    const clip = (i: number): number => Math.min(i, grid.count - 1);
    const shape = area<number>()
      .curve(curveStepAfter)
      .digits(1)
      .x(xAt)
      .y0((i) => y.at(base[clip(i)]!))
      .y1((i) => y.at(below[clip(i)]!))(points);
    const fill = layer.color ?? (k < PALETTE.length ? colorOf(k) : `url(#${text.id}-h${k})`);
    body += `<path d="${shape}" fill="${fill}" stroke="#fff" stroke-width="0.6"/>`;
    entries.push({ swatch: boxSwatch(fill), name: layer.name });
  }
  entries.reverse();
  if (limit) {
    const path = line<number>()
      .curve(curveStepAfter)
      .digits(1)
      .x(xAt)
      .y((i) => y.at(finite(limit.values[Math.min(i, grid.count - 1)]!)))(points);
    body += `<path d="${path}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="6 3"/>`;
    const swatch =
      '<line x1="0" x2="22" y1="7" y2="7" stroke="currentColor" stroke-width="2" stroke-dasharray="6 3"/>';
    entries.unshift({ swatch, name: limit.name });
  }
  const svg = svgShell(
    text,
    frame,
    hatches(text.id, layers.length) + y.axis + body + x.axis + legend(entries, frame),
  );
  const columns = [...layers, ...(limit ? [limit] : [])];
  const rows = grid.starts.map((seconds, i) => [
    formatInstant(seconds),
    ...columns.map((l) => formatQuantity(finite(l.values[i]!), unit)),
  ]);
  return { title: text.title, svg, table: { head, rows } };
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);

/** Hatched fills for the layers that repeat a colour. */
function hatches(id: string, layers: number): string {
  let patterns = '';
  for (let k = PALETTE.length; k < layers; k++) {
    const angle = k % 2 === 0 ? 45 : 135;
    patterns += `<pattern id="${id}-h${k}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})"><rect width="7" height="7" fill="${colorOf(k)}"/><rect width="2.5" height="7" fill="#fff" opacity="0.75"/></pattern>`;
  }
  return patterns === '' ? '' : `<defs>${patterns}</defs>`;
}
