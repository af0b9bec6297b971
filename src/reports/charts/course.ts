import {
  type Chart,
  type ChartText,
  FRAME,
  largest,
  legend,
  px,
  svgShell,
  timeAxis,
  valueAxis,
  walkTime,
} from './frame.ts';
import { colorOf, dashOf, lineSwatch } from './palette.ts';
import { column } from './table.ts';

/** A metric over time, its mean over replications; one value a bucket. */
export interface CourseData {
  readonly bucketSeconds: number;
  readonly endSeconds: number;
  readonly warmupSeconds: number;
  /** Where a rule would cut; null where it cannot tell. */
  readonly cutSeconds: number | null;
  readonly unit: string;
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Null where the window reaches past the end. */
  readonly smooth: readonly (number | null)[];
}

/** More points than pixels say nothing; every k-th bucket is drawn then, and the table holds what is drawn. */
const POINTS_MAX = 288;

/** Draws the mean (thin), its band, the moving average (thick), the warm-up shaded and the cut as an upright line. */
export function courseChart(text: ChartText, data: CourseData): Chart {
  const { mean, low, high, smooth, unit, bucketSeconds, cutSeconds } = data;
  const every = Math.ceil(mean.length / POINTS_MAX);
  const shown = mean.map((_, i) => i).filter((i) => i % every === 0);
  const frame = FRAME;
  const time = timeAxis(data, frame);
  const y = valueAxis(largest(high), unit, frame);
  const x = (i: number): number => px(time.at((i + 0.5) * bucketSeconds));
  // Buckets that are left out keep their extremes.
  const ends = (i: number, of: readonly number[], pick: (...v: number[]) => number): number =>
    px(y.at(pick(...of.slice(i, i + every))));
  const up = shown.map((i) => `${x(i)} ${ends(i, high, Math.max)}`);
  const down = shown.map((i) => `${x(i)} ${ends(i, low, Math.min)}`).reverse();
  const band = `<path d="M${[...up, ...down].join('L')}z" fill="${colorOf(0)}" opacity="0.2"/>`;
  const line = (values: readonly (number | null)[], k: number, width: number): string => {
    const points = shown.flatMap((i) => {
      const value = values[i] ?? null;
      return value === null ? [] : [`${x(i)} ${px(y.at(value))}`];
    });
    return `<path d="M${points.join('L')}" fill="none" stroke="${colorOf(k)}" stroke-width="${width}" stroke-dasharray="${dashOf(k)}"/>`;
  };
  let cut = '';
  if (cutSeconds !== null) {
    const at = px(time.at(cutSeconds));
    const bottom = frame.height - frame.bottom;
    cut = `<path d="M${at} ${frame.top}V${bottom}" stroke="${colorOf(5)}" stroke-width="2"/><path d="M${at} ${frame.top}l5 5l-5 5z" fill="${colorOf(5)}"/>`;
  }
  const upright = `<path d="M11 1v10" stroke="${colorOf(5)}" stroke-width="2"/>`;
  const entries = [
    { swatch: lineSwatch(0), name: 'mean, least to most' },
    { swatch: lineSwatch(1), name: 'moving average' },
    ...(cut === '' ? [] : [{ swatch: upright, name: 'cut of MSER-5' }]),
  ];
  const body = y.axis + band + line(mean, 0, 1.2) + line(smooth, 1, 2.6) + time.axis + cut;
  const columns = [
    column('time', 'instant'),
    ...['mean', 'least', 'most', 'moving average'].map((name) => column(name, unit)),
  ];
  const rows = shown.map((i) => [
    i * bucketSeconds,
    mean[i]!,
    Math.min(...low.slice(i, i + every)),
    Math.max(...high.slice(i, i + every)),
    smooth[i] ?? null,
  ]);
  const svg = svgShell(text, frame, body + legend(entries, frame), walkTime(frame));
  return { title: text.title, svg, table: { columns, rows } };
}
