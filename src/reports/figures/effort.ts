/** Figures of the methods page: where a run becomes steady, and how the estimate settles as replications are added. */
import { formatDuration, formatRatio } from '../../base/units.ts';
import type { Bundle, MetricResult, Series } from '../../results/bundle.ts';
import { labelText } from '../../results/catalog.ts';
import { batchMeans, mser5 } from '../../results/effort.ts';
import { formatQuantity } from '../../results/quantity.ts';
import { meanInterval } from '../../results/statistics.ts';
import { courseChart } from '../charts/course.ts';
import { settlingChart } from '../charts/settling.ts';
import { type Figure, metricOf, seriesOf } from './figure.ts';

/** Gauges whose course tells most about the start of a run, the first that varies. */
const COURSES: readonly (readonly [name: string, labels: Readonly<Record<string, string>>])[] = [
  ['pods_running', {}],
  ['allocation_ratio', { resource: 'cpu' }],
  ['pods_pending', {}],
];
const SETTLING = 'pod_wait_seconds';
const LEVEL = 0.95;
/** Welch's moving average reaches over at most a quarter of the run, and a fortieth of it to either side is enough. */
const WINDOW_SHARE = 40;

/** Draws them; none for a single replication, which cannot tell luck from course. */
export function effortFigures(bundle: Bundle): readonly Figure[] {
  if (bundle.result.replications < 2) return [];
  const figures: Figure[] = [];
  for (const [name, labels] of COURSES) {
    const figure = welchFigure(bundle, name, labels);
    if (figure !== null) figures.push(figure);
  }
  const settling = settlingFigure(bundle);
  return settling === null ? figures : [...figures, settling];
}

function welchFigure(
  bundle: Bundle,
  name: string,
  labels: Readonly<Record<string, string>>,
): Figure | null {
  const all = (bundle.replications ?? []).map((one) =>
    seriesOf({ ...bundle, series: one.series }, name, labels),
  );
  const known = all.filter((s): s is Series => s !== undefined);
  const length = Math.min(...known.map((s) => s.mean.length));
  if (known.length < 2 || known.length < all.length || length < 4) return null;
  const values = Array.from({ length }, (_, b) => known.map((s) => s.mean[b]!));
  if (values.flat().some((value) => !Number.isFinite(value))) return null;
  const mean = values.map((own) => own.reduce((sum, value) => sum + value, 0) / own.length);
  const { bucketSeconds } = bundle.series;
  const { warmupSeconds } = bundle.result;
  const { truncated, isTooShort } = mser5(mean);
  const foundSeconds = truncated * bucketSeconds;
  const half = Math.max(1, Math.floor(length / WINDOW_SHARE));
  const metric = `${name}${labelText(labels)}`;
  const id = `welch-${name.replaceAll('_', '-')}`;
  const cut = formatDuration(foundSeconds * 1e6);
  const title = isTooShort
    ? `${metric} is not yet steady in this run`
    : foundSeconds <= warmupSeconds
      ? `${metric} is steady after ${cut}: the warm-up of ${formatDuration(warmupSeconds * 1e6)} is long enough`
      : `${metric} is steady only after ${cut}; the warm-up is ${formatDuration(warmupSeconds * 1e6)}`;
  const n = known.length;
  const desc = `Mean of ${metric} over ${n} replications in each bucket of ${formatDuration(bucketSeconds * 1e6)}, from the least to the most of them as a band, with Welch’s moving average over ${2 * half + 1} buckets. A mark stands where MSER-5 would cut.`;
  const unit = metricOf(bundle, name, labels)?.unit ?? known[0]!.unit;
  const isTerminating = bundle.manifest.study === 'terminating';
  const why = isTerminating
    ? 'This is a terminating study: what counts is its horizon from the start, and a start that is not steady is part of it.'
    : 'This is a steady study: what comes before the end of the warm-up is left out.';
  return {
    name: id,
    chart: courseChart(
      { id, title, desc },
      {
        bucketSeconds,
        endSeconds: bundle.series.endSeconds,
        warmupSeconds,
        cutSeconds: isTooShort ? null : foundSeconds,
        unit,
        mean,
        low: values.map((own) => Math.min(...own)),
        high: values.map((own) => Math.max(...own)),
        smooth: movingAverage(mean, half),
      },
    ),
    note: `n = ${n} replications. ${why}`,
  };
}

/** Welch's moving average: over 2 w + 1 values, fewer at the start, where the window shrinks to what is there on both sides. */
function movingAverage(values: readonly number[], half: number): (number | null)[] {
  return values.map((_, i) => {
    const reach = Math.min(half, i);
    if (i + reach >= values.length) return null;
    let sum = 0;
    for (let k = i - reach; k <= i + reach; k++) sum += values[k]!;
    return sum / (2 * reach + 1);
  });
}

function settlingFigure(bundle: Bundle): Figure | null {
  const metric = metricOf(bundle, SETTLING);
  const values = metric?.perReplication.filter((value) => value !== null) ?? [];
  if (metric === undefined || values.length < 2) return null;
  const steps = values.slice(1).map((_, i) => {
    const { mean, interval } = meanInterval(values.slice(0, i + 2), LEVEL)!;
    return { n: i + 2, mean, interval };
  });
  const last = steps.at(-1)!;
  const id = 'settling';
  const width = (last.interval[1] - last.interval[0]) / 2;
  const relative = last.mean === 0 ? '' : ` (±${formatRatio(width / Math.abs(last.mean))})`;
  const bound = metric.censored > 0 ? ', at least: some pods still waited' : '';
  const title = `Mean wait of ${last.n} replications: ${formatQuantity(last.mean, 'seconds')} ± ${formatQuantity(width, 'seconds')}${relative}${bound}`;
  const desc =
    'The mean of the mean waits of the first n replications and its 95 % interval, for every n from 2 on.';
  return {
    name: id,
    chart: settlingChart({ id, title, desc }, { steps, values, unit: metric.unit }),
    note: 'Dots are the replications in the order of their numbers. Where the number was decided by the precision, the last interval covers slightly less often than 95 %.',
  };
}

/** How precise each mean of the whole fleet is. *Order*: of the metrics. */
export function preciseRows(metrics: readonly MetricResult[]): (string | number)[][] {
  return metrics.flatMap((m) => {
    const values = m.perReplication.filter((value) => value !== null);
    const estimate = meanInterval(values, LEVEL);
    if (estimate === null) return [];
    const { mean, interval, n, standardError } = estimate;
    const half = (interval[1] - interval[0]) / 2;
    return [
      [
        `${m.name}${labelText(m.labels)}`,
        n,
        formatQuantity(mean, m.unit),
        formatQuantity(interval[0], m.unit),
        formatQuantity(interval[1], m.unit),
        formatQuantity(standardError * Math.sqrt(n), m.unit),
        mean === 0 || half === 0 ? '±0' : `±${formatRatio(half / Math.abs(mean))}`,
      ],
    ];
  });
}

/**
 * Estimates the gauges of one long, steady run by batch means: of the whole fleet, after the warm-up, from the means of the
 * series' buckets. None where a batch would have fewer than two buckets.
 *
 * *Order*: of the series.
 */
export function batchRows({ result, series }: Bundle): (string | number)[][] {
  const from = Math.ceil(result.warmupSeconds / series.bucketSeconds);
  return result.metrics.flatMap((m) => {
    if (m.kind !== 'gauge') return [];
    const own = series.series.find(
      (s) => s.name === m.name && labelText(s.labels) === labelText(m.labels),
    );
    const values = own === undefined ? [] : [...own.mean.slice(from)];
    if (values.some((value) => !Number.isFinite(value))) return [];
    const estimate = batchMeans(values, LEVEL);
    if (estimate === null) return [];
    const { mean, interval, batches, batchSize, lagOne, isIndependent } = estimate;
    return [
      [
        `${m.name}${labelText(m.labels)}`,
        `${batches} of ${formatDuration(batchSize * series.bucketSeconds * 1e6)}`,
        formatQuantity(mean, m.unit),
        formatQuantity(interval[0], m.unit),
        formatQuantity(interval[1], m.unit),
        lagOne.toFixed(2),
        isIndependent ? 'yes' : 'no: the interval is too narrow, take a longer run',
      ],
    ];
  });
}
