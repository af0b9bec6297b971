import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  type LegendEntry,
  largest,
  legend,
  svgShell,
  timeAxis,
  valueAxis,
  walkTime,
} from './frame.ts';
import { boxSwatch, colorOf, textureOf, textures } from './palette.ts';
import { type Steps, stepArea, stepLine } from './path.ts';
import type { Grid } from './rebucket.ts';
import { column } from './table.ts';

/** One layer of a stack, a value per bucket of the grid; not finite counts as 0. */
export interface Layer {
  readonly name: string;
  /** Fixed colour where it carries a meaning; by position otherwise. */
  readonly color?: string;
  /** True for no texture, where order and name tell it apart. */
  readonly isPlain?: boolean;
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
 * Draws layers over time, stacked from zero, with a dashed limit. Colour is never the
 * only cue, and neighbours are parted by a line and a texture.
 */
export function stackChart(text: ChartText, data: StackData): Chart {
  const { grid, layers, limit, unit } = data;
  const listed = [...layers, ...(limit ? [limit] : [])];
  const columns = [column('time', 'instant'), ...listed.map((l) => column(l.name, unit))];
  if (grid.count === 0 || layers.length === 0) return emptyChart(text, columns);
  const legendLines = layers.length + (limit ? 1 : 0);
  const frame = { ...FRAME, height: Math.max(FRAME.height, legendLines * 19 + 70) };
  const x = timeAxis(grid, frame);
  const tops = Array.from({ length: grid.count }, (_, i) =>
    layers.reduce((sum, l) => sum + finite(l.values[i]!), 0),
  );
  const highest = largest([...tops, ...(limit ? Array.from(limit.values) : [])]);
  const y = valueAxis(highest, unit, frame);
  const xAt = (i: number): number => x.at(i === grid.count ? grid.endSeconds : grid.starts[i]!);
  const clip = (i: number): number => Math.min(i, grid.count - 1);
  const stepsOf = (values: ArrayLike<number>): Steps => ({
    count: grid.count + 1,
    x: xAt,
    y: (i) => y.at(finite(values[clip(i)]!)),
  });
  const below = new Float64Array(grid.count);
  let body = '';
  const entries: LegendEntry[] = [];
  for (const [k, layer] of layers.entries()) {
    const base = Float64Array.from(below);
    for (let i = 0; i < grid.count; i++) below[i]! += finite(layer.values[i]!);
    const shape = stepArea(stepsOf(below), stepsOf(base).y);
    const fill = layer.color ?? colorOf(k);
    const texture = layer.isPlain === true ? '' : textureOf(text.id, k);
    // A line in the colour of the page parts neighbours.
    body += `<path d="${shape}" fill="${fill}" class="part" stroke="#fff" stroke-width="0.7"/>`;
    if (texture !== '') body += `<path d="${shape}" fill="${texture}"/>`;
    entries.push({ swatch: boxSwatch(fill, texture), name: layer.name });
  }
  entries.reverse();
  if (limit) {
    const path = stepLine(stepsOf(limit.values));
    body += `<path d="${path}" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="6 3"/>`;
    const swatch =
      '<line x1="0" x2="22" y1="7" y2="7" stroke="currentColor" stroke-width="2" stroke-dasharray="6 3"/>';
    entries.unshift({ swatch, name: limit.name });
  }
  const drawing =
    textures(text.id, layers.length) + y.axis + body + x.axis + legend(entries, frame);
  const rows = grid.starts.map((seconds, i) => [
    seconds,
    ...listed.map((l) => finite(l.values[i]!)),
  ]);
  const svg = svgShell(text, frame, drawing, walkTime(frame));
  return { title: text.title, svg, table: { columns, rows } };
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0);
