/** The end-of-run summary for a terminal: verdicts, why, cost, conservation, what to do next. */
import { formatCount, formatDollars, formatDuration, formatRatio } from '../base/units.ts';
import type { Bundle, ResultFile, ThresholdResult } from '../results/bundle.ts';
import { findCause, sentenceOf } from '../results/cause.ts';
import { formatInstant, formatQuantity } from '../results/quantity.ts';
import { visible } from './escape.ts';
import { pendingLines } from './pending.ts';

/** Where and how the summary is shown. */
export interface SummaryOptions {
  /** Columns of the terminal, at least 40. */
  readonly width: number;
  readonly color: boolean;
  /** As the user should type it. */
  readonly bundleDir: string;
  readonly bundleBytes?: number;
}

/** A verdict as people see it: a failed warning is its own kind. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'inconclusive';

/** The sign of each verdict; colour never carries it alone. */
export const SIGNS: Readonly<Record<Verdict, string>> = {
  pass: '✓',
  warn: '!',
  fail: '✗',
  inconclusive: '~',
};

const COLORS = { pass: 32, warn: 33, fail: 31, inconclusive: 33, bold: 1, dim: 2 } as const;
type Paint = (text: string, color: keyof typeof COLORS) => string;

/** Tells a threshold's verdict, where a failed warning is only a warning. */
export function verdictOf(threshold: ThresholdResult): Verdict {
  return threshold.verdict === 'fail' && threshold.warn ? 'warn' : threshold.verdict;
}

function headOf(counts: Readonly<Record<Verdict, number>>, all: number): string {
  if (all === 1 && counts.fail === 1) return 'the threshold failed';
  if (all === 1 && counts.pass === 1) return 'the threshold holds';
  const noun = all === 1 ? 'threshold' : 'thresholds';
  if (counts.fail > 0) return `${counts.fail} of ${all} ${noun} failed`;
  if (counts.pass < all) return `${counts.pass} of ${all} ${noun} hold`;
  return all === 2 ? 'both thresholds hold' : `all ${all} thresholds hold`;
}

/** Puts all verdicts of a run into one line: `✗ 1 of 4 thresholds failed, 1 warning`. */
export function verdictLine(result: ResultFile): string {
  const counts: Record<Verdict, number> = { pass: 0, warn: 0, fail: 0, inconclusive: 0 };
  for (const t of result.thresholds) counts[verdictOf(t)]++;
  const all = result.thresholds.length;
  if (!result.conservation.ok) return '✗ a conservation law broke: results are not valid';
  if (all === 0) return result.complete ? '✓ no thresholds' : '~ incomplete, no thresholds';
  const extras = [
    counts.warn > 0 ? `${counts.warn} warning${counts.warn > 1 ? 's' : ''}` : '',
    counts.inconclusive > 0 ? `${counts.inconclusive} inconclusive` : '',
    result.complete ? '' : 'run incomplete',
  ].filter((s) => s !== '');
  const worst = verdictOfRun(result);
  return `${SIGNS[worst]} ${[headOf(counts, all), ...extras].join(', ')}`;
}

/** Tells the verdict of a whole run: the worst of its thresholds; an incomplete run cannot pass. */
export function verdictOfRun(result: ResultFile): Verdict {
  const verdicts = result.thresholds.map(verdictOf);
  if (!result.conservation.ok || verdicts.includes('fail')) return 'fail';
  if (!result.complete || verdicts.includes('inconclusive')) return 'inconclusive';
  return verdicts.includes('warn') ? 'warn' : 'pass';
}

/** Prints an observed value with its unit, `≥` before a lower bound. */
export function observedText(threshold: ThresholdResult): string {
  const value = formatQuantity(threshold.observed, threshold.unit);
  return threshold.observedIsAtLeast ? `≥ ${value}` : value;
}

/**
 * Writes the summary that ends a run, a few lines without a line break at the end.
 *
 * @param bundle of a finished or stopped run
 * @returns text with `\n` between lines, no line wider than `width` but for single long words
 */
export function summaryText(bundle: Bundle, options: SummaryOptions): string {
  const { manifest, result } = bundle;
  const paint: Paint = (text, color) =>
    options.color ? `\u001b[${COLORS[color]}m${text}\u001b[0m` : text;
  const lines: string[] = [];
  const section = (head: string, text: string): void => {
    const wrapped = wrap(visible(text), options.width - 7);
    lines.push(`${paint(head.padEnd(6), 'bold')} ${wrapped[0]!}`);
    for (const rest of wrapped.slice(1)) lines.push(`       ${rest}`);
  };
  const fleet = `${counted(manifest.fleet.clusters, 'cluster')}, ${counted(manifest.fleet.nodes, 'node')}`;
  const { replications } = result;
  const span = formatDuration(result.horizonSeconds * 1e6);
  const length =
    replications === 1 ? span : `${replications} reps, ${manifest.study} ${span}, 95 % CI`;
  section('RESULT', `${result.scenario}: ${fleet}; ${length}, seed ${result.seed}`);
  for (const part of wrap(verdictLine(result), options.width - 7)) {
    lines.push(`       ${paint(part, verdictOfRun(result))}`);
  }
  if (!result.complete) {
    const why = manifest.stopped === null ? '' : ` (${manifest.stopped})`;
    const isWhole = result.reachedSeconds >= result.horizonSeconds;
    const where = isWhole
      ? `after ${counted(replications, 'replication')}`
      : `at ${formatInstant(result.reachedSeconds)}`;
    const what = isWhole ? 'more were wanted' : 'all numbers are partial';
    section('STOP', `stopped ${where}${why}: ${what}`);
  }
  const effort = effortText(bundle);
  if (effort !== '') section('REPS', effort);
  lines.push(...thresholdLines(result.thresholds, options.width, paint));
  const why = sentenceOf(findCause(result.metrics));
  if (why !== null) section('WHY', why);
  for (const line of pendingLines(result)) section('WAIT', line);
  section('COST', costText(result));
  section('CHECK', checkText(result));
  const size = options.bundleBytes === undefined ? '' : ` (${megabytes(options.bundleBytes)})`;
  section('NEXT', `open ${options.bundleDir}/report.html${size === '' ? '' : ` · bundle${size}`}`);
  return lines.join('\n');
}

/** How the length of an experiment came about; empty where it was simply given. */
function effortText({ manifest, result }: Bundle): string {
  const { effort } = manifest;
  if (effort === undefined) return '';
  const cut = formatDuration(result.warmupSeconds * 1e6);
  const parts = effort.warmup === 'mser5' ? [`warm-up ${cut} cut off by MSER-5`] : [];
  if (effort.precision !== null) {
    const { goal, relative, isReached, replicationsNeeded } = effort.precision;
    const now = relative === null ? 'precision unknown' : `±${formatRatio(relative)}`;
    const more = replicationsNeeded === null ? '' : `: about ${replicationsNeeded} reps needed`;
    parts.push(`${goal}: ${now}, ${isReached ? 'reached' : `not reached${more}`}`);
  }
  return parts.join('; ');
}

/** Prints an interval as `[8.02 s, 8.8 s]`; empty where there is none. */
function intervalText({ ci, unit }: ThresholdResult): string {
  if (ci === null) return '';
  return `  [${ci.map((end) => formatQuantity(end, unit)).join(', ')}]`;
}

function thresholdLines(
  thresholds: readonly ThresholdResult[],
  width: number,
  paint: Paint,
): string[] {
  const rows = thresholds.map((t) => ({
    verdict: verdictOf(t),
    metric: visible(t.metric),
    expr: visible(t.expr),
    observed: `${observedText(t)}${intervalText(t)}`,
    notes: notesOf(t),
  }));
  const metricWidth = Math.max(0, ...rows.map((r) => r.metric.length));
  const exprWidth = Math.max(0, ...rows.map((r) => r.expr.length));
  const observedWidth = Math.max(0, ...rows.map((r) => r.observed.length));
  const isWide = 4 + metricWidth + 2 + exprWidth + 2 + observedWidth <= width;
  const lines: string[] = [];
  for (const row of rows) {
    const sign = paint(SIGNS[row.verdict], row.verdict);
    const observed = paint(row.observed, row.verdict === 'pass' ? 'bold' : row.verdict);
    if (isWide) {
      const cells = `${row.metric.padEnd(metricWidth)}  ${row.expr.padEnd(exprWidth)}`;
      lines.push(`  ${sign} ${cells}  ${observed}`);
    } else {
      for (const [i, part] of wrap(row.metric, width - 4).entries()) {
        lines.push(i === 0 ? `  ${sign} ${part}` : `    ${part}`);
      }
      lines.push(...wrap(row.expr, width - 6).map((part) => `      ${part}`));
      lines.push(`      ${observed}`);
    }
    const notes = wrap(row.notes, width - 6);
    if (row.notes !== '') lines.push(...notes.map((part) => `      ${paint(part, 'dim')}`));
  }
  return lines;
}

function notesOf(t: ThresholdResult): string {
  if (t.verdict === 'pass') return '';
  // Else a value below its limit would look like a mistake of the verdict.
  const bound = t.observedIsAtLeast
    ? 'a lower bound, since pods still wait: no upper limit can hold'
    : null;
  const because = t.because && `(${t.because})`;
  const parts = [t.warn ? 'warning only' : null, bound, t.where, t.why, because];
  return visible(parts.filter((part) => part !== null && part !== '').join('; '));
}

function costText(result: ResultFile): string {
  const { replications } = result;
  const { cost } = result.conservation;
  const holds = cost.workload + cost.idle + cost.overhead === cost.total;
  // Of one replication on average: nobody pays for all of them.
  const [total, workload, idle, overhead] = [
    cost.total,
    cost.workload,
    cost.idle,
    cost.overhead,
  ].map((dollars) => dollars / replications) as [number, number, number, number];
  const share = total > 0 ? ` (${formatRatio(idle / total)})` : '';
  const parts = `workload ${formatDollars(workload)} + idle ${formatDollars(idle)}${share} + overhead ${formatDollars(overhead)}`;
  const each = replications === 1 ? '' : ' on average';
  return `${formatDollars(total)}${each} = ${parts}  ${holds ? 'identity ✓' : 'identity ✗'}`;
}

function checkText(result: ResultFile): string {
  const { pods, littlesLaw, ok, checks } = result.conservation;
  const ends = `${formatCount(pods.completed)} done + ${formatCount(pods.running)} running + ${formatCount(pods.pending)} pending + ${formatCount(pods.lost)} lost`;
  const law = littlesLaw === null ? '' : `; ${littlesText(littlesLaw)}`;
  const times = `laws checked ${formatCount(checks)} times`;
  return `pods ${formatCount(pods.arrived)} in = ${ends} ${ok ? '✓' : '✗'}; ${times}${law}`;
}

/** Says how far Little's law is off: `Little's law within 0.3 %`. */
export function littlesText(law: { readonly l: number; readonly lambdaW: number }): string {
  if (law.l === 0 && law.lambdaW === 0) return "Little's law holds (nothing was in the system)";
  const off = Math.abs(law.l - law.lambdaW) / Math.max(law.l, law.lambdaW);
  return `Little's law within ${formatRatio(off)}`;
}

function counted(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? '' : 's'}`;
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${Math.round(bytes / 1e5) / 10} MB`;
}

/** Breaks at spaces; a longer word stays whole. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
