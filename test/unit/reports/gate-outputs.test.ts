import { describe, expect, it } from 'vitest';
import { checkText, verdictCounts } from '../../../src/reports/check-text.ts';
import { annotations } from '../../../src/reports/github.ts';
import { junitXml } from '../../../src/reports/junit.ts';
import type { ThresholdResult } from '../../../src/results/bundle.ts';
import { compareBundles } from '../../../src/results/compare.ts';
import { replicatedBundle } from '../../builders/replicated.ts';
import { parseXml } from '../../builders/xml.ts';

const threshold = (more: Partial<ThresholdResult> = {}): ThresholdResult => ({
  metric: 'pod_wait_seconds{class="critical"}',
  expr: 'p(99) < 30s',
  verdict: 'pass',
  observed: 8.41,
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

const FAILED = threshold({
  verdict: 'fail',
  observed: 40,
  ci: [38, 42],
  where: 'cluster c-1 at day 2 02:00',
  why: 'c-1 is tight, 0 % of cpu free',
  because: 'the promise to the shop',
});
const WARNED = threshold({ verdict: 'fail', warn: true, expr: 'p(50) < 1s', observed: 2 });
const OPEN = threshold({ verdict: 'inconclusive', replicationsNeeded: 25, ci: [8, 31] });
const ALL = [threshold(), FAILED, WARNED, OPEN];

const cost = (label: string, values: number[]) =>
  replicatedBundle({ label, rows: [{ name: 'cost_dollars', values }] });
const worse = compareBundles([cost('base', [100, 101, 102]), cost('head', [120, 121, 122])]);

describe('JUnit XML', () => {
  it('has a suite for the scenario and a case for each threshold and compared metric', () => {
    const xml = junitXml({ scenario: 'quick', thresholds: ALL, comparison: worse });
    // testsuites, testsuite, 4 + 1 cases, 2 failures, 1 skipped, 1 system-out
    expect(parseXml(xml.slice(xml.indexOf('?>\n') + 3).trimEnd())).toBe(11);
    expect(xml).toContain('<testsuite name="quick" tests="5" failures="2" errors="0" skipped="1">');
    expect(xml).toContain(
      '<failure message="fail, observed 40 s [38 s, 42 s]: cluster c-1 at day 2 02:00; c-1 is tight, 0 % of cpu free; (the promise to the shop)">',
    );
    expect(xml).toContain(
      '<skipped message="inconclusive, observed 8.41 s [8 s, 31 s]: inconclusive, about 25',
    );
    expect(xml).toContain('<system-out>warning, observed 2 s</system-out>');
    expect(xml).toMatch(
      /name="cost_dollars"><failure message="worse: \+19.8 % .*, \$101.00 to \$121.00; worse by more than 1 %"/,
    );
  });

  it('stays well-formed whatever names hold', () => {
    const evil = '"><script>&]]>\u0000\u001b[31m\ud800';
    const xml = junitXml({
      scenario: evil,
      thresholds: [threshold({ verdict: 'fail', why: evil, metric: evil, expr: evil })],
      comparison: null,
    });
    expect(parseXml(xml.slice(xml.indexOf('?>\n') + 3).trimEnd())).toBe(4);
    expect(xml).not.toContain('<script>');
  });
});

describe('annotations', () => {
  const placeOf = () => ({ file: 'a,b:c.yaml', line: 12 });

  it('point at the line of the threshold, errors and warnings apart', () => {
    const text = annotations({ thresholds: ALL, comparison: worse, placeOf, isStrict: false });
    expect(text.split('\n')).toEqual([
      '::error file=a%2Cb%3Ac.yaml,line=12,title=Threshold failed::pod_wait_seconds{class="critical"} p(99) < 30s: observed 40 s [38 s, 42 s]; cluster c-1 at day 2 02:00; c-1 is tight, 0 %25 of cpu free; (the promise to the shop)',
      '::warning file=a%2Cb%3Ac.yaml,line=12,title=Threshold%3A warning::pod_wait_seconds{class="critical"} p(50) < 1s: observed 2 s',
      '::warning file=a%2Cb%3Ac.yaml,line=12,title=Threshold%3A inconclusive::pod_wait_seconds{class="critical"} p(99) < 30s: observed 8.41 s [8 s, 31 s]; inconclusive, about 25 replications needed',
      expect.stringMatching(
        /^::error title=Worse than the baseline::cost_dollars: \$101.00 → \$121.00, \+19.8 %25 /,
      ),
      '',
    ]);
  });

  it('make an error of what is undecided where that fails the job, and no line for a pass', () => {
    const none = { comparison: null, placeOf: () => ({}) };
    expect(annotations({ thresholds: [OPEN], ...none, isStrict: true })).toMatch(/^::error title=/);
    expect(annotations({ thresholds: [threshold()], ...none, isStrict: true })).toBe('');
  });

  it('cannot be broken by a line in a name', () => {
    const evil = threshold({ verdict: 'fail', metric: 'a\n::stop-commands::x\r%0A' });
    const text = annotations({
      thresholds: [evil],
      comparison: null,
      placeOf: () => ({}),
      isStrict: false,
    });
    expect(text.trimEnd().split(/[\r\n]/)).toHaveLength(1);
    expect(text).toContain('%250A');
  });
});

describe('the text of a check', () => {
  it('has a line for each verdict and its reason', () => {
    const text = checkText({
      scenario: 'quick',
      seed: 7,
      replications: 10,
      stopped: 'time limit',
      thresholds: ALL,
      comparison: worse,
      exitCode: 99,
    });
    expect(text).toMatch(
      /^CHECK {2}quick, seed 7, 10 replications: 1 fail, 1 warning, 1 inconclusive, 1 pass\n/,
    );
    expect(text).toContain('STOP   stopped by time limit');
    expect(text).toContain(
      '  ✗ pod_wait_seconds{class="critical"}  p(99) < 30s  40 s [38 s, 42 s]\n      cluster c-1',
    );
    expect(text).toContain('      warning only\n');
    expect(text).toContain('COMPARE  base → head');
    expect(text).toMatch(/EXIT {3}99\n$/);
    expect(verdictCounts([])).toBe('no thresholds');
  });
});
