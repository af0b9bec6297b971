/** What all charts share: size, axes, palette, legend, the SVG shell with title and description, and the data table. */
import { scaleLinear } from 'd3-scale';
import { formatCount } from '../../base/units.ts';
import { escapeHtml } from '../escape.ts';
import type { Column, Table } from './table.ts';

/** A finished chart: SVG text and the numbers behind it. */
export interface Chart {
  /** States the finding; also the heading above the chart. */
  readonly title: string;
  /** Complete `<svg>` element; parses as XML. */
  readonly svg: string;
  readonly table: Table;
}

/** Names a chart: `id` must be unique in a page, a letter first; it is also the name of the exported figure. */
export interface ChartText {
  readonly id: string;
  readonly title: string;
  /** What is shown, in one or two sentences, for who cannot see it. */
  readonly desc: string;
}

/** Where the plot lies inside the drawing, in pixels of the view box. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The frame of most charts: room for a legend at the right. */
export const FRAME: Frame = {
  width: 880,
  height: 300,
  left: 72,
  right: 190,
  top: 14,
  bottom: 44,
};

/** Rounds a coordinate to a tenth of a pixel. */
export const px = (value: number): number => Math.round(value * 10) / 10;

/** Where the rows of the table lie in the drawing, evenly: the page's script moves a cursor along them. */
export interface Walk {
  readonly axis: 'x' | 'y';
  readonly from: number;
  readonly to: number;
}

/** Walks a chart over time from bucket to bucket. */
export function walkTime(frame: Frame): Walk {
  return { axis: 'x', from: frame.left, to: frame.width - frame.right };
}

/** Wraps a drawing into an `<svg>` with role, title and description. */
export function svgShell(text: ChartText, frame: Frame, body: string, walk?: Walk): string {
  const { id } = text;
  const cursor = walk
    ? ` data-walk="${walk.axis} ${px(walk.from)} ${px(walk.to)} ${frame.top} ${px(frame.height - frame.bottom)}"`
    : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${px(frame.height)}" role="img" aria-labelledby="${id}-t ${id}-d"${cursor} font-family="system-ui, sans-serif" font-size="12" fill="currentColor">`,
    `<title id="${id}-t">${escapeHtml(text.title)}</title>`,
    `<desc id="${id}-d">${escapeHtml(text.desc)}</desc>`,
    body,
    '</svg>',
  ].join('');
}

/** A chart without data: says so instead of showing an empty frame. */
export function emptyChart(text: ChartText, columns: readonly Column[]): Chart {
  const frame = { ...FRAME, height: 80 };
  const body = `<text x="${frame.width / 2}" y="44" text-anchor="middle">no data in this run</text>`;
  return { title: text.title, svg: svgShell(text, frame, body), table: { columns, rows: [] } };
}

/** A scale of an axis and how its numbers are written. */
export interface ValueScale {
  /** From the unit of the data to pixels. */
  readonly at: (value: number) => number;
  /** Drawing of the axis with grid lines. */
  readonly axis: string;
}

/**
 * Makes a vertical axis from zero.
 *
 * @param max largest value in the unit; 0 or not finite gives an axis to 1
 * @param unit of the catalogue: bytes are shown in binary units, ratios in percent
 */
export function valueAxis(max: number, unit: string, frame: Frame): ValueScale {
  const { factor, label } = axisUnit(max, unit);
  const top = max > 0 && Number.isFinite(max) ? max / factor : 1;
  const scale = scaleLinear([0, top], [frame.height - frame.bottom, frame.top]).nice(5);
  const right = frame.width - frame.right;
  const marks = scale.ticks(5).map((t) => {
    const y = px(scale(t));
    return `<line x1="${frame.left}" x2="${right}" y1="${y}" y2="${y}" stroke="currentColor" opacity="${t === 0 ? 0.6 : 0.15}"/><text x="${frame.left - 6}" y="${y + 4}" text-anchor="end">${formatCount(roundTick(t))}</text>`;
  });
  const middle = px((frame.top + frame.height - frame.bottom) / 2);
  const title = `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" opacity="0.85">${escapeHtml(label)}</text>`;
  return { at: (value) => scale(value / factor), axis: marks.join('') + title };
}

/** Removes the rounding of tick arithmetic: 0.30000000000000004 is 0.3. */
export const roundTick = (t: number): number => Number(t.toPrecision(10));

function axisUnit(max: number, unit: string): { readonly factor: number; readonly label: string } {
  if (unit === 'ratio') return { factor: 0.01, label: '%' };
  if (unit !== 'bytes') return { factor: 1, label: unit };
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let factor = 1;
  let i = 0;
  while (max / factor >= 2048 && i < names.length - 1) {
    factor *= 1024;
    i++;
  }
  return { factor, label: names[i]! };
}

/** Steps of a time axis in seconds. */
const STEPS = [
  0.001, 0.01, 0.1, 1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  172800, 432000, 864000, 2592000, 8640000, 31536000,
];

/** What a horizontal axis of time shows, seconds. */
export interface TimeSpan {
  /** Absent is 0. */
  readonly startSeconds?: number;
  readonly endSeconds: number;
  /** The end of the warm-up, which is shaded; absent or 0 for none. */
  readonly warmupSeconds?: number;
}

/** A horizontal axis of simulated time. */
export function timeAxis(time: TimeSpan, frame: Frame): ValueScale {
  const { endSeconds, startSeconds = 0, warmupSeconds = 0 } = time;
  const span = endSeconds > startSeconds ? endSeconds - startSeconds : 1;
  const left = frame.left;
  const width = frame.width - frame.right - left;
  const at = (seconds: number): number => left + (width * (seconds - startSeconds)) / span;
  const step = STEPS.find((s) => span / s <= 9) ?? span;
  const y = frame.height - frame.bottom;
  let axis = `<line x1="${left}" x2="${left + width}" y1="${px(y)}" y2="${px(y)}" stroke="currentColor" opacity="0.6"/>`;
  if (warmupSeconds > startSeconds) {
    axis += warmup(px(at(Math.min(warmupSeconds, startSeconds + span))), frame);
  }
  for (
    let i = Math.ceil(startSeconds / step);
    i * step <= (startSeconds + span) * (1 + 1e-9);
    i++
  ) {
    const x = px(at(i * step));
    axis += `<line x1="${x}" x2="${x}" y1="${px(y)}" y2="${px(y + 5)}" stroke="currentColor" opacity="0.6"/><text x="${x}" y="${px(y + 19)}" text-anchor="middle">${tickText(i * step, step)}</text>`;
  }
  const name = step >= 86400 ? 'simulated time, days' : 'simulated time, h:min';
  const label = step < 60 ? 'simulated time, seconds' : name;
  axis += `<text x="${px(left + width / 2)}" y="${px(y + 37)}" text-anchor="middle" opacity="0.85">${label}</text>`;
  return { at, axis };
}

/** Shades the warm-up and parts it by a dotted line, with its name where there is room. */
function warmup(end: number, frame: Frame): string {
  const bottom = px(frame.height - frame.bottom);
  const width = px(end - frame.left);
  const name =
    width < 58
      ? ''
      : `<text x="${px(frame.left + width / 2)}" y="${frame.top + 11}" text-anchor="middle" font-size="11" opacity="0.85">warm-up</text>`;
  return `<rect x="${frame.left}" y="${frame.top}" width="${width}" height="${px(bottom - frame.top)}" fill="currentColor" opacity="0.08"/><path d="M${end} ${frame.top}V${bottom}" stroke="currentColor" stroke-dasharray="1 3" opacity="0.8"/>${name}`;
}

function tickText(seconds: number, step: number): string {
  if (step >= 86400) return String(roundTick(seconds / 86400));
  if (step < 60) return String(roundTick(seconds));
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** One entry of a legend: a swatch (SVG drawn in a 22 x 12 box) and a name. */
export interface LegendEntry {
  readonly swatch: string;
  readonly name: string;
}

/** Draws a legend right of the plot, one entry a line from the top; names longer than `lettersMax` are cut. */
export function legend(entries: readonly LegendEntry[], frame: Frame, lettersMax = 22): string {
  const x = frame.width - frame.right + 24;
  const lines = entries.map(
    (e, i) =>
      `<g transform="translate(${x} ${frame.top + i * 19})">${e.swatch}<text x="28" y="11">${escapeHtml(shorten(e.name, lettersMax))}</text></g>`,
  );
  return lines.join('');
}

/** Cuts a long name in its middle, where cluster names differ least. */
export function shorten(name: string, length: number): string {
  const letters = [...name];
  if (letters.length <= length) return name;
  const head = Math.ceil((length - 1) / 2);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (length - 1 - head)).join('')}`;
}

/** The largest finite number, or 0. */
export function largest(values: Iterable<number>): number {
  let max = 0;
  for (const v of values) if (Number.isFinite(v) && v > max) max = v;
  return max;
}
