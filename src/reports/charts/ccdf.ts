import { scaleLog } from 'd3-scale';
import { binHigh } from '../../base/bins.ts';
import { formatDuration, formatRatio } from '../../base/units.ts';
import type { MergedSamples } from '../../results/samples.ts';
import { quantileOf } from '../../results/samples.ts';
import { durationMarks, LEAST_SECONDS } from './durations.ts';
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
import { stepLine } from './path.ts';
import { type Cell, column } from './table.ts';

/** The samples of one line. */
export interface CcdfLine {
  readonly name: string;
  readonly samples: MergedSamples;
}

/** Shares of pods at the vertical axis' marks. */
const SHARES = [1, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-4, 1e-5, 1e-6];
const TABLE_QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999];
const COLUMNS = [
  column('class'),
  column('samples'),
  column('lower bounds'),
  ...TABLE_QUANTILES.map((q) => column(`p${q * 100}`, 'seconds')),
  column('max', 'seconds'),
];

/**
 * Draws which share of samples is longer than a duration, both axes logarithmic: the tail that a mean hides.
 *
 * Samples that are lower bounds stand at their bound and are told in legend and table. Samples below the left end (a
 * thousandth of a second or the smallest) are longer than nothing shown: the line starts below 100 %.
 */
export function ccdfChart(text: ChartText, lines: readonly CcdfLine[]): Chart {
  const known = lines.filter((l) => l.samples.n > 0);
  if (known.length === 0) return emptyChart(text, COLUMNS);
  const frame = FRAME;
  const longest = Math.max(...known.map((l) => l.samples.max ?? 0), LEAST_SECONDS);
  const right = longest * 1.3;
  const left = Math.min(Math.max(smallest(known), LEAST_SECONDS), right / 10);
  const least = 1 / Math.max(...known.map((l) => l.samples.n), 10);
  const floor = Math.max(least, 1e-6);
  const x = scaleLog([left, right], [frame.left, frame.width - frame.right]).clamp(true);
  const y = scaleLog([floor, 1], [frame.height - frame.bottom, frame.top]).clamp(true);
  let body = axes({ x, y, left, right, floor, frame });
  for (const [k, { samples }] of known.entries()) {
    const points = tailOf(samples, left, floor);
    const path = stepLine({
      count: points.length,
      x: (i) => x(points[i]![0]),
      y: (i) => y(points[i]![1]),
    });
    body += `<path d="${path}" fill="none" stroke="${colorOf(k)}" stroke-width="2.2" stroke-dasharray="${dashOf(k)}"/>`;
    const p99 = quantileOf(samples, 0.99).value;
    if (p99 !== null && p99 >= left && floor < 0.01) body += markOf(k, px(x(p99)), px(y(0.01)));
  }
  const entries = known.map((l, k) => ({ swatch: lineSwatch(k), name: l.name }));
  const svg = svgShell(text, frame, body + legend(entries, frame));
  const rows = known.map(({ name, samples }): Cell[] => [
    name,
    samples.n,
    samples.censored,
    ...TABLE_QUANTILES.map((q): Cell => {
      const { value, isAtLeast } = quantileOf(samples, q);
      return isAtLeast && value !== null ? { atLeast: value } : value;
    }),
    samples.max,
  ]);
  return { title: text.title, svg, table: { columns: COLUMNS, rows } };
}

type LogScale = (value: number) => number;

function axes(a: {
  readonly x: LogScale;
  readonly y: LogScale;
  readonly left: number;
  readonly right: number;
  readonly floor: number;
  readonly frame: Frame;
}): string {
  const { frame } = a;
  const bottom = frame.height - frame.bottom;
  const end = frame.width - frame.right;
  let out = '';
  for (const mark of durationMarks(a.left, a.right)) {
    const at = px(a.x(mark));
    out += `<line x1="${at}" x2="${at}" y1="${frame.top}" y2="${bottom + 5}" stroke="currentColor" opacity="0.15"/><text x="${at}" y="${bottom + 19}" text-anchor="middle">${formatDuration(mark * 1e6)}</text>`;
  }
  for (const share of SHARES) {
    if (share < a.floor) continue;
    const at = px(a.y(share));
    out += `<line x1="${frame.left}" x2="${end}" y1="${at}" y2="${at}" stroke="currentColor" opacity="0.15"/><text x="${frame.left - 6}" y="${at + 4}" text-anchor="end">${formatRatio(share)}</text>`;
  }
  out += `<line x1="${frame.left}" x2="${end}" y1="${bottom}" y2="${bottom}" stroke="currentColor" opacity="0.6"/>`;
  out += `<text x="${px((frame.left + end) / 2)}" y="${bottom + 37}" text-anchor="middle" opacity="0.85">wait, logarithmic</text>`;
  const middle = px((frame.top + bottom) / 2);
  return `${out}<text transform="translate(13 ${middle}) rotate(-90)" text-anchor="middle" opacity="0.85">share of pods that wait longer</text>`;
}

function smallest(lines: readonly CcdfLine[]): number {
  let least = Infinity;
  for (const { samples } of lines) {
    if (samples.min !== null && samples.min < least) least = samples.min;
  }
  return least;
}

/** Points (seconds, share longer than that), thinned to what can be seen. */
function tailOf(samples: MergedSamples, left: number, floor: number): [number, number][] {
  let rest = samples.n;
  const points: [number, number][] = [];
  let share = 1;
  for (const bin of samples.bins) {
    rest -= bin.count;
    const seconds = Math.min(binHigh(bin.index) / 1e6, samples.max ?? Infinity);
    if (seconds < left) {
      share = rest / samples.n;
      continue;
    }
    if (points.length === 0) points.push([left, Math.max(share, floor)]);
    share = rest / samples.n;
    points.push([seconds, Math.max(share, floor)]);
    if (share <= floor) break;
  }
  if (points.length === 0) points.push([left, floor]);
  return points;
}
