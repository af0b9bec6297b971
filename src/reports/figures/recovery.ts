/** Recovery: what pods were doing around the outages that can be seen in the number of nodes that are down. */
import { formatCount, formatDuration } from '../../base/units.ts';
import type { Bundle, Series } from '../../results/bundle.ts';
import { formatInstant } from '../../results/quantity.ts';
import { type Panel, panelChart } from '../charts/panels.ts';
import { type Buckets, gridOf, rebucket } from '../charts/rebucket.ts';
import { BUCKETS_MAX, type Figure, gridFor, indexOfMax, orZero, seriesOf } from './figure.ts';

/** Nodes down at once, beyond what is usual, that make an outage: a share of the fleet. */
const OUTAGE_RATIO = 0.01;
const OUTAGES_MAX = 3;

/** A stretch of buckets, the end not included, in which many nodes were down. */
interface Outage {
  readonly from: number;
  readonly until: number;
  readonly peak: number;
}

/** Draws a recovery curve for each of the largest outages, or one over the whole run where there was none. */
export function recoveryFigures(bundle: Bundle): Figure[] {
  const running = seriesOf(bundle, 'pods_running');
  const pending = seriesOf(bundle, 'pods_pending');
  const down = seriesOf(bundle, 'nodes', { state: 'down' });
  if (!running || !pending || !down || bundle.series.buckets === 0) return [];
  const found = outagesOf(down, bundle.manifest.fleet.nodes);
  const series = { running, pending, down };
  if (found.length === 0) return [quietFigure(bundle, series)];
  return found
    .slice(0, OUTAGES_MAX)
    .sort((a, b) => a.from - b.from)
    .map((outage, i) => outageFigure(bundle, series, { outage, number: i + 1, of: found.length }));
}

/** *Order*: by the most nodes down, largest first, then by time. */
function outagesOf(down: Series, nodes: number): Outage[] {
  const sorted = Array.from(down.mean, orZero).sort((a, b) => a - b);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const most = Array.from(down.max, orZero).reduce((a, b) => Math.max(a, b), 0);
  const least = Math.max(usual + Math.max(1, nodes * OUTAGE_RATIO), usual + (most - usual) / 4);
  const found: Outage[] = [];
  let from = -1;
  for (let i = 0; i <= down.max.length; i++) {
    const isOut = i < down.max.length && orZero(down.max[i]) >= least;
    if (isOut && from < 0) from = i;
    if (isOut || from < 0) continue;
    const peak = orZero(down.max[from + indexOfMax(down.max.subarray(from, i))]);
    found.push({ from, until: i, peak });
    from = -1;
  }
  return found.sort((a, b) => b.peak - a.peak || a.from - b.from);
}

interface Curves {
  readonly running: Series;
  readonly pending: Series;
  readonly down: Series;
}

function outageFigure(
  bundle: Bundle,
  curves: Curves,
  which: { readonly outage: Outage; readonly number: number; readonly of: number },
): Figure {
  const { outage, number, of } = which;
  const { bucketSeconds, buckets, endSeconds } = bundle.series;
  const length = outage.until - outage.from;
  const margin = Math.max(6, Math.ceil(length / 2));
  const first = Math.max(0, outage.from - margin);
  const last = Math.min(buckets, outage.until + margin);
  const file = {
    bucketSeconds,
    buckets: last - first,
    endSeconds: (last - first) * bucketSeconds,
  };
  const grid = gridOf(file, BUCKETS_MAX);
  const cut = (s: Series): Buckets =>
    rebucket(
      {
        min: s.min.subarray(first, last),
        mean: s.mean.subarray(first, last),
        max: s.max.subarray(first, last),
      },
      grid,
    );
  const start = first * bucketSeconds;
  const id = number === 1 ? 'recovery' : `recovery-${number}`;
  const shaded = {
    from: outage.from * bucketSeconds,
    until: Math.min(endSeconds, outage.until * bucketSeconds),
    name: `${formatCount(Math.round(outage.peak))} nodes down`,
  };
  const chart = panelChart(
    {
      id,
      title: recoveryFinding(curves.pending, outage, bucketSeconds),
      desc: 'Running pods, pending pods and nodes down before, during and after an outage, which is shaded.',
    },
    {
      starts: grid.starts.map((s) => start + s),
      endSeconds: Math.min(endSeconds, last * bucketSeconds),
      warmupSeconds: bundle.result.warmupSeconds,
      panels: panelsOf(curves, cut),
      shaded,
    },
  );
  const others =
    of > OUTAGES_MAX && number === 1 ? ` The ${OUTAGES_MAX} largest of ${of} are shown.` : '';
  return {
    name: id,
    chart,
    note: `An outage is a stretch of time in which at least ${OUTAGE_RATIO * 100} % of the nodes are down beyond the usual; its edges are known to ${formatDuration(bucketSeconds * 1e6)}.${others}`,
  };
}

/** Pending pods are back when all but a twentieth of the rise is gone. */
function recoveryFinding(pending: Series, outage: Outage, bucketSeconds: number): string {
  const before = outage.from === 0 ? 0 : orZero(pending.mean[outage.from - 1]);
  const peakAt = outage.from + indexOfMax(pending.max.subarray(outage.from, outage.until));
  const peak = peakAt < outage.from ? 0 : orZero(pending.max[peakAt]);
  const start = formatInstant(outage.from * bucketSeconds);
  if (peak <= before) return `The outage at ${start} leaves no pod waiting`;
  const calm = before + (peak - before) / 20;
  let at = peakAt;
  while (at < pending.mean.length && orZero(pending.mean[at]) > calm) at++;
  const rise = `${formatCount(Math.round(peak))} pods wait after the outage at ${start}`;
  if (at === pending.mean.length) return `${rise}; the queue is not back before the end`;
  // The queue was longer in the bucket before this one: it came back in the course of that.
  const span = formatDuration(Math.max(1, at - outage.from) * bucketSeconds * 1e6);
  return `${rise}; the queue is back within ${span}`;
}

function quietFigure(bundle: Bundle, curves: Curves): Figure {
  const grid = gridFor(bundle, BUCKETS_MAX);
  const chart = panelChart(
    {
      id: 'recovery',
      title: `No outage: at no time is ${OUTAGE_RATIO * 100} % of the nodes down beyond the usual`,
      desc: 'Running pods, pending pods and nodes down over the whole run.',
    },
    {
      ...grid,
      panels: panelsOf(curves, (s) => rebucket(s, grid)),
      shaded: null,
    },
  );
  return { name: 'recovery', chart, note: '' };
}

function panelsOf(curves: Curves, cut: (series: Series) => Buckets): Panel[] {
  return [
    { name: 'running pods', unit: 'pods', buckets: cut(curves.running) },
    { name: 'pending pods', unit: 'pods', buckets: cut(curves.pending) },
    { name: 'nodes down', unit: 'nodes', buckets: cut(curves.down) },
  ];
}
