import { escapeHtml } from '../escape.ts';
import {
  type Chart,
  type ChartText,
  emptyChart,
  FRAME,
  type Frame,
  largest,
  px,
  svgShell,
  timeAxis,
  valueAxis,
  walkTime,
} from './frame.ts';
import { colorOf, dashOf } from './palette.ts';
import { type Steps, stepArea, stepLine } from './path.ts';
import type { Buckets } from './rebucket.ts';
import { column, known } from './table.ts';

/** One panel: a quantity on its own axis from zero. */
export interface Panel {
  readonly name: string;
  readonly unit: string;
  readonly buckets: Buckets;
}

/** Panels above each other over the same stretch of time. */
export interface PanelData {
  /** Start of each bucket, seconds, ascending. */
  readonly starts: readonly number[];
  readonly endSeconds: number;
  /** The end of the warm-up; absent for none. */
  readonly warmupSeconds?: number;
  readonly panels: readonly Panel[];
  /** A stretch that is shaded, such as an outage, and its name; null for none. */
  readonly shaded: { readonly from: number; readonly until: number; readonly name: string } | null;
}

const PANEL_HEIGHT = 150;
const GAP = 16;

/** Draws quantities of different size over one stretch of time, each in a panel of its own, zero-based, with means and band. */
export function panelChart(text: ChartText, data: PanelData): Chart {
  const { starts, endSeconds, panels, shaded } = data;
  const columns = [
    column('time', 'instant'),
    ...panels.flatMap((p) => [
      column(`${p.name} (min)`, p.unit),
      column(`${p.name} (mean)`, p.unit),
      column(`${p.name} (max)`, p.unit),
    ]),
  ];
  if (starts.length === 0 || panels.length === 0) return emptyChart(text, columns);
  const height = FRAME.top + panels.length * (PANEL_HEIGHT + GAP) - GAP + FRAME.bottom;
  const frame = { ...FRAME, height };
  const x = timeAxis({ ...data, startSeconds: starts[0]! }, frame);
  let body = shaded ? shade(shaded, x.at, frame) : '';
  for (const [k, panel] of panels.entries()) {
    const top = FRAME.top + k * (PANEL_HEIGHT + GAP);
    const own = { ...frame, top, bottom: height - top - PANEL_HEIGHT };
    const y = valueAxis(largest(panel.buckets.max), panel.unit, own);
    const xAt = (i: number): number => x.at(i === starts.length ? endSeconds : starts[i]!);
    const clip = (i: number): number => Math.min(i, starts.length - 1);
    const isKnown = (i: number): boolean => Number.isFinite(panel.buckets.mean[clip(i)]!);
    const steps = (values: Float64Array): Steps => ({
      count: starts.length + 1,
      x: xAt,
      y: (i) => y.at(values[clip(i)]!),
      isKnown,
    });
    const band = stepArea(steps(panel.buckets.max), steps(panel.buckets.min).y);
    const mean = stepLine(steps(panel.buckets.mean));
    body += y.axis;
    if (band) body += `<path d="${band}" fill="${colorOf(k)}" opacity="0.25"/>`;
    if (mean) {
      body += `<path d="${mean}" fill="none" stroke="${colorOf(k)}" stroke-width="2" stroke-dasharray="${dashOf(k)}"/>`;
    }
    const at = frame.width - frame.right + 24;
    body += `<line x1="${at}" x2="${at + 22}" y1="${top + 7}" y2="${top + 7}" stroke="${colorOf(k)}" stroke-width="2.5" stroke-dasharray="${dashOf(k)}"/><text x="${at + 28}" y="${top + 11}">${escapeHtml(panel.name)}</text>`;
  }
  const rows = starts.map((seconds, i) => [
    seconds,
    ...panels.flatMap(({ buckets }) => [
      known(buckets.min[i]!),
      known(buckets.mean[i]!),
      known(buckets.max[i]!),
    ]),
  ]);
  const svg = svgShell(text, frame, body + x.axis, walkTime(frame));
  return { title: text.title, svg, table: { columns, rows } };
}

function shade(
  shaded: { readonly from: number; readonly until: number; readonly name: string },
  at: (seconds: number) => number,
  frame: Frame,
): string {
  const right = frame.width - frame.right;
  const from = px(Math.max(frame.left, at(shaded.from)));
  const until = px(Math.min(right, at(shaded.until)));
  const top = frame.top;
  const bottom = px(frame.height - frame.bottom);
  const label = `<text x="${px(from + 4)}" y="${bottom - 6}" font-size="11" opacity="0.85">${escapeHtml(shaded.name)}</text>`;
  return `<rect x="${from}" y="${top}" width="${px(Math.max(1, until - from))}" height="${px(bottom - top)}" fill="currentColor" opacity="0.09"/><path d="M${from} ${top}V${bottom}M${until} ${top}V${bottom}" stroke="currentColor" stroke-dasharray="3 3" opacity="0.7" fill="none"/>${label}`;
}
