import { escapeHtml } from '../escape.ts';
import { type Chart, type ChartText, emptyChart, px, shorten, svgShell } from './frame.ts';
import { colorOf, markOf } from './palette.ts';
import { column } from './table.ts';

/** One metric: what each pair differs by, their mean, its interval, and what came of it. */
export interface DifferenceRow {
  readonly name: string;
  /** Head less base of each pair, in the unit of the metric; empty where there are no pairs. */
  readonly pairs: readonly number[];
  /** Null where nothing was observed on one side. */
  readonly mean: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** Differences up to here do not count. */
  readonly floor: number;
  readonly n: number;
  /** The difference with its interval, as people read it. */
  readonly text: string;
  /** Sign and word of the verdict. */
  readonly verdict: string;
  /** Colour by position in the palette. */
  readonly color: number;
  readonly print: (value: number) => string;
}

const COLUMNS = ['metric', 'n', 'difference', 'low', 'high', 'least pair', 'most pair', 'floor'];
const ROW_HEIGHT = 46;
const LEFT = 256;
const RIGHT = 326;
/** More pairs than this are drawn by every k-th in order of size; the table keeps the ends. */
const DOTS_MAX = 60;

/**
 * Draws a row per metric: every pair as a dot, the mean of all with its interval above, nought in the middle and the floor
 * as a band. Each row has a scale of its own, written at its ends, because units differ.
 */
export function differenceChart(text: ChartText, rows: readonly DifferenceRow[]): Chart {
  const columns = [...COLUMNS, 'verdict'].map((name) => column(name));
  const known = rows.filter((row) => row.mean !== null);
  if (known.length === 0) return emptyChart(text, columns);
  const frame = {
    width: 880,
    height: 26 + known.length * ROW_HEIGHT + 10,
    left: LEFT,
    right: RIGHT,
    top: 26,
    bottom: 10,
  };
  const middle = (LEFT + frame.width - RIGHT) / 2;
  const bottom = frame.top + known.length * ROW_HEIGHT;
  const ends = `<text x="${LEFT}" y="14">head is less</text><text x="${frame.width - RIGHT}" y="14" text-anchor="end">head is more</text>`;
  const zero = `<path d="M${middle} ${frame.top - 4}V${bottom}" stroke="currentColor" opacity="0.6"/><text x="${middle}" y="14" text-anchor="middle">0</text>`;
  const body = known.map((row, i) => rowSvg(row, frame.top + i * ROW_HEIGHT, middle));
  const walk = { axis: 'y', from: frame.top, to: bottom } as const;
  return {
    title: text.title,
    svg: svgShell(text, frame, ends + zero + body.join(''), walk),
    table: { columns, rows: known.map(tableRow) },
  };
}

function rowSvg(row: DifferenceRow, top: number, middle: number): string {
  const { interval, floor, print } = row;
  const mean = row.mean!;
  const half = middle - LEFT - 6;
  const sizes = [...row.pairs, mean, ...(interval ?? [])].map((value) => Math.abs(value));
  const most = Math.max(...sizes, floor);
  const extent = most || 1;
  const at = (value: number): number => px(middle + (half * value) / extent);
  const y = top + 15;
  const color = colorOf(row.color);
  let out = `<path d="M${LEFT} ${top + ROW_HEIGHT - 1}H${LEFT + 2 * (middle - LEFT)}" stroke="currentColor" opacity="0.15"/>`;
  if (floor > 0) {
    const width = px(at(floor) - at(-floor));
    out += `<rect x="${at(-floor)}" y="${top + 3}" width="${width}" height="30" fill="currentColor" opacity="0.1"/>`;
  }
  for (const [i, pair] of thinned(row.pairs).entries()) {
    out += `<circle cx="${at(pair)}" cy="${top + 25 + (i % 3) * 2.6}" r="2.2" fill="${color}"/>`;
  }
  if (interval !== null) {
    const [low, high] = interval.map(at) as [number, number];
    out += `<path d="M${low} ${y}H${high}M${low} ${y - 4}v8M${high} ${y - 4}v8" stroke="${color}" stroke-width="2.5" fill="none"/>`;
  }
  out += markOf(row.color, at(mean), y);
  const edge = `font-size="10" opacity="0.85"`;
  if (most > 0) {
    out += `<text x="${LEFT}" y="${top + 42}" ${edge}>${escapeHtml(print(-extent))}</text><text x="${LEFT + 2 * (middle - LEFT)}" y="${top + 42}" text-anchor="end" ${edge}>${escapeHtml(print(extent))}</text>`;
  }
  out += `<text x="${LEFT - 10}" y="${top + 22}" text-anchor="end">${escapeHtml(shorten(row.name, 34))}</text>`;
  const right = 2 * middle - LEFT + 12;
  out += `<text x="${right}" y="${top + 15}">${escapeHtml(shorten(`${row.text}, n = ${row.n}`, 50))}</text><text x="${right}" y="${top + 31}">${escapeHtml(shorten(row.verdict, 52))}</text>`;
  return out;
}

/** At most {@link DOTS_MAX} of the pairs, the extremes among them. */
function thinned(pairs: readonly number[]): readonly number[] {
  if (pairs.length <= DOTS_MAX) return pairs;
  const sorted = [...pairs].sort((a, b) => a - b);
  const step = (sorted.length - 1) / (DOTS_MAX - 1);
  return Array.from({ length: DOTS_MAX }, (_, i) => sorted[Math.round(i * step)]!);
}

function tableRow(row: DifferenceRow): (string | number)[] {
  const { print, interval, pairs } = row;
  const text = (value: number | undefined): string => (value === undefined ? '–' : print(value));
  return [
    row.name,
    row.n,
    text(row.mean!),
    text(interval?.[0]),
    text(interval?.[1]),
    pairs.length === 0 ? '–' : print(Math.min(...pairs)),
    pairs.length === 0 ? '–' : print(Math.max(...pairs)),
    row.floor === 0 ? 'any' : print(row.floor),
    row.verdict,
  ];
}
