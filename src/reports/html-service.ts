/** Service: how long pods waited, and what pending pods waited for. */
import { formatCount, formatDuration } from '../base/units.ts';
import type { Bundle } from '../results/bundle.ts';
import { compareText } from '../results/catalog.ts';
import { formatInstant } from '../results/quantity.ts';
import { mergeSamples, quantileOf } from '../results/samples.ts';
import { type CcdfLine, ccdfChart } from './charts/ccdf.ts';
import { type LineData, lineChart } from './charts/lines.ts';
import { gridOf, rebucket } from './charts/rebucket.ts';
import { figureHtml, indexOfMax, type Section, splitBy } from './html-parts.ts';

const LINES_MAX = 7;
const BUCKETS_MAX = 288;

/** Writes the service page. */
export function serviceSection(bundle: Bundle): Section {
  return { id: 'service', title: 'Service', body: waitFigure(bundle) + pendingFigure(bundle) };
}

function waitFigure(bundle: Bundle): string {
  const lines = waitLines(bundle);
  const censored = lines.reduce((sum, l) => sum + l.samples.censored, 0);
  const worst = lines
    .map((line) => ({ line, p99: quantileOf(line.samples, 0.99) }))
    .filter((entry) => entry.p99.value !== null)
    .sort((a, b) => b.p99.value! - a.p99.value! || compareText(a.line.name, b.line.name))[0];
  const title = worst
    ? `${worst.line.name} waits longest: 1 % of its pods ${worst.p99.isAtLeast ? 'at least' : 'more than'} ${formatDuration(worst.p99.value! * 1e6)}`
    : 'Waiting time by class';
  const chart = ccdfChart(
    {
      id: 'wait',
      title,
      desc: 'For each priority class the share of pods that wait longer than a time, both axes logarithmic; dots mark the 99th percentile.',
    },
    lines,
  );
  const open =
    censored === 0
      ? ''
      : ` ${formatCount(censored)} pods still waited at the end; they count with their age, a lower bound.`;
  return figureHtml(
    chart,
    `From entering the queue to bind, one sample per pending episode.${open}`,
  );
}

function waitLines(bundle: Bundle): CcdfLine[] {
  const entries = bundle.distributions.entries.filter(
    (e) => e.metric === 'pod_wait_seconds' && e.scope === 'run',
  );
  const classes = new Set<string>();
  for (const e of entries) {
    if (Object.keys(e.labels).length === 1 && e.labels.class !== undefined)
      classes.add(e.labels.class);
  }
  if (classes.size === 0) {
    const whole = entries.filter((e) => Object.keys(e.labels).length === 0);
    return whole.length === 0 ? [] : [{ name: 'all pods', samples: mergeSamples(whole) }];
  }
  return [...classes]
    .sort(compareText)
    .map((name) => ({
      name,
      samples: mergeSamples(
        entries.filter((e) => Object.keys(e.labels).length === 1 && e.labels.class === name),
      ),
    }))
    .sort((a, b) => b.samples.n - a.samples.n || compareText(a.name, b.name))
    .slice(0, LINES_MAX);
}

function pendingFigure(bundle: Bundle): string {
  const grid = gridOf(bundle.series, BUCKETS_MAX);
  const reasons = splitBy(bundle.series.series, 'pods_pending', 'reason')
    .map((s) => {
      const buckets = rebucket(s, grid);
      return { name: s.labels.reason!, buckets, peak: indexOfMax(buckets.max) };
    })
    .filter((l) => l.peak >= 0 && l.buckets.max[l.peak]! > 0)
    .sort((a, b) => b.buckets.max[b.peak]! - a.buckets.max[a.peak]! || compareText(a.name, b.name));
  const top = reasons[0];
  const title = top
    ? `Pods wait most for “${top.name}”: ${formatCount(Math.round(top.buckets.max[top.peak]!))} at ${formatInstant(grid.starts[top.peak]!)}`
    : 'Pending pods by reason';
  const lines: LineData['lines'] = reasons.slice(0, LINES_MAX);
  const chart = lineChart(
    {
      id: 'pending',
      title,
      desc: 'Pending pods over time, a line for each reason of the last attempt; the band reaches from the smallest to the largest number in each stretch of time.',
    },
    { grid, lines, unit: 'pods' },
  );
  const hidden = reasons.length - lines.length;
  return figureHtml(chart, hidden > 0 ? `${hidden} more reasons are in the series file.` : '');
}
