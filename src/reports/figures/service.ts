/** Service: how long pods waited, and what pending pods waited for. */
import { formatCount, formatDuration } from '../../base/units.ts';
import type { Bundle, DistributionEntry } from '../../results/bundle.ts';
import { compareText } from '../../results/catalog.ts';
import { formatInstant } from '../../results/quantity.ts';
import { mergeSamples, quantileOf } from '../../results/samples.ts';
import { type CcdfLine, ccdfChart } from '../charts/ccdf.ts';
import { shorten } from '../charts/frame.ts';
import { type LineData, lineChart } from '../charts/lines.ts';
import { type QuantileLine, quantileChart } from '../charts/quantiles.ts';
import { type Grid, rebucket } from '../charts/rebucket.ts';
import {
  BUCKETS_MAX,
  type Figure,
  firstCounted,
  gridFor,
  indexOfMax,
  ROW_BUCKETS_MAX,
  splitBy,
} from './figure.ts';

const LINES_MAX = 7;

/** Draws the figures of the service page. */
export function serviceFigures(bundle: Bundle): Figure[] {
  const lines = waitLines(bundle);
  return [waitFigure(lines), quantileFigure(bundle, lines), pendingFigure(bundle)];
}

function waitFigure(lines: readonly CcdfLine[]): Figure {
  const censored = lines.reduce((sum, l) => sum + l.samples.censored, 0);
  const worst = lines
    .map((line) => ({ line, p99: quantileOf(line.samples, 0.99) }))
    .filter((entry) => entry.p99.value !== null)
    .sort((a, b) => b.p99.value! - a.p99.value! || compareText(a.line.name, b.line.name))[0];
  const title = worst ? waitFinding(worst.line.name, worst.p99, lines.length) : 'Waiting time';
  const desc =
    'For each priority class the share of pods that wait longer than a time, both axes logarithmic; marks stand at the 99th percentile.';
  const open =
    censored === 0
      ? ''
      : ` ${formatCount(censored)} pods still waited at the end; they count with their age, a lower bound.`;
  return {
    name: 'wait',
    chart: ccdfChart({ id: 'wait', title, desc }, lines),
    note: `From entering the queue to bind, one sample per pending episode.${open}`,
  };
}

function waitFinding(
  name: string,
  p99: { readonly value: number | null; readonly isAtLeast: boolean },
  classes: number,
): string {
  if (p99.value === 0) return 'At least 99 % of pods start without a wait';
  const least = p99.isAtLeast ? 'at least' : 'more than';
  const time = formatDuration(p99.value! * 1e6);
  if (classes === 1) return `1 % of pods wait ${least} ${time}`;
  return `${shorten(name, 40)} waits longest: 1 % of its pods ${least} ${time}`;
}

/** Entries of the wait with no label but the class, by class; all pods where there is none. */
function byClass(
  bundle: Bundle,
  isWanted: (scope: string) => boolean,
): Map<string, DistributionEntry[]> {
  const classes = new Map<string, DistributionEntry[]>();
  const whole: DistributionEntry[] = [];
  for (const e of bundle.distributions.entries) {
    if (e.metric !== 'pod_wait_seconds' || !isWanted(e.scope)) continue;
    const keys = Object.keys(e.labels);
    if (keys.length === 0) whole.push(e);
    if (keys.length !== 1 || e.labels.class === undefined) continue;
    const known = classes.get(e.labels.class);
    if (known) known.push(e);
    else classes.set(e.labels.class, [e]);
  }
  if (classes.size === 0 && whole.length > 0) classes.set('all pods', whole);
  return classes;
}

function waitLines(bundle: Bundle): CcdfLine[] {
  return [...byClass(bundle, (scope) => scope === 'run')]
    .map(([name, entries]) => ({ name, samples: mergeSamples(entries) }))
    .sort((a, b) => b.samples.n - a.samples.n || compareText(a.name, b.name))
    .slice(0, LINES_MAX);
}

const BUCKET_SCOPE = /^bucket:(\d+)$/;

function quantileFigure(bundle: Bundle, classes: readonly CcdfLine[]): Figure {
  const grid = gridFor(bundle, ROW_BUCKETS_MAX);
  const byName = byClass(bundle, (scope) => BUCKET_SCOPE.test(scope));
  const lines = classes.flatMap(({ name }) => {
    const entries = byName.get(name);
    return entries ? [overTime(name, entries, grid)] : [];
  });
  let worst = { name: '', at: -1, value: -Infinity };
  for (const { name, p99 } of lines) {
    const at = indexOfMax(p99);
    if (at >= 0 && p99[at]! > worst.value) worst = { name, at, value: p99[at]! };
  }
  const title =
    worst.at < 0
      ? 'Waiting time over the run'
      : `Waits peak at ${formatInstant(grid.starts[worst.at]!)}: p99 of ${shorten(worst.name, 40)} is ${formatDuration(worst.value * 1e6)}`;
  const desc =
    'Median and 99th percentile of the wait over time by priority class, on a logarithmic axis; each pod counts when its wait began.';
  const span = formatDuration(grid.bucketSeconds * 1e6);
  return {
    name: 'wait-over-time',
    chart: quantileChart({ id: 'wait-over-time', title, desc }, { grid, lines }),
    note: `Each point stands for ${span}. Waits are dated by their start; those below 1 ms stand at the foot of the chart.`,
  };
}

/** Quantiles per bucket of the grid, from the histograms of the file's buckets; lower bounds at their bound. */
function overTime(name: string, entries: readonly DistributionEntry[], grid: Grid): QuantileLine {
  const groups: DistributionEntry[][] = Array.from({ length: grid.count }, () => []);
  for (const e of entries) {
    const bucket = Math.floor(Number(BUCKET_SCOPE.exec(e.scope)![1]) / grid.group);
    groups[bucket]?.push(e);
  }
  const p50 = new Float64Array(grid.count).fill(Number.NaN);
  const p99 = new Float64Array(grid.count).fill(Number.NaN);
  for (const [i, group] of groups.entries()) {
    if (group.length === 0) continue;
    const samples = mergeSamples(group);
    p50[i] = quantileOf(samples, 0.5).value ?? Number.NaN;
    p99[i] = quantileOf(samples, 0.99).value ?? Number.NaN;
  }
  return { name, p50, p99 };
}

function pendingFigure(bundle: Bundle): Figure {
  const grid = gridFor(bundle, BUCKETS_MAX);
  const reasons = splitBy(bundle.series.series, 'pods_pending', 'reason')
    .map((s) => {
      const buckets = rebucket(s, grid);
      return { name: s.labels.reason!, buckets, peak: indexOfMax(buckets.max, firstCounted(grid)) };
    })
    .filter((l) => l.peak >= 0 && l.buckets.max[l.peak]! > 0)
    .sort((a, b) => b.buckets.max[b.peak]! - a.buckets.max[a.peak]! || compareText(a.name, b.name));
  const top = reasons[0];
  const title = top
    ? `Pods wait most for “${shorten(top.name, 40)}”: ${formatCount(Math.round(top.buckets.max[top.peak]!))} at ${formatInstant(grid.starts[top.peak]!)}`
    : 'No pod is pending after the warm-up';
  const lines: LineData['lines'] = reasons.slice(0, LINES_MAX);
  const desc =
    'Pending pods over time, a line for each reason of the last attempt; the band reaches from the smallest to the largest number in each stretch of time.';
  const hidden = reasons.length - lines.length;
  return {
    name: 'pending',
    chart: lineChart({ id: 'pending', title, desc }, { grid, lines, unit: 'pods' }),
    note: hidden > 0 ? `${hidden} more reasons are in the series file.` : '',
  };
}
