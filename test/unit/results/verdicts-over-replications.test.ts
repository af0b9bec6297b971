import { describe, expect, it } from 'vitest';
import type { ThresholdResult } from '../../../src/results/bundle.ts';
import { isThreshold, parseThreshold, type Threshold } from '../../../src/results/expression.ts';
import {
  combineVerdict,
  combineVerdicts,
} from '../../../src/results/verdicts-over-replications.ts';

const threshold = (selector: string, expr: string): Threshold => {
  const parsed = parseThreshold(selector, expr);
  if (!isThreshold(parsed)) throw new Error(JSON.stringify(parsed));
  return parsed;
};

const one = (observed: number | null, more: Partial<ThresholdResult> = {}): ThresholdResult => ({
  metric: 'pod_wait_seconds',
  expr: '',
  verdict: 'pass',
  observed,
  observedIsAtLeast: false,
  unit: 'seconds',
  bound: 30,
  ci: null,
  where: null,
  why: null,
  because: null,
  warn: false,
  replicationsNeeded: null,
  ...more,
});

const combine = (expr: string, results: readonly ThresholdResult[]): ThresholdResult =>
  combineVerdicts(
    [threshold('pod_wait_seconds', expr)],
    results.map((r) => [r]),
  )[0]!;

describe('several replications', () => {
  it('are left alone if there is only one', () => {
    const single = one(12);
    expect(combine('max < 30s', [single])).toBe(single);
  });

  it('pass where the whole interval does', () => {
    // mean 10, s = 1, n = 3: half-width t(0.975; 2) s / sqrt(3) = 4.302653 x 0.577350 = 2.484138
    const found = combine('max < 30s', [one(9), one(10), one(11)]);
    expect(found).toMatchObject({ verdict: 'pass', observed: 10, replicationsNeeded: null });
    expect(found.ci![0]).toBeCloseTo(7.515862, 5);
    expect(found.ci![1]).toBeCloseTo(12.484138, 5);
  });

  it('fail where none of it does, and name the worst replication', () => {
    const results = [one(39), one(41, { where: 'class a', why: 'a is tight' }), one(40)];
    expect(combine('max < 30s', results)).toMatchObject({
      verdict: 'fail',
      observed: 40,
      where: 'class a, replication 1',
      why: 'a is tight',
    });
  });

  it('are inconclusive between, with the number that should decide', () => {
    // mean 29, s = 1: |29 - 30| = 1 >= t(0.975; n - 1) / sqrt(n): 2.776445 / 2.236068 = 1.2417 for 5, 2.570582 / 2.449490
    // = 1.0494 for 6, 2.446912 / 2.645751 = 0.9248 for 7
    const found = combine('max < 30s', [one(28), one(29), one(30)]);
    expect(found).toMatchObject({ verdict: 'inconclusive', replicationsNeeded: 7 });
  });

  it('need no number where the mean is the limit', () => {
    const found = combine('max < 30s', [one(29), one(31)]);
    expect(found).toMatchObject({ verdict: 'inconclusive', replicationsNeeded: null });
  });

  it('widen with the confidence that is asked for', () => {
    // mean 20, s = 1, n = 3: t(0.995; 2) = 9.924843, half-width 5.730111
    const found = combine('max < 30s conf 99%', [one(19), one(20), one(21)]);
    expect(found.ci![1]).toBeCloseTo(25.730111, 4);
  });

  it.each([
    ['max < 30s', 30, 'fail'],
    ['max <= 30s', 30, 'pass'],
    ['max >= 30s', 30, 'pass'],
    ['max > 30s', 30, 'fail'],
    ['count == 30', 30, 'pass'],
    ['count == 30', 29, 'fail'],
    ['count != 30', 30, 'fail'],
    ['count != 30', 29, 'pass'],
  ])('that agree are judged exactly: %s for %d', (expr, value, verdict) => {
    const found = combine(expr, [one(value), one(value), one(value)]);
    expect(found).toMatchObject({ verdict, observed: value, ci: [value, value] });
  });

  it('that differ are never sure to equal a number', () => {
    expect(combine('count == 30', [one(30), one(29)]).verdict).toBe('inconclusive');
    expect(combine('count != 30', [one(30), one(29)]).verdict).toBe('inconclusive');
    // mean 10, half-width 12.706205 x 0.707107 x 0.707107 = 6.353: 30 is outside
    expect(combine('count == 30', [one(9.5), one(10.5)]).verdict).toBe('fail');
    expect(combine('count != 30', [one(9.5), one(10.5)]).verdict).toBe('pass');
  });

  it('with a lower bound cannot be below a limit, and may be above one', () => {
    const atLeast = one(10, { observedIsAtLeast: true });
    expect(combine('max < 30s', [one(10), atLeast, one(10)])).toMatchObject({
      verdict: 'fail',
      observedIsAtLeast: true,
    });
    expect(combine('max > 5s', [one(10, { bound: 5 }), { ...atLeast, bound: 5 }]).verdict).toBe(
      'pass',
    );
    expect(combine('max > 30s', [one(10), atLeast]).verdict).toBe('inconclusive');
  });

  it('that observed nothing fail, unless that is allowed', () => {
    const results = [one(10), one(null, { verdict: 'fail' }), one(10)];
    expect(combine('max < 30s', results)).toMatchObject({
      verdict: 'fail',
      observed: 10,
      where: 'nothing observed in 1 of 3 replications',
    });
    const allowed = [one(10), one(null), one(10)];
    expect(combine('max < 30s allow-empty', allowed).verdict).toBe('pass');
    // One value has no interval.
    const single = [one(10), one(null, { verdict: 'pass' })];
    expect(combine('max < 30s allow-empty', single).verdict).toBe('inconclusive');
    const none = [one(null, { verdict: 'fail' }), one(null, { verdict: 'fail' })];
    expect(combine('max < 30s', none)).toMatchObject({ verdict: 'fail', observed: null, ci: null });
  });

  it('against a baseline are judged by differences, at a limit that is taken as fixed', () => {
    // Differences -1, -1.5, -0.5: mean -1, s = 0.5, half-width 4.302653 x 0.5 / 1.732051 = 1.242069; the baseline's mean is 20.
    const relative = threshold('pod_wait_seconds', 'max <= baseline + 1%');
    const results = [9, 18.5, 29.5].map((value) => one(value));
    const found = combineVerdict(relative, results, [10, 20, 30]);
    // 20 x 1.01 = 20.2 lies inside.
    expect(found).toMatchObject({ verdict: 'inconclusive', observed: 19 });
    expect(found.bound).toBeCloseTo(20.2, 12);
    expect(found.ci![0]).toBeCloseTo(17.757931, 5);
    expect(found.ci![1]).toBeCloseTo(20.242069, 5);
    const wider = threshold('pod_wait_seconds', 'max <= baseline + 2%');
    expect(combineVerdict(wider, results, [10, 20, 30]).verdict).toBe('pass');
  });

  it('equal to their baseline hold, however much luck varies', () => {
    const values = [1, 50, 900];
    const equal = (expr: string) =>
      combineVerdict(
        threshold('pod_wait_seconds', expr),
        values.map((v) => one(v)),
        values,
      ).verdict;
    expect(equal('max <= baseline')).toBe('pass');
    expect(equal('max <= baseline + 1%')).toBe('pass');
    expect(equal('max < baseline')).toBe('fail');
    expect(equal('max >= baseline * 1.01')).toBe('fail');
  });

  it('without a value of the baseline where it failed are gaps', () => {
    const relative = threshold('pod_wait_seconds', 'max <= baseline');
    const gap = one(5, { bound: null, verdict: 'fail' });
    const found = combineVerdict(relative, [one(5), gap, one(5)], [5, null, 5]);
    expect(found).toMatchObject({ verdict: 'fail', observed: 5 });
  });
});
