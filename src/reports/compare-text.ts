/** A comparison for a terminal or a log: one aligned table per challenger. */
import type { Comparison } from '../results/compare.ts';
import {
  bannerLines,
  behaviourText,
  changeLines,
  countsText,
  differenceText,
  methodText,
  metricText,
  VERDICT_SIGNS,
  valueText,
  verdictText,
} from './compare-cells.ts';
import { visible } from './escape.ts';

/**
 * Writes the comparison as lines, each ended by a break; names cannot steer the terminal.
 *
 * *Order*: challengers and metrics as compared.
 */
export function comparisonText(comparison: Comparison): string {
  return comparison.challengers.map((_, i) => challengerText(comparison, i)).join('\n');
}

function challengerText(comparison: Comparison, index: number): string {
  const { bundles, metrics } = comparison;
  const base = bundles[0]!;
  const challenger = comparison.challengers[index]!;
  const lines = [`COMPARE  ${base.label} → ${challenger.label}    scenario ${base.scenario}`];
  lines.push(`         ${methodText(comparison, index)}`);
  for (const line of bannerLines(challenger)) lines.push(`!!       ${line}`);
  for (const line of changeLines(challenger)) lines.push(`CHANGED  ${line}`);
  const head = ['', 'base', 'head', difference(comparison, index), 'verdict'];
  const rows = metrics.map((m) => {
    const contrast = m.contrasts[index]!;
    return [
      metricText(m),
      valueText(m.values[0]!, m.unit),
      valueText(m.values[index + 1]!, m.unit),
      differenceText(contrast, m.unit),
      `${VERDICT_SIGNS[contrast.verdict]} ${verdictText(contrast)}`,
    ];
  });
  lines.push(...aligned([head, ...rows].map((row) => row.map(visible))));
  lines.push(`RESULT   ${countsText(comparison, index)}; ${behaviourText(challenger)}`);
  // The table is visible already, and a second pass changes nothing.
  return lines.map((line) => `${visible(line)}\n`).join('');
}

function difference(comparison: Comparison, index: number): string {
  const replications = [comparison.bundles[0]!, comparison.bundles[index + 1]!].map(
    (b) => b.replications,
  );
  if (Math.min(...replications) < 2) return 'difference';
  return `difference [${Math.round(comparison.level * 1000) / 10} % CI]`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  return rows.map((row) =>
    `  ${row.map((cell, c) => cell.padEnd(widths[c]!)).join('  ')}`.trimEnd(),
  );
}
