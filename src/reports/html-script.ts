/**
 * The only script of the report. Without it everything is visible; with it tables can be sorted, rows of a map follow their
 * table, and a cursor walks along a chart by arrow keys or pointer while a line of text says what is there.
 *
 * It writes text with `textContent` only, and never makes HTML from names.
 */
export const SCRIPT = `
(() => {
'use strict';
const make = (tag, name, text) => {
  const e = document.createElement(tag);
  e.className = name;
  e.textContent = text;
  return e;
};
const keyOf = (row, i) => {
  const cell = row.cells[i];
  const v = cell.dataset.v;
  return v === undefined ? cell.textContent : Number(v);
};
const compare = (a, b) => {
  if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === 'number' ? -1 : 1;
};
const sortBy = (table, i) => {
  const heads = [...table.tHead.rows[0].cells];
  const isUp = heads[i].getAttribute('aria-sort') !== 'ascending';
  for (const h of heads) h.removeAttribute('aria-sort');
  heads[i].setAttribute('aria-sort', isUp ? 'ascending' : 'descending');
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, at) => ({ row, at, key: keyOf(row, i) }));
  rows.sort((a, b) => (isUp ? 1 : -1) * compare(a.key, b.key) || a.at - b.at);
  body.append(...rows.map((r) => r.row));
};
for (const table of document.querySelectorAll('table.sortable')) {
  const figure = table.closest('figure');
  const bands = figure ? [...figure.querySelectorAll('g[data-row]')] : [];
  const rows = [...table.tBodies[0].rows];
  const first = bands.length ? Number(/ ([\\d.]+)\\)/.exec(bands[0].getAttribute('transform'))[1]) : 0;
  const follow = () => {
    if (!bands.length) return;
    for (const e of figure.querySelectorAll('.ends')) e.remove();
    const height = Number(bands[0].dataset.row);
    const place = new Map([...table.tBodies[0].rows].map((row, at) => [row, at]));
    bands.forEach((band, i) => {
      band.setAttribute('transform', 'translate(0 ' + (first + place.get(rows[i]) * height) + ')');
    });
  };
  const heads = [...table.tHead.rows[0].cells];
  const bar = bands.length > 1 ? make('p', 'sorts', 'Sort rows by ') : null;
  heads.forEach((head, i) => {
    if (i > 0 && !rows.some((row) => row.cells[i].dataset.v)) return;
    const sort = () => {
      sortBy(table, i);
      follow();
    };
    const button = make('button', 'sort', head.textContent);
    button.type = 'button';
    button.onclick = sort;
    head.replaceChildren(button);
    if (!bar) return;
    const twin = make('button', 'twin', button.textContent);
    twin.type = 'button';
    twin.onclick = sort;
    bar.append(twin, ' ');
  });
  if (bar) figure.querySelector('.plot').before(bar);
}
for (const plot of document.querySelectorAll('figure .plot')) {
  const svg = plot.querySelector('svg[data-walk]');
  const table = plot.parentElement.querySelector('table');
  if (!svg || !table) continue;
  const [axis, ...ends] = svg.dataset.walk.split(' ');
  const [from, to, top, bottom] = ends.map(Number);
  const body = table.tBodies[0];
  const count = body.rows.length;
  const line = document.createElementNS(svg.namespaceURI, 'path');
  line.setAttribute('class', 'cursor');
  const says = make('p', 'says', '');
  says.setAttribute('aria-live', 'polite');
  plot.after(says);
  let at = -1;
  const show = (i) => {
    at = Math.max(0, Math.min(count - 1, i));
    const p = from + ((at + 0.5) * (to - from)) / count;
    const box = svg.viewBox.baseVal;
    line.setAttribute('d', axis === 'x' ? 'M' + p + ' ' + top + 'V' + bottom : 'M0 ' + p + 'H' + box.width);
    if (!line.parentNode) svg.append(line);
    if (axis === 'x') plot.scrollLeft = (p * svg.clientWidth) / box.width - plot.clientWidth / 2;
    const heads = table.tHead.rows[0].cells;
    const cells = [...body.rows[at].cells].map((c, k) => (k === 0 ? c.textContent : heads[k].textContent + ' ' + c.textContent));
    says.textContent = cells.join(' · ');
  };
  plot.addEventListener('focus', () => {
    if (at < 0) says.textContent = 'Arrow keys walk along the chart.';
  });
  plot.addEventListener('keydown', (event) => {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -count, End: count };
    const step = steps[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    show(at + step);
  });
  svg.addEventListener('pointermove', (event) => {
    const rect = svg.getBoundingClientRect();
    const box = svg.viewBox.baseVal;
    const p = axis === 'x' ? ((event.clientX - rect.left) * box.width) / rect.width : ((event.clientY - rect.top) * box.height) / rect.height;
    const i = Math.floor(((p - from) * count) / (to - from));
    if (i >= 0 && i < count) show(i);
  });
}
})();
`;

/** Base64 of the SHA-256 of {@link SCRIPT}: the only script that the page's policy lets run. A test computes it anew. */
export const SCRIPT_SHA256 = '/1xPqndsK1WykPyJwplFZQWNcj+XAs+BFMEo7LwjXbw=';
