/** Every form of the grammar on real replications: one bound that holds, one that is missed, one undecided, and a misspelling. */
import { describe, expect, it } from 'vitest';
import type { Bundle, ThresholdResult } from '../../../src/results/bundle.ts';
import { recheck } from '../../../src/results/recheck.ts';
import { mergeReplications } from '../../../src/results/replications.ts';
import { checkThresholds, parseThresholds } from '../../../src/results/thresholds.ts';
import { runToEnd } from '../../builders/scenario.ts';
import { load } from '../../builders/scenario-text.ts';

const TEXT = `orrery: 1
name: base
horizon: 1d
series: {every: 5m}
fleet:
  machineTypes:
    - {name: small, cpu: 4, memory: 16Gi, prices: {owned: "$0.10/h"}}
  clusters:
    - {name: a, zone: east, pools: [{machineType: small, count: 9}]}
    - {name: b, zone: west, pools: [{machineType: small, count: 9}]}
workloads:
  - {name: batch, kind: job, arrivals: {poisson: 90/h}, duration: {exponential: {mean: 20m}}, pod: {cpu: 1, memory: 1Gi}}
failures:
  - {outage: zone/east, at: 6h, for: 1h}
  - {model: node, mtbf: 12h, repair: 30m}
`;
const { scenario } = load({ 'main.yaml': TEXT });
const merged = (seed: number): Bundle =>
  mergeReplications(
    [0, 1, 2, 3].map((replication) => runToEnd(scenario, { check: false, replication, seed })),
  );
const HEAD = merged(1);
const BASE = merged(2);

function judge(selector: string, expr: string): ThresholdResult {
  const entry = { selector, expr, because: null, warn: false, path: 't' };
  return recheck(HEAD, parseThresholds([entry]), BASE)[0]!;
}

/** Writes a number with the unit that a metric asks for; ten digits are more than the spread. */
function written(value: number, unit: string): string {
  const digits = value.toPrecision(12).replace(/e\+?0*/, 'e');
  if (unit === 'seconds') return `${digits}s`;
  return unit.endsWith('/s') ? `${digits}/s` : digits;
}

const W = 'pod_wait_seconds';
const E = 'pods_evicted_total';
const P = 'pods_pending';
const H = 'headroom_ratio{resource="cpu"}';

/** `[selector, form with B for the bound, misspelt]`. */
// biome-ignore format: a table reads by lines
const FORMS: readonly (readonly [string, string, string])[] = [
  [W, 'count <= B', 'counts <= 5'],
  [W, 'sum <= B', 'sun <= 5s'],
  [W, 'avg < B', 'avg < 5'],
  [W, 'stddev < B', 'stddev < 5s during peak'],
  [W, 'max < B', 'max < 5 pods'],
  [W, 'p(98) < B', 'p(101) < 5s'],
  [W, 'p(99.5) < B', 'p 99.5 < 5s'],
  [W, 'frac(<10s) >= B', 'frac(<10) >= 99%'],
  [E, 'total <= B', 'total =< 5'],
  [E, 'count <= B', 'count <= five'],
  [E, 'rate <= B', 'rate <= 5/y'],
  [E, 'last <= B', 'avg <= 5'],
  [E, 'value <= B', 'med <= 5'],
  [P, 'twavg <= B', 'avg <= 5'],
  [P, 'max <= B', 'maximum <= 5'],
  [H, 'min >= B after 8h', 'min >= 5pp'],
  [H, 'twavg > B', 'twavg > 5s'],
  [E, 'total < B', 'total ~ 5'],
  [E, 'total >= B', 'total => 5'],
  [W, 'avg < B during outage(zone/east)', 'avg < 5s during outage zone/east'],
  [W, 'avg < B during outage(any)', 'avg < 5s during outages(any)'],
  [W, 'avg < B during [6h, 7h)', 'avg < 5s during [6h, 7h]'],
  [E, 'total < B during [6h, 7h)', 'total < 5 during 6h, 7h'],
  [P, 'twavg < B during peak', 'twavg < 5 during peek'],
  [E, 'total < B after 3h', 'total < 5 after'],
  [W, 'avg < B after 3h', 'avg < 5s after 3'],
  [E, 'rate <= B over 1h', 'rate <= 5/h over an hour'],
  [W, 'avg < B over 1h', 'avg < 5s over 1h over 2h'],
  [P, 'max <= B for 15m', 'max <= 5 for 15'],
  [W, 'max <= B for 5m', 'max <= 5s for'],
  [P, 'max <= B by cluster', 'max <= 5 by zone'],
  [W, 'avg <= B conf 80%', 'avg <= 5s conf 80'],
  [W, 'max <= B abort', 'min <= 5s abort'],
  [W, 'avg <= B warn', 'avg <= 5s warm'],
  [W, 'avg <= B allow-empty', 'avg <= 5s allow empty'],
  [W, 'avg <= B because "so"', 'avg <= 5s because so'],
];

/** Bounds beyond either end of the interval, and in its middle. */
function bounds(found: ThresholdResult): { low: number; middle: number; high: number } {
  const [low, high] = found.ci!;
  const step = (high - low) / 10;
  expect(step).toBeGreaterThan(0);
  return { low: low - step, middle: (low + high) / 2, high: high + step };
}

describe('every form of a threshold', () => {
  it.each(FORMS)('%s: %s', (selector, form, misspelt) => {
    const expr = (value: number, unit: string): string => form.replace('B', written(value, unit));
    const start = judge(selector, form.replace('B', unitFree(selector, form)));
    const { low, middle, high } = bounds(start);
    const verdicts = [low, middle, high].map((b) =>
      judge(selector, expr(Math.max(b, 0), start.unit)),
    );
    const isFloor = />/.test(form.replace(/frac\(.*?\)/, ''));
    const [first, undecided, last] = verdicts.map((v) => v.verdict);
    expect(undecided).toBe('inconclusive');
    expect(isFloor ? first : last).toBe('pass');
    const isShare = start.unit === 'ratio';
    // Nothing could miss a bound below zero, or reach one above the whole.
    if (low >= 0 && (!isShare || high <= 1)) expect(isFloor ? last : first).toBe('fail');
    refused(selector, misspelt);
  });

  it.each([
    ['pods_running', 'twavg', ''],
    [E, 'total', ''],
    [W, 'count', ''],
  ])('%s against a baseline', (selector, stat, unit) => {
    const { low, middle, high } = bounds(judge(selector, `${stat} <= baseline`));
    const base = judge(selector, `${stat} <= baseline`).bound!;
    const amount = (x: number): string => {
      const digits = Math.abs(x)
        .toPrecision(12)
        .replace(/e\+?0*/, 'e');
      return `${digits}${unit}`;
    };
    const sign = (x: number): string => (x < 0 ? '-' : '+');
    const amounts = [low, middle, high].map((b) => `${sign(b - base)} ${amount(b - base)}`);
    const shares = [low, middle, high].map(
      (b) => `${sign(b - base)} ${Math.abs((b / base - 1) * 100).toFixed(9)}%`,
    );
    for (const terms of [amounts, shares]) {
      const verdicts = terms.map((term) => judge(selector, `${stat} <= baseline ${term}`).verdict);
      expect(verdicts).toEqual(['fail', 'inconclusive', 'pass']);
    }
    refused(selector, `${stat} <= baseline % 2`);
    refused(selector, `${stat} <= baseline + 2 %%`);
  });

  it('a factor of a baseline', () => {
    const { low, middle, high } = bounds(judge(E, 'total <= baseline'));
    const base = judge(E, 'total <= baseline').bound!;
    const verdicts = [low, middle, high].map(
      (b) => judge(E, `total <= baseline * ${(b / base).toFixed(12)}`).verdict,
    );
    expect(verdicts).toEqual(['fail', 'inconclusive', 'pass']);
    refused(E, 'total <= baseline * 2%');
  });

  it('points of a share', () => {
    const { low, middle, high } = bounds(judge(H, 'min >= baseline after 8h'));
    const base = judge(H, 'min >= baseline after 8h').bound!;
    const form = (b: number): string =>
      `min >= baseline ${b < base ? '-' : '+'} ${(Math.abs(b - base) * 100).toFixed(9)}pp after 8h`;
    const verdicts = [low, middle, high].map((b) => judge(H, form(b)).verdict);
    expect(verdicts).toEqual(['pass', 'inconclusive', 'fail']);
    refused(H, 'min >= baseline - 2p');
  });

  it.each([
    ['pods_lost_total', 'total', 0],
    ['node_failures_total{cluster="a"}', 'total', null],
  ] as const)('equality of %s', (selector, stat, constant) => {
    if (constant !== null) {
      for (const cmp of ['==', '===']) {
        expect(judge(selector, `${stat} ${cmp} ${constant}`).verdict).toBe('pass');
        expect(judge(selector, `${stat} ${cmp} ${constant + 1}`).verdict).toBe('fail');
      }
      expect(judge(selector, `${stat} != ${constant}`).verdict).toBe('fail');
      expect(judge(selector, `${stat} != ${constant + 1}`).verdict).toBe('pass');
    } else {
      const { observed } = judge(selector, `${stat} <= 0`);
      expect(judge(selector, `${stat} == ${Math.round(observed!)}`).verdict).toBe('inconclusive');
      expect(judge(selector, `${stat} != ${Math.round(observed!)}`).verdict).toBe('inconclusive');
    }
    refused(selector, `${stat} = 0`);
    refused(W, 'avg == 5s');
  });
});

/** A first bound in the unit of the form, whatever its value. */
function unitFree(selector: string, form: string): string {
  if (form.startsWith('rate')) return '1/s';
  const isTime = selector === W && !form.startsWith('count') && !form.startsWith('frac');
  return isTime ? '1s' : '0.5';
}

function refused(selector: string, expr: string): void {
  const issues = checkThresholds([{ selector, expr, because: null, warn: false, path: 't' }]);
  expect(issues.map((issue) => issue.expected)).not.toEqual([]);
  for (const issue of issues) expect(issue.expected).toMatch(/at character \d+$/);
}
