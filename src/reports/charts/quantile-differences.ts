import { scaleSymlog } from 'd3-scale';
import { formatQuantity } from '../../results/quantity.ts';
import { LEAST_SECONDS } from './durations.ts';
import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  type Frame,
  legend,
  px,
  svgShell,
} from './frame.ts';
import { colorOf, dashOf, lineSwatch, markOf } from './palette.ts';
import { type Cell, column } from './table.ts';

/** The difference of one quantile, seconds. */
export interface QuantileDifference {
  readonly mean: number;
  readonly interval: readonly [low: number, high: number] | null;
  /** True where a side is only a lower bound: it lies among pods that still wait. */
  readonly isBound: boolean;
}

/** One challenger; null where nothing was observed. */
export interface QuantileDifferences {
  readonly name: string;
  readonly points: readonly (QuantileDifference | null)[];
}

/** Marks of the axis on either side of nought, seconds. */
const MARKS = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36000, 86400, 864000];
const MARKS_MAX = 5;

/**
 * Draws by how much quantiles differ, head less base: the axis is logarithmic on both sides of nought and level below 1 ms.
 * Intervals are those of each quantile for itself.
 */
export function quantileDifferenceChart(
  text: ChartText,
  data: { readonly quantiles: readonly number[]; readonly lines: readonly QuantileDifferences[] },
): Chart {
  const { quantiles, lines } = data;
  const columns = [
    column('quantile'),
    ...lines.flatMap((l) => [
      column(`${l.name}, difference`, 'seconds'),
      column('low', 'seconds'),
      column('high', 'seconds'),
    ]),
  ];
  const ends = lines.flatMap((l) =>
    l.points.flatMap((p) => (p === null ? [] : [p.mean, ...(p.interval ?? [])])),
  );
  if (ends.length === 0) return emptyChart(text, columns);
  const frame = { ...FRAME, left: 84 };
  const most = Math.max(10 * LEAST_SECONDS, ...ends.map((end) => Math.abs(end))) * 1.2;
  const bottom = frame.height - frame.bottom;
  const least = Math.min(0, ...ends) < 0 ? -most : -LEAST_SECONDS;
  const highest = Math.max(0, ...ends) > 0 ? most : LEAST_SECONDS;
  const y = scaleSymlog([least, highest], [bottom, frame.top]).constant(LEAST_SECONDS).clamp(true);
  const right = frame.width - frame.right;
  const step = (right - frame.left) / quantiles.length;
  const xOf = (q: number, line: number): number =>
    px(frame.left + (q + 0.5) * step + (line - (lines.length - 1) / 2) * 9);
  let body = axis(y, least, highest, frame);
  quantiles.forEach((q, i) => {
    body += `<text x="${px(frame.left + (i + 0.5) * step)}" y="${bottom + 19}" text-anchor="middle">${quantileName(q)}</text>`;
  });
  body += `<text x="${px((frame.left + right) / 2)}" y="${bottom + 37}" text-anchor="middle" opacity="0.85">quantile of the wait</text>`;
  for (const [k, line] of lines.entries()) body += lineSvg(line, k, { xOf, y });
  const entries = lines.map((l, k) => ({ swatch: lineSwatch(k) + markOf(k, 11, 7), name: l.name }));
  const walk = { axis: 'x', from: frame.left, to: right } as const;
  const rows = quantiles.map((q, i): Cell[] => [
    quantileName(q),
    ...lines.flatMap((l) => cells(l.points[i] ?? null)),
  ]);
  const svg = svgShell(text, frame, body + legend(entries, frame), walk);
  return { title: text.title, svg, table: { columns, rows } };
}

/** Names a quantile as people write it: `p99.9`. */
export const quantileName = (q: number): string => `p${Math.round(q * 1e6) / 1e4}`;

function lineSvg(
  line: QuantileDifferences,
  k: number,
  scales: {
    readonly xOf: (q: number, line: number) => number;
    readonly y: (seconds: number) => number;
  },
): string {
  const color = colorOf(k);
  let path = '';
  let marks = '';
  line.points.forEach((point, i) => {
    if (point === null) return;
    const x = scales.xOf(i, k);
    const y = px(scales.y(point.mean));
    path += `${path === '' ? 'M' : 'L'}${x} ${y}`;
    if (point.interval !== null) {
      const [low, high] = point.interval.map((end) => px(scales.y(end))) as [number, number];
      marks += `<path d="M${x} ${low}V${high}M${x - 3} ${low}h6M${x - 3} ${high}h6" stroke="${color}" stroke-width="1.8" fill="none"/>`;
    }
    marks += markOf(k, x, y);
    if (point.isBound) {
      marks += `<text x="${x + 6}" y="${y - 5}" font-size="10">≥</text>`;
    }
  });
  return `<path d="${path}" fill="none" stroke="${color}" stroke-width="1.6" stroke-dasharray="${dashOf(k)}"/>${marks}`;
}

function axis(y: (v: number) => number, least: number, most: number, frame: Frame): string {
  const right = frame.width - frame.right;
  const size = Math.max(-least, most);
  const inside = MARKS.filter((mark) => mark <= size);
  const every = Math.ceil(inside.length / MARKS_MAX);
  const shown = inside.filter((_, i) => (inside.length - 1 - i) % every === 0);
  const signed = [...shown.map((mark) => -mark), 0, ...shown];
  let out = '';
  for (const mark of signed) {
    if (mark < least || mark > most) continue;
    const at = px(y(mark));
    const sign = mark > 0 ? '+' : '';
    out += `<line x1="${frame.left}" x2="${right}" y1="${at}" y2="${at}" stroke="currentColor" opacity="${mark === 0 ? 0.7 : 0.15}"/><text x="${frame.left - 6}" y="${px(at + 4)}" text-anchor="end">${mark === 0 ? '0' : sign + formatQuantity(mark, 'seconds')}</text>`;
  }
  const middle = px((frame.top + frame.height - frame.bottom) / 2);
  return `${out}<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" opacity="0.85">head less base</text>`;
}

function cells(point: QuantileDifference | null): Cell[] {
  if (point === null) return [null, null, null];
  const { mean, interval, isBound } = point;
  const text = isBound ? `${formatQuantity(mean, 'seconds')}, of lower bounds` : mean;
  return [text, interval?.[0] ?? null, interval?.[1] ?? null];
}
