/** Building blocks of the HTML report: everything that comes from a scenario passes {@link escapeHtml} here. */
import { formatCount } from '../base/units.ts';
import { cellNumber, cellText, type Table } from './charts/table.ts';
import { escapeHtml } from './escape.ts';
import type { Figure } from './figures/figure.ts';

/** One page of the report. */
export interface Section {
  /** Anchor, letters only. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
}

/** Shows a chart under its finding, with the numbers behind it in a folded table. */
export function figureHtml(figure: Figure): string {
  const { chart, name } = figure;
  const { rows } = chart.table;
  const title = escapeHtml(chart.title);
  const note = figure.note === '' ? '' : `<p class="note">${escapeHtml(figure.note)}</p>`;
  const table =
    rows.length === 0
      ? ''
      : `<details><summary>Data (${formatCount(rows.length)} ${rows.length === 1 ? 'row' : 'rows'})</summary>${scrolled(`Data: ${chart.title}`, tableHtml(chart.table))}</details>`;
  return `<figure id="f-${name}"><figcaption><h3>${title}</h3></figcaption><div class="plot" tabindex="0" role="group" aria-label="Chart: ${title}">${chart.svg}</div>${note}${table}</figure>`;
}

/** Puts wide content into a box that scrolls, by keyboard too. */
export function scrolled(label: string, html: string): string {
  return `<div class="wide" tabindex="0" role="group" aria-label="${escapeHtml(label)}">${html}</div>`;
}

/**
 * Writes a table; the first column names the row. Numbers of tables that are not in the order of time are kept beside their
 * text, so that the page's script can sort by them.
 */
export function tableHtml(table: Table): string {
  const { columns, rows } = table;
  const isSortable = rows.length > 1 && columns[0]?.unit !== 'instant';
  const head = columns.map((c) => `<th scope="col">${escapeHtml(c.name)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = escapeHtml(cellText(cell, columns[i]!.unit));
      if (i === 0) return `<th scope="row">${text}</th>`;
      const value = isSortable ? cellNumber(cell) : null;
      return value === null ? `<td>${text}</td>` : `<td data-v="${short(value)}">${text}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  const kind = isSortable ? ' class="sortable"' : '';
  return `<table${kind}><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

/** Six figures are enough to sort by. */
const short = (value: number): number => Number(value.toPrecision(6));
