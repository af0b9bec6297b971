/** First page: the question, the verdicts, the headline numbers, why, and the cost in one line. */
import { formatCount, formatDollars, formatDuration, formatRatio } from '../base/units.ts';
import type { Bundle, MetricResult, ThresholdResult } from '../results/bundle.ts';
import { findMetric, labelText } from '../results/catalog.ts';
import { findCause, sentenceOf } from '../results/cause.ts';
import { formatInstant, formatQuantity } from '../results/quantity.ts';
import { type Cell, column } from './charts/table.ts';
import { escapeHtml } from './escape.ts';
import { costOfOne, metricOf, splitBy } from './figures/figure.ts';
import { type Section, scrolled, tableHtml } from './html-parts.ts';
import { pendingHtml } from './pending.ts';
import { observedText, SIGNS, type Verdict, verdictLine, verdictOf, verdictOfRun } from './text.ts';

const WORDS: Readonly<Record<Verdict, string>> = {
  pass: 'holds',
  warn: 'warning',
  fail: 'fails',
  inconclusive: 'inconclusive',
};

/** Writes the summary page. */
export function summarySection(bundle: Bundle): Section {
  const { result, manifest } = bundle;
  const verdict = verdictOfRun(result);
  const parts = [
    `<p class="question">${escapeHtml(result.question)}</p>`,
    `<p class="verdict ${verdict}">${escapeHtml(verdictLine(result))}</p>`,
  ];
  if (!result.complete) {
    const why = manifest.stopped === null ? '' : ` (${manifest.stopped})`;
    const text = `The run stopped at ${formatInstant(result.reachedSeconds)}${why}: all numbers are partial.`;
    parts.push(`<p class="verdict inconclusive">${escapeHtml(text)}</p>`);
  }
  if (result.thresholds.length > 0) parts.push(thresholdList(result.thresholds));
  const why = sentenceOf(findCause(result.metrics));
  if (why !== null) parts.push(`<p><strong>Why:</strong> ${escapeHtml(why)}.</p>`);
  const { total, workload, idle, overhead } = costOfOne(result);
  const idleShare = total > 0 ? ` (${formatRatio(idle / total)})` : '';
  const cost = `${formatDollars(total)} = workload ${formatDollars(workload)} + idle ${formatDollars(idle)}${idleShare} + overhead ${formatDollars(overhead)}${result.replications === 1 ? '' : ', on average'}`;
  parts.push(pendingHtml(result));
  parts.push(`<p><strong>Cost:</strong> ${escapeHtml(cost)}.</p>`);
  parts.push(headlines(bundle));
  parts.push(`<h3>Numbers of the whole fleet</h3>${fleetTable(bundle)}`);
  return { id: 'summary', title: 'Summary', body: parts.join('') };
}

function thresholdList(thresholds: readonly ThresholdResult[]): string {
  const items = thresholds.map((t) => {
    const verdict = verdictOf(t);
    const ci = t.ci?.map((bound) => formatQuantity(bound, t.unit)).join(' to ');
    const notes = [
      ci === undefined ? null : `confidence interval ${ci}`,
      t.where,
      t.verdict === 'pass' ? null : t.why,
      t.because && `Asked because: ${t.because}`,
    ]
      .filter((note) => note !== null && note !== '')
      .map((note) => `<div class="note">${escapeHtml(note as string)}</div>`);
    const rule = `<code>${escapeHtml(t.metric)}</code> <code>${escapeHtml(t.expr)}</code>`;
    return `<li class="${verdict}"><span class="sign" aria-hidden="true">${SIGNS[verdict]}</span><div><strong>${WORDS[verdict]}</strong> ${rule} <span class="observed">${escapeHtml(observedText(t))}</span>${notes.join('')}</div></li>`;
  });
  return `<ul class="verdicts">${items.join('')}</ul>`;
}

interface Card {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

function headlines(bundle: Bundle): string {
  const cards: Card[] = [];
  const { replications } = bundle.result;
  const { pods } = bundle.result.conservation;
  const cost = costOfOne(bundle.result);
  const each = replications === 1 ? '' : ` in ${replications} replications`;
  for (const wait of waitResults(bundle)) {
    const p99 = wait.quantiles['0.99'];
    if (p99 === undefined || p99 === null) continue;
    const bound = wait.quantilesAtLeast.includes('0.99') ? '≥ ' : '';
    const open = wait.censored > 0 ? `, ${formatCount(wait.censored)} still waiting` : '';
    cards.push({
      name: `wait p99${wait.labels.class === undefined ? '' : `, ${wait.labels.class}`}`,
      value: `${bound}${formatDuration(p99 * 1e6)}`,
      note: `n = ${formatCount(wait.n)}${open}`,
    });
  }
  for (const ratio of splitBy(bundle.result.metrics, 'allocation_ratio', 'resource')) {
    // Slots for pods are seldom what binds; they stay in the table below.
    if (ratio.mean === null || ratio.labels.resource === 'pods') continue;
    const most = ratio.max === null ? '' : `, at most ${formatRatio(ratio.max)}`;
    const name = `${ratio.labels.resource} allocated`;
    cards.push({ name, value: formatRatio(ratio.mean), note: `mean over time${most}` });
  }
  const note = (n: number): string => `of ${formatCount(n)} arrived${each}`;
  cards.push({ name: 'pods lost', value: formatCount(pods.lost), note: note(pods.arrived) });
  cards.push({
    name: 'pending at the end',
    value: formatCount(pods.pending),
    note: note(pods.arrived),
  });
  const idle =
    cost.total > 0 ? `${formatRatio(cost.idle / cost.total)} idle` : 'no prices in the scenario';
  const span = formatDuration(bundle.result.reachedSeconds * 1e6);
  const what = replications === 1 ? span : `${span}, on average`;
  cards.push({ name: `cost of ${what}`, value: formatDollars(cost.total), note: idle });
  const html = cards.map(
    (c) =>
      `<div class="card"><div class="name">${escapeHtml(c.name)}</div><div class="value">${escapeHtml(c.value)}</div><div class="note">${escapeHtml(c.note)}</div></div>`,
  );
  return `<div class="cards">${html.join('')}</div>`;
}

/** Waits by class where there is more than one, else of the whole fleet. */
function waitResults(bundle: Bundle): MetricResult[] {
  const classes = splitBy(bundle.result.metrics, 'pod_wait_seconds', 'class');
  if (classes.length > 1) return classes.slice(0, 6);
  const whole = metricOf(bundle, 'pod_wait_seconds');
  return whole ? [whole] : classes;
}

function fleetTable(bundle: Bundle): string {
  const rows: Cell[][] = [];
  for (const m of bundle.result.metrics) {
    const info = findMetric(m.name);
    if (!info) continue;
    const isFleet = Object.keys(m.labels).every((k) => info.inherent.includes(k));
    if (!isFleet) continue;
    const p99 = m.quantiles['0.99'] ?? null;
    const isBound = p99 !== null && m.quantilesAtLeast.includes('0.99');
    const text = (value: number | null, at: string): string =>
      `${at}${formatQuantity(value, m.unit)}`;
    rows.push([
      `${m.name}${labelText(m.labels)}`,
      m.n,
      m.kind === 'counter' ? text(m.sum, '') : '–',
      text(m.mean, '') + interval(m),
      text(m.min, ''),
      text(p99, isBound ? '≥ ' : ''),
      text(m.max, ''),
    ]);
  }
  const total = bundle.result.replications === 1 ? 'total' : 'total of all replications';
  const columns = ['metric', 'n', total, 'mean', 'min', 'p99', 'max'].map((c) => column(c));
  return scrolled('Numbers of the whole fleet', tableHtml({ columns, rows }));
}

/** The confidence interval of a mean behind it; the empty string for a single replication. */
function interval(m: MetricResult): string {
  if (m.ci === null) return '';
  const [low, high] = m.ci.mean;
  return ` [${formatQuantity(low, m.unit)}, ${formatQuantity(high, m.unit)}]`;
}
