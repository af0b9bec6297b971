import { scaleLinear } from 'd3-scale';
import { formatQuantity } from '../../results/quantity.ts';
import { escapeHtml } from '../escape.ts';
import { type Chart, type ChartText, emptyChart, FRAME, px, shorten, svgShell } from './frame.ts';
import { colorOf, REST_COLOR, textureOf, textures } from './palette.ts';
import { column } from './table.ts';

/** One bar: its name and its value in the unit of the chart. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** True for what stands for many: drawn in a quiet colour. */
  readonly isRest?: boolean;
}

const BAR_HEIGHT = 22;
const BAR_GAP = 8;
const NAME_WIDTH = 210;
const VALUE_WIDTH = 150;
const TOP = 8;

/** Draws horizontal bars from zero, each with its value and its share of all. *Order*: as given. */
export function barChart(text: ChartText, bars: readonly Bar[], unit: string): Chart {
  const total = bars.reduce((sum, b) => sum + b.value, 0);
  return draw(
    text,
    bars.map((b) => ({ ...b, from: 0, color: 0, share: share(b.value, total) })),
    unit,
  );
}

/**
 * Draws parts end to end and then their sum, so that the identity can be seen: each part starts where the one before ends.
 */
export function waterfallChart(text: ChartText, parts: readonly Bar[], unit: string): Chart {
  const total = parts.reduce((sum, p) => sum + p.value, 0);
  let from = 0;
  const steps = parts.map((p, i) => {
    const step = { ...p, from, color: i, share: share(p.value, total) };
    from += p.value;
    return step;
  });
  const sum = { name: 'total', value: total, from: 0, color: 6, share: null };
  return draw(text, parts.length === 0 ? [] : [...steps, sum], unit);
}

interface Step extends Bar {
  readonly from: number;
  /** Position in the palette. */
  readonly color: number;
  readonly share: number | null;
}

function share(value: number, total: number): number | null {
  return total > 0 ? value / total : null;
}

function draw(text: ChartText, steps: readonly Step[], unit: string): Chart {
  const columns = [column('name'), column('value', unit), column('share', 'ratio')];
  if (steps.length === 0) return emptyChart(text, columns);
  const pitch = BAR_HEIGHT + BAR_GAP;
  const frame = { ...FRAME, top: TOP, bottom: 8, height: steps.length * pitch + 16 };
  const ends = steps.flatMap((s) => [s.from, s.from + s.value, 0]);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const x = scaleLinear(
    [low, high > low ? high : low + 1],
    [NAME_WIDTH, frame.width - VALUE_WIDTH],
  );
  const zero = px(x(0));
  let body = textures(text.id, Math.min(2, new Set(steps.map((s) => s.color)).size));
  for (const [i, s] of steps.entries()) {
    const y = TOP + i * pitch;
    const start = px(x(Math.min(s.from, s.from + s.value)));
    const end = px(x(Math.max(s.from, s.from + s.value)));
    const part = s.share === null ? '' : ` · ${formatQuantity(s.share, 'ratio')}`;
    const box = `x="${start}" y="${y}" width="${px(Math.max(1, end - start))}" height="${BAR_HEIGHT}"`;
    const texture = textureOf(text.id, s.color);
    body += `<text x="${NAME_WIDTH - 8}" y="${y + 16}" text-anchor="end">${escapeHtml(shorten(s.name, 30))}</text>`;
    body += `<rect ${box} fill="${s.isRest === true ? REST_COLOR : colorOf(s.color)}"/>`;
    if (texture !== '') body += `<rect ${box} fill="${texture}"/>`;
    body += `<text x="${px(end + 7)}" y="${y + 16}">${escapeHtml(formatQuantity(s.value, unit) + part)}</text>`;
  }
  body += `<line x1="${zero}" x2="${zero}" y1="4" y2="${frame.height - 4}" stroke="currentColor" opacity="0.6"/>`;
  const rows = steps.map((s) => [s.name, s.value, s.share]);
  const walk = { axis: 'y', from: TOP - BAR_GAP / 2, to: frame.height - 12 } as const;
  return { title: text.title, svg: svgShell(text, frame, body, walk), table: { columns, rows } };
}
