import { describe, expect, it } from 'vitest';
import { BINS_PER_OCTAVE, RELATIVE_ERROR } from '../../../src/base/bins.ts';
import { Histogram } from '../../../src/collections/histogram.ts';
import type {
  DistributionEntry,
  Labels,
  MetricResult,
  Series,
} from '../../../src/results/bundle.ts';
import { parseThresholds } from '../../../src/results/thresholds.ts';
import { evaluateThresholds, type VerdictParts } from '../../../src/results/verdicts.ts';
import { combineVerdicts } from '../../../src/results/verdicts-over-replications.ts';
import { distribution, metricResult } from '../../builders/waits.ts';

interface Shape {
  metrics?: MetricResult[];
  series?: Series[];
  entries?: DistributionEntry[];
  observedSeconds?: number;
}

/** A run of 100 s in 10 buckets. */
function partsOf(shape: Shape): VerdictParts {
  return {
    metrics: shape.metrics ?? [],
    series: { bucketSeconds: 10, buckets: 10, endSeconds: 100, series: shape.series ?? [] },
    distributions: {
      schema: 'orrery.distributions/1',
      unit: 'seconds',
      binsPerOctave: BINS_PER_OCTAVE,
      relativeError: RELATIVE_ERROR,
      entries: shape.entries ?? [],
    },
    observedSeconds: shape.observedSeconds ?? 100,
    windows: [{ name: 'dark', spans: [{ fromSeconds: 20, untilSeconds: 60 }] }],
  };
}

const parse = (selector: string, expr: string) =>
  parseThresholds([{ selector, expr, because: null, warn: false, path: 't' }]);

function verdict(selector: string, expr: string, shape: Shape, baseline: Shape | null = null) {
  const thresholds = parse(selector, expr);
  return evaluateThresholds(thresholds, partsOf(shape), baseline && partsOf(baseline))[0]!;
}

function level(name: string, labels: Labels, mean: number[]): Series {
  const values = Float64Array.from(mean);
  const kind = name.endsWith('_total') ? 'counter' : 'gauge';
  return { name, kind, unit: 'x', labels, min: values, mean: values, max: values };
}

function seconds(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const v of values) histogram.record(v * 1e6);
  return histogram;
}

const PENDING = [metricResult('pods_pending', {}, { max: 40, mean: 8 })];
const pending = (...mean: number[]): Shape => ({
  metrics: PENDING,
  series: [level('pods_pending', {}, mean)],
});
const EVICTED = [metricResult('pods_evicted_total', {}, { n: 100, sum: 100 })];
const evicted = (...rates: number[]): Shape => ({
  metrics: EVICTED,
  series: [level('pods_evicted_total', {}, rates)],
});

describe('after', () => {
  const shape = pending(90, 90, 1, 2, 3, 4, 5, 5, 5, 5);

  it('leaves out what comes before', () => {
    expect(verdict('pods_pending', 'max <= 5 after 20s', shape).verdict).toBe('pass');
    const early = verdict('pods_pending', 'max <= 5 after 15s', shape);
    expect(early).toMatchObject({ verdict: 'fail', observed: 90, where: 'day 1 00:00:10' });
  });

  it('cuts other windows', () => {
    // [40, 60): levels 3 and 4, 10 s each: 3.5
    const cut = verdict('pods_pending', 'twavg <= 3.5 during outage(dark) after 40s', shape);
    expect(cut).toMatchObject({ verdict: 'pass', observed: 3.5 });
  });

  it('observes nothing past the end', () => {
    const late = verdict('pods_pending', 'max <= 5 during outage(dark) after 60s', shape);
    expect(late).toMatchObject({ verdict: 'fail', where: 'the run has no such window' });
  });

  it('never reaches back into the warm-up', () => {
    const warm = { ...shape, observedSeconds: 80 };
    expect(verdict('pods_pending', 'max <= 5 after 5s', warm).verdict).toBe('pass');
  });
});

describe('over', () => {
  it('takes the worst rolling window of a rate', () => {
    const shape = evicted(0, 1, 3, 2, 0, 0, 0, 0, 4, 0);
    // By windows of 20 s, (1 + 3) / 2 = 2, (3 + 2) / 2 = 2.5, (0 + 4) / 2 = 2
    const worst = verdict('pods_evicted_total', 'rate <= 2.4/s over 20s', shape);
    expect(worst).toMatchObject({ verdict: 'fail', observed: 2.5, where: 'day 1 00:00:20' });
    // 2.5/s over 20 s are 50 pods.
    const total = verdict('pods_evicted_total', 'total <= 50 over 20s', shape);
    expect(total).toMatchObject({ verdict: 'pass', observed: 50 });
  });

  it('takes the smallest window for a lower limit', () => {
    const shape = pending(9, 9, 9, 2, 4, 9, 9, 9, 9, 9);
    const worst = verdict('pods_pending', 'twavg >= 3 over 20s', shape);
    expect(worst).toMatchObject({ verdict: 'pass', observed: 3, where: 'day 1 00:00:30' });
    expect(verdict('pods_pending', 'max >= 5 over 20s', shape)).toMatchObject({
      verdict: 'fail',
      observed: 4,
    });
  });

  it('gives a level that never changes back without rounding', () => {
    const shape = pending(0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
    expect(verdict('pods_pending', 'twavg <= 0.1 over 30s', shape).verdict).toBe('pass');
    expect(verdict('pods_pending', 'twavg <= 0.1 after 15s', shape).verdict).toBe('pass');
  });

  it('rolls inside other windows only, and by whole buckets', () => {
    const shape = evicted(9, 9, 1, 1, 1, 1, 9, 9, 9, 9);
    const inside = verdict('pods_evicted_total', 'rate <= 1/s over 30s during outage(dark)', shape);
    expect(inside).toMatchObject({ verdict: 'pass', observed: 1 });
    const none = verdict('pods_evicted_total', 'rate <= 1/s over 50s during outage(dark)', shape);
    expect(none).toMatchObject({ verdict: 'fail', observed: null });
  });

  it('merges the samples of each window', () => {
    const entries = [
      distribution({}, seconds(1, 1, 1), new Histogram(), 'bucket:0'),
      distribution({}, seconds(8), new Histogram(), 'bucket:4'),
      distribution({}, seconds(2, 4), new Histogram(), 'bucket:5'),
    ];
    const shape = { metrics: [metricResult('pod_wait_seconds', {}, { n: 6 })], entries };
    // Buckets 4 and 5 together: (8 + 2 + 4) / 3 = 14/3; bucket 4 alone: 8
    const worst = verdict('pod_wait_seconds', 'avg < 8s over 10s', shape);
    expect(worst).toMatchObject({ verdict: 'fail', observed: 8, where: 'day 1 00:00:40' });
    expect(verdict('pod_wait_seconds', 'count <= 3 over 20s', shape)).toMatchObject({
      verdict: 'pass',
      observed: 3,
    });
    // 20 s from 0: 1 and 1 and 1; the mean of the window at 30 s is 8, at 50 s 3.
    const low = verdict('pod_wait_seconds', 'avg >= 1s over 20s', shape);
    expect(low).toMatchObject({ verdict: 'pass', observed: 1 });
  });

  it('misses an upper limit in a window with a lower bound', () => {
    const entries = [
      distribution({}, seconds(9), new Histogram(), 'bucket:0'),
      distribution({}, seconds(), seconds(2), 'bucket:5'),
    ];
    const shape = { metrics: [metricResult('pod_wait_seconds', {}, { n: 2 })], entries };
    expect(verdict('pod_wait_seconds', 'max < 10s over 10s', shape)).toMatchObject({
      verdict: 'fail',
      observed: 2,
      observedIsAtLeast: true,
      where: 'day 1 00:00:50',
    });
  });
});

describe('for', () => {
  it('forgives a breach that does not last', () => {
    const shape = pending(0, 40, 0, 40, 40, 0, 0, 0, 0, 0);
    expect(verdict('pods_pending', 'max <= 30 for 30s', shape)).toMatchObject({
      verdict: 'pass',
      observed: 0,
    });
    // 20 s above 30 from 30 s on.
    expect(verdict('pods_pending', 'max <= 30 for 20s', shape)).toMatchObject({
      verdict: 'fail',
      observed: 40,
      where: 'day 1 00:00:30',
    });
  });

  it('tells the level that was sustained', () => {
    const shape = pending(0, 0, 35, 50, 38, 0, 0, 0, 0, 0);
    // All three of 35, 50, 38 reach 35.
    const found = verdict('pods_pending', 'max <= 30 for 30s', shape);
    expect(found).toMatchObject({ verdict: 'fail', observed: 35, where: 'day 1 00:00:20' });
  });

  it('works downwards for a lower limit', () => {
    const metrics = [metricResult('headroom_ratio', { resource: 'cpu' }, { min: 0 })];
    const levels = [0.5, 0.02, 0.03, 0.5, 0.01, 0.5, 0.5, 0.5, 0.5, 0.5];
    const series = [level('headroom_ratio', { resource: 'cpu' }, levels)];
    const shape = { metrics, series };
    expect(verdict('headroom_ratio', 'min >= 5% for 20s', shape)).toMatchObject({
      verdict: 'fail',
      observed: 0.03,
    });
    expect(verdict('headroom_ratio', 'min >= 5% for 30s', shape).verdict).toBe('pass');
  });

  it('takes a rate bucket by bucket', () => {
    const shape = evicted(0, 5, 5, 0, 0, 0, 0, 0, 0, 0);
    expect(verdict('pods_evicted_total', 'rate <= 4/s for 20s', shape).verdict).toBe('fail');
    expect(verdict('pods_evicted_total', 'rate <= 4/s for 30s', shape).verdict).toBe('pass');
  });

  it('ends a breach where nothing was observed, and holds if nothing lasted', () => {
    const metrics = [metricResult('pod_wait_seconds', {}, { n: 2 })];
    const entries = [0, 2, 4, 6, 8].map((b) =>
      distribution({}, seconds(50), new Histogram(), `bucket:${b}`),
    );
    expect(verdict('pod_wait_seconds', 'p(99) < 10s for 20s', { metrics, entries })).toMatchObject({
      verdict: 'pass',
      observed: null,
      where: 'nothing lasted that long',
    });
    const more = [...entries, distribution({}, seconds(20), new Histogram(), 'bucket:5')];
    expect(
      verdict('pod_wait_seconds', 'max < 10s for 20s', { metrics, entries: more }),
    ).toMatchObject({
      verdict: 'fail',
      observed: 20,
    });
  });
});

describe('peak', () => {
  it('is the busy hour, here the whole short run', () => {
    const shape = pending(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(verdict('pods_pending', 'max <= 10 during peak', shape).verdict).toBe('pass');
    expect(verdict('pods_pending', 'max <= 9 during peak', shape).verdict).toBe('fail');
  });

  it('is where most pods were, for samples too', () => {
    const thresholds = parse('pod_wait_seconds', 'max < 10s during peak');
    // Buckets of 30 min: the hour of most pods is the second and third bucket, 20 + 30.
    const parts = partsOf({
      metrics: [metricResult('pod_wait_seconds', {}, { n: 3 })],
      series: [level('pods_running', {}, [10, 20, 30, 5]), level('pods_pending', {}, [0, 0, 0, 0])],
      entries: [
        distribution({}, seconds(99), new Histogram(), 'bucket:0'),
        distribution({}, seconds(3), new Histogram(), 'bucket:1'),
        distribution({}, seconds(5), new Histogram(), 'bucket:2'),
      ],
    });
    const series = { ...parts.series, bucketSeconds: 1800, buckets: 4, endSeconds: 7200 };
    const [found] = evaluateThresholds(thresholds, { ...parts, series, observedSeconds: 7200 });
    expect(found).toMatchObject({ verdict: 'pass', observed: 5 });
  });

  it('needs no scope that the run did not keep, unlike a new window across buckets', () => {
    const shape = {
      metrics: [metricResult('pod_wait_seconds', {}, { n: 1 })],
      entries: [distribution({}, seconds(7), new Histogram(), 'bucket:1')],
    };
    const between = verdict('pod_wait_seconds', 'max < 10s during [10s, 20s)', shape);
    expect(between).toMatchObject({ verdict: 'pass', observed: 7 });
    expect(() => verdict('pod_wait_seconds', 'max < 10s during [15s, 20s)', shape)).toThrow(
      /a window between series buckets of 10 s/,
    );
  });
});

describe('steady', () => {
  const thresholds = (expr: string) => parse('pods_running', expr);
  const parts = (levels: number[]): VerdictParts => {
    const plain = partsOf({
      metrics: [metricResult('pods_running', {}, { max: 1, mean: 1 })],
      series: [level('pods_running', {}, levels)],
    });
    const endSeconds = levels.length * 10;
    const series = { ...plain.series, buckets: levels.length, endSeconds };
    return { ...plain, series, observedSeconds: endSeconds };
  };

  it('leaves out the transient of the start', () => {
    // Ten buckets of 99, then 90 that alternate 4 and 6: MSER-5 cuts the two batches of 99.
    const levels = Array.from({ length: 100 }, (_, i) => (i < 10 ? 99 : 4 + 2 * (i % 2)));
    const [found] = evaluateThresholds(thresholds('max <= 6 during steady'), parts(levels));
    expect(found).toMatchObject({ verdict: 'pass', observed: 6 });
    const [missed] = evaluateThresholds(thresholds('max <= 5 during steady'), parts(levels));
    expect(missed!.verdict).toBe('fail');
  });

  it('is undecided where replications differ', () => {
    const runs = [5, 6, 7].map((top) =>
      parts(Array.from({ length: 100 }, (_, i) => (i < 10 ? 99 : top - (i % 2)))),
    );
    const [parsed] = thresholds('max <= 6 during steady');
    const results = runs.map((run) => evaluateThresholds([parsed!], run));
    // 5, 6 and 7: at the mean itself nothing is sure.
    expect(combineVerdicts([parsed!], results)[0]).toMatchObject({
      verdict: 'inconclusive',
      observed: 6,
    });
  });

  it('is nowhere in a run too short to tell', () => {
    const [found] = evaluateThresholds(
      thresholds('max <= 6 during steady'),
      parts([1, 2, 3, 4, 5, 6, 7, 8]),
    );
    expect(found).toMatchObject({ verdict: 'fail', where: 'the run has no such window' });
  });
});

describe('a baseline', () => {
  const cost = (...sums: number[]): Shape => ({
    metrics: sums.map((sum, i) =>
      metricResult('cost_dollars', { cluster: `c-${i}` }, { n: 1, sum }),
    ),
  });

  it('bounds by its own value', () => {
    // 100 + 2 % = 102
    const by = 'total <= baseline + 2% by cluster';
    expect(verdict('cost_dollars', by, cost(102), cost(100))).toMatchObject({
      verdict: 'pass',
      bound: 102,
    });
    expect(verdict('cost_dollars', by, cost(103), cost(100)).verdict).toBe('fail');
    expect(
      verdict('cost_dollars{cluster="c-0"}', 'total <= baseline - $1', cost(99), cost(100)).verdict,
    ).toBe('pass');
    expect(
      verdict('cost_dollars{cluster="c-0"}', 'total <= baseline * 1.5', cost(151), cost(100)),
    ).toMatchObject({
      verdict: 'fail',
      bound: 150,
    });
  });

  it('is taken group by group, and the group furthest beyond is named', () => {
    // c-0: 1000 against 1020; c-1: 20 against 10.2
    const found = verdict(
      'cost_dollars',
      'total <= baseline + 2% by cluster',
      cost(1000, 20),
      cost(1000, 10),
    );
    expect(found).toMatchObject({
      verdict: 'fail',
      observed: 20,
      bound: 10.2,
      where: 'cluster c-1',
    });
  });

  it('that was not given decides nothing', () => {
    const found = verdict('cost_dollars{cluster="c-0"}', 'total <= baseline', cost(5));
    expect(found).toMatchObject({ verdict: 'inconclusive', observed: 5, bound: null });
    expect(found.where).toBe('no baseline was given');
  });

  it('without the group fails, unless that is allowed', () => {
    const by = 'total <= baseline by cluster';
    expect(verdict('cost_dollars', by, cost(1, 1), cost(1))).toMatchObject({
      verdict: 'fail',
      where: 'cluster c-1; the baseline observed nothing here',
    });
    expect(verdict('cost_dollars', `${by} allow-empty`, cost(1, 1), cost(1)).verdict).toBe('pass');
  });
});

describe('series that are not stored', () => {
  it('are zero where they count something', () => {
    const shape = {
      metrics: [
        metricResult('pods_lost_total', { cluster: 'a' }, { n: 0, sum: 0 }),
        metricResult('pods_pending', { cluster: 'a' }, { max: 0 }),
      ],
      series: [
        level('pods_lost_total', {}, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        level('pods_pending', {}, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]),
      ],
    };
    expect(
      verdict('pods_lost_total', 'total == 0 by cluster during outage(dark)', shape).verdict,
    ).toBe('pass');
    expect(verdict('pods_pending', 'max <= 0 by cluster during outage(dark)', shape).verdict).toBe(
      'pass',
    );
  });

  it('of pod slots are left out where they are never scarce', () => {
    const shape = {
      metrics: ['cpu', 'pods'].map((resource) =>
        metricResult('headroom_ratio', { resource, cluster: 'a' }, { min: 0.5 }),
      ),
      series: [level('headroom_ratio', { resource: 'cpu', cluster: 'a' }, new Array(10).fill(0.5))],
    };
    expect(
      verdict('headroom_ratio', 'min >= 5% by cluster during outage(dark)', shape).verdict,
    ).toBe('pass');
    const asked = verdict(
      'headroom_ratio{resource="pods"}',
      'min >= 5% by cluster during outage(dark)',
      shape,
    );
    expect(asked).toMatchObject({ verdict: 'fail', observed: null });
  });
});
