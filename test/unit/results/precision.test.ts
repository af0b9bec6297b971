import { describe, expect, it } from 'vitest';
import type { ScenarioError } from '../../../src/base/errors.ts';
import type { Bundle } from '../../../src/results/bundle.ts';
import {
  meanCourse,
  parsePrecision,
  precisionSoFar,
  precisionValue,
} from '../../../src/results/precision.ts';
import { syntheticBundle } from '../../builders/bundle.ts';

const BUNDLE = syntheticBundle({ clusters: 2, buckets: 4 });

function issueOf(text: string) {
  try {
    parsePrecision(text);
  } catch (error) {
    return (error as ScenarioError).issues[0]!;
  }
  throw new Error(`${text} was accepted`);
}

describe('a wanted precision', () => {
  it('has a statistic by kind where none is named', () => {
    expect(parsePrecision('pod_wait_seconds 5%')).toMatchObject({ statistic: 'avg', gamma: 0.05 });
    expect(parsePrecision('pods_running 2.5 %')).toMatchObject({
      statistic: 'twavg',
      gamma: 0.025,
    });
    expect(parsePrecision('cost_dollars 1%')).toMatchObject({ statistic: 'total', gamma: 0.01 });
  });

  it('takes labels with any text, and every statistic of the kind', () => {
    const goal = parsePrecision('pod_wait_seconds{class="a } p(1) 3%"} p(99) 5%');
    expect(goal.statistic).toBe('p(99)');
    expect(goal.selector.matchers[0]!.value).toBe('a } p(1) 3%');
    for (const statistic of ['count', 'max', 'stddev', 'frac(<30s)', 'med']) {
      expect(parsePrecision(`pod_wait_seconds ${statistic} 5%`).statistic).toBe(statistic);
    }
    expect(parsePrecision('pods_running max 5%').statistic).toBe('max');
    expect(parsePrecision('pods_evicted_total rate 5%').statistic).toBe('rate');
  });

  it('says where it is wrong', () => {
    const cases: [text: string, character: number, expected: RegExp][] = [
      // The metric begins at 1, the statistic behind "pod_wait_seconds " at 18, the percentage at 24.
      ['pod_wait_second 5%', 1, /a metric of the catalogue/],
      ['pod_wait_seconds', 17, /a relative precision/],
      ['pod_wait_seconds p(99)', 23, /a relative precision/],
      ['pod_wait_seconds p(99) 0%', 24, /above 0%/],
      ['pod_wait_seconds p(99) 100%', 24, /below 100%/],
      ['pod_wait_seconds twavg 5%', 18, /a statistic of a sample/],
      ['pod_wait_seconds p(100) 5%', 19, /a percentage between 0 and 100/],
      ['pod_wait_seconds{klass="x"} 5%', 18, /a label of/],
      ['pod_wait_seconds{class="x" 5%', 27, /"}"|,/],
      ['5%', 1, /the name of a metric/],
    ];
    for (const [text, character, expected] of cases) {
      const issue = issueOf(text);
      expect([text, issue.path]).toEqual([text, `--precision, character ${character}`]);
      expect(issue.expected).toMatch(expected);
    }
    expect(issueOf('pod_wait_second 5%').hint).toMatch(/pod_wait_seconds/);
  });

  it('reads the statistic of a replication as a threshold would', () => {
    const wait = BUNDLE.result.metrics.find(
      (m) => m.name === 'pod_wait_seconds' && Object.keys(m.labels).length === 0,
    )!;
    expect(precisionValue(parsePrecision('pod_wait_seconds p(99) 5%'), BUNDLE)).toBe(
      wait.quantiles['0.99'],
    );
    expect(precisionValue(parsePrecision('pod_wait_seconds 5%'), BUNDLE)).toBe(wait.mean);
  });

  it('is reached by the rule of Law, never before the pilot', () => {
    // Ten values 99 and 101 in turn: mean 100, s^2 = 10/9, half-width t(0.975; 9) sqrt(1/9) = 2.262157 / 3 = 0.754052.
    // Relative 0.00754 <= 0.05 / 1.05 = 0.0476, but > 0.005 / 1.005 = 0.00498.
    const values = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? 99 : 101));
    const wide = parsePrecision('pod_wait_seconds 5%');
    expect(precisionSoFar(wide, values, 10).isReached).toBe(true);
    expect(precisionSoFar(wide, values, 11).isReached).toBe(false);
    const narrow = precisionSoFar(parsePrecision('pod_wait_seconds 0.5%'), values, 10);
    expect(narrow.isReached).toBe(false);
    expect(narrow.relative).toBeCloseTo(0.0075405, 6);
    // t(0.975; n - 1) sqrt(10/9 / n) <= 0.497512: n = 19 gives 2.100922 x 0.241833 = 0.508069, n = 20 gives 2.093024 x 0.235702 = 0.493331
    expect(narrow.replicationsNeeded).toBe(20);
    // A replication that observed nothing does not count.
    expect(precisionSoFar(wide, [...values.slice(1), null], 10).n).toBe(9);
  });
});

describe('the course of a metric', () => {
  const withSeries = (means: number[]): Bundle => {
    const column = Float64Array.from(means);
    const series = BUNDLE.series.series.filter((s) => s.name !== 'pods_running');
    const own = {
      name: 'pods_running',
      kind: 'gauge' as const,
      unit: 'pods',
      labels: {},
      min: column,
      mean: column,
      max: column,
    };
    return { ...BUNDLE, series: { ...BUNDLE.series, series: [...series, own] } };
  };

  it('is the mean over replications, gaps filled with the value before', () => {
    const nan = Number.NaN;
    const bundles = [withSeries([nan, 2, nan, 8]), withSeries([nan, 4, nan, 10])];
    expect(meanCourse(parsePrecision('pods_running 5%'), bundles)).toEqual([3, 3, 3, 9]);
  });

  it('weighs the samples of a bucket, of all replications alike', () => {
    const entry = (bucket: number, n: number, sum: number) => ({
      metric: 'pod_wait_seconds',
      labels: {},
      replication: 0,
      scope: `bucket:${bucket}`,
      bins: [],
      counts: [],
      censoredBins: [],
      censoredCounts: [],
      n,
      sum,
      min: null,
      max: null,
    });
    const of = (...entries: ReturnType<typeof entry>[]): Bundle => ({
      ...BUNDLE,
      distributions: { ...BUNDLE.distributions, entries },
    });
    // Bucket 0: (6 + 2) / (3 + 1) = 2; bucket 1 nothing; bucket 2: 9 / 3; bucket 3 nothing.
    const bundles = [of(entry(0, 3, 6), entry(2, 3, 9)), of(entry(0, 1, 2))];
    expect(meanCourse(parsePrecision('pod_wait_seconds 5%'), bundles)).toEqual([2, 2, 3, 3]);
  });

  it('is refused where the metric is not kept over time or is several', () => {
    for (const text of ['cost_dollars 5%', 'pods_running{cluster=~".*"} 5%']) {
      expect(() => meanCourse(parsePrecision(text), [BUNDLE])).toThrow(/kept over time/);
    }
  });
});
