/** Verdicts as workflow commands of GitHub: annotations at the line of the threshold where it is known. */
import type { ThresholdResult } from '../results/bundle.ts';
import type { Comparison } from '../results/compare.ts';
import { differenceText, metricText, valueText } from './compare-cells.ts';
import { visible } from './escape.ts';
import { explanation, observedWithInterval, verdictWord } from './threshold-cells.ts';

/** Where a threshold was written; empty where that is not known. */
export interface LineOf {
  readonly file?: string;
  readonly line?: number;
}

/** What is annotated. */
export interface AnnotationFacts {
  readonly thresholds: readonly ThresholdResult[];
  readonly comparison: Comparison | null;
  /** Place of the threshold of this index. */
  readonly placeOf: (index: number) => LineOf;
  /** True where an inconclusive threshold fails the job. */
  readonly isStrict: boolean;
}

/**
 * Writes one line per threshold that does not pass and per metric that got worse: `::error file=..,line=..,title=..::text`.
 *
 * *Source*: GitHub Actions, workflow commands (escapes of `%`, line breaks, `:` and `,`).
 */
export function annotations(facts: AnnotationFacts): string {
  const lines = facts.thresholds.flatMap((threshold, index) => {
    const word = verdictWord(threshold);
    if (word === 'pass') return [];
    const isError =
      word === 'fail' || (word === 'inconclusive' && facts.isStrict && !threshold.warn);
    const text = explanation(threshold);
    const message = `${threshold.metric} ${threshold.expr}: observed ${observedWithInterval(threshold)}${text === '' ? '' : `; ${text}`}`;
    const title = word === 'fail' ? 'Threshold failed' : `Threshold: ${word}`;
    return [command(isError ? 'error' : 'warning', { ...facts.placeOf(index), title }, message)];
  });
  for (const metric of facts.comparison?.metrics ?? []) {
    metric.contrasts.forEach((contrast, h) => {
      if (contrast.verdict !== 'worse') return;
      const values = [metric.values[0]!, metric.values[h + 1]!].map((v) =>
        valueText(v, metric.unit),
      );
      const message = `${metricText(metric)}: ${values.join(' → ')}, ${differenceText(contrast, metric.unit)}`;
      lines.push(command('error', { title: 'Worse than the baseline' }, message));
    });
  }
  return lines.map((line) => `${line}\n`).join('');
}

function command(
  kind: 'error' | 'warning',
  { file, line, title }: LineOf & { readonly title: string },
  message: string,
): string {
  const where = file === undefined ? [] : [`file=${property(file)}`];
  if (file !== undefined && line !== undefined) where.push(`line=${line}`);
  return `::${kind} ${[...where, `title=${property(title)}`].join(',')}::${data(message)}`;
}

function data(text: string): string {
  return visible(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
