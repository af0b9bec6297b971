import { formatCount } from '../../base/units.ts';
import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  largest,
  legend,
  px,
  svgShell,
  valueAxis,
} from './frame.ts';
import { colorOf } from './palette.ts';
import { column } from './table.ts';

/** One cluster: its smallest and its mean headroom, ratios. */
export interface RankedRow {
  readonly name: string;
  readonly resource: string;
  readonly min: number;
  readonly mean: number;
  readonly atSeconds: number | null;
}

const COLUMNS = [
  column('cluster'),
  column('rank'),
  column('minimum', 'ratio'),
  column('mean', 'ratio'),
  column('resource'),
  column('when', 'instant'),
];

/**
 * Draws clusters by rank: a disc for the smallest headroom, a dash for the mean, a stem between them. For 1 to 1,000 rows.
 *
 * *Order*: by the minimum, then by name.
 */
export function rankChart(text: ChartText, given: readonly RankedRow[]): Chart {
  const rows = given.filter((r) => Number.isFinite(r.min) && Number.isFinite(r.mean));
  if (rows.length === 0) return emptyChart(text, COLUMNS);
  rows.sort((a, b) => a.min - b.min || (a.name < b.name ? -1 : 1));
  const frame = FRAME;
  const bottom = frame.height - frame.bottom;
  const width = frame.width - frame.right - frame.left;
  const pitch = width / rows.length;
  const y = valueAxis(largest(rows.map((r) => Math.max(r.min, r.mean))), 'ratio', frame);
  let stems = '';
  let means = '';
  let minima = '';
  const half = px(Math.min(5, Math.max(1, pitch / 2.5)));
  for (const [i, r] of rows.entries()) {
    const x = px(frame.left + (i + 0.5) * pitch);
    const least = px(y.at(r.min));
    const mean = px(y.at(r.mean));
    stems += `M${x} ${least}V${mean}`;
    means += `M${px(x - half)} ${mean}h${px(2 * half)}`;
    // A line of no length with round ends is a disc, in a third of the text.
    minima += `M${x} ${least}h0`;
  }
  const disc = px(Math.min(8, Math.max(3, pitch)));
  const body = `<path d="${stems}" stroke="${colorOf(6)}" stroke-width="1" opacity="${pitch < 3 ? 0.35 : 1}" fill="none"/><path d="${means}" stroke="${colorOf(0)}" stroke-width="2" fill="none"/><path d="${minima}" stroke="${colorOf(5)}" stroke-width="${disc}" stroke-linecap="round" fill="none"/>`;
  const entries = [
    {
      swatch: `<path d="M1 7h20" stroke="${colorOf(0)}" stroke-width="2" fill="none"/>`,
      name: 'mean over time',
    },
    {
      swatch: `<circle cx="11" cy="7" r="4" fill="${colorOf(5)}"/>`,
      name: 'minimum',
    },
  ];
  const drawing = y.axis + body + rankAxis(rows.length, frame.left, width, bottom);
  const walk = { axis: 'x', from: frame.left, to: frame.left + width } as const;
  const svg = svgShell(text, frame, drawing + legend(entries, frame), walk);
  const table = rows.map((r, i) => [r.name, i + 1, r.min, r.mean, r.resource, r.atSeconds]);
  return { title: text.title, svg, table: { columns: COLUMNS, rows: table } };
}

function rankAxis(count: number, left: number, width: number, bottom: number): string {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((s) => count / s <= 10) ?? 1000;
  const marks = [1];
  for (let rank = step === 1 ? 2 : step; rank <= count; rank += step) marks.push(rank);
  let out = '';
  for (const rank of marks) {
    const x = px(left + ((rank - 0.5) * width) / count);
    out += `<text x="${x}" y="${bottom + 19}" text-anchor="middle">${formatCount(rank)}</text>`;
  }
  const middle = px(left + width / 2);
  return `${out}<text x="${middle}" y="${bottom + 37}" text-anchor="middle" opacity="0.85">rank of the cluster, tightest first</text>`;
}
