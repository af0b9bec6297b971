/** A comparison as a page: what is better and worse, by how much, how sure that is, and how it was found out. */
import type { Comparison } from '../results/compare.ts';
import type { NamedBundle } from '../results/compare-rows.ts';
import { column } from './charts/table.ts';
import {
  bannerLines,
  behaviourText,
  changeLines,
  countsText,
  differenceText,
  floorText,
  methodText,
  metricText,
  VERDICT_SIGNS,
  valueText,
  verdictText,
} from './compare-cells.ts';
import { escapeHtml } from './escape.ts';
import { comparisonFigures, isDecided } from './figures/comparison.ts';
import { pageHtml } from './html-page.ts';
import { figureHtml, type Section, scrolled, tableHtml } from './html-parts.ts';

/**
 * Writes the page of a comparison.
 *
 * @param bundles those that were compared, in their order: dots and quantiles come from their replications
 * @returns a complete HTML document that needs nothing else
 */
export function comparisonHtml(comparison: Comparison, bundles: readonly NamedBundle[]): string {
  const labels = comparison.bundles.map(({ label }) => label);
  const figures = comparisonFigures(comparison, bundles, 'f');
  const sections: Section[] = [
    { id: 'summary', title: 'Summary', body: challengersHtml(comparison) },
    { id: 'compare', title: 'Compare', body: figures.map(figureHtml).join('') },
    { id: 'verdicts', title: 'Verdicts', body: verdictTables(comparison) },
    { id: 'methods', title: 'Methods', body: methodsHtml(comparison) },
  ];
  return pageHtml(`${labels.slice(1).join(', ')} against ${labels[0]!}`, sections);
}

/** Says of each challenger what came of it: banner, counts, changes, behaviour. */
export function challengersHtml(comparison: Comparison): string {
  const base = comparison.bundles[0]!;
  return comparison.challengers
    .map((challenger, i) => {
      const [banner, ...details] = bannerLines(challenger);
      const warning =
        banner === undefined
          ? ''
          : `<p class="verdict inconclusive">${escapeHtml(banner)}</p>${list(details)}`;
      const verdicts = comparison.metrics.map((m) => m.contrasts[i]!.verdict);
      const tone = verdicts.includes('worse')
        ? 'fail'
        : verdicts.includes('better')
          ? 'pass'
          : 'inconclusive';
      return [
        `<h3>${escapeHtml(challenger.label)} against ${escapeHtml(base.label)}</h3>`,
        warning,
        `<p class="verdict ${tone}">${escapeHtml(countsText(comparison, i))}</p>`,
        decidedList(comparison, i),
        `<p>${escapeHtml(methodText(comparison, i))}.</p>`,
        list(changeLines(challenger)),
        `<p>Behaviour: ${escapeHtml(behaviourText(challenger))}.</p>`,
      ].join('');
    })
    .join('');
}

/** What is better or worse, one line each; nothing inside its interval is among them. */
function decidedList(comparison: Comparison, index: number): string {
  const items = comparison.metrics
    .filter((m) => isDecided(m.contrasts[index]!))
    .map((m) => {
      const contrast = m.contrasts[index]!;
      const tone = contrast.verdict === 'worse' ? 'fail' : 'pass';
      const values = `${valueText(m.values[0]!, m.unit)} → ${valueText(m.values[index + 1]!, m.unit)}`;
      const sign = VERDICT_SIGNS[contrast.verdict];
      return `<li class="${tone}"><span class="sign" aria-hidden="true">${sign}</span><div><strong>${contrast.verdict}</strong> <code>${escapeHtml(metricText(m))}</code> <span class="observed">${escapeHtml(differenceText(contrast, m.unit))}</span><div class="note">${escapeHtml(`${values}, n = ${contrast.n}`)}</div></div></li>`;
    });
  return items.length === 0 ? '' : `<ul class="verdicts">${items.join('')}</ul>`;
}

/** A table per challenger with every number behind its verdicts. */
export function verdictTables(comparison: Comparison): string {
  return comparison.challengers
    .map(({ label }, i) => {
      const title = `${label} against ${comparison.bundles[0]!.label}`;
      return `<h3>${escapeHtml(title)}</h3>${scrolled(`Verdicts: ${title}`, verdictTable(comparison, i))}`;
    })
    .join('');
}

function verdictTable(comparison: Comparison, index: number): string {
  const percent = Math.round(comparison.level * 1000) / 10;
  const columns = [
    'metric',
    'base',
    'head',
    `difference [${percent} % CI]`,
    'n',
    'floor',
    'p by Holm',
    'correlation',
    'variance ×',
    'verdict',
  ].map((name) => column(name));
  const rows = comparison.metrics.map((m) => {
    const contrast = m.contrasts[index]!;
    const { adjustedPValue: p, luck, n } = contrast;
    return [
      metricText(m),
      valueText(m.values[0]!, m.unit),
      valueText(m.values[index + 1]!, m.unit),
      differenceText(contrast, m.unit),
      n,
      floorText(contrast, m.unit),
      p === null ? '–' : p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2))),
      luck === null ? '–' : luck.correlation.toFixed(2),
      luck === null ? '–' : String(Number(luck.varianceRatio.toPrecision(2))),
      `${VERDICT_SIGNS[contrast.verdict]} ${verdictText(contrast)}`,
    ];
  });
  return tableHtml({ columns, rows });
}

/** How it was compared, of what, and what the verdicts do not say. */
export function methodsHtml(comparison: Comparison): string {
  const percent = Math.round(comparison.level * 1000) / 10;
  const columns = ['bundle', 'scenario', 'seed', 'replications', 'trajectory'].map((name) =>
    column(name),
  );
  const rows = comparison.bundles.map((b) => [
    b.label,
    b.scenario,
    String(b.seed),
    b.replications,
    b.trajectory,
  ]);
  const isPaired = comparison.challengers.some((c) => c.isPaired);
  const notes = [
    isPaired
      ? 'Pairs: scenario, seed and number of replications are the same, and draws are keyed by name, so replication i met the same arrivals, durations and failures under every policy. Intervals are Student’s over the differences of pairs.'
      : 'No pairs: scenarios, seeds or numbers of replications differ. Intervals are Welch’s, of independent groups with variances of their own.',
    'Correlation is that of the pairs; variance × is the variance of the difference over the sum of both variances: 1 without shared luck, 0.2 for a fivefold cut. Shared luck helps where policies do not decide the number: throughput and load more than the tail of waits.',
    `Verdicts need significance (${comparison.tests} tests together at ${Number((100 - percent).toPrecision(3))} % by Holm) and a difference above the floor of the metric; ~ means that nothing can be said. Intervals are each for itself, so one may exclude nought where the verdict is ~.`,
    'Quantiles come from histograms with a stated error; those among pods that still wait are lower bounds, marked ≥.',
    'Numbers hold for the scenario, its inputs and the model: see each bundle’s own report for its laws, warm-up and limits of validity.',
  ];
  return `${scrolled('Bundles', tableHtml({ columns, rows }))}<ul>${notes.map((n) => `<li>${escapeHtml(n)}</li>`).join('')}</ul>`;
}

function list(items: readonly string[]): string {
  if (items.length === 0) return '';
  return `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`;
}
