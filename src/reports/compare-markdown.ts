/** A comparison as GitHub's Markdown, safe for names from anywhere: changes first, the rest folded away. */
import type { ComparedMetric, Comparison, ContrastVerdict } from '../results/compare.ts';
import {
  bannerLines,
  behaviourText,
  changeLines,
  countsText,
  differenceText,
  floorText,
  methodText,
  metricText,
  VERDICT_ORDER,
  valueText,
  verdictText,
} from './compare-cells.ts';
import { escapeMarkdown } from './escape.ts';

const ICONS: Readonly<Record<ContrastVerdict, string>> = {
  worse: '❌',
  better: '✅',
  changed: '🔀',
  unclear: '➖',
  identical: '🟰',
};
const QUIET: readonly ContrastVerdict[] = ['unclear', 'identical'];

/**
 * Writes the comparison as Markdown, one section per challenger.
 *
 * *Order*: worse, better, changed, unclear, identical; within each as compared.
 */
export function comparisonMarkdown(comparison: Comparison): string {
  return comparison.challengers.map((_, i) => section(comparison, i)).join('\n');
}

function section(comparison: Comparison, index: number): string {
  const challenger = comparison.challengers[index]!;
  const base = comparison.bundles[0]!;
  const text = escapeMarkdown;
  const lines = [
    `### ${text(base.label)} → ${text(challenger.label)}: ${countsText(comparison, index)}`,
    '',
  ];
  const [banner, ...details] = bannerLines(challenger);
  if (banner !== undefined) {
    lines.push(
      '> [!WARNING]',
      `> **${text(banner)}**`,
      ...details.map((d) => `> - ${text(d)}`),
      '',
    );
  }
  lines.push(`Scenario ${text(base.scenario)} · ${text(methodText(comparison, index))}.`, '');
  const changes = changeLines(challenger);
  if (changes.length > 0) lines.push(...changes.map((c) => `- ${text(c)}`), '');
  const sorted = VERDICT_ORDER.flatMap((verdict) =>
    comparison.metrics.filter((m) => m.contrasts[index]!.verdict === verdict),
  );
  const isQuiet = (m: ComparedMetric) => QUIET.includes(m.contrasts[index]!.verdict);
  const loud = sorted.filter((m) => !isQuiet(m));
  const quiet = sorted.filter(isQuiet);
  if (loud.length > 0) lines.push(...table(comparison, index, loud), '');
  if (quiet.length > 0) {
    lines.push(`<details><summary>${quiet.length} without a verdict or identical</summary>`, '');
    lines.push(...table(comparison, index, quiet), '', '</details>', '');
  }
  lines.push(`Behaviour: ${text(behaviourText(challenger))}.`, '');
  return lines.join('\n');
}

function table(
  comparison: Comparison,
  index: number,
  metrics: readonly ComparedMetric[],
): string[] {
  const percent = Math.round(comparison.level * 1000) / 10;
  return [
    `| | Metric | Base | Head | Difference (${percent} % CI) | Floor | Verdict |`,
    '|--|--|--:|--:|--:|--:|--|',
    ...metrics.map((m) => {
      const contrast = m.contrasts[index]!;
      const cells = [
        metricText(m),
        valueText(m.values[0]!, m.unit),
        valueText(m.values[index + 1]!, m.unit),
        differenceText(contrast, m.unit),
        floorText(contrast, m.unit),
        verdictText(contrast),
      ];
      return `| ${ICONS[contrast.verdict]} | ${cells.map(escapeMarkdown).join(' | ')} |`;
    }),
  ];
}
