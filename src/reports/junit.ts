/** Verdicts as JUnit XML, as the test views of continuous integration read it: a suite per scenario, a case per threshold. */
import type { ThresholdResult } from '../results/bundle.ts';
import type { ComparedMetric, Comparison } from '../results/compare.ts';
import { differenceText, floorText, metricText, valueText, verdictText } from './compare-cells.ts';
import { escapeHtml } from './escape.ts';
import { explanation, observedWithInterval, verdictWord } from './threshold-cells.ts';

/** What is written. */
export interface JunitFacts {
  readonly scenario: string;
  readonly thresholds: readonly ThresholdResult[];
  /** Adds a case per metric with a verdict; null leaves those out. */
  readonly comparison: Comparison | null;
}

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly message: string;
}

/**
 * Writes the verdicts: a failed threshold and a metric that got worse are failures, an inconclusive threshold is skipped, a
 * missed warning passes with its text as output.
 */
export function junitXml({ scenario, thresholds, comparison }: JunitFacts): string {
  const cases = [
    ...thresholds.map(thresholdCase),
    ...(comparison === null
      ? []
      : comparison.metrics.flatMap((m) => regressionCases(comparison, m))),
  ];
  const count = (outcome: Case['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const counts = `tests="${cases.length}" failures="${count('fail')}" errors="0" skipped="${count('skip')}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escapeHtml(scenario)}" ${counts}>`,
    ...cases.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function thresholdCase(threshold: ThresholdResult): Case {
  const word = verdictWord(threshold);
  const text = explanation(threshold);
  const because = text === '' ? '' : `: ${text}`;
  return {
    classname: threshold.metric,
    name: threshold.expr,
    outcome: word === 'fail' ? 'fail' : word === 'inconclusive' ? 'skip' : 'pass',
    message:
      word === 'pass' ? '' : `${word}, observed ${observedWithInterval(threshold)}${because}`,
  };
}

function regressionCases(comparison: Comparison, metric: ComparedMetric): Case[] {
  return metric.contrasts.map((contrast, h) => {
    const base = valueText(metric.values[0]!, metric.unit);
    const head = valueText(metric.values[h + 1]!, metric.unit);
    const change = `${differenceText(contrast, metric.unit)}, ${base} to ${head}`;
    const isWorse = contrast.verdict === 'worse';
    const limit = isWorse ? `; worse by more than ${floorText(contrast, metric.unit)}` : '';
    return {
      classname: `baseline ${comparison.bundles[0]!.label}`,
      name: metricText(metric),
      outcome: isWorse ? 'fail' : 'pass',
      message: `${verdictText(contrast)}: ${change}${limit}`,
    };
  });
}

function caseXml({ classname, name, outcome, message }: Case): string {
  const head = `    <testcase classname="${escapeHtml(classname)}" name="${escapeHtml(name)}"`;
  const text = escapeHtml(message);
  if (outcome === 'fail') {
    return `${head}><failure message="${text}">${text}</failure></testcase>`;
  }
  if (outcome === 'skip') return `${head}><skipped message="${text}"/></testcase>`;
  return message === '' ? `${head}/>` : `${head}><system-out>${text}</system-out></testcase>`;
}
