import { describe, expect, it } from 'vitest';
import { BINS_PER_OCTAVE, RELATIVE_ERROR } from '../../../src/base/bins.ts';
import { Histogram } from '../../../src/collections/histogram.ts';
import type {
  DistributionEntry,
  Labels,
  MetricResult,
  Series,
} from '../../../src/results/bundle.ts';
import { mergeSamples, quantileOf } from '../../../src/results/samples.ts';
import { joinSpans, type NamedWindow } from '../../../src/results/spans.ts';
import { parseThresholds } from '../../../src/results/thresholds.ts';
import { evaluateThresholds } from '../../../src/results/verdicts.ts';
import { distribution, metricResult } from '../../builders/waits.ts';

interface Parts {
  metrics?: MetricResult[];
  series?: Series[];
  entries?: DistributionEntry[];
  windows?: NamedWindow[];
}

/** A run of 100 s in 10 buckets. */
function verdict(selector: string, expr: string, parts: Parts) {
  const thresholds = parseThresholds([{ selector, expr, because: null, warn: false, path: 't' }]);
  return evaluateThresholds(thresholds, {
    metrics: parts.metrics ?? [],
    series: { bucketSeconds: 10, buckets: 10, endSeconds: 100, series: parts.series ?? [] },
    distributions: {
      schema: 'orrery.distributions/1',
      unit: 'seconds',
      binsPerOctave: BINS_PER_OCTAVE,
      relativeError: RELATIVE_ERROR,
      entries: parts.entries ?? [],
    },
    observedSeconds: 100,
    windows: parts.windows ?? [],
  })[0]!;
}

function series(name: string, labels: Labels, mean: number[]): Series {
  const values = Float64Array.from(mean);
  const spread = (f: number) => values.map((v) => v * f);
  const kind = name.endsWith('_total') ? 'counter' : 'gauge';
  return { name, kind, unit: 'x', labels, min: spread(0.9), mean: values, max: spread(1.1) };
}

function seconds(...values: number[]): Histogram {
  const histogram = new Histogram();
  for (const v of values) histogram.record(v * 1e6);
  return histogram;
}

const WINDOW: NamedWindow = { name: 'idc-b', spans: [{ fromSeconds: 20, untilSeconds: 40 }] };

describe('verdicts on counters', () => {
  it('take the sum of a counter, and divide it by observed time for its rate', () => {
    const metrics = [metricResult('pods_evicted_total', {}, { n: 50, sum: 50 })];
    expect(verdict('pods_evicted_total', 'total <= 50', { metrics }).verdict).toBe('pass');
    // 50 in 100 s are 0.5/s.
    const rate = verdict('pods_evicted_total', 'rate < 0.4/s', { metrics });
    expect(rate).toMatchObject({ verdict: 'fail', observed: 0.5, unit: 'pods/s' });
  });

  it('add up the label sets that a pattern matches', () => {
    const metrics = ['a', 'b', 'c'].map((cause, i) =>
      metricResult('pods_evicted_total', { cause }, { n: i + 1, sum: i + 1 }),
    );
    // a = 1, b = 2, c = 3: all but a is 5.
    const result = verdict('pods_evicted_total{cause!="a"}', 'total == 5', { metrics });
    expect(result).toMatchObject({ verdict: 'pass', observed: 5 });
  });

  it('count in a window by rate times overlap', () => {
    const metrics = [metricResult('pods_evicted_total', {}, { n: 100, sum: 100 })];
    const rates = [0, 0, 0.7, 0.3, 9, 0, 0, 0, 0, 0];
    const parts = { metrics, series: [series('pods_evicted_total', {}, rates)], windows: [WINDOW] };
    // 0.7 * 10 + 0.3 * 10 = 10
    const result = verdict('pods_evicted_total', 'total == 10 during outage(idc-b)', parts);
    expect(result).toMatchObject({ verdict: 'pass', observed: 10 });
  });
});

describe('verdicts on a window that the run did not reach', () => {
  it('fail, since nothing was observed', () => {
    const metrics = [metricResult('pods_lost_total', {}, { n: 0, sum: 0 })];
    const spans = [{ fromSeconds: 500, untilSeconds: 600 }];
    const rates = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const parts = {
      metrics,
      series: [series('pods_lost_total', {}, rates)],
      windows: [{ name: 'any', spans }],
    };
    const result = verdict('pods_lost_total', 'total == 0 during outage(any)', parts);
    expect(result).toMatchObject({ verdict: 'fail', observed: null });
  });
});

describe('verdicts on gauges', () => {
  const metrics = [
    metricResult('headroom_ratio', { resource: 'cpu' }, { min: 0.2, mean: 0.5 }),
    metricResult('headroom_ratio', { resource: 'memory' }, { min: 0.04, mean: 0.3 }),
    metricResult('headroom_ratio', { resource: 'cpu', cluster: 'c-1' }, { min: 0.3 }),
    metricResult(
      'headroom_ratio',
      { resource: 'memory', cluster: 'c-1' },
      { min: 0.02, minAtSeconds: 93_600 },
    ),
    metricResult('headroom_ratio', { resource: 'memory', cluster: 'c-2' }, { min: 0.03 }),
  ];

  it('hold in every value of an inherent label', () => {
    expect(verdict('headroom_ratio', 'min >= 4%', { metrics }).verdict).toBe('pass');
    const result = verdict('headroom_ratio', 'twavg >= 40%', { metrics });
    expect(result).toMatchObject({ verdict: 'fail', observed: 0.3, where: 'resource memory' });
  });

  it('name the worst group of "by" and its instant', () => {
    const result = verdict('headroom_ratio', 'min >= 5% by cluster', { metrics });
    // 93,600 s = 1 d 2 h
    expect(result).toMatchObject({
      verdict: 'fail',
      observed: 0.02,
      where: 'cluster c-1, resource memory at day 2 02:00',
    });
    expect(result.why).toContain('memory binds in the fleet');
  });

  it('take a pattern over a label as "in each"', () => {
    const result = verdict('headroom_ratio{cluster=~"c-.*"}', 'min >= 1%', { metrics });
    expect(result).toMatchObject({ verdict: 'pass', observed: 0.02 });
  });

  it('weight a window by overlap and take extremes from its buckets', () => {
    const pending = metricResult('pods_pending', {}, { max: 99 });
    const values = [9, 9, 10, 30, 9, 9, 9, 9, 9, 9];
    const spans = [{ fromSeconds: 25, untilSeconds: 40 }];
    const parts = {
      metrics: [pending],
      series: [series('pods_pending', {}, values)],
      windows: [{ name: 'any', spans }],
    };
    const during = (expr: string) => verdict('pods_pending', `${expr} during outage(any)`, parts);
    // (10 * 5 + 30 * 10) / 15
    expect(during('twavg < 100').observed).toBeCloseTo(350 / 15, 12);
    // 30 * 1.1
    expect(during('max < 100').observed).toBeCloseTo(33, 12);
    expect(during('max < 100').where).toBe('day 1 00:00:30');
  });
});

describe('verdicts on samples', () => {
  it('use the quantiles of the result where it has them', () => {
    const metrics = [
      metricResult(
        'pod_wait_seconds',
        {},
        { n: 9, quantiles: { '0.99': 12 }, quantileErrorRatio: 0 },
      ),
    ];
    expect(verdict('pod_wait_seconds', 'p(99) < 30s', { metrics })).toMatchObject({
      verdict: 'pass',
      observed: 12,
      unit: 'seconds',
    });
  });

  it('fail an upper bound on a quantile that lies in the censored part, and may pass a lower one', () => {
    const fields = { n: 9, censored: 5, quantiles: { '0.99': 12 }, quantilesAtLeast: ['0.99'] };
    const metrics = [metricResult('pod_wait_seconds', {}, fields)];
    const below = verdict('pod_wait_seconds', 'p(99) < 30s', { metrics });
    expect(below).toMatchObject({ verdict: 'fail', observed: 12, observedIsAtLeast: true });
    expect(verdict('pod_wait_seconds', 'p(99) > 10s', { metrics }).verdict).toBe('pass');
  });

  it('compute other quantiles and shares from the distribution', () => {
    const values = Array.from({ length: 100 }, (_, i) => i + 1);
    const entries = [distribution({}, seconds(...values), new Histogram(), 'run')];
    const metrics = [metricResult('pod_wait_seconds', {}, { n: 100 })];
    const p75 = verdict('pod_wait_seconds', 'p(75) < 80s', { metrics, entries });
    // Rank 75 of 1..100 is 75.
    expect(Math.abs(p75.observed! - 75) / 75).toBeLessThan(RELATIVE_ERROR);
    // 64 s ends a bin: 1..63 lie below it.
    const share = verdict('pod_wait_seconds', 'frac(<67.108864s) >= 60%', { metrics, entries });
    // 2^26 us = 67.108864 s ends an octave, hence a bin: 1..67 lie below.
    expect(share.observed).toBe(0.67);
  });

  it('merge the classes that a pattern matches', () => {
    const entries = [
      distribution({ class: 'a' }, seconds(1, 2), new Histogram(), 'run'),
      distribution({ class: 'b' }, seconds(3, 10), new Histogram(), 'run'),
    ];
    const metrics = ['a', 'b'].map((c) =>
      metricResult('pod_wait_seconds', { class: c }, { n: 2, max: c === 'a' ? 2 : 10 }),
    );
    const parts = { metrics, entries };
    // (1 + 2 + 3 + 10) / 4
    expect(verdict('pod_wait_seconds{class=~".*"}', 'avg <= 4s', parts).observed).toBe(4);
    expect(verdict('pod_wait_seconds{class=~".*"}', 'max < 5s', parts).observed).toBe(10);
    const by = verdict('pod_wait_seconds', 'max < 5s by class', parts);
    expect(by).toMatchObject({ verdict: 'fail', observed: 10, where: 'class b' });
  });

  it('read a window from its distribution, where no sample is a count of zero', () => {
    const entries = [distribution({}, seconds(5, 7), new Histogram(), 'window:idc-b')];
    const metrics = [metricResult('pod_wait_seconds', {}, { n: 100 })];
    const spans = [{ fromSeconds: 1, untilSeconds: 2 }];
    const windows = [WINDOW, { name: '[1,2)', spans }];
    const parts = { metrics, entries, windows };
    const result = verdict('pod_wait_seconds', 'count == 2 during outage(idc-b)', parts);
    expect(result.verdict).toBe('pass');
    expect(verdict('pod_wait_seconds', 'count == 0 during [1s, 2s)', parts).verdict).toBe('pass');
    const none = verdict('pod_wait_seconds', 'p(99) < 1h during [1s, 2s)', parts);
    expect(none).toMatchObject({ verdict: 'fail', where: 'nothing was observed' });
  });

  it('refuse a window that the run does not know', () => {
    expect(() => verdict('pods_pending', 'max < 1 during outage(x)', {})).toThrow(/no window x/);
  });
});

describe('verdicts on nothing', () => {
  it('fail unless empty is allowed', () => {
    const none = verdict('pods_pending{cluster="x"}', 'max < 1', {});
    expect(none).toMatchObject({ verdict: 'fail', observed: null });
    expect(none.where).toBe('the selector matches nothing in this run');
    const allowed = verdict('pods_pending{cluster="x"}', 'max < 1 allow-empty', {});
    expect(allowed.verdict).toBe('pass');
  });
});

describe('quantiles with censored samples', () => {
  const merged = (done: number[], open: number[]) =>
    mergeSamples([distribution({}, seconds(...done), seconds(...open), 'run')]);

  it('count a censored sample as longer than all others', () => {
    // 8 done and 2 open: rank 8 of 10 is the largest that is done, rank 9 is open.
    const samples = merged([1, 2, 3, 4, 5, 6, 7, 8], [0.5, 2.5]);
    const p80 = quantileOf(samples, 0.8);
    expect(p80.isAtLeast).toBe(false);
    expect(Math.abs(p80.value! - 8) / 8).toBeLessThanOrEqual(RELATIVE_ERROR);
    expect(quantileOf(samples, 0.9).isAtLeast).toBe(true);
  });

  it('agree with the histogram where nothing is censored', () => {
    const values = Array.from({ length: 999 }, (_, i) => ((i * 7919) % 1000) + 1);
    const histogram = seconds(...values);
    const samples = mergeSamples([distribution({}, histogram, new Histogram(), 'run')]);
    for (const q of [0.001, 0.07, 0.5, 0.9, 0.99, 0.999]) {
      expect(quantileOf(samples, q).value).toBeCloseTo(histogram.quantile(q)! / 1e6, 9);
    }
  });
});

describe('spans', () => {
  it('join where they overlap or touch', () => {
    const span = (fromSeconds: number, untilSeconds: number) => ({ fromSeconds, untilSeconds });
    expect(joinSpans([span(5, 9), span(0, 3), span(3, 4), span(6, 7)])).toEqual([
      span(0, 4),
      span(5, 9),
    ]);
  });
});
