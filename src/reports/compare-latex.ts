/** A comparison as a LaTeX table for a paper: a row per metric, a pair of columns per challenger. */
import type { ComparedMetric, Comparison } from '../results/compare.ts';
import { bannerLines, differenceText, methodText, metricText, valueText } from './compare-cells.ts';
import { escapeLatex } from './escape.ts';

const BREAK = ' \\\\';

/**
 * Writes a `tabular` (package booktabs) with the method above it as comments. Bold marks a value only where the verdict is
 * `better`, a dagger where it is `worse`; no value inside its interval is marked.
 *
 * *Order*: challengers and metrics as compared.
 */
export function comparisonLatex(comparison: Comparison): string {
  const { bundles, challengers, metrics } = comparison;
  const tex = escapeLatex;
  const notes = challengers.flatMap((c, i) => [
    `${c.label}: ${methodText(comparison, i)}`,
    ...bannerLines(c),
  ]);
  const columns = bundles.map((_, i) => (i === 0 ? 'r' : 'rr')).join('');
  const heads = challengers.map((c) => `${tex(c.label)} & difference`);
  const lines = [
    // A comment ends with its line, so a name may not bring a break along.
    ...notes.map((note) => `% ${tex(note)}`),
    `\\begin{tabular}{l${columns}}`,
    '\\toprule',
    `metric & ${tex(bundles[0]!.label)} & ${heads.join(' & ')}${BREAK}`,
    '\\midrule',
    ...metrics.map((m) => row(m)),
    '\\bottomrule',
    '\\end{tabular}',
  ];
  return `${lines.join('\n')}\n`;
}

function row(metric: ComparedMetric): string {
  const cells = [
    escapeLatex(metricText(metric)),
    escapeLatex(valueText(metric.values[0]!, metric.unit)),
  ];
  metric.contrasts.forEach((contrast, i) => {
    const value = escapeLatex(valueText(metric.values[i + 1]!, metric.unit));
    const marked = contrast.verdict === 'better' ? `\\textbf{${value}}` : value;
    cells.push(contrast.verdict === 'worse' ? `${marked}$^{\\dagger}$` : marked);
    cells.push(withMinus(escapeLatex(differenceText(contrast, metric.unit))));
  });
  return `${cells.join(' & ')}${BREAK}`;
}

/** A hyphen before a number is a minus sign in print. */
function withMinus(text: string): string {
  return text.replace(/(?<![\w-])-(?=[\d\\])/g, () => '$-$');
}
