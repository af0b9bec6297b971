import { scaleLinear } from 'd3-scale';
import { formatRatio } from '../../base/units.ts';
import { escapeHtml } from '../escape.ts';
import { type Chart, type ChartText, emptyChart, FRAME, legend, px, svgShell } from './frame.ts';
import { markOf } from './palette.ts';
import { column } from './table.ts';

/** One point: two shares, and the class that gives it colour and mark. */
export interface Point {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly kind: number;
}

/** Points, the names of the axes, and of the classes by number. */
export interface ScatterData {
  readonly points: readonly Point[];
  readonly xName: string;
  readonly yName: string;
  readonly kinds: readonly string[];
}

/** Draws two shares against each other, both axes from 0 to 100 %; on the dashed diagonal they are equal. */
export function scatterChart(text: ChartText, data: ScatterData): Chart {
  const { points, xName, yName, kinds } = data;
  const columns = [
    column('cluster'),
    column(xName, 'ratio'),
    column(yName, 'ratio'),
    column('class'),
  ];
  if (points.length === 0) return emptyChart(text, columns);
  const frame = { ...FRAME, height: 420, right: 410 };
  const right = frame.width - frame.right;
  const bottom = frame.height - frame.bottom;
  const x = scaleLinear([0, 1], [frame.left, right]).clamp(true);
  const y = scaleLinear([0, 1], [bottom, frame.top]).clamp(true);
  let body = '';
  for (const share of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    const weight = share === 0 ? 0.6 : 0.15;
    const at = { x: px(x(share)), y: px(y(share)) };
    body += `<path d="M${at.x} ${frame.top}V${bottom}M${frame.left} ${at.y}H${right}" stroke="currentColor" opacity="${weight}" fill="none"/>`;
    body += `<text x="${at.x}" y="${bottom + 19}" text-anchor="middle">${formatRatio(share)}</text><text x="${frame.left - 6}" y="${at.y + 4}" text-anchor="end">${formatRatio(share)}</text>`;
  }
  body += `<path d="M${px(x(0))} ${px(y(0))}L${px(x(1))} ${px(y(1))}" stroke="currentColor" stroke-dasharray="4 4" opacity="0.5" fill="none"/>`;
  for (const p of points) body += markOf(p.kind, px(x(p.x)), px(y(p.y)));
  body += `<text x="${px((frame.left + right) / 2)}" y="${bottom + 37}" text-anchor="middle" opacity="0.85">${escapeHtml(xName)}</text>`;
  body += `<text transform="translate(13 ${px((frame.top + bottom) / 2)}) rotate(-90)" text-anchor="middle" opacity="0.85">${escapeHtml(yName)}</text>`;
  const used = new Set(points.map((p) => p.kind));
  const entries = kinds
    .map((name, k) => ({ swatch: markOf(k, 11, 6), name, k }))
    .filter((entry) => used.has(entry.k))
    .map(({ swatch, name }) => ({ swatch, name }));
  entries.push({
    swatch: `<line x1="0" x2="22" y1="7" y2="7" stroke="currentColor" stroke-dasharray="4 4" opacity="0.6"/>`,
    name: 'equal',
  });
  const rows = points.map((p) => [p.name, p.x, p.y, kinds[p.kind] ?? '']);
  return {
    title: text.title,
    svg: svgShell(text, frame, body + legend(entries, frame, 46)),
    table: { columns, rows },
  };
}
