import { scaleLinear } from 'd3-scale';
import { formatQuantity } from '../../results/quantity.ts';
import { escapeHtml } from '../escape.ts';
import {
  type Chart,
  type ChartText,
  colorOf,
  emptyChart,
  FRAME,
  px,
  shorten,
  svgShell,
} from './frame.ts';

/** One bar: its name and its value in the unit of the chart. */
export interface Bar {
  readonly name: string;
  readonly value: number;
}

const BAR_HEIGHT = 22;
const BAR_GAP = 8;
const NAME_WIDTH = 210;
const VALUE_WIDTH = 150;

/** Draws horizontal bars from zero, each with its value and its share of all. *Order*: as given. */
export function barChart(text: ChartText, bars: readonly Bar[], unit: string): Chart {
  const total = bars.reduce((sum, b) => sum + b.value, 0);
  return draw(
    text,
    bars.map((b) => ({ ...b, from: 0, color: colorOf(0), share: share(b.value, total) })),
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
    const step = { ...p, from, color: colorOf(i), share: share(p.value, total) };
    from += p.value;
    return step;
  });
  const sum = { name: 'total', value: total, from: 0, color: colorOf(6), share: '' };
  return draw(text, parts.length === 0 ? [] : [...steps, sum], unit);
}

interface Step extends Bar {
  readonly from: number;
  readonly color: string;
  readonly share: string;
}

function share(value: number, total: number): string {
  return total > 0 ? formatQuantity(value / total, 'ratio') : '';
}

function draw(text: ChartText, steps: readonly Step[], unit: string): Chart {
  const head = ['', unit, 'share'];
  if (steps.length === 0) return emptyChart(text, head);
  const height = steps.length * (BAR_HEIGHT + BAR_GAP) + 16;
  const frame = { ...FRAME, height };
  const ends = steps.flatMap((s) => [s.from, s.from + s.value, 0]);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const x = scaleLinear(
    [low, high > low ? high : low + 1],
    [NAME_WIDTH, frame.width - VALUE_WIDTH],
  );
  const zero = px(x(0));
  let body = `<line x1="${zero}" x2="${zero}" y1="4" y2="${height - 4}" stroke="currentColor" opacity="0.6"/>`;
  for (const [i, s] of steps.entries()) {
    const y = 8 + i * (BAR_HEIGHT + BAR_GAP);
    const start = px(x(Math.min(s.from, s.from + s.value)));
    const end = px(x(Math.max(s.from, s.from + s.value)));
    const label = `${formatQuantity(s.value, unit)}${s.share === '' ? '' : ` · ${s.share}`}`;
    body += `<text x="${NAME_WIDTH - 8}" y="${y + 16}" text-anchor="end">${escapeHtml(shorten(s.name, 30))}</text>`;
    body += `<rect x="${start}" y="${y}" width="${px(Math.max(1, end - start))}" height="${BAR_HEIGHT}" fill="${s.color}"/>`;
    body += `<text x="${px(end + 7)}" y="${y + 16}">${escapeHtml(label)}</text>`;
  }
  const rows = steps.map((s) => [s.name, formatQuantity(s.value, unit), s.share]);
  return { title: text.title, svg: svgShell(text, frame, body), table: { head, rows } };
}
