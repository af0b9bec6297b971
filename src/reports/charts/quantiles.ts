import { durationAxis, LEAST_SECONDS } from './durations.ts';
import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  type Frame,
  legend,
  px,
  svgShell,
  timeAxis,
  walkTime,
} from './frame.ts';
import { colorOf, dashOf, lineSwatch, markOf } from './palette.ts';
import type { Grid } from './rebucket.ts';
import { column, known } from './table.ts';

/** Two quantiles of one class, seconds per bucket of the grid; not finite where nothing was observed. */
export interface QuantileLine {
  readonly name: string;
  readonly p50: ArrayLike<number>;
  readonly p99: ArrayLike<number>;
}

/**
 * Draws medians (thin) and 99th percentiles (thick, with marks) over time on a logarithmic axis. Buckets without samples
 * interrupt the lines; a bucket between two empty ones is a dash of its own.
 */
export function quantileChart(
  text: ChartText,
  data: { readonly grid: Grid; readonly lines: readonly QuantileLine[] },
): Chart {
  const { grid, lines } = data;
  const columns = [
    column('time', 'instant'),
    ...lines.flatMap((l) => [
      column(`${l.name} p50`, 'seconds'),
      column(`${l.name} p99`, 'seconds'),
    ]),
  ];
  const values = lines.flatMap((l) => [...Array.from(l.p50), ...Array.from(l.p99)]);
  const seen = values.filter((v) => Number.isFinite(v));
  if (grid.count === 0 || seen.length === 0) return emptyChart(text, columns);
  const most = Math.max(largestOf(seen), LEAST_SECONDS) * 1.3;
  const least = Math.min(Math.max(smallestOf(seen) / 1.3, LEAST_SECONDS), most / 10);
  const frame = FRAME;
  const x = timeAxis(grid, frame);
  const y = durationAxis(least, most, frame);
  const middleOf = (i: number): number => {
    const end = i + 1 < grid.count ? grid.starts[i + 1]! : grid.endSeconds;
    return px(x.at((grid.starts[i]! + end) / 2));
  };
  let body = '';
  for (const [k, line] of lines.entries()) {
    body += trace(line.p50, { k, width: 1.2, isMarked: false, middleOf, at: y.at });
    body += trace(line.p99, { k, width: 2.4, isMarked: true, middleOf, at: y.at });
  }
  const rows = grid.starts.map((seconds, i) => [
    seconds,
    ...lines.flatMap((l) => [known(l.p50[i]!), known(l.p99[i]!)]),
  ]);
  const drawing = y.axis + body + x.axis + key(lines, frame);
  const svg = svgShell(text, frame, drawing, walkTime(frame));
  return { title: text.title, svg, table: { columns, rows } };
}

interface Pen {
  readonly k: number;
  readonly width: number;
  readonly isMarked: boolean;
  readonly middleOf: (i: number) => number;
  readonly at: (seconds: number) => number;
}

/** Marks at every twelfth point keep classes apart without hiding the line. */
const MARK_EVERY = 12;

function trace(values: ArrayLike<number>, pen: Pen): string {
  const isKnown = (i: number): boolean => Number.isFinite(values[i]);
  let d = '';
  let marks = '';
  for (let i = 0; i < values.length; i++) {
    if (!isKnown(i)) continue;
    const x = pen.middleOf(i);
    const y = px(pen.at(values[i]!));
    const isAlone = !isKnown(i - 1) && !isKnown(i + 1);
    if (isAlone) d += `M${px(x - 2.5)} ${y}h5`;
    else d += `${isKnown(i - 1) ? 'L' : 'M'}${x} ${y}`;
    if (pen.isMarked && (isAlone || i % MARK_EVERY === (pen.k * 3) % MARK_EVERY)) {
      marks += markOf(pen.k, x, y);
    }
  }
  if (d === '') return '';
  return `<path d="${d}" fill="none" stroke="${colorOf(pen.k)}" stroke-width="${pen.width}" stroke-dasharray="${dashOf(pen.k)}" stroke-linecap="round" stroke-linejoin="round"/>${marks}`;
}

function key(lines: readonly QuantileLine[], frame: Frame): string {
  const sample = (width: number): string =>
    `<line x1="0" x2="22" y1="7" y2="7" stroke="currentColor" stroke-width="${width}"/>`;
  const entries = lines.map((l, k) => ({ swatch: lineSwatch(k) + markOf(k, 11, 7), name: l.name }));
  return legend(
    [
      ...entries,
      { swatch: sample(2.4), name: 'p99' },
      { swatch: sample(1.2), name: 'p50, median' },
    ],
    frame,
  );
}

const largestOf = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.max(a, b), -Infinity);
const smallestOf = (values: readonly number[]): number =>
  values.reduce((a, b) => Math.min(a, b), Infinity);
