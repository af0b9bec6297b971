/** What all charts share: size, axes, palette, legend, the SVG shell with title and description, and the data table. */
import { scaleLinear } from 'd3-scale';
import { formatCount } from '../../base/units.ts';
import { escapeHtml } from '../escape.ts';

/** A finished chart: SVG text and the numbers behind it. */
export interface Chart {
  /** States the finding; also the heading above the chart. */
  readonly title: string;
  /** Complete `<svg>` element; parses as XML. */
  readonly svg: string;
  readonly table: Table;
}

/** Numbers as people read them. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Names a chart: `id` must be unique in a page, a letter first. */
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

/** Okabe and Ito's palette less black and yellow (too faint on white), then slate. */
export const PALETTE = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#6b7785',
];
/** The second cue beside colour: how a line is dashed. */
export const DASHES = ['', '7 3', '2 3', '10 3 2 3', '4 2', '1 2', '12 4'];

/** Gives a colour by position; positions past the palette repeat it, and must differ by a second cue. */
export const colorOf = (i: number): string => PALETTE[i % PALETTE.length]!;
/** Gives a dash pattern by position. */
export const dashOf = (i: number): string => DASHES[i % DASHES.length]!;

/** Rounds a coordinate to a tenth of a pixel. */
export const px = (value: number): number => Math.round(value * 10) / 10;

/** Wraps a drawing into an `<svg>` with role, title and description. */
export function svgShell(text: ChartText, frame: Frame, body: string): string {
  const { id } = text;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${frame.width} ${px(frame.height)}" role="img" aria-labelledby="${id}-t ${id}-d" font-family="system-ui, sans-serif" font-size="12" fill="currentColor">`,
    `<title id="${id}-t">${escapeHtml(text.title)}</title>`,
    `<desc id="${id}-d">${escapeHtml(text.desc)}</desc>`,
    body,
    '</svg>',
  ].join('');
}

/** A chart without data: says so instead of showing an empty frame. */
export function emptyChart(text: ChartText, head: readonly string[]): Chart {
  const frame = { ...FRAME, height: 80 };
  const body = `<text x="${frame.width / 2}" y="44" text-anchor="middle" opacity="0.75">no data in this run</text>`;
  return { title: text.title, svg: svgShell(text, frame, body), table: { head, rows: [] } };
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
  const title = `<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" opacity="0.8">${escapeHtml(label)}</text>`;
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

/** A horizontal axis of simulated time. */
export function timeAxis(endSeconds: number, frame: Frame): ValueScale {
  const span = endSeconds > 0 ? endSeconds : 1;
  const left = frame.left;
  const width = frame.width - frame.right - left;
  const at = (seconds: number): number => left + (width * seconds) / span;
  const step = STEPS.find((s) => span / s <= 9) ?? span;
  const y = frame.height - frame.bottom;
  let axis = `<line x1="${left}" x2="${left + width}" y1="${px(y)}" y2="${px(y)}" stroke="currentColor" opacity="0.6"/>`;
  for (let i = 0; i * step <= span * (1 + 1e-9); i++) {
    const x = px(at(i * step));
    axis += `<line x1="${x}" x2="${x}" y1="${px(y)}" y2="${px(y + 5)}" stroke="currentColor" opacity="0.6"/><text x="${x}" y="${px(y + 19)}" text-anchor="middle">${tickText(i * step, step)}</text>`;
  }
  const name = step >= 86400 ? 'simulated time, days' : 'simulated time, h:min';
  const label = step < 60 ? 'simulated time, seconds' : name;
  axis += `<text x="${px(left + width / 2)}" y="${px(y + 37)}" text-anchor="middle" opacity="0.8">${label}</text>`;
  return { at, axis };
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

/** Draws a legend right of the plot, one entry a line from the top. */
export function legend(entries: readonly LegendEntry[], frame: Frame): string {
  const x = frame.width - frame.right + 14;
  const lines = entries.map(
    (e, i) =>
      `<g transform="translate(${x} ${frame.top + i * 19})">${e.swatch}<text x="28" y="11">${escapeHtml(shorten(e.name, 22))}</text></g>`,
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

/** A legend's line with its dash. */
export function lineSwatch(i: number): string {
  return `<line x1="0" x2="22" y1="7" y2="7" stroke="${colorOf(i)}" stroke-width="2.5" stroke-dasharray="${dashOf(i)}"/>`;
}

/** A legend's box with a fill. */
export function boxSwatch(fill: string): string {
  return `<rect width="22" height="12" fill="${fill}" stroke="currentColor" stroke-width="0.5"/>`;
}

/** The largest finite number, or 0. */
export function largest(values: Iterable<number>): number {
  let max = 0;
  for (const v of values) if (Number.isFinite(v) && v > max) max = v;
  return max;
}
