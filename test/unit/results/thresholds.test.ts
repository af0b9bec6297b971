import { describe, expect, it } from 'vitest';
import { isThreshold, parseThreshold } from '../../../src/results/expression.ts';
import {
  checkThresholds,
  parseThresholds,
  type ThresholdText,
  windowScope,
} from '../../../src/results/thresholds.ts';

function parse(selector: string, expr: string) {
  const result = parseThreshold(selector, expr);
  if (!isThreshold(result)) throw new Error(JSON.stringify(result));
  return result;
}

function entry(selector: string, expr: string): ThresholdText {
  return { selector, expr, because: null, warn: false, path: 'thresholds.x' };
}

function complaint(selector: string, expr: string): string {
  const issues = checkThresholds([entry(selector, expr)]);
  return issues.map((i) => `${i.expected}${i.hint ? ` (${i.hint})` : ''}`).join('\n');
}

describe('the grammar of thresholds', () => {
  it.each([
    // 15 minutes are 900 seconds.
    ['pod_wait_seconds', 'p(99) < 15m', { name: 'p', q: 0.99 }, '<', 900],
    ['pod_wait_seconds', 'p(99.9) <= 250ms', { name: 'p', q: 0.999 }, '<=', 0.25],
    ['pod_wait_seconds', 'med < 1h', { name: 'p', q: 0.5 }, '<', 3600],
    ['pod_wait_seconds', 'count == 0', { name: 'count' }, '==', 0],
    ['pod_wait_seconds', 'frac(<30s) >= 99%', { name: 'frac', cmp: '<', limit: 30 }, '>=', 0.99],
    ['headroom_ratio', 'min >= 5%', { name: 'min' }, '>=', 0.05],
    ['headroom_ratio', 'twavg>=0.12', { name: 'twavg' }, '>=', 0.12],
    ['cost_dollars', 'total <= $44e6', { name: 'total' }, '<=', 44e6],
    ['cost_dollars', 'total <= 44e6 USD', { name: 'total' }, '<=', 44e6],
    ['pods_lost_total', 'total === 0', { name: 'total' }, '==', 0],
    // 0.5 an hour is 0.5 / 3600 a second.
    ['pods_evicted_total', 'rate <= 0.5/h', { name: 'rate' }, '<=', 0.5 / 3600],
    ['pods_pending', 'max < 5', { name: 'max' }, '<', 5],
    // 64 * 2^30
    ['allocated{resource="memory"}', 'max < 64GiB', { name: 'max' }, '<', 68719476736],
  ])('reads %s: %s', (selector, expr, stat, cmp, bound) => {
    expect(parse(selector, expr)).toMatchObject({ stat, cmp, bound });
  });

  it('reads all clauses, in any order', () => {
    const t = parse(
      'pods_pending',
      'max <= 5 by cluster, reason because "board asked" during [6h, 1d2h) warn allow-empty',
    );
    expect(t).toMatchObject({
      bound: 5,
      by: ['cluster', 'reason'],
      because: 'board asked',
      warn: true,
      allowEmpty: true,
      // 1 d 2 h = 86400 + 7200
      window: { kind: 'interval', fromSeconds: 21600, untilSeconds: 93600 },
    });
  });

  it('names the scope of each window', () => {
    const scope = (clause: string) =>
      windowScope(parse('pod_wait_seconds', `p(99) < 1s ${clause}`));
    expect(scope('')).toBe('run');
    expect(scope('during outage(idc-b)')).toBe('window:idc-b');
    expect(scope('during outage(any)')).toBe('window:any');
    expect(scope('during [1h, 2h)')).toBe('window:[3600,7200)');
    expect(scope('after 90m')).toBe('window:[5400,end)');
    expect(scope('after 90m during [1h, 2h)')).toBe('window:[5400,7200)');
    expect(scope('during outage(any) after 90m')).toBe('window:any after 5400');
    expect(scope('during peak')).toBe('window:(peak)');
  });

  it.each([
    ['pod_wait_second', 'p(99) < 1s', 'did you mean pod_wait_seconds?'],
    ['pod_wait_seconds{clas="x"}', 'p(99) < 1s', 'did you mean class?'],
    ['pod_wait_seconds{class="x"', 'p(99) < 1s', '"," or "}" at character 27'],
    ['pod_wait_seconds{class=~"a{2}"}', 'p(99) < 1s', 'no counted repetition'],
    ['pod_wait_seconds', 'p(99) < 30', 'a duration such as 30s, 15m or 2h at character 9'],
    ['pod_wait_seconds', 'p(99) < 5%', 'the unit is seconds'],
    ['headroom_ratio', 'min >= 5s', 'a share such as 5% or 0.05 at character 8'],
    ['pod_wait_seconds', 'p(0) < 1s', 'a percentage between 0 and 100'],
    ['pod_wait_seconds', 'p99 < 1s', 'a percentage between 0 and 100'],
    ['pod_wait_seconds', 'mean < 1s', 'a statistic'],
    ['pod_wait_seconds', 'twavg < 1s', 'avg is the mean over samples'],
    ['allocation_ratio', 'avg > 50%', 'twavg is the mean over time of a gauge'],
    ['pods_lost_total', 'p(99) == 0', 'a statistic of a counter'],
    ['headroom_ratio', 'min == 5%', 'never exactly equal'],
    ['cost_dollars', 'total == $5', 'never exactly equal'],
    ['pods_pending', 'twavg == 0', 'never exactly equal'],
    ['pods_pending', 'max => 5', 'a comparison'],
    ['pods_pending', 'max', 'a comparison: < <= > >= == != at character 4'],
    ['cost_dollars', 'total <= baseline + 2pp', 'pp is for shares only'],
    ['cost_dollars', 'total <= baseline +', 'a share of the baseline such as 2%, or an amount'],
    ['cost_dollars', 'total <= baseline * 2%', 'a plain number, such as baseline * 1.1'],
    ['cost_dollars', 'total <= baselines', 'an amount such as $44e6'],
    ['cost_dollars', 'total <= 5 EUR', 'a clause'],
    ['cost_dollars', 'total <= $5 over 1h', 'a metric that is kept over time with "over"'],
    ['pods_running', 'max <= 5 by workload over 1h', 'only labels that are kept over time'],
    ['pod_wait_seconds', 'max <= 5s by cluster during peak', 'not cluster'],
    ['pods_evicted_total', 'rate <= 1/h over', 'a duration above 0 such as 24h at character 17'],
    ['pods_evicted_total', 'rate <= 1/h over 0s', 'a duration above 0'],
    ['pods_evicted_total', 'rate <= 1/h over 1h for 1h', 'either "over" or "for" at character 21'],
    ['pods_pending', 'last <= 5 over 1h', 'a statistic of a stretch of time, not last'],
    ['pods_pending', 'max == 5 for 1h', 'one of < <= > >= with "for"'],
    ['pods_pending', 'max <= 5 for ever', 'a duration above 0 such as 15m at character 14'],
    ['pods_pending', 'max <= 5 after noon', 'an instant such as 6h'],
    ['pods_pending', 'max <= 5 conf 0.9', 'a confidence from 50% to below 100% at character 15'],
    ['pods_pending', 'max <= 5 conf 100%', 'such as conf 99%'],
    ['pods_pending', 'twavg <= 5 abort', 'count, sum, total or max with "abort", not twavg'],
    ['pods_pending', 'max >= 5 abort', 'an upper limit'],
    ['pods_pending', 'max <= baseline abort', 'a fixed limit with "abort"'],
    ['pods_pending', 'max <= 5 after 1h abort', 'no "after" with "abort" at character 19'],
    ['pods_pending', 'max <= 5 abort warn', 'either "warn" or "abort"'],
    ['pods_pending', 'max <= 5 during peaks', 'outage(any), [6h, 12h), peak or steady'],
    ['pods_pending', 'max <= 5 duringg outage(any)', 'did you mean during?'],
    ['pods_pending', 'max <= 5 by clutser', 'did you mean cluster?'],
    ['pods_pending', 'max <= 5 warn warn', 'one clause "warn"'],
    ['pods_pending', 'max <= 5 during [2h, 1h)', 'an end after the start'],
    ['pod_wait_seconds', 'stddev < 1s during outage(any)', 'no window with stddev'],
  ])('refuses %s: %s', (selector, expr, expected) => {
    expect(complaint(selector, expr)).toContain(expected);
  });

  it('finds everything at once and knows the outages', () => {
    const issues = checkThresholds(
      [
        entry('nope', 'max < 1'),
        entry('pods_pending', 'max < 1s'),
        entry('pods_pending', 'max < 1 during outage(idc-d)'),
        entry('pods_pending', 'max < 1 during outage(any)'),
      ],
      { outages: ['idc-b'], horizonSeconds: 86400, bucketSeconds: 300 },
    );
    expect(issues).toHaveLength(3);
    expect(issues[2]?.hint).toBe('did you mean idc-b?');
  });

  it.each([
    [
      'rate < 1/h over 7m',
      '"over" in whole series buckets of 5m (series.every in the scenario sets it)',
    ],
    ['rate < 1/h over 2d', '"over" at most as long as the run, 1d'],
    ['total < 1 for 2d', '"for" at most as long as the run, 1d'],
    ['total < 1 after 1d', 'a window that begins before the end of the run (the run has 1d)'],
    ['total < 1 during [1d, 2d)', 'a window that begins before the end of the run'],
    ['total < 1 during outage(any)', 'an outage under failures, there is none'],
  ])('holds "%s" against the run', (expr, expected) => {
    const run = { outages: [], horizonSeconds: 86400, bucketSeconds: 300 };
    const issues = checkThresholds([entry('pods_lost_total', expr)], run);
    expect(issues.map((i) => `${i.expected}${i.hint ? ` (${i.hint})` : ''}`).join()).toContain(
      expected,
    );
  });

  it('finds "warn" of the entry against "abort"', () => {
    const run = { outages: [], horizonSeconds: 86400, bucketSeconds: 300 };
    const both = { ...entry('pods_lost_total', 'total == 0 abort'), warn: true };
    expect(checkThresholds([both], run)[0]?.expected).toBe('either "warn" or "abort"');
  });

  it.each([
    ['cost_dollars', 'total <= baseline', 1, 0, 0],
    ['cost_dollars', 'total <= baseline + 2%', 1, 0.02, 0],
    ['cost_dollars', 'total<=baseline+2%', 1, 0.02, 0],
    ['cost_dollars', 'total >= baseline - 5.5 % warn', 1, -0.055, 0],
    ['cost_dollars', 'total <= baseline + $300', 1, 0, 300],
    ['cost_dollars', 'total <= baseline * 1.1', 1.1, 0, 0],
    ['headroom_ratio', 'min >= baseline - 2pp', 1, 0, -0.02],
    ['headroom_ratio', 'min >= baseline - 0.02', 1, 0, -0.02],
    ['pod_wait_seconds', 'p(99) <= baseline + 30s by class', 1, 0, 30],
    ['pods_evicted_total', 'rate <= baseline + 36/h', 1, 0, 0.01],
    ['pods_lost_total', 'total == baseline', 1, 0, 0],
  ])('reads %s: %s', (selector, expr, factor, share, offset) => {
    const { bound, baseline } = parse(selector, expr);
    expect(bound).toBeNull();
    expect(baseline?.factor).toBe(factor);
    expect(baseline?.share).toBeCloseTo(share, 12);
    expect(baseline?.offset).toBeCloseTo(offset, 12);
  });

  it('reads the clauses of time and judgement', () => {
    expect(parse('pods_evicted_total', 'rate <= 1/h over 24h after 1d conf 99.9%')).toMatchObject({
      overSeconds: 86400,
      afterSeconds: 86400,
      forSeconds: null,
      confidence: 0.999,
      abort: false,
    });
    expect(parse('pods_pending', 'max <= 5 for 1h30m during steady')).toMatchObject({
      // 3600 + 30 x 60
      forSeconds: 5400,
      window: { kind: 'steady' },
    });
    expect(parse('pods_pending', 'max <= 5 abort').abort).toBe(true);
  });

  it('joins what the entry says with the clauses', () => {
    const [t] = parseThresholds([
      { ...entry('pods_pending', 'max < 1'), because: 'rule 7', warn: true },
    ]);
    expect(t).toMatchObject({ because: 'rule 7', warn: true });
    expect(() => parseThresholds([entry('nope', 'x')])).toThrow(/a metric of the catalogue/);
  });
});
