import { describe, expect, it } from 'vitest';
import { KeyedDraws } from '../../../src/random/draw.ts';
import { compareBundles, hasWorse } from '../../../src/results/compare.ts';
import { type NamedBundle, parseChoices } from '../../../src/results/compare-rows.ts';
import { normalQuantile } from '../../../src/results/laws.ts';
import { type Replicated, replicatedBundle } from '../../builders/replicated.ts';

const base = (rows: Replicated['rows'], more: Partial<Replicated> = {}) =>
  replicatedBundle({ label: 'base', rows, ...more });
const head = (rows: Replicated['rows'], more: Partial<Replicated> = {}) =>
  replicatedBundle({ label: 'head', trajectory: '00000000000000bb', rows, ...more });
const cost = (values: readonly (number | null)[]) => [{ name: 'cost_dollars', values }];
const only = (...bundles: NamedBundle[]) => compareBundles(bundles).metrics[0]!.contrasts[0]!;

describe('a comparison', () => {
  it('pairs replications of one seed and scenario', () => {
    // Differences 10, 12, 11, 11 of a base around 1,000: mean 11, variance 2/3, error sqrt(1/6) = 0.408248;
    // t(0.975; 3) = 3.182446: half-width 1.299228
    const comparison = compareBundles([
      base(cost([900, 1000, 1100, 1000])),
      head(cost([910, 1012, 1111, 1011])),
    ]);
    const contrast = comparison.metrics[0]!.contrasts[0]!;
    expect(comparison.challengers[0]!.isPaired).toBe(true);
    expect(contrast.difference).toBe(11);
    expect(contrast.relative).toBe(0.011);
    expect(contrast.interval![0]).toBeCloseTo(11 - 1.299228, 5);
    expect(contrast.relativeInterval![1]).toBeCloseTo((11 + 1.299228) / 1000, 8);
    // Floor 1 % of 1,000 = 10 < 11, and lower is better
    expect(contrast.floor).toBe(10);
    expect(contrast.verdict).toBe('worse');
    expect(hasWorse(comparison)).toBe(true);
    // Var(head - base) = 2/3; Var base = 20000/3, Var head = 20202/3 (10^2+2^2 style sums): nearly all luck is shared
    expect(contrast.luck!.correlation).toBeGreaterThan(0.999);
    expect(contrast.luck!.varianceRatio).toBeLessThan(1e-3);
    expect(comparison.challengers[0]!.luck).toEqual(contrast.luck);
  });

  it('takes groups of other seeds or lengths as independent', () => {
    const other = head(cost([910, 1012, 1111, 1011]), { seed: 43 });
    const comparison = compareBundles([base(cost([900, 1000, 1100, 1000])), other]);
    const contrast = comparison.metrics[0]!.contrasts[0]!;
    expect(comparison.challengers[0]!.isPaired).toBe(false);
    expect(contrast.luck).toBeNull();
    // The same difference of 11 drowns in a spread of 80.
    expect(contrast.difference).toBe(11);
    expect(contrast).toMatchObject({ verdict: 'unclear', reason: 'not significant' });
    expect(contrast.replicationsNeeded).toBeGreaterThan(100);
    expect(only(base(cost([1, 2])), head(cost([1, 2, 3]))).n).toBe(2);
  });

  it('needs the floor as well as significance', () => {
    // 9 of 1,000 in each: certain, but below 1 %
    const small = only(base(cost([1000, 1010])), head(cost([1009, 1019.1])));
    expect(small.adjustedPValue).toBeLessThan(0.05);
    expect(small).toMatchObject({ verdict: 'unclear', reason: 'below the floor' });
    // Ratios count in points: 0.5 pp of a share is below 1 pp, 2 pp is not; more allocated is better
    const share = (by: number) => {
      const labels = { resource: 'cpu' };
      const row = (values: number[]) => [{ name: 'allocation_ratio', labels, values }];
      return only(base(row([0.5, 0.52])), head(row([0.5 + by, 0.5201 + by])));
    };
    expect(share(0.005).reason).toBe('below the floor');
    expect(share(0.02).verdict).toBe('better');
    expect(share(-0.02).verdict).toBe('worse');
  });

  it('takes no side of a neutral metric, and any lost pod for worse', () => {
    const rows = (name: string, values: number[]) => [{ name, values }];
    const neutral = compareBundles(
      [base(rows('events_total', [100, 100])), head(rows('events_total', [200, 201]))],
      { choices: parseChoices(['events_total']) },
    );
    expect(neutral.metrics[0]!.contrasts[0]!.verdict).toBe('changed');
    const lost = only(
      base(rows('pods_lost_total', [0, 0, 0])),
      head(rows('pods_lost_total', [1, 1, 1])),
    );
    expect(lost).toMatchObject({ verdict: 'worse', floor: 0, relative: null });
  });

  it('gives one replication no interval and no verdict', () => {
    const rows = (dollars: number, pods: number) => [
      { name: 'cost_dollars', values: [dollars] },
      { name: 'pods_evicted_total', values: [pods] },
      { name: 'pods_lost_total', values: [0] },
    ];
    const comparison = compareBundles([base(rows(100, 7)), head(rows(150, 9))]);
    const [money, evicted, lost] = comparison.metrics.map((m) => m.contrasts[0]!);
    expect(money).toMatchObject({
      difference: 50,
      relative: 0.5,
      interval: null,
      pValue: null,
      verdict: 'unclear',
      reason: 'one replication',
    });
    // An exact count did change, for this seed.
    expect(evicted).toMatchObject({ verdict: 'changed', reason: 'one replication' });
    expect(lost!.verdict).toBe('identical');
    expect(comparison.tests).toBe(0);
    expect(hasWorse(comparison)).toBe(false);
  });

  it('adjusts over all metrics and challengers', () => {
    const rows = (shift: number) => [
      { name: 'cost_dollars', values: [100, 110, 105].map((v, i) => v + shift * (1 + 0.1 * i)) },
      { name: 'pods_evicted_total', values: [5, 9, 7].map((v, i) => v + (i % 2) * shift) },
    ];
    const comparison = compareBundles([
      base(rows(0)),
      head(rows(10)),
      head(rows(0), { label: 'same', trajectory: '00000000000000aa' }),
    ]);
    // 2 metrics x 2 challengers; the identical ones count as tests with p = 1.
    expect(comparison.tests).toBe(4);
    const [first, second] = comparison.metrics;
    expect(second!.contrasts[1]!.verdict).toBe('identical');
    expect(first!.contrasts[0]!.adjustedPValue).toBeCloseTo(first!.contrasts[0]!.pValue! * 4, 12);
    expect(comparison.challengers.map((c) => c.isSameTrajectory)).toEqual([false, true]);
  });

  it('drops pairs of which one side was not observed', () => {
    const contrast = only(base(cost([1, null, 3, 4])), head(cost([2, 5, null, 6])));
    // Pairs (1, 2) and (4, 6): differences 1 and 2
    expect(contrast).toMatchObject({ n: 2, difference: 1.5 });
    const none = only(base(cost([null, null])), head(cost([1, 2])));
    expect(none).toMatchObject({ difference: null, verdict: 'unclear', reason: 'missing' });
  });

  it('is plain data that JSON keeps', () => {
    const comparison = compareBundles([base(cost([1, 2])), head(cost([2, 4]))]);
    expect(JSON.parse(JSON.stringify(comparison))).toEqual(comparison);
  });
});

describe('quantiles', () => {
  const waits = (samples: number[][], censored?: number[][]) => ({
    rows: [{ name: 'pod_wait_seconds', values: samples.map((s) => s[0] ?? null) }],
    sampled: [{ name: 'pod_wait_seconds', samples, ...(censored && { censored }) }],
  });
  const p99 = (a: ReturnType<typeof waits>, b: ReturnType<typeof waits>) => {
    const bundles = [base(a.rows, a), head(b.rows, b)];
    const choices = parseChoices(['pod_wait_seconds p(99)']);
    const metric = compareBundles(bundles, { choices }).metrics[0]!;
    expect(metric.statistic).toBe('p(99)');
    return metric;
  };

  it('come from the distribution of each replication', () => {
    const metric = p99(
      waits([
        [1, 8],
        [1, 10],
        [2, 9],
      ]),
      waits([
        [1, 16],
        [1, 20],
        [2, 18],
      ]),
    );
    // The last rank is exact: 8, 10, 9 against 16, 20, 18
    expect(metric.values.map((v) => v.mean)).toEqual([9, 18]);
    expect(metric.contrasts[0]).toMatchObject({ difference: 9, verdict: 'worse' });
  });

  it('give no verdict that pods still waiting could overturn', () => {
    const done = waits([
      [5, 9],
      [5, 9.1],
      [5, 9.2],
    ]);
    const bounds = [[4], [4.1], [4.2]];
    const waiting = waits([[1], [1], [1]], bounds);
    // Head looks better only because its pods have not waited longer yet.
    const metric = p99(done, waiting);
    expect(metric.values.map((v) => v.isAtLeast)).toEqual([false, true]);
    expect(metric.contrasts[0]).toMatchObject({ verdict: 'unclear', reason: 'lower bound' });
    // The other way round the truth is only worse.
    const long = waits([[1], [1], [1]], [[40], [41], [42]]);
    expect(p99(done, long).contrasts[0]!.verdict).toBe('worse');
  });
});

describe('what is refused', () => {
  it('different scenarios, unless allowed and then told', () => {
    const bundles = [base(cost([1, 2])), head(cost([2, 4]), { sha256: 'cd'.repeat(32) })];
    expect(() => compareBundles(bundles)).toThrow(/head scenario: got .*cdcd.*abab.*--allow-diff/);
    const allowed = compareBundles(bundles, { allowDifferent: true });
    expect(allowed.challengers[0]!.mismatches).toHaveLength(1);
    expect(allowed.challengers[0]!.isPaired).toBe(false);
  });

  it('one bundle, selectors that pick nothing, and bundles that contradict themselves', () => {
    const one = base(cost([1, 2]));
    expect(() => compareBundles([one])).toThrow(/at least two/);
    const choices = parseChoices(['pods_lost_total']);
    expect(() => compareBundles([one, one], { choices })).toThrow(/picks a result/);
    const broken = { ...one, result: { ...one.result, replications: 3 } };
    const error = (() => {
      try {
        return compareBundles([broken, broken]);
      } catch (e) {
        return e;
      }
    })();
    expect(error).toMatchObject({ exitCode: 3 });
    expect(String(error)).toMatch(/got 2 values, expected one value for each of 3 replications/);
  });

  it('malformed choices, all at once', () => {
    const texts = ['cost_dollar', 'cost_dollars p(99)', 'pod_wait_seconds p(0)', 'nodes{x="1"}'];
    try {
      parseChoices(texts);
      expect.unreachable();
    } catch (error) {
      expect((error as { issues: unknown[] }).issues).toHaveLength(4);
    }
    expect(parseChoices(['pod_wait_seconds{class="a"} p(99.9)'])[0]!.quantile).toBeCloseTo(0.999);
  });
});

describe('false alarms', () => {
  it('are rare where nothing differs but the seed', () => {
    const values = (e: number, side: string, m: number) => {
      const draws = new KeyedDraws(5, m, `alarm/${side}`);
      return Array.from({ length: 6 }, (_, i) => 100 + 30 * normalQuantile(draws.uniform(e, i)));
    };
    const names = ['cost_dollars', 'pods_evicted_total', 'pods_pending', 'pods_returned_total'];
    let alarms = 0;
    for (let e = 0; e < 400; e++) {
      const rows = (side: string) => names.map((name, m) => ({ name, values: values(e, side, m) }));
      if (hasWorse(compareBundles([base(rows('a')), head(rows('b'), { seed: 43 })]))) alarms++;
    }
    // "Worse" is one side of a family of 5 %: 2.5 % + 3 sqrt(0.025 * 0.975 / 400) = 4.9 %
    expect(alarms / 400).toBeLessThan(0.049);
  });
});
