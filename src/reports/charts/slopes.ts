import { escapeHtml } from '../escape.ts';
import { type Chart, type ChartText, emptyChart, px, shorten, svgShell } from './frame.ts';
import { colorOf, markOf } from './palette.ts';
import { type Cell, column } from './table.ts';

/** A metric under one policy. */
export interface SlopeValue {
  readonly n: number;
  readonly mean: number | null;
  readonly interval: readonly [low: number, high: number] | null;
  /** The mean as people read it. */
  readonly text: string;
}

/** One metric under every policy. */
export interface SlopePanel {
  readonly name: string;
  readonly values: readonly SlopeValue[];
  /** Per replication its value under each policy, where replications share their luck; else empty. */
  readonly lines: readonly (readonly (number | null)[])[];
  readonly print: (value: number) => string;
}

const PANEL = { width: 290, height: 200, left: 74, right: 22, top: 36, bottom: 30 };
const ACROSS = 3;
/** More replications than this hide each other. */
const LINES_MAX = 30;
/** Up to so many policies are named below a panel; more are numbered, and named above all of them. */
const NAMED_MAX = 2;

/**
 * Draws a panel per metric: a policy at each place, its mean with interval, and a thin line per replication. Axes do not
 * start at nought: a slope is what is compared, not a height.
 */
export function slopeChart(
  text: ChartText,
  data: { readonly policies: readonly string[]; readonly panels: readonly SlopePanel[] },
): Chart {
  const { policies } = data;
  const columns = ['metric and policy', 'n', 'mean', 'low', 'high'].map((name) => column(name));
  const panels = data.panels.filter((p) => p.values.some((v) => v.mean !== null));
  if (panels.length === 0) return emptyChart(text, columns);
  const names = policies.map((name, k) => `${k + 1} ${shorten(name, 30)}`);
  const head = policies.length <= NAMED_MAX ? 0 : 20 * Math.ceil(names.length / ACROSS) + 6;
  const rows = Math.ceil(panels.length / ACROSS);
  const frame = {
    width: ACROSS * PANEL.width,
    height: head + rows * PANEL.height,
    left: 0,
    right: 0,
    top: head,
    bottom: 0,
  };
  let body = '';
  if (head > 0) {
    names.forEach((name, k) => {
      const x = (k % ACROSS) * PANEL.width + 16;
      const y = 10 + 20 * Math.floor(k / ACROSS);
      body += `${markOf(k, x, y)}<text x="${x + 12}" y="${y + 4}">${escapeHtml(name)}</text>`;
    });
  }
  panels.forEach((panel, i) => {
    const x = (i % ACROSS) * PANEL.width;
    const y = head + Math.floor(i / ACROSS) * PANEL.height;
    body += `<g transform="translate(${x} ${y})">${panelSvg(panel, policies)}</g>`;
  });
  const cells = panels.flatMap((panel) =>
    panel.values.map((value, k): Cell[] => [
      `${panel.name}, ${policies[k]!}`,
      value.n,
      value.text,
      value.interval === null ? '–' : panel.print(value.interval[0]),
      value.interval === null ? '–' : panel.print(value.interval[1]),
    ]),
  );
  return { title: text.title, svg: svgShell(text, frame, body), table: { columns, rows: cells } };
}

function panelSvg(panel: SlopePanel, policies: readonly string[]): string {
  const { values, print } = panel;
  const lines = panel.lines.slice(0, LINES_MAX);
  const all = [
    ...values.flatMap((v) => (v.mean === null ? [] : [v.mean, ...(v.interval ?? [])])),
    ...lines.flatMap((line) => line.filter((v) => v !== null)),
  ];
  const low = Math.min(...all);
  const high = Math.max(...all);
  const bottom = PANEL.height - PANEL.bottom;
  const right = PANEL.width - PANEL.right;
  const span = high - low || Math.abs(high) || 1;
  const y = (value: number): number =>
    px(bottom - 8 - ((bottom - PANEL.top - 16) * (value - low)) / span);
  const step = (right - PANEL.left) / policies.length;
  const x = (k: number): number => px(PANEL.left + (k + 0.5) * step);
  let out = `<text x="${PANEL.left - 66}" y="18" font-weight="600">${escapeHtml(shorten(panel.name, 34))}</text>`;
  out += `<path d="M${PANEL.left} ${PANEL.top}V${bottom}H${right}" stroke="currentColor" opacity="0.4" fill="none"/>`;
  for (const end of low === high ? [low] : [low, high]) {
    out += `<text x="${PANEL.left - 5}" y="${y(end) + 4}" text-anchor="end" font-size="10">${escapeHtml(print(end))}</text>`;
  }
  for (const line of lines)
    out += `<path d="${pathOf(line, x, y)}" stroke="currentColor" opacity="0.3" fill="none"/>`;
  const means = values.map((v) => v.mean);
  out += `<path d="${pathOf(means, x, y)}" stroke="currentColor" stroke-width="2" fill="none"/>`;
  values.forEach((value, k) => {
    const name = policies.length <= NAMED_MAX ? shorten(policies[k]!, 15) : String(k + 1);
    out += `<text x="${x(k)}" y="${bottom + 17}" text-anchor="middle">${escapeHtml(name)}</text>`;
    if (value.mean === null) return;
    if (value.interval !== null) {
      const [from, to] = value.interval.map(y) as [number, number];
      out += `<path d="M${x(k)} ${from}V${to}M${x(k) - 4} ${from}h8M${x(k) - 4} ${to}h8" stroke="${colorOf(k)}" stroke-width="2.5" fill="none"/>`;
    }
    out += markOf(k, x(k), y(value.mean));
  });
  return out;
}

/** A line through what is known. */
function pathOf(
  values: readonly (number | null)[],
  x: (k: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  values.forEach((value, k) => {
    if (value !== null) path += `${path === '' ? 'M' : 'L'}${x(k)} ${y(value)}`;
  });
  return path;
}
