/** What `orrery check` prints for people. */
import type { ThresholdResult } from '../results/bundle.ts';
import type { Comparison } from '../results/compare.ts';
import { comparisonText } from './compare-text.ts';
import { visible } from './escape.ts';
import { explanation, observedWithInterval, verdictWord } from './threshold-cells.ts';

/** What was judged. */
export interface CheckFacts {
  readonly scenario: string;
  readonly seed: number;
  readonly replications: number;
  readonly stopped: string | null;
  readonly thresholds: readonly ThresholdResult[];
  readonly comparison: Comparison | null;
  readonly exitCode: number;
}

const SIGNS = { pass: '✓', fail: '✗', warning: '!', inconclusive: '~' } as const;

/** Counts verdicts: `1 fail, 1 inconclusive, 4 pass`; what there is none of is left out. */
export function verdictCounts(thresholds: readonly ThresholdResult[]): string {
  const words = thresholds.map(verdictWord);
  const parts = (['fail', 'warning', 'inconclusive', 'pass'] as const)
    .map((word) => ({ word, count: words.filter((w) => w === word).length }))
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`);
  return parts.length === 0 ? 'no thresholds' : parts.join(', ');
}

/** Writes the verdicts, one or two lines each, then the comparison; ends with a line break. */
export function checkText(facts: CheckFacts): string {
  const { scenario, seed, replications, stopped, thresholds, comparison, exitCode } = facts;
  const runs = replications === 1 ? 'one replication' : `${replications} replications`;
  const lines = [
    `CHECK  ${visible(scenario)}, seed ${seed}, ${runs}: ${verdictCounts(thresholds)}`,
  ];
  if (stopped !== null)
    lines.push(`STOP   stopped by ${visible(stopped)}: all numbers are partial`);
  const width = (of: (t: ThresholdResult) => string): number =>
    Math.max(0, ...thresholds.map((t) => visible(of(t)).length));
  const metricWidth = width((t) => t.metric);
  const exprWidth = width((t) => t.expr);
  for (const t of thresholds) {
    const sign = SIGNS[verdictWord(t)];
    const metric = visible(t.metric).padEnd(metricWidth);
    lines.push(
      `  ${sign} ${metric}  ${visible(t.expr).padEnd(exprWidth)}  ${observedWithInterval(t)}`,
    );
    const note = verdictWord(t) === 'warning' ? 'warning only' : '';
    const text = [note, explanation(t)].filter((part) => part !== '').join('; ');
    if (text !== '') lines.push(`      ${visible(text)}`);
  }
  if (comparison !== null) lines.push('', comparisonText(comparison).trimEnd());
  lines.push(`EXIT   ${exitCode}`);
  return `${lines.join('\n')}\n`;
}
