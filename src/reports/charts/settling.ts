import {
  type Chart,
  type ChartText,
  FRAME,
  largest,
  legend,
  px,
  svgShell,
  valueAxis,
} from './frame.ts';
import { colorOf, lineSwatch, markOf } from './palette.ts';
import { column } from './table.ts';

/** An estimate as replications are added. */
export interface SettlingData {
  /** From two replications on. */
  readonly steps: readonly {
    readonly n: number;
    readonly mean: number;
    readonly interval: readonly [low: number, high: number];
  }[];
  /** One per replication, in the order of their numbers. */
  readonly values: readonly number[];
  readonly unit: string;
}

/** Marks of the axis at most. */
const TICKS = 10;

/** Draws the running mean with its interval as a band over the number of replications, and each replication as a dot. */
export function settlingChart(text: ChartText, data: SettlingData): Chart {
  const { steps, values, unit } = data;
  const frame = FRAME;
  // The first intervals are far too wide to be looked at: the axis holds all values and the later intervals.
  const later = steps.slice(Math.min(3, steps.length - 1));
  const top = largest([...values, ...later.map((s) => s.interval[1])]);
  const y = valueAxis(top, unit, frame);
  const clip = (value: number): number =>
    px(Math.min(frame.height - frame.bottom, Math.max(frame.top, y.at(value))));
  const right = frame.width - frame.right;
  const bottom = frame.height - frame.bottom;
  const step = (right - frame.left) / values.length;
  const x = (n: number): number => px(frame.left + (n - 0.5) * step);
  const up = steps.map((s) => `${x(s.n)} ${clip(s.interval[1])}`);
  const down = steps.map((s) => `${x(s.n)} ${clip(s.interval[0])}`).reverse();
  let body = `<path d="M${[...up, ...down].join('L')}z" fill="${colorOf(0)}" stroke="${colorOf(0)}" fill-opacity="0.2"/>`;
  body += `<path d="M${steps.map((s) => `${x(s.n)} ${clip(s.mean)}`).join('L')}" fill="none" stroke="${colorOf(0)}" stroke-width="2.4"/>`;
  values.forEach((value, i) => {
    body += markOf(1, x(i + 1), clip(value));
  });
  const every = Math.ceil(values.length / TICKS);
  for (let n = 1; n <= values.length; n++) {
    if (n % every !== 0 && n !== 1) continue;
    body += `<text x="${x(n)}" y="${bottom + 19}" text-anchor="middle">${n}</text>`;
  }
  body += `<text x="${px((frame.left + right) / 2)}" y="${bottom + 37}" text-anchor="middle" opacity="0.85">replications</text>`;
  const entries = [
    { swatch: lineSwatch(0), name: 'mean, 95 % interval' },
    { swatch: markOf(1, 11, 6), name: 'one replication' },
  ];
  const columns = [
    column('replications'),
    ...['its value', 'mean so far', 'low', 'high'].map((name) => column(name, unit)),
  ];
  const rows = values.map((value, i) => {
    const own = steps[i - 1];
    const estimate =
      own === undefined ? [null, null, null] : [own.mean, own.interval[0], own.interval[1]];
    return [String(i + 1), value, ...estimate];
  });
  const walk = { axis: 'x', from: frame.left, to: right } as const;
  const svg = svgShell(text, frame, y.axis + body + legend(entries, frame), walk);
  return { title: text.title, svg, table: { columns, rows } };
}
