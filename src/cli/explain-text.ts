/** One attempt as a page of text: the verdict, what each filter removed, the scores of the best nodes, the tie. */
import { formatCount, formatDuration } from '../base/units.ts';
import type { TriedNode, TriedPod } from '../run/explain.ts';

/** How much to show. */
export interface ExplainTextOptions {
  /** Attempts of the pod that were seen. */
  readonly attempts: number;
  /** Nodes of each kind at most. */
  readonly most: number;
}

/** Writes the page, with a line break at its end. */
export function explainText(pod: string, tried: TriedPod, options: ExplainTextOptions): string {
  return `${[
    ...headOf(pod, tried, options.attempts),
    ...filterLines(tried, options.most),
    ...scoreLines(tried, options.most),
    ...tieLines(tried),
  ].join('\n')}\n`;
}

function headOf(pod: string, tried: TriedPod, attempts: number): string[] {
  const when = formatDuration(tried.atUs);
  const number = attempts === 1 ? 'its first attempt' : `attempt ${formatCount(attempts)}`;
  const end = tried.node === null ? 'refused' : `goes to ${tried.node}`;
  const lines = [`POD     ${pod} in ${tried.cluster} at ${when}, ${number}: ${end}`];
  if (tried.message !== null) lines.push(`        ${tried.message}`);
  if (tried.preempts !== null) {
    const { node, victims } = tried.preempts;
    lines.push(`PREEMPT on ${node}: ${victims.join(', ')}`);
  }
  return lines;
}

function filterLines(tried: TriedPod, most: number): string[] {
  const { preFilter } = tried;
  if (preFilter !== null) {
    return [`FILTER  ${preFilter.plugin ?? 'all'} ends it before any node: ${preFilter.reason}`];
  }
  const byFilter = new Map<string, TriedNode[]>();
  for (const node of tried.tried) {
    if (node.refusedBy === null) continue;
    const nodes = byFilter.get(node.refusedBy);
    if (nodes === undefined) byFilter.set(node.refusedBy, [node]);
    else nodes.push(node);
  }
  const feasible = tried.tried.filter(({ refusedBy }) => refusedBy === null).length;
  const looked = `${formatCount(tried.tried.length)} of ${formatCount(tried.nodes)} nodes looked at`;
  const lines = [`FILTER  ${looked}, ${formatCount(feasible)} feasible`];
  for (const [name, nodes] of byFilter) {
    lines.push(`        ${name} removes ${formatCount(nodes.length)}: ${listed(nodes, most)}`);
    for (const [reason, count] of reasonsOf(nodes)) {
      lines.push(`          ${formatCount(count)} ${reason}`);
    }
  }
  return lines;
}

function listed(nodes: readonly TriedNode[], most: number): string {
  const names = nodes.slice(0, most).map(({ node }) => node);
  const more = nodes.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}

function reasonsOf(nodes: readonly TriedNode[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { reasons } of nodes) {
    for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** The best nodes with the score of each plug-in: raw, normalised, times weight. */
function scoreLines(tried: TriedPod, most: number): string[] {
  const { scores } = tried;
  const ranked = tried.tried
    .filter((node) => node.scores !== null && node.total !== null)
    .sort((a, b) => b.total! - a.total!);
  if (ranked.length === 0) {
    const isAlone = tried.node !== null;
    return isAlone
      ? [`SCORE   none: ${tried.node} is the only feasible node, or all are equal`]
      : [];
  }
  const shown = ranked.slice(0, most);
  const head = ['node', ...scores.map(({ name, weight }) => `${name} x${weight}`), 'total'];
  const rows = shown.map((node) => [
    node.node,
    ...node.scores!.map(cellOf),
    numberText(node.total!),
  ]);
  const widths = head.map((text, i) => Math.max(text.length, ...rows.map((row) => row[i]!.length)));
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ');
  const more = ranked.length - shown.length;
  return [
    `SCORE   ${lineOf(head)}`,
    ...rows.map((row) => `        ${lineOf(row)}`),
    ...(more > 0 ? [`        and ${formatCount(more)} more`] : []),
  ];
}

function cellOf(score: { readonly raw: number; readonly normalised: number }): string {
  const raw = numberText(score.raw);
  return score.raw === score.normalised ? raw : `${raw}→${numberText(score.normalised)}`;
}

function numberText(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(6);
}

function tieLines({ best, node }: TriedPod): string[] {
  if (node === null || best.length < 2) return [];
  const place = best.indexOf(node) + 1;
  return [
    `TIE     ${formatCount(best.length)} nodes share the best total; number ${formatCount(place)} of them was taken`,
  ];
}
