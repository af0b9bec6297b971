/** Building blocks of the HTML report: everything that comes from a scenario passes {@link escapeHtml} here. */
import type { Bundle, MetricResult, Series } from '../results/bundle.ts';
import { compareText } from '../results/catalog.ts';
import type { Chart, Table } from './charts/frame.ts';
import { escapeHtml } from './escape.ts';

/** One page of the report. */
export interface Section {
  /** Anchor, letters only. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** Shows a chart under its finding, with the numbers behind it in a folded table. */
export function figureHtml(chart: Chart, note = ''): string {
  const table = chart.table.rows.length === 0 ? '' : foldedTable(chart.table);
  const caption = note === '' ? '' : `<p class="note">${escapeHtml(note)}</p>`;
  return `<figure><figcaption>${escapeHtml(chart.title)}</figcaption><div class="plot" tabindex="0" role="group" aria-label="chart">${chart.svg}</div>${caption}${table}</figure>`;
}

function foldedTable(table: Table): string {
  return `<details><summary>Data (${table.rows.length} rows)</summary><div class="wide" tabindex="0" role="group" aria-label="data table">${tableHtml(table)}</div></details>`;
}

/** Writes a table; the first column names the row. */
export function tableHtml(table: Table): string {
  const head = table.head.map((h) => `<th scope="col">${escapeHtml(h)}</th>`).join('');
  const rows = table.rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? `<th scope="row">${escapeHtml(cell)}</th>` : `<td>${escapeHtml(cell)}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Finds a metric by name and exactly these labels. */
export function metricOf(
  bundle: Bundle,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): MetricResult | undefined {
  return bundle.result.metrics.find((m) => m.name === name && hasLabels(m.labels, labels));
}

/** Finds a time series by name and exactly these labels. */
export function seriesOf(
  bundle: Bundle,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Series | undefined {
  return bundle.series.series.find((s) => s.name === name && hasLabels(s.labels, labels));
}

/**
 * Lists what carries a name and, beside fixed labels, exactly one more.
 *
 * *Order*: by the value of that label.
 */
export function splitBy<
  T extends { readonly name: string; readonly labels: Readonly<Record<string, string>> },
>(
  items: readonly T[],
  name: string,
  label: string,
  fixed: Readonly<Record<string, string>> = {},
): T[] {
  return items
    .filter((item) => {
      const value = item.labels[label];
      return (
        item.name === name &&
        value !== undefined &&
        hasLabels(item.labels, { ...fixed, [label]: value })
      );
    })
    .sort((a, b) => compareText(a.labels[label]!, b.labels[label]!));
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(wanted);
  return Object.keys(labels).length === keys.length && keys.every((k) => labels[k] === wanted[k]);
}

/** Index of the largest finite value, or -1. *Order*: the first of equals. */
export function indexOfMax(values: ArrayLike<number>): number {
  let at = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]!) && (at < 0 || values[i]! > values[at]!)) at = i;
  }
  return at;
}
